//! B6: what does one tick of a thousand matches cost, one after the other on one thread?
//!
//! Eight people in each walk about and nobody fires. `B6/1000_matches_walking` is a tick without snapshots, from the queued
//! inputs to the end of the rules, of all matches; `with_snapshots` is one in which each match also makes its eight. The inputs
//! are decoded and queued outside of the figure, as the threads of the network do it. Every match is cold when its turn
//! comes, which is most of the price. `tick_by_two_threads` is the same tick with half of the matches on each of two threads,
//! started for it, as on two shards.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arena::Config;
use criterion::{Criterion, criterion_group, criterion_main};
use shared::arena::input::Input;
use shared::ids::PlayerId;
use shared::input::{InputPacket, VIEW_AGE_UNKNOWN};
use shared::tick::{SNAPSHOT_INTERVAL_TICKS, Tick};
use simulation::ahead::Turns;
use simulation::handle::Started;
use simulation::mailbox::MailboxReader;
use simulation::simulation::Flow;
use simulation::stats::Stats;

mod full_table;
mod seating;

use full_table::{full_table, warming_up};
use seating::endless;

const MATCHES: u32 = 1000;
const PEOPLE: usize = 8;

/// A match and its people.
struct Table {
    started: Started,
    people: Vec<(PlayerId, MailboxReader)>,
}

impl Table {
    fn new(number: u32, config: &Config, stats: &Arc<Stats>) -> Self {
        let (started, people) = full_table(number, config, endless(PEOPLE), stats);
        Self { started, people }
    }
}

/// All matches, all at the same tick.
struct Hall {
    tables: Vec<Table>,
    stats: Arc<Stats>,
    tick: u32,
    packet: Vec<u8>,
}

impl Hall {
    fn new() -> Self {
        let stats = Arc::default();
        // Of one config, as all matches of a server.
        let config = warming_up();
        Self {
            tables: (0..MATCHES)
                .map(|number| Table::new(number, &config, &stats))
                .collect(),
            stats,
            tick: 1,
            packet: Vec::new(),
        }
    }

    /// Everybody walks on, and turns every second. Half of them send in each tick, the inputs of two ticks, as clients do.
    fn send(&mut self) {
        for table in &self.tables {
            let half = usize::from(self.tick.is_multiple_of(2));
            for (player, _) in table.people.iter().skip(half).step_by(2) {
                let turn = self.tick / 60 + u32::from(player.0);
                let input = Input {
                    move_x: (turn * 37) as i8,
                    move_y: (turn * 91) as i8,
                    aim: (turn * 5000) as u16,
                    ..Input::default()
                };
                self.packet.clear();
                let acked = self.tick - self.tick % u32::from(SNAPSHOT_INTERVAL_TICKS);
                let newest = Tick(self.tick + 2);
                InputPacket::new(Tick(acked), newest, vec![input; 2], VIEW_AGE_UNKNOWN)
                    .encode(&mut self.packet);
                let sent = table.started.handle.submit(*player, &self.packet, None);
                assert_eq!(sent, Ok(()));
            }
        }
    }

    /// One tick of all, by so many threads; gives its time.
    fn sweep(&mut self, threads: usize) -> Duration {
        self.send();
        let begin = Instant::now();
        if threads == 1 {
            step_all(&mut self.tables);
        } else {
            let share = self.tables.len().div_ceil(threads);
            std::thread::scope(|scope| {
                for part in self.tables.chunks_mut(share) {
                    scope.spawn(|| step_all(part));
                }
            });
        }
        let took = begin.elapsed();
        self.tick += 1;
        for table in &self.tables {
            for (_, mailbox) in &table.people {
                black_box(mailbox.take());
            }
        }
        took
    }

    /// The time of so many ticks with or without snapshots; the others are played as well.
    fn sweeps(&mut self, rounds: u64, threads: usize, with_snapshots: bool) -> Duration {
        let mut sum = Duration::ZERO;
        let mut counted = 0;
        while counted < rounds {
            let has_snapshots = Tick(self.tick + 1).sends_snapshot();
            let took = self.sweep(threads);
            if has_snapshots == with_snapshots {
                sum += took;
                counted += 1;
            }
        }
        sum
    }
}

fn step_all(tables: &mut [Table]) {
    for index in 0..tables.len() {
        if let Some(second) = tables.get(index + 2) {
            second.started.running.look_ahead(Turns::Two);
        }
        if let Some(first) = tables.get(index + 1) {
            first.started.running.look_ahead(Turns::One);
        }
        assert_eq!(tables[index].started.running.step(), Flow::Running);
    }
}

fn sweep(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("B6/1000_matches_walking");
    group
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
    let mut hall = Hall::new();
    for (name, threads, with_snapshots) in [
        ("tick", 1, false),
        ("with_snapshots", 1, true),
        ("tick_by_two_threads", 2, false),
    ] {
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|rounds| hall.sweeps(rounds, threads, with_snapshots));
        });
    }
    assert_eq!(
        hall.stats.inputs_late.value() + hall.stats.inputs_early.value(),
        0
    );
    assert_eq!(hall.stats.snapshots_superseded.value(), 0);
    group.finish();
}

criterion_group!(benches, sweep);
criterion_main!(benches);
