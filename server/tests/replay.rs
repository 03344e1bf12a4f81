//! `tickroom bots --record` and `tickroom replay` as a script meets them.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn tickroom(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tickroom"))
        .args(words)
        .env_clear()
        .output()
        .expect("the binary runs")
}

/// A directory that is gone when dropped.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("tickroom-replay-{}-{name}", std::process::id())))
    }

    /// What is in it.
    fn files(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(&self.0).expect("the directory is there");
        let mut files: Vec<_> = entries
            .map(|entry| entry.expect("it can be read").path())
            .collect();
        files.sort();
        files
    }

    fn text(&self) -> &str {
        text_of(&self.0)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // It may never have been made.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn text_of(path: &Path) -> &str {
    path.to_str().expect("the path is text")
}

/// Replays; gives what is printed, and what is said on failure.
fn replay(path: &Path) -> (bool, String) {
    let output = tickroom(&["replay", text_of(path)]);
    let said = if output.status.success() {
        output.stdout
    } else {
        output.stderr
    };
    (
        output.status.success(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

/// FNV-1a with 64 bits, the checksum of a recording.
fn checksum(bytes: &[u8]) -> [u8; 8] {
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash.to_le_bytes()
}

#[test]
fn matches_of_bots_are_recorded_and_played_again() {
    let scratch = Scratch::new("bots");
    let words = [
        "bots",
        "--players",
        "6",
        "--matches",
        "2",
        "--seconds",
        "3",
        "--record",
        scratch.text(),
    ];
    let output = tickroom(&words);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let files = scratch.files();
    assert_eq!(files.len(), 2, "{files:?}");
    for file in &files {
        let (success, text) = replay(file);
        assert!(success, "{text}");
        assert!(text.contains("people who came  3"), "{text}");
        assert!(
            text.contains("hashes, all equal") && text.contains("times as fast"),
            "{text}"
        );
        assert_eq!(
            text.matches(" person ").count() + text.matches(" bot ").count(),
            8,
            "{text}"
        );
    }
    check_refusals(&files[0], &scratch);
}

fn check_refusals(whole: &Path, scratch: &Scratch) {
    let bytes = std::fs::read(whole).expect("it is there");
    let path = scratch.0.join("changed.replay");
    let check = |bytes: &[u8], parts: &[&str]| {
        std::fs::write(&path, bytes).expect("it is writable");
        let (success, text) = replay(&path);
        let says_why = parts.iter().any(|part| text.contains(part));
        assert!(!success && says_why && !text.contains("panicked at"), "{text}");
        assert_eq!(text.lines().count(), 1, "{text}");
    };
    check(&bytes[..bytes.len() / 2], &["cut off"]);
    check(b"something else", &["not a recording"]);
    let mut damaged = bytes.clone();
    let middle = bytes.len() / 2;
    damaged[middle] ^= 1;
    // A length that is flipped reaches behind the end.
    check(&damaged, &["damaged", "cut off"]);
    let mut later = bytes.clone();
    later[4] = 200;
    check(&later, &["format 200"]);
    // The last hash, which stands before the number of the end and the checksum.
    let end = bytes.len() - 8;
    let mut lying = bytes[..end].to_vec();
    lying[end - 5] ^= 1;
    let sum = checksum(&lying);
    lying.extend_from_slice(&sum);
    check(&lying, &["mismatch at tick "]);
    let (success, text) = replay(&scratch.0.join("missing"));
    assert!(!success && text.contains("cannot read"), "{text}");
}

#[test]
fn only_the_own_server_can_be_recorded() {
    let output = tickroom(&["bots", "--url", "http://127.0.0.1:1", "--record", "somewhere"]);
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && text.contains("--record"), "{text}");
}
