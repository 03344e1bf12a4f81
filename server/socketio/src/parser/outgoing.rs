//! What is to be sent, before any parser has seen it.

use crate::args::{ArgsWriter, Form, ToArgs};
use crate::error::EmitError;

/// One event or acknowledgement on its way out. It can be written again and again, once for each parser.
#[derive(Clone, Copy)]
pub(crate) struct Outgoing<'a> {
    pub(crate) head: Head<'a>,
    pub(crate) args: &'a dyn ToArgs,
    /// Where connection state recovery goes on from: a last argument behind the others.
    pub(crate) offset: Option<&'a str>,
}

/// What stands before the arguments of an event or acknowledgement.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head<'a> {
    pub(crate) body: Body<'a>,
    pub(crate) namespace: &'a str,
    pub(crate) id: Option<u64>,
}

/// What is sent.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Body<'a> {
    Event(&'a str),
    Ack,
}

impl Outgoing<'_> {
    /// Checks what no parser looks at.
    pub(crate) fn check(&self) -> Result<(), EmitError> {
        match self.head.body {
            Body::Event(name) if RESERVED_NAMES.contains(&name) => Err(EmitError::ReservedName),
            _ => Ok(()),
        }
    }

    /// Writes the whole array of the packet: the name of an event, if it is one, the arguments, and the offset.
    pub(crate) fn write(&self, form: Form, out: &mut ArgsWriter) -> Result<(), EmitError> {
        let event = match self.head.body {
            Body::Event(name) => Some(name),
            Body::Ack => None,
        };
        out.write_array(form, event, self.args, self.offset)
            .map_err(|error| EmitError::Encode(error.to_string()))
    }
}

/// Names that client and server use for themselves.
pub(crate) const RESERVED_NAMES: [&str; 6] = [
    "connect",
    "connect_error",
    "disconnect",
    "disconnecting",
    "newListener",
    "removeListener",
];
