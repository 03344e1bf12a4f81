use server::link::Preset;
use tests::input_timing::{SEEDS, play_all};

/// At most so many of a hundred inputs come too late, and at most so many milliseconds are added to the latency of the way.
/// The bounds are a little above what `cargo run -p tests --example input_lead_table` prints.
const ROWS: [(Preset, f64, f64); 5] = [
    (Preset::Fibre, 0.01, 37.0),
    (Preset::Wifi, 0.12, 46.0),
    (Preset::FourG, 1.7, 65.0),
    (Preset::Lossy, 2.5, 50.0),
    (Preset::Train, 8.0, 90.0),
];

#[test]
fn inputs_come_in_time_on_each_link_and_that_costs_no_more_than_it_must() {
    for (preset, late_percent_max, added_ms_max) in ROWS {
        let outcome = play_all(preset.conditions(), SEEDS);
        let (late_percent, added_ms) = (outcome.late_percent(), outcome.added_ms());
        assert!(
            late_percent <= late_percent_max,
            "{late_percent} % on {}",
            preset.name()
        );
        assert!(added_ms <= added_ms_max, "{added_ms} ms on {}", preset.name());
    }
}

#[test]
fn an_input_that_is_late_is_missed_once() {
    let outcome = play_all(Preset::Train.conditions(), 1..=1);
    let missing = outcome.missing as f64 / outcome.late as f64;
    assert!((0.95..1.05).contains(&missing), "{outcome:?}");
}

#[test]
fn a_seed_decides_the_outcome() {
    let late = |seed| play_all(Preset::FourG.conditions(), seed..=seed).late;
    assert_eq!(late(1), late(1));
    assert_ne!(late(1), late(2));
}
