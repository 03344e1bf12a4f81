//! Rooms, in memory: who is where, and whom a broadcast reaches.
//!
//! The members of a room are a dense array of seats, copied on write: a broadcast takes a reference to it under a
//! short lock and then walks it without one, so joins never wait for the writes of a broadcast.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock};

use crate::error::JoinError;
use crate::room_events::{RoomEvent, RoomEvents};
use crate::seat::Seat;
use crate::selection::Selection;
use crate::stats::Stats;

/// The rooms of one namespace.
pub(crate) struct Rooms {
    tables: RwLock<Tables>,
    rooms_max: usize,
    pub(crate) events: RoomEvents,
}

#[derive(Default)]
struct Tables {
    everybody: Room,
    by_name: HashMap<Arc<str>, Room>,
    /// Rooms of each seat besides its own, by seat key.
    rooms_of: HashMap<u64, Vec<Arc<str>>>,
    /// Each socket is alone in the room named like its id; a table of ids is cheaper than a room for each.
    by_id: HashMap<String, Arc<Seat>>,
}

#[derive(Default)]
struct Room {
    members: Arc<Vec<Arc<Seat>>>,
    /// Place of each seat in `members`, by seat key.
    index: HashMap<u64, usize>,
}

/// The recipients of one broadcast: each at most once.
pub(crate) struct Targets {
    members: Arc<Vec<Arc<Seat>>>,
    except: Except,
}

/// Keys of the seats that are left out. Usually that is the one that broadcasts, for which a comparison is cheaper
/// than a hash.
enum Except {
    Nobody,
    One(u64),
    Many(HashSet<u64>),
}

impl Targets {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Seat>> {
        self.members.iter().filter(|seat| self.has(seat))
    }

    /// Lets `send` do what it does with each. Those of some seats are looked at together before, see [`Seat::look`].
    pub(crate) fn for_each(&self, mut send: impl FnMut(&Arc<Seat>)) {
        for seats in self.members.chunks(SEATS_AHEAD) {
            let seen = seats.iter().filter(|seat| seat.look()).count();
            let open = seats.iter().filter(|seat| seat.look_deeper()).count();
            std::hint::black_box((seen, open));
            for seat in seats.iter().filter(|seat| self.has(seat)) {
                send(seat);
            }
        }
    }

    fn has(&self, seat: &Seat) -> bool {
        match &self.except {
            Except::Nobody => true,
            Except::One(key) => *key != seat.key,
            Except::Many(keys) => !keys.contains(&seat.key),
        }
    }
}

/// So many seats are looked at together: what they need fits the nearest caches beside what the kernel does meanwhile.
const SEATS_AHEAD: usize = 16;

impl Rooms {
    pub(crate) fn new(rooms_max: usize, stats: Arc<Stats>) -> Self {
        Self {
            tables: RwLock::default(),
            rooms_max,
            events: RoomEvents::new(stats),
        }
    }

    /// Lets a seat join rooms before it is connected.
    pub(crate) fn expect(&self, seat: &Seat) {
        self.write().rooms_of.insert(seat.key, Vec::new());
    }

    /// Connects a seat. Who wants to know of its room is told with the next [`RoomEvents::tell`].
    pub(crate) fn add(&self, seat: Arc<Seat>) {
        let mut tables = self.write();
        let is_new = !tables.exists(&seat.id);
        tables.by_id.insert(seat.id.clone(), seat.clone());
        self.note_join(&seat, &seat.id, is_new);
        tables.everybody.add(seat);
    }

    pub(crate) fn remove(&self, seat: &Seat) {
        {
            let mut tables = self.write();
            tables.everybody.remove(seat.key);
            if tables
                .by_id
                .get(&seat.id)
                .is_some_and(|sits| sits.key == seat.key)
            {
                tables.by_id.remove(&seat.id);
                self.note_leave(seat, &seat.id, !tables.exists(&seat.id));
            }
            for room in tables.rooms_of.remove(&seat.key).unwrap_or_default() {
                tables.leave(seat.key, &room);
                self.note_leave(seat, &room, !tables.exists(&room));
            }
        }
        self.events.tell();
    }

    pub(crate) fn join(&self, seat: &Arc<Seat>, room: &str) -> Result<(), JoinError> {
        self.enter(seat, room)?;
        self.events.tell();
        Ok(())
    }

