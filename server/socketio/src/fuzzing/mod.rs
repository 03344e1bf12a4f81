//! What is done with bytes that come from anywhere: each function reads them and asserts what must hold, whatever they
//! are. `tests/fuzz.rs` calls them with mutations of known input in every test run, and the libFuzzer targets in `fuzz/`
//! for as long as one likes. No part of the interface.

mod frames;
mod msgpack;
mod packets;
mod payload;
mod session;

pub use self::frames::frames;
pub use self::msgpack::msgpack;
pub use self::packets::packets;
pub use self::payload::payload;
pub use self::session::session;
