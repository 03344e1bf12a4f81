//! Arguments of events and acknowledgements: JSON values and binary, in order.
//!
//! Who sends gives a [`ToArgs`], which writes itself into an [`ArgsWriter`]; who receives is given [`Args`], or borrows
//! them as [`ArgsRef`], and reads them as any type that serde knows. Binary may be anywhere in them. In JSON it is a
//! placeholder and an attachment of its own:
//!
//! ```text
//! ["input",{"_placeholder":true,"num":0}]   +   one binary message
//! ```

mod access;
mod key;
mod list;
mod node;
pub(crate) mod placeholder;
mod to_args;
mod weight;
mod writer;

pub(crate) use self::list::Slot;
pub use self::list::{Args, ArgsRef};
pub use self::to_args::{Arg, Json, JsonArg, ToArg, ToArgs};
pub use self::writer::ArgsWriter;
pub(crate) use self::writer::Form;
