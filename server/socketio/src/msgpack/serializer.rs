//! Whatever serde can write, as msgpack with the values that JSON would have: structs are maps, variants are named,
//! keys are text, what is no number is nil. Only byte strings differ, which are binary.

use serde::ser::{
    Error as _, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleStruct, SerializeTupleVariant, Serializer,
};
use serde_json::{Error, Value};

use super::write::{self, TooLong};

/// Appends `value`.
pub(crate) fn pack<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) -> Result<(), Error> {
    value.serialize(Packer { out })
}

struct Packer<'a> {
    out: &'a mut Vec<u8>,
}

/// The items of a list, or the pairs of a map.
struct Items<'a> {
    out: &'a mut Vec<u8>,
    /// Where the header is whose length is not known yet.
    open_at: Option<usize>,
    len: usize,
    len_told: usize,
}

impl<'a> Packer<'a> {
    fn list(self, len: Option<usize>) -> Result<Items<'a>, Error> {
        let start = self.out.len();
        match len {
            Some(len) => write::array(self.out, len).map_err(too_long)?,
            None => write::open(self.out, false),
        }
        Ok(Items::new(self.out, start, len))
    }

    fn map(self, len: Option<usize>) -> Result<Items<'a>, Error> {
        let start = self.out.len();
        match len {
            Some(len) => write::map(self.out, len).map_err(too_long)?,
            None => write::open(self.out, true),
        }
        Ok(Items::new(self.out, start, len))
    }

    /// `{"variant":…}`
    fn variant(self, variant: &str) -> Result<Self, Error> {
        write::map(self.out, 1).map_err(too_long)?;
        write::text(self.out, variant).map_err(too_long)?;
        Ok(self)
    }
}

impl<'a> Items<'a> {
    fn new(out: &'a mut Vec<u8>, start: usize, len: Option<usize>) -> Self {
        Self {
            out,
            open_at: len.is_none().then_some(start),
            len: 0,
            len_told: len.unwrap_or(0),
        }
    }

    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.len += 1;
        pack(self.out, value)
    }

    fn field<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<(), Error> {
        write::text(self.out, key).map_err(too_long)?;
        self.item(value)
    }

    fn close(self) -> Result<(), Error> {
        match self.open_at {
            Some(start) => write::set_length(self.out, start, self.len).map_err(too_long),
            None if self.len == self.len_told => Ok(()),
            None => Err(Error::custom("a list or map is not as long as it says")),
        }
    }
}

impl<'a> Serializer for Packer<'a> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Items<'a>;
    type SerializeTuple = Items<'a>;
    type SerializeTupleStruct = Items<'a>;
    type SerializeTupleVariant = Items<'a>;
    type SerializeMap = Items<'a>;
    type SerializeStruct = Items<'a>;
    type SerializeStructVariant = Items<'a>;

    fn serialize_bool(self, value: bool) -> Result<(), Error> {
        write::boolean(self.out, value);
        Ok(())
    }

    fn serialize_i8(self, value: i8) -> Result<(), Error> {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<(), Error> {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<(), Error> {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<(), Error> {
        write::signed(self.out, value);
        Ok(())
    }

    fn serialize_i128(self, value: i128) -> Result<(), Error> {
        match (u64::try_from(value), i64::try_from(value)) {
            (Ok(value), _) => self.serialize_u64(value),
            (_, Ok(value)) => self.serialize_i64(value),
            _ => Err(Error::custom("number out of range")),
        }
    }

    fn serialize_u8(self, value: u8) -> Result<(), Error> {
        self.serialize_u64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<(), Error> {
        self.serialize_u64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<(), Error> {
        self.serialize_u64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<(), Error> {
        write::unsigned(self.out, value);
        Ok(())
    }

    fn serialize_u128(self, value: u128) -> Result<(), Error> {
        match u64::try_from(value) {
            Ok(value) => self.serialize_u64(value),
            Err(_) => Err(Error::custom("number out of range")),
        }
    }

    fn serialize_f32(self, value: f32) -> Result<(), Error> {
        write::float32(self.out, value);
        Ok(())
    }

    fn serialize_f64(self, value: f64) -> Result<(), Error> {
        write::float64(self.out, value);
        Ok(())
    }

    fn serialize_char(self, value: char) -> Result<(), Error> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), Error> {
        write::text(self.out, value).map_err(too_long)
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Error> {
        write::binary(self.out, value).map_err(too_long)
    }

    fn serialize_none(self) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Error> {
        write::nil(self.out);
        Ok(())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<(), Error> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        value.serialize(self.variant(variant)?)
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Items<'a>, Error> {
        self.list(len)
    }

    fn serialize_tuple(self, len: usize) -> Result<Items<'a>, Error> {
        self.list(Some(len))
    }

    fn serialize_tuple_struct(self, _name: &'static str, len: usize) -> Result<Items<'a>, Error> {
        self.list(Some(len))
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Items<'a>, Error> {
        self.variant(variant)?.list(Some(len))
    }

    fn serialize_map(self, len: Option<usize>) -> Result<Items<'a>, Error> {
        self.map(len)
    }

    fn serialize_struct(self, _name: &'static str, len: usize) -> Result<Items<'a>, Error> {
        self.map(Some(len))
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Items<'a>, Error> {
        self.variant(variant)?.map(Some(len))
    }
}

impl SerializeSeq for Items<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.item(value)
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}

impl SerializeTuple for Items<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.item(value)
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}

impl SerializeTupleStruct for Items<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.item(value)
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}

impl SerializeTupleVariant for Items<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.item(value)
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}

impl SerializeMap for Items<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        let key = match key.serialize(serde_json::value::Serializer)? {
            Value::String(key) => key,
            key @ (Value::Number(_) | Value::Bool(_)) => key.to_string(),
            _ => return Err(Error::custom("key must be a string")),
        };
        write::text(self.out, &key).map_err(too_long)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.item(value)
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}

