//! Names of recordings, and what they say.
//!
//! ```text
//! 1764201600000-match-12                  when the process started that made it, in ms since 1970; the match in that
//! 1764201600000-private-13-BCDFGHJKMN     one that is in no list, and what nobody can guess; it is not that with which one joins
//! ```

use shared::limits::REPLAY_NAME_BYTES_MAX;

/// Second part of the name of a recording that is in no list.
pub(crate) const PRIVATE: &str = "private";

/// Name of a recording, without its ending. It leads nowhere but into the directory: there is no dot in it and no separator.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Name(String);

impl Name {
    /// `None` when no recording is called so.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let is_name = (1..=REPLAY_NAME_BYTES_MAX).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        is_name.then(|| Self(text.to_owned()))
    }

    /// As it is written.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    /// True when it is in no list.
    pub(crate) fn is_private(&self) -> bool {
        self.0.split('-').nth(1) == Some(PRIVATE)
    }
}

/// What of a name may stand in a log: all but the secret.
pub(crate) fn public_part(name: &str) -> &str {
    let secret_at = name
        .match_indices('-')
        .nth(2)
        .filter(|_| name.split('-').nth(1) == Some(PRIVATE));
    secret_at.map_or(name, |(at, _)| &name[..at])
}

/// The greater, the newer. A file that somebody has given a name of their own counts as the newest: it stays, and is listed.
pub(crate) fn age_key(name: &str) -> (u64, u64, &str) {
    let mut parts = name.split('-');
    let started = parts.next().and_then(|part| part.parse().ok());
    let id = parts.nth(1).and_then(|part| part.parse().ok());
    (started.unwrap_or(u64::MAX), id.unwrap_or(u64::MAX), name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, is_name: bool) {
        assert_eq!(Name::parse(text).is_some(), is_name, "{text:?}");
    }

    #[test]
    fn a_name_leads_nowhere_but_into_the_directory() {
        check("1764201600000-match-1", true);
        check("1764201600000-private-7-BCDFGHJKMN", true);
        check(&"a".repeat(REPLAY_NAME_BYTES_MAX), true);
        check(&"a".repeat(REPLAY_NAME_BYTES_MAX + 1), false);
        for text in [
            "",
            ".",
            "..",
            "../a",
            "a/b",
            "a\\b",
            "/etc/passwd",
            "a.replay",
            "a b",
            "a\0",
            "é",
            "a%2e",
        ] {
            check(text, false);
        }
    }

    #[test]
    fn a_secret_stands_in_no_log() {
        for (name, part) in [
            ("1764201600000-private-7-BCDFGHJKMN", "1764201600000-private-7"),
            ("1764201600000-match-7", "1764201600000-match-7"),
            ("private-7", "private-7"),
            ("", ""),
        ] {
            assert_eq!(public_part(name), part);
        }
    }

    #[test]
    fn names_have_the_order_of_their_matches() {
        let ordered = [
            "999-match-5",
            "1000-match-9",
            "1000-private-10-BCDF",
            "1000-match-100",
            "1001-match-1",
            "the-final",
        ];
        let mut names = ordered;
        names.sort_unstable();
        names.sort_unstable_by(|a, b| age_key(a).cmp(&age_key(b)));
        assert_eq!(names, ordered);
    }
}
