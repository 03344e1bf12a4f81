//! One message in msgpack.

use bytes::Bytes;

use super::packets::write;
use crate::packet::PacketLimits;
use crate::parser::{Codec, msgpack as parser};

/// Reads a message. What it decodes to is written in a form of its own, which decodes and is written as itself. (The
/// form of the sender may be another: it chooses the order of keys and the width of numbers.)
pub fn msgpack(data: &[u8]) {
    let limits = PacketLimits {
        attachments_max: 10,
        namespace_bytes_max: 64,
        objects_max: 100,
        auth_bytes_max: 1000,
    };
    let decode = |message: &[u8]| parser::decode(&Bytes::copy_from_slice(message), limits, 32);
    let Ok(decoded) = decode(data) else {
        return;
    };
    let once = write(&Codec::Msgpack, &decoded);
    let [(_, message)] = once.as_slice() else {
        panic!("a packet is one message");
    };
    let again = decode(message).expect("what is written is read again");
    assert_eq!(
        write(&Codec::Msgpack, &again),
        once,
        "the form of our own is stable"
    );
}
