//! The golden vectors in `shared/golden/`: written here, read here and by the TypeScript tests of `client-web`, so that
//! both sides agree bit for bit.
//!
//! `TICKROOM_GOLDEN=write cargo test -p shared --test golden` writes them anew. A change of the vectors is a change of
//! the protocol: raise `PROTOCOL_VERSION` with it.

use std::path::PathBuf;

use serde_json::Value;
use shared::message::PROTOCOL_VERSION;

/// Control messages, inputs and snapshots.
mod codec;
/// Shots, and the directions they may take.
mod flight;
/// 64 scenarios of 600 ticks.
mod movement;

/// Compares `rows`, one line each under `head`, with the file, or writes the file when asked to.
fn check_file(name: &str, head: &Value, rows: &[Value]) {
    let lines: Vec<String> = rows.iter().map(|row| format!("  {row}")).collect();
    let text = format!(
        "{{\n\"protocol\": {PROTOCOL_VERSION},\n\"head\": {head},\n\"rows\": [\n{}\n]\n}}\n",
        lines.join(",\n")
    );
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("golden")
        .join(name);
    if std::env::var_os("TICKROOM_GOLDEN").is_some_and(|value| value == "write") {
        std::fs::write(&path, text).expect("the golden folder is writable");
        return;
    }
    let stored = std::fs::read_to_string(&path).expect("the golden file exists; see the head of this file");
    assert!(
        stored == text,
        "{name} differs; if that is meant, raise PROTOCOL_VERSION and write it anew"
    );
}
