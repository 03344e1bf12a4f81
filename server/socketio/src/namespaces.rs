//! All namespaces by name: those the program has made, and those that clients have called into being.
//!
//! ```text
//! a client asks for a name          table            deciders, one after another
//!   known and open                  enters
//!   known, but not open yet         waits until those who are told of new namespaces have been told
//!   unknown                                          the first that agrees: made under the lock, once
//!   unknown                                          none agrees: refused
//! ```
//!
//! A child that is cleaned up counts its tenants: clients on their way into it, and its sockets. It is counted under
//! the same lock under which it is found and removed, so that nobody enters one that is gone.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::task::{Context, Poll, Waker};

use serde_json::Value;

use crate::dynamic::{Matcher, Parent};
use crate::engine::config::Config;
use crate::error::ConnectError;
use crate::guard::guarded_event;
use crate::namespace::Namespace;
use crate::scope::{AdapterFactory, Scope};
use crate::stats::{self, Stats};

pub(crate) struct Namespaces {
    // A std lock: held for a look, and while a namespace is made, so that it is made once. Its adapter is given all it
    // needs; one that asks for a namespace while it is made would wait for itself.
    tables: RwLock<Tables>,
    on_new: RwLock<Vec<NewNamespaceHandler>>,
    config: Arc<Config>,
    stats: Arc<Stats>,
    adapter: AdapterFactory,
}

type NewNamespaceHandler = Arc<dyn Fn(&Namespace) + Send + Sync>;

#[derive(Default)]
struct Tables {
    by_name: HashMap<String, Entry>,
    parents: Vec<Arc<Parent>>,
    /// Those of `by_name` that have a parent.
    children_count: usize,
}

struct Entry {
    namespace: Namespace,
    parent: Option<Arc<Parent>>,
    /// Only counted where it is cleaned up.
    tenants_count: usize,
}

/// A client in front of a namespace.
pub(crate) struct Visit {
    pub(crate) namespace: Namespace,
    /// To be kept as long as the client is in the namespace, or on its way.
    pub(crate) lease: Lease,
}

/// Keeps a namespace while somebody is in it; `None` where it stays anyway.
pub(crate) type Lease = Option<Box<dyn Send + Sync>>;

/// Where a client that asks for a namespace has to go.
pub(crate) enum Way {
    In(Visit),
    /// It takes a while, because the application decides.
    Wait(Search),
    Nowhere,
}

/// A search for a namespace; it runs code of the application.
pub(crate) type Search = Pin<Box<dyn Future<Output = Result<Visit, ConnectError>> + Send>>;

impl Namespaces {
    pub(crate) fn new(config: Arc<Config>, stats: Arc<Stats>, adapter: AdapterFactory) -> Self {
        Self {
            tables: RwLock::default(),
            on_new: RwLock::default(),
            config,
            stats,
            adapter,
        }
    }

    /// Closes the adapters of all namespaces.
    pub(crate) async fn close_adapters(&self) {
        let namespaces: Vec<Namespace> = {
            let tables = self.read();
            tables
                .by_name
                .values()
                .map(|entry| entry.namespace.clone())
                .collect()
        };
        for namespace in namespaces {
            namespace.close().await;
        }
    }

    pub(crate) fn add_parent(&self, matcher: Matcher) -> Arc<Parent> {
        let parent = Arc::new(Parent::new(matcher));
        self.write().parents.push(parent.clone());
        parent
    }

    pub(crate) fn on_new(&self, f: impl Fn(&Namespace) + Send + Sync + 'static) {
        let mut on_new = self.on_new.write().unwrap_or_else(PoisonError::into_inner);
        on_new.push(Arc::new(f));
    }

    /// The namespace `name` for the program, which makes it if there is none.
    pub(crate) fn get_or_create(&self, name: &str) -> Namespace {
        let name = if name.starts_with('/') {
            name.to_owned()
        } else {
            format!("/{name}")
        };
        let namespace = {
            let mut tables = self.write();
            if let Some(entry) = tables.by_name.get(&name) {
                return entry.namespace.clone();
            }
            let parent = tables.parents.iter().find(|parent| parent.claims(&name));
            let parent = parent.cloned();
            self.create(&mut tables, &name, parent)
        };
        self.open(&namespace);
        namespace
    }

    /// The way of a client into the namespace `name`.
    pub(crate) fn find(self: &Arc<Self>, name: &str, auth: &Value) -> Way {
        if let Some(visit) = self.enter(name) {
            if visit.namespace.is_open() {
                return Way::In(visit);
            }
            return Way::Wait(Box::pin(opened(visit)));
        }
        let parents = self.read().parents.clone();
        if parents.is_empty() {
            return Way::Nowhere;
        }
        let (namespaces, name, auth) = (self.clone(), name.to_owned(), auth.clone());
        Way::Wait(Box::pin(async move {
            for parent in parents {
                if parent.accepts(&name, &auth).await {
                    return opened(namespaces.enter_child(&name, parent)?).await;
                }
            }
            Err(invalid())
        }))
    }

