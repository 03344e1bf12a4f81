use shared::ids::PlayerId;

use crate::alone;
use crate::plain::{Act, Go};
use crate::table::Table;
use allocator::allocations;

fn go(player: PlayerId) -> Go {
    Go {
        dx: 7 - (player.0 % 15) as i8,
        dy: 3,
        act: if player.0.is_multiple_of(4) {
            Act::Shell
        } else {
            Act::Noise
        },
    }
}

/// Plays for some seconds and then counts the allocations of a second's ticks on the thread of the match.
fn check(people_count: usize, wanderers: u16, bytes_per_s: u32) {
    let _alone = alone();
    let mut table = Table::new(people_count, wanderers, bytes_per_s);
    let walk = |table: &mut Table, ticks: u32| {
        let mut counted = 0;
        for tick in 0..ticks {
            // To and fro, so that everybody stays on the plain.
            let back = if tick / 300 % 2 == 0 { 1 } else { -1 };
            table.send(|player| Go {
                dx: back * go(player).dx,
                dy: back * go(player).dy,
                act: if tick % 20 == 0 {
                    go(player).act
                } else {
                    Act::Nothing
                },
            });
            let before = allocations();
            table.step();
            counted += allocations() - before;
            table.take();
        }
        counted
    };
    walk(&mut table, 1200);
    let (snapshots, skipped) = (table.stats.snapshots.value(), table.stats.cells_skipped.value());
    let counted = walk(&mut table, 600);
    let made = table.stats.snapshots.value() - snapshots;
    assert_eq!(made, 200 * people_count as u64);
    assert_eq!(table.stats.cells_skipped.value() > skipped, bytes_per_s > 0);
    // Each client's own buffer grows when it had a longer snapshot than ever before, and nothing else does.
    assert!(
        counted <= people_count as u64,
        "{counted} allocations for {made} snapshots"
    );
}

#[test]
fn snapshots_of_one_cell_allocate_nothing_in_the_steady_state() {
    check(8, 10, 0);
}

#[test]
fn snapshots_of_many_cells_allocate_nothing_in_the_steady_state() {
    check(24, 150, 0);
}

#[test]
fn snapshots_within_a_budget_allocate_nothing_in_the_steady_state() {
    check(24, 300, 4096);
}
