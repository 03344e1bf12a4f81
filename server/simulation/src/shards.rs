//! Several shards, and which of them a match runs on: the one with the least load among those that are well.

use std::sync::Arc;
use std::time::Instant;

use crate::shard::{AddError, Health, NotAdded, Rank, Shard};
use crate::simulation::RunningMatch;
use crate::stats::{ShardStats, Stats};

/// All shards of a server. Dropping them stops them.
pub struct Shards {
    shards: Vec<Shard>,
}

impl Shards {
    /// Starts so many threads, at least one. Fails when the system gives none.
    pub fn spawn(count: usize, stats: &Arc<Stats>) -> std::io::Result<Self> {
        let shards = (0..count.max(1))
            .map(|index| Shard::spawn(index, Arc::clone(stats)))
            .collect::<std::io::Result<_>>()?;
        Ok(Self { shards })
    }

    /// Starts one thread of this name, for what shall not be among the matches of the others and gives way to them.
    pub fn apart(name: &str, stats: &Arc<Stats>) -> std::io::Result<Self> {
        let shard = Shard::run(
            ShardStats::named(name.to_owned(), 0),
            Arc::clone(stats),
            Rank::Last,
        )?;
        Ok(Self { shards: vec![shard] })
    }

    /// True when at least one takes a match. To be asked before a match is made, which costs more than asking.
    pub fn take_matches(&self, now: Instant) -> bool {
        self.shards.iter().any(|shard| shard.takes_matches(now))
    }

    /// Hands a match to the least loaded shard that takes it; gives the index of that shard.
    pub fn add(&self, mut running: Box<dyn RunningMatch>, now: Instant) -> Result<usize, AddError> {
        let mut candidates: Vec<usize> = (0..self.shards.len())
            .filter(|&index| self.shards[index].takes_matches(now))
            .collect();
        // Each is asked once: loads change meanwhile, and a sort wants one order.
        candidates.sort_by_cached_key(|&index| self.shards[index].stats().load.cost_ns());
        let mut why = AddError::Busy;
        for index in candidates {
            match self.shards[index].add(running) {
                Ok(()) => return Ok(index),
                Err(not_added) => NotAdded { running, why } = not_added,
            }
        }
        Err(why)
    }

    /// How the shard with this index is.
    pub fn health(&self, index: usize, now: Instant) -> Health {
        self.shards[index].health(now)
    }

    /// What each of them counts, in the order of their indices.
    pub fn stats(&self) -> impl Iterator<Item = &ShardStats> {
        self.shards.iter().map(Shard::stats)
    }

    /// Their number.
    pub const fn count(&self) -> usize {
        self.shards.len()
    }

    /// Ends all matches and waits for all threads, as [`Shard::stop`] does.
    pub fn stop(&self) {
        for shard in &self.shards {
            shard.ask_to_stop();
        }
        for shard in &self.shards {
            shard.stop();
        }
    }
}
