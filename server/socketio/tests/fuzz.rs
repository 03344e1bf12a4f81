//! The fuzz targets on mutations of their seeds, the same ones in each run. To look longer, see `fuzz/README.md`.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};
use socketio::fuzzing;

const MUTATIONS: usize = 100_000;

/// An input is not made longer than this.
const BYTES_MAX: usize = 4096;

fn check(target: &str, run: fn(&[u8]), words: &[&[u8]]) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target);
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let seeds: Vec<Vec<u8>> = files.iter().map(|file| fs::read(file).unwrap()).collect();
    let mut random = StdRng::seed_from_u64(4);
    for seed in &seeds {
        try_input(target, run, seed);
        for end in 0..seed.len() {
            try_input(target, run, &seed[..end]);
        }
    }
    for _ in 0..MUTATIONS {
        let mut input = seeds[random.random_range(0..seeds.len())].clone();
        for _ in 0..random.random_range(1..=4) {
            mutate(&mut input, &seeds, words, &mut random);
        }
        input.truncate(BYTES_MAX);
        try_input(target, run, &input);
    }
}

/// A failure shows its input, ready to become a seed.
fn try_input(target: &str, run: fn(&[u8]), input: &[u8]) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| run(input))) {
        eprintln!("{target} fails on b\"{}\"", input.escape_ascii());
        std::panic::resume_unwind(panic);
    }
}

fn mutate(input: &mut Vec<u8>, seeds: &[Vec<u8>], words: &[&[u8]], random: &mut impl Rng) {
    let at = random.random_range(0..=input.len());
    let end = (at + random.random_range(0..=8)).min(input.len());
    match random.random_range(0..8) {
        0 if at < input.len() => input[at] ^= 1 << random.random_range(0..8),
        1 if at < input.len() => input[at] = random.random(),
        2 => drop(input.drain(at..end)),
        3 => input.insert(at, random.random()),
        4 => drop(input.splice(
            at..end,
            words[random.random_range(0..words.len())].iter().copied(),
        )),
        5 => {
            let repeated = input[at..end].repeat(random.random_range(1..=8));
            drop(input.splice(at..at, repeated));
        }
        6 => {
            let other = &seeds[random.random_range(0..seeds.len())];
            let from = random.random_range(0..=other.len());
            input.truncate(at);
            input.extend_from_slice(&other[from..]);
        }
        _ => input.truncate(at.max(1)),
    }
}

#[test]
fn messages_do_not_depend_on_how_their_bytes_come() {
    let words: [&[u8]; 8] = [
        b"\x81\x81\x00\x00\x00\x00x",
        b"\x02\x80\x00\x00\x00\x00",
        b"\x80\x80\x00\x00\x00\x00",
        b"\x89\x80\x00\x00\x00\x00",
        b"\x88\x82\x00\x00\x00\x00\x03\xe8",
        b"\xfe\x00\x10",
        b"\xff\x00\x00\x00\x00\x00\x00\x00\x10",
        b"\x7f",
    ];
    check("frames", fuzzing::frames, &words);
}

#[test]
fn payloads_are_the_packets_that_they_are_made_of() {
    let words: [&[u8]; 6] = [b"\x1e", b"b", b"==", b"4", "é".as_bytes(), b"bAQIDBA=="];
    check("payload", fuzzing::payload, &words);
}

#[test]
fn packets_that_are_read_are_written_and_read_again() {
    let words: [&[u8]; 18] = [
        b"\x1f",
        b"\x1fb",
        b"51-",
        b"62-",
        b"/n,",
        b"[\"a\"]",
        b"{\"_placeholder\":true,\"num\":0}",
        b"\"num\":1",
        b"\"_placeholder\":true",
        b",",
        b"[",
        b"]",
        b"{}",
        b"null",
        b"1e5",
        b"-0.1",
        b"\\u00e9",
        b"9007199254740991",
    ];
    check("packets", fuzzing::packets, &words);
}

#[test]
fn msgpack_that_is_read_is_written_and_read_again() {
    let words: [&[u8]; 18] = [
        b"\xa4type",
        b"\xa3nsp\xa1/",
        b"\xa4data",
        b"\xa2id\x07",
        b"\x91",
        b"\x81\xa1x",
        b"\xc0",
        b"\xc4\x00",
        b"\xc4\x01x",
        b"\xd4\x00\x00",
        b"\xd7\x00\x00\x00\x01\x8b\xcf\xe5\x68\x7b",
        b"\xc7\x01\x00z",
        b"\xcb\x7f\xf0\x00\x00\x00\x00\x00\x00",
        b"\xdd\xff\xff\xff\xff",
        b"\xdf\x00\x00\x00\x01",
        b"\xac_placeholder\xc3",
        b"\xd3\x80\x00\x00\x00\x00\x00\x00\x00",
        b"\xa2\xc3\xa9",
    ];
    check("msgpack", fuzzing::msgpack, &words);
}

#[test]
fn a_session_keeps_its_promises_whatever_happens() {
    let words: [&[u8]; 6] = [
        b"\x07\x96",
        b"\x03\x00",
        b"\x04\x01",
        b"\x07\x00",
        b"\x04\x64",
        b"\x03\xff",
    ];
    check("session", fuzzing::session, &words);
}
