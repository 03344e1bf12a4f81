//! Taking msgpack apart, token by token: no recursion, no allocation, and nothing is believed before its bytes are there.

/// The bytes are no msgpack, or of a type that this module does not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

/// One value, or the head of one that consists of others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Token<'a> {
    Nil,
    /// What JavaScript has for nothing at all.
    Undefined,
    Bool(bool),
    Unsigned(u64),
    /// Below zero.
    Negative(i64),
    Float(f64),
    /// A date, in milliseconds since 1970.
    Date(i64),
    Text(&'a str),
    Binary(&'a [u8]),
    /// So many values follow. There are at least as many bytes.
    Array(usize),
    /// So many pairs follow. There are at least two bytes for each.
    Map(usize),
}

/// Reads tokens from the start of its bytes.
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Whether all bytes are read.
    pub(crate) fn is_done(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next token.
    pub(crate) fn token(&mut self) -> Result<Token<'a>, Malformed> {
        let first = self.number(1)? as u8;
        Ok(match first {
            0x00..=0x7f => Token::Unsigned(first.into()),
            0x80..=0x8f => self.map((first & 0x0f).into())?,
            0x90..=0x9f => self.array((first & 0x0f).into())?,
            0xa0..=0xbf => self.text((first & 0x1f).into())?,
            0xc0 => Token::Nil,
            0xc2 => Token::Bool(false),
            0xc3 => Token::Bool(true),
            0xc4..=0xc6 => {
                let len = self.number(1 << (first - 0xc4))?;
                Token::Binary(self.take(len)?)
            }
            0xc7..=0xc9 => {
                let len = self.number(1 << (first - 0xc7))?;
                self.reference_type()?;
                Token::Binary(self.take(len)?)
            }
            0xca => Token::Float(f32::from_bits(self.number(4)? as u32).into()),
            0xcb => Token::Float(f64::from_bits(self.number(8)?)),
            0xcc..=0xcf => Token::Unsigned(self.number(1 << (first - 0xcc))?),
            0xd0..=0xd3 => self.signed(1 << (first - 0xd0))?,
            0xd4 => {
                self.reference_type()?;
                self.number(1)?;
                Token::Undefined
            }
            0xd7 => {
                self.reference_type()?;
                Token::Date(self.number(8)?.cast_signed())
            }
            0xd9..=0xdb => {
                let len = self.number(1 << (first - 0xd9))?;
                self.text(len)?
            }
            0xdc | 0xdd => {
                let len = self.number(2 << (first - 0xdc))?;
                self.array(len)?
            }
            0xde | 0xdf => {
                let len = self.number(2 << (first - 0xde))?;
                self.map(len)?
            }
            0xe0..=0xff => Token::Negative(first.cast_signed().into()),
            0xc1 | 0xd5 | 0xd6 | 0xd8 => return Err(Malformed),
        })
    }

    /// Passes over one value, whatever it consists of.
    pub(crate) fn skip(&mut self) -> Result<(), Malformed> {
        let mut values = 1_usize;
        while values > 0 {
            values -= 1;
            // Each announced value has a byte of its own, so that this cannot overflow.
            match self.token()? {
                Token::Array(len) => values += len,
                Token::Map(len) => values += 2 * len,
                _ => {}
            }
        }
        Ok(())
    }

    /// A big-endian number of `bytes` bytes, at most 8.
    fn number(&mut self, bytes: usize) -> Result<u64, Malformed> {
        let number = self.take(bytes as u64)?;
        Ok(number
            .iter()
            .fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn signed(&mut self, bytes: usize) -> Result<Token<'a>, Malformed> {
        // Shifted to the top and back, so that the sign fills what is missing.
        let unused_bits = 64 - 8 * bytes as u32;
        let number = (self.number(bytes)? << unused_bits).cast_signed() >> unused_bits;
        Ok(u64::try_from(number).map_or(Token::Negative(number), Token::Unsigned))
    }

    /// The number of an extension type: 0 is the only one that is known.
    fn reference_type(&mut self) -> Result<(), Malformed> {
        match self.number(1)? {
            0 => Ok(()),
            _ => Err(Malformed),
        }
    }

    fn text(&mut self, len: u64) -> Result<Token<'a>, Malformed> {
        let bytes = self.take(len)?;
        std::str::from_utf8(bytes).map(Token::Text).map_err(|_| Malformed)
    }

    fn array(&self, len: u64) -> Result<Token<'a>, Malformed> {
        self.fitting(len, 1).map(Token::Array)
    }

    fn map(&self, len: u64) -> Result<Token<'a>, Malformed> {
        self.fitting(len, 2).map(Token::Map)
    }

    /// A length that can be true, as each item has at least `bytes_each` bytes.
    fn fitting(&self, len: u64, bytes_each: usize) -> Result<usize, Malformed> {
        let len = usize::try_from(len).map_err(|_| Malformed)?;
        if len > self.rest.len() / bytes_each {
            return Err(Malformed);
        }
        Ok(len)
    }

    fn take(&mut self, len: u64) -> Result<&'a [u8], Malformed> {
        let len = usize::try_from(len).map_err(|_| Malformed)?;
        let (taken, rest) = self.rest.split_at_checked(len).ok_or(Malformed)?;
        self.rest = rest;
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: Result<Token<'_>, Malformed>) {
        let mut reader = Reader::new(bytes);
        assert_eq!(reader.token(), expected, "{bytes:02x?}");
        if expected.is_ok() {
            for end in 0..bytes.len() - reader.rest.len() {
                assert_eq!(
                    Reader::new(&bytes[..end]).token(),
                    Err(Malformed),
                    "{bytes:02x?} cut at {end}"
                );
            }
        }
    }

    #[test]
    fn every_type_that_packets_need_is_read() {
        check(&[0], Ok(Token::Unsigned(0)));
        check(&[0x7f], Ok(Token::Unsigned(127)));
        check(&[0xe0], Ok(Token::Negative(-32)));
        check(&[0xc0], Ok(Token::Nil));
        check(&[0xc2], Ok(Token::Bool(false)));
        check(&[0xc3], Ok(Token::Bool(true)));
        check(&[0xcc, 200], Ok(Token::Unsigned(200)));
        check(&[0xcd, 1, 2], Ok(Token::Unsigned(258)));
        check(&[0xce, 0, 1, 0, 0], Ok(Token::Unsigned(65_536)));
        check(
            &[0xcf, 255, 255, 255, 255, 255, 255, 255, 255],
            Ok(Token::Unsigned(u64::MAX)),
        );
        check(&[0xd0, 0x80], Ok(Token::Negative(-128)));
        check(&[0xd0, 0x7f], Ok(Token::Unsigned(127)));
        check(&[0xd1, 0xff, 0x7f], Ok(Token::Negative(-129)));
        check(&[0xd2, 0xff, 0xff, 0x7f, 0xff], Ok(Token::Negative(-32_769)));
        check(&[0xd3, 0x80, 0, 0, 0, 0, 0, 0, 0], Ok(Token::Negative(i64::MIN)));
        check(&[0xca, 0x3f, 0xc0, 0, 0], Ok(Token::Float(1.5)));
        check(&[0xcb, 0xbf, 0xf8, 0, 0, 0, 0, 0, 0], Ok(Token::Float(-1.5)));
        check(&[0xa2, b'h', b'i'], Ok(Token::Text("hi")));
        check(&[0xd9, 1, b'x'], Ok(Token::Text("x")));
        check(&[0xda, 0, 2, 0xc3, 0xa9], Ok(Token::Text("é")));
        check(&[0xdb, 0, 0, 0, 0], Ok(Token::Text("")));
        check(&[0xc4, 1, 9], Ok(Token::Binary(&[9])));
        check(&[0xc5, 0, 0], Ok(Token::Binary(&[])));
        check(&[0xc6, 0, 0, 0, 2, 8, 9], Ok(Token::Binary(&[8, 9])));
        check(&[0x90], Ok(Token::Array(0)));
        check(&[0x80], Ok(Token::Map(0)));
    }

    #[test]
    fn what_the_clients_of_the_reference_write_for_undefined_dates_and_buffers_is_read() {
        check(&[0xd4, 0, 0], Ok(Token::Undefined));
        check(
            &[0xd7, 0, 255, 255, 255, 255, 255, 255, 255, 255],
            Ok(Token::Date(-1)),
        );
        check(&[0xc7, 1, 0, 9], Ok(Token::Binary(&[9])));
        check(&[0xc8, 0, 1, 0, 9], Ok(Token::Binary(&[9])));
        check(&[0xc9, 0, 0, 0, 1, 0, 9], Ok(Token::Binary(&[9])));
    }

    #[test]
    fn other_extensions_and_what_is_no_msgpack_are_refused() {
        let cases: [&[u8]; 12] = [
            &[],
            &[0xc1],
            &[0xd4, 1, 0],
            &[0xd5, 0, 0, 0],
            &[0xd6, 0xff, 0, 0, 0, 0],
            &[0xd7, 0xff, 0, 0, 0, 0, 0, 0, 0, 0],
            &[0xd8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            &[0xc7, 0, 1],
            &[0xc7, 1, 0xff, 9],
            &[0xa1, 0xff],
            &[0xa2, 0xc3, b'x'],
            &[0xd9, 3, 0xed, 0xa0, 0x80],
        ];
        for bytes in cases {
            check(bytes, Err(Malformed));
        }
    }

    #[test]
    fn a_length_that_cannot_be_true_is_refused_at_once() {
        let cases: [&[u8]; 9] = [
            &[0xc6, 255, 255, 255, 255, 0],
            &[0xc9, 255, 255, 255, 255, 0, 0],
            &[0xdb, 255, 255, 255, 255, b'x'],
            &[0xdd, 255, 255, 255, 255, 0],
            &[0xdf, 255, 255, 255, 255, 0],
            &[0xdc, 0, 3, 0, 0],
            &[0xde, 0, 2, 0xa0, 0, 0xa0],
            &[0x92, 0],
            &[0x81, 0xa0],
        ];
        for bytes in cases {
            check(bytes, Err(Malformed));
        }
    }

    #[test]
    fn skipping_needs_no_stack() {
        let mut deep = vec![0x91; 1_000_000];
        deep.push(0xc0);
        let mut reader = Reader::new(&deep);
        assert_eq!((reader.skip(), reader.is_done()), (Ok(()), true));
        assert_eq!(Reader::new(&deep[..1000]).skip(), Err(Malformed));
        let pairs = [0x82, 0xa1, b'a', 0x92, 1, 2, 0xa1, b'b', 0x80, 7];
        let mut reader = Reader::new(&pairs);
        assert_eq!((reader.skip(), reader.token()), (Ok(()), Ok(Token::Unsigned(7))));
    }
}
