use crate::plain::{Act, Config, Go, SHELL_TICKS, SHELL_UNITS, SIDE};
use crate::stage::{Client, Stage};

/// Many walkers who stand, so that the plain is divided, and people in its upper left corner.
fn stand(count: usize) -> (Stage, Vec<Client>) {
    let mut stage = Stage::new(Config {
        wanderers: 40,
        frozen: true,
        start: Some((100, 100)),
        ..Config::default()
    });
    let mut clients = stage.join_all(count);
    stage.steps(30, &mut clients);
    (stage, clients)
}

/// One acts, and a second passes.
fn act(stage: &mut Stage, clients: &mut [Client], who: usize, act: Act) {
    clients[who].go.act = act;
    stage.step(clients);
    clients[who].go.act = Act::Nothing;
    stage.steps(60, clients);
}

/// Takes somebody to the right edge, far from all.
fn send_away(stage: &mut Stage, clients: &mut [Client], who: usize) {
    act(stage, clients, who, Act::Leap);
    assert_eq!(stage.spot(clients[who].entity()).x, SIDE - 1 - 100);
}

/// Who was told of the event with this number, and how often.
fn told(clients: &[Client], number: u16) -> Vec<u32> {
    let count = |client: &Client| client.told.get(&number).copied().unwrap_or(0);
    clients.iter().map(count).collect()
}

#[test]
fn an_event_is_told_once_to_those_it_concerns() {
    let (mut stage, mut clients) = stand(4);
    send_away(&mut stage, &mut clients, 2);
    let acts = [Act::Noise, Act::News, Act::Shell];
    for (number, what) in (0..).zip(acts) {
        act(&mut stage, &mut clients, 0, what);
        let far = u32::from(what == Act::News);
        assert_eq!(told(&clients, number), [1, 1, far, 1], "{what:?}");
    }
    act(&mut stage, &mut clients, 3, Act::Duel);
    assert_eq!(
        told(&clients, 3),
        [1, 1, 1, 1],
        "whom it is about is told wherever it is"
    );
    act(&mut stage, &mut clients, 2, Act::Noise);
    assert_eq!(told(&clients, 4), [0, 0, 1, 0]);
}

#[test]
fn an_event_is_told_once_to_whoever_misses_snapshots() {
    let (mut stage, mut clients) = stand(3);
    for round in 0..12_u16 {
        clients[1].takes = round % 2 == 0;
        clients[0].go.act = if round % 3 == 0 { Act::Shell } else { Act::Noise };
        stage.step(&mut clients);
        clients[0].go.act = Act::Nothing;
        stage.steps(4, &mut clients);
    }
    clients[1].takes = true;
    stage.steps(60, &mut clients);
    for number in 0..12 {
        assert_eq!(told(&clients, number), [1; 3], "{number}");
    }
    assert_eq!(stage.stats.events_dropped.value(), 0);
}

#[test]
fn a_shell_in_the_air_is_told_to_who_joins_and_who_comes_back() {
    let (mut stage, mut clients) = stand(2);
    clients[0].go.act = Act::Shell;
    stage.step(&mut clients);
    clients[0].go.act = Act::Nothing;
    let fired = stage.tick.0;
    stage.steps(20, &mut clients);
    let joined = stage.join();
    clients[1] = stage.resume(&clients[1]);
    clients.push(joined);
    stage.steps(6, &mut clients);
    assert_eq!(told(&clients, 0), [1; 3]);
    let first = clients[2].taken[0].0;
    assert!(first > fired, "{first}");
    stage.steps(SHELL_TICKS, &mut clients);
    let late = stage.join();
    clients.push(late);
    stage.steps(30, &mut clients);
    assert_eq!(
        told(&clients, 0),
        [1, 1, 1, 0],
        "nobody is told of one that is down"
    );
}

#[test]
fn a_shell_is_told_to_whoever_it_flies_towards_and_whoever_walks_towards_it() {
    let (mut stage, mut clients) = stand(3);
    // 1000 units to the right, beyond the interest of who stands where the shell starts.
    clients[1].go.dx = 100;
    stage.steps(10, &mut clients);
    clients[1].go = Go::default();
    stage.steps(6, &mut clients);
    clients[0].go.act = Act::Shell;
    stage.step(&mut clients);
    clients[0].go.act = Act::Nothing;
    stage.steps(6, &mut clients);
    assert_eq!(told(&clients, 0), [1, 0, 1]);
    let flight = SHELL_TICKS * u32::from(SHELL_UNITS);
    assert!(flight > 500, "it comes near");
    stage.steps(SHELL_TICKS - 10, &mut clients);
    assert_eq!(told(&clients, 0), [1, 1, 1], "once each");
    // Somebody leaps to where one is in the air.
    send_away(&mut stage, &mut clients, 2);
    clients[0].go.act = Act::Shell;
    stage.step(&mut clients);
    clients[0].go.act = Act::Nothing;
    stage.steps(6, &mut clients);
    assert_eq!(told(&clients, 1)[2], 0);
    act(&mut stage, &mut clients, 2, Act::Leap);
    assert_eq!(told(&clients, 1)[2], 1);
}

#[test]
fn many_shells_in_the_air_fit_into_a_first_snapshot_or_the_oldest_are_left_out() {
    let (mut stage, mut clients) = stand(4);
    for client in &mut clients {
        client.go.act = Act::Shell;
    }
    stage.steps(80, &mut clients);
    clients.iter_mut().for_each(|client| client.go.act = Act::Nothing);
    stage.step(&mut clients);
    let joined = stage.join();
    clients.push(joined);
    stage.steps(3, &mut clients);
    let known: Vec<u16> = clients[4].told.keys().copied().collect();
    assert_eq!(known.len(), 255);
    assert_eq!(known, (320 - 255..320).collect::<Vec<u16>>());
}
