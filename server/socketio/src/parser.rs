//! The default parser: payloads of Socket.IO packets to records and back.
//!
//! Encoding writes whole WebSocket frames: the header and the attachments of one event are contiguous, so that they
//! leave in one write.

use std::cell::Cell;

use bytes::Bytes;
use serde_json::Value;

use crate::args::{ArgsWriter, Slot, ToArgs};
use crate::engine::frame::{self, Opcode};
use crate::error::{DecodeError, EmitError};

/// Name and arguments out of the payload of an EVENT. `attachments` is the number the packet announces.
pub(crate) fn decode_event(
    payload: &str,
    attachments: usize,
    depth_max: usize,
) -> Result<(String, Vec<Slot>), DecodeError> {
    let mut values = decode_array(payload, depth_max)?.into_iter();
    let name = match values.next() {
        Some(Value::String(name)) if !RESERVED_NAMES.contains(&name.as_str()) => name,
        // A number is a legal event name; as in JavaScript it names the same event as its digits.
        Some(Value::Number(name)) => name.to_string(),
        _ => return Err(DecodeError::EventName),
    };
    Ok((name, slots(values, attachments)?))
}

/// Arguments out of the payload of an ACK.
pub(crate) fn decode_ack(
    payload: &str,
    attachments: usize,
    depth_max: usize,
) -> Result<Vec<Slot>, DecodeError> {
    slots(decode_array(payload, depth_max)?.into_iter(), attachments)
}

/// The authentication of a CONNECT: a JSON object, or nothing.
pub(crate) fn decode_auth(payload: &str, depth_max: usize) -> Result<Value, DecodeError> {
    if payload.is_empty() {
        return Ok(Value::Object(serde_json::Map::new()));
    }
    match decode_json(payload, depth_max)? {
        object @ Value::Object(_) => Ok(object),
        _ => Err(DecodeError::Payload),
    }
}

/// Whether the payload of a CONNECT_ERROR is one: a string or an object.
pub(crate) fn check_connect_error(payload: &str, depth_max: usize) -> Result<(), DecodeError> {
    match decode_json(payload, depth_max)? {
        Value::String(_) | Value::Object(_) => Ok(()),
        _ => Err(DecodeError::Payload),
    }
}

fn decode_array(payload: &str, depth_max: usize) -> Result<Vec<Value>, DecodeError> {
    match decode_json(payload, depth_max)? {
        Value::Array(values) => Ok(values),
        _ => Err(DecodeError::Payload),
    }
}

fn decode_json(payload: &str, depth_max: usize) -> Result<Value, DecodeError> {
    if depth_max < crate::engine::config::JSON_DEPTH_LIMIT && depth(payload) > depth_max {
        return Err(DecodeError::Depth);
    }
    serde_json::from_str(payload).map_err(|_| DecodeError::Payload)
}

/// Deepest nesting of brackets outside strings; exact for valid JSON.
fn depth(json: &str) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

fn slots(values: impl Iterator<Item = Value>, attachments: usize) -> Result<Vec<Slot>, DecodeError> {
    let slot = |value| {
        if attachments == 0 {
            return Ok(Slot::Json(value));
        }
        match placeholder(&value, attachments)? {
            Some(index) => Ok(Slot::Binary(index)),
            None => check_nested(&value, attachments).map(|()| Slot::Json(value)),
        }
    };
    values.map(slot).collect()
}

/// The attachment that `value` stands for, if it is a placeholder.
fn placeholder(value: &Value, attachments: usize) -> Result<Option<usize>, DecodeError> {
    if value.get("_placeholder") != Some(&Value::Bool(true)) {
        return Ok(None);
    }
    let index = value
        .get("num")
        .and_then(Value::as_u64)
        .and_then(|index| usize::try_from(index).ok());
    index
        .filter(|index| *index < attachments)
        .map(Some)
        .ok_or(DecodeError::Placeholder)
}

/// Every placeholder inside `value` must point at an attachment. The depth of `value` is bounded by its decoder.
fn check_nested(value: &Value, attachments: usize) -> Result<(), DecodeError> {
    let check = |inner: &Value| match placeholder(inner, attachments)? {
        Some(_) => Ok(()),
        None => check_nested(inner, attachments),
    };
    match value {
        Value::Array(values) => values.iter().try_for_each(check),
        Value::Object(fields) => fields.values().try_for_each(check),
        _ => Ok(()),
    }
}

/// What stands before the JSON of an event or acknowledgement.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head<'a> {
    pub(crate) body: Body<'a>,
    pub(crate) namespace: &'a str,
    pub(crate) id: Option<u64>,
}

impl<'a> Head<'a> {
    /// The name that leads the array of an event.
    pub(crate) fn event(&self) -> Option<&'a str> {
        match self.body {
            Body::Event(name) => Some(name),
            Body::Ack => None,
        }
    }
}

/// What is sent.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Body<'a> {
    Event(&'a str),
    Ack,
}

