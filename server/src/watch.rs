//! Notices when a shard gets stuck, and when it goes on.
//!
//! A loop in the rules that does not end cannot be ended from outside. What can be done is to say so, to start no match there,
//! and to let whoever runs the server decide: `/healthz` is red as long as it lasts. The thread that shows recordings is watched as well,
//! and makes nothing red: no match suffers, and whoever started the server anew would end all of them.

use std::fmt::Display;
use std::sync::Arc;
use std::time::Instant;

use simulation::shard::Health;

use crate::gateway::stats::Stats;
use crate::matches::Matches;
use crate::replays::Replays;

/// Remembers how the shards were.
pub(crate) struct Watch {
    matches: Arc<Matches>,
    replays: Option<Arc<Replays>>,
    stats: Arc<Stats>,
    last: Vec<Health>,
    last_of_replays: Health,
}

impl Watch {
    /// All are well at first.
    pub(crate) fn new(matches: Arc<Matches>, replays: Option<Arc<Replays>>, stats: Arc<Stats>) -> Self {
        let last = vec![Health::Well; matches.shards().count()];
        Self {
            matches,
            replays,
            stats,
            last,
            last_of_replays: Health::Well,
        }
    }

    /// Looks at all of them; what has changed is logged and counted.
    pub(crate) fn look(&mut self, now: Instant) {
        for (shard, last) in self.last.iter_mut().enumerate() {
            let health = self.matches.shards().health(shard, now);
            if note(&shard, last, health) {
                self.stats.shards_stuck.add(1);
            }
        }
        if let Some(replays) = &self.replays {
            let health = replays.health(now);
            note(&"replays", &mut self.last_of_replays, health);
        }
    }
}

/// Whether it is stuck and was not before.
fn note(shard: &dyn Display, last: &mut Health, health: Health) -> bool {
    if health == *last {
        return false;
    }
    *last = health;
    match health {
        Health::Well => tracing::warn!(%shard, "a shard goes on that was stuck"),
        Health::Stuck => {
            tracing::error!(
                %shard,
                "a shard is stuck in one tick for a second; whoever plays or watches there sees nothing"
            );
        }
        Health::Ended => tracing::error!(%shard, "the thread of a shard has ended"),
    }
    health == Health::Stuck
}
