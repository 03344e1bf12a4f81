use shared::tick::TICK_HZ;

use crate::plain::{Act, Go};
use crate::table::Table;
use crate::{alone, is_long};
use allocator::live_bytes;

/// More than the buffers of all clients together could still grow by.
const SLACK_BYTES: usize = 128 * 1024;

#[test]
fn a_match_needs_no_more_memory_after_an_hour_than_after_two_minutes() {
    let _alone = alone();
    let minutes = if is_long() { 60 } else { 6 };
    let mut table = Table::new(12, 40, 0);
    let mut after = Vec::new();
    for _ in 0..minutes {
        for _ in 0..60 * u32::from(TICK_HZ) {
            let turn = table.tick().0;
            table.play(|player| Go {
                dx: ((turn / 120 + u32::from(player.0)) % 17) as i8 - 8,
                dy: ((turn / 90 + u32::from(player.0)) % 13) as i8 - 6,
                act: match (turn + u32::from(player.0) * 7) % 40 {
                    0 => Act::Shell,
                    13 => Act::News,
                    26 => Act::Duel,
                    _ => Act::Nothing,
                },
            });
        }
        after.push(live_bytes());
    }
    let early = after[1];
    let most = after[2..].iter().max().copied().unwrap();
    assert!(most <= early + SLACK_BYTES, "{after:?}");
}

#[test]
fn matches_leave_nothing_behind() {
    let _alone = alone();
    let count = if is_long() { 10_000 } else { 300 };
    let play = || {
        let mut table = Table::new(3, 40, 0);
        for _ in 0..12 {
            table.play(|_| Go {
                act: Act::Shell,
                ..Go::default()
            });
        }
    };
    for _ in 0..20 {
        play();
    }
    let before = live_bytes();
    for _ in 0..count {
        play();
    }
    let after = live_bytes();
    assert!(after <= before + 4096, "{before} bytes before, {after} after");
}
