//! A player's name, checked once at the border.
//!
//! What is refused: nothing visible, more than [`NAME_CHARS_MAX`] characters, control characters, and the invisible
//! characters that turn the direction of text around or hide in it, so that two names look the same. Of these only U+FE0F
//! may stand in a name, once behind what is no letter, as it follows many an emoji; those that are joined, and flags that
//! are spelled in tags, are refused with their joints. Markup is allowed, because it is text: whoever shows a name must show it as text.
//! `client-web/src/arena/ui/player_name.ts` has the same lists, which `shared/golden/name.json` proves.

use crate::limits::NAME_CHARS_MAX;

/// A name that may be shown to other players.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlayerName(String);

/// Why a name is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing that can be seen. Ask for a name.
    #[error("the name is empty")]
    Empty,
    /// Longer than [`NAME_CHARS_MAX`] characters. Ask for a shorter one.
    #[error("the name has more than {NAME_CHARS_MAX} characters")]
    TooLong,
    /// A control, direction or invisible character. Ask for another.
    #[error("the name has characters that cannot be shown")]
    Unprintable,
}

impl PlayerName {
    /// Trims spaces at both ends and checks the rest.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let text = text.trim();
        if text.chars().all(|c| c.is_whitespace() || c == EMOJI_STYLE) {
            return Err(NameError::Empty);
        }
        if text.chars().count() > NAME_CHARS_MAX {
            return Err(NameError::TooLong);
        }
        if text.chars().any(is_unprintable) || hides_emoji_style(text) {
            return Err(NameError::Unprintable);
        }
        Ok(Self(text.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Variation selector 16: draw the character before it as an emoji.
const EMOJI_STYLE: char = '\u{FE0F}';

/// Behind a letter, a space or another of its kind it changes nothing, and so makes a name that looks like another.
fn hides_emoji_style(text: &str) -> bool {
    let styled = text.chars().zip(text.chars().skip(1));
    styled
        .filter(|&(_, c)| c == EMOJI_STYLE)
        .any(|(before, _)| before.is_alphabetic() || before.is_whitespace() || before == EMOJI_STYLE)
}

/// Control characters; what changes the direction (Unicode Standard Annex 9, section 2) or breaks the line; what is drawn as
/// nothing (`Default_Ignorable_Code_Point`), but for [`EMOJI_STYLE`]; marks of annotations, and a Braille cell without dots.
fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{00AD}'
                | '\u{034F}'
                | '\u{061C}'
                | '\u{115F}'..='\u{1160}'
                | '\u{17B4}'..='\u{17B5}'
                | '\u{180B}'..='\u{180F}'
                | '\u{200B}'..='\u{200F}'
                | '\u{2028}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}'
                | '\u{2800}'
                | '\u{3164}'
                | '\u{FE00}'..='\u{FE0E}'
                | '\u{FEFF}'
                | '\u{FFA0}'
                | '\u{FFF0}'..='\u{FFFB}'
                | '\u{1BCA0}'..='\u{1BCA3}'
                | '\u{1D173}'..='\u{1D17A}'
                | '\u{E0000}'..='\u{E0FFF}'
        )
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

    #[test]
    fn a_name_can_be_seen_and_hides_nothing() {
        for hidden in [
            '\u{AD}',
            '\u{61C}',
            '\u{2800}',
            '\u{3164}',
            '\u{FE0E}',
            '\u{E0041}',
            '\u{E01EF}',
        ] {
            check(&format!("Ada{hidden}"), Err(NameError::Unprintable));
            check(&hidden.to_string(), Err(NameError::Unprintable));
        }
        for hidden in ["Ada\u{FE0F}", "A\u{FE0F}da", "Ada \u{FE0F}b", "☺\u{FE0F}\u{FE0F}"] {
            check(hidden, Err(NameError::Unprintable));
        }
        check("\u{FE0F}", Err(NameError::Empty));
        check("\u{FE0F} \u{FE0F}", Err(NameError::Empty));
        check("☺\u{FE0F}", Ok("☺\u{FE0F}"));
        check("1\u{FE0F}\u{20E3} 🇩🇪 👍🏽 🎲", Ok("1\u{FE0F}\u{20E3} 🇩🇪 👍🏽 🎲"));
    }
}
