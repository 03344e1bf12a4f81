//! What can go wrong, one small enum per operation.

use thiserror::Error;

/// Why a packet is not one that a client may send. Every cause closes the connection with `parse error`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(crate) enum DecodeError {
    #[error("empty or unknown packet type")]
    UnknownType,
    #[error("attachment count is not an integer of 1 to the maximum")]
    Attachments,
    #[error("namespace name is too long")]
    Namespace,
    #[error("acknowledgement id is out of range")]
    AckId,
    #[error("payload is not what this packet type carries")]
    Payload,
    #[error("event name is reserved, or neither a string nor a number")]
    EventName,
    #[error("JSON is nested too deeply")]
    Depth,
    #[error("data has too many objects")]
    Objects,
    #[error("placeholder points at no attachment")]
    Placeholder,
    #[error("binary without a header, or text where binary is due")]
    Sequence,
    #[error("not msgpack, or not of a type that a packet carries")]
    Msgpack,
    #[error("no compact event has this number")]
    Compact,
    #[error("a key stands twice in one map")]
    DuplicateKey,
    #[error("attachments exceed the payload bound")]
    AttachmentBytes,
    #[error("attachments did not arrive in time")]
    AttachmentsLate,
}

/// Why an event was not sent, by a server or by a client.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EmitError {
    /// The socket is not connected: not yet, or not any more. On a server also: this emit filled the outbox and closed
    /// the connection. Nothing to do: the disconnect handler tells the application.
    #[error("the socket is not connected")]
    Disconnected,
    /// The peer takes its bytes slower than they are emitted, and the outbox is full. Nothing of the packet was sent;
    /// emit again later, or drop it.
    #[error("the outbox is full")]
    Full,
    /// The encoded packet alone is larger than the whole outbox may be, or than the server says it accepts. Send less,
    /// or raise [`Config::outbox_bytes_max`](crate::Config::outbox_bytes_max).
    #[error("the packet is too large")]
    TooLarge,
    /// An argument is not valid JSON, e.g. a map whose keys are no strings.
    #[error("an argument cannot be encoded: {0}")]
    Encode(String),
    /// The event name is one of those which the protocol keeps for itself, such as `connect`.
    #[error("the event name is reserved")]
    ReservedName,
    /// More attachments than any peer accepts in one packet.
    #[error("too many binary attachments in one packet")]
    TooManyAttachments,
    /// Another listener has answered this event. Nothing to do: the client has its answer.
    #[error("another listener has acknowledged the event")]
    AlreadyAcknowledged,
}

/// Why an event was not handled, see [`Socket::on_error`](crate::Socket::on_error). The client does not hear of it.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum EventError {
    /// A middleware of the socket refused it, so no listener has heard it.
    #[error("{message}")]
    Refused {
        /// Why, in words.
        message: String,
        /// Details for the program, if any.
        data: Option<serde_json::Value>,
    },
    /// Its arguments are not of the type that its handler wants, which was not called.
    #[error("{0}")]
    Arguments(ArgsError),
    /// Its handler or a middleware panicked. The panic ended there, and other listeners hear the event all the same.
    #[error("its handler panicked")]
    Panicked,
}

impl EventError {
    /// A refusal that is only a text.
    pub fn new(message: impl Into<String>) -> Self {
        Self::Refused {
            message: message.into(),
            data: None,
        }
    }

    /// A refusal with details for the program.
    pub fn with_data(message: impl Into<String>, data: impl Into<serde_json::Value>) -> Self {
        Self::Refused {
            message: message.into(),
            data: Some(data.into()),
        }
    }
}

/// Why arguments are not of the type that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("argument {index}: {problem}")]
pub struct ArgsError {
    /// Which argument, counted from 0.
    pub index: usize,
    /// What is wrong with it, in words. They may name what a peer has sent.
    pub problem: String,
}

/// Why no acknowledgement arrived, at a server or at a client.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AckError {
    /// The peer did not answer in time. A later answer is ignored.
    #[error("no acknowledgement in time")]
    Timeout,
    /// The socket was disconnected before the peer answered.
    #[error("the socket was disconnected before the acknowledgement")]
    Disconnected,
    /// Too many acknowledgements of this socket are pending already.
    #[error("too many pending acknowledgements")]
    TooManyPending,
    /// The event was volatile and the peer was not ready for it.
    #[error("the peer was not ready for a volatile event")]
    Dropped,
    /// The event was not sent.
    #[error(transparent)]
    Emit(#[from] EmitError),
}

/// Why an adapter could not ask the other nodes.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AdapterError {
    /// Nodes that should have answered did not, within the time that the adapter gives them.
    #[error("{missing} other nodes did not answer in time")]
    Silent {
        /// How many.
        missing: usize,
    },
    /// The adapter is closed.
    #[error("the adapter is closed")]
    Closed,
    /// What connects the nodes has failed, in its own words.
    #[error("the nodes are not connected: {0}")]
    Failed(String),
}

/// Why a client may not enter a namespace; the client sees it as `connect_error`.
#[derive(Clone, Debug, PartialEq, Error)]
#[error("{message}")]
pub struct ConnectError {
    /// What the client reads in `error.message`.
    pub message: String,
    /// What it finds in `error.data`, if anything.
    pub data: Option<serde_json::Value>,
}

impl ConnectError {
    /// A refusal that is only a text.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            data: None,
        }
    }

    /// A refusal with details for the client's program.
    pub fn with_data(message: impl Into<String>, data: impl Into<serde_json::Value>) -> Self {
        Self {
            message: message.into(),
            data: Some(data.into()),
        }
    }
}

/// Why there is no mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MailboxError {
    /// The socket is disconnected, or not connected yet.
    #[error("the socket is not connected")]
    Disconnected,
    /// The socket has as many mailboxes as [`Config::mailboxes_max`](crate::Config::mailboxes_max) allows.
    #[error("the socket has too many mailboxes")]
    TooMany,
}

/// Why a room was not joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum JoinError {
    /// The socket is disconnected and has left all rooms.
    #[error("the socket is disconnected")]
    Disconnected,
    /// The socket is in as many rooms as [`Config::rooms_max`](crate::Config::rooms_max) allows.
    #[error("the socket is in too many rooms")]
    TooManyRooms,
}

/// Why a text is no [`NamespacePattern`](crate::NamespacePattern).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PatternError {
    /// Names of namespaces start with a slash.
    #[error("does not start with a slash")]
    Slash,
    /// Each segment may have one pair of braces with a name in it.
    #[error("braces are unbalanced, empty, or more than one pair in a segment")]
    Braces,
    /// Two parts have the same name.
    #[error("two parts have the same name")]
    Repeated,
}

/// Why a value of [`Config`](crate::Config) is refused when the server is built.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{field}: {problem}")]
pub struct ConfigError {
    /// Name of the field.
    pub field: &'static str,
    /// What is wrong with it.
    pub problem: &'static str,
}
