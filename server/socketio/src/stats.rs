//! Everything the crate counts, in one struct that the application may read at any time.
//!
//! Gauges go up and down and must return to zero when all clients are gone; counters only rise. All are
//! updated with relaxed ordering: they tell what happened, they order nothing.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::reason::DisconnectReason;

/// Counters and gauges of one [`SocketIo`](crate::SocketIo), shared by all of its connections, or of one
/// [`Client`](crate::client::Client).
#[derive(Debug, Default)]
pub struct Stats {
    /// Gauge: TCP connections held by the accept loop, upgraded or not.
    pub tcp_open: AtomicU64,
    /// TCP connections answered with 503 or dropped because the configured maximum was reached.
    pub tcp_refused: AtomicU64,
    /// TLS handshakes that failed or took too long.
    pub tls_failed: AtomicU64,
    /// Gauge: Engine.IO sessions with a live driver.
    pub connections_open: AtomicU64,
    /// Engine.IO sessions opened since the start.
    pub connections_opened: AtomicU64,
    /// Sessions that have moved from polling to WebSocket.
    pub upgrades: AtomicU64,
    /// WebSockets of polling sessions that were closed because the move failed; the session went on polling.
    pub upgrades_failed: AtomicU64,
    /// Handshakes and other requests refused with an error body.
    pub handshakes_refused: AtomicU64,
    /// Those of them that the application's own check refused.
    pub handshakes_forbidden: AtomicU64,
    /// Those of them that came faster than they may, and were told when to come again.
    pub handshakes_deferred: AtomicU64,
    /// Gauge: sockets connected to a namespace.
    pub sockets_connected: AtomicU64,
    /// Gauge: namespaces of dynamic ones. It only returns to zero where empty ones are cleaned up.
    pub dynamic_namespaces: AtomicU64,
    /// Clients refused because there were as many dynamic namespaces as there may be.
    pub dynamic_namespaces_refused: AtomicU64,
    /// HTTP connections closed because the peer did not read its answer.
    pub answers_stalled: AtomicU64,
    /// Engine.IO packets received.
    pub packets_in: AtomicU64,
    /// Engine.IO packets accepted by an outbox.
    pub packets_out: AtomicU64,
    /// Bytes read from upgraded streams and bodies.
    pub bytes_in: AtomicU64,
    /// Reads that brought something from upgraded streams. One may bring many packets.
    pub reads: AtomicU64,
    /// Bytes the kernel accepted on upgraded streams, and payloads given to polls.
    pub bytes_out: AtomicU64,
    /// Writes that upgraded streams accepted at least in part; each is one call to the kernel, unless TLS splits it.
    pub writes: AtomicU64,
    /// Writes of what had waited for company under pressure, see [`Pressure`](crate::Pressure). Packets per write are
    /// `packets_out` by `writes`.
    pub gathered_writes: AtomicU64,
    /// Microseconds in which threads that send had hardly a pause, summed up over them.
    pub pressure_us: AtomicU64,
    /// Times an outbox woke the task of its connection: a stream took not all, belongs to a foreign server, or is to end.
    pub driver_wakes: AtomicU64,
    /// Gauge: bytes waiting in outboxes because a kernel did not take them.
    pub outbox_bytes: AtomicU64,
    /// Connections closed for a packet that no client may send.
    pub parse_errors: AtomicU64,
    /// Connections closed for a message above the payload bound.
    pub payload_too_large: AtomicU64,
    /// Connections closed because their outbox was full.
    pub slow_consumers: AtomicU64,
    /// Events not sent because an outbox was full whose policy is to refuse.
    pub outbox_refused: AtomicU64,
    /// Events that waited in an outbox and gave their place to a newer one of the same key.
    pub coalesced: AtomicU64,
    /// Connections closed because their handlers fell behind.
    pub handler_backlogs: AtomicU64,
    /// Handlers that panicked; the panic ended at the handler.
    pub handler_panics: AtomicU64,
    /// Events that came without a listener; ignored.
    pub events_unknown: AtomicU64,
    /// Events that a middleware of their socket refused, or in which it panicked; dropped.
    pub events_refused: AtomicU64,
    /// Events whose arguments were not of the type that a handler wants; that handler was not called.
    pub arguments_refused: AtomicU64,
    /// Connections closed because they joined no namespace in time.
    pub connect_timeouts: AtomicU64,
    /// Broadcasts encoded: one per broadcast and parser with a recipient, whatever the number of recipients.
    pub broadcasts_encoded: AtomicU64,
    /// Events of rooms that were not told because a listener was too slow.
    pub room_events_lost: AtomicU64,
    /// Gauge: broadcasts that wait for acknowledgements.
    pub broadcasts_pending: AtomicU64,
    /// Gauge: sessions kept for clients that are away.
    pub recovery_sessions: AtomicU64,
    /// Sessions whose client did not come back in time.
    pub recovery_sessions_expired: AtomicU64,
    /// Sessions forgotten because there were too many.
    pub recovery_sessions_dropped: AtomicU64,
    /// Gauge: events kept for clients that are away or might be.
    pub recovery_packets: AtomicU64,
    /// Gauge: bytes of them.
    pub recovery_bytes: AtomicU64,
    /// Events forgotten before their time because there were too many.
    pub recovery_packets_dropped: AtomicU64,
    /// Clients that came back and are the same socket again.
    pub recovered: AtomicU64,
    /// Clients that came back and had to start anew: too late, or with an offset that is unknown or out of reach.
    pub recoveries_refused: AtomicU64,
    /// Values of mailboxes that were replaced by newer ones before they were taken.
    pub mailbox_replaced: AtomicU64,
    /// Volatile events dropped because the peer was not ready for them.
    pub volatile_dropped: AtomicU64,
    /// Volatile events that waited in an outbox whose policy lets them, and were dropped to make room.
    pub volatile_evicted: AtomicU64,
    /// Clients only: lost connections that were opened again.
    pub reconnects: AtomicU64,
    /// Clients only: packets refused because the buffer of a socket without a connection was full.
    pub offline_refused: AtomicU64,
    /// Clients only: packets kept for a connection and dropped: for newer ones, because they are too large for the server, or
    /// because their socket no longer wants to be connected.
    pub offline_dropped: AtomicU64,
    closed: Mutex<BTreeMap<&'static str, u64>>,
}

