use serde_json::{Value, json};
use shared::arena::event::Event;
use shared::arena::input::Input;
use shared::arena::map::{Map, Wall};
use shared::arena::state::Body;
use shared::codec;
use shared::ids::{EntityId, MatchId, PlayerId};
use shared::input::InputPacket;
use shared::message::{
    ClientMessage, Joined, MatchEnd, PROTOCOL_VERSION, Refusal, RosterEntry, ServerMessage,
};
use shared::snapshot::{self, Header, SLACK_UNKNOWN};
use shared::tick::Tick;

use crate::check_file;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn vector(kind: &str, bytes: &[u8], value: &Value) -> Value {
    json!({ "kind": kind, "bytes": hex(bytes), "value": value })
}

fn roster() -> Vec<RosterEntry> {
    let entry = |player, name: &str, bot| RosterEntry {
        player: PlayerId(player),
        entity: EntityId(player + 300),
        bot,
        name: name.into(),
    };
    vec![
        entry(0, "Ada", false),
        entry(250, "Bot 1", true),
        entry(251, "日本語 é", false),
    ]
}

fn arena_map() -> Map {
    Map {
        name: "Cross".into(),
        width: 2047,
        height: 250,
        walls: vec![Wall {
            x: 252,
            y: 65,
            width: 300,
            height: 20,
        }],
    }
}

fn client_messages() -> Vec<ClientMessage> {
    vec![
        ClientMessage::Join {
            protocol: PROTOCOL_VERSION,
            name: "Ada".into(),
        },
        ClientMessage::Join {
            protocol: 65535,
            name: "x".repeat(300),
        },
        ClientMessage::Leave,
    ]
}

fn server_messages() -> Vec<ServerMessage> {
    let joined = Joined {
        match_id: MatchId(70_000),
        player: PlayerId(251),
        entity: EntityId(551),
        tick: Tick(123_456_789),
        tick_hz: 60,
        snapshot_interval_ticks: 3,
        roster: roster(),
        setup: codec::encode_map(&arena_map()),
    };
    let refusals = [
        Refusal::ProtocolMismatch { server: 258 },
        Refusal::NameInvalid,
        Refusal::AlreadyJoined,
        Refusal::ServerFull,
        Refusal::Busy,
        Refusal::ServerClosing,
    ];
    let mut messages = vec![ServerMessage::Joined(joined)];
    messages.extend(refusals.map(ServerMessage::Refused));
    messages.extend([
        ServerMessage::Left,
        ServerMessage::PlayerJoined(roster().remove(1)),
        ServerMessage::PlayerLeft {
            player: PlayerId(65_535),
        },
        ServerMessage::MatchEnded {
            reason: MatchEnd::Crashed,
        },
        ServerMessage::MatchEnded {
            reason: MatchEnd::Closed,
        },
        ServerMessage::ServerClosing,
    ]);
    messages
}

fn input_packets() -> Vec<InputPacket<Input>> {
    let input = |move_x, move_y| Input { move_x, move_y };
    vec![
        InputPacket {
            acked: Tick(0),
            newest: Tick(1),
            inputs: vec![input(127, -127)],
        },
        InputPacket {
            acked: Tick(70_000),
            newest: Tick(70_005),
            inputs: vec![input(-128, 0), input(1, -1)],
        },
        InputPacket {
            acked: Tick(u32::MAX),
            newest: Tick(u32::MAX),
            inputs: vec![input(5, 6); 16],
        },
    ]
}

fn snapshots() -> Vec<snapshot::Snapshot<Body, Event>> {
    let header = |tick, slack, own, slipped| Header {
        tick: Tick(tick),
        slack,
        own: EntityId(own),
        slipped,
    };
    let spawned = |entity, x, y| Event::Spawned {
        entity: EntityId(entity),
        x,
        y,
    };
    vec![
        snapshot::Snapshot {
            header: header(0, SLACK_UNKNOWN, u16::MAX, false),
            events: vec![],
            entities: vec![],
        },
        snapshot::Snapshot {
            header: header(600, -6, 2, true),
            events: vec![(0, spawned(2, 1, 65_535)), (255, spawned(513, 256, 255))],
            entities: vec![
                (
                    EntityId(2),
                    Body {
                        x: 65_535,
                        y: 0,
                        vx: -5120,
                        vy: 5120,
                    },
                ),
                (
                    EntityId(513),
                    Body {
                        x: 1,
                        y: 2,
                        vx: -1,
                        vy: i16::MIN,
                    },
                ),
            ],
        },
    ]
}

