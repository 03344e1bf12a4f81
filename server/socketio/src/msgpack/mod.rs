//! The format msgpack, as far as packets need it: what JSON has, and binary.
//!
//! ```text
//! 00–7f  integer            c0  nil            cc–cf  unsigned, 1 2 4 8 bytes    d9–db  text, length of 1 2 4 bytes
//! 80–8f  map, 0–15 pairs    c2  false          d0–d3  signed, 1 2 4 8 bytes      dc dd  array, length of 2 4 bytes
//! 90–9f  array, 0–15        c3  true           ca cb  float, 4 8 bytes           de df  map, length of 2 4 bytes
//! a0–bf  text, 0–31 bytes   e0–ff  integer     c4–c6  binary, length of 1 2 4 bytes
//! ```
//!
//! Numbers are big endian. Of the extension types three are read, which the reference's client writes for values that
//! JSON has no type for, all with type number 0: `d4` is undefined, `d7` a date in milliseconds, `c7`–`c9` an
//! ArrayBuffer. It knows neither packets nor arguments.

mod date;
mod read;
mod serializer;
pub(crate) mod write;

pub(crate) use self::date::iso;
pub(crate) use self::read::{Malformed, Reader, Token};
pub(crate) use self::serializer::pack;
