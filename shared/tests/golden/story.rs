use std::num::NonZeroU8;

use serde_json::{Value, json};
use shared::arena::event::{EndCause, Event};
use shared::arena::state::PlayerState;
use shared::arena::status::Status;
use shared::arena::team::Team;
use shared::arena::weapon::WeaponId;
use shared::block::{BlockHead, Mode};
use shared::chunk::{encode_delta, encode_full};
use shared::ids::EntityId;
use shared::record::{DecodeError, Reader, Record};
use shared::replica::{self, ApplyError};
use shared::snapshot::{self, Header, encode_head};
use shared::tick::Tick;

use crate::codec::hex;

/// Stands for what only the player itself sees, whatever the arena has of that: one byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cooldown(pub(crate) u8);

impl Record for Cooldown {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(self.0);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self(reader.u8()?))
    }
}

type Replica = replica::Replica<Status, Cooldown, PlayerState, Event>;
type Snapshot = snapshot::Snapshot<Status, Cooldown, PlayerState, Event>;

/// What one snapshot says besides its blocks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Head {
    pub(crate) tick: u32,
    pub(crate) slack: i8,
    pub(crate) slipped: bool,
    /// 0 for a keyframe.
    pub(crate) base: u8,
    pub(crate) own: Option<(u16, u8)>,
    pub(crate) events: Vec<(u8, Event)>,
    pub(crate) status: Option<Status>,
}

impl Head {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let header = Header {
            tick: Tick(self.tick),
            slack: self.slack,
            slipped: self.slipped,
            base_ticks: NonZeroU8::new(self.base),
        };
        let own = self
            .own
            .map(|(entity, cooldown)| (EntityId(entity), Cooldown(cooldown)));
        let events = self.events.iter();
        let events = events.map(|&(age, event)| (Tick(self.tick - u32::from(age)), event));
        let mut bytes = Vec::new();
        encode_head(&header, own, events, self.status.as_ref(), &mut bytes);
        bytes
    }
}

pub(crate) type Entities = Vec<(EntityId, PlayerState)>;

/// One cell block of chunks that `encode` writes.
fn block(cell: u8, mode: Mode, encode: impl FnOnce(&mut Vec<u8>) -> usize) -> Vec<u8> {
    let mut chunks = Vec::new();
    let chunk_count = encode(&mut chunks);
    let mut bytes = Vec::new();
    BlockHead {
        cell,
        mode,
        chunk_count,
    }
    .encode(&mut bytes);
    bytes.extend(chunks);
    bytes
}

pub(crate) fn full(cell: u8, now: &Entities) -> Vec<u8> {
    block(cell, Mode::Full, |out| encode_full(now, out))
}

pub(crate) fn changed(cell: u8, base: &Entities, now: &Entities, ticks: u32) -> Vec<u8> {
    block(cell, Mode::Changed, |out| encode_delta(base, now, ticks, out))
}

pub(crate) fn older(cell: u8, base: &Entities, now: &Entities, age: u8) -> Vec<u8> {
    let age_ticks = NonZeroU8::new(age).expect("an age is at least one tick");
    block(cell, Mode::Older { age_ticks }, |out| {
        encode_delta(base, now, age.into(), out)
    })
}

pub(crate) fn forgotten(cell: u8) -> Vec<u8> {
    block(cell, Mode::Forgotten, |_| 0)
}

/// Snapshots that one client gets, one after the other, and what it knows after each.
pub(crate) struct Story {
    name: &'static str,
    replica: Replica,
    steps: Vec<Value>,
}

impl Story {
    pub(crate) fn new(name: &'static str) -> Self {
        Self {
            name,
            replica: Replica::new(),
            steps: Vec::new(),
        }
    }

    /// A snapshot that is applied, and shows these entities afterwards.
    pub(crate) fn shows(&mut self, head: &Head, blocks: &[Vec<u8>], entities: &[(u8, &Entities)]) {
        let mut bytes = head.bytes();
        bytes.extend(blocks.concat());
        let snapshot = self.replica.apply(&bytes).expect("the snapshot applies").clone();
        let mut expected: Vec<_> = entities
            .iter()
            .flat_map(|&(cell, entities)| entities.iter().map(move |&(id, state)| (id, state, cell)))
            .collect();
        expected.sort_unstable_by_key(|&(id, ..)| id);
        let cell_of = |id| self.replica.cell_of(id).expect("the entity is known");
        let found = snapshot.entities.iter();
        let found: Vec<_> = found.map(|&(id, state)| (id, state, cell_of(id))).collect();
        assert_eq!(found, expected, "{} at {}", self.name, head.tick);
        let value = self.value(&snapshot);
        self.steps.push(json!({ "bytes": hex(&bytes), "value": value }));
    }

