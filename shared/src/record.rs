//! Records: plain data with a byte layout of its own, and the bounded reader that decodes them.
//!
//! All numbers are little-endian. A record may have a variable length (its first byte then says its kind), but the
//! reader never gives more bytes than there are, so a decoder cannot run over the end or allocate for a length that
//! was only claimed.

/// Plain data that knows its bytes.
///
/// Invariant: `decode` of what `encode` wrote gives the same record and reads exactly those bytes.
pub trait Record: Copy + PartialEq + std::fmt::Debug + Send + Sync + 'static {
    /// Appends the bytes of this record.
    fn encode(&self, out: &mut Vec<u8>);

    /// Reads one record.
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError>;
}

/// No bytes: what a game has that has none of something.
impl Record for () {
    fn encode(&self, _: &mut Vec<u8>) {}

    fn decode(_: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(())
    }
}

/// Why bytes are not what they should be. All of these are the sender's fault: drop what came and count it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The bytes end before the record does.
    #[error("the bytes end too early")]
    TooShort,
    /// Bytes are left after the last record.
    #[error("{0} bytes follow the end")]
    TrailingBytes(usize),
    /// A count or length is above its bound.
    #[error("{what} is {found}, at most {max} are allowed")]
    TooMany {
        /// What is counted.
        what: &'static str,
        /// The number in the bytes.
        found: usize,
        /// The bound.
        max: usize,
    },
    /// A number that stands for nothing.
    #[error("{what} has no meaning for {found}")]
    Unknown {
        /// The field.
        what: &'static str,
        /// The number in the bytes.
        found: u32,
    },
    /// A control message that bincode cannot read: bad text, a bad variant, or over its limit.
    #[error("the message is malformed")]
    Malformed,
}

/// A cursor over received bytes.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Starts at the first byte.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// The bytes not read yet.
    pub const fn remaining(&self) -> usize {
        self.bytes.len()
    }

    /// Ends the reading: an error when bytes are left over.
    pub const fn finish(self) -> Result<(), DecodeError> {
        match self.bytes.len() {
            0 => Ok(()),
            left => Err(DecodeError::TrailingBytes(left)),
        }
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let (head, tail) = self.bytes.split_first_chunk::<N>().ok_or(DecodeError::TooShort)?;
        self.bytes = tail;
        Ok(*head)
    }

    /// One byte.
    pub fn u8(&mut self) -> Result<u8, DecodeError> {
        self.array::<1>().map(|[byte]| byte)
    }

    /// One signed byte.
    pub fn i8(&mut self) -> Result<i8, DecodeError> {
        self.array().map(i8::from_le_bytes)
    }

    /// Two bytes.
    pub fn u16(&mut self) -> Result<u16, DecodeError> {
        self.array().map(u16::from_le_bytes)
    }

    /// Two bytes, signed.
    pub fn i16(&mut self) -> Result<i16, DecodeError> {
        self.array().map(i16::from_le_bytes)
    }

    /// Four bytes.
    pub fn u32(&mut self) -> Result<u32, DecodeError> {
        self.array().map(u32::from_le_bytes)
    }

    /// Eight bytes.
    pub fn u64(&mut self) -> Result<u64, DecodeError> {
        self.array().map(u64::from_le_bytes)
    }

    /// So many bytes, without copying them.
    pub fn bytes(&mut self, count: usize) -> Result<&'a [u8], DecodeError> {
        let (head, tail) = self.bytes.split_at_checked(count).ok_or(DecodeError::TooShort)?;
        self.bytes = tail;
        Ok(head)
    }

    /// A count of `bytes_each`-byte things that follow, refused when above `max` or when the bytes cannot hold them.
    pub fn check_count(
        &self,
        what: &'static str,
        found: usize,
        max: usize,
        bytes_each: usize,
    ) -> Result<usize, DecodeError> {
        if found > max {
            return Err(DecodeError::TooMany { what, found, max });
        }
        if self.remaining() < found * bytes_each {
            return Err(DecodeError::TooShort);
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reader_stops_at_the_end() {
        let mut reader = Reader::new(&[1, 2, 3]);
        assert_eq!(reader.u16(), Ok(0x0201));
        assert_eq!(reader.u16(), Err(DecodeError::TooShort));
        assert_eq!(reader.finish(), Err(DecodeError::TrailingBytes(1)));
        assert_eq!(reader.bytes(2), Err(DecodeError::TooShort));
        assert_eq!(reader.bytes(0), Ok([].as_slice()));
        assert_eq!(reader.bytes(1), Ok([3].as_slice()));
        assert_eq!(reader.finish(), Ok(()));
        let number = 0x0102_0304_0506_0708_u64;
        assert_eq!(Reader::new(&number.to_le_bytes()).u64(), Ok(number));
    }

    #[test]
    fn a_count_is_refused_before_anything_is_allocated_for_it() {
        let reader = Reader::new(&[0; 10]);
        assert_eq!(reader.check_count("walls", 5, 8, 2), Ok(5));
        assert_eq!(reader.check_count("walls", 6, 8, 2), Err(DecodeError::TooShort));
        assert_eq!(
            reader.check_count("walls", 9, 8, 0),
            Err(DecodeError::TooMany {
                what: "walls",
                found: 9,
                max: 8
            })
        );
    }
}
