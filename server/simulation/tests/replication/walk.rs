use crate::plain::{Act, Config, Go, SIDE};
use crate::stage::{Client, Stage};

const PEOPLE: usize = 44;

/// Numbers without end.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 33) % end
    }

    /// Everybody walks straight on for a while, leaps now and then, and makes noise.
    fn direct(&mut self, clients: &mut [Client]) {
        for client in clients {
            client.go.act = match self.below(200) {
                0 => Act::Leap,
                1..=5 => Act::Shell,
                6..=9 => Act::Noise,
                10 => Act::News,
                11 => Act::Duel,
                _ => Act::Nothing,
            };
            if self.below(60) == 0 {
                client.go.dx = self.below(41) as i8 - 20;
                client.go.dy = self.below(41) as i8 - 20;
            }
        }
    }
}

/// Longer in `tests/run --long`.
#[expect(
    clippy::disallowed_methods,
    reason = "it decides how long a test takes and nothing in a match"
)]
fn length() -> u32 {
    if std::env::var_os("TICKROOM_LONG").is_some() {
        10
    } else {
        1
    }
}

fn crowd(bytes_per_s: u32) -> (Stage, Vec<Client>) {
    let config = Config {
        wanderers: 150,
        ..Config::default()
    };
    let mut stage = Stage::with_budget(config, bytes_per_s);
    let clients = stage.join_all(PEOPLE);
    (stage, clients)
}

/// `Client::take` looks at every byte; this looks at what is known then.
#[test]
fn everybody_knows_what_is_in_their_interest_and_gets_no_byte_of_anything_else() {
    let (mut stage, mut clients) = crowd(0);
    let mut random = Random(3);
    let ticks = 600 * length();
    for _ in 0..ticks {
        random.direct(&mut clients);
        stage.step(&mut clients);
        for client in clients.iter().filter(|_| stage.tick.sends_snapshot()) {
            client.check_all(&stage);
        }
    }
    let snapshots = stage.stats.snapshots.value();
    // One each, and one more for those who came before there were so many that the plain was divided.
    let keyframes = stage.stats.keyframes.value();
    assert!(keyframes <= 2 * PEOPLE as u64, "{keyframes}");
    assert!(snapshots >= u64::from(ticks / 3) * PEOPLE as u64, "{snapshots}");
    let everything = stage.truth.lock().unwrap().len();
    let known: usize = clients.iter().map(|client| client.seen().entities.len()).sum();
    assert!(
        known < PEOPLE * everything / 2,
        "interest is a part of the plain: {known}"
    );
}

/// All but a quarter of the clients behave badly; then everybody calms down and knows everything in the end. Without a budget
/// everything in view is known all the time.
fn misbehave(bytes_per_s: u32) {
    let (mut stage, mut clients) = crowd(bytes_per_s);
    let mut random = Random(5);
    for _ in 0..1200 * length() {
        random.direct(&mut clients);
        for client in &mut clients[PEOPLE / 4..] {
            if random.below(40) == 0 {
                client.takes = random.below(3) > 0;
                client.acks_after = (random.below(12) > 0).then(|| random.below(20) as u32);
                client.hidden = random.below(10) == 0;
                client.resync = random.below(20) == 0;
            }
        }
        let before: Vec<usize> = clients.iter().map(|client| client.taken.len()).collect();
        stage.step(&mut clients);
        for (client, before) in clients.iter().zip(before) {
            if client.taken.len() > before && bytes_per_s == 0 {
                client.check_view(&stage);
            }
        }
    }
    for client in clients[..PEOPLE / 4].iter().filter(|_| bytes_per_s == 0) {
        client.check_all(&stage);
    }
    assert!(stage.stats.cells_skipped.value() > 0);
    assert!(stage.stats.snapshots_superseded.value() > 0);
    // Everybody calms down.
    for client in &mut clients {
        (client.takes, client.acks_after, client.hidden, client.resync) = (true, Some(0), false, false);
        client.go = Go::default();
    }
    stage.steps(300, &mut clients);
    for client in clients
        .iter()
        .filter(|client| !stage.gone().contains(&client.seat.player))
    {
        client.check_all(&stage);
    }
}

#[test]
fn whoever_misses_snapshots_answers_late_or_hides_still_sees_all_of_its_view() {
    misbehave(0);
}

#[test]
fn whoever_has_a_small_budget_as_well_knows_everything_in_the_end() {
    misbehave(8 * 1024);
}

#[test]
fn few_walkers_share_one_cell_and_many_are_divided() {
    let mut stage = Stage::new(Config {
        wanderers: 22,
        start: Some((100, 100)),
        ..Config::default()
    });
    let mut clients = vec![stage.join()];
    clients[0].go = Go {
        dx: 120,
        ..Go::default()
    };
    stage.steps(29, &mut clients);
    clients[0].go = Go::default();
    stage.steps(4, &mut clients);
    assert_eq!(stage.spot(clients[0].entity()).x, SIDE - 1);
    assert_eq!(clients[0].seen().entities.len(), 23, "all, however far");
    let mut crowd = Vec::new();
    for _ in 0..12 {
        crowd.push(stage.join());
        for client in clients.iter_mut().chain(&mut crowd) {
            client.take(&stage);
        }
    }
    clients.append(&mut crowd);
    stage.steps(6, &mut clients);
    assert_eq!(clients[0].seen().entities.len(), 1, "the others are far away");
    clients.truncate(2);
    stage.steps(6, &mut clients);
    assert_eq!(clients[0].seen().entities.len(), 24, "all again");
    let (_, keyframes) = clients[0].took();
    assert_eq!(keyframes.len(), 3, "each change is one: {keyframes:?}");
}