fn encode_snapshot(snapshot: &snapshot::Snapshot<Body, Event>) -> Vec<u8> {
    let dated: Vec<(Tick, Event)> = snapshot
        .events
        .iter()
        .map(|&(age, event)| (Tick(snapshot.header.tick.0 - u32::from(age)), event))
        .collect();
    let mut bytes = Vec::new();
    snapshot::encode_header(&snapshot.header, dated.iter(), &mut bytes);
    snapshot::encode_entities(&snapshot.entities, &mut bytes);
    bytes
}

fn snapshot_value(snapshot: &snapshot::Snapshot<Body, Event>) -> Value {
    let header = &snapshot.header;
    let event = |&(age, event): &(u8, Event)| match event {
        Event::Spawned { entity, x, y } => {
            json!({ "age": age, "kind": "spawned", "entity": entity, "x": x, "y": y })
        }
    };
    json!({
        "tick": header.tick, "slack": header.slack, "own": header.own, "slipped": header.slipped,
        "events": snapshot.events.iter().map(event).collect::<Vec<_>>(),
        "entities": snapshot.entities.iter().map(|&(id, body)| json!([id, [body.x, body.y, body.vx, body.vy]])).collect::<Vec<_>>(),
    })
}

fn input_value(packet: &InputPacket<Input>) -> Value {
    let inputs: Vec<_> = packet
        .inputs
        .iter()
        .map(|input| json!([input.move_x, input.move_y]))
        .collect();
    json!({ "acked": packet.acked, "newest": packet.newest, "inputs": inputs })
}

/// Bytes that every decoder of their kind must refuse.
const REFUSED: [(&str, &str); 18] = [
    ("client_message", ""),
    ("client_message", "02"),
    ("client_message", "0001"),
    ("client_message", "000105416461"),
    ("client_message", "0100"),
    ("client_message", "0001fc00000080"),
    ("server_message", "0e"),
    ("server_message", "0107"),
    ("input", ""),
    ("input", "000000000100000000"),
    ("input", "00000000010000000100"),
    ("input", "0000000001000000010000ff"),
    ("input", "000000000100000002ffffffff"),
    ("input", "00000000ffffffff11"),
    ("snapshot", "02"),
    ("snapshot", "01000000000000000200"),
    ("snapshot", "0100000000000000000000ffff"),
    ("snapshot", "010000000000000000000000000000"),
];

fn refuses(kind: &str, bytes: &[u8]) -> bool {
    match kind {
        "client_message" => codec::decode_client(bytes).is_err(),
        "server_message" => codec::decode_server(bytes).is_err(),
        "input" => InputPacket::<Input>::decode(bytes).is_err(),
        "snapshot" => snapshot::decode::<Body, Event>(bytes).is_err(),
        _ => unreachable!("the table above names four kinds"),
    }
}

fn from_hex(text: &str) -> Vec<u8> {
    text.as_bytes()
        .chunks(2)
        .map(|pair| {
            u8::from_str_radix(std::str::from_utf8(pair).expect("the table is ASCII"), 16)
                .expect("the table is hexadecimal")
        })
        .collect()
}

#[test]
fn the_codec_matches_the_golden_vectors() {
    let mut rows = Vec::new();
    for message in client_messages() {
        let bytes = codec::encode_client(&message);
        assert_eq!(codec::decode_client(&bytes).as_ref(), Ok(&message));
        rows.push(vector("client_message", &bytes, &json!(message)));
    }
    for message in server_messages() {
        let bytes = codec::encode_server(&message);
        assert_eq!(codec::decode_server(&bytes).as_ref(), Ok(&message));
        rows.push(vector("server_message", &bytes, &json!(message)));
    }
    let map = arena_map();
    assert_eq!(codec::decode_map(&codec::encode_map(&map)).as_ref(), Ok(&map));
    rows.push(vector("map", &codec::encode_map(&map), &json!(map)));
    for packet in input_packets() {
        let mut bytes = Vec::new();
        packet.encode(&mut bytes);
        assert_eq!(InputPacket::decode(&bytes).as_ref(), Ok(&packet));
        rows.push(vector("input", &bytes, &input_value(&packet)));
    }
    for snapshot in snapshots() {
        let bytes = encode_snapshot(&snapshot);
        assert_eq!(snapshot::decode(&bytes).as_ref(), Ok(&snapshot));
        rows.push(vector("snapshot", &bytes, &snapshot_value(&snapshot)));
    }
    for (kind, bytes) in REFUSED {
        assert!(refuses(kind, &from_hex(bytes)), "{kind} {bytes} is accepted");
        rows.push(json!({ "kind": kind, "bytes": bytes, "refused": true }));
    }
    check_file("codec.json", &json!({}), &rows);
}
