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
pub(crate) fn dispatch<S: Listenable>(
    socket: &S,
    name: &str,
    ack: Option<Ack>,
    args: DecodedArgs,
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
        Then::Listeners(listeners) => match call(socket, listeners, incoming) {
            Ok(Some((job, bytes))) => socket.queue().push(job, bytes),
            Ok(None) => Ok(()),
            Err(backlog) => Err(backlog),
        },
        Then::Middleware(middleware) => {
            let args = incoming.args.settled();
            let bytes = args.weight();
            let job = ask(socket.clone(), middleware, name.into(), args, incoming.ack);
            socket.queue().push(Box::pin(job), bytes)
        }
    };
    queued.map_err(|Backlog| {
        stats::increment(&socket.stats().handler_backlogs);
        DisconnectReason::HandlerBacklog
    })
}

/// Calls listeners in their order. Those that wait for their turn come back as one job, with the memory that their event
/// takes.
fn call<S: Listenable>(
    socket: &S,
    listeners: MaybeListeners<dyn Listener<S>>,
    mut incoming: Incoming<'_>,
) -> Result<Option<(Job, usize)>, Backlog> {
    let Some(listeners) = listeners else {
        stats::increment(&socket.stats().events_unknown);
        return Ok(None);
    };
    let mut jobs = Vec::new();
    let mut bytes = 0;
    let mut hear = |called| {
        match called {
            Called::Done => {}
            Called::InOrder(job, job_bytes) => {
                jobs.push(job);
                bytes = job_bytes;
            }
            Called::Beside(job, job_bytes) => socket.queue().push_beside(job, job_bytes)?,
        }
        Ok(())
    };
    let (last, others) = listeners.as_slice().split_last().expect("no list is empty");
    for registered in others {
        hear(registered.listener.call(socket, incoming.share()))?;
    }
    hear(last.listener.call(socket, incoming))?;
    if jobs.len() <= 1 {
        return Ok(jobs.pop().map(|job| (job, bytes)));
    }
    let in_turn = async move {
        for job in jobs {
            job.await;
        }
    };
    Ok(Some((Box::pin(in_turn), bytes)))
}

/// Asks the middleware, and if all agree calls the listeners.
async fn ask<S: Listenable>(
    socket: S,
    middleware: Listeners<dyn Middleware<S>>,
    name: Arc<str>,
    args: DecodedArgs,
    ack: Option<Ack>,
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
    match call(&socket, socket.hooks().listeners(&name), incoming) {
        Ok(Some((job, _))) => job.await,
        Ok(None) => {}
        Err(Backlog) => {
            stats::increment(&socket.stats().handler_backlogs);
            socket.close_connection(DisconnectReason::HandlerBacklog);
        }
    }
}
