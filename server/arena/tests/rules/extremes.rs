use rand::RngExt;
use rand_pcg::Pcg32;
use shared::arena::input::Input;
use shared::tick::Tick;
use simulation::view_age::VIEW_AGE_MAX;

use crate::table::{Table, quick};

/// An input of which every field is mostly at one of its ends.
fn extreme(rng: &mut Pcg32) -> Input {
    let stick = |rng: &mut Pcg32| {
        let ends = [i8::MIN, -127, -1, 0, 1, 127, rng.random()];
        ends[rng.random_range(0..ends.len())]
    };
    let aims = [0, 1, u16::MAX, 0x4000, 0x8000, 0xc000, rng.random()];
    Input {
        fire: rng.random(),
        rail: rng.random(),
        dash: rng.random(),
        move_x: stick(rng),
        move_y: stick(rng),
        aim: aims[rng.random_range(0..aims.len())],
    }
}

/// A tick at the end of the numbers, or near the next one.
fn any_tick(rng: &mut Pcg32, next: Tick) -> Tick {
    let ends = [16, 17, next.0 + 63, next.0 + 64, u32::MAX - 1, u32::MAX];
    if rng.random_ratio(1, 4) {
        Tick(ends[rng.random_range(0..ends.len())].max(16))
    } else {
        Tick((next.0 + rng.random_range(0..40)).saturating_sub(20).max(16))
    }
}

#[test]
fn whatever_is_sent_the_match_goes_on_and_counts_it() {
    for seed in 0..3 {
        let mut rng = Pcg32::new(seed, 3);
        let mut table = Table::new(quick(), 4, seed);
        for _ in 0..4 {
            table.join();
        }
        for _ in 0..1500 {
            for person in 0..4 {
                table.people[person].view_age = rng.random();
                for _ in 0..rng.random_range(0..3) {
                    let count = rng.random_range(1..=16);
                    let inputs: Vec<Input> = (0..count).map(|_| extreme(&mut rng)).collect();
                    let newest = any_tick(&mut rng, table.tick.after(1));
                    table.send(person, newest, &inputs);
                }
            }
            table.step_alone();
        }
        let stats = table.stats();
        for (name, counter) in [
            ("accepted", &stats.inputs_accepted),
            ("late", &stats.inputs_late),
            ("late actions", &stats.inputs_late_actions),
            ("early", &stats.inputs_early),
            ("missing", &stats.inputs_missing),
            ("duplicate", &stats.inputs_duplicate),
            ("views", &stats.views_clamped),
        ] {
            assert!(counter.value() > 0, "{name}");
        }
        assert!(u64::from(VIEW_AGE_MAX) < 255);
        assert_eq!(table.status().players.len(), 4);
    }
}
