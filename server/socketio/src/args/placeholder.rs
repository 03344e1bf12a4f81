//! What stands in JSON where binary is: `{"_placeholder":true,"num":0}`, with the number of its attachment.

use std::io::{self, Write};

use bytes::Bytes;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::msgpack;

/// A placeholder whose attachment does not exist.
#[derive(Debug)]
pub(crate) struct Dangling;

/// The attachment that `value` stands for, if it is a placeholder. There are `attachments`.
pub(crate) fn index(value: &Value, attachments: usize) -> Option<Result<usize, Dangling>> {
    if value.get("_placeholder") != Some(&Value::Bool(true)) {
        return None;
    }
    let index = value
        .get("num")
        .and_then(Value::as_u64)
        .and_then(|index| usize::try_from(index).ok());
    Some(index.filter(|index| *index < attachments).ok_or(Dangling))
}

/// Appends `value` as msgpack, with binary where its placeholders are.
pub(super) fn pack(out: &mut Vec<u8>, value: &Value, attachments: &[Bytes]) -> Result<(), serde_json::Error> {
    msgpack::pack(out, &Filled { value, attachments })
}

/// A value with binary where its placeholders are.
struct Filled<'a> {
    value: &'a Value,
    attachments: &'a [Bytes],
}

impl Serialize for Filled<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { value, attachments } = *self;
        if attachments.is_empty() {
            return value.serialize(serializer);
        }
        if let Some(Ok(index)) = index(value, attachments.len()) {
            return serializer.serialize_bytes(&attachments[index]);
        }
        let filled = |value| Filled { value, attachments };
        match value {
            Value::Array(values) => serializer.collect_seq(values.iter().map(filled)),
            Value::Object(fields) => {
                serializer.collect_map(fields.iter().map(|(key, value)| (key, filled(value))))
            }
            _ => value.serialize(serializer),
        }
    }
}

/// Writes the placeholder of attachment `index`.
pub(crate) fn write(out: &mut (impl Write + ?Sized), index: usize) -> io::Result<()> {
    write!(out, "{{\"_placeholder\":true,\"num\":{index}}}")
}
