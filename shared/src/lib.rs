//! What travels between client and server, and the movement both must compute alike.
//!
//! Everything here is pure: bytes in, records out, no clock, no randomness, no sockets. `client-web` mirrors these
//! files in TypeScript; the golden vectors in `shared/golden/` prove that the two agree bit for bit.
//!
//! Modules stand in dependency order: a later one may use earlier ones, never the reverse.

pub mod tick;

pub mod ids;

pub mod limits;

pub mod name;

pub mod match_code;

pub mod record;

pub mod quantize;

pub mod input;

pub mod look;

pub mod steer;

pub mod presence;

pub mod chunk;

pub mod block;

pub mod snapshot;

pub mod replica;

pub mod arena;

pub mod message;

pub mod codec;

#[doc(hidden)]
pub mod fuzzing;
