use shared::tick::Tick;

use crate::plain::{Act, Config, Go};
use crate::stage::{Client, Stage};

/// A match with wanderers and some clients that have played for a second.
fn playing(count: usize) -> (Stage, Vec<Client>) {
    let mut stage = Stage::new(Config {
        wanderers: 12,
        ..Config::default()
    });
    let mut clients = stage.join_all(count);
    stage.steps(60 - stage.tick.0, &mut clients);
    for client in &mut clients {
        client.took();
    }
    (stage, clients)
}

fn every(interval: usize, from: u32, to: u32) -> Vec<u32> {
    (from..=to).step_by(interval).collect()
}

/// Plays on; gives the ticks of the snapshots that the client took, and of the keyframes among them.
fn play(stage: &mut Stage, clients: &mut [Client], ticks: u32) -> (Vec<u32>, Vec<u32>) {
    stage.steps(ticks, clients);
    clients[0].took()
}

#[test]
fn a_client_that_keeps_up_gets_one_keyframe_and_then_what_changes() {
    let mut stage = Stage::new(Config {
        wanderers: 12,
        ..Config::default()
    });
    let mut clients = stage.join_all(3);
    for _ in 0..300 {
        stage.step(&mut clients);
        for client in clients.iter().filter(|_| stage.tick.sends_snapshot()) {
            client.check_all(&stage);
        }
    }
    for client in &mut clients {
        let (ticks, keyframes) = client.took();
        assert_eq!(ticks, every(3, ticks[0], 303));
        assert_eq!(keyframes, [ticks[0]]);
    }
    assert_eq!(stage.stats.keyframes.value(), 3);
}

#[test]
fn what_was_not_taken_is_made_anew_from_what_was() {
    let (mut stage, mut clients) = playing(2);
    clients[0].takes = false;
    stage.steps(6, &mut clients);
    clients[0].takes = true;
    stage.steps(6, &mut clients);
    let (ticks, keyframes) = clients[0].took();
    assert_eq!(keyframes, []);
    assert!(ticks.len() >= 2, "{ticks:?}");
    clients[0].check_all(&stage);
    assert!(stage.stats.snapshots_superseded.value() > 0);
}

#[test]
fn a_client_that_does_not_take_is_served_ever_more_slowly_and_comes_back_by_steps() {
    let (mut stage, mut clients) = playing(2);
    clients[0].takes = false;
    stage.steps(42, &mut clients);
    assert_eq!(stage.stats.clients_congested.value(), 2, "20, 10, 5 a second");
    clients[0].takes = true;
    let (ticks, keyframes) = play(&mut stage, &mut clients, 240);
    assert_eq!(keyframes, [], "the last one it had is not forgotten yet");
    let gaps: Vec<u32> = ticks.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(gaps.is_sorted_by(|a, b| a >= b), "{gaps:?}");
    assert!([12, 6, 3].iter().all(|gap| gaps.contains(gap)), "{gaps:?}");
    clients[0].check_all(&stage);
    assert_eq!(clients[1].took().0.len(), 94, "nobody else is touched");
}

#[test]
fn a_client_that_answers_late_is_served_more_slowly() {
    let (mut stage, mut clients) = playing(2);
    clients[0].acks_after = Some(30);
    let (ticks, _) = play(&mut stage, &mut clients, 120);
    assert!(ticks.len() < 30, "{ticks:?}");
    clients[0].check_view(&stage);
}

#[test]
fn a_client_that_does_not_answer_is_sent_nothing_and_everything_when_it_answers() {
    let (mut stage, mut clients) = playing(2);
    clients[0].acks_after = None;
    let (ticks, _) = play(&mut stage, &mut clients, 300);
    assert!(ticks.last().unwrap() <= &190, "{ticks:?}");
    assert_eq!(stage.stats.clients_stalled.value(), 1);
    assert_eq!(stage.gone(), []);
    clients[0].acks_after = Some(0);
    let (ticks, keyframes) = play(&mut stage, &mut clients, 60);
    assert_eq!((ticks, keyframes), (every(3, 363, 420), vec![363]));
    clients[0].check_all(&stage);
}

