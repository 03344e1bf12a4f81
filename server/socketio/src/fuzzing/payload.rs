//! The body of a POST.

use crate::engine::frame::Opcode;
use crate::engine::packet::{self, Incoming};
use crate::engine::payload;

/// Reads the packets of a payload. Written again, those up to the first that is none are the same bytes.
pub fn payload(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let mut again = Vec::new();
    let mut at = 0;
    loop {
        let (packet, next) = payload::first(&text[at..]);
        match packet::decode_incoming(packet) {
            Ok(Incoming::Text(kind, data)) => {
                let packet = format!("{}{data}", kind as u8);
                payload::push_packet(&mut again, Opcode::Text, packet.as_bytes());
            }
            Ok(Incoming::Binary(data)) => payload::push_packet(&mut again, Opcode::Binary, &data),
            Err(_) => {
                assert!(
                    text.as_bytes().starts_with(&again),
                    "packets are the bytes they came from"
                );
                return;
            }
        }
        match next {
            Some(next) => at += next,
            None => break,
        }
    }
    assert_eq!(again, text.as_bytes(), "packets are the bytes they came from");
}
