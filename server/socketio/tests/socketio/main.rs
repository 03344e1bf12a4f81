//! The crate over real sockets: a server on a port of its own, and raw WebSocket clients that may send anything.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

/// Acknowledgements both ways.
mod acks;
/// What every adapter must keep, by one node and by several.
mod adapters;
/// Published faults of other servers.
mod advisories;
/// What the protocol's own suite asks for, by every parser.
mod behaviours;
/// Acknowledgements of broadcasts.
mod broadcast_acks;
/// Rooms and broadcasts.
mod broadcasts;
/// Closing, as the tests of the reference server have it.
mod closing;
/// Compression of polls and of the client files.
mod compression;
/// Pages of other origins.
mod cors;
/// What sending costs: encodings, writes, wake-ups.
mod counts;
/// Namespaces that clients call into being.
mod dynamic;
/// Engine.IO alone.
mod engine_io;
/// Messages that share a write under pressure.
mod gathering;
/// Who is let in, by which id, and what the others are told.
mod handshakes;
/// The server, the clients, and the fixture they meet in.
mod harness;
/// Middleware and header hooks of the engine.
mod hooks;
/// What HTTP answers: handshakes, refusals, the client bundle, the application's own routes.
mod http;
/// What opens and ends connections, and that nothing is left behind.
mod lifecycle;
/// Bounds: what is too big, too slow or too much closes that peer alone.
mod limits;
/// Who hears an event: listeners, catch-alls, middleware of a socket.
mod listeners;
/// Reads what is logged.
mod log;
/// An adapter for several servers in this process.
mod loopback;
/// Values of which only the newest counts.
mod mailboxes;
/// Who is let in: middleware of namespaces, the check of handshakes.
mod middleware;
/// On servers that others drive.
mod mounted;
/// Order and completeness under load.
mod order;
/// Other parsers than the default, and who speaks which.
mod parsers;
/// What happens to a client that is too slow.
mod policies;
/// A client that polls, request by request.
mod poller;
/// HTTP long-polling, request by request.
mod polling;
/// HTTP long-polling over time and in numbers: heartbeats, bounds, order, ends.
mod polling_load;
/// Conversations, packet by packet.
mod protocol;
/// Clients that come back.
mod recovery;
/// What recovery must not do: let in twice, early, or anybody else.
mod recovery_safety;
/// Rooms that come and go.
mod rooms;
/// What no log may hold.
mod secrecy;
/// What can be done with a choice of sockets, and what is known of them.
mod selections;
/// What a socket is to the application, and what it makes of anything that a client says.
mod sockets;
/// Clients of every parser, in code that is not the server's.
mod speaker;
/// What no client may send, and the bounds of what it may.
mod strictness;
/// TLS that ends in the server.
mod tls;
/// Handlers with types of the application.
mod typed;
/// From polling to WebSocket, and what may go wrong on the way.
mod upgrade;
/// Events that are worthless when late.
mod volatile;
