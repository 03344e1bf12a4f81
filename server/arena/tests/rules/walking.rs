use arena::bot::angle::angle_of;
use shared::arena::input::Input;
use shared::arena::movement::{Mover, step};
use shared::codec::decode_map;
use shared::snapshot::SLACK_UNKNOWN;

use crate::table::{STAY, Table, live_at_once};

#[test]
fn the_first_snapshot_announces_the_player_and_knows_no_slack() {
    let mut table = Table::new(live_at_once(), 0, 7);
    let ada = table.join();
    while table.people[0].last().is_none() {
        table.step(&[]);
    }
    let first = table.seen();
    assert_eq!((first.own_entity(), first.header.slack), (ada, SLACK_UNKNOWN));
    let body = table.state(ada).body;
    let spawned = table
        .ticks_of(|event| matches!(event, shared::arena::event::Event::Spawned { entity, x, y } if *entity == ada && (*x, *y) == (body.x, body.y)));
    assert!(!spawned.is_empty(), "{:?}", table.events);
}

#[test]
fn a_client_predicts_the_same_and_everybody_sees_the_aim() {
    let mut table = Table::of_people(live_at_once(), 1, 7);
    while !table.tick.sends_snapshot() {
        table.rest(1);
    }
    let map = decode_map(&table.people[0].seat.setup).unwrap();
    let mut predicted = Mover {
        body: table.own(0).body,
        ..Mover::default()
    };
    let input = Input {
        move_x: 90,
        move_y: -50,
        aim: angle_of(1.0, 2.0),
        ..STAY
    };
    for tick in 0..180 {
        let input = Input {
            dash: tick % 50 == 7,
            ..input
        };
        table.step(&[input]);
        predicted = step(predicted, input, &map);
        if tick % 3 != 2 {
            continue;
        }
        assert_eq!(table.own(0).body, predicted.body);
        assert_eq!(table.own(0).dashing, predicted.dash.is_safe());
        let told = table.seen().own.unwrap().1;
        assert_eq!((told.dash, told.pulse_cooldown_ticks), (predicted.dash, 0));
        assert_eq!(table.own(0).aim, (input.aim >> 8) as u8);
    }
}
