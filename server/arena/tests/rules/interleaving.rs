use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use arena::Arena;
use shared::arena::input::Input;
use shared::ids::{MatchId, PlayerId};
use shared::input::InputPacket;
use shared::message::MatchEnd;
use shared::name::PlayerName;
use shared::tick::{TICK_NS, Tick};
use simulation::command::{JoinRequest, JoinedSeat, Refused, Reply};
use simulation::handle::{MatchHandle, start};
use simulation::mailbox::{MailboxReader, mailbox};
use simulation::notice::{MatchSink, Notice};
use simulation::settings::MatchSettings;
use simulation::simulation::{Flow, MatchStart, RunningMatch};
use simulation::stats::{ShardStats, Stats};
use simulation::timetable::{Clock, Timetable};

use crate::table::quick;

const TICK: Duration = Duration::from_nanos(TICK_NS);

/// A clock that ticks move as far as a seed says.
#[derive(Clone)]
struct MadeUp(Arc<Mutex<Instant>>);

impl MadeUp {
    #[expect(
        clippy::disallowed_methods,
        reason = "an instant can be made in no other way; its value does not matter"
    )]
    fn new() -> Self {
        Self(Arc::new(Mutex::new(Instant::now())))
    }
}

impl Clock for MadeUp {
    fn now(&self) -> Instant {
        *self.0.lock().unwrap()
    }
}

struct Nobody;

impl MatchSink for Nobody {
    fn snapshots_ready(&self) {}

    fn notice(&self, _: Notice) {}
}

/// A match of the arena with people who do in each tick what its number and their id say, whenever that tick comes.
struct Scripted {
    handle: Arc<dyn MatchHandle>,
    running: Box<dyn RunningMatch>,
    number: u32,
    tick: u32,
    joining: Option<(Receiver<Result<JoinedSeat, Refused>>, MailboxReader)>,
    people: Vec<(PlayerId, MailboxReader)>,
    hashes: Arc<Mutex<Vec<u64>>>,
    clock: MadeUp,
    /// Source of how long ticks take.
    random: u32,
}

impl Scripted {
    fn new(number: u32, disturbance: u32, clock: &MadeUp) -> Self {
        let started = start::<Arena>(MatchStart {
            id: MatchId(number),
            config: quick(),
            seed: number.into(),
            settings: MatchSettings {
                players_max: 16,
                fill_to: 6,
                empty_ticks_max: u32::MAX,
                snapshot_bytes_per_s: 0,
                ..MatchSettings::default()
            },
            sink: Arc::new(Nobody),
            stats: Arc::default(),
            recording: None,
        });
        Self {
            handle: started.handle,
            running: started.running,
            number,
            tick: 0,
            joining: None,
            people: Vec::new(),
            hashes: Arc::default(),
            clock: clock.clone(),
            random: disturbance.wrapping_mul(number + 1),
        }
    }

    /// What happens before the next tick.
    fn act(&mut self) {
        if self.tick.is_multiple_of(150) {
            let (writer, reader) = mailbox();
            let (sender, receiver) = channel();
            self.handle.join(JoinRequest {
                name: PlayerName::parse("Ada").unwrap(),
                mailbox: writer,
                reply: Reply::new(move |seat| sender.send(seat).unwrap_or_default()),
            });
            self.joining = Some((receiver, reader));
        }
        if self.tick % 400 == 399 {
            self.people.remove(0);
        }
        for (player, _) in &self.people {
            let turn = self.tick / 20 + self.number + u32::from(player.0);
            let input = Input {
                fire: self.tick.is_multiple_of(3),
                rail: self.tick % 29 == 3,
                dash: self.tick % 41 == 7,
                move_x: (turn * 37) as i8,
                move_y: (turn * 91) as i8,
                aim: (turn * 5000) as u16,
            };
            let mut bytes = Vec::new();
            InputPacket::new(Tick(0), Tick(self.tick + 1), vec![input], (turn * 9) as u8).encode(&mut bytes);
            self.handle.submit(*player, &bytes, None).unwrap();
        }
        if self.tick.is_multiple_of(60) {
            let hashes = Arc::clone(&self.hashes);
            let reply = Reply::new(move |status: Result<_, Refused>| {
                let status: simulation::command::MatchStatus = status.unwrap();
                hashes.lock().unwrap().push(status.hash);
            });
            self.handle.inspect(reply);
        }
    }

