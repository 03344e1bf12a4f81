//! Fresh codes for private matches, from the operating system's random source.

use rand::TryRng;
use rand::rngs::SysRng;
use shared::match_code::{MATCH_CODE_LETTERS, MatchCode};

/// Bytes drawn for one code: with twice as many as there are letters, one draw in several millions has to be repeated.
const DRAWN_BYTES: usize = MATCH_CODE_LETTERS * 2;

/// A code nobody can foresee.
pub(crate) fn fresh_code() -> std::io::Result<MatchCode> {
    loop {
        let mut bytes = [0; DRAWN_BYTES];
        SysRng
            .try_fill_bytes(&mut bytes)
            .map_err(|error| std::io::Error::other(error.to_string()))?;
        if let Some(code) = MatchCode::from_random(&bytes) {
            return Ok(code);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn codes_differ() {
        let codes: HashSet<_> = (0..1000)
            .map(|_| fresh_code().expect("there is randomness"))
            .collect();
        assert_eq!(codes.len(), 1000);
    }
}
