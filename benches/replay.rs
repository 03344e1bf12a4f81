//! How fast is a recorded match played again?
//!
//! `8_players_12_s` is a match of `tickroom bots` with eight people who fight, 725 ticks; the figure is the time for all
//! of it: reading the file, building the world, the rules, and a hash each second.

use std::path::Path;

use arena::Arena;
use criterion::{Criterion, criterion_group, criterion_main};
use simulation::replay::{self, Progress};

fn replay(criterion: &mut Criterion) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/replays/six-hard-people.replay");
    let bytes = std::fs::read(path).expect("the recording is there");
    criterion.bench_function("replay/6_players", |bencher| {
        bencher.iter(|| {
            let mut replay = replay::open::<Arena>(&bytes).unwrap_or_else(|error| panic!("{error}"));
            let progress = replay.advance(u32::MAX);
            assert!(matches!(progress, Ok(Progress::Done(_))), "{progress:?}");
        });
    });
}

criterion_group!(benches, replay);
criterion_main!(benches);
