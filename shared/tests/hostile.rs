//! Whatever bytes come, a decoder answers with a value or an error, and what it accepts it can write again.

use proptest::prelude::*;
use shared::arena::Replica;
use shared::arena::event::{EndCause, Event};
use shared::arena::input::Input;
use shared::arena::own::Own;
use shared::arena::projectile::Flight;
use shared::arena::scores::decode_scores;
use shared::arena::state::{Body, PlayerState};
use shared::arena::status::{Phase, Status};
use shared::arena::team::Team;
use shared::arena::weapon::WeaponId;
use shared::block::{BlockHead, Mode};
use shared::chunk::{DeltaRecord, encode_delta, encode_full};
use shared::codec;
use shared::ids::EntityId;
use shared::input::InputPacket;
use shared::limits::{
    ENTITIES_MAX, EVENT_BYTES_MAX, EVENTS_PER_SNAPSHOT_MAX, OWN_BYTES_MAX, SNAPSHOT_BYTES_MAX,
    STATE_BYTES_MAX, STATUS_BYTES_MAX,
};
use shared::look::LookPacket;
use shared::presence::{decode_presences, encode_presence};
use shared::record::{DecodeError, Reader, Record};
use shared::replica::ApplyError;
use shared::snapshot::{Header, encode_head};
use shared::tick::Tick;

proptest! {
    #[test]
    fn no_decoder_panics(bytes in prop::collection::vec(any::<u8>(), 0..700)) {
        let _ = codec::decode_lobby_request(&bytes);
        let _ = codec::decode_lobby_reply(&bytes);
        let _ = codec::decode_server(&bytes);
        let _ = codec::decode_map(&bytes);
        let _ = decode_scores(&bytes);
        let _ = Replica::new().apply(&bytes);
        if let Ok(presences) = decode_presences(&bytes) {
            let mut again = Vec::new();
            for (player, presence) in presences {
                encode_presence(player, presence, &mut again);
            }
            prop_assert_eq!(&again, &bytes);
        }
        if let Ok(packet) = LookPacket::decode(&bytes) {
            let mut again = Vec::new();
            packet.encode(&mut again);
            prop_assert_eq!(&again, &bytes);
        }
        if let Ok(packet) = InputPacket::<Input>::decode(&bytes) {
            prop_assert_eq!(packet.ticked().count(), packet.inputs.len());
        }
    }

    #[test]
    fn an_accepted_input_packet_is_written_as_it_came(
        acked in any::<u32>(),
        newest in 16..=u32::MAX,
        flags in 0_u8..4,
        view_age in any::<u8>(),
        inputs in prop::collection::vec((0_u8..8, any::<i8>(), any::<i8>(), any::<u16>()), 1..=16),
    ) {
        let mut bytes = Vec::new();
        bytes.extend_from_slice(&acked.to_le_bytes());
        bytes.extend_from_slice(&newest.to_le_bytes());
        bytes.extend_from_slice(&[inputs.len() as u8 | flags << 6, view_age]);
        for (buttons, move_x, move_y, aim) in inputs {
            bytes.extend_from_slice(&[buttons, move_x as u8, move_y as u8]);
            bytes.extend_from_slice(&aim.to_le_bytes());
        }
        let packet = InputPacket::<Input>::decode(&bytes).expect("the bytes follow the layout");
        let mut again = Vec::new();
        packet.encode(&mut again);
        prop_assert_eq!(again, bytes);
    }
}

prop_compose! {
    fn any_state()(
        (x, y, vx, vy) in any::<(u16, u16, i16, i16)>(),
        (aim, health, alive, shielded, dashing) in any::<(u8, u8, bool, bool, bool)>(),
        (score, kills, deaths, assists) in any::<(u16, u8, u8, u8)>(),
        (armor, overcharged, team) in (any::<u8>(), any::<bool>(), prop::sample::select(vec![None, Some(Team::Blue), Some(Team::Orange)])),
    ) -> PlayerState {
        PlayerState {
            body: Body { x, y, vx, vy }, aim, health, alive, shielded, dashing, armor, overcharged, team, score, kills, deaths, assists,
        }
    }
}

