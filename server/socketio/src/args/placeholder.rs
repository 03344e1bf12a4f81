//! What stands in JSON where binary is: `{"_placeholder":true,"num":0}`, with the number of its attachment.

use std::io::{self, Write};

use serde_json::Value;

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

/// Writes the placeholder of attachment `index`.
pub(crate) fn write(out: &mut (impl Write + ?Sized), index: usize) -> io::Result<()> {
    write!(out, "{{\"_placeholder\":true,\"num\":{index}}}")
}
