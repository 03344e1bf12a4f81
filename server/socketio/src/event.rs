//! What listeners are given: the event itself for asynchronous ones, borrowed for those on the read task.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use crate::ack::Ack;
use crate::args::{Args, ArgsRef};
use crate::error::ArgsError;
use crate::socket::Socket;

/// An event for an asynchronous handler, see [`Socket::on`]. `S` is the socket of the side that hears it.
pub struct Event<S = Socket> {
    /// The socket it came to.
    pub socket: S,
    /// Its name.
    pub name: Arc<str>,
    /// Its arguments, without the acknowledgement. All listeners share them.
    pub args: Args,
    /// Answers the peer, if it asked for an answer.
    pub ack: Option<Ack>,
}

impl<S> Event<S> {
    /// All arguments as a `T`, see [`ArgsRef::parse`].
    ///
    /// # Errors
    /// Which argument is of another shape, and why.
    pub fn parse<'a, T: Deserialize<'a>>(&'a self) -> Result<T, ArgsError> {
        self.args.parse()
    }
}

/// An event for a handler on the read task, see [`Socket::on_sync`].
pub struct EventRef<'a, S = Socket> {
    pub(crate) socket: &'a S,
    pub(crate) name: &'a str,
    pub(crate) args: ArgsRef<'a>,
    pub(crate) ack: Option<Ack>,
}

impl<'a, S> EventRef<'a, S> {
    /// The socket it came to.
    pub fn socket(&self) -> &'a S {
        self.socket
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

    /// Takes what answers the peer, if it asked for an answer; `None` the second time.
    pub fn ack(&mut self) -> Option<Ack> {
        self.ack.take()
    }
}
