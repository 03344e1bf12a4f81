use std::path::{Path, PathBuf};

use arena::Arena;
use simulation::recording::frame::End;
use simulation::replay::{self, Progress};

/// Recordings of `tickroom bots` matches, a few kilobytes each.
fn recordings() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("replays");
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    entries
        .map(|entry| entry.expect("it can be read").path())
        .collect()
}

#[test]
fn recorded_matches_of_bots_are_played_again_to_the_same_hashes() {
    let paths = recordings();
    assert!(paths.len() >= 3, "{paths:?}");
    for path in paths {
        let name = path.display();
        let bytes = std::fs::read(&path).expect("it can be read");
        assert!(bytes.len() < 20 * 1024, "{name} is small enough to be kept");
        let mut replay = replay::open::<Arena>(&bytes)
            .unwrap_or_else(|error| panic!("{name}: {error}; CONTRIBUTING.md says how to record anew"));
        let summary = *replay.summary();
        assert!(
            summary.hashes > 10 && summary.joins >= 2 && summary.end == End::Closed,
            "{name}: {summary:?}"
        );
        match replay.advance(u32::MAX) {
            Ok(Progress::Done(outcome)) => assert_eq!(outcome.status.tick, summary.end_tick),
            Ok(Progress::Running) => unreachable!("it has fewer ticks"),
            Err(error) => panic!(
                "{name}: {error}; if the rules were changed on purpose, raise RULES_VERSION and record anew"
            ),
        }
    }
}
