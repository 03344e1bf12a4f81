//! What does it cost to encode the entities of a cell, which all clients share, in full and as changes of everybody?

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use shared::arena::state::{Body, PlayerState};
use shared::chunk::{encode_delta, encode_full};
use shared::ids::EntityId;

/// Everybody runs on, and is a step beside where that leads to.
fn players(count: u16, ran: u16) -> Vec<(EntityId, PlayerState)> {
    let player = |index: u16| PlayerState {
        body: Body {
            x: index * 300 + 512 * ran + 3 * ran,
            y: 1000 + index * 200 - 52 * ran,
            vx: 5120,
            vy: -512,
        },
        aim: index as u8 + ran as u8,
        health: 86,
        alive: true,
        shielded: false,
        dashing: false,
        score: index * 40,
        kills: 3,
        deaths: 2,
        ..PlayerState::default()
    };
    (0..count).map(|index| (EntityId(index), player(index))).collect()
}

fn encode(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("snapshot");
    for count in [16, 64, 128] {
        let (base, now) = (players(count, 0), players(count, 1));
        let mut bytes = Vec::new();
        group.bench_function(format!("encode_full/{count}_players"), |bencher| {
            bencher.iter(|| {
                bytes.clear();
                encode_full(black_box(&now), &mut bytes)
            });
        });
        assert_eq!(bytes.len(), 17 * usize::from(count));
        group.bench_function(format!("encode_delta/{count}_players"), |bencher| {
            bencher.iter(|| {
                bytes.clear();
                encode_delta(black_box(&base), black_box(&now), 3, &mut bytes)
            });
        });
        // Head, mask, position and aim of each.
        assert_eq!(bytes.len(), 4 * usize::from(count));
    }
    group.finish();
}

criterion_group!(benches, encode);
criterion_main!(benches);
