//! Arguments of events and acknowledgements: JSON values and binary, in order.
//!
//! On the wire a binary argument is a placeholder object in the JSON and an attachment of its own:
//!
//! ```text
//! ["input",{"_placeholder":true,"num":0}]   +   one binary frame
//! ```

use std::io::Write;
use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// One argument to send.
#[derive(Clone, Debug, PartialEq)]
pub enum Arg {
    /// A JSON value.
    Json(Value),
    /// Binary data.
    Binary(Bytes),
}

/// Arguments that were received. Sending them again sends the same arguments. Cheap to clone; clones share them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Args {
    slots: Arc<[Slot]>,
    attachments: Arc<[Bytes]>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Slot {
    /// A value; placeholders nested in it point into the attachments.
    Json(Value),
    /// Index of an attachment, below their number.
    Binary(usize),
}

impl Args {
    pub(crate) fn new(slots: Vec<Slot>, attachments: Vec<Bytes>) -> Self {
        // The empty slice of `Default` is not allocated.
        let attachments = match attachments.is_empty() {
            true => Arc::default(),
            false => attachments.into(),
        };
        Self {
            slots: slots.into(),
            attachments,
        }
    }

    pub(crate) fn one_binary(data: Bytes) -> Self {
        Self {
            slots: [Slot::Binary(0)].into(),
            attachments: [data].into(),
        }
    }

    /// Number of arguments.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there is no argument.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Argument `index`, if there is one and it is JSON.
    pub fn json(&self, index: usize) -> Option<&Value> {
        match self.slots.get(index)? {
            Slot::Json(value) => Some(value),
            Slot::Binary(_) => None,
        }
    }

    /// Argument `index`, if there is one and it is binary.
    pub fn binary(&self, index: usize) -> Option<&Bytes> {
        match self.slots.get(index)? {
            Slot::Binary(attachment) => self.attachments.get(*attachment),
            Slot::Json(_) => None,
        }
    }

    /// Argument `index` as a `T`; `None` if it is missing, binary, or of another shape.
    pub fn deserialize<T: DeserializeOwned>(&self, index: usize) -> Option<T> {
        T::deserialize(self.json(index)?).ok()
    }
}

/// Arguments of an event while it is dispatched, borrowed from the connection that received them.
#[derive(Clone, Copy, Debug)]
pub enum ArgsRef<'a> {
    /// A single binary argument, the usual case in a game.
    OneBinary(&'a Bytes),
    /// Anything else.
    Many(&'a Args),
}

impl<'a> ArgsRef<'a> {
    /// Number of arguments.
    pub fn len(self) -> usize {
        match self {
            Self::OneBinary(_) => 1,
            Self::Many(args) => args.len(),
        }
    }

    /// Whether there is no argument.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Argument `index`, if there is one and it is JSON.
    pub fn json(self, index: usize) -> Option<&'a Value> {
        match self {
            Self::OneBinary(_) => None,
            Self::Many(args) => args.json(index),
        }
    }

    /// Argument `index`, if there is one and it is binary.
    pub fn binary(self, index: usize) -> Option<&'a [u8]> {
        match self {
            Self::OneBinary(data) => (index == 0).then_some(data.as_ref()),
            Self::Many(args) => args.binary(index).map(Bytes::as_ref),
        }
    }

    /// Argument `index` as a `T`; `None` if it is missing, binary, or of another shape.
    pub fn deserialize<T: DeserializeOwned>(self, index: usize) -> Option<T> {
        T::deserialize(self.json(index)?).ok()
    }

    /// Copies the arguments so that they outlive the dispatch.
    pub fn to_args(self) -> Args {
        match self {
            Self::OneBinary(data) => Args::one_binary(data.clone()),
            Self::Many(args) => args.clone(),
        }
    }
}

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

    /// Appends a JSON argument.
    ///
    /// # Errors
    /// When `value` is no JSON, e.g. a map whose keys are no strings.
    pub fn json<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), serde_json::Error> {
        self.separate();
        serde_json::to_writer(&mut self.json, value)
    }

    /// Appends a binary argument.
    pub fn binary(&mut self, data: Bytes) {
        self.placeholder(self.attachments.len());
        self.attachments.push(data);
    }

    fn placeholder(&mut self, index: usize) {
        self.separate();
        // Writing to memory does not fail.
        let _ = write!(self.json, "{{\"_placeholder\":true,\"num\":{index}}}");
    }

    fn separate(&mut self) {
        if !matches!(self.json.last(), None | Some(b'[')) {
            self.json.push(b',');
        }
    }
}

