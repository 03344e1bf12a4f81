//! Every setting of the protocol layers, with its unit, default, and what more or less of it costs.

use std::time::Duration;

use super::compression::HttpCompression;
use super::cookie::Cookie;
use super::cors::Cors;
use crate::error::ConfigError;
use crate::outbox::{OutboxPolicy, Pressure};
use crate::recovery::Recovery;

/// Settings of a [`SocketIo`](crate::SocketIo). `Config::default()` behaves like the Node reference where that has
/// a setting, and bounds everything that the reference leaves open.
#[derive(Clone, Debug)]
pub struct Config {
    /// Path prefix, without a slash at the end; `/socket.io`. Clients must use the same.
    pub path: String,
    /// Whether the path ends with a slash on the wire, as all clients have it unless they are told otherwise; yes. With
    /// `false` the path is claimed without a slash as well.
    pub add_trailing_slash: bool,
    /// Which pages of other origins may connect; none. It concerns polling and the client's files only: browsers let
    /// any page open a WebSocket, see [`Hooks::allow_request`](crate::Hooks::allow_request).
    pub cors: Option<Cors>,
    /// How answers to polls are compressed; from 1024 bytes on, with an effort of 6. Without, they cost more bytes and
    /// less time.
    pub http_compression: Option<HttpCompression>,
    /// A cookie with the session id, for balancers; none.
    pub cookie: Option<Cookie>,
    /// What clients may connect by; both. Without polling no client that knows nothing of WebSocket gets in, and no
    /// balancer needs to send the requests of a session to the same process.
    pub transports: Vec<Transport>,
    /// Whether a polling client is offered to move to WebSocket; yes.
    pub allow_upgrades: bool,
    /// Time a move to WebSocket may take; 10 s. Longer lets half a move hold a connection.
    pub upgrade_timeout: Duration,
    /// Packets in the answer to one poll; no bound. Clients of python-socketio reject more than 16. Fewer cost more
    /// requests.
    pub packets_per_poll_max: Option<usize>,
    /// Time between pings; 25 s. Shorter finds dead peers sooner and costs a packet each way per client.
    pub ping_interval: Duration,
    /// Time a peer may take to answer a ping; 20 s. Shorter drops browsers whose tab is throttled.
    pub ping_timeout: Duration,
    /// Time a connection may take to join a namespace; 45 s. Longer lets silent peers hold a connection.
    pub connect_timeout: Duration,
    /// Largest message a client may send, in bytes; 1 000 000. Also bounds all attachments of one packet
    /// together. It is memory that every client can make the server hold.
    pub max_payload_bytes: usize,
    /// Bytes that may wait for one slow client; 4 MiB. Less closes slow clients sooner, more holds memory
    /// for them; up to about 128 bytes for each packet come on top. One packet must fit.
    pub outbox_bytes_max: usize,
    /// Packets that may wait for one slow client; 16 384. An attachment counts as a packet.
    pub outbox_packets_max: usize,
    /// What happens when either is reached; the client is disconnected.
    /// [`Socket::set_outbox_policy`](crate::Socket::set_outbox_policy) changes it for one client.
    pub outbox_policy: OutboxPolicy,
    /// Whether messages share writes when there is no time for one each; when a thread is busy. Of clients on TLS, on streams
    /// of others and on polls the messages always do.
    pub pressure: Pressure,
    /// Packets of one socket that may wait for its asynchronous handlers; 256. More forgives longer stalls
    /// of a handler and holds more memory.
    pub handler_queue_packets_max: usize,
    /// Bytes of those packets; 1 MiB.
    pub handler_queue_bytes_max: usize,
    /// Namespaces one connection may join; 16.
    pub namespaces_max: usize,
    /// Namespaces that clients may call into being on this server, see
    /// [`SocketIo::of_dynamic`](crate::SocketIo::of_dynamic); 1 024. Each holds some kilobytes for as long as it is there.
    pub dynamic_namespaces_max: usize,
    /// Whether such a namespace goes when the last client has left it; no, as in the reference. Where names are not from
    /// a short list it should: else clients fill the bound, and nobody gets a new one.
    pub cleanup_empty_child_namespaces: bool,
    /// Length of a namespace name a client may send, in bytes; 256.
    pub namespace_bytes_max: usize,
    /// Mailboxes of one socket, one for each event that is sent by [`Socket::mailbox`](crate::Socket::mailbox); 16. Each
    /// may hold a value of the application.
    pub mailboxes_max: usize,
    /// Rooms one socket may join besides its own; 256.
    pub rooms_max: usize,
    /// How packets are written on connections whose client asks for nothing else; [`Parser::Default`]. Stock clients
    /// with msgpack ask for nothing, so that a server for them has [`Parser::Msgpack`] here.
    pub parser: Parser,
    /// Parsers that a client may ask for instead, by `parser=default`, `parser=msgpack` or `parser=compact` in the query
    /// of its connection; none. A handshake that asks for another one is refused with code 3, `Parser unknown`.
    pub parsers_allowed: Vec<Parser>,
    /// Events of [`Parser::Compact`], at most 256 and each once; none. A client must be given the same names in the same
    /// order: the server tells its list in the answer to each CONNECT, and a client with another one gives up.
    pub compact_events: Vec<String>,
    /// Nesting depth of JSON or msgpack a client may send, 1 to 128; 128.
    pub json_depth_max: usize,
    /// Objects in the data of one packet a client may send; 16 384. Read, an object takes some 700 bytes, however short it
    /// was: more lets one packet take more memory than [`Config::max_payload_bytes`] says.
    pub json_objects_max: usize,
    /// Payload of a client's CONNECT, in bytes; 16 KiB. It is kept as long as the socket, and sent before anybody is
    /// asked whether the client may be here.
    pub auth_bytes_max: usize,
    /// Attachments of one packet; 10, as the reference.
    pub attachments_max: usize,
    /// Time all attachments of a packet may take after its header; 10 s. Longer lets a peer hold half a packet.
    pub attachments_timeout: Duration,
    /// Time a client may take to acknowledge an event, where the program says nothing else; 5 s. Longer forgives worse
    /// links, and lets clients that never answer hold as many pending answers as the next setting allows.
    pub ack_timeout: Duration,
    /// Acknowledgements one socket may owe us; 1 024.
    pub pending_acks_max: usize,
    /// Broadcasts of one namespace that may wait for acknowledgements at once; 1 024. Each holds a number for every
    /// socket that has not answered.
    pub pending_broadcasts_max: usize,
    /// Connection state recovery in all namespaces that do not opt out; off. See [`Recovery`] for what it costs.
    pub recovery: Option<Recovery>,
    /// Time a closing connection may take to flush and to answer the close, and a polling client to fetch it; 1 s. Shorter loses the close code
    /// on slow links, longer keeps dead connections.
    pub close_timeout: Duration,
    /// TCP connections held at once, and sessions; 16 384. Above it a connection or a handshake is answered with 503.
    pub connections_max: usize,
    /// Sessions that may open in a second, and so many at once; 5000. A storm above it is answered with 503 and a time to
    /// come again, another one for each. More lets everybody in sooner, and makes those inside feel it.
    pub handshakes_per_s_max: u32,
    /// Time one hook of the application may take for one request; 10 s. Longer lets a stuck hook hold connections.
    pub hook_timeout: Duration,
    /// Time a client may take to send the head of an HTTP request; 10 s.
    pub header_read_timeout: Duration,
    /// Time a client may take nothing of an HTTP answer; 10 s. Longer forgives worse links, and lets peers that do not
    /// read hold their connections.
    pub answer_stall_timeout: Duration,
    /// Time a polling client may take to send the body of a request; 10 s.
    pub body_read_timeout: Duration,
    /// Unsent bytes the kernel holds before a stream counts as full; 128 KiB. Less makes the server notice
    /// a slow client sooner, more hides latency in the kernel.
    pub notsent_lowat_bytes: u32,
}

