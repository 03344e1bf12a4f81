//! A player's name, checked once at the border.
//!
//! What is refused: nothing visible, more than [`NAME_CHARS_MAX`] characters, control characters, and the invisible
//! characters that turn the direction of text around or hide in it. Markup is allowed, because it is text: whoever
//! shows a name must show it as text.

use crate::limits::NAME_CHARS_MAX;

/// A name that may be shown to other players.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlayerName(String);

/// Why a name is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing is left after spaces are trimmed. Ask for a name.
    #[error("the name is empty")]
    Empty,
    /// Longer than [`NAME_CHARS_MAX`] characters. Ask for a shorter one.
    #[error("the name has more than {NAME_CHARS_MAX} characters")]
    TooLong,
    /// A control or direction character. Ask for another.
    #[error("the name has characters that cannot be shown")]
    Unprintable,
}

impl PlayerName {
    /// Trims spaces at both ends and checks the rest.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        if text.chars().count() > NAME_CHARS_MAX {
            return Err(NameError::TooLong);
        }
        if text.chars().any(is_unprintable) {
            return Err(NameError::Unprintable);
        }
        Ok(Self(text.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Control characters, zero-width characters and direction overrides (Unicode Standard Annex 9, section 2).
fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&str, NameError>) {
        assert_eq!(
            PlayerName::parse(text).as_ref().map(PlayerName::as_str),
            expected.as_ref().copied(),
            "{text:?}"
        );
    }

    #[test]
    fn names_are_trimmed_and_bounded() {
        check("  Ada ", Ok("Ada"));
        check("<b>Ada</b>", Ok("<b>Ada</b>"));
        check("日本語の名前", Ok("日本語の名前"));
        check("", Err(NameError::Empty));
        check(" \t ", Err(NameError::Empty));
        check(&"x".repeat(NAME_CHARS_MAX), Ok(&"x".repeat(NAME_CHARS_MAX)));
        check(&"x".repeat(NAME_CHARS_MAX + 1), Err(NameError::TooLong));
        check("A\u{0}B", Err(NameError::Unprintable));
        check("A\u{202E}B", Err(NameError::Unprintable));
    }
}
