//! The msgpack parser: each packet is one binary message, as npm's `socket.io-msgpack-parser` 3 writes it.
//!
//! ```text
//! { "type": 0..=4, "nsp": "/…", "id": integer (of an acknowledgement), "data": what the type carries }
//! ```
//!
//! Binary is a value like any other, anywhere in the data. Other keys, such as the `options` of the JavaScript client,
//! are ignored. What arrives costs no more stack than the depth that is allowed, and its memory is bounded by the number
//! of objects. A map that looks like a placeholder is refused: in here binary needs none, and behind the parser it would
//! be taken for one.

use std::borrow::Cow;

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::decoded::{Decoded, DecodedArgs, event_name};
use super::outgoing::{Body, Head};
use crate::args::{Args, Slot, placeholder};
use crate::error::DecodeError;
use crate::msgpack::write::{self, TooLong};
use crate::msgpack::{self, Malformed, Reader, Token};
use crate::packet::{NUMBER_MAX, PacketLimits, PacketType};

/// Appends what stands before the values of the array of a packet; there are `values`.
pub(super) fn push_prefix(out: &mut Vec<u8>, head: Head<'_>, values: usize) -> Result<(), TooLong> {
    let kind = match head.body {
        Body::Event(_) => PacketType::Event,
        Body::Ack => PacketType::Ack,
    };
    push_head(out, kind, head.namespace, head.id, true)?;
    write::array(out, values)
}

/// Appends a packet up to its data, which must follow if `has_data`.
pub(super) fn push_head(
    out: &mut Vec<u8>,
    kind: PacketType,
    namespace: &str,
    id: Option<u64>,
    has_data: bool,
) -> Result<(), TooLong> {
    write::map(out, 2 + usize::from(id.is_some()) + usize::from(has_data))?;
    write::text(out, "type")?;
    write::unsigned(out, kind as u64);
    write::text(out, "nsp")?;
    write::text(out, namespace)?;
    if let Some(id) = id {
        write::text(out, "id")?;
        write::unsigned(out, id);
    }
    if has_data {
        write::text(out, "data")?;
    }
    Ok(())
}

/// Decodes a message. Binary that is most of it is not copied.
pub(crate) fn decode(
    message: &Bytes,
    limits: PacketLimits,
    depth_max: usize,
) -> Result<Decoded<'static>, DecodeError> {
    let mut decoding = Decoding {
        message,
        reader: Reader::new(message),
        depth_max,
        objects_left: limits.objects_max,
        attachments: Vec::new(),
    };
    let fields = decoding.fields()?;
    if !decoding.reader.is_done() {
        return Err(DecodeError::Msgpack);
    }
    let namespace = namespace(fields.namespace.ok_or(DecodeError::Namespace)?, limits)?;
    let attachments = decoding.attachments;
    match fields.kind {
        Some(0) if message.len() > limits.auth_bytes_max => Err(DecodeError::Payload),
        Some(0) => match fields.data {
            Data::None => Ok(Decoded::Connect {
                namespace,
                auth: Value::Object(Map::new()),
            }),
            Data::Value(auth @ Value::Object(_)) if attachments.is_empty() => {
                Ok(Decoded::Connect { namespace, auth })
            }
            _ => Err(DecodeError::Payload),
        },
        Some(1) if fields.data == Data::None => Ok(Decoded::Disconnect { namespace }),
        Some(1) => Err(DecodeError::Payload),
        Some(2) => event(namespace, fields.id, fields.data, attachments),
        Some(3) => match (fields.data, fields.id) {
            (Data::List(slots), Some(id)) => Ok(Decoded::Ack {
                namespace,
                id,
                args: Args::new(slots, attachments),
            }),
            (Data::List(_), None) => Err(DecodeError::AckId),
            _ => Err(DecodeError::Payload),
        },
        Some(4) => match fields.data {
            Data::Value(error @ (Value::String(_) | Value::Object(_))) if attachments.is_empty() => {
                Ok(Decoded::ConnectError { namespace, error })
            }
            _ => Err(DecodeError::Payload),
        },
        _ => Err(DecodeError::UnknownType),
    }
}

fn event(
    namespace: Cow<'static, str>,
    id: Option<u64>,
    data: Data,
    mut attachments: Vec<Bytes>,
) -> Result<Decoded<'static>, DecodeError> {
    let Data::List(mut slots) = data else {
        return Err(DecodeError::Payload);
    };
    if slots.is_empty() {
        return Err(DecodeError::EventName);
    }
    let name = match slots.remove(0) {
        Slot::Json(name) => Cow::Owned(event_name(Some(name))?),
        Slot::Binary(_) => return Err(DecodeError::EventName),
    };
    let args = match (slots.as_slice(), attachments.pop()) {
        ([Slot::Binary(0)], Some(data)) => DecodedArgs::OneBinary(data),
        (_, last) => {
            attachments.extend(last);
            DecodedArgs::Many(Args::new(slots, attachments))
        }
    };
    Ok(Decoded::Event {
        namespace,
        id,
        name,
        args,
    })
}

fn namespace(name: &str, limits: PacketLimits) -> Result<Cow<'static, str>, DecodeError> {
    match name {
        "/" => Ok(Cow::Borrowed("/")),
        _ if name.starts_with('/') && name.len() <= limits.namespace_bytes_max => {
            Ok(Cow::Owned(name.to_owned()))
        }
        _ => Err(DecodeError::Namespace),
    }
}

