//! The table of features is true: each test that it cites exists.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::{Path, PathBuf};

/// The file that a cited test stands in.
fn file_of(root: &Path, module: &str) -> PathBuf {
    if let Some(module) = module.strip_prefix("src/") {
        return root.join("src").join(format!("{module}.rs"));
    }
    let folder = if module.contains('/') {
        "tests"
    } else {
        "tests/socketio"
    };
    root.join(folder).join(format!("{module}.rs"))
}

#[test]
fn every_test_that_the_table_of_features_cites_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let table = fs::read_to_string(root.join("docs/features.md")).unwrap();
    let mut cited_count = 0;
    for cited in table.split('`').skip(1).step_by(2) {
        let Some((module, test)) = cited.split_once("::") else {
            continue;
        };
        if module == "file" || module.ends_with("/file") {
            continue;
        }
        let path = file_of(root, module);
        let source = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{cited}: {path:?}: {error}"));
        assert!(
            source.contains(&format!("fn {test}(")),
            "{cited}: no such test in {path:?}"
        );
        cited_count += 1;
    }
    assert!(cited_count > 50, "only {cited_count} tests are cited");
}