impl Stats {
    /// Number of connections closed with `reason`, as spelled by [`DisconnectReason::as_str`].
    pub fn closed(&self, reason: &str) -> u64 {
        self.closed_by_reason().get(reason).copied().unwrap_or(0)
    }

    /// Number of closed connections for each reason seen so far. The set is bounded by the program: every
    /// reason is a string of the program text.
    pub fn closed_by_reason(&self) -> BTreeMap<&'static str, u64> {
        self.closed
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .clone()
    }

    pub(crate) fn observe_closed(&self, reason: DisconnectReason) {
        let mut closed = self
            .closed
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        *closed.entry(reason.as_str()).or_default() += 1;
    }
}

/// What many sends have come to, counted at once when they are over: a counter that threads share costs them more than to
/// add.
pub(crate) struct Tally<'a> {
    stats: &'a Stats,
    pub(crate) packets: u64,
    pub(crate) writes: u64,
    pub(crate) bytes: u64,
}

impl<'a> Tally<'a> {
    pub(crate) fn new(stats: &'a Stats) -> Self {
        Self {
            stats,
            packets: 0,
            writes: 0,
            bytes: 0,
        }
    }
}

impl Drop for Tally<'_> {
    fn drop(&mut self) {
        let counted = [
            (&self.stats.packets_out, self.packets),
            (&self.stats.writes, self.writes),
            (&self.stats.bytes_out, self.bytes),
        ];
        for (counter, amount) in counted {
            if amount > 0 {
                add(counter, amount);
            }
        }
    }
}

pub(crate) fn increment(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

pub(crate) fn add(counter: &AtomicU64, amount: u64) {
    counter.fetch_add(amount, Ordering::Relaxed);
}

pub(crate) fn decrement(gauge: &AtomicU64) {
    gauge.fetch_sub(1, Ordering::Relaxed);
}

pub(crate) fn subtract(gauge: &AtomicU64, amount: u64) {
    gauge.fetch_sub(amount, Ordering::Relaxed);
}

/// Moves a gauge from what was reported last to `now`.
pub(crate) fn report(gauge: &AtomicU64, reported: &mut usize, now: usize) {
    if now > *reported {
        gauge.fetch_add((now - *reported) as u64, Ordering::Relaxed);
    } else if now < *reported {
        gauge.fetch_sub((*reported - now) as u64, Ordering::Relaxed);
    }
    *reported = now;
}
