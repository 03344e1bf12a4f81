//! `shared/golden/link.json`: the same seeds hold up the same messages in Rust and in TypeScript.
//!
//! `TICKROOM_GOLDEN=write cargo test -p server --test link` writes it anew.

use serde_json::{Value, json};
use server::link::{Conditions, Link, Preset};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/golden/link.json");

/// Messages of a row.
const MESSAGES: u64 = 200;

/// Beside the presets: all that a link can do at once, in extremes.
const EXTREME: Conditions = Conditions {
    latency_us: 1,
    jitter_us: 900_001,
    loss_ppm: 300_000,
    stall_us: 1_234_567,
    bytes_per_s: 7_777,
    queue_bytes: 999,
};

fn row(name: &str, conditions: Conditions, seed: u32) -> Value {
    let mut link = Link::new(conditions, seed);
    let messages: Vec<Value> = (0..MESSAGES)
        .map(|number| {
            // As a game sends: evenly, small, and now and then something long.
            let now_us = number * 33_333;
            let bytes = 60 + number % 7 * 11 + if number % 50 == 49 { 20_000 } else { 0 };
            let bytes = usize::try_from(bytes).expect("it is small");
            json!([now_us, bytes, link.deliver_at(now_us, bytes)])
        })
        .collect();
    json!({
        "name": name,
        "seed": seed,
        "conditions": {
            "latencyUs": conditions.latency_us,
            "jitterUs": conditions.jitter_us,
            "lossPpm": conditions.loss_ppm,
            "stallUs": conditions.stall_us,
            "bytesPerS": conditions.bytes_per_s,
            "queueBytes": conditions.queue_bytes,
        },
        "messages": messages,
    })
}

#[test]
fn the_golden_vector_is_what_the_model_gives() {
    let presets = Preset::ALL.map(|preset| row(preset.name(), preset.conditions(), 1));
    let more = [row("extreme", EXTREME, 0), row("extreme", EXTREME, u32::MAX)];
    let rows: Vec<String> = presets
        .iter()
        .chain(&more)
        .map(|row| format!("  {row}"))
        .collect();
    let text = format!("{{\n\"rows\": [\n{}\n]\n}}\n", rows.join(",\n"));
    if std::env::var_os("TICKROOM_GOLDEN").is_some_and(|value| value == "write") {
        std::fs::write(PATH, text).expect("the golden folder is writable");
        return;
    }
    let stored = std::fs::read_to_string(PATH).expect("the golden file exists; see the head of this file");
    assert!(
        stored == text,
        "link.json differs; if that is meant, write it anew and change the mirror"
    );
}
