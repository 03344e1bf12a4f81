//! Ordered lists of listeners: who hears an event, and in which order.
//!
//! A list is copied when it changes and shared while an event passes along it. So a listener may add and remove
//! listeners, itself too, and an event is heard by those who listened when it came. What a listener is, the list does
//! not know.

use std::collections::HashMap;
use std::sync::Arc;

/// Names one listener of one socket, so that it can be removed, see [`Socket::off`](crate::Socket::off).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ListenerId(u64);

impl ListenerId {
    /// The id that is given after this one.
    pub(crate) fn next(last: &mut u64) -> Self {
        *last += 1;
        Self(*last)
    }
}

/// Listeners in the order in which they are called.
pub(crate) struct Listeners<L: ?Sized>(Arc<Vec<Registered<L>>>);

/// One place in the order.
pub(crate) struct Registered<L: ?Sized> {
    pub(crate) id: ListenerId,
    /// Leaves the list with the first event.
    pub(crate) once: bool,
    pub(crate) listener: Arc<L>,
}

// Derived, these would ask the same of `L`.
impl<L: ?Sized> Clone for Registered<L> {
    fn clone(&self) -> Self {
        Self {
            listener: self.listener.clone(),
            ..*self
        }
    }
}

impl<L: ?Sized> Clone for Listeners<L> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<L: ?Sized> Listeners<L> {
    fn new(first: Registered<L>) -> Self {
        Self(Arc::new(vec![first]))
    }

    pub(crate) fn as_slice(&self) -> &[Registered<L>] {
        &self.0
    }

    /// Whether one of them leaves with the next event.
    fn changes(&self) -> bool {
        self.0.iter().any(|registered| registered.once)
    }
}

/// Where a list may be: nobody listens, or at least one.
pub(crate) type MaybeListeners<L> = Option<Listeners<L>>;

/// Puts a listener behind the others, or with `first` before them.
pub(crate) fn insert<L: ?Sized>(list: &mut MaybeListeners<L>, new: Registered<L>, first: bool) {
    match list {
        None => *list = Some(Listeners::new(new)),
        Some(list) => {
            let place = if first { 0 } else { list.0.len() };
            Arc::make_mut(&mut list.0).insert(place, new);
        }
    }
}

/// Takes out those that `wanted` likes. Whoever asked drops them, since that runs code of the application.
pub(crate) fn extract<L: ?Sized>(
    list: &mut MaybeListeners<L>,
    wanted: impl Fn(&Registered<L>) -> bool,
) -> Vec<Registered<L>> {
    let Some(listeners) = list.as_mut().filter(|list| list.0.iter().any(&wanted)) else {
        return Vec::new();
    };
    let extracted = Arc::make_mut(&mut listeners.0)
        .extract_if(.., |registered| wanted(registered))
        .collect();
    if listeners.0.is_empty() {
        *list = None;
    }
    extracted
}

/// The lists of all event names that somebody listens for.
pub(crate) struct ByEvent<L: ?Sized>(HashMap<String, MaybeListeners<L>>);

impl<L: ?Sized> Default for ByEvent<L> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<L: ?Sized> ByEvent<L> {
    pub(crate) fn insert(&mut self, event: &str, new: Registered<L>) {
        insert(self.0.entry(event.to_owned()).or_default(), new, false);
    }

    /// Those who hear `event` now; an error if that changes the list, so that it must be asked with [`Self::take_turn`].
    pub(crate) fn peek(&self, event: &str) -> Result<MaybeListeners<L>, Changes> {
        match self.0.get(event) {
            Some(Some(list)) if list.changes() => Err(Changes),
            Some(list) => Ok(list.clone()),
            None => Ok(None),
        }
    }

    /// Those who hear `event` now. Who listens once has left the list then.
    pub(crate) fn take_turn(&mut self, event: &str) -> MaybeListeners<L> {
        let list = self.0.get_mut(event)?;
        let turn = list.clone();
        extract(list, |registered| registered.once);
        if list.is_none() {
            self.0.remove(event);
        }
        turn
    }

    /// Takes one listener out, if it is there.
    pub(crate) fn remove(&mut self, id: ListenerId) -> Vec<Registered<L>> {
        let lists = self.0.values_mut();
        let removed = lists.flat_map(|list| extract(list, |registered| registered.id == id));
        let removed = removed.collect();
        self.0.retain(|_, list| list.is_some());
        removed
    }

    pub(crate) fn remove_all(&mut self, event: &str) -> MaybeListeners<L> {
        self.0.remove(event).flatten()
    }
}

/// Hearing this event changes who hears the next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Changes;

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Names {
        table: ByEvent<str>,
        last_id: u64,
    }

    impl Names {
        fn add(&mut self, name: &str, once: bool) -> ListenerId {
            let id = ListenerId::next(&mut self.last_id);
            let new = Registered {
                id,
                once,
                listener: name.into(),
            };
            self.table.insert("event", new);
            id
        }

        fn hear(&mut self) -> String {
            let heard = match self.table.peek("event") {
                Ok(heard) => heard,
                Err(Changes) => self.table.take_turn("event"),
            };
            let heard = heard.as_ref().map(Listeners::as_slice).unwrap_or_default();
            heard.iter().map(|registered| &*registered.listener).collect()
        }
    }

    #[test]
    fn listeners_hear_in_order_until_they_leave() {
        let mut names = Names::default();
        assert_eq!(names.hear(), "");
        let a = names.add("a", false);
        names.add("b", true);
        names.add("c", false);
        names.add("a", false);
        assert_eq!(names.hear(), "abca");
        assert_eq!(names.hear(), "aca");
        assert_eq!(names.table.remove(a).len(), 1);
        assert!(names.table.remove(a).is_empty());
        assert_eq!(names.hear(), "ca");
        names.table.remove_all("event");
        assert_eq!(names.hear(), "");
        names.add("once", true);
        assert_eq!(names.hear(), "once");
        assert!(names.table.0.is_empty());
    }

    #[test]
    fn a_list_under_way_stays_as_it_is() {
        let mut names = Names::default();
        names.add("a", false);
        let turn = names.table.take_turn("event").unwrap();
        names.add("b", false);
        assert_eq!(turn.as_slice().len(), 1);
        assert_eq!(names.hear(), "ab");
    }
}
