//! What all sockets of one namespace share.

use std::sync::Arc;

use crate::adapter::{Adapter, Local};
use crate::away::Away;
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
    /// Keeps the namespace for clients that may come back; `None` where recovery is off.
    pub(crate) away: Option<Arc<Away>>,
}

/// Makes the adapter of a namespace.
pub(crate) type AdapterFactory = Arc<dyn Fn(Local) -> Box<dyn Adapter> + Send + Sync>;

impl Scope {
    pub(crate) fn new(name: &str, config: Arc<Config>, stats: Arc<Stats>, adapter: &AdapterFactory) -> Self {
        let local = Local::new(name, config.clone(), stats.clone());
        let away = config.recovery.as_ref();
        let away = away.map(|recovery| Away::new(recovery.max_disconnection_duration, recovery.sessions_max));
        Self {
            name: local.name().clone(),
            adapter: adapter(local.clone()),
            local,
            config,
            stats,
            away: away.map(Arc::new),
        }
    }
}
