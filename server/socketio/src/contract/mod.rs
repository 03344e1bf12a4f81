//! What a namespace relies on, as a test for any adapter.
//!
//! An adapter of another crate calls [`check`] in its own tests with one server, and with several that it connects:
//!
//! ```
//! use socketio::SocketIo;
//! use socketio::adapter::memory::Memory;
//!
//! # #[tokio::main]
//! # async fn main() {
//! let node = || SocketIo::builder().adapter(Memory::new).build();
//! socketio::contract::check(&[node()]).await.unwrap();
//! # }
//! ```
//!
//! Everything happens over real sockets on this machine, so that it needs a runtime with I/O and time. Each rule has a
//! namespace of its own and two clients on each node, and is a row of a table in the file of its subject. The rules of
//! sessions are skipped where the adapter keeps none ([`Adapter::position`](crate::adapter::Adapter::position)).

mod acks;
mod broadcasts;
mod choices;
mod server_side;
mod sessions;
mod stage;

use std::pin::Pin;

use thiserror::Error;

use self::stage::{Served, Stage};
use crate::server::SocketIo;

/// A rule that an adapter breaks.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{rule}: {problem}")]
pub struct Violation {
    /// The rule, as a sentence.
    pub rule: &'static str,
    /// What was seen instead.
    pub problem: String,
}

/// What a rule has found.
type Outcome = Result<(), String>;

/// A sentence, and how it is checked.
struct Rule {
    name: &'static str,
    check: for<'a> fn(&'a mut Stage) -> Pin<Box<dyn Future<Output = Outcome> + Send + 'a>>,
}

/// Checks the adapters of `nodes`, which are servers that are alone or know each other, and listen nowhere yet.
///
/// # Errors
/// The first rule that is broken. A rule that is not kept within 10 s counts as broken.
///
/// # Panics
/// When no port of this machine can be listened on.
pub async fn check(nodes: &[SocketIo]) -> Result<(), Violation> {
    let served = Served::start(nodes).await;
    let tables = [
        broadcasts::RULES,
        acks::RULES,
        choices::RULES,
        server_side::RULES,
        sessions::RULES,
    ];
    for (index, rule) in tables.into_iter().flatten().enumerate() {
        let checked = async {
            let mut stage = Stage::open(&served, index).await?;
            (rule.check)(&mut stage).await
        };
        checked.await.map_err(|problem| Violation {
            rule: rule.name,
            problem,
        })?;
    }
    Ok(())
}