impl SerializeStruct for Items<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Error> {
        self.field(key, value)
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}

impl SerializeStructVariant for Items<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Error> {
        self.field(key, value)
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}

fn too_long(_: TooLong) -> Error {
    Error::custom("longer than msgpack can say")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use bytes::Bytes;
    use serde::Serialize;

    use super::*;

    fn check<T: Serialize>(value: T, expected: &[u8]) {
        let mut out = Vec::new();
        pack(&mut out, &value).unwrap();
        assert_eq!(out, expected);
    }

    #[derive(Serialize)]
    enum Shape {
        Empty,
        Round(f32),
        Box(u8, i8),
        Named { name: &'static str },
    }

    #[derive(Serialize)]
    struct Flat {
        a: u8,
        #[serde(flatten)]
        rest: BTreeMap<&'static str, bool>,
    }

    #[test]
    fn values_are_those_of_json() {
        check((), b"\xc0");
        check(None::<u8>, b"\xc0");
        check(Some('é'), b"\xa2\xc3\xa9");
        check((1_u8, -1_i64, 1_i128, f64::NAN), b"\x94\x01\xff\x01\xc0");
        check(
            [Shape::Empty, Shape::Round(1.5)],
            b"\x92\xa5Empty\x81\xa5Round\xca\x3f\xc0\x00\x00",
        );
        check(Shape::Box(1, -1), b"\x81\xa3Box\x92\x01\xff");
        check(Shape::Named { name: "x" }, b"\x81\xa5Named\x81\xa4name\xa1x");
        check(BTreeMap::from([(7, "x")]), b"\x81\xa17\xa1x");
        check(BTreeMap::from([(true, 1)]), b"\x81\xa4true\x01");
        let address: std::net::IpAddr = [127, 0, 0, 1].into();
        check(address, b"\xa9127.0.0.1");
    }

    #[test]
    fn byte_strings_are_binary() {
        check(Bytes::from_static(b"ab"), b"\xc4\x02ab");
        check(vec![1_u8], b"\x91\x01");
    }

    #[test]
    fn what_does_not_know_its_length_tells_it_at_the_end() {
        let flat = Flat {
            a: 1,
            rest: BTreeMap::from([("b", true)]),
        };
        check(flat, b"\xdf\x00\x00\x00\x02\xa1a\x01\xa1b\xc3");
        struct Odd;
        impl Serialize for Odd {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_seq((0..10).filter(|number| number % 2 == 1))
            }
        }
        check(Odd, b"\xdd\x00\x00\x00\x05\x01\x03\x05\x07\x09");
    }

    #[test]
    fn what_is_no_json_is_refused() {
        struct Liar;
        impl Serialize for Liar {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_seq(Some(2))?.end()
            }
        }
        let mut out = Vec::new();
        assert!(pack(&mut out, &Liar).is_err());
        assert!(pack(&mut out, &u128::MAX).is_err());
        assert!(pack(&mut out, &BTreeMap::from([((1, 2), 3)])).is_err());
    }
}
