//! Notices when a shard gets stuck, and when it goes on.
//!
//! A loop in the rules that does not end cannot be ended from outside. What can be done is to say so, to start no match there,
//! and to let whoever runs the server decide: `/healthz` is red as long as it lasts.

use std::sync::Arc;
use std::time::Instant;

use simulation::shard::Health;

use crate::gateway::stats::Stats;
use crate::matches::Matches;

/// Remembers how the shards were.
pub(crate) struct Watch {
    matches: Arc<Matches>,
    stats: Arc<Stats>,
    last: Vec<Health>,
}

impl Watch {
    /// All are well at first.
    pub(crate) fn new(matches: Arc<Matches>, stats: Arc<Stats>) -> Self {
        let last = vec![Health::Well; matches.shards().count()];
        Self { matches, stats, last }
    }

    /// Looks at all of them; what has changed is logged and counted.
    pub(crate) fn look(&mut self, now: Instant) {
        for (shard, last) in self.last.iter_mut().enumerate() {
            let health = self.matches.shards().health(shard, now);
            if health == *last {
                continue;
            }
            *last = health;
            match health {
                Health::Well => tracing::warn!(shard, "a shard goes on that was stuck"),
                Health::Stuck => {
                    self.stats.shards_stuck.add(1);
                    tracing::error!(
                        shard,
                        "a shard is stuck in one tick for a second; its players see nothing"
                    );
                }
                Health::Ended => tracing::error!(shard, "the thread of a shard has ended"),
            }
        }
    }
}