    /// A namespace that is there.
    fn enter(self: &Arc<Self>, name: &str) -> Option<Visit> {
        {
            let tables = self.read();
            let entry = tables.by_name.get(name)?;
            if !self.cleans_up(entry) {
                return Some(Visit {
                    namespace: entry.namespace.clone(),
                    lease: None,
                });
            }
        }
        let mut tables = self.write();
        let entry = tables.by_name.get_mut(name)?;
        Some(self.rent(name, entry))
    }

    /// A namespace that `parent` allows. Of several clients that ask for it at once, one makes it.
    fn enter_child(self: &Arc<Self>, name: &str, parent: Arc<Parent>) -> Result<Visit, ConnectError> {
        let visit = {
            let mut tables = self.write();
            if let Some(entry) = tables.by_name.get_mut(name) {
                return Ok(self.rent(name, entry));
            }
            if tables.children_count >= self.config.dynamic_namespaces_max {
                stats::increment(&self.stats.dynamic_namespaces_refused);
                return Err(ConnectError::new("Too many namespaces"));
            }
            self.create(&mut tables, name, Some(parent));
            let entry = tables.by_name.get_mut(name).ok_or_else(invalid)?;
            self.rent(name, entry)
        };
        self.open(&visit.namespace);
        Ok(visit)
    }

    fn rent(self: &Arc<Self>, name: &str, entry: &mut Entry) -> Visit {
        let namespace = entry.namespace.clone();
        if !self.cleans_up(entry) {
            return Visit {
                namespace,
                lease: None,
            };
        }
        entry.tenants_count += 1;
        let tenancy = Tenancy {
            namespaces: self.clone(),
            name: name.to_owned(),
        };
        Visit {
            namespace,
            lease: Some(Box::new(tenancy)),
        }
    }

    fn create(&self, tables: &mut Tables, name: &str, parent: Option<Arc<Parent>>) -> Namespace {
        let scope = Scope::new(name, self.config.clone(), self.stats.clone(), &self.adapter);
        let inherited = parent.as_ref().map(|parent| parent.entrance().clone());
        let namespace = Namespace::new(scope, inherited);
        if let Some(parent) = &parent {
            parent.add(namespace.clone());
            tables.children_count += 1;
            stats::increment(&self.stats.dynamic_namespaces);
        }
        let entry = Entry {
            namespace: namespace.clone(),
            parent,
            tenants_count: 0,
        };
        tables.by_name.insert(name.to_owned(), entry);
        namespace
    }

    /// Tells those who want to know of a new namespace, and opens it.
    fn open(&self, namespace: &Namespace) {
        let on_new = self.on_new.read().unwrap_or_else(PoisonError::into_inner).clone();
        for handler in on_new {
            guarded_event(&self.stats, namespace.name(), "new_namespace", || {
                handler(namespace)
            });
        }
        namespace.open();
    }

    fn cleans_up(&self, entry: &Entry) -> bool {
        self.config.cleanup_empty_child_namespaces && entry.parent.is_some()
    }

    /// A client has left; the last one takes the namespace along.
    fn leave(&self, name: &str) {
        let removed = {
            let mut tables = self.write();
            let Some(entry) = tables.by_name.get_mut(name) else {
                return;
            };
            entry.tenants_count -= 1;
            if entry.tenants_count > 0 {
                return;
            }
            tables.children_count -= 1;
            tables.by_name.remove(name)
        };
        let Some(Entry {
            namespace,
            parent: Some(parent),
            ..
        }) = removed
        else {
            return;
        };
        parent.remove(&namespace);
        stats::decrement(&self.stats.dynamic_namespaces);
        let mut closing: Pin<Box<dyn Future<Output = ()> + Send>> =
            Box::pin(async move { namespace.close().await });
        // An adapter that is alone is closed at once; a task exists only where there is something to wait for.
        let poll = closing.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        if let (Poll::Pending, Ok(runtime)) = (poll, tokio::runtime::Handle::try_current()) {
            runtime.spawn(closing);
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, Tables> {
        self.tables.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Tables> {
        self.tables.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One client of a namespace that is cleaned up.
struct Tenancy {
    namespaces: Arc<Namespaces>,
    name: String,
}

impl Drop for Tenancy {
    fn drop(&mut self) {
        self.namespaces.leave(&self.name);
    }
}

async fn opened(visit: Visit) -> Result<Visit, ConnectError> {
    visit.namespace.wait_open().await;
    Ok(visit)
}

fn invalid() -> ConnectError {
    ConnectError::new("Invalid namespace")
}