#[test]
fn a_client_that_is_gone_is_told_of_once_and_its_player_stays() {
    let (mut stage, mut clients) = playing(2);
    clients[0].acks_after = None;
    stage.steps(900, &mut clients);
    let player = clients[0].seat.player;
    assert_eq!(stage.gone(), [player]);
    assert_eq!(stage.stats.clients_gone.value(), 1);
    clients[0] = stage.resume(&clients[0]);
    clients[0].acks_after = Some(0);
    let (ticks, keyframes) = play(&mut stage, &mut clients, 60);
    assert_eq!((keyframes, ticks.len()), (vec![ticks[0]], 20));
    clients[0].check_all(&stage);
    assert_eq!(stage.gone(), [player]);
}

#[test]
fn a_seat_without_a_connection_costs_next_to_nothing() {
    let (mut stage, mut clients) = playing(1);
    clients[0].acks_after = None;
    stage.steps(3, &mut clients);
    clients[0].takes = false;
    stage.steps(120, &mut clients);
    let before = stage.stats.snapshots.value();
    stage.steps(600, &mut clients);
    assert_eq!(stage.stats.snapshots.value(), before);
}

#[test]
fn a_page_that_nobody_sees_gets_two_snapshots_a_second_and_a_keyframe_when_it_is_seen() {
    let (mut stage, mut clients) = playing(2);
    clients[0].hidden = true;
    let (ticks, keyframes) = play(&mut stage, &mut clients, 181);
    assert_eq!((ticks, keyframes), (every(30, 90, 240), vec![]));
    clients[0].hidden = false;
    let (ticks, keyframes) = play(&mut stage, &mut clients, 60);
    assert_eq!((ticks, keyframes), (every(3, 243, 300), vec![243]));
    clients[0].check_all(&stage);
    assert_eq!(stage.stats.clients_congested.value(), 0);
}

#[test]
fn a_client_out_of_step_asks_until_it_has_a_keyframe() {
    let (mut stage, mut clients) = playing(2);
    clients[0].resync = true;
    let (_, keyframes) = play(&mut stage, &mut clients, 120);
    assert!(
        (4..=8).contains(&keyframes.len()) && keyframes[0] == 63,
        "four a second at most: {keyframes:?}"
    );
    clients[0].resync = false;
    let (ticks, keyframes) = play(&mut stage, &mut clients, 60);
    assert_eq!((ticks.len(), keyframes.len()), (20, 0));
    assert!(stage.stats.resyncs.value() >= 120);
}

#[test]
fn a_client_that_lies_about_acknowledgements_gains_nothing() {
    let (mut stage, mut clients) = playing(2);
    // It takes everything and says that it has more than it can have, as if its line were free.
    clients[0].lie = Some(Tick(1_000_000));
    let (ticks, _) = play(&mut stage, &mut clients, 900);
    assert!(
        ticks.len() < 60,
        "it counts as one that says nothing: {}",
        ticks.len()
    );
    assert!(stage.stats.acks_refused.value() >= 300, "once for each snapshot");
    assert_eq!(stage.gone(), [clients[0].seat.player]);

    let (mut stage, mut clients) = playing(2);
    // What lies in the mailbox was not taken yet, so it cannot be acknowledged.
    clients[0].takes = false;
    stage.steps(3, &mut clients);
    let refused = stage.stats.acks_refused.value();
    clients[0].lie = Some(stage.tick);
    stage.steps(3, &mut clients);
    assert_eq!(stage.stats.acks_refused.value(), refused + 1);
    // Nor does going back help.
    clients[0].lie = Some(Tick(3));
    stage.steps(3, &mut clients);
    assert_eq!(stage.stats.acks_refused.value(), refused + 2);
    // A client in trouble that claims to have what it was handed is slowed down by what it does not take.
    clients[0].lie = Some(clients[0].seen().header.tick);
    stage.steps(120, &mut clients);
    assert_eq!(stage.stats.clients_congested.value(), 2);
}

#[test]
fn what_only_the_player_knows_comes_with_every_snapshot() {
    let (mut stage, mut clients) = playing(2);
    clients[0].go = Go {
        dx: 3,
        dy: -2,
        act: Act::Nothing,
    };
    for _ in 0..60 {
        stage.step(&mut clients);
        for client in clients.iter().filter(|_| stage.tick.sends_snapshot()) {
            let (entity, age) = client.seen().own.unwrap();
            assert_eq!(entity, client.entity());
            assert_eq!(age.0, stage.tick.0 - client.seat.tick.0);
        }
    }
}
