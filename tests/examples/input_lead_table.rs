//! Prints the table of `tests/network/input_timing.rs`: how many inputs come too late on each link, and what the lead adds.

use server::link::Preset;
use tests::input_timing::{SEEDS, play_all};

fn main() {
    println!("| link | one way | late inputs | ticks without input | added |");
    println!("|---|---|---|---|---|");
    for preset in Preset::ALL {
        let conditions = preset.conditions();
        let outcome = play_all(conditions, SEEDS);
        println!(
            "| {} | {} + {} ms | {:.2} % | {:.2} % | {:.0} ms |",
            preset.name(),
            conditions.latency_us / 1000,
            conditions.jitter_us / 1000,
            outcome.late_percent(),
            outcome.missing_percent(),
            outcome.added_ms(),
        );
    }
}