prop_compose! {
    /// One that may have come of `base` in a while.
    fn any_pair()(
        base in any_state(),
        other in any_state(),
        (near_x, near_y) in (-200_i16..200, -200_i16..200),
        (turn_x, turn_y) in (-2100_i16..2100, -2100_i16..2100),
        ticks in 1_u8..,
        keeps in any::<u8>(),
    ) -> (PlayerState, PlayerState, u8) {
        let mut now = other;
        if keeps & 1 != 0 {
            now.body.vx = base.body.vx.wrapping_add(turn_x);
            now.body.vy = base.body.vy.wrapping_add(turn_y);
        }
        if keeps & 2 != 0 {
            (now.body.vx, now.body.vy) = (base.body.vx, base.body.vy);
        }
        if keeps & 4 != 0 {
            let way = |before: i16, after: i16| ((i32::from(before) + i32::from(after)) * i32::from(ticks) / 60) as i16;
            now.body.x = base.body.x.wrapping_add_signed(way(base.body.vx, now.body.vx).wrapping_add(near_x));
            now.body.y = base.body.y.wrapping_add_signed(way(base.body.vy, now.body.vy).wrapping_add(near_y));
        }
        if keeps & 8 != 0 {
            now.aim = base.aim;
        }
        if keeps & 16 != 0 {
            (now.health, now.alive, now.shielded, now.dashing) = (base.health, base.alive, base.shielded, base.dashing);
        }
        if keeps & 32 != 0 {
            (now.score, now.kills, now.deaths) = (base.score, base.kills, base.deaths);
        }
        (base, now, ticks)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn a_difference_is_exact_for_every_pair((base, now, ticks) in any_pair()) {
        let mut bytes = Vec::new();
        now.encode_delta(&base, ticks.into(), &mut bytes);
        prop_assert!(bytes.len() <= STATE_BYTES_MAX);
        let mut reader = Reader::new(&bytes);
        prop_assert_eq!(PlayerState::decode_delta(&mut reader, &base, ticks.into()), Ok(now));
        prop_assert_eq!(reader.finish(), Ok(()));
    }

    #[test]
    fn bytes_from_anywhere_are_a_state_or_none(base in any_state(), bytes in prop::collection::vec(any::<u8>(), 0..20)) {
        let mut reader = Reader::new(&bytes);
        if let Ok(now) = PlayerState::decode_delta(&mut reader, &base, 3) {
            let mut again = Vec::new();
            now.encode_delta(&base, 3, &mut again);
            prop_assert!(again.len() <= bytes.len() - reader.remaining(), "our own form is the shortest");
        }
    }
}

fn bytes_of(record: &impl Record) -> usize {
    let mut bytes = Vec::new();
    record.encode(&mut bytes);
    bytes.len()
}

#[test]
fn the_records_of_the_arena_keep_the_bounds_that_snapshots_are_made_for() {
    let (entity, cause, weapon) = (EntityId(1), EndCause::Wall, WeaponId::Rail);
    let flight = Flight::new(1, 2, 3, 4);
    let (victim, attacker, killer) = (entity, entity, entity);
    for event in [
        Event::Spawned { entity, x: 1, y: 2 },
        Event::Fired {
            key: 1,
            owner: entity,
            flight,
        },
        Event::Ended {
            key: 1,
            x: 1,
            y: 2,
            cause,
        },
        Event::Hit {
            victim,
            attacker,
            damage: 3,
            weapon,
        },
        Event::Killed {
            victim,
            killer,
            weapon,
            streak: 3,
            shutdown: true,
        },
        Event::RailCharging { owner: entity },
        Event::RailFired {
            owner: entity,
            from: (1, 2),
            to: (3, 4),
            hit: entity,
        },
        Event::PickedUp {
            pickup: 1,
            by: entity,
            back: Tick(2),
        },
    ] {
        assert!(bytes_of(&event) <= EVENT_BYTES_MAX);
    }
    let status = Status {
        phase: Phase::Live,
        round: 0,
        ends: Tick(0),
        teams: Some([1, 2]),
    };
    let overcharged = Own {
        overcharge_ticks: 1,
        ..Own::default()
    };
    let armored = PlayerState {
        armor: 1,
        ..PlayerState::default()
    };
    assert!(bytes_of(&armored) <= STATE_BYTES_MAX);
    assert!(bytes_of(&status) <= STATUS_BYTES_MAX && bytes_of(&overcharged) <= OWN_BYTES_MAX);
}

/// A keyframe of so many players in one cell, with as many of the longest events as there may be.
fn crowded(count: u16) -> Vec<u8> {
    let header = Header {
        tick: Tick(3),
        slack: 0,
        slipped: false,
        base_ticks: None,
    };
    let flight = Flight::new(1, 2, 3, 4);
    let fired = |key: usize| Event::Fired {
        key: key as u16,
        owner: EntityId(1),
        flight,
    };
    let events = (0..EVENTS_PER_SNAPSHOT_MAX).map(|key| (Tick(3), fired(key)));
    let status = Status {
        phase: Phase::Live,
        round: 0,
        ends: Tick(0),
        teams: None,
    };
    let entities: Vec<_> = (0..count)
        .map(|id| (EntityId(id * 63), PlayerState::default()))
        .collect();
    let (mut bytes, mut chunks) = (Vec::new(), Vec::new());
    let own = Replica::new().latest().and_then(|known| known.own);
    encode_head(&header, own, events, Some(&status), &mut bytes);
    let head = BlockHead {
        cell: 0,
        mode: Mode::Full,
        chunk_count: encode_full(&entities, &mut chunks),
    };
    head.encode(&mut bytes);
    bytes.extend(chunks);
    bytes
}

#[test]
fn a_client_takes_as_much_as_there_may_be_and_no_more() {
    let full = crowded(ENTITIES_MAX as u16);
    assert!(full.len() <= SNAPSHOT_BYTES_MAX);
    let mut replica = Replica::new();
    let known = replica.apply(&full).unwrap();
    assert_eq!(
        (known.entities.len(), known.events.len()),
        (ENTITIES_MAX, EVENTS_PER_SNAPSHOT_MAX)
    );
    let before = replica.latest().cloned();
    let mut long = full;
    long.resize(SNAPSHOT_BYTES_MAX + 1, 0);
    for bytes in [long, crowded(1 + ENTITIES_MAX as u16)] {
        let error = replica.apply(&bytes).map(|_| ());
        assert!(matches!(
            error,
            Err(ApplyError::Malformed(DecodeError::TooMany { .. }))
        ));
        assert_eq!(replica.latest(), before.as_ref());
    }
}

#[test]
fn somebody_may_come_for_somebody_who_leaves_when_there_are_as_many_as_there_may_be() {
    let mut replica = Replica::new();
    replica.apply(&crowded(ENTITIES_MAX as u16)).unwrap();
    let full = replica.latest().unwrap().clone();
    let newcomer = (EntityId(1), PlayerState::default());
    let mut now = full.entities.clone();
    now.pop();
    now.insert(1, newcomer);
    let header = Header {
        tick: Tick(6),
        base_ticks: std::num::NonZeroU8::new(3),
        ..full.header
    };
    let (mut bytes, mut chunks) = (Vec::new(), Vec::new());
    let no_events = std::iter::empty::<(Tick, Event)>();
    encode_head(&header, full.own, no_events, Some(&full.status), &mut bytes);
    let head = BlockHead {
        cell: 0,
        mode: Mode::Changed,
        chunk_count: encode_delta(&full.entities, &now, 3, &mut chunks),
    };
    head.encode(&mut bytes);
    bytes.extend(chunks);
    assert_eq!(replica.apply(&bytes).unwrap().entities, now);
}