/// How packets become messages. Client and server must use the same one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Parser {
    /// JSON, and a message of its own for each binary value: what clients speak unless they are told otherwise.
    #[default]
    Default,
    /// One binary message for each packet, compatible with npm's `socket.io-msgpack-parser` 3. Shorter where binary is
    /// nested or numbers are many; unreadable in the browser's network panel. In browsers its encoder takes an ArrayBuffer
    /// for binary, and any typed array for an object with numbered fields.
    Msgpack,
    /// The default, but an event of `/` named in [`Config::compact_events`] with one binary argument, no acknowledgement
    /// and no recovery offset is one binary message: a byte for its name, and the argument. For many small events per
    /// second, as inputs and snapshots of a game are: it saves a header of some 50 bytes and a message each.
    Compact,
}

impl Parser {
    /// The parser that the query `parser` names: `default`, `msgpack` or `compact`.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "default" => Some(Self::Default),
            "msgpack" => Some(Self::Msgpack),
            "compact" => Some(Self::Compact),
            _ => None,
        }
    }
}

/// How a client is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    /// HTTP long-polling.
    Polling,
    /// WebSocket.
    WebSocket,
}

impl Transport {
    /// Its name as clients and the reference write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Polling => "polling",
            Self::WebSocket => "websocket",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        match name {
            "polling" => Some(Self::Polling),
            "websocket" => Some(Self::WebSocket),
            _ => None,
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            path: "/socket.io".to_owned(),
            add_trailing_slash: true,
            cors: None,
            http_compression: Some(HttpCompression::default()),
            cookie: None,
            transports: vec![Transport::Polling, Transport::WebSocket],
            allow_upgrades: true,
            upgrade_timeout: Duration::from_secs(10),
            packets_per_poll_max: None,
            ping_interval: Duration::from_secs(25),
            ping_timeout: Duration::from_secs(20),
            connect_timeout: Duration::from_secs(45),
            max_payload_bytes: 1_000_000,
            outbox_bytes_max: 4 * 1024 * 1024,
            outbox_packets_max: 16_384,
            outbox_policy: OutboxPolicy::Disconnect,
            pressure: Pressure::Auto,
            handler_queue_packets_max: 256,
            handler_queue_bytes_max: 1024 * 1024,
            namespaces_max: 16,
            dynamic_namespaces_max: 1024,
            cleanup_empty_child_namespaces: false,
            namespace_bytes_max: 256,
            mailboxes_max: 16,
            rooms_max: 256,
            parser: Parser::Default,
            parsers_allowed: Vec::new(),
            compact_events: Vec::new(),
            json_depth_max: JSON_DEPTH_LIMIT,
            json_objects_max: 16_384,
            auth_bytes_max: 16 * 1024,
            attachments_max: 10,
            attachments_timeout: Duration::from_secs(10),
            ack_timeout: Duration::from_secs(5),
            pending_acks_max: 1024,
            pending_broadcasts_max: 1024,
            recovery: None,
            close_timeout: Duration::from_secs(1),
            connections_max: 16_384,
            handshakes_per_s_max: 5000,
            hook_timeout: Duration::from_secs(10),
            header_read_timeout: Duration::from_secs(10),
            answer_stall_timeout: Duration::from_secs(10),
            body_read_timeout: Duration::from_secs(10),
            notsent_lowat_bytes: 128 * 1024,
        }
    }
}