/// Encodes a packet into whole frames and hands them to `send` together with the number of frames. The buffer is
/// reused by the next packet of this thread, so that an emit allocates nothing.
pub(crate) fn with_encoded<R>(
    head: Head<'_>,
    args: &dyn ToArgs,
    send: impl FnOnce(&[u8], usize) -> R,
) -> Result<R, EmitError> {
    if let Body::Event(name) = head.body
        && RESERVED_NAMES.contains(&name)
    {
        return Err(EmitError::ReservedName);
    }
    // Taken out while in use: an argument that emits while it is serialised gets buffers of its own.
    let mut scratch = SCRATCH.take();
    let result = scratch
        .encode(head, args)
        .map(|frames| send(&scratch.frames, frames));
    scratch.shrink();
    SCRATCH.set(scratch);
    result
}

/// Encodes a packet into frames that many connections share.
pub(crate) fn encode_shared(head: Head<'_>, args: &dyn ToArgs) -> Result<(Bytes, usize), EmitError> {
    with_encoded(head, args, |frames, count| {
        (Bytes::copy_from_slice(frames), count)
    })
}

/// A packet without arguments: `text` is the Socket.IO packet.
pub(crate) fn encode_text(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 1 + frame::HEADER_BYTES_MAX);
    frame::push_header(&mut out, Opcode::Text, text.len() + 1);
    out.push(b'4');
    out.extend_from_slice(text.as_bytes());
    out
}

/// The namespace part of a packet: nothing for `/`.
pub(crate) fn namespace_part(namespace: &str) -> String {
    if namespace == "/" {
        String::new()
    } else {
        format!("{namespace},")
    }
}

#[derive(Default)]
struct Scratch {
    writer: ArgsWriter,
    prefix: Vec<u8>,
    frames: Vec<u8>,
}

thread_local! {
    static SCRATCH: Cell<Scratch> = Cell::default();
}

impl Scratch {
    fn encode(&mut self, head: Head<'_>, args: &dyn ToArgs) -> Result<usize, EmitError> {
        let Self {
            writer,
            prefix,
            frames,
        } = self;
        prefix.clear();
        frames.clear();
        writer.write_array(head.event(), args).map_err(encode_error)?;
        let attachments = writer.attachments.len();
        if attachments > ATTACHMENTS_SENT_MAX {
            return Err(EmitError::TooManyAttachments);
        }
        push_prefix(prefix, head, attachments);

        let payload_bytes: usize = writer.attachments.iter().map(Bytes::len).sum();
        frames.reserve(
            prefix.len() + writer.json.len() + payload_bytes + (1 + attachments) * frame::HEADER_BYTES_MAX,
        );
        frame::push_header(frames, Opcode::Text, prefix.len() + writer.json.len());
        frames.extend_from_slice(prefix);
        frames.extend_from_slice(&writer.json);
        for attachment in &writer.attachments {
            frame::push_header(frames, Opcode::Binary, attachment.len());
            frames.extend_from_slice(attachment);
        }
        writer.attachments.clear();
        Ok(1 + attachments)
    }

    /// One large packet must not pin its memory in every thread.
    fn shrink(&mut self) {
        for buffer in [&mut self.writer.json, &mut self.frames] {
            if buffer.capacity() > SCRATCH_BYTES_MAX {
                *buffer = Vec::new();
            }
        }
    }
}

pub(crate) fn push_prefix(out: &mut Vec<u8>, head: Head<'_>, attachments: usize) {
    let digit = match (head.body, attachments) {
        (Body::Event(_), 0) => b'2',
        (Body::Ack, 0) => b'3',
        (Body::Event(_), _) => b'5',
        (Body::Ack, _) => b'6',
    };
    out.extend_from_slice(&[b'4', digit]);
    if attachments > 0 {
        push_number(out, attachments as u64);
        out.push(b'-');
    }
    if head.namespace != "/" {
        out.extend_from_slice(head.namespace.as_bytes());
        out.push(b',');
    }
    if let Some(id) = head.id {
        push_number(out, id);
    }
}

