//! Every setting of a client, with its unit, default, and what more or less of it costs.

use std::time::Duration;

/// Settings of a [`Client`](super::Client). Set the path your server uses; the defaults of the rest fit a game.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    /// Path prefix of the server, without a slash at the end; `/socket.io`.
    pub path: String,
    /// Time to open a connection, and again to join a namespace; 20 s. Shorter gives up on slow servers sooner.
    pub connect_timeout: Duration,
    /// Largest message a server may send, in bytes; 4 MiB, which is the largest packet our own server lets out by
    /// default. Also bounds all attachments of one packet together. It is memory that a server can make us hold.
    pub max_payload_bytes: usize,
    /// Bytes that may wait for a slow server; 1 MiB. Less refuses an emit sooner, more holds memory. One packet
    /// must fit.
    pub outbox_bytes_max: usize,
    /// Time all attachments of a packet may take after its header; 10 s.
    pub attachments_timeout: Duration,
    /// Acknowledgements the server may owe one socket; 1 024.
    pub pending_acks_max: usize,
    /// Time a closing connection may take to flush, and again to see the server close; 1 s.
    pub close_timeout: Duration,
    /// Read buffer of one connection, in bytes; 4 KiB. More costs memory for each connection, less costs more reads
    /// for large messages.
    pub read_buffer_bytes: usize,
}

impl Default for ClientConfig {
    fn default() -> Self {
        Self {
            path: "/socket.io".to_owned(),
            connect_timeout: Duration::from_secs(20),
            max_payload_bytes: 4 * 1024 * 1024,
            outbox_bytes_max: 1024 * 1024,
            attachments_timeout: Duration::from_secs(10),
            pending_acks_max: 1024,
            close_timeout: Duration::from_secs(1),
            read_buffer_bytes: 4096,
        }
    }
}

/// Length of the name of a namespace, in bytes, as our server bounds it by default.
pub(super) const NAMESPACE_BYTES_MAX: usize = 256;

/// Attachments of one packet, as the reference accepts them.
pub(super) const ATTACHMENTS_MAX: usize = 10;
