//! From a decoded event to those who hear it.
//!
//! ```text
//! read task      catch-alls ──► no middleware ──► listeners in place
//!                      │                              listeners in order ──► handler queue
//!                      └──► middleware ──► handler queue: ask, then all listeners
//! ```

use std::sync::Arc;

use crate::ack::Ack;
use crate::callbacks::raise;
use crate::handlers::{Backlog, Job};
use crate::hooks::{Called, Listenable, Listener, Middleware, Then};
use crate::incoming::Incoming;
use crate::listeners::{Listeners, MaybeListeners};
use crate::parser::DecodedArgs;
use crate::reason::DisconnectReason;
use crate::stats;

/// Hands an event to those who hear it. One that nobody hears is ignored, as is one that comes after the end.
/// `bytes` is the memory that its arguments take.
pub(crate) fn dispatch<S: Listenable>(
    socket: &S,
    name: &str,
    ack: Option<Ack>,
    args: DecodedArgs,
    bytes: usize,
) -> Result<(), DisconnectReason> {
    if !socket.is_connected() {
        return Ok(());
    }
    let route = socket.hooks().route(name);
    let mut incoming = Incoming { name, args, ack };
    let mut heard = false;
    for registered in route.catch_all.iter().flat_map(Listeners::as_slice) {
        heard = true;
        registered.listener.call(socket, incoming.share());
    }
    if heard && !socket.is_connected() {
        return Ok(());
    }
    let queued = match route.then {
        Then::Listeners(None) if heard => Ok(()),
        Then::Listeners(listeners) => call(socket, listeners, incoming, bytes).and_then(|job| match job {
            Some(job) => socket.queue().push(job, bytes),
            None => Ok(()),
        }),
        Then::Middleware(middleware) => {
            let job = ask(
                socket.clone(),
                middleware,
                name.into(),
                incoming.args,
                incoming.ack,
                bytes,
            );
            socket.queue().push(Box::pin(job), bytes)
        }
    };
    queued.map_err(|Backlog| {
        stats::increment(&socket.stats().handler_backlogs);
        DisconnectReason::HandlerBacklog
    })
}

/// Calls listeners in their order. Those that wait for their turn come back as one job.
fn call<S: Listenable>(
    socket: &S,
    listeners: MaybeListeners<dyn Listener<S>>,
    mut incoming: Incoming<'_>,
    bytes: usize,
) -> Result<Option<Job>, Backlog> {
    let Some(listeners) = listeners else {
        stats::increment(&socket.stats().events_unknown);
        return Ok(None);
    };
    let mut jobs = Vec::new();
    let (last, others) = listeners.as_slice().split_last().expect("no list is empty");
    for registered in others {
        match registered.listener.call(socket, incoming.share()) {
            Called::Done => {}
            Called::InOrder(job) => jobs.push(job),
            Called::Beside(job) => socket.queue().push_beside(job, bytes)?,
        }
    }
    let last = match last.listener.call(socket, incoming) {
        Called::Done => None,
        Called::InOrder(job) => Some(job),
        Called::Beside(job) => {
            socket.queue().push_beside(job, bytes)?;
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
async fn ask<S: Listenable>(
    socket: S,
    middleware: Listeners<dyn Middleware<S>>,
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
        let asking = registered.listener.ask(&socket, incoming.share());
        kept = (incoming.args, incoming.ack);
        if let Err(error) = asking.await {
            stats::increment(&socket.stats().events_refused);
            return raise(&socket, &name, &error);
        }
        if !socket.is_connected() {
            return;
        }
    }
    let incoming = Incoming {
        name: &name,
        args: kept.0,
        ack: kept.1,
    };
    match call(&socket, socket.hooks().listeners(&name), incoming, bytes) {
        Ok(Some(job)) => job.await,
        Ok(None) => {}
        Err(Backlog) => {
            stats::increment(&socket.stats().handler_backlogs);
            socket.close_connection(DisconnectReason::HandlerBacklog);
        }
    }
}