fn push_number(out: &mut Vec<u8>, mut number: u64) {
    let start = out.len();
    loop {
        out.push(b'0' + (number % 10) as u8);
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out[start..].reverse();
}

fn encode_error(error: serde_json::Error) -> EmitError {
    EmitError::Encode(error.to_string())
}

/// Names that client and server use for themselves.
pub(crate) const RESERVED_NAMES: [&str; 6] = [
    "connect",
    "connect_error",
    "disconnect",
    "disconnecting",
    "newListener",
    "removeListener",
];

/// What the decoders of the reference accept in one packet.
pub(crate) const ATTACHMENTS_SENT_MAX: usize = 10;

/// Capacity a thread keeps for its next packet.
const SCRATCH_BYTES_MAX: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Arg;
    use serde_json::json;

    fn check_event(payload: &str, attachments: usize, expected: Result<(&str, Vec<Slot>), DecodeError>) {
        let expected = expected.map(|(name, slots)| (name.to_owned(), slots));
        assert_eq!(decode_event(payload, attachments, 8), expected, "{payload}");
    }

    #[test]
    fn an_event_has_a_name_and_any_arguments() {
        let json = Slot::Json;
        check_event(r#"["a"]"#, 0, Ok(("a", vec![])));
        check_event(
            r#"["a",1,null,"x"]"#,
            0,
            Ok(("a", vec![json(json!(1)), json(json!(null)), json(json!("x"))])),
        );
        check_event("[1,2]", 0, Ok(("1", vec![json(json!(2))])));
        check_event(
            r#"["a",{"_placeholder":true,"num":1}]"#,
            2,
            Ok(("a", vec![Slot::Binary(1)])),
        );
        let nested = json!({"b": [{"_placeholder": true, "num": 0}]});
        check_event(
            r#"["a",{"b":[{"_placeholder":true,"num":0}]}]"#,
            1,
            Ok(("a", vec![json(nested)])),
        );
        // Without attachments a placeholder is plain data.
        let plain = json!({"_placeholder": true, "num": 7});
        check_event(
            r#"["a",{"_placeholder":true,"num":7}]"#,
            0,
            Ok(("a", vec![json(plain)])),
        );
    }

    #[test]
    fn what_is_no_event_is_refused() {
        for payload in ["", "{}", "\"a\"", "[", "abc[", r#"["some","data""#, "{\"a\":1}"] {
            check_event(payload, 0, Err(DecodeError::Payload));
        }
        for payload in [
            "[]",
            "[{}]",
            "[null]",
            "[true]",
            "[[]]",
            r#"["connect"]"#,
            r#"["disconnect","123"]"#,
        ] {
            check_event(payload, 0, Err(DecodeError::EventName));
        }
        for num in ["\"splice\"", "-1", "1.5", "1e9", "1", "null"] {
            let payload = format!(r#"["a",{{"_placeholder":true,"num":{num}}}]"#);
            check_event(&payload, 1, Err(DecodeError::Placeholder));
        }
        check_event(
            r#"["a",{"b":{"_placeholder":true}}]"#,
            1,
            Err(DecodeError::Placeholder),
        );
        check_event(
            &format!("[\"a\",{}1{}]", "[".repeat(8), "]".repeat(8)),
            0,
            Err(DecodeError::Depth),
        );
        let bottomless = "[".repeat(1_000_000);
        assert_eq!(decode_event(&bottomless, 0, 128), Err(DecodeError::Payload));
    }

    #[test]
    fn brackets_in_strings_have_no_depth() {
        assert_eq!(depth(r#"["[[[\"[",{"]":1}]"#), 2);
    }

    fn check_encoded(head: Head<'_>, args: impl ToArgs, expected: &[&[u8]]) {
        let (frames, count) = encode_shared(head, &args).unwrap();
        assert_eq!(frames, expected.concat(), "{head:?}");
        assert_eq!(count, expected.len() / 2, "{head:?}");
    }

    #[test]
    fn a_packet_is_encoded_with_its_attachments_behind_it() {
        let event = |namespace, id| Head {
            body: Body::Event("e"),
            namespace,
            id,
        };
        check_encoded(event("/", None), (), &[&[0x81, 7], b"42[\"e\"]"]);
        check_encoded(
            event("/a", Some(120)),
            ("x", 1),
            &[&[0x81, 19], b"42/a,120[\"e\",\"x\",1]"],
        );
        let binary = Arg::Binary(Bytes::from_static(b"abc"));
        check_encoded(
            event("/", None),
            vec![binary.clone(), Arg::Json(json!({}))],
            &[
                &[0x81, 42],
                b"451-[\"e\",{\"_placeholder\":true,\"num\":0},{}]",
                &[0x82, 3],
                b"abc",
            ],
        );
        let ack = Head {
            body: Body::Ack,
            namespace: "/",
            id: Some(7),
        };
        check_encoded(ack, (), &[&[0x81, 5], b"437[]"]);
        check_encoded(ack, "x", &[&[0x81, 8], b"437[\"x\"]"]);
        check_encoded(
            ack,
            vec![binary.clone(), binary],
            &[
                &[0x81, 66],
                b"462-7[{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}]",
                &[0x82, 3],
                b"abc",
                &[0x82, 3],
                b"abc",
            ],
        );
    }

    #[test]
    fn what_no_client_accepts_is_not_encoded() {
        let head = Head {
            body: Body::Event("connect"),
            namespace: "/",
            id: None,
        };
        assert_eq!(encode_shared(head, &()), Err(EmitError::ReservedName));
        let head = Head {
            body: Body::Event("e"),
            namespace: "/",
            id: None,
        };
        let many = vec![Arg::Binary(Bytes::new()); 11];
        assert_eq!(encode_shared(head, &many), Err(EmitError::TooManyAttachments));
    }
}