    /// Mostly some microseconds, now and then several ticks; nothing without a disturbance.
    fn take_time(&mut self) {
        if self.random == 0 {
            return;
        }
        self.random ^= self.random << 13;
        self.random ^= self.random >> 17;
        self.random ^= self.random << 5;
        let time = match self.random % 100 {
            0 => TICK * (self.random / 100 % 9),
            1..10 => TICK / 2,
            _ => Duration::from_micros((self.random % 900).into()),
        };
        *self.clock.0.lock().unwrap() += time;
    }
}

impl RunningMatch for Scripted {
    fn id(&self) -> MatchId {
        self.running.id()
    }

    fn step(&mut self) -> Flow {
        self.act();
        let flow = self.running.step();
        if let Some((answer, reader)) = self.joining.take() {
            let seat = answer.try_recv().unwrap().unwrap();
            self.people.push((seat.player, reader));
        }
        self.tick += 1;
        self.take_time();
        flow
    }

    fn expect_next(&mut self, _: Instant) {}

    fn slip(&mut self) {
        self.running.slip();
    }

    fn thin_snapshots(&mut self, thin: bool) {
        self.running.thin_snapshots(thin);
    }

    fn end(&mut self, reason: MatchEnd) {
        self.running.end(reason);
    }
}

/// Plays matches with these numbers on one shard; gives the first twenty hashes of each, one a second, and how many ticks
/// slipped.
fn play(numbers: &[u32], disturbance: u32) -> (Vec<Vec<u64>>, u64) {
    const SECONDS: usize = 20;
    let clock = MadeUp::new();
    let stats: Arc<Stats> = Arc::default();
    let shard = Arc::new(ShardStats::new(0));
    let mut timetable = Timetable::new(clock.clone(), stats, Arc::clone(&shard));
    let mut all_hashes = Vec::new();
    for &number in numbers {
        let scripted = Scripted::new(number, disturbance, &clock);
        all_hashes.push(Arc::clone(&scripted.hashes));
        shard.load.add(simulation::load::COST_GUESS_NS);
        timetable.add(Box::new(scripted));
    }
    let count = |hashes: &Arc<Mutex<Vec<u64>>>| hashes.lock().unwrap().len();
    while all_hashes.iter().any(|hashes| count(hashes) < SECONDS) {
        let deadline = timetable.deadline().unwrap();
        {
            let mut now = clock.0.lock().unwrap();
            *now = (*now).max(deadline);
        }
        timetable.step_next();
    }
    let hashes = all_hashes
        .iter()
        .map(|hashes| hashes.lock().unwrap()[..SECONDS].to_vec());
    (hashes.collect(), shard.slipped_ticks.value())
}

#[test]
fn however_matches_are_interleaved_on_a_shard_each_is_the_same() {
    let numbers = [1, 2, 3, 4];
    let alone: Vec<Vec<u64>> = numbers.iter().flat_map(|&number| play(&[number], 0).0).collect();
    assert_eq!(play(&numbers, 0), (alone.clone(), 0));
    for disturbance in [7, 99] {
        let (together, slipped) = play(&numbers, disturbance);
        assert!(slipped > 0, "ticks are late, made up for and dropped");
        assert_eq!(together, alone, "disturbed by {disturbance}");
        let (mut backwards, _) = play(&[4, 3, 2, 1], disturbance);
        backwards.reverse();
        assert_eq!(backwards, alone, "in another order, disturbed by {disturbance}");
    }
}