/// A single argument.
pub trait ToArg {
    /// Writes the argument.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    fn write_arg(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error>;
}

/// Any number of arguments: `()` for none, one [`ToArg`], a tuple of up to six, a `Vec<Arg>`, or [`Args`].
pub trait ToArgs {
    /// Writes all arguments in order.
    ///
    /// # Errors
    /// When one cannot be written as JSON.
    fn write_args(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error>;
}

/// Sends any serialisable value as one JSON argument.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

impl<T: Serialize> ToArg for Json<T> {
    fn write_arg(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        out.json(&self.0)
    }
}

impl ToArg for Value {
    fn write_arg(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        out.json(self)
    }
}

impl ToArg for &Value {
    fn write_arg(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        out.json(self)
    }
}

impl ToArg for &str {
    fn write_arg(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        out.json(self)
    }
}

impl ToArg for String {
    fn write_arg(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        out.json(self)
    }
}

impl ToArg for bool {
    fn write_arg(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        out.json(self)
    }
}

impl ToArg for i32 {
    fn write_arg(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        out.json(self)
    }
}

impl ToArg for u32 {
    fn write_arg(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        out.json(self)
    }
}

impl ToArg for u64 {
    fn write_arg(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        out.json(self)
    }
}

impl ToArg for f64 {
    fn write_arg(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        out.json(self)
    }
}

impl ToArg for Bytes {
    fn write_arg(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        out.binary(self.clone());
        Ok(())
    }
}

impl ToArg for Vec<u8> {
    fn write_arg(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        out.binary(Bytes::copy_from_slice(self));
        Ok(())
    }
}

impl ToArg for Arg {
    fn write_arg(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        match self {
            Arg::Json(value) => value.write_arg(out),
            Arg::Binary(data) => data.write_arg(out),
        }
    }
}

impl<A: ToArg> ToArgs for A {
    fn write_args(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        self.write_arg(out)
    }
}

impl ToArgs for () {
    fn write_args(&self, _out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        Ok(())
    }
}

impl ToArgs for Vec<Arg> {
    fn write_args(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        self.iter().try_for_each(|arg| arg.write_arg(out))
    }
}

impl ToArgs for Args {
    fn write_args(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        for slot in &*self.slots {
            match slot {
                Slot::Json(value) => out.json(value)?,
                Slot::Binary(index) => out.placeholder(*index),
            }
        }
        // Placeholders, nested ones too, count from the first attachment of these arguments, which are alone.
        out.attachments.extend_from_slice(&self.attachments);
        Ok(())
    }
}

impl ToArgs for ArgsRef<'_> {
    fn write_args(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        self.to_args().write_args(out)
    }
}

impl<A: ToArg> ToArgs for (A,) {
    fn write_args(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        self.0.write_arg(out)
    }
}

impl<A: ToArg, B: ToArg> ToArgs for (A, B) {
    fn write_args(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        self.0.write_arg(out)?;
        self.1.write_arg(out)
    }
}

impl<A: ToArg, B: ToArg, C: ToArg> ToArgs for (A, B, C) {
    fn write_args(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        self.0.write_arg(out)?;
        self.1.write_arg(out)?;
        self.2.write_arg(out)
    }
}

impl<A: ToArg, B: ToArg, C: ToArg, D: ToArg> ToArgs for (A, B, C, D) {
    fn write_args(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        self.0.write_arg(out)?;
        self.1.write_arg(out)?;
        self.2.write_arg(out)?;
        self.3.write_arg(out)
    }
}

impl<A: ToArg, B: ToArg, C: ToArg, D: ToArg, E: ToArg> ToArgs for (A, B, C, D, E) {
    fn write_args(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        self.0.write_arg(out)?;
        self.1.write_arg(out)?;
        self.2.write_arg(out)?;
        self.3.write_arg(out)?;
        self.4.write_arg(out)
    }
}

impl<A: ToArg, B: ToArg, C: ToArg, D: ToArg, E: ToArg, F: ToArg> ToArgs for (A, B, C, D, E, F) {
    fn write_args(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        self.0.write_arg(out)?;
        self.1.write_arg(out)?;
        self.2.write_arg(out)?;
        self.3.write_arg(out)?;
        self.4.write_arg(out)?;
        self.5.write_arg(out)
    }
}
