//! A hash over the state of a match, to compare two runs tick by tick.
//!
//! FNV-1a with 64 bits (Fowler, Noll, Vo; draft-eastlake-fnv), because it is short, needs no seed, and gives the same
//! number on every machine and in every version of Rust, which the hasher of the standard library does not promise.

use shared::record::Record;

const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

/// Takes numbers and records in an order of the caller's choice; the order counts.
#[derive(Clone, Debug)]
pub struct StateHash {
    hash: u64,
    scratch: Vec<u8>,
}

impl StateHash {
    /// Starts with nothing.
    pub const fn new() -> Self {
        Self {
            hash: OFFSET_BASIS,
            scratch: Vec::new(),
        }
    }

    /// Adds bytes.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.hash = bytes.iter().fold(self.hash, |hash, &byte| {
            (hash ^ u64::from(byte)).wrapping_mul(PRIME)
        });
    }

    /// Adds a number as eight bytes, least first.
    pub fn number(&mut self, number: u64) {
        self.bytes(&number.to_le_bytes());
    }

    /// Adds the bytes of a record.
    pub fn record(&mut self, record: &impl Record) {
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        record.encode(&mut scratch);
        self.bytes(&scratch);
        self.scratch = scratch;
    }

    /// The hash of everything so far.
    pub const fn value(&self) -> u64 {
        self.hash
    }
}

impl Default for StateHash {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: u64) {
        let mut hash = StateHash::new();
        hash.bytes(text.as_bytes());
        assert_eq!(hash.value(), expected, "{text:?}");
    }

    #[test]
    fn hashes_are_those_of_the_published_vectors() {
        check("", 0xcbf2_9ce4_8422_2325);
        check("a", 0xaf63_dc4c_8601_ec8c);
        check("foobar", 0x8594_4171_f739_67e8);
    }
}
