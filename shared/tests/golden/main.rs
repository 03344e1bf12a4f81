//! The golden vectors in `shared/golden/`: written here, read here and by the TypeScript tests of `client-web`, so that
//! both sides agree bit for bit.
//!
//! `TICKROOM_GOLDEN=write cargo test -p shared --test golden -- --include-ignored` writes them anew. A change of a vector is a
//! change of the protocol: raise `PROTOCOL_VERSION` with it, or the writing refuses. Vectors may be added at any time.

use std::path::PathBuf;

use serde_json::Value;
use shared::message::PROTOCOL_VERSION;

/// The generator of all scenarios.
mod random;

/// FNV-1a over records.
mod hash;

/// 64 ways of 600 ticks: what is walked, where, and what happens on the way.
mod scenario;

/// What a client gets, and what it knows then.
mod story;

/// Beams: where they end.
mod beam;
/// Control messages and inputs.
mod codec;
/// Shots, and the directions they may take.
mod flight;
/// A million steps in one number.
mod million;
/// The 64 scenarios.
mod movement;
/// Characters that no name may have.
mod name;
/// The 64 scenarios, taken back and played again in each tick.
mod rollback;
/// Snapshots and the differences in them.
mod snapshots;

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("golden")
        .join(name)
}

/// True when the files are to be written anew.
#[expect(
    clippy::disallowed_methods,
    reason = "what a test run is for is told by its environment"
)]
fn writes() -> bool {
    std::env::var_os("TICKROOM_GOLDEN").is_some_and(|value| value == "write")
}

/// What stands in a golden file.
fn stored(name: &str) -> String {
    std::fs::read_to_string(path(name)).expect("the golden file exists; see the head of this file")
}

/// Compares `rows`, one line each under `head`, with the file, or writes the file when asked to.
fn check_file(name: &str, head: &Value, rows: &[Value]) {
    let lines: Vec<String> = rows.iter().map(|row| format!("  {row}")).collect();
    let text = format!(
        "{{\n\"protocol\": {PROTOCOL_VERSION},\n\"head\": {head},\n\"rows\": [\n{}\n]\n}}\n",
        lines.join(",\n")
    );
    if writes() {
        if let Ok(before) = std::fs::read_to_string(path(name)) {
            check_version(name, &before, &text);
        }
        std::fs::write(path(name), text).expect("the golden folder is writable");
        return;
    }
    assert!(
        stored(name) == text,
        "{name} differs; if that is meant, raise PROTOCOL_VERSION and write it anew"
    );
}

/// Refuses that a vector changes or goes while the version stays.
fn check_version(name: &str, before: &str, after: &str) {
    let is_row = |line: &&str| line.starts_with("  ");
    let row = |line: &str| line.trim_end_matches(',').to_owned();
    let same_version = before.lines().nth(1) == after.lines().nth(1);
    let kept: Vec<String> = after.lines().filter(is_row).map(row).collect();
    let all_kept = before
        .lines()
        .filter(is_row)
        .map(row)
        .all(|line| kept.contains(&line));
    assert!(
        !same_version || all_kept,
        "{name}: vectors of this protocol would change; raise PROTOCOL_VERSION first"
    );
}

#[test]
fn vectors_may_be_added_but_change_only_with_the_version() {
    let file =
        |protocol: u16, rows: &str| format!("{{\n\"protocol\": {protocol},\n\"rows\": [\n{rows}\n]\n}}\n");
    let refused = |before: &str, after: &str| {
        std::panic::catch_unwind(|| check_version("a test", before, after)).is_err()
    };
    let before = file(1, "  1,\n  2");
    assert!(!refused(&before, &file(1, "  1,\n  2,\n  3")));
    assert!(refused(&before, &file(1, "  1")));
    assert!(refused(&before, &file(1, "  1,\n  3")));
    assert!(!refused(&before, &file(2, "  1,\n  3")));
}
