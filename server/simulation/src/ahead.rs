//! Asking for memory before it is needed, so that it comes while something else is done.
//!
//! A shard goes around all its matches sixty times a second, so each of them is cold when its turn comes, and a tick would wait for
//! some fifty cache lines, many of them one after the other. Instead it is told when its turn is near, twice: first it asks for
//! what lies in itself, and a turn later for what that leads to ([`Turns`]). To ask changes nothing and decides nothing.

/// How many turns of others come before that of a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turns {
    /// It asks for its own lines, which are cold: it must not look at them.
    Two,
    /// Its own lines have come, and it asks for what they point to.
    One,
}

/// Where something lies, or has lain: it is asked for and not looked at, so it may be gone by then.
#[derive(Clone, Copy, Debug, Default)]
pub struct Whereabouts {
    address: usize,
    bytes: usize,
}

/// Of x86_64, where they are asked for.
const LINE_BYTES: usize = 64;

/// More do not fit where they are to wait, 64 KB; two values that lie far apart have a lot between them.
const LINES_MAX: usize = 1024;

impl Whereabouts {
    /// Of a value, or of all values of a list.
    pub fn of<T: ?Sized>(value: &T) -> Self {
        Self {
            address: std::ptr::from_ref(value).addr(),
            bytes: size_of_val(value),
        }
    }

    /// Of so many values from there on, whether they are there yet or not.
    pub fn of_room<T>(start: *const T, count: usize) -> Self {
        Self {
            address: start.addr(),
            bytes: count * size_of::<T>(),
        }
    }

    /// Of both and what lies between; of one alone when the other is nowhere.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        if self.bytes == 0 {
            return other;
        }
        if other.bytes == 0 {
            return self;
        }
        let address = self.address.min(other.address);
        let end = (self.address + self.bytes).max(other.address + other.bytes);
        Self {
            address,
            bytes: end - address,
        }
    }

    /// Asks for its lines, the first thousand at most.
    pub fn ask(self) {
        if self.bytes == 0 {
            return;
        }
        let end = self.address.wrapping_add(self.bytes);
        let lines = (self.address & !(LINE_BYTES - 1)..end).step_by(LINE_BYTES);
        for line in lines.take(LINES_MAX) {
            ask_for_line(line);
        }
    }
}

/// Asks for the lines of a value or a list.
pub fn ask_for<T: ?Sized>(value: &T) {
    Whereabouts::of(value).ask();
}

#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "there is no safe name for this instruction yet")]
fn ask_for_line(address: usize) {
    use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
    // SAFETY: every x86_64 has the instruction. It is a hint: it reads nothing, and an address that is nobody's is ignored.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::without_provenance(address)) }
}

/// Without such a hint the memory comes when it is needed.
#[cfg(not(target_arch = "x86_64"))]
fn ask_for_line(_: usize) {}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(address: usize, bytes: usize) -> Whereabouts {
        Whereabouts { address, bytes }
    }

    #[test]
    fn what_is_gone_or_was_never_there_can_be_asked_for() {
        let value = Box::new([1_u64; 100]);
        let gone = Whereabouts::of(&*value);
        ask_for(&*value);
        assert_eq!(*value, [1; 100]);
        drop(value);
        gone.ask();
        for address in [
            0,
            1,
            LINE_BYTES,
            usize::MAX / 2,
            usize::MAX - LINE_BYTES,
            usize::MAX,
        ] {
            for bytes in [0, 1, 3 * LINE_BYTES, usize::MAX / 2] {
                at(address, bytes).ask();
            }
        }
        Whereabouts::of_room(std::ptr::null::<u64>(), 3).ask();
        ask_for::<[u64]>(&[]);
    }

    #[test]
    fn two_belong_together_with_what_lies_between() {
        let check = |a: (usize, usize), b: (usize, usize), both: (usize, usize)| {
            let found = at(a.0, a.1).and(at(b.0, b.1));
            assert_eq!((found.address, found.bytes), both);
        };
        check((100, 10), (200, 20), (100, 120));
        check((200, 20), (100, 10), (100, 120));
        check((100, 50), (110, 10), (100, 50));
        check((0, 0), (200, 20), (200, 20));
        check((200, 20), (0, 0), (200, 20));
        check((8, 0), (8, 0), (8, 0));
    }
}