/// The keys of a packet.
struct Fields<'a> {
    kind: Option<u64>,
    namespace: Option<&'a str>,
    id: Option<u64>,
    data: Data,
}

#[derive(Debug, PartialEq)]
enum Data {
    None,
    List(Vec<Slot>),
    Value(Value),
}

struct Decoding<'a> {
    message: &'a Bytes,
    reader: Reader<'a>,
    depth_max: usize,
    objects_left: usize,
    /// All binary that was found, in order.
    attachments: Vec<Bytes>,
}

impl<'a> Decoding<'a> {
    fn fields(&mut self) -> Result<Fields<'a>, DecodeError> {
        let Token::Map(len) = self.reader.token()? else {
            return Err(DecodeError::Msgpack);
        };
        let mut fields = Fields {
            kind: None,
            namespace: None,
            id: None,
            data: Data::None,
        };
        let mut seen = Vec::new();
        for _ in 0..len {
            let Token::Text(key) = self.reader.token()? else {
                return Err(DecodeError::Msgpack);
            };
            if !KEYS.contains(&key) {
                self.reader.skip()?;
                continue;
            }
            if seen.contains(&key) {
                return Err(DecodeError::DuplicateKey);
            }
            seen.push(key);
            let token = self.reader.token()?;
            match (key, token) {
                ("type", Token::Unsigned(kind)) => fields.kind = Some(kind),
                ("nsp", Token::Text(name)) => fields.namespace = Some(name),
                ("id", Token::Unsigned(id)) if id <= NUMBER_MAX => fields.id = Some(id),
                ("id" | "data", Token::Undefined | Token::Nil) => {}
                ("data", Token::Array(len)) => fields.data = Data::List(self.list(len)?),
                ("data", token) => fields.data = Data::Value(self.value(token, self.depth_max)?),
                ("type", _) => return Err(DecodeError::UnknownType),
                ("nsp", _) => return Err(DecodeError::Namespace),
                _ => return Err(DecodeError::AckId),
            }
        }
        Ok(fields)
    }

    /// The array of an event or acknowledgement, the first level of its depth.
    fn list(&mut self, len: usize) -> Result<Vec<Slot>, DecodeError> {
        let mut slots = Vec::new();
        for _ in 0..len {
            let slot = match self.reader.token()? {
                Token::Binary(data) => Slot::Binary(self.attach(data)?),
                token => Slot::Json(self.value(token, self.depth_max - 1)?),
            };
            slots.push(slot);
        }
        Ok(slots)
    }

    /// A value that begins with `token`, at most `depth` levels deep.
    fn value(&mut self, token: Token<'a>, depth: usize) -> Result<Value, DecodeError> {
        if depth == 0 && matches!(token, Token::Array(_) | Token::Map(_)) {
            return Err(DecodeError::Depth);
        }
        Ok(match token {
            Token::Nil | Token::Undefined => Value::Null,
            Token::Bool(value) => value.into(),
            Token::Unsigned(value) => value.into(),
            Token::Negative(value) => value.into(),
            // What is no number is null, as JavaScript writes it into JSON.
            Token::Float(value) => value.into(),
            Token::Date(ms) => msgpack::iso(ms).into(),
            Token::Text(text) => text.into(),
            Token::Binary(data) => json!({"_placeholder": true, "num": self.attach(data)?}),
            Token::Array(len) => {
                let mut values = Vec::new();
                for _ in 0..len {
                    let token = self.reader.token()?;
                    values.push(self.value(token, depth - 1)?);
                }
                values.into()
            }
            Token::Map(len) => self.map(len, depth)?,
        })
    }

    fn map(&mut self, len: usize, depth: usize) -> Result<Value, DecodeError> {
        self.objects_left = self.objects_left.checked_sub(1).ok_or(DecodeError::Objects)?;
        let mut fields = Map::new();
        for _ in 0..len {
            let Token::Text(key) = self.reader.token()? else {
                return Err(DecodeError::Msgpack);
            };
            let value = match self.reader.token()? {
                // A field that is undefined is none, as in JSON.
                Token::Undefined => continue,
                token => self.value(token, depth - 1)?,
            };
            if fields.insert(key.to_owned(), value).is_some() {
                return Err(DecodeError::DuplicateKey);
            }
        }
        let fields = Value::Object(fields);
        match placeholder::index(&fields, 0) {
            Some(_) => Err(DecodeError::Placeholder),
            None => Ok(fields),
        }
    }

    /// Keeps binary; its number.
    fn attach(&mut self, data: &'a [u8]) -> Result<usize, DecodeError> {
        let index = self.attachments.len();
        if index >= BINARIES_MAX {
            return Err(DecodeError::Attachments);
        }
        // A small part does not pin the whole message.
        let data = if data.len() * 2 >= self.message.len() {
            self.message.slice_ref(data)
        } else {
            Bytes::copy_from_slice(data)
        };
        self.attachments.push(data);
        Ok(index)
    }
}

impl From<Malformed> for DecodeError {
    fn from(_: Malformed) -> Self {
        Self::Msgpack
    }
}

const KEYS: [&str; 4] = ["type", "nsp", "id", "data"];

/// Binary values of one packet. Each of them takes some hundred bytes, however short it is.
const BINARIES_MAX: usize = 1024;

#[cfg(test)]
mod tests;
