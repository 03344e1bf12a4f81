//! The client over real sockets: against our own server, and against servers that say what no server may say.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

/// Events and acknowledgements, both ways.
mod conversations;
/// How connections and sockets end, and who is told.
mod endings;
/// The servers, and what a test waits with.
mod harness;
/// Servers that break the rules, or are too slow, or dead.
mod hostile;
/// Many listeners, catch-alls, middleware, as on the server.
mod listeners;
/// Order and completeness with many events and many clients.
mod load;
/// Events emitted while there is no connection.
mod offline;
/// Opening connections and joining namespaces.
mod opening;
/// The parsers of client and server.
mod parsers;
/// Clients that read nothing for a while.
mod pausing;
/// The polling transport, the move to WebSocket, and what happens when one of them fails.
mod polling;
/// What waits to leave, who waits for it, and who sees it.
mod pressure;
/// Connections that are lost and opened again.
mod reconnecting;
/// Sessions that a server recovers.
mod recovery;
/// The same against the reference server.
mod reference;
/// Certificates.
mod tls;
/// What one of many clients takes.
mod weight;
