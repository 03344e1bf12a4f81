use serde_json::json;
use shared::name::{NameError, PlayerName};

use super::check_file;

/// Refuses this character whatever is around it.
fn is_refused(c: char) -> bool {
    PlayerName::parse(&format!("A1{c}B")) == Err(NameError::Unprintable)
}

/// Every character that no name may have, as the first and the last of those in a row.
#[test]
fn what_no_name_may_have_is_the_same_here_and_there() {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for code in (char::MIN..=char::MAX).filter(|c| is_refused(*c)).map(u32::from) {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == code => *last = code,
            _ => ranges.push((code, code)),
        }
    }
    let rows: Vec<_> = ranges
        .iter()
        .map(|(first, last)| json!({ "first": first, "last": last }))
        .collect();
    check_file("name.json", &json!({}), &rows);
}
