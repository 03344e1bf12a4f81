//! What messages decode to, whatever the parser.

use std::borrow::Cow;

use bytes::Bytes;
use serde_json::Value;

use super::outgoing::RESERVED_NAMES;
use crate::args::Args;
use crate::error::DecodeError;

/// A message, as far as it completes a packet.
#[derive(Debug, PartialEq)]
pub(crate) enum Decoded<'a> {
    /// A header whose attachments are still to come, or one of those.
    Incomplete,
    Connect {
        namespace: Cow<'a, str>,
        auth: Value,
    },
    Disconnect {
        namespace: Cow<'a, str>,
    },
    ConnectError {
        namespace: Cow<'a, str>,
        /// A string or an object.
        error: Value,
    },
    Event {
        namespace: Cow<'a, str>,
        id: Option<u64>,
        name: Cow<'a, str>,
        args: DecodedArgs,
    },
    Ack {
        namespace: Cow<'a, str>,
        id: u64,
        args: Args,
    },
}

/// Arguments of an event; a single binary one needs no list, and may lie in the buffer that a thread reads into.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum DecodedArgs {
    OneBinary(Bytes),
    Many(Args),
}

/// The name of an event, which is the first value of its array.
pub(super) fn event_name(first: Option<Value>) -> Result<String, DecodeError> {
    match first {
        Some(Value::String(name)) if !RESERVED_NAMES.contains(&name.as_str()) => Ok(name),
        // A number is a legal event name; as in JavaScript it names the same event as its digits.
        Some(Value::Number(name)) => Ok(name.to_string()),
        _ => Err(DecodeError::EventName),
    }
}
