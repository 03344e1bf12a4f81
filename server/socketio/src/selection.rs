//! Whom something is for: rooms without rooms, on this node or on all, and how it is delivered.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::piece::{Keep, Terms};

/// A choice of sockets in one namespace: those in any of `rooms`, or all if there is none, but none that is in one of
/// `except`. Each socket is alone in the room named like its id, so that ids may stand in both lists. It travels
/// between nodes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selection {
    /// Rooms add up, and a socket in several of them is chosen once; none means everybody.
    pub rooms: Vec<String>,
    /// Who is left out, whatever other room it is in.
    pub except: Vec<String>,
    /// Only sockets of this node.
    pub local: bool,
}

impl Selection {
    /// The one socket `id`, on whatever node it is.
    pub fn one(id: &str) -> Self {
        Self {
            rooms: vec![id.to_owned()],
            ..Self::default()
        }
    }

    /// Whether a socket that is in exactly `rooms`, its own among them, is chosen.
    pub fn matches(&self, rooms: &[String]) -> bool {
        let meets = |chosen: &[String]| chosen.iter().any(|room| rooms.contains(room));
        (self.rooms.is_empty() || meets(&self.rooms)) && !meets(&self.except)
    }
}

/// How an event is delivered to those who are chosen. It travels between nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Who is not ready for the event misses it.
    pub volatile: bool,
    /// The event is worthless once there is a newer one of this key; it is not volatile then.
    pub latest: Option<String>,
    /// Whether a transport that compresses may compress the event.
    pub compress: bool,
}

impl Default for Delivery {
    fn default() -> Self {
        Self {
            volatile: false,
            latest: None,
            compress: true,
        }
    }
}

impl Delivery {
    /// Whether the event is kept for clients that are away, where recovery is on: not if it is worthless when late.
    pub fn is_kept(&self) -> bool {
        !self.volatile && self.latest.is_none()
    }

    pub(crate) fn terms(&self) -> Terms<'_> {
        let keep = match &self.latest {
            Some(key) => Keep::Latest(key),
            None if self.volatile => Keep::Volatile,
            None => Keep::Always,
        };
        Terms {
            compress: self.compress,
            keep,
        }
    }
}

/// One room or several: a string, or a list or an array of strings.
pub trait RoomList {
    /// Appends the rooms to `rooms`.
    fn append_to(self, rooms: &mut Vec<String>);
}

impl RoomList for &str {
    fn append_to(self, rooms: &mut Vec<String>) {
        rooms.push(self.to_owned());
    }
}

impl RoomList for &&str {
    fn append_to(self, rooms: &mut Vec<String>) {
        rooms.push((*self).to_owned());
    }
}

impl RoomList for String {
    fn append_to(self, rooms: &mut Vec<String>) {
        rooms.push(self);
    }
}

impl RoomList for &String {
    fn append_to(self, rooms: &mut Vec<String>) {
        rooms.push(self.clone());
    }
}

impl RoomList for &Arc<str> {
    fn append_to(self, rooms: &mut Vec<String>) {
        rooms.push(self.to_string());
    }
}

impl<S: AsRef<str>> RoomList for &[S] {
    fn append_to(self, rooms: &mut Vec<String>) {
        rooms.extend(self.iter().map(|room| room.as_ref().to_owned()));
    }
}

impl<S: AsRef<str>> RoomList for &Vec<S> {
    fn append_to(self, rooms: &mut Vec<String>) {
        self.as_slice().append_to(rooms);
    }
}

impl<S: Into<String>> RoomList for Vec<S> {
    fn append_to(self, rooms: &mut Vec<String>) {
        rooms.extend(self.into_iter().map(Into::into));
    }
}

impl<S: Into<String>, const N: usize> RoomList for [S; N] {
    fn append_to(self, rooms: &mut Vec<String>) {
        rooms.extend(self.into_iter().map(Into::into));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(list: impl RoomList) -> Vec<String> {
        let mut rooms = Vec::new();
        list.append_to(&mut rooms);
        rooms
    }

    #[test]
    fn rooms_come_alone_or_together() {
        assert_eq!(names("a"), ["a"]);
        assert_eq!(names("a".to_owned()), ["a"]);
        assert_eq!(names(["a", "b"]), ["a", "b"]);
        assert_eq!(names(vec!["a".to_owned()]), ["a"]);
        let list = vec!["a".to_owned()];
        assert_eq!(names(&list), list);
        assert_eq!(names(["a", "b"].as_slice()), ["a", "b"]);
    }

    #[test]
    fn a_selection_matches_by_rooms_and_except_wins() {
        let check = |rooms: &[&str], except: &[&str], expected| {
            let selection = Selection {
                rooms: names(rooms),
                except: names(except),
                local: false,
            };
            assert_eq!(
                selection.matches(&names(["id", "a", "b"])),
                expected,
                "{selection:?}"
            );
        };
        check(&[], &[], true);
        check(&["a"], &[], true);
        check(&["c", "id"], &[], true);
        check(&["c"], &[], false);
        check(&[], &["b"], false);
        check(&["a"], &["b", "c"], false);
        check(&["a"], &["c"], true);
    }
}
