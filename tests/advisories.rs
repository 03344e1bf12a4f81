//! No dependency is older than the release that mended a published vulnerability of it.

use std::path::Path;

use cargo_metadata::semver::Version;

/// A crate, the first release without the fault, whether the crate must be there at all, and where the fault is described.
const MINIMA: [(&str, &str, bool, &str); 4] = [
    ("bytes", "1.11.1", true, "RUSTSEC-2026-0007"),
    ("tungstenite", "0.20.1", true, "RUSTSEC-2023-0065, CVE-2023-43669"),
    // The newest of the branches that were mended; a lock that keeps to an older branch is not ours.
    ("tokio", "1.44.2", true, "RUSTSEC-2025-0023"),
    ("h2", "0.4.16", false, "RUSTSEC-2026-0258"),
];

/// All versions of `name` in the text of a Cargo.lock, which has them as two lines:
///
/// ```text
/// name = "bytes"
/// version = "1.12.1"
/// ```
fn versions(lock: &str, name: &str) -> Vec<Version> {
    let quoted = |line: &str, key: &str| -> Option<String> {
        let value = line.strip_prefix(key)?.strip_prefix(" = \"")?.strip_suffix('"')?;
        Some(value.to_owned())
    };
    let lines: Vec<&str> = lock.lines().collect();
    lines
        .windows(2)
        .filter(|pair| quoted(pair[0], "name").as_deref() == Some(name))
        .map(|pair| {
            let version = quoted(pair[1], "version").expect("the version stands below the name");
            version.parse().expect("cargo writes versions")
        })
        .collect()
}

#[test]
fn no_dependency_has_a_fault_that_was_mended() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the crate stands in the root");
    let lock = std::fs::read_to_string(root.join("Cargo.lock")).expect("the lock is part of the repository");
    for (name, minimum, is_needed, advisory) in MINIMA {
        let minimum: Version = minimum.parse().expect("the table has versions");
        let found = versions(&lock, name);
        assert!(
            !(is_needed && found.is_empty()),
            "{name} has gone: take it out of the table"
        );
        for version in found {
            assert!(version >= minimum, "{name} {version} has the fault of {advisory}");
        }
    }
}

#[test]
fn every_version_of_a_crate_is_found() {
    let lock = "[[package]]\nname = \"h2\"\nversion = \"0.3.1\"\n\n[[package]]\nname = \"h2\"\nversion = \"0.4.16\"\n";
    let found: Vec<String> = versions(lock, "h2").iter().map(Version::to_string).collect();
    assert_eq!(found, ["0.3.1", "0.4.16"]);
    assert!(versions(lock, "h").is_empty());
}
