//! The code of a private match: what its players hand to each other, as text or in a link.
//!
//! Ten letters of an alphabet of twenty, 43 random bits. No letter looks like another or like a digit, and without vowels
//! no code is a word. A connection asks the lobby twice a second, and twenty times when it opens (`rate_limit.rs` of the server):
//! 10000 connections find one of 64 private matches in three months on average, and whoever opens 5000 new ones each second, as
//! many as a server admits, in 18 days. A match lasts as long as somebody is in it.

use serde::{Deserialize, Serialize};

/// Letters of a code.
pub const MATCH_CODE_LETTERS: usize = 10;

/// What a code is made of.
pub const MATCH_CODE_ALPHABET: [u8; 20] = *b"BCDFGHJKMNPQRSTVWXYZ";

/// A well-formed code, in capital letters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MatchCode([u8; MATCH_CODE_LETTERS]);

/// The text is no code. Ask for the whole of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a code has {MATCH_CODE_LETTERS} letters out of BCDFGHJKMNPQRSTVWXYZ")]
pub struct MatchCodeError;

impl MatchCode {
    /// Reads capital letters; nothing is corrected here, so that a code has one form.
    pub fn parse(text: &str) -> Result<Self, MatchCodeError> {
        let letters: [u8; MATCH_CODE_LETTERS] = text.as_bytes().try_into().map_err(|_| MatchCodeError)?;
        if letters.iter().all(|letter| MATCH_CODE_ALPHABET.contains(letter)) {
            Ok(Self(letters))
        } else {
            Err(MatchCodeError)
        }
    }

    /// Makes a code of random bytes; `None` when too many of them had to be passed over, which is to be tried again with
    /// others. 240 of the 256 values are used, so that every letter is as likely as another.
    pub fn from_random(bytes: &[u8]) -> Option<Self> {
        const USED: u8 = (256 / MATCH_CODE_ALPHABET.len() * MATCH_CODE_ALPHABET.len()) as u8;
        let mut letters = [0; MATCH_CODE_LETTERS];
        let mut used = bytes.iter().filter(|&&byte| byte < USED);
        for letter in &mut letters {
            *letter = MATCH_CODE_ALPHABET[usize::from(*used.next()?) % MATCH_CODE_ALPHABET.len()];
        }
        Some(Self(letters))
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("the alphabet is ASCII")
    }
}

/// It is a secret: whoever has it may join. So it is in no log.
impl std::fmt::Debug for MatchCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MatchCode(…)")
    }
}

impl TryFrom<String> for MatchCode {
    type Error = MatchCodeError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<MatchCode> for String {
    fn from(code: MatchCode) -> Self {
        code.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_ten_letters_that_cannot_be_mistaken() {
        let check = |text: &str, good: bool| {
            let code = MatchCode::parse(text);
            assert_eq!(code.is_ok(), good, "{text:?}");
            if let Ok(code) = code {
                assert_eq!(code.as_str(), text);
            }
        };
        check("BCDFGHJKMN", true);
        check("ZZZZZZZZZZ", true);
        check("", false);
        check("BCDFGHJKM", false);
        check("BCDFGHJKMNP", false);
        check("bcdfghjkmn", false);
        check("BCDFG HJKM", false);
        check("BCDFGHJKMO", false);
        check("BCDFGHJK0N", false);
        check("BCDFGHJKé", false);
    }

    #[test]
    fn every_letter_is_as_likely_as_another() {
        let mut counts = [0; MATCH_CODE_ALPHABET.len()];
        for byte in 0..=u8::MAX {
            if let Some(code) = MatchCode::from_random(&[byte; MATCH_CODE_LETTERS]) {
                let place = MATCH_CODE_ALPHABET.iter().position(|&letter| letter == code.0[0]);
                counts[place.expect("a letter of the alphabet")] += 1;
            }
        }
        assert_eq!(counts, [12; MATCH_CODE_ALPHABET.len()]);
    }

    #[test]
    fn too_few_random_bytes_make_no_code() {
        assert!(MatchCode::from_random(&[7; MATCH_CODE_LETTERS - 1]).is_none());
        assert!(MatchCode::from_random(&[255; 100]).is_none());
        let mut some = [255; 12];
        some[1..11].fill(0);
        assert_eq!(
            MatchCode::from_random(&some).map(|code| code.as_str().to_owned()),
            Some("BBBBBBBBBB".to_owned())
        );
    }

    #[test]
    fn a_code_is_not_written_to_logs() {
        let code = MatchCode::parse("BCDFGHJKMN").expect("it is good");
        assert_eq!(format!("{code:?}"), "MatchCode(…)");
    }
}
