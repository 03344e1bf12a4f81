//! The parts of arguments as serde walks through them: lists, objects, variants.

use bytes::Bytes;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, Unexpected, VariantAccess,
    Visitor,
};
use serde_json::Value;

use super::key::Key;
use super::list::ArgsRef;
use super::node::{Node, Problem};

/// The arguments one after another, as many as are asked for.
pub(super) struct Arguments<'de> {
    pub(super) args: ArgsRef<'de>,
    pub(super) places: std::ops::Range<usize>,
}

impl<'de> SeqAccess<'de> for Arguments<'de> {
    type Error = Problem;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Problem> {
        let Some(index) = self.places.next() else {
            return Ok(None);
        };
        seed.deserialize(self.args.node(index))
            .map(Some)
            .map_err(|problem| problem.of_argument(index))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.places.len())
    }
}

/// The items of an array.
pub(super) struct Items<'de> {
    pub(super) values: std::slice::Iter<'de, Value>,
    pub(super) attachments: &'de [Bytes],
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Problem;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Problem> {
        let next = self.values.next();
        next.map(|value| seed.deserialize(Node::Json(value, self.attachments)))
            .transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.values.len())
    }
}

/// The fields of an object.
pub(super) struct Fields<'de> {
    pub(super) fields: serde_json::map::Iter<'de>,
    pub(super) value: Option<&'de Value>,
    pub(super) attachments: &'de [Bytes],
}

impl<'de> MapAccess<'de> for Fields<'de> {
    type Error = Problem;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Problem> {
        let Some((key, value)) = self.fields.next() else {
            return Ok(None);
        };
        self.value = Some(value);
        seed.deserialize(Key(key)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Problem> {
        let value = self.value.take();
        seed.deserialize(value.map_or(Node::Missing, |value| Node::Json(value, self.attachments)))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.fields.len())
    }
}

/// `{"variant":content}`.
pub(super) struct Variant<'de> {
    pub(super) variant: &'de str,
    pub(super) content: Node<'de>,
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = Problem;
    type Variant = Node<'de>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Node<'de>), Problem> {
        let variant = seed.deserialize(Key(self.variant))?;
        Ok((variant, self.content))
    }
}

impl<'de> VariantAccess<'de> for Node<'de> {
    type Error = Problem;

    fn unit_variant(self) -> Result<(), Problem> {
        match self {
            Self::Json(Value::Null, _) => Ok(()),
            _ => Err(Problem::invalid_type(
                Unexpected::Other("content"),
                &"a bare variant",
            )),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Problem> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value, Problem> {
        self.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        self.deserialize_any(visitor)
    }
}
