//! The way in of a seat: from decoded events to those who listen, and to the handlers of what becomes of the socket.

use std::sync::Arc;

use super::seat::{Phase, Seat};
use super::sending::Answerer;
use super::socket::ClientSocket;
use crate::ack::Ack;
use crate::dispatch::dispatch;
use crate::guard::guarded;
use crate::parser::DecodedArgs;
use crate::reason::DisconnectReason;

impl Seat {
    /// Hands an event to those who listen for it.
    pub(super) fn hear(
        self: &Arc<Self>,
        name: &str,
        id: Option<u64>,
        args: DecodedArgs,
    ) -> Result<(), DisconnectReason> {
        let join = {
            let mut state = self.lock();
            if !state.hears() {
                return Ok(());
            }
            if let Some(recovery) = &mut state.recovery
                && id.is_none()
                && let Some(offset) = offset(&args)
            {
                recovery.offset = Some(offset.to_owned());
            }
            state.join
        };
        // Nobody holds the client any more, so nobody wants to hear.
        let Some(socket) = ClientSocket::of(self) else {
            return Ok(());
        };
        let ack = id.map(|id| {
            let seat = self.clone();
            Ack::new(Arc::new(Answerer { seat, join }), id)
        });
        dispatch(&socket, name, ack, args)
    }

    /// Whether events are handed on.
    pub(super) fn hears(&self) -> bool {
        self.lock().hears()
    }

    /// Runs handlers, unless nobody holds the client any more.
    pub(super) fn tell<H: ?Sized>(self: &Arc<Self>, handlers: &[Arc<H>], call: impl Fn(&H, &ClientSocket)) {
        if handlers.is_empty() {
            return;
        }
        let Some(socket) = ClientSocket::of(self) else {
            return;
        };
        for handler in handlers {
            guarded(&self.link.stats, || call(handler, &socket));
        }
    }
}

impl super::seat::State {
    /// While connected, and before that while a server that recovers the session may replay what was missed: it does so
    /// before it answers.
    fn hears(&self) -> bool {
        match &self.phase {
            Phase::Connected(_) => true,
            Phase::Connecting(_) => self.recovery.is_some(),
            _ => false,
        }
    }
}

/// Where recovery goes on from, if the event carries it: a last argument behind those of the application.
fn offset(args: &DecodedArgs) -> Option<&str> {
    match args {
        DecodedArgs::OneBinary(_) => None,
        DecodedArgs::Many(args) => args.json(args.len().checked_sub(1)?)?.as_str(),
    }
}
