//! An event on its way from its connection to those who listen for it.

use crate::ack::Ack;
use crate::args::{Args, ArgsRef};
use crate::engine::frames::settled;
use crate::parser::DecodedArgs;

/// An event for one listener.
pub(crate) struct Incoming<'a> {
    pub(crate) name: &'a str,
    pub(crate) args: DecodedArgs,
    pub(crate) ack: Option<Ack>,
}

impl Incoming<'_> {
    /// The same event for one more listener. Arguments are shared, and of all who could answer the first does.
    pub(crate) fn share(&mut self) -> Self {
        Self {
            name: self.name,
            args: self.args.clone(),
            ack: self.ack.as_mut().map(Ack::share),
        }
    }
}

impl DecodedArgs {
    pub(crate) fn borrow(&self) -> ArgsRef<'_> {
        match self {
            Self::OneBinary(data) => ArgsRef::OneBinary(data),
            Self::Many(args) => ArgsRef::Many(args),
        }
    }

    /// Memory that they take, in bytes.
    pub(crate) fn weight(&self) -> usize {
        match self {
            Self::OneBinary(data) => data.len(),
            Self::Many(args) => args.weight(),
        }
    }

    /// For those who keep them longer than the event is dispatched.
    pub(crate) fn into_args(self) -> Args {
        match self {
            Self::OneBinary(data) => Args::one_binary(settled(data)),
            Self::Many(args) => args,
        }
    }

    /// The same without a change of form.
    pub(crate) fn settled(self) -> Self {
        match self {
            Self::OneBinary(data) => Self::OneBinary(settled(data)),
            Self::Many(args) => Self::Many(args),
        }
    }
}
