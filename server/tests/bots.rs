//! `tickroom bots` as a script meets it.

use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

fn bots(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tickroom"))
        .arg("bots")
        .args(words)
        .env_clear()
        .output()
        .expect("the binary runs")
}

/// A file that is gone when dropped.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("tickroom-{}-{name}", std::process::id())))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // It may never have been written.
        let _ = std::fs::remove_file(&self.0);
    }
}

#[test]
fn a_run_writes_its_figures_and_nothing_breaks() {
    let file = Scratch::new("figures.json");
    let path = file.0.to_str().expect("the path is text");
    let output = bots(&[
        "--players",
        "8",
        "--matches",
        "2",
        "--seconds",
        "3",
        "--level",
        "hard",
        "--json",
        path,
    ]);
    let table = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{table}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let figures: Value =
        serde_json::from_str(&std::fs::read_to_string(&file.0).expect("it is written")).expect("it is JSON");
    let number = |name: &str| {
        figures[name]
            .as_f64()
            .unwrap_or_else(|| panic!("{name} in {figures}"))
    };
    assert_eq!(
        (number("players"), number("matches"), number("seconds")),
        (8.0, 2.0, 3.0)
    );
    assert_eq!((number("disconnects"), number("decode_errors")), (0.0, 0.0));
    // A third of what is due, since the machine may be busy: the point is that every bot plays.
    assert!(
        number("snapshots_received") >= 8.0 * 20.0 * 3.0 / 3.0,
        "{figures}"
    );
    assert!(
        number("inputs_sent") > 0.0 && number("snapshot_bytes_per_client_s") > 0.0,
        "{figures}"
    );
    assert!(
        figures["input_to_snapshot_ms"]["p50"].as_f64().is_some(),
        "{figures}"
    );
    assert!(
        figures["tick_us"]["p99"].as_f64().is_some(),
        "the server in process tells: {figures}"
    );
    assert!(table.contains("snapshots received"), "{table}");
}

#[test]
fn a_run_over_a_link_counts_what_the_link_costs() {
    let file = Scratch::new("link.json");
    let path = file.0.to_str().expect("the path is text");
    let words = [
        "--players",
        "4",
        "--matches",
        "1",
        "--seconds",
        "3",
        "--link",
        "train",
        "--json",
        path,
    ];
    let output = bots(&words);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let figures: Value =
        serde_json::from_str(&std::fs::read_to_string(&file.0).expect("it is written")).expect("it is JSON");
    assert_eq!(figures["link"], "train");
    for name in ["disconnects", "decode_errors", "link_overflows"] {
        assert_eq!(figures[name], 0, "{name} in {figures}");
    }
    for name in ["inputs_late_percent", "corrections_per_client_s"] {
        assert!(figures[name].as_f64().is_some(), "{name} in {figures}");
    }
    // Twice the latency is the least that any input can take.
    let p50 = figures["input_to_snapshot_ms"]["p50"].as_f64();
    assert!(p50.is_some_and(|ms| ms > 120.0), "{figures}");
}

/// Plays with words for a pause, and gives the figures.
fn paused(name: &str, words: &[&str]) -> (String, Value) {
    let file = Scratch::new(name);
    let path = file.0.to_str().expect("the path is text");
    let all = ["--players", "6", "--matches", "2", "--pause", "2", "--json", path];
    let output = bots(&[&all, words].concat());
    let table = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{table}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = std::fs::read_to_string(&file.0).expect("it is written");
    (table, serde_json::from_str(&text).expect("it is JSON"))
}

#[test]
fn whoever_pauses_plays_again_and_that_is_no_disconnect() {
    for (name, words, back_by) in [
        (
            "short",
            ["--pause-s", "4", "--seconds", "10"],
            "resumed_by_keyframe",
        ),
        ("long", ["--pause-s", "14", "--seconds", "20"], "resumed_by_seat"),
    ] {
        let (table, figures) = paused(name, &words);
        assert_eq!(figures["pause"][back_by], 2, "{table}");
        assert_eq!(figures["disconnects"], 0, "{table}");
        assert!(figures["pause"]["server_bytes_each"].is_i64(), "{figures}");
        assert!(figures["snapshot_spacing_ms"]["p99"].is_f64(), "{figures}");
    }
}

#[test]
fn rounds_compare_what_the_others_feel() {
    let (table, figures) = paused("rounds", &["--pause-s", "3", "--seconds", "9", "--rounds", "1"]);
    let round = |kind: &str| figures[kind].as_array().map(|rounds| rounds[0].clone());
    let (without, with) = (round("without_pause"), round("with_pause"));
    assert!(without.is_some_and(|round| round["pause"].is_null()), "{figures}");
    assert!(
        with.is_some_and(|round| round["pause"]["players"] == 2),
        "{figures}"
    );
    assert!(
        table.contains("ratio") && table.contains("input to snapshot, ms, p99"),
        "{table}"
    );
}

#[test]
fn what_cannot_be_played_is_one_clear_sentence() {
    let check = |words: &[&str], part: &str| {
        let output = bots(words);
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(
            !output.status.success() && text.contains(part) && !text.contains("panicked"),
            "{text}"
        );
    };
    check(
        &["--players", "2", "--matches", "3"],
        "--matches 3 needs at least as many players",
    );
    check(
        &["--url", "http://127.0.0.1:1", "--players", "1", "--matches", "1"],
        "player 1 cannot enter",
    );
    check(
        &["--players", "200", "--matches", "1"],
        "a match has 128 places, not 200",
    );
    check(&["--level", "godlike"], "godlike");
    check(&["--link", "5g"], "there are fibre, wifi, 4g, lossy, train");
    check(&["--link-seed", "2"], "--link");
    check(&["--players", "0"], "1..=2000");
    check(&["--players", "4", "--pause", "4"], "leaves nobody who plays on");
    check(
        &["--pause", "1", "--seconds", "10"],
        "--seconds must be 11 at least",
    );
    check(&["--pause", "1", "--pause-s", "1"], "3..=600");
    check(&["--rounds", "2"], "--pause");
}
