//! Arguments that were received, owned or borrowed from the connection that received them.

use std::sync::Arc;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;

use super::node::{self, Node};
use crate::engine::frames::settled;
use crate::error::ArgsError;

/// Arguments that were received. Sending them again sends the same arguments. Cheap to clone; clones share them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Args {
    slots: Arc<[Slot]>,
    attachments: Arc<[Bytes]>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Slot {
    /// A value; placeholders nested in it point into the attachments.
    Json(Value),
    /// Index of an attachment, below their number.
    Binary(usize),
}

impl Args {
    pub(crate) fn new(slots: Vec<Slot>, attachments: Vec<Bytes>) -> Self {
        // The empty slice of `Default` is not allocated.
        let attachments = match attachments.is_empty() {
            true => Arc::default(),
            false => attachments.into(),
        };
        Self {
            slots: slots.into(),
            attachments,
        }
    }

    pub(crate) fn one_binary(data: Bytes) -> Self {
        Self {
            slots: [Slot::Binary(0)].into(),
            attachments: [data].into(),
        }
    }

    pub(super) fn slots(&self) -> &[Slot] {
        &self.slots
    }

    pub(super) fn attachments(&self) -> &[Bytes] {
        &self.attachments
    }

    /// Number of arguments.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there is no argument.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Argument `index`, if there is one and it is JSON.
    pub fn json(&self, index: usize) -> Option<&Value> {
        match self.slots.get(index)? {
            Slot::Json(value) => Some(value),
            Slot::Binary(_) => None,
        }
    }

    /// Argument `index`, if there is one and it is binary.
    pub fn binary(&self, index: usize) -> Option<&Bytes> {
        match self.slots.get(index)? {
            Slot::Binary(attachment) => self.attachments.get(*attachment),
            Slot::Json(_) => None,
        }
    }

    /// Argument `index` as a `T`; `None` if it is missing or of another shape. [`Args::parse`] says why.
    pub fn deserialize<'a, T: Deserialize<'a>>(&'a self, index: usize) -> Option<T> {
        ArgsRef::Many(self).deserialize(index)
    }

    /// All arguments as a `T`, see [`ArgsRef::parse`].
    ///
    /// # Errors
    /// Which argument is of another shape, and why.
    pub fn parse<'a, T: Deserialize<'a>>(&'a self) -> Result<T, ArgsError> {
        ArgsRef::Many(self).parse()
    }

    /// What they are made of, for those who write them again.
    pub(super) fn parts(&self) -> (&[Slot], &[Bytes]) {
        (&self.slots, &self.attachments)
    }
}

/// Arguments of an event while it is dispatched, borrowed from the connection that received them.
#[derive(Clone, Copy, Debug)]
pub enum ArgsRef<'a> {
    /// A single binary argument, the usual case in a game.
    OneBinary(&'a Bytes),
    /// Anything else.
    Many(&'a Args),
}

impl<'a> ArgsRef<'a> {
    /// Number of arguments.
    pub fn len(self) -> usize {
        match self {
            Self::OneBinary(_) => 1,
            Self::Many(args) => args.len(),
        }
    }

    /// Whether there is no argument.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Argument `index`, if there is one and it is JSON.
    pub fn json(self, index: usize) -> Option<&'a Value> {
        match self {
            Self::OneBinary(_) => None,
            Self::Many(args) => args.json(index),
        }
    }

    /// Argument `index`, if there is one and it is binary.
    pub fn binary(self, index: usize) -> Option<&'a [u8]> {
        match self {
            Self::OneBinary(data) => (index == 0).then_some(data.as_ref()),
            Self::Many(args) => args.binary(index).map(Bytes::as_ref),
        }
    }

    /// Argument `index` as a `T`; `None` if it is missing or of another shape. [`ArgsRef::parse`] says why.
    pub fn deserialize<T: Deserialize<'a>>(self, index: usize) -> Option<T> {
        T::deserialize(self.node(index)).ok()
    }

    /// The arguments as a `T`: a tuple stands for several, any other type for the first one, `()` for none. Binary
    /// may be anywhere, for types such as [`Bytes`] or `&[u8]`; text and binary may be borrowed.
    ///
    /// A missing argument is like `undefined` in JavaScript: it is `None` where an `Option` is asked for. Arguments
    /// that are not asked for are ignored. To serde `[T; N]` is a tuple too, so that it stands for `N` arguments; one
    /// argument that is a tuple itself is asked for as `((A, B),)`, and a `Vec` is one argument, a list.
    ///
    /// # Errors
    /// Which argument is of another shape, and why.
    pub fn parse<T: Deserialize<'a>>(self) -> Result<T, ArgsError> {
        T::deserialize(Node::All(self)).map_err(node::Problem::into_error)
    }

    pub(super) fn node(self, index: usize) -> Node<'a> {
        match self {
            Self::OneBinary(data) if index == 0 => Node::Binary(data),
            Self::OneBinary(_) => Node::Missing,
            Self::Many(args) => match args.slots.get(index) {
                Some(Slot::Json(value)) => Node::Json(value, &args.attachments),
                Some(Slot::Binary(attachment)) => args
                    .attachments
                    .get(*attachment)
                    .map_or(Node::Missing, |data| Node::Binary(data)),
                None => Node::Missing,
            },
        }
    }

    /// Copies the arguments so that they outlive the dispatch.
    pub fn to_args(self) -> Args {
        match self {
            Self::OneBinary(data) => Args::one_binary(settled(data.clone())),
            Self::Many(args) => args.clone(),
        }
    }
}
