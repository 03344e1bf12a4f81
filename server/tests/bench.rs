//! `tickroom bench` as a script meets it.

use std::process::{Command, Output};

use serde_json::Value;

fn bench(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tickroom"))
        .arg("bench")
        .args(words)
        .env_clear()
        .output()
        .expect("the binary runs")
}

#[test]
fn a_run_writes_its_figures_and_nothing_breaks() {
    let path = std::env::temp_dir().join(format!("tickroom-{}-bench.json", std::process::id()));
    let file = path.to_str().expect("the path is text");
    let output = bench(&[
        "--clients",
        "9",
        "--matches",
        "2",
        "--seconds",
        "2",
        "--json",
        file,
    ]);
    let table = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{table}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = std::fs::read_to_string(&path).expect("it is written");
    std::fs::remove_file(&path).expect("it is there");
    let figures: Value = serde_json::from_str(&text).expect("it is JSON");
    let number = |name: &str| {
        figures[name]
            .as_f64()
            .unwrap_or_else(|| panic!("{name} in {figures}"))
    };
    assert_eq!(
        (number("clients"), number("matches"), number("seconds")),
        (9.0, 2.0, 2.0)
    );
    assert_eq!((number("disconnects"), number("decode_errors")), (0.0, 0.0));
    // A third of what is due, since the machine may be busy: the point is that every client plays.
    assert!(
        number("snapshots_received") >= 9.0 * 20.0 * 2.0 / 3.0,
        "{figures}"
    );
    assert!(number("inputs_sent") > 0.0, "{figures}");
    for time in [
        "input_to_snapshot_ms",
        "snapshot_jitter_ms",
        "broadcast_spread_ms",
        "tick_us",
    ] {
        assert!(figures[time]["p99"].as_f64().is_some(), "{time} in {figures}");
    }
    assert!(
        figures["server"]["writes_per_snapshot"].as_f64() > Some(0.0),
        "{figures}"
    );
    assert!(table.contains("first to last of a match"), "{table}");
}

#[test]
fn what_cannot_be_measured_is_one_clear_sentence() {
    let check = |words: &[&str], part: &str| {
        let output = bench(words);
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(
            !output.status.success() && text.contains(part) && !text.contains("panicked"),
            "{text}"
        );
    };
    check(
        &["--clients", "2", "--matches", "3"],
        "--matches 3 needs at least as many clients",
    );
    check(
        &["--url", "http://127.0.0.1:1", "--clients", "1", "--matches", "1"],
        "client 1 cannot enter",
    );
    check(
        &["--clients", "200", "--matches", "1"],
        "a match has 128 places, not 200",
    );
    check(&["--clients", "0"], "1..=5000");
}
