use crate::plain::{Act, Config, Go};
use crate::stage::{Client, Stage};

/// So many bytes a second are not enough for a crowd that moves: 300 walkers in some thirty cells.
const TIGHT_BYTES_PER_S: u32 = 4096;

fn crowd(bytes_per_s: u32) -> (Stage, Vec<Client>) {
    let mut stage = Stage::with_budget(
        Config {
            wanderers: 900,
            ..Config::default()
        },
        bytes_per_s,
    );
    let clients = stage.join_all(4);
    (stage, clients)
}

/// What a client knows of its own cell is what is there.
fn check_own_cell(client: &Client, stage: &Stage) {
    let own = client.interest.cell_of(stage.spot(client.entity()));
    let entities = client.seen().entities.iter();
    let known: Vec<_> = entities
        .filter(|(entity, _)| client.replica.cell_of(*entity) == Some(own))
        .copied()
        .collect();
    assert_eq!(known, stage.truth_in(stage.tick, |cell| cell == own));
}

#[test]
fn with_a_tight_budget_what_is_near_stays_fresh_and_the_rest_comes_in_turn() {
    let (mut stage, mut clients) = crowd(TIGHT_BYTES_PER_S);
    stage.steps(120, &mut clients);
    let before: Vec<usize> = clients.iter().map(|client| client.bytes).collect();
    let seconds = 10;
    for _ in 0..60 * seconds {
        stage.step(&mut clients);
        for client in clients.iter().filter(|_| stage.tick.sends_snapshot()) {
            check_own_cell(client, &stage);
        }
    }
    for (client, before) in clients.iter().zip(before) {
        let rate = (client.bytes - before) as u32 / seconds;
        assert!(rate < TIGHT_BYTES_PER_S * 3 / 2, "{rate} bytes a second");
    }
    assert!(stage.stats.cells_skipped.value() > 0);
    assert_eq!(
        stage.stats.clients_congested.value(),
        0,
        "the budget is no congestion"
    );
    assert_eq!(stage.stats.keyframes.value(), 4);
}

#[test]
fn what_was_left_out_comes_when_there_is_room() {
    let mut stage = Stage::with_budget(
        Config {
            wanderers: 900,
            frozen: true,
            ..Config::default()
        },
        TIGHT_BYTES_PER_S / 4,
    );
    let mut clients = stage.join_all(2);
    stage.steps(1, &mut clients);
    let all = stage.truth_in(stage.tick, |cell| clients[0].interest.contains_truth(cell));
    assert!(clients[0].seen().entities.len() < all.len());
    for leap in [Act::Leap, Act::Nothing] {
        clients[0].go.act = leap;
        stage.step(&mut clients);
        clients[0].go = Go::default();
        stage.steps(300, &mut clients);
        for client in &clients {
            client.check_all(&stage);
        }
    }
}

#[test]
fn without_a_budget_nothing_is_left_out() {
    let (mut stage, mut clients) = crowd(0);
    stage.steps(120, &mut clients);
    for client in &clients {
        client.check_all(&stage);
    }
    assert_eq!(stage.stats.cells_skipped.value(), 0);
}

/// 250 walkers in one cell take more than the budget by themselves.
#[test]
fn whatever_the_own_cell_takes_the_others_come_in_turn() {
    let mut stage = Stage::with_budget(
        Config {
            wanderers: 250,
            start: Some((500, 500)),
            ..Config::default()
        },
        TIGHT_BYTES_PER_S,
    );
    let mut clients = stage.join_all(2);
    // One goes to the next cell and walks up and down there, so that it is elsewhere in every snapshot.
    clients[1].go.dx = 100;
    stage.steps(2, &mut clients);
    clients[1].go.dx = 0;
    let walker = clients[1].entity();
    let mut last_seen = stage.tick;
    for _ in 0..600 {
        clients[1].go.dy = if (stage.tick.0 / 8).is_multiple_of(2) {
            5
        } else {
            -5
        };
        stage.step(&mut clients);
        if !stage.tick.sends_snapshot() {
            continue;
        }
        check_own_cell(&clients[0], &stage);
        let truth = stage.spot(walker);
        let known = clients[0].seen().entities.iter().find(|(id, _)| *id == walker);
        if known.is_some_and(|(_, spot)| *spot == truth) {
            last_seen = stage.tick;
        }
        assert!(stage.tick.since(last_seen) < 120, "{:?} {:?}", stage.tick, known);
    }
}
