//! Where arguments write themselves.

use std::io;

use bytes::Bytes;
use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use super::placeholder;
use super::to_args::ToArgs;

/// Where arguments write themselves: the inside of a JSON array, and the attachments it refers to.
#[derive(Default)]
pub struct ArgsWriter {
    pub(crate) json: Vec<u8>,
    pub(crate) attachments: Vec<Bytes>,
}

impl ArgsWriter {
    /// Starts anew with the whole array of a packet: the name of an event, if it is one, the arguments,
    /// and where recovery goes on from.
    pub(crate) fn write_array(
        &mut self,
        event: Option<&str>,
        args: &dyn ToArgs,
        offset: Option<&str>,
    ) -> Result<(), serde_json::Error> {
        self.json.clear();
        self.attachments.clear();
        self.json.push(b'[');
        if let Some(name) = event {
            self.json(name)?;
        }
        args.write_args(self)?;
        if let Some(offset) = offset {
            self.json(offset)?;
        }
        self.json.push(b']');
        Ok(())
    }

    /// Appends one argument: whatever serde can write. Byte strings anywhere in it, as those of [`Bytes`] or of
    /// `serde_bytes`, leave as binary; they are copied. A `Vec<u8>` is no byte string to serde but a list of numbers.
    ///
    /// # Errors
    /// When `value` is no JSON, e.g. a map whose keys are no strings.
    pub fn json<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), serde_json::Error> {
        self.separate();
        let formatter = Placeholders {
            attachments: &mut self.attachments,
        };
        value.serialize(&mut Serializer::with_formatter(&mut self.json, formatter))
    }

    /// Appends a binary argument.
    pub fn binary(&mut self, data: Bytes) {
        self.separate();
        // Writing to memory does not fail.
        let _ = placeholder::write(&mut self.json, self.attachments.len());
        self.attachments.push(data);
    }

    /// Appends arguments that were received. They are alone, so that their placeholders, nested ones too, count from
    /// their first attachment.
    pub(super) fn received(
        &mut self,
        slots: &[super::Slot],
        attachments: &[Bytes],
    ) -> Result<(), serde_json::Error> {
        for slot in slots {
            self.separate();
            match slot {
                super::Slot::Json(value) => serde_json::to_writer(&mut self.json, value)?,
                super::Slot::Binary(index) => {
                    let _ = placeholder::write(&mut self.json, *index);
                }
            }
        }
        self.attachments.extend_from_slice(attachments);
        Ok(())
    }

    /// What was written without an array around it, as JSON and attachments.
    pub(crate) fn into_parts(self) -> (String, Vec<Bytes>) {
        let json = String::from_utf8(self.json).expect("JSON is UTF-8");
        (json, self.attachments)
    }

    /// Appends arguments that were written before, the inside of an array. They are alone, so that their placeholders
    /// count from their first attachment.
    pub(crate) fn splice(&mut self, json: &str, attachments: &[Bytes]) {
        if !json.is_empty() {
            self.separate();
            self.json.extend_from_slice(json.as_bytes());
        }
        self.attachments.extend_from_slice(attachments);
    }

    fn separate(&mut self) {
        if !matches!(self.json.last(), None | Some(b'[')) {
            self.json.push(b',');
        }
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
