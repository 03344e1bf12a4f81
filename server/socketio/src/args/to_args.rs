//! What can be sent.
//!
//! ```text
//! binary           Bytes, Vec<u8>, &[u8], [u8; N]
//! one JSON value   every JsonArg, Json<T>, Value
//! either           Arg, Option of any of these (`None` is null), references and Arc
//! several          tuples, Vec<Arg>, Args
//! ```

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use bytes::Bytes;
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::list::{Args, ArgsRef};
use super::writer::ArgsWriter;
use crate::engine::frames::settled;

/// One argument to send.
#[derive(Clone, Debug, PartialEq)]
pub enum Arg {
    /// A JSON value.
    Json(Value),
    /// Binary data.
    Binary(Bytes),
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
    /// Writes all arguments in order. It may be called several times for one emit: once for each parser in use.
    ///
    /// # Errors
    /// When one cannot be written as JSON.
    fn write_args(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error>;
}

/// Types that serde writes, each of which is one argument. An application makes its own types arguments with one line:
///
/// ```
/// #[derive(serde::Serialize)]
/// struct Joined<'a> {
///     name: &'a str,
///     score: u32,
/// }
///
/// impl socketio::JsonArg for Joined<'_> {}
/// # fn send(socket: &socketio::Socket) {
/// let _ = socket.emit("joined", Joined { name: "ada", score: 7 });
/// # }
/// ```
///
/// Byte strings in them leave as binary, see [`ArgsWriter::json`]. Numbers above 2^53 are sent exactly, but JavaScript
/// rounds them.
pub trait JsonArg: Serialize {}

/// Sends any serialisable value as one argument, where a type cannot be a [`JsonArg`].
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

impl<T: Serialize> Serialize for Json<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<T: Serialize> JsonArg for Json<T> {}

impl JsonArg for Value {}
impl JsonArg for serde_json::Map<String, Value> {}
impl JsonArg for str {}
impl JsonArg for String {}
impl JsonArg for Cow<'_, str> {}
impl JsonArg for char {}
impl JsonArg for bool {}
impl JsonArg for i8 {}
impl JsonArg for i16 {}
impl JsonArg for i32 {}
impl JsonArg for i64 {}
impl JsonArg for isize {}
impl JsonArg for u16 {}
impl JsonArg for u32 {}
impl JsonArg for u64 {}
impl JsonArg for usize {}
impl JsonArg for f32 {}
impl JsonArg for f64 {}
impl<T: JsonArg + ?Sized> JsonArg for &T {}
impl<T: JsonArg + ?Sized> JsonArg for Box<T> {}
impl<T: JsonArg> JsonArg for [T] {}
impl<T: JsonArg> JsonArg for Vec<T> {}
impl<K: Serialize, V: Serialize> JsonArg for BTreeMap<K, V> {}
impl<K: Serialize, V: Serialize, S> JsonArg for HashMap<K, V, S> {}

impl<T: JsonArg + ?Sized> ToArg for T {
    fn write_arg(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        out.json(self)
    }
}

/// A number; a list of `u8` is binary, which is why `u8` is no [`JsonArg`].
impl ToArg for u8 {
    fn write_arg(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        out.json(self)
    }
}

/// Not copied: the arguments share the memory.
impl ToArg for Bytes {
    fn write_arg(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        out.binary(self.clone());
        Ok(())
    }
}

/// Not copied: the arguments share the memory.
impl ToArg for &Bytes {
    fn write_arg(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        (*self).write_arg(out)
    }
}

/// Binary, copied; [`Bytes`] are not.
impl ToArg for [u8] {
    fn write_arg(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        out.binary(Bytes::copy_from_slice(self));
        Ok(())
    }
}

/// Binary, copied; [`Bytes`] are not.
impl ToArg for &[u8] {
    fn write_arg(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        (**self).write_arg(out)
    }
}

/// Binary, copied; [`Bytes`] are not.
impl ToArg for Vec<u8> {
    fn write_arg(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        self.as_slice().write_arg(out)
    }
}

/// Binary, copied; [`Bytes`] are not.
impl ToArg for &Vec<u8> {
    fn write_arg(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        self.as_slice().write_arg(out)
    }
}

/// Binary, copied; [`Bytes`] are not.
impl<const N: usize> ToArg for [u8; N] {
    fn write_arg(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        self.as_slice().write_arg(out)
    }
}

/// Binary, copied; [`Bytes`] are not.
impl<const N: usize> ToArg for &[u8; N] {
    fn write_arg(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        self.as_slice().write_arg(out)
    }
}

impl<T: JsonArg, const N: usize> ToArg for [T; N] {
    fn write_arg(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        out.json(self.as_slice())
    }
}

/// `None` is null.
impl<T: ToArg> ToArg for Option<T> {
    fn write_arg(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        match self {
            Some(arg) => arg.write_arg(out),
            None => out.json(&()),
        }
    }
}

impl<T: ToArg + ?Sized> ToArg for Arc<T> {
    fn write_arg(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        (**self).write_arg(out)
    }
}

impl ToArg for Arg {
    fn write_arg(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        match self {
            Self::Json(value) => value.write_arg(out),
            Self::Binary(data) => data.write_arg(out),
        }
    }
}

impl ToArg for &Arg {
    fn write_arg(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        (**self).write_arg(out)
    }
}

impl<A: ToArg + ?Sized> ToArgs for A {
    fn write_args(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        self.write_arg(out)
    }
}

impl ToArgs for () {
    fn write_args(&self, _out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        Ok(())
    }
}

impl ToArgs for [Arg] {
    fn write_args(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        self.iter().try_for_each(|arg| arg.write_arg(out))
    }
}

impl ToArgs for &[Arg] {
    fn write_args(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        (**self).write_args(out)
    }
}

impl ToArgs for Vec<Arg> {
    fn write_args(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        self.as_slice().write_args(out)
    }
}

impl ToArgs for Args {
    fn write_args(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        let (slots, attachments) = self.parts();
        out.received(slots, attachments)
    }
}

impl ToArgs for &Args {
    fn write_args(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        (**self).write_args(out)
    }
}

impl ToArgs for ArgsRef<'_> {
    fn write_args(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        match self {
            // What is sent may be kept, by a store or another node.
            Self::OneBinary(data) => settled(Bytes::clone(data)).write_arg(out),
            Self::Many(args) => args.write_args(out),
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Form;
    use serde_json::json;

    fn check(args: impl ToArgs, json: &str, attachments: &[&str]) {
        let mut writer = ArgsWriter::default();
        writer.write_array(Form::Json, None, &args, None).unwrap();
        assert_eq!(String::from_utf8(writer.out).unwrap(), json);
        assert_eq!(writer.attachments, attachments);
    }

    #[test]
    fn every_usual_type_is_an_argument() {
        check((), "[]", &[]);
        check(
            ("a", "b".to_owned(), &"c".to_owned(), 'd'),
            r#"["a","b","c","d"]"#,
            &[],
        );
        check(
            (Cow::Borrowed("a"), Arc::<str>::from("b"), Box::<str>::from("c")),
            r#"["a","b","c"]"#,
            &[],
        );
        check(
            (1_u8, -1_i8, 2_u16, -2_i16, 3_u32, -3_i32),
            "[1,-1,2,-2,3,-3]",
            &[],
        );
        check(
            (4_u64, -4_i64, 5_usize, -5_isize, 0.1_f32, 0.1_f64),
            "[4,-4,5,-5,0.1,0.1]",
            &[],
        );
        check((true, &false, Some(1), None::<&str>), "[true,false,1,null]", &[]);
        check(
            (json!({"a": [1]}), &json!(2), Json((1, "x"))),
            r#"[{"a":[1]},2,[1,"x"]]"#,
            &[],
        );
        check(
            (vec!["a", "b"], vec![1.5, 2.0], [1, 2], &[3_u16][..]),
            r#"[["a","b"],[1.5,2.0],[1,2],[3]]"#,
            &[],
        );
        check(
            (BTreeMap::from([("a", 1)]), HashMap::from([(7, vec![true])])),
            r#"[{"a":1},{"7":[true]}]"#,
            &[],
        );
        check((Arc::new(json!([])), Box::new(7)), "[[],7]", &[]);
    }

    #[test]
    fn lists_of_bytes_are_binary() {
        let placeholder = |index| format!(r#"{{"_placeholder":true,"num":{index}}}"#);
        let placeholders = |count| {
            let list: Vec<_> = (0..count).map(placeholder).collect();
            format!("[{}]", list.join(","))
        };
        let data = Bytes::from_static(b"a");
        check(
            (data.clone(), &data, Some(data.clone())),
            &placeholders(3),
            &["a", "a", "a"],
        );
        let list = b"b".to_vec();
        check(
            (list.clone(), &list, list.as_slice(), b"c", *b"d"),
            &placeholders(5),
            &["b", "b", "b", "c", "d"],
        );
        check((Arc::<[u8]>::from(list),), &placeholders(1), &["b"]);
        check(
            vec![Arg::Json(json!(1)), Arg::Binary(data.clone())],
            &format!("[1,{}]", placeholder(0)),
            &["a"],
        );
        check(Arg::Binary(data.clone()), &placeholders(1), &["a"]);
        check(ArgsRef::OneBinary(&data), &placeholders(1), &["a"]);
    }

    #[test]
    fn a_type_of_the_application_is_an_argument_with_one_line() {
        #[derive(Serialize)]
        struct Shot<'a> {
            by: &'a str,
            path: Bytes,
        }
        impl JsonArg for Shot<'_> {}
        let shot = || Shot {
            by: "ada",
            path: Bytes::from_static(b"p"),
        };
        let text = |index| format!(r#"{{"by":"ada","path":{{"_placeholder":true,"num":{index}}}}}"#);
        check(shot(), &format!("[{}]", text(0)), &["p"]);
        check(
            (vec![shot(), shot()], Some(shot())),
            &format!("[[{},{}],{}]", text(0), text(1), text(2)),
            &["p", "p", "p"],
        );
    }

    #[test]
    fn what_is_no_json_is_refused() {
        let mut writer = ArgsWriter::default();
        let keys = HashMap::from([((1, 2), 3)]);
        assert!(writer.write_array(Form::Json, None, &keys, None).is_err());
    }
}
