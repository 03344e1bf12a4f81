//! Reading arguments as types of the application: serde's view of a JSON value with attachments.

use std::fmt::{self, Display};

use bytes::Bytes;
use serde::de::value::BorrowedStrDeserializer;
use serde::de::{Deserializer, Error, Unexpected, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::Value;

use super::access::{Arguments, Fields, Items, Variant};
use super::list::ArgsRef;
use super::placeholder;
use crate::error::ArgsError;

/// Something in the arguments that can be read as a type.
#[derive(Clone, Copy, Debug)]
pub(super) enum Node<'de> {
    /// All arguments: a list for whoever asks for a tuple, else the first of them.
    All(ArgsRef<'de>),
    /// A JSON value, or a part of one; its placeholders point into the attachments.
    Json(&'de Value, &'de [Bytes]),
    Binary(&'de [u8]),
    /// Nothing, where an argument is asked for.
    Missing,
}

/// Why something cannot be read, and in which argument.
#[derive(Debug)]
pub(super) struct Problem {
    index: Option<usize>,
    text: String,
}

impl Problem {
    pub(super) fn into_error(self) -> ArgsError {
        ArgsError {
            index: self.index.unwrap_or(0),
            problem: self.text,
        }
    }

    pub(super) fn of_argument(mut self, index: usize) -> Self {
        self.index = self.index.or(Some(index));
        self
    }
}

impl Error for Problem {
    fn custom<T: Display>(message: T) -> Self {
        Self {
            index: None,
            text: message.to_string(),
        }
    }
}

impl std::error::Error for Problem {}

impl Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<'de> Node<'de> {
    /// The value itself: one argument of all, and what a placeholder stands for.
    fn resolve(self) -> Self {
        let node = match self {
            Self::All(args) => args.node(0),
            node => node,
        };
        if let Self::Json(value, attachments) = node
            && !attachments.is_empty()
            && let Some(Ok(index)) = placeholder::index(value, attachments.len())
        {
            return Self::Binary(&attachments[index]);
        }
        node
    }
}

impl<'de> Deserializer<'de> for Node<'de> {
    type Error = Problem;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        let (value, attachments) = match self.resolve() {
            Self::Binary(data) => return visitor.visit_borrowed_bytes(data),
            Self::Json(value, attachments) => (value, attachments),
            Self::All(_) | Self::Missing => return Err(Problem::custom("missing")),
        };
        match value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Number(number) => {
                if let Some(number) = number.as_u64() {
                    visitor.visit_u64(number)
                } else if let Some(number) = number.as_i64() {
                    visitor.visit_i64(number)
                } else {
                    visitor.visit_f64(number.as_f64().unwrap_or(f64::NAN))
                }
            }
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Array(values) => visitor.visit_seq(Items {
                values: values.iter(),
                attachments,
            }),
            Value::Object(fields) => visitor.visit_map(Fields {
                fields: fields.iter(),
                value: None,
                attachments,
            }),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match self.resolve() {
            Self::Missing | Self::Json(Value::Null, _) => visitor.visit_none(),
            node => visitor.visit_some(node),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match self {
            Self::All(_) | Self::Missing => visitor.visit_unit(),
            node => node.deserialize_any(visitor),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Problem> {
        match self {
            Self::All(args) => visitor.visit_seq(Arguments { args, places: 0..len }),
            node => node.deserialize_any(visitor),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Problem> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        match self.resolve() {
            Self::Json(Value::String(variant), _) => {
                visitor.visit_enum(BorrowedStrDeserializer::new(variant))
            }
            Self::Json(Value::Object(fields), attachments) if fields.len() == 1 => {
                let (variant, value) = fields.iter().next().ok_or_else(|| Problem::custom("missing"))?;
                let content = Node::Json(value, attachments);
                visitor.visit_enum(Variant { variant, content })
            }
            Self::Missing => Err(Problem::custom("missing")),
            _ => Err(Problem::invalid_type(
                Unexpected::Other("a value"),
                &"the name of a variant, or an object with only that key",
            )),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit_struct seq
        tuple_struct map struct identifier
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::collections::{BTreeMap, HashMap};
    use std::fmt::Debug;

    use serde::de::DeserializeOwned;
    use serde::{Deserialize, Serialize};
    use serde_json::json;

    use super::*;
    use crate::args::{Args, ArgsWriter, Form, Json, Slot, ToArgs};

    /// Arguments as they arrive: `values` may hold placeholders of `attachments`.
    fn received(values: &Value, attachments: &[&'static [u8]]) -> Args {
        let slot = |value: &Value| match placeholder::index(value, attachments.len()) {
            Some(index) => Slot::Binary(index.unwrap()),
            None => Slot::Json(value.clone()),
        };
        let slots = values.as_array().unwrap().iter().map(slot).collect();
        Args::new(
            slots,
            attachments.iter().map(|data| Bytes::from_static(data)).collect(),
        )
    }

    /// Sends `args` and receives them again.
    fn passed(args: impl ToArgs) -> Args {
        let mut writer = ArgsWriter::default();
        writer.write_array(Form::Json, None, &args, None).unwrap();
        let values: Value = serde_json::from_slice(&writer.out).unwrap();
        let attachments: Vec<&'static [u8]> = writer
            .attachments
            .iter()
            .map(|data| &*data.to_vec().leak())
            .collect();
        received(&values, &attachments)
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Upload {
        name: String,
        data: Bytes,
        parts: Vec<Part>,
        note: Option<String>,
        by_id: BTreeMap<u32, Bytes>,
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Part {
        Empty,
        Raw(Bytes),
        Pair(i8, Bytes),
        Named { data: Bytes, weight: f64 },
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Meters(f32);

    fn upload() -> Upload {
        Upload {
            name: "a".to_owned(),
            data: Bytes::from_static(b"one"),
            parts: vec![
                Part::Empty,
                Part::Raw(Bytes::from_static(b"two")),
                Part::Pair(-3, Bytes::new()),
                Part::Named {
                    data: Bytes::from_static(b"three"),
                    weight: 1.5,
                },
            ],
            note: None,
            by_id: BTreeMap::from([(7, Bytes::from_static(b"four"))]),
        }
    }

    #[test]
    fn binary_may_be_anywhere_in_a_type() {
        let args = passed((Json(upload()), Bytes::from_static(b"last"), Json(&upload())));
        assert_eq!(args.len(), 3);
        assert_eq!(args.binary(1).unwrap(), "last");
        let (first, last, second): (Upload, Bytes, Upload) = args.parse().unwrap();
        assert_eq!(
            (first, last, second),
            (upload(), Bytes::from_static(b"last"), upload())
        );
        assert_eq!(args.deserialize::<Upload>(2), Some(upload()));
        // Sent on they are the same, whatever they were read as.
        assert_eq!(passed(&args), args);
    }

    fn check<T: DeserializeOwned + Debug + PartialEq>(values: Value, expected: Result<T, (usize, &str)>) {
        let parsed = received(&values, &[b"zero", b"one"]).parse::<T>();
        let expected = expected.map_err(|(index, problem)| ArgsError {
            index,
            problem: problem.to_owned(),
        });
        assert_eq!(parsed, expected, "{values}");
    }

    #[test]
    fn a_tuple_is_several_arguments_and_any_other_type_one() {
        check(json!([]), Ok(()));
        check(json!([1, 2]), Ok(()));
        check(json!([5]), Ok(5_u8));
        check(json!([5, 6]), Ok(5_u8));
        check(json!([5, "x"]), Ok((5_u8, "x".to_owned())));
        check(json!([[5, 6]]), Ok(vec![5_u8, 6]));
        check(json!([[5, 6]]), Ok(((5_u8, 6_u8),)));
        check(json!([5, 6]), Ok([5_u8, 6]));
        check(json!([1.5]), Ok(Meters(1.5)));
        check(json!([1.5, 2]), Ok((Meters(1.5), Meters(2.0))));
        check(json!([null]), Ok(Value::Null));
        check(json!([{"a": 1}]), Ok(json!({"a": 1})));
        check(json!([{"1": true}]), Ok(HashMap::from([(1_i16, true)])));
        check(json!(["Empty"]), Ok(Part::Empty));
        check(
            json!([{"_placeholder": true, "num": 1}]),
            Ok(Bytes::from_static(b"one")),
        );
        let nested = json!([[{"_placeholder": true, "num": 1}, {"_placeholder": true, "num": 0}]]);
        check(
            nested,
            Ok(vec![Bytes::from_static(b"one"), Bytes::from_static(b"zero")]),
        );
        check(json!([i64::MIN, u64::MAX]), Ok((i64::MIN, u64::MAX)));
    }

    #[test]
    fn a_missing_argument_is_like_undefined() {
        check(json!([]), Ok(None::<u8>));
        check(json!([1]), Ok((Some(1_u8), None::<Bytes>)));
        check(json!([1, null]), Ok((Some(1_u8), None::<String>)));
        check(json!([1]), Err::<(u8, u8), _>((1, "missing")));
        check(json!([]), Err::<u8, _>((0, "missing")));
        check(json!([]), Err::<Part, _>((0, "missing")));
    }

    #[test]
    fn an_error_names_the_argument_and_says_why() {
        let text = r#"invalid type: string "x", expected u8"#;
        check(json!(["x"]), Err::<u8, _>((0, text)));
        check(json!([1, [2, "x"]]), Err::<(u8, Vec<u8>), _>((1, text)));
        check(
            json!([-1]),
            Err::<u8, _>((0, "invalid value: integer `-1`, expected u8")),
        );
        check(
            json!([{"_placeholder": true, "num": 0}]),
            Err::<u8, _>((0, "invalid type: byte array, expected u8")),
        );
        check(
            json!([1, {}]),
            Err::<(u8, Part), _>((
                1,
                "invalid type: a value, expected the name of a variant, or an object with only that key",
            )),
        );
        check(json!([{}]), Err::<Upload, _>((0, "missing field `name`")));
        check(json!([{"x": 1}]), Err::<HashMap<u8, u8>, _>((0, text)));
        let error = received(&json!(["x"]), &[]).parse::<u8>().unwrap_err();
        assert_eq!(error.to_string(), format!("argument 0: {text}"));
    }

    #[test]
    fn text_and_binary_are_borrowed() {
        let args = received(&json!(["text", {"_placeholder": true, "num": 0}]), &[b"zero"]);
        let (text, data): (&str, &[u8]) = args.parse().unwrap();
        assert_eq!((text, data), ("text", b"zero".as_slice()));
        assert_eq!(data.as_ptr(), args.binary(1).unwrap().as_ptr());
        let one = Bytes::from_static(b"one");
        assert_eq!(ArgsRef::OneBinary(&one).parse::<&[u8]>().unwrap(), b"one");
        assert_eq!(
            ArgsRef::OneBinary(&one).parse::<(Bytes, Option<u8>)>().unwrap(),
            (one.clone(), None)
        );
        assert_eq!(received(&json!(["x"]), &[]).parse::<Cow<'_, str>>().unwrap(), "x");
    }

    #[test]
    fn without_attachments_a_placeholder_is_plain_data() {
        let plain = json!({"_placeholder": true, "num": 0});
        let args = Args::new(vec![Slot::Json(plain.clone())], Vec::new());
        assert_eq!(args.parse::<Value>().unwrap(), plain);
    }

    #[test]
    fn types_of_serde_that_look_ahead_find_binary_too() {
        #[derive(Debug, PartialEq, Deserialize)]
        #[serde(tag = "kind")]
        enum Tagged {
            Blob { data: Bytes },
        }
        #[derive(Debug, PartialEq, Deserialize)]
        #[serde(untagged)]
        enum Either {
            Number(u32),
            Blob(Bytes),
        }
        let blob = json!({"_placeholder": true, "num": 1});
        let data = Bytes::from_static(b"one");
        check(
            json!([{"kind": "Blob", "data": blob}]),
            Ok(Tagged::Blob { data: data.clone() }),
        );
        check(json!([3, blob]), Ok((Either::Number(3), Either::Blob(data))));
    }
}
