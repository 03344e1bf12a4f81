//! State of the application that lives with a socket: at most one value of each type.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// Values of one socket by their type, see [`Socket::extensions`](crate::Socket::extensions).
#[derive(Default)]
pub struct Extensions(
    // A std lock: held to take or put a reference.
    RwLock<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
);

impl Extensions {
    /// The value of type `T`, if there is one.
    pub fn get<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        let values = self.0.read().unwrap_or_else(PoisonError::into_inner);
        values.get(&TypeId::of::<T>())?.clone().downcast().ok()
    }

    /// Puts a value in place of the one of the same type, which is returned.
    pub fn insert<T: Send + Sync + 'static>(&self, value: T) -> Option<Arc<T>> {
        let mut values = self.0.write().unwrap_or_else(PoisonError::into_inner);
        values.insert(TypeId::of::<T>(), Arc::new(value))?.downcast().ok()
    }

    /// Takes the value of type `T` out.
    pub fn remove<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        let mut values = self.0.write().unwrap_or_else(PoisonError::into_inner);
        values.remove(&TypeId::of::<T>())?.downcast().ok()
    }

    pub(crate) fn clear(&self) {
        let values = std::mem::take(&mut *self.0.write().unwrap_or_else(PoisonError::into_inner));
        // Outside the lock, since dropping them runs code of the application.
        drop(values);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_value_of_each_type() {
        #[derive(Debug, PartialEq)]
        struct Level(u32);
        let extensions = Extensions::default();
        assert_eq!(extensions.get::<Level>(), None);
        assert_eq!(extensions.insert(Level(1)), None);
        assert_eq!(extensions.insert("other type"), None);
        assert_eq!(extensions.insert(Level(2)), Some(Arc::new(Level(1))));
        assert_eq!(extensions.get(), Some(Arc::new(Level(2))));
        assert_eq!(extensions.remove::<Level>(), Some(Arc::new(Level(2))));
        assert_eq!(extensions.get::<Level>(), None);
        assert_eq!(extensions.get::<&str>().as_deref(), Some(&"other type"));
    }
}
