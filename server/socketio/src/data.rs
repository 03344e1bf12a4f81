//! What an application keeps with a socket as JSON: the part of its state that other nodes may see and that recovery
//! brings back.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value};

/// Data of one socket, see [`Socket::data`](crate::Socket::data): an empty object at first. What belongs to this
/// process alone is better kept in [`Extensions`](crate::Extensions).
#[derive(Debug, Default)]
pub struct SocketData(
    // A std mutex: held to take or put a reference, never while code of the application runs.
    Mutex<State>,
);

#[derive(Debug, Default)]
struct State {
    /// `None` is the empty object of a socket that has no data.
    value: Option<Arc<Value>>,
    /// Counts the changes.
    version: u64,
}

impl SocketData {
    /// All of it as it is now: a copy, which later changes do not reach.
    pub fn snapshot(&self) -> Value {
        let value = self.lock().value.clone();
        value.map_or_else(|| Value::Object(Map::new()), |value| Value::clone(&value))
    }

    /// A copy of the field `name`, if there is one.
    pub fn get(&self, name: &str) -> Option<Value> {
        let value = self.lock().value.clone();
        value?.get(name).cloned()
    }

    /// Sets the field `name`. What was no object becomes one.
    pub fn set(&self, name: &str, value: impl Into<Value>) {
        let value = value.into();
        self.update(|data| {
            if !data.is_object() {
                *data = Value::Object(Map::new());
            }
            data[name] = value.clone();
        });
    }

    /// Puts `value` in place of everything.
    pub fn replace(&self, value: impl Into<Value>) {
        // Outside the lock, since it is code of the application.
        let value = Arc::new(value.into());
        let mut state = self.lock();
        state.value = Some(value);
        state.version += 1;
    }

    /// Changes it by `f` as a whole: nobody sees it half changed, and no change of another thread is lost. For that
    /// `f` gets a copy, and is called again when somebody else was faster.
    pub fn update(&self, mut f: impl FnMut(&mut Value)) {
        loop {
            let version = self.lock().version;
            let mut value = self.snapshot();
            f(&mut value);
            let mut state = self.lock();
            if state.version == version {
                state.value = Some(Arc::new(value));
                state.version += 1;
                return;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn data_is_an_object_until_somebody_replaces_it() {
        let data = SocketData::default();
        assert_eq!(data.snapshot(), json!({}));
        assert_eq!(data.get("name"), None);
        data.set("name", "Ada");
        data.set("level", 3);
        assert_eq!(data.get("name"), Some(json!("Ada")));
        data.update(|data| data["level"] = json!(4));
        assert_eq!(data.snapshot(), json!({"name": "Ada", "level": 4}));
        data.replace(7);
        assert_eq!(data.snapshot(), json!(7));
        data.set("name", "Bo");
        assert_eq!(data.snapshot(), json!({"name": "Bo"}));
    }

    #[test]
    fn no_change_is_lost() {
        let data = SocketData::default();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..500 {
                        data.update(|data| data["n"] = json!(data["n"].as_u64().unwrap_or(0) + 1));
                    }
                });
            }
        });
        assert_eq!(data.snapshot(), json!({"n": 2000}));
    }
}
