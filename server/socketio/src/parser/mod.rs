//! Between packets and the messages of Engine.IO.
//!
//! One packet to send is an [`Outgoing`]. A [`Codec`] belongs to a session and says how its packets are written; a
//! [`Draft`] holds the messages of one packet, and [`encodings`] makes them whole WebSocket frames, once for all
//! recipients that share a codec.

mod codec;
mod compact;
mod control;
mod decoded;
pub(crate) mod default;
pub(crate) mod draft;
mod encodings;
pub(crate) mod msgpack;
mod outgoing;

pub(crate) use self::codec::Codec;
pub(crate) use self::compact::CompactEvents;
pub(crate) use self::control::control;
pub(crate) use self::decoded::{Decoded, DecodedArgs};
pub(crate) use self::encodings::{Encodings, Frames, event_args, with_frames};
pub(crate) use self::outgoing::{Body, Head, Outgoing};
