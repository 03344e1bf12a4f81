use simulation::settings::MatchSettings;

use crate::plain::Config;
use crate::stage::{SETTINGS, Stage};

#[test]
fn a_match_may_send_thirty_snapshots_a_second_and_tells_its_clients() {
    let settings = MatchSettings {
        snapshot_interval_ticks: 2,
        ..SETTINGS
    };
    let mut stage = Stage::with_settings(Config::default(), settings);
    let mut clients = stage.join_all(3);
    stage.steps(20 - stage.tick.0, &mut clients);
    for client in &mut clients {
        assert_eq!(client.seat.snapshot_interval_ticks, 2);
        client.taken.clear();
    }
    stage.steps(60, &mut clients);
    for client in &clients {
        assert_eq!(client.taken.len(), 30);
        client.check_all(&stage);
    }
    // One that falls behind gets every second of these.
    clients[0].acks_after = Some(30);
    stage.steps(30, &mut clients);
    assert_eq!(stage.stats.clients_congested.value(), 1);
    clients[0].taken.clear();
    stage.steps(20, &mut clients[..1]);
    assert!(clients[0].taken.iter().all(|(tick, _)| tick.is_multiple_of(4)));
}

#[test]
fn a_match_may_show_everything_to_everybody_however_many_there_are() {
    let everything = |see_all_max| {
        let config = Config {
            wanderers: 300,
            ..Config::default()
        };
        let settings = MatchSettings {
            see_all_max,
            ..SETTINGS
        };
        let mut stage = Stage::with_settings(config, settings);
        let mut clients = stage.join_all(2);
        stage.steps(30, &mut clients);
        clients[0].seen().entities.len() == stage.truth_in(stage.tick, |_| true).len()
    };
    assert!(everything(1000));
    assert!(!everything(24));
}
