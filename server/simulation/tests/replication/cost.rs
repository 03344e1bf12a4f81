use crate::plain::Config;
use crate::stage::{Client, Stage};

/// Plays a second; gives chunks encoded, snapshots and cells copied.
fn play(stage: &mut Stage, clients: &mut [Client]) -> (u64, u64, u64) {
    let stats = std::sync::Arc::clone(&stage.stats);
    let count = || {
        (
            stats.chunks_encoded.value(),
            stats.snapshots.value(),
            stats.blobs_copied.value(),
        )
    };
    let before = count();
    stage.steps(60, clients);
    let after = count();
    (after.0 - before.0, after.1 - before.1, after.2 - before.2)
}

#[test]
fn an_entity_is_encoded_once_a_snapshot_however_many_clients_keep_up() {
    let mut chunks = Vec::new();
    for count in [1, 16] {
        let mut stage = Stage::new(Config {
            // With sixteen clients there are still no more than one cell takes.
            wanderers: 8,
            start: Some((500, 500)),
            ..Config::default()
        });
        let mut clients = stage.join_all(count);
        stage.steps(30, &mut clients);
        let (encoded, snapshots, copied) = play(&mut stage, &mut clients);
        assert_eq!((snapshots, copied), (20 * count as u64, 20 * count as u64));
        assert!(encoded <= 20 * (8 + count as u64), "{encoded}");
        chunks.push(encoded);
    }
    assert!(chunks[1] < chunks[0] + 20 * 16, "{chunks:?}");
}

#[test]
fn in_a_divided_match_an_entity_is_encoded_once_as_well() {
    let entity_count = 200 + 40;
    let mut stage = Stage::new(Config {
        wanderers: 200,
        ..Config::default()
    });
    let mut clients = stage.join_all(40);
    stage.steps(30, &mut clients);
    let (encoded, snapshots, copied) = play(&mut stage, &mut clients);
    assert_eq!(snapshots, 20 * 40);
    assert!(copied > snapshots, "{copied}");
    // Who crosses a border is told of in both cells, and whole to whoever looks at one of them anew.
    assert!(encoded < 20 * entity_count * 13 / 10, "{encoded}");
}
