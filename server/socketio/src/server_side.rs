//! Events between the nodes of a cluster: who hears them, and how they are answered.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use tokio::sync::oneshot;

use crate::args::{Args, ToArgs};
use crate::error::EmitError;
use crate::guard::guarded;
use crate::outbound::{Outbound, Packet};
use crate::stats::Stats;

/// An event that another node has emitted, see
/// [`Namespace::on_server_side`](crate::Namespace::on_server_side).
pub struct ServerSideEvent {
    /// Its name.
    pub name: String,
    /// Its arguments.
    pub args: Args,
    /// Answers the other node, if it asked for an answer.
    pub ack: Option<ServerSideAck>,
}

/// The answer that another node asked for. A node answers once: of several listeners the first to send wins. Dropping
/// it without an answer makes this node a silent one.
#[derive(Clone)]
pub struct ServerSideAck(Arc<Mutex<Option<oneshot::Sender<Args>>>>);

impl ServerSideAck {
    /// Answers the other node.
    ///
    /// # Errors
    /// When an argument cannot be encoded.
    pub fn send(self, args: impl ToArgs) -> Result<(), EmitError> {
        let answer = Outbound {
            event: "",
            args: &args,
        };
        let answer = answer.to_packet()?.args();
        let sender = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(sender) = sender {
            // Who asked may have given up.
            let _ = sender.send(answer);
        }
        Ok(())
    }
}

type Listener = Arc<dyn Fn(ServerSideEvent) + Send + Sync>;

/// Who on this node hears events of other nodes, by event name.
#[derive(Default)]
pub(crate) struct ServerSideListeners(RwLock<HashMap<String, Vec<Listener>>>);

impl ServerSideListeners {
    pub(crate) fn add(&self, event: &str, listener: impl Fn(ServerSideEvent) + Send + Sync + 'static) {
        let mut by_event = self.0.write().unwrap_or_else(PoisonError::into_inner);
        by_event
            .entry(event.to_owned())
            .or_default()
            .push(Arc::new(listener));
    }

    /// Calls the listeners in order; if the other node has `asked`, the receiver hears the first answer, or that
    /// nobody is left who could give one.
    pub(crate) fn call(&self, packet: &Packet, asked: bool, stats: &Stats) -> oneshot::Receiver<Args> {
        let (sender, answer) = oneshot::channel();
        let listeners = self
            .0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(packet.event())
            .cloned();
        let ack = asked.then(|| ServerSideAck(Arc::new(Mutex::new(Some(sender)))));
        for listener in listeners.into_iter().flatten() {
            let event = ServerSideEvent {
                name: packet.event().to_owned(),
                args: packet.args(),
                ack: ack.clone(),
            };
            guarded(stats, || listener(event));
        }
        answer
    }

    /// Listeners often hold what holds them.
    pub(crate) fn clear(&self) {
        let listeners = std::mem::take(&mut *self.0.write().unwrap_or_else(PoisonError::into_inner));
        drop(listeners);
    }
}

/// Names that a node uses for itself.
pub(crate) const RESERVED_NAMES: [&str; 3] = ["connect", "connection", "new_namespace"];

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(event: &str) -> Packet {
        Outbound { event, args: &1 }.to_packet().unwrap()
    }

    #[tokio::test]
    async fn the_first_answer_of_a_node_counts_and_silence_is_noticed() {
        let (listeners, stats) = (ServerSideListeners::default(), Stats::default());
        listeners.add("sum", |_| panic!("a listener panics"));
        for answer in [7, 8] {
            listeners.add("sum", move |event| event.ack.unwrap().send(answer).unwrap());
        }
        listeners.add("silent", |_| {});
        let answer = listeners.call(&packet("sum"), true, &stats).await.unwrap();
        assert_eq!(answer.deserialize(0), Some(7));
        assert!(listeners.call(&packet("silent"), true, &stats).await.is_err());
        assert!(listeners.call(&packet("unknown"), true, &stats).await.is_err());
        assert!(listeners.call(&packet("sum"), false, &stats).await.is_err());
        listeners.clear();
        assert!(listeners.call(&packet("sum"), true, &stats).await.is_err());
    }
}
