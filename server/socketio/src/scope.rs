//! What all sockets of one namespace share.

use std::sync::Arc;

use crate::adapter::{Adapter, Local};
use crate::engine::config::Config;
use crate::stats::Stats;

pub(crate) struct Scope {
    pub(crate) name: Arc<str>,
    /// The sockets of this node, for what concerns one of them.
    pub(crate) local: Local,
    /// The sockets of all nodes, for what concerns a choice of them.
    pub(crate) adapter: Box<dyn Adapter>,
    pub(crate) config: Arc<Config>,
    pub(crate) stats: Arc<Stats>,
}

/// Makes the adapter of a namespace.
pub(crate) type AdapterFactory = Arc<dyn Fn(Local) -> Box<dyn Adapter> + Send + Sync>;

impl Scope {
    pub(crate) fn new(name: &str, config: Arc<Config>, stats: Arc<Stats>, adapter: &AdapterFactory) -> Self {
        let local = Local::new(name, config.clone(), stats.clone());
        Self {
            name: local.name().clone(),
            adapter: adapter(local.clone()),
            local,
            config,
            stats,
        }
    }
}
