//! Where arguments write themselves.

use std::io;

use bytes::Bytes;
use serde::Serialize;
use serde::ser::Error;
use serde_json::Value;
use serde_json::ser::{Formatter, Serializer};

use super::list::Slot;
use super::placeholder;
use super::to_args::ToArgs;
use crate::msgpack::{self, write};

/// Where arguments write themselves, in the form of the parser that asks for them.
#[derive(Default)]
pub struct ArgsWriter {
    form: Form,
    /// As JSON the array of a packet, or its inside; as msgpack the values of the array without its head.
    pub(crate) out: Vec<u8>,
    /// What the placeholders of the JSON stand for; none in msgpack.
    pub(crate) attachments: Vec<Bytes>,
    /// Values in the array.
    pub(crate) values: usize,
    /// Something has no form in msgpack.
    is_too_long: bool,
}

/// What arguments are written as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Form {
    /// JSON, with placeholders where binary is.
    #[default]
    Json,
    Msgpack,
}

impl ArgsWriter {
    /// Starts anew with the whole array of a packet: the name of an event, if it is one, the arguments,
    /// and where recovery goes on from.
    pub(crate) fn write_array(
        &mut self,
        form: Form,
        event: Option<&str>,
        args: &dyn ToArgs,
        offset: Option<&str>,
    ) -> Result<(), serde_json::Error> {
        self.form = form;
        self.out.clear();
        self.attachments.clear();
        self.values = 0;
        self.is_too_long = false;
        if form == Form::Json {
            self.out.push(b'[');
        }
        if let Some(name) = event {
            self.json(name)?;
        }
        args.write_args(self)?;
        if let Some(offset) = offset {
            self.json(offset)?;
        }
        if form == Form::Json {
            self.out.push(b']');
        }
        match self.is_too_long {
            true => Err(serde_json::Error::custom("binary is longer than msgpack can say")),
            false => Ok(()),
        }
    }

    /// Appends one argument: whatever serde can write. Byte strings anywhere in it, as those of [`Bytes`] or of
    /// `serde_bytes`, leave as binary; they are copied. A `Vec<u8>` is no byte string to serde but a list of numbers.
    ///
    /// # Errors
    /// When `value` is no JSON, e.g. a map whose keys are lists.
    pub fn json<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), serde_json::Error> {
        self.begin_value();
        match self.form {
            Form::Json => {
                let formatter = Placeholders {
                    attachments: &mut self.attachments,
                };
                value.serialize(&mut Serializer::with_formatter(&mut self.out, formatter))
            }
            Form::Msgpack => msgpack::pack(&mut self.out, value),
        }
    }

    /// Appends a binary argument.
    pub fn binary(&mut self, data: Bytes) {
        self.begin_value();
        match self.form {
            Form::Json => {
                // Writing to memory does not fail.
                let _ = placeholder::write(&mut self.out, self.attachments.len());
                self.attachments.push(data);
            }
            Form::Msgpack => self.is_too_long |= write::binary(&mut self.out, &data).is_err(),
        }
    }

    /// Appends arguments that were received. They are alone, so that their placeholders, nested ones too, count from
    /// their first attachment.
    pub(super) fn received(
        &mut self,
        slots: &[Slot],
        attachments: &[Bytes],
    ) -> Result<(), serde_json::Error> {
        for slot in slots {
            self.begin_value();
            match (self.form, slot) {
                (Form::Json, Slot::Json(value)) => serde_json::to_writer(&mut self.out, value)?,
                (Form::Json, Slot::Binary(index)) => {
                    let _ = placeholder::write(&mut self.out, *index);
                }
                (Form::Msgpack, Slot::Json(value)) => placeholder::pack(&mut self.out, value, attachments)?,
                (Form::Msgpack, Slot::Binary(index)) => msgpack::pack(&mut self.out, &attachments[*index])?,
            }
        }
        if self.form == Form::Json {
            self.attachments.extend_from_slice(attachments);
        }
        Ok(())
    }

    /// What was written without an array around it, as JSON and attachments.
    pub(crate) fn into_parts(self) -> (String, Vec<Bytes>) {
        let json = String::from_utf8(self.out).expect("JSON is UTF-8");
        (json, self.attachments)
    }

    /// Appends arguments that were written before, the inside of an array. They are alone, so that their placeholders
    /// count from their first attachment.
    pub(crate) fn splice(&mut self, json: &str, attachments: &[Bytes]) -> Result<(), serde_json::Error> {
        match self.form {
            Form::Json if json.is_empty() => {}
            Form::Json => {
                self.begin_value();
                self.out.extend_from_slice(json.as_bytes());
                self.attachments.extend_from_slice(attachments);
            }
            Form::Msgpack => {
                let values: Vec<Value> = serde_json::from_str(&format!("[{json}]"))?;
                for value in &values {
                    self.begin_value();
                    placeholder::pack(&mut self.out, value, attachments)?;
                }
            }
        }
        Ok(())
    }

    fn begin_value(&mut self) {
        if self.form == Form::Json && !matches!(self.out.last(), None | Some(b'[')) {
            self.out.push(b',');
        }
        self.values += 1;
    }
}

/// JSON in which byte strings are placeholders.
struct Placeholders<'a> {
    attachments: &'a mut Vec<Bytes>,
}

impl Formatter for Placeholders<'_> {
    fn write_byte_array<W: io::Write + ?Sized>(&mut self, writer: &mut W, value: &[u8]) -> io::Result<()> {
        placeholder::write(writer, self.attachments.len())?;
        self.attachments.push(Bytes::copy_from_slice(value));
        Ok(())
    }
}
