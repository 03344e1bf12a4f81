//! Names of namespaces that come to be when a client asks for them, as one text.
//!
//! ```text
//! /match-{id}/chat       /match-7/chat   id = 7
//! └segment──┘            no slash in what braces stand for, and never nothing
//! ```

use crate::error::PatternError;

/// Names that differ only in named parts. Each segment between slashes may have one part in braces, `{id}`, which
/// stands for one or more characters other than a slash. For anything else there are functions, see
/// [`SocketIo::of_dynamic`](crate::SocketIo::of_dynamic).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamespacePattern {
    segments: Vec<Segment>,
}

/// What stands between two slashes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Segment {
    before: String,
    /// The name of the part in braces, and what stands behind it; `None` if the segment is only text.
    part: Option<(String, String)>,
}

impl NamespacePattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// When it does not start with a slash, or braces are unbalanced, empty, or more than one in a segment, or two
    /// parts have the same name.
    pub fn parse(pattern: &str) -> Result<Self, PatternError> {
        let path = pattern.strip_prefix('/').ok_or(PatternError::Slash)?;
        let segments: Vec<Segment> = path.split('/').map(Segment::parse).collect::<Result<_, _>>()?;
        let mut names: Vec<&str> = segments.iter().filter_map(Segment::name).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(PatternError::Repeated);
        }
        Ok(Self { segments })
    }

    /// Whether `name` is one of them. It takes time linear in its length.
    pub fn matches(&self, name: &str) -> bool {
        self.walk(name).is_some()
    }

    /// What the part in braces called `part` stands for in `name`; `None` if the name does not match or there is no
    /// such part.
    pub fn part<'n>(&self, name: &'n str, part: &str) -> Option<&'n str> {
        let index = self
            .segments
            .iter()
            .position(|segment| segment.name() == Some(part))?;
        self.walk(name)?.nth(index)
    }

    /// What each segment's part stands for, if all segments match; the empty text for one without a part.
    fn walk<'n>(&self, name: &'n str) -> Option<impl Iterator<Item = &'n str>> {
        let path = name.strip_prefix('/')?;
        if path.split('/').count() != self.segments.len() {
            return None;
        }
        let stands_for = |(text, segment): (&'n str, &Segment)| segment.stands_for(text);
        let parts: Option<Vec<&str>> = path.split('/').zip(&self.segments).map(stands_for).collect();
        parts.map(Vec::into_iter)
    }
}

impl Segment {
    fn parse(text: &str) -> Result<Self, PatternError> {
        let Some((before, rest)) = text.split_once('{') else {
            if text.contains('}') {
                return Err(PatternError::Braces);
            }
            return Ok(Self {
                before: text.to_owned(),
                part: None,
            });
        };
        let (name, after) = rest.split_once('}').ok_or(PatternError::Braces)?;
        if name.is_empty() || [before, name, after].iter().any(|text| text.contains(['{', '}'])) {
            return Err(PatternError::Braces);
        }
        Ok(Self {
            before: before.to_owned(),
            part: Some((name.to_owned(), after.to_owned())),
        })
    }

    fn name(&self) -> Option<&str> {
        self.part.as_ref().map(|(name, _)| name.as_str())
    }

    fn stands_for<'n>(&self, text: &'n str) -> Option<&'n str> {
        let rest = text.strip_prefix(self.before.as_str())?;
        match &self.part {
            Some((_, after)) => rest.strip_suffix(after.as_str()).filter(|part| !part.is_empty()),
            None => rest.is_empty().then_some(""),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_whole_names_and_names_their_parts() {
        let check = |pattern: &str, name: &str, part: Option<&str>| {
            let read = NamespacePattern::parse(pattern).unwrap();
            assert_eq!(read.part(name, "id"), part, "{pattern} {name}");
            assert_eq!(read.matches(name), part.is_some(), "{pattern} {name}");
        };
        check("/match-{id}", "/match-7", Some("7"));
        check("/match-{id}", "/match-7é", Some("7é"));
        for other in [
            "/match-",
            "/match-7/",
            "/match-7/chat",
            "match-7",
            "/Match-7",
            "/",
            "",
        ] {
            check("/match-{id}", other, None);
        }
        check("/{id}", "/x", Some("x"));
        check("/{id}", "/", None);
        check("/{id}-end", "/a-end-end", Some("a-end"));
        check("/{id}-end", "/-end", None);
        check("/a/{room}/x{id}y", "/a/b/xcy", Some("c"));
        check("/a/{room}/x{id}y", "/a/b/xy", None);
        let plain = NamespacePattern::parse("/plain").unwrap();
        assert!(plain.matches("/plain") && !plain.matches("/plain2"));
        assert_eq!(plain.part("/plain", "id"), None);
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        let cases = [
            ("", PatternError::Slash),
            ("match-{id}", PatternError::Slash),
            ("/a{", PatternError::Braces),
            ("/a}", PatternError::Braces),
            ("/a}b{c}", PatternError::Braces),
            ("/{}", PatternError::Braces),
            ("/{a}{b}", PatternError::Braces),
            ("/{a{b}}", PatternError::Braces),
            ("/{a/b}", PatternError::Braces),
            ("/{a}/{a}", PatternError::Repeated),
        ];
        for (pattern, problem) in cases {
            assert_eq!(NamespacePattern::parse(pattern), Err(problem), "{pattern}");
        }
    }
}
