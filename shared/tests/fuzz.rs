//! The fuzz targets on mutations of the golden vectors, the same ones in each run. To look longer, see
//! `shared/fuzz/README.md`.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use serde_json::Value;
use shared::fuzzing;

use self::random::Xorshift32;

/// The generator of the golden scenarios.
#[path = "golden/random.rs"]
mod random;

const MUTATIONS: usize = 100_000;

/// An input is not made longer than this.
const BYTES_MAX: usize = 4096;

/// Bytes that mean something in many places.
const WORDS: [&[u8]; 8] = [
    &[0],
    &[2],
    &[0x0e],
    &[255, 255],
    &[0xfc],
    &[0xfe, 0, 0],
    &[0xff, 0xff],
    &[3, 0, 0, 0],
];

/// The rows of a golden file.
fn rows(name: &str) -> Vec<Value> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("golden")
        .join(name);
    let text = std::fs::read_to_string(path).unwrap();
    let mut file: Value = serde_json::from_str(&text).unwrap();
    let Value::Array(rows) = file["rows"].take() else {
        panic!("a golden file has rows");
    };
    rows
}

fn bytes_of(row: &Value) -> Vec<u8> {
    let text = row["bytes"].as_str().unwrap();
    text.as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

/// The snapshots of a story, each behind its length.
fn story_bytes(row: &Value) -> Vec<u8> {
    let steps = row["steps"].as_array().unwrap();
    let mut bytes = Vec::new();
    for step in steps {
        // The record of what only the player sees is not the arena's in these vectors; without it they are as good.
        let step = without_own(&bytes_of(step));
        bytes.extend_from_slice(&(step.len() as u16).to_le_bytes());
        bytes.extend(step);
    }
    bytes
}

fn without_own(snapshot: &[u8]) -> Vec<u8> {
    let mut bytes = snapshot.to_vec();
    if snapshot.len() >= 11 && snapshot[6] & 8 != 0 {
        bytes[6] &= !8;
        bytes.drain(8..11);
    }
    bytes
}

fn check(run: fn(&[u8]), seeds: &[Vec<u8>]) {
    let mut random = Xorshift32(7);
    for seed in seeds {
        try_input(run, seed);
        for end in 0..seed.len().min(BYTES_MAX) {
            try_input(run, &seed[..end]);
        }
    }
    for _ in 0..MUTATIONS {
        let mut input = seeds[below(&mut random, seeds.len())].clone();
        for _ in 0..=below(&mut random, 4) {
            mutate(&mut input, seeds, &mut random);
        }
        input.truncate(BYTES_MAX);
        try_input(run, &input);
    }
}

/// A failure shows its input.
fn try_input(run: fn(&[u8]), input: &[u8]) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| run(input))) {
        eprintln!("it fails on b\"{}\"", input.escape_ascii());
        std::panic::resume_unwind(panic);
    }
}

/// A number in `0..end`.
fn below(random: &mut Xorshift32, end: usize) -> usize {
    let end = u16::try_from(end).expect("seeds and tables are short");
    random.below(end).into()
}

fn mutate(input: &mut Vec<u8>, seeds: &[Vec<u8>], random: &mut Xorshift32) {
    let at = below(random, input.len() + 1);
    let end = (at + below(random, 9)).min(input.len());
    match below(random, 7) {
        0 if at < input.len() => input[at] ^= 1 << below(random, 8),
        1 if at < input.len() => input[at] = random.next() as u8,
        2 => drop(input.drain(at..end)),
        3 => input.insert(at, random.next() as u8),
        4 => drop(input.splice(at..end, WORDS[below(random, WORDS.len())].iter().copied())),
        5 => {
            let other = &seeds[below(random, seeds.len())];
            let from = below(random, other.len() + 1);
            input.truncate(at);
            input.extend_from_slice(&other[from..]);
        }
        _ => input.truncate(at.max(1)),
    }
}

#[test]
fn a_replica_survives_whatever_it_is_sent() {
    let rows = rows("snapshot.json");
    let stories = rows.iter().filter(|row| row["kind"] == "snapshots");
    let mut seeds: Vec<_> = stories.map(story_bytes).collect();
    // Short ones, so that most mutations are not of the middle of a long one.
    let keyframe = without_own(&bytes_of(&rows.last().unwrap()["steps"][0]));
    let mut short = (keyframe.len() as u16).to_le_bytes().to_vec();
    short.extend(keyframe);
    seeds.push(short);
    check(fuzzing::snapshots, &seeds);
}

#[test]
fn an_accepted_input_has_one_form() {
    let rows = rows("codec.json");
    let seeds: Vec<_> = rows
        .iter()
        .filter(|row| row["kind"] == "input")
        .map(bytes_of)
        .collect();
    check(fuzzing::input, &seeds);
}
