//! What a listener is given.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use super::seat::Seat;
use crate::args::{ArgsRef, ToArgs};
use crate::error::{ArgsError, EmitError};
use crate::parser::Body;

/// An event of the server while it is dispatched, see [`ClientSocket::on`](super::ClientSocket::on).
pub struct EventRef<'a> {
    seat: &'a Seat,
    name: &'a str,
    args: ArgsRef<'a>,
    ack: Option<Ack>,
}

impl<'a> EventRef<'a> {
    pub(super) fn new(seat: &'a Seat, name: &'a str, args: ArgsRef<'a>, ack: Option<Ack>) -> Self {
        Self {
            seat,
            name,
            args,
            ack,
        }
    }

    /// Its name.
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// Its arguments, without the acknowledgement.
    pub fn args(&self) -> ArgsRef<'a> {
        self.args
    }

    /// Argument `index`, if there is one and it is JSON.
    pub fn json(&self, index: usize) -> Option<&'a Value> {
        self.args.json(index)
    }

    /// Argument `index`, if there is one and it is binary.
    pub fn binary(&self, index: usize) -> Option<&'a [u8]> {
        self.args.binary(index)
    }

    /// Argument `index` as a `T`; `None` if it is missing or of another shape.
    pub fn deserialize<T: Deserialize<'a>>(&self, index: usize) -> Option<T> {
        self.args.deserialize(index)
    }

    /// All arguments as a `T`, see [`ArgsRef::parse`].
    ///
    /// # Errors
    /// Which argument is of another shape, and why.
    pub fn parse<T: Deserialize<'a>>(&self) -> Result<T, ArgsError> {
        self.args.parse()
    }

    /// Takes what answers the server, if it asked for an answer; `None` the second time.
    pub fn ack(&mut self) -> Option<Ack> {
        self.ack.take()
    }

    /// Sends an event from the socket this one came to. A listener that uses it need not hold its socket, which
    /// would keep the connection open.
    ///
    /// # Errors
    /// Those of [`ClientSocket::emit`](super::ClientSocket::emit).
    pub fn emit(&self, event: &str, args: impl ToArgs) -> Result<(), EmitError> {
        self.seat.send(Body::Event(event), None, &args)
    }
}

/// The acknowledgement that the server asked for. Dropping it answers nothing, which the server sees as a timeout.
pub struct Ack {
    seat: Arc<Seat>,
    id: u64,
}

impl Ack {
    pub(super) fn new(seat: Arc<Seat>, id: u64) -> Self {
        Self { seat, id }
    }

    /// Answers the server. It takes the acknowledgement, so that nobody answers twice.
    ///
    /// # Errors
    /// Those of [`ClientSocket::emit`](super::ClientSocket::emit).
    pub fn send(self, args: impl ToArgs) -> Result<(), EmitError> {
        self.seat.send(Body::Ack, Some(self.id), &args)
    }
}
