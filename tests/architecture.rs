//! Guards the borders: who may use whom, what a crate must never use, that the documents name what exists, and that no
//! file of code outgrows one idea.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

/// Each crate of ours, which of ours it may use, and which others it must never use.
const BORDERS: [(&str, &[&str], &[&str]); 9] = [
    ("shared", &[], &["tokio", "hyper", "bevy_ecs", "axum"]),
    ("socketio", &[], &["bevy_ecs", "glam", "bincode", "axum"]),
    (
        "simulation",
        &["shared"],
        &[
            "tokio",
            "hyper",
            "tungstenite",
            "tokio-tungstenite",
            "axum",
            "rand",
        ],
    ),
    (
        "arena",
        &["shared", "simulation"],
        &["tokio", "hyper", "tokio-tungstenite", "axum"],
    ),
    ("client-web", &[], &["tokio", "hyper", "bevy_ecs", "axum"]),
    ("allocator", &[], &["tokio", "hyper", "bevy_ecs", "axum"]),
    (
        "server",
        &["shared", "socketio", "simulation", "arena", "client-web"],
        &["tokio-tungstenite", "bincode", "bevy_ecs"],
    ),
    (
        "benches",
        &[
            "shared",
            "socketio",
            "simulation",
            "arena",
            "client-web",
            "server",
            "tests",
        ],
        &[],
    ),
    (
        "tests",
        &[
            "shared",
            "socketio",
            "simulation",
            "arena",
            "client-web",
            "server",
        ],
        &[],
    ),
];

/// Lines at which a file surely has a second idea.
const CODE_LINES_MAX: usize = 600;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the crate stands in the root")
        .to_owned()
}

fn metadata() -> Metadata {
    MetadataCommand::new()
        .current_dir(root())
        .no_deps()
        .exec()
        .expect("cargo reads the workspace")
}

fn dependencies(package: &Package, kinds: &[DependencyKind]) -> BTreeSet<String> {
    let of_kind = package
        .dependencies
        .iter()
        .filter(|dependency| kinds.contains(&dependency.kind));
    of_kind.map(|dependency| dependency.name.to_string()).collect()
}

#[test]
fn crates_use_only_what_they_may() {
    let metadata = metadata();
    let ours: BTreeMap<String, &Package> = metadata
        .workspace_packages()
        .into_iter()
        .map(|package| (package.name.to_string(), package))
        .collect();
    let listed: Vec<&str> = BORDERS.iter().map(|(name, ..)| *name).collect();
    assert!(
        ours.keys().all(|name| listed.contains(&name.as_str())),
        "a crate is missing from the table: {ours:?}"
    );
    for (name, may_use, banned) in BORDERS {
        let used = dependencies(ours[name], &[DependencyKind::Normal, DependencyKind::Build]);
        for other in used.iter().filter(|used| ours.contains_key(*used)) {
            assert!(may_use.contains(&other.as_str()), "{name} must not use {other}");
        }
        for other in banned {
            assert!(!used.contains(*other), "{name} must not use {other}");
        }
    }
}

/// What `cargo tree` prints for the whole workspace without what only tests use.
fn feature_tree() -> String {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--workspace",
            "--edges",
            "features,no-dev",
            "--prefix",
            "none",
            "--offline",
        ])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("cargo prints UTF-8")
}

#[test]
fn no_dependency_switches_on_what_the_product_forbids() {
    let tree = feature_tree();
    assert!(tree.contains("bevy_ecs feature"), "the check reads the features");
    for forbidden in [
        "bevy_ecs feature \"multi_threaded\"",
        "bevy_ecs feature \"debug\"",
        "tokio feature \"test-util\"",
    ] {
        assert!(!tree.contains(forbidden), "{forbidden} is on");
    }
}

/// What makes two runs of a match differ: clocks, chance, the process, the order of hashes, and mathematics whose last bits
/// are not the same on every machine.
const REFUSED: [&str; 9] = [
    "std::time::Instant::now",
    "std::time::SystemTime::now",
    "std::thread::current",
    "std::hash::RandomState::new",
    "rand::rng",
    "std::collections::HashMap",
    "std::collections::HashSet",
    "f32::sin",
    "f64::powf",
];

#[test]
fn what_a_match_is_made_of_refuses_all_that_differs_from_run_to_run() {
    let lints = |folder: &str| {
        let path = root().join(folder).join("clippy.toml");
        std::fs::read_to_string(path).expect("a crate that a match is made of has lints of its own")
    };
    let text = lints("shared");
    for refused in REFUSED {
        assert!(text.contains(&format!("\"{refused}\"")), "{refused} is allowed");
    }
    for folder in ["server/simulation", "server/arena"] {
        assert_eq!(lints(folder), text, "{folder} has other lints than shared");
    }
}

/// Everything in backquotes that looks like a path of this repository.
fn named_paths(text: &str) -> Vec<&str> {
    let known = ["server/", "shared/", "client-web/", "benches/", "tests/", ".ci/"];
    text.split('`')
        .skip(1)
        .step_by(2)
        .filter(|word| known.iter().any(|start| word.starts_with(start)))
        .filter(|word| !word.contains([' ', '*', '<', '{', '…']))
        .collect()
}

#[test]
fn the_documents_name_paths_that_exist() {
    let mut count = 0;
    for document in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"] {
        let text = std::fs::read_to_string(root().join(document)).expect("the document exists");
        for path in named_paths(&text) {
            assert!(
                root().join(path).exists(),
                "{document} names {path}, which does not exist"
            );
            count += 1;
        }
    }
    assert!(count > 30, "the check finds the paths: {count}");
}

fn code_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the entry can be read").path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if path.is_dir() {
            if !name.starts_with('.')
                && !["target", "node_modules", "dist", "artifacts"].contains(&name.as_str())
            {
                code_files(&path, found);
            }
        } else if [".rs", ".ts", ".mjs"].iter().any(|ending| name.ends_with(ending)) {
            found.push(path);
        }
    }
}

#[test]
fn no_file_outgrows_one_idea() {
    let mut files = Vec::new();
    code_files(&root(), &mut files);
    assert!(files.len() > 50, "the check finds the files: {}", files.len());
    for path in files {
        let lines = std::fs::read_to_string(&path)
            .expect("code is UTF-8")
            .lines()
            .count();
        assert!(lines <= CODE_LINES_MAX, "{} has {lines} lines", path.display());
    }
}