    /// Bytes that change nothing.
    pub(crate) fn fails(&mut self, why: &str, is_malformed: bool, bytes: &[u8]) {
        let (before, tick) = (self.replica.latest().cloned(), self.replica.tick());
        let error = self.replica.apply(bytes).expect_err(why);
        let found = matches!(error, ApplyError::Malformed(_));
        assert_eq!(found, is_malformed, "{}: {why}: {error}", self.name);
        assert_eq!(
            (self.replica.latest(), self.replica.tick()),
            (before.as_ref(), tick)
        );
        let kind = if is_malformed { "malformed" } else { "out of step" };
        self.steps
            .push(json!({ "bytes": hex(bytes), "error": kind, "why": why }));
    }

    /// The row of the file.
    pub(crate) fn told(self) -> Value {
        json!({ "kind": "snapshots", "name": self.name, "steps": self.steps })
    }

    fn value(&self, snapshot: &Snapshot) -> Value {
        let header = &snapshot.header;
        let events: Vec<_> = snapshot
            .events
            .iter()
            .map(|&(age, event)| json!({ "age": age, "event": event_value(event) }))
            .collect();
        let entities: Vec<_> = snapshot
            .entities
            .iter()
            .map(|(id, state)| {
                let mut value = state_value(state);
                value["entity"] = json!(id);
                value["cell"] = json!(self.replica.cell_of(*id));
                value
            })
            .collect();
        let own = snapshot
            .own
            .map(|(entity, Cooldown(ticks))| json!([entity, ticks]));
        let status = snapshot.status;
        json!({
            "tick": header.tick, "slack": header.slack, "slipped": header.slipped,
            "base": header.base_ticks.map_or(0, NonZeroU8::get), "own": own, "events": events,
            "status": { "phase": status.phase.name(), "round": status.round, "ends": status.ends, "teams": status.teams },
            "entities": entities,
        })
    }
}

pub(crate) fn state_value(state: &PlayerState) -> Value {
    json!({
        "body": [state.body.x, state.body.y, state.body.vx, state.body.vy],
        "aim": state.aim, "health": state.health, "alive": state.alive, "shielded": state.shielded,
        "dashing": state.dashing, "armor": state.armor, "overcharged": state.overcharged,
        "team": state.team.map(Team::name),
        "score": state.score, "kills": state.kills, "deaths": state.deaths, "assists": state.assists,
    })
}

fn event_value(event: Event) -> Value {
    match event {
        Event::Spawned { entity, x, y } => json!({ "kind": "spawned", "entity": entity, "x": x, "y": y }),
        Event::Fired { key, owner, flight } => {
            json!({ "kind": "fired", "key": key, "owner": owner, "x": flight.x, "y": flight.y, "vx": flight.vx, "vy": flight.vy })
        }
        Event::Ended { key, x, y, cause } => {
            let cause = match cause {
                EndCause::Expired => "expired",
                EndCause::Wall => "wall",
                EndCause::Player => "player",
            };
            json!({ "kind": "ended", "key": key, "x": x, "y": y, "cause": cause })
        }
        Event::Hit {
            victim,
            attacker,
            damage,
            weapon,
        } => {
            json!({ "kind": "hit", "victim": victim, "attacker": attacker, "damage": damage, "weapon": weapon_value(weapon) })
        }
        Event::Killed {
            victim,
            killer,
            weapon,
            streak,
            shutdown,
        } => {
            json!({ "kind": "killed", "victim": victim, "killer": killer, "weapon": weapon_value(weapon), "streak": streak, "shutdown": shutdown })
        }
        Event::RailCharging { owner } => json!({ "kind": "rail charging", "owner": owner }),
        Event::RailFired { owner, from, to, hit } => {
            let mut value = json!({ "kind": "rail fired", "owner": owner, "from": from, "to": to });
            if hit != EntityId::NONE {
                value["hit"] = json!(hit);
            }
            value
        }
        Event::PickedUp { pickup, by, back } => {
            json!({ "kind": "picked up", "pickup": pickup, "by": by, "back": back })
        }
    }
}

fn weapon_value(weapon: WeaponId) -> &'static str {
    match weapon {
        WeaponId::Pulse => "pulse",
        WeaponId::Rail => "rail",
    }
}
