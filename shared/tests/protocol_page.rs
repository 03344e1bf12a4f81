//! What PROTOCOL.md says about bytes is true: each of its examples decodes, and to what stands beside it.

use shared::arena::Replica;
use shared::arena::input::Input;
use shared::codec::{decode_lobby_reply, decode_lobby_request};
use shared::ids::{EntityId, MatchId, PlayerId};
use shared::input::InputPacket;
use shared::look::{Look, LookPacket};
use shared::message::{LobbyReply, LobbyRequest, MatchChoice, PROTOCOL_VERSION, Wish};
use shared::presence::{Presence, decode_presences};
use shared::steer::{Speed, Steer};
use shared::tick::Tick;

const PAGE: &str = include_str!("../../PROTOCOL.md");

/// The bytes of each block of this kind; what follows two spaces is explanation.
fn examples(kind: &str) -> Vec<Vec<u8>> {
    let start = format!("```hex {kind}\n");
    let blocks = PAGE.split(&start).skip(1);
    blocks
        .map(|block| {
            let (block, _) = block.split_once("```").expect("a block ends");
            let line = |line: &str| line.split("  ").next().unwrap_or_default().to_owned();
            let words: Vec<String> = block.lines().map(line).collect();
            let bytes = words.iter().flat_map(|line| line.split_whitespace());
            bytes
                .map(|byte| u8::from_str_radix(byte, 16).expect("two digits"))
                .collect()
        })
        .collect()
}

fn example(kind: &str) -> Vec<u8> {
    let mut found = examples(kind);
    assert_eq!(found.len(), 1, "{kind}");
    found.remove(0)
}

#[test]
fn the_page_is_of_this_version() {
    assert!(PAGE.contains(&format!("Version {PROTOCOL_VERSION} (`PROTOCOL_VERSION`)")));
}

#[test]
fn the_lobby_is_asked_for_a_seat() {
    let request = decode_lobby_request(&example("request"));
    let expected = LobbyRequest::Join {
        protocol: PROTOCOL_VERSION,
        name: "Ada".into(),
        choice: MatchChoice::Any,
    };
    assert_eq!(request, Ok(expected));
    let token = "0123456789abcdef0123456789abcdef".into();
    assert_eq!(
        decode_lobby_reply(&example("reply")),
        Ok(LobbyReply::Seat { token })
    );
}

#[test]
fn a_private_match_is_begun_with_a_wish() {
    let expected = LobbyRequest::Join {
        protocol: PROTOCOL_VERSION,
        name: "Ada".into(),
        choice: MatchChoice::Private(Wish {
            mode: Some("teams".into()),
            map: None,
        }),
    };
    assert_eq!(decode_lobby_request(&example("private")), Ok(expected));
}

#[test]
fn a_match_is_asked_for_to_be_watched_and_looked_at() {
    let expected = LobbyRequest::Watch {
        protocol: PROTOCOL_VERSION,
        match_id: Some(MatchId(7)),
    };
    assert_eq!(decode_lobby_request(&example("watch")), Ok(expected));
    let expected = LookPacket {
        acked: Tick(600),
        look: Look::Follow(EntityId(1)),
        hidden: false,
        resync: false,
    };
    assert_eq!(LookPacket::decode(&example("look")), Ok(expected));
}

#[test]
fn a_recording_is_asked_for_and_steered() {
    let expected = LobbyRequest::Replay {
        protocol: PROTOCOL_VERSION,
        name: "1764201600000-match-1".into(),
        tick: Tick(600),
    };
    assert_eq!(decode_lobby_request(&example("replay")), Ok(expected));
    let expected = Steer {
        speed: Speed::parse(8).expect("there is this speed"),
        to: Some(Tick(1200)),
    };
    assert_eq!(Steer::decode(&example("steer")), Ok(expected));
}

#[test]
fn a_ping_is_answered_with_how_everybody_is_reached() {
    let expected = vec![
        (PlayerId(0), Presence::measured(24)),
        (PlayerId(7), Presence::AWAY),
        (PlayerId(8), Presence::UNMEASURED),
    ];
    assert_eq!(decode_presences(&example("presences")), Ok(expected));
}

#[test]
fn an_input_names_its_tick() {
    let held = Input {
        move_x: 127,
        aim: 16_384,
        ..Input::NEUTRAL
    };
    let inputs = vec![held, Input { fire: true, ..held }];
    let expected = InputPacket::new(Tick(600), Tick(606), inputs, 30);
    assert_eq!(InputPacket::decode(&example("input")), Ok(expected));
}

#[test]
fn snapshots_stand_on_each_other() {
    let mut replica = Replica::new();
    let found = examples("snapshot");
    assert_eq!(found.len(), 2);
    let own = EntityId(1);
    let whole = replica.apply(&found[0]).expect("the keyframe applies").clone();
    assert_eq!((whole.header.tick, whole.own_entity()), (Tick(600), own));
    assert_eq!((whole.entities.len(), whole.events.len()), (2, 1));
    let next = replica.apply(&found[1]).expect("the difference applies");
    let (before, after) = (whole.entities[0].1, next.entities[0].1);
    assert_eq!((after.body.x, after.aim), (1513, 0x41));
    assert_eq!((after.body.y, after.body.vx), (before.body.y, before.body.vx));
    assert_eq!(next.entities[1], whole.entities[1]);
    assert!(Replica::new().apply(&found[1]).is_err(), "it stands on the first");
}
