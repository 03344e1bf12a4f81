//! What a match was made of, written down so that it can be played again: every join, every leave, every input, and the
//! hash of the world each second.
//!
//! ```text
//! 0       4        6                                              n − 8
//! +-------+--------+--------+-------+-------+-- … --+-------------+----------+
//! | TRRP  | format | header | frame | frame |   …   | frame "end" | checksum |
//! +-------+--------+--------+-------+-------+-- … --+-------------+----------+
//!   4 bytes  u16     header.rs   \__ frame.rs __________________/   u64, FNV-1a of all bytes before it
//! ```
//!
//! Inputs are written as the match used them, one for each person and tick, after everything that a network does to them; so
//! neither late packets nor repeated inputs have to be played again. What equals the tick before costs nothing. Snapshots
//! are not written: they follow from the rest.
//!
//! A recording is as good as its reader is suspicious: it may come from anywhere. Every length has a bound, nothing is
//! allocated for a number that was only claimed, and a frame spans at most a second, so that a short file cannot ask for a
//! long match.

pub mod header;

pub mod frame;

pub mod sink;

pub(crate) mod recorder;

pub mod read;

pub mod unfinished;
