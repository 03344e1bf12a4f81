//! What does it cost to encode the part of a snapshot that all clients share, by the number of players?

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use shared::arena::state::{Body, PlayerState};
use shared::arena::status::{Phase, Status};
use shared::ids::EntityId;
use shared::snapshot::encode_body;
use shared::tick::Tick;

const STATUS: Status = Status {
    phase: Phase::Live,
    round: 3,
    ends: Tick(10_800),
};

fn players(count: u16) -> Vec<(EntityId, PlayerState)> {
    let player = |index: u16| PlayerState {
        body: Body {
            x: index * 300,
            y: index * 200,
            vx: 5120,
            vy: -512,
        },
        aim: index as u8,
        health: 86,
        alive: true,
        shielded: false,
        score: index * 40,
        kills: 3,
        deaths: 2,
    };
    (0..count).map(|index| (EntityId(index), player(index))).collect()
}

fn encode(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("snapshot/encode_body");
    for count in [16, 64, 128] {
        let players = players(count);
        let mut bytes = Vec::new();
        group.bench_function(format!("{count}_players"), |bencher| {
            bencher.iter(|| {
                bytes.clear();
                encode_body(&STATUS, black_box(&players), &mut bytes);
                black_box(bytes.len())
            });
        });
        // Status 7, count 2, each player 2 and 15.
        assert_eq!(bytes.len(), 9 + 17 * usize::from(count));
    }
    group.finish();
}

criterion_group!(benches, encode);
criterion_main!(benches);
