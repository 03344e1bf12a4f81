//! What do a thousand matches of eight bots cost a tick, one after the other on one thread?
//!
//! Bots think, walk about and fight in the world that people play in; nobody looks on, so no snapshot is made. Beside
//! `sweep`, where people only walk, it tells what thinking and fighting cost, and it is what the profiles in
//! `benches/runs/` are taken of.

use std::sync::Arc;
use std::time::{Duration, Instant};

use arena::{Arena, Config, PhaseLengths};
use criterion::{Criterion, criterion_group, criterion_main};
use shared::ids::MatchId;
use simulation::handle::{Started, start};
use simulation::settings::MatchSettings;
use simulation::simulation::{Flow, MatchStart};
use simulation::stats::Stats;

#[expect(dead_code, reason = "bots ask for no seats")]
mod seating;

use seating::{Nobody, endless};

const MATCHES: u32 = 1000;
const BOTS: usize = 8;

/// Before anything is counted: so many that everybody has met somebody.
const TICKS_BEFORE: u32 = 120;

/// Of all matches, as on a server.
fn rules() -> Config {
    Config {
        phases: PhaseLengths {
            warm_up_ticks: 1,
            countdown_ticks: 1,
            live_ticks: 1_000_000,
            ..PhaseLengths::default()
        },
        kills_to_win: u8::MAX,
        ..Config::default()
    }
}

fn table(number: u32, config: &Config, stats: &Arc<Stats>) -> Started {
    start::<Arena>(MatchStart {
        id: MatchId(number),
        config: config.clone(),
        seed: number.into(),
        settings: MatchSettings {
            fill_to: BOTS,
            ..endless(BOTS)
        },
        sink: Arc::new(Nobody),
        stats: Arc::clone(stats),
        recording: None,
    })
}

/// One tick of all; gives its time.
fn sweep(tables: &mut [Started]) -> Duration {
    let begin = Instant::now();
    for table in tables {
        assert_eq!(table.running.step(), Flow::Running);
    }
    begin.elapsed()
}

fn bots(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("bots/1000_matches");
    group
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
    let stats = Arc::default();
    let config = rules();
    let mut tables: Vec<_> = (0..MATCHES)
        .map(|number| table(number, &config, &stats))
        .collect();
    for _ in 0..TICKS_BEFORE {
        sweep(&mut tables);
    }
    group.bench_function("tick", |bencher| {
        bencher.iter_custom(|rounds| (0..rounds).map(|_| sweep(&mut tables)).sum());
    });
    group.finish();
}

criterion_group!(benches, bots);
criterion_main!(benches);
