//! Packets that are neither events nor acknowledgements: CONNECT, DISCONNECT and CONNECT_ERROR.

use serde::Serialize;

use super::codec::Codec;
use super::msgpack::push_head;
use crate::engine::frame::{self, Opcode};
use crate::msgpack::pack;
use crate::packet::PacketType;

/// One message, not framed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) opcode: Opcode,
    pub(crate) payload: Vec<u8>,
}

impl Message {
    /// The message as a server writes it: a whole frame, unmasked.
    pub(crate) fn to_frame(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.payload.len() + frame::HEADER_BYTES_MAX);
        frame::push_header(&mut out, self.opcode, self.payload.len());
        out.extend_from_slice(&self.payload);
        out
    }
}

/// Writes a packet of these types. `data` is an object of ours, or one that came as JSON.
pub(crate) fn control<T: Serialize + ?Sized>(
    codec: &Codec,
    kind: PacketType,
    namespace: &str,
    data: Option<&T>,
) -> Message {
    let mut payload = Vec::new();
    match codec {
        Codec::Default | Codec::Compact(_) => {
            payload.extend_from_slice(&[b'4', b'0' + kind as u8]);
            if namespace != "/" {
                payload.extend_from_slice(namespace.as_bytes());
                payload.push(b',');
            }
            if let Some(data) = data {
                serde_json::to_writer(&mut payload, data).expect("the data of a control packet is JSON");
            }
            Message {
                opcode: Opcode::Text,
                payload,
            }
        }
        Codec::Msgpack => {
            push_head(&mut payload, kind, namespace, None, data.is_some())
                .expect("a namespace is not as long as 32 bits can say");
            if let Some(data) = data {
                pack(&mut payload, data).expect("the data of a control packet is JSON");
            }
            Message {
                opcode: Opcode::Binary,
                payload,
            }
        }
    }
}
