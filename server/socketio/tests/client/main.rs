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
/// Order and completeness with many events and many clients.
mod load;
/// Opening connections and joining namespaces.
mod opening;