    fn enter(&self, seat: &Arc<Seat>, room: &str) -> Result<(), JoinError> {
        let mut tables = self.write();
        let is_new = !tables.exists(room);
        let Tables {
            by_name, rooms_of, ..
        } = &mut *tables;
        let rooms = rooms_of.get_mut(&seat.key).ok_or(JoinError::Disconnected)?;
        if room == seat.id || rooms.iter().any(|joined| &**joined == room) {
            return Ok(());
        }
        if rooms.len() >= self.rooms_max {
            return Err(JoinError::TooManyRooms);
        }
        let name: Arc<str> = by_name
            .get_key_value(room)
            .map_or_else(|| room.into(), |(name, _)| name.clone());
        rooms.push(name.clone());
        by_name.entry(name).or_default().add(seat.clone());
        self.note_join(seat, room, is_new);
        Ok(())
    }

    pub(crate) fn leave(&self, seat: &Seat, room: &str) {
        {
            let mut tables = self.write();
            let Some(rooms) = tables.rooms_of.get_mut(&seat.key) else {
                return;
            };
            let Some(place) = rooms.iter().position(|joined| &**joined == room) else {
                return;
            };
            rooms.remove(place);
            tables.leave(seat.key, room);
            self.note_leave(seat, room, !tables.exists(room));
        }
        self.events.tell();
    }

    fn note_join(&self, seat: &Seat, room: &str, is_new: bool) {
        if is_new {
            self.events.note(|| RoomEvent::Create { room: room.into() });
        }
        self.events.note(|| RoomEvent::Join {
            room: room.into(),
            id: seat.id.as_str().into(),
        });
    }

    fn note_leave(&self, seat: &Seat, room: &str, was_last: bool) {
        self.events.note(|| RoomEvent::Leave {
            room: room.into(),
            id: seat.id.as_str().into(),
        });
        if was_last {
            self.events.note(|| RoomEvent::Delete { room: room.into() });
        }
    }

    /// Rooms of a seat, its own first; empty once it is gone.
    pub(crate) fn rooms(&self, seat: &Seat) -> Vec<String> {
        let tables = self.read();
        let Some(rooms) = tables.rooms_of.get(&seat.key) else {
            return Vec::new();
        };
        std::iter::once(seat.id.clone())
            .chain(rooms.iter().map(|room| room.to_string()))
            .collect()
    }

    /// The seat of a connected socket.
    pub(crate) fn find(&self, id: &str) -> Option<Arc<Seat>> {
        self.read().by_id.get(id).cloned()
    }

    pub(crate) fn count(&self) -> usize {
        self.read().everybody.members.len()
    }

    pub(crate) fn select(&self, selection: &Selection) -> Targets {
        let tables = self.read();
        let members = match selection.rooms.as_slice() {
            [] => tables.everybody.members.clone(),
            [room] if !tables.by_id.contains_key(room) => tables
                .by_name
                .get(room.as_str())
                .map(|room| room.members.clone())
                .unwrap_or_default(),
            rooms => {
                let mut seen = HashSet::new();
                let union = rooms.iter().flat_map(|room| tables.members(room));
                Arc::new(union.filter(|seat| seen.insert(seat.key)).cloned().collect())
            }
        };
        let except = selection
            .except
            .iter()
            .flat_map(|room| tables.members(room))
            .map(|seat| seat.key);
        let except: HashSet<u64> = except.collect();
        let except = match (except.len(), except.iter().next()) {
            (1, Some(key)) => Except::One(*key),
            (0, _) => Except::Nobody,
            _ => Except::Many(except),
        };
        Targets { members, except }
    }

    fn read(&self) -> impl std::ops::Deref<Target = Tables> {
        self.tables.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> impl std::ops::DerefMut<Target = Tables> {
        self.tables.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tables {
    fn exists(&self, room: &str) -> bool {
        self.by_name.contains_key(room) || self.by_id.contains_key(room)
    }

    fn members<'a>(&'a self, room: &str) -> impl Iterator<Item = &'a Arc<Seat>> + use<'a> {
        let named = self
            .by_name
            .get(room)
            .map(|room| room.members.as_slice())
            .unwrap_or_default();
        named.iter().chain(self.by_id.get(room))
    }

    fn leave(&mut self, key: u64, name: &str) {
        if let Some(room) = self.by_name.get_mut(name) {
            room.remove(key);
            if room.members.is_empty() {
                self.by_name.remove(name);
            }
        }
    }
}

impl Room {
    fn add(&mut self, seat: Arc<Seat>) {
        let members = Arc::make_mut(&mut self.members);
        self.index.insert(seat.key, members.len());
        members.push(seat);
    }

    fn remove(&mut self, key: u64) {
        let Some(place) = self.index.remove(&key) else {
            return;
        };
        let members = Arc::make_mut(&mut self.members);
        members.swap_remove(place);
        if let Some(moved) = members.get(place) {
            self.index.insert(moved.key, place);
        }
    }
}
