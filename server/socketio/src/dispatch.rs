//! From a decoded event to those who hear it.
//!
//! ```text
//! read task      catch-alls ──► no middleware ──► listeners in place
//!                      │                              listeners in order ──► handler queue
//!                      └──► middleware ──► handler queue: ask, then all listeners
//! ```

use std::sync::Arc;

use crate::ack::Ack;
use crate::attachments::DecodedArgs;
use crate::handlers::{Backlog, Job};
use crate::hooks::{Called, Listener, Middleware, Then};
use crate::incoming::Incoming;
use crate::listeners::{Listeners, MaybeListeners};
use crate::reason::DisconnectReason;
use crate::socket::Socket;
use crate::stats;

impl Socket {
    /// Hands an event to those who hear it. One that nobody hears is ignored, as is one that comes after the end.
    /// `bytes` is the size of the message that completed it.
    pub(crate) fn dispatch(
        &self,
        name: &str,
        id: Option<u64>,
        args: DecodedArgs,
        bytes: usize,
    ) -> Result<(), DisconnectReason> {
        if !self.is_connected() {
            return Ok(());
        }
        let route = self.hooks().route(name);
        let mut incoming = Incoming {
            name,
            args,
            ack: id.map(|id| Ack::new(self.seat().clone(), id)),
        };
        let mut heard = false;
        for registered in route.catch_all.iter().flat_map(Listeners::as_slice) {
            heard = true;
            registered.listener.call(self, incoming.share());
        }
        if heard && !self.is_connected() {
            return Ok(());
        }
        let queued = match route.then {
            Then::Listeners(None) if heard => Ok(()),
            Then::Listeners(listeners) => self.call(listeners, incoming, bytes).and_then(|job| match job {
                Some(job) => self.queue().push(job, bytes),
                None => Ok(()),
            }),
            Then::Middleware(middleware) => {
                let job = self
                    .clone()
                    .ask(middleware, name.into(), incoming.args, incoming.ack, bytes);
                self.queue().push(Box::pin(job), bytes)
            }
        };
        queued.map_err(|Backlog| {
            stats::increment(&self.stats().handler_backlogs);
            DisconnectReason::HandlerBacklog
        })
    }

    /// Calls listeners in their order. Those that wait for their turn come back as one job.
    fn call(
        &self,
        listeners: MaybeListeners<dyn Listener<Socket>>,
        mut incoming: Incoming<'_>,
        bytes: usize,
    ) -> Result<Option<Job>, Backlog> {
        let Some(listeners) = listeners else {
            stats::increment(&self.stats().events_unknown);
            return Ok(None);
        };
        let mut jobs = Vec::new();
        let (last, others) = listeners.as_slice().split_last().expect("no list is empty");
        for registered in others {
            match registered.listener.call(self, incoming.share()) {
                Called::Done => {}
                Called::InOrder(job) => jobs.push(job),
                Called::Beside(job) => self.queue().push_beside(job, bytes)?,
            }
        }
        let last = match last.listener.call(self, incoming) {
            Called::Done => None,
            Called::InOrder(job) => Some(job),
            Called::Beside(job) => {
                self.queue().push_beside(job, bytes)?;
                None
            }
        };
        if jobs.is_empty() {
            return Ok(last);
        }
        jobs.extend(last);
        Ok(Some(Box::pin(async move {
            for job in jobs {
                job.await;
            }
        })))
    }

    /// Asks the middleware, and if all agree calls the listeners.
    async fn ask(
        self,
        middleware: Listeners<dyn Middleware<Socket>>,
        name: Arc<str>,
        args: DecodedArgs,
        ack: Option<Ack>,
        bytes: usize,
    ) {
        let mut kept = (args, ack);
        for registered in middleware.as_slice() {
            let mut incoming = Incoming {
                name: &name,
                args: kept.0,
                ack: kept.1,
            };
            let asking = registered.listener.ask(&self, incoming.share());
            kept = (incoming.args, incoming.ack);
            if let Err(error) = asking.await {
                stats::increment(&self.stats().events_refused);
                return self.raise(&name, &error);
            }
            if !self.is_connected() {
                return;
            }
        }
        let incoming = Incoming {
            name: &name,
            args: kept.0,
            ack: kept.1,
        };
        match self.call(self.hooks().listeners(&name), incoming, bytes) {
            Ok(Some(job)) => job.await,
            Ok(None) => {}
            Err(Backlog) => {
                stats::increment(&self.stats().handler_backlogs);
                self.seat()
                    .session
                    .outbox
                    .request_close(DisconnectReason::HandlerBacklog);
            }
        }
    }
}