impl Config {
    /// Whether polling clients are told that they may move to WebSocket.
    pub(crate) fn offers_upgrade(&self) -> bool {
        self.allow_upgrades && self.transports.contains(&Transport::WebSocket)
    }

    /// The parser of a connection whose query asks for `name`; `None` if it is not offered.
    pub(crate) fn parser_for(&self, name: Option<&str>) -> Option<Parser> {
        let Some(name) = name else {
            return Some(self.parser);
        };
        let parser = Parser::from_name(name)?;
        (parser == self.parser || self.parsers_allowed.contains(&parser)).then_some(parser)
    }

    /// Checks what the rest of the crate relies on.
    pub(crate) fn validate(&self) -> Result<(), ConfigError> {
        let rules = [
            (
                self.path.starts_with('/') && !self.path.ends_with('/'),
                "path",
                "must start with a slash only",
            ),
            (
                self.cookie.as_ref().is_none_or(Cookie::is_valid),
                "cookie",
                "its name must be a token, and the rest fit into a header",
            ),
            (
                self.http_compression
                    .is_none_or(|compression| (1..=9).contains(&compression.level)),
                "http_compression",
                "its level must be 1 to 9",
            ),
            (!self.transports.is_empty(), "transports", "must not be empty"),
            (
                self.packets_per_poll_max != Some(0),
                "packets_per_poll_max",
                "must not be zero",
            ),
            (!self.ping_interval.is_zero(), "ping_interval", "must not be zero"),
            (!self.ping_timeout.is_zero(), "ping_timeout", "must not be zero"),
            (
                self.max_payload_bytes > 0,
                "max_payload_bytes",
                "must not be zero",
            ),
            (
                self.handshakes_per_s_max > 0,
                "handshakes_per_s_max",
                "must not be zero",
            ),
            (
                self.outbox_packets_max > 0,
                "outbox_packets_max",
                "must not be zero",
            ),
            (
                self.handler_queue_packets_max > 0,
                "handler_queue_packets_max",
                "must not be zero",
            ),
            (
                (1..=JSON_DEPTH_LIMIT).contains(&self.json_depth_max),
                "json_depth_max",
                "must be 1 to 128",
            ),
            (
                self.recovery
                    .as_ref()
                    .is_none_or(|recovery| recovery.max_disconnection_duration <= RECOVERY_MAX),
                "recovery.max_disconnection_duration",
                "must be a year at most",
            ),
        ];
        if let Some(problem) = self.cors.as_ref().and_then(Cors::problem) {
            tracing::warn!(problem, "the configuration can hardly be meant");
        }
        match rules.into_iter().find(|(holds, ..)| !holds) {
            Some((_, field, problem)) => Err(ConfigError { field, problem }),
            None => Ok(()),
        }
    }
}

/// serde_json refuses deeper documents itself, to save its stack.
pub(crate) const JSON_DEPTH_LIMIT: usize = 128;

/// So that ends of sessions are times that exist.
const RECOVERY_MAX: Duration = Duration::from_secs(365 * 24 * 3600);
