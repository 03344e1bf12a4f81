use arena::Config;
use shared::arena::dash::DASH_SAFE_TICKS;
use shared::arena::event::Event;
use shared::arena::input::Input;
use shared::arena::state::HEALTH_MAX;

use crate::table::{STAY, Table, live_at_once};

fn duel() -> Table {
    let config: Config = live_at_once();
    let mut table = Table::of_people(config, 2, 1);
    table.rest(3);
    table.walk_to(0, 200.0, 300.0);
    table.walk_to(1, 400.0, 300.0);
    table.events.clear();
    table
}

#[test]
fn everybody_sees_a_dash_for_as_long_as_it_is_safe() {
    let mut table = duel();
    let dash = Input {
        dash: true,
        move_y: 127,
        ..STAY
    };
    let mut seen = Vec::new();
    while !table.tick.after(1).sends_snapshot() {
        table.rest(1);
    }
    let start = table.tick.0 + 1;
    for tick in 0..18 {
        table.step(&[STAY, if tick == 0 { dash } else { STAY }]);
        if table.tick.sends_snapshot() && table.own(1).dashing {
            seen.push(table.tick.0 - start);
        }
    }
    assert_eq!(seen, [0, 3, 6]);
    assert_eq!(DASH_SAFE_TICKS, 9);
    let way = table.own(1).body.position().y - 300.0;
    assert!((110.0..180.0).contains(&way), "{way}");
}

/// One shot at the other, who dashes out of nothing this many ticks after it left; true when that hurts.
fn is_hurt(dashes_after: u32) -> bool {
    let mut table = duel();
    let dash = Input {
        dash: true,
        // Towards the shot, so that it would meet.
        move_x: -127,
        ..STAY
    };
    let shot = table.shot(0, 1);
    for tick in 0..40 {
        let other = if tick == dashes_after { dash } else { STAY };
        table.step(&[if tick == 0 { shot } else { STAY }, other]);
    }
    let is_hurt = table.own(1).health < HEALTH_MAX;
    let hits = table.ticks_of(|event| matches!(event, Event::Hit { .. }));
    assert_eq!(is_hurt, hits.len() == 1);
    is_hurt
}

#[test]
fn a_shot_goes_through_who_dashes() {
    // 168 units from body to body are some eleven ticks.
    assert!(is_hurt(100), "without a dash");
    assert!(!is_hurt(6), "the two pass in the middle of the dash");
    assert!(is_hurt(30), "the shot was there before");
}
