/// Marsaglia's xorshift with 32 bits of state and shifts 13, 17, 5: short, and the same in TypeScript.
pub(crate) struct Xorshift32(pub(crate) u32);

impl Xorshift32 {
    pub(crate) fn next(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }

    /// A number in `0..end`.
    pub(crate) fn below(&mut self, end: u16) -> u16 {
        (self.next() % u32::from(end)) as u16
    }
}
