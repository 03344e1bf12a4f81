//! The default parser: a text with JSON in it, and a binary message for each attachment. Here are the payloads that
//! arrive, and what stands before a payload that leaves.

use serde_json::Value;

use super::decoded::event_name;
use super::outgoing::{Body, Head};
use crate::args::{Slot, placeholder};
use crate::error::DecodeError;
use crate::packet::PacketLimits;

/// Name and arguments out of the payload of an EVENT. `attachments` is the number the packet announces.
pub(crate) fn decode_event(
    payload: &str,
    attachments: usize,
    depth_max: usize,
) -> Result<(String, Vec<Slot>), DecodeError> {
    let mut values = decode_array(payload, depth_max)?.into_iter();
    let name = event_name(values.next())?;
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

/// The payload of a CONNECT_ERROR: a string or an object.
pub(crate) fn decode_connect_error(payload: &str, depth_max: usize) -> Result<Value, DecodeError> {
    match decode_json(payload, depth_max)? {
        error @ (Value::String(_) | Value::Object(_)) => Ok(error),
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

/// Whether a payload may be read at all. Most are too short to hold too many objects, and are not looked at.
pub(crate) fn check_size(payload: &str, is_connect: bool, limits: PacketLimits) -> Result<(), DecodeError> {
    if is_connect && payload.len() > limits.auth_bytes_max {
        return Err(DecodeError::Payload);
    }
    if payload.len() / OBJECT_BYTES_MIN > limits.objects_max && objects(payload) > limits.objects_max {
        return Err(DecodeError::Objects);
    }
    Ok(())
}

/// An object and its comma.
const OBJECT_BYTES_MIN: usize = 3;

/// Number of objects; exact for valid JSON.
fn objects(json: &str) -> usize {
    outside_strings(json).filter(|byte| *byte == b'{').count()
}

/// Deepest nesting of brackets; exact for valid JSON.
fn depth(json: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for byte in outside_strings(json) {
        match byte {
            b'[' | b'{' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// The bytes that stand outside strings.
fn outside_strings(json: &str) -> impl Iterator<Item = u8> {
    let (mut in_string, mut escaped) = (false, false);
    json.bytes().filter(move |byte| {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ => return !in_string,
        }
        false
    })
}

fn slots(values: impl Iterator<Item = Value>, attachments: usize) -> Result<Vec<Slot>, DecodeError> {
    let slot = |value| {
        if attachments == 0 {
            return Ok(Slot::Json(value));
        }
        match placeholder::index(&value, attachments) {
            Some(Ok(index)) => Ok(Slot::Binary(index)),
            Some(Err(_)) => Err(DecodeError::Placeholder),
            None => check_nested(&value, attachments).map(|()| Slot::Json(value)),
        }
    };
    values.map(slot).collect()
}

/// Every placeholder inside `value` must point at an attachment. The depth of `value` is bounded by its decoder.
fn check_nested(value: &Value, attachments: usize) -> Result<(), DecodeError> {
    let check = |inner: &Value| match placeholder::index(inner, attachments) {
        Some(Ok(_)) => Ok(()),
        Some(Err(_)) => Err(DecodeError::Placeholder),
        None => check_nested(inner, attachments),
    };
    match value {
        Value::Array(values) => values.iter().try_for_each(check),
        Value::Object(fields) => fields.values().try_for_each(check),
        _ => Ok(()),
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

/// What the decoders of the reference accept in one packet.
pub(crate) const ATTACHMENTS_SENT_MAX: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;
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
}
