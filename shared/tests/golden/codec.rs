use serde_json::{Value, json};
use shared::arena::input::Input;
use shared::arena::map::{Map, Wall};
use shared::arena::pickup::{Pickup, PickupKind};
use shared::arena::scores::{Score, decode_scores};
use shared::arena::team::Team;
use shared::codec;
use shared::ids::{EntityId, MatchId, PlayerId};
use shared::input::{InputPacket, VIEW_AGE_UNKNOWN};
use shared::look::{Look, LookPacket};
use shared::match_code::MatchCode;
use shared::message::{
    Joined, LobbyReply, LobbyRequest, MatchChoice, MatchEnd, MatchEntry, Offer, PROTOCOL_VERSION, Refusal,
    ReplayEntry, Replaying, RosterEntry, ServerMessage, Watching, Wish,
};
use shared::presence::{Presence, decode_presences, encode_presence};
use shared::steer::{Speed, Steer};
use shared::tick::Tick;

use crate::check_file;

pub(crate) fn hex(bytes: &[u8]) -> String {
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
    let pickup = |kind, x, y| Pickup { kind, x, y };
    let home = |x| Wall {
        x,
        y: 0,
        width: 500,
        height: 250,
    };
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
        pickups: vec![
            pickup(PickupKind::Med, 0, 250),
            pickup(PickupKind::Shield, 1000, 1),
            pickup(PickupKind::Overcharge, 2047, 125),
        ],
        homes: Some([home(0), home(1547)]),
    }
}

fn scores() -> Vec<Score> {
    let score = |entity, score, (kills, deaths, assists), team| Score {
        entity: EntityId(entity),
        score,
        kills,
        deaths,
        assists,
        team,
    };
    vec![
        score(0, 0, (0, 0, 0), None),
        score(300, 1240, (12, 7, 1), Some(Team::Blue)),
        score(551, 65_535, (255, 255, 255), Some(Team::Orange)),
    ]
}

fn scores_bytes(scores: &[Score]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for score in scores {
        score.encode(&mut bytes);
    }
    bytes
}

fn scores_value(scores: &[Score]) -> Value {
    let row = |score: &Score| {
        let team = score.team.map(Team::name);
        json!([
            score.entity.0,
            score.score,
            score.kills,
            score.deaths,
            score.assists,
            team
        ])
    };
    scores.iter().map(row).collect()
}

fn code() -> MatchCode {
    MatchCode::parse("BCDFGHJKMN").expect("it has ten of the letters")
}

fn lobby_requests() -> Vec<LobbyRequest> {
    let join = |protocol, name: String, choice| LobbyRequest::Join {
        protocol,
        name,
        choice,
    };
    vec![
        LobbyRequest::List,
        join(PROTOCOL_VERSION, "Ada".into(), MatchChoice::Any),
        join(65535, "x".repeat(300), MatchChoice::New),
        join(0, String::new(), MatchChoice::Id(MatchId(70_000))),
        join(
            PROTOCOL_VERSION,
            "Ada".into(),
            MatchChoice::Private(Wish::default()),
        ),
        join(
            PROTOCOL_VERSION,
            "Ada".into(),
            MatchChoice::Private(Wish {
                mode: Some("teams".into()),
                map: Some("Cross é".into()),
            }),
        ),
        join(PROTOCOL_VERSION, "Ada".into(), MatchChoice::Code(code())),
        LobbyRequest::Watch {
            protocol: PROTOCOL_VERSION,
            match_id: None,
        },
        LobbyRequest::Watch {
            protocol: 300,
            match_id: Some(MatchId(70_000)),
        },
        LobbyRequest::Replays,
        LobbyRequest::Replay {
            protocol: PROTOCOL_VERSION,
            name: "1764201600000-match-1".into(),
            tick: Tick(70_000),
        },
    ]
}

fn refusals() -> Vec<Refusal> {
    vec![
        Refusal::ProtocolMismatch { server: 258 },
        Refusal::NameInvalid,
        Refusal::MatchFull,
        Refusal::MatchUnknown,
        Refusal::ServerFull,
        Refusal::Busy,
        Refusal::ServerClosing,
        Refusal::CodeUnknown,
        Refusal::PrivateFull,
        Refusal::ViewersFull,
        Refusal::ReplaysOff,
        Refusal::ReplayUnknown,
        Refusal::ReplaysFull,
        Refusal::ReplayOutdated,
        Refusal::ReplayUnreadable,
        Refusal::ModeUnknown,
        Refusal::MapUnknown,
    ]
}

fn lobby_replies() -> Vec<LobbyReply> {
    let entry = |id, phase: &str, people| MatchEntry {
        match_id: MatchId(id),
        mode: "ffa".into(),
        map: "Cross é".into(),
        phase: phase.into(),
        people,
        places: 16,
    };
    let mut replies = vec![
        LobbyReply::Matches {
            matches: vec![],
            offer: Offer::default(),
        },
        LobbyReply::Matches {
            matches: vec![entry(1, "live", 3), entry(70_000, "sudden death", 300)],
            offer: Offer {
                modes: vec!["ffa".into(), "teams".into()],
                maps: vec!["Cross é".into()],
            },
        },
        LobbyReply::Seat {
            token: "0123456789abcdef0123456789abcdef".into(),
        },
    ];
    replies.push(LobbyReply::Replays(vec![]));
    replies.push(LobbyReply::Replays(vec![
        replay_entry("1764201600000-match-1", 0),
        replay_entry("a", 300),
    ]));
    replies.extend(refusals().into_iter().map(LobbyReply::Refused));
    replies
}

fn replay_entry(name: &str, people: u16) -> ReplayEntry {
    ReplayEntry {
        name: name.into(),
        mode: "teams".into(),
        map: "Cross é".into(),
        people,
        filled_to: 8,
        ticks: 70_000,
        written_s: 1_764_201_600,
    }
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
        scores: scores_bytes(&scores()),
        code: None,
        recording: None,
    };
    let watching = Watching {
        match_id: MatchId(70_000),
        tick: Tick(123_456_789),
        tick_hz: 60,
        snapshot_interval_ticks: 2,
        roster: roster(),
        setup: codec::encode_map(&arena_map()),
        scores: scores_bytes(&scores()),
    };
    let private = Joined {
        code: Some(code()),
        recording: Some("1764201600000-private-7-BCDFGHJKMN".into()),
        ..joined.clone()
    };
    vec![
        ServerMessage::Joined(joined),
        ServerMessage::Joined(private),
        ServerMessage::PlayerJoined(roster().remove(1)),
        ServerMessage::PlayerLeft {
            player: PlayerId(65_535),
        },
        ServerMessage::Setup(codec::encode_map(&arena_map())),
        ServerMessage::SeatTaken,
        ServerMessage::MatchEnded {
            reason: MatchEnd::Crashed,
        },
        ServerMessage::MatchEnded {
            reason: MatchEnd::Closed,
        },
        ServerMessage::MatchEnded {
            reason: MatchEnd::Diverged,
        },
        ServerMessage::ServerClosing { in_s: 0 },
        ServerMessage::ServerClosing { in_s: 300 },
        ServerMessage::Scores(Vec::new()),
        ServerMessage::Scores(scores_bytes(&scores())),
        ServerMessage::Watching(watching.clone()),
        ServerMessage::Replaying(Replaying {
            watching,
            end_tick: Tick(123_999_999),
            speed_quarters: 16,
        }),
        ServerMessage::Seeking { tick: Tick(70_000) },
    ]
}

fn input_packets() -> Vec<InputPacket<Input>> {
    let input = |buttons: u8, move_x, move_y, aim| Input {
        fire: buttons & 1 != 0,
        rail: buttons & 2 != 0,
        dash: buttons & 4 != 0,
        move_x,
        move_y,
        aim,
    };
    let packet = |acked, newest, view_age, (hidden, resync), inputs: Vec<Input>| InputPacket {
        acked: Tick(acked),
        newest: Tick(newest),
        inputs: inputs.into(),
        view_age,
        hidden,
        resync,
    };
    vec![
        packet(
            0,
            1,
            VIEW_AGE_UNKNOWN,
            (false, false),
            vec![input(1, 127, -127, 65_535)],
        ),
        packet(
            70_000,
            70_005,
            24,
            (false, true),
            vec![input(2, -128, 0, 1), input(5, 1, -1, 256)],
        ),
        packet(3, 9, 0, (true, false), vec![input(4, 0, 0, 0)]),
        packet(u32::MAX, u32::MAX, 1, (true, true), vec![input(7, 5, 6, 7); 16]),
    ]
}

fn input_value(packet: &InputPacket<Input>) -> Value {
    let inputs: Vec<_> = packet
        .inputs
        .iter()
        .map(|input| {
            json!({
                "fire": input.fire, "rail": input.rail, "dash": input.dash,
                "move_x": input.move_x, "move_y": input.move_y, "aim": input.aim,
            })
        })
        .collect();
    json!({
        "acked": packet.acked, "newest": packet.newest, "inputs": inputs,
        "view_age": packet.view_age, "hidden": packet.hidden, "resync": packet.resync,
    })
}

fn look_packets() -> Vec<LookPacket> {
    let packet = |acked, look, hidden, resync| LookPacket {
        acked: Tick(acked),
        look,
        hidden,
        resync,
    };
    vec![
        packet(0, Look::Follow(EntityId::NONE), false, false),
        packet(70_000, Look::Follow(EntityId(551)), true, false),
        packet(u32::MAX, Look::Place { x: 1024, y: -72 }, false, true),
    ]
}

fn look_value(packet: &LookPacket) -> Value {
    let (follow, place) = match packet.look {
        Look::Follow(entity) => (json!(entity), Value::Null),
        Look::Place { x, y } => (Value::Null, json!([x, y])),
    };
    json!({
        "acked": packet.acked, "follow": follow, "place": place,
        "hidden": packet.hidden, "resync": packet.resync,
    })
}

/// Bytes that every decoder of their kind must refuse.
const REFUSED: [(&str, &str); 41] = [
    ("lobby_request", ""),
    ("lobby_request", "02"),
    ("lobby_request", "0102"),
    ("lobby_request", "010205416461"),
    ("lobby_request", "0000"),
    ("lobby_request", "0102fc00000080"),
    // Codes with a letter that is none, and with one letter too few and too many.
    ("lobby_request", "010403416461040a4243444647484a4b4d4f"),
    ("lobby_request", "01040341646104094243444647484a4b4d"),
    ("lobby_request", "010403416461040b4243444647484a4b4d4e50"),
    ("lobby_request", "020302"),
    ("lobby_reply", "03"),
    ("lobby_reply", "0341"),
    ("lobby_reply", "04"),
    ("lobby_reply", "00fcffffffff"),
    ("server_message", "07"),
    ("server_message", "0503"),
    ("server_message", "08"),
    ("server_message", "09"),
    ("server_message", "0b"),
    ("steer", "0300000000"),
    ("steer", "040000000000"),
    ("look", "00000000020000"),
    ("look", "0000000001000000"),
    ("scores", "2c01d8040c0701"),
    ("scores", "2c01d8040c070103"),
    ("scores", "2c01d8040c0701002c01d8040c070100"),
    ("scores", "2c01d8040c0701002b01d8040c070100"),
    ("presences", "07"),
    ("presences", "0700"),
    ("presences", "07000503"),
    ("presences", "070005070006"),
    ("presences", "070005060006"),
    ("input", ""),
    ("input", "000000000100000001"),
    ("input", "00000000010000000000"),
    ("input", "00000000010000000100000000"),
    ("input", "0000000001000000010008000000000000"),
    ("input", "000000000100000001000000000000ff"),
    ("input", "00000000010000000200ffffffff"),
    ("input", "00000000010000002100000000000000"),
    ("input", "00000000ffffffff1100"),
];

fn presences() -> Vec<(PlayerId, Presence)> {
    vec![
        (PlayerId(0), Presence::measured(0)),
        (PlayerId(3), Presence::measured(23)),
        (PlayerId(300), Presence::measured(5000)),
        (PlayerId(301), Presence::AWAY),
        (PlayerId(65_535), Presence::UNMEASURED),
    ]
}

/// Player, byte, and the round trip that it says, ms.
fn presences_value(presences: &[(PlayerId, Presence)]) -> Value {
    let value = |&(player, presence): &(PlayerId, Presence)| {
        json!([player, presence.byte(), presence.round_trip_ms()])
    };
    presences.iter().map(value).collect()
}

fn refuses(kind: &str, bytes: &[u8]) -> bool {
    match kind {
        "lobby_request" => codec::decode_lobby_request(bytes).is_err(),
        "lobby_reply" => codec::decode_lobby_reply(bytes).is_err(),
        "server_message" => codec::decode_server(bytes).is_err(),
        "look" => LookPacket::decode(bytes).is_err(),
        "steer" => Steer::decode(bytes).is_err(),
        "scores" => decode_scores(bytes).is_err(),
        "presences" => decode_presences(bytes).is_err(),
        "input" => InputPacket::<Input>::decode(bytes).is_err(),
        _ => unreachable!("the table above names eight kinds"),
    }
}

pub(crate) fn from_hex(text: &str) -> Vec<u8> {
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
    for request in lobby_requests() {
        let bytes = codec::encode_lobby_request(&request);
        assert_eq!(codec::decode_lobby_request(&bytes).as_ref(), Ok(&request));
        rows.push(vector("lobby_request", &bytes, &json!(request)));
    }
    for reply in lobby_replies() {
        let bytes = codec::encode_lobby_reply(&reply);
        assert_eq!(codec::decode_lobby_reply(&bytes).as_ref(), Ok(&reply));
        rows.push(vector("lobby_reply", &bytes, &json!(reply)));
    }
    for message in server_messages() {
        let bytes = codec::encode_server(&message);
        assert_eq!(codec::decode_server(&bytes).as_ref(), Ok(&message));
        rows.push(vector("server_message", &bytes, &json!(message)));
    }
    let no_sides = Map {
        homes: None,
        pickups: Vec::new(),
        ..arena_map()
    };
    for map in [arena_map(), no_sides] {
        let bytes = codec::encode_map(&map);
        assert_eq!(codec::decode_map(&bytes).as_ref(), Ok(&map));
        rows.push(vector("map", &bytes, &json!(map)));
    }
    for scores in [scores(), Vec::new()] {
        let bytes = scores_bytes(&scores);
        assert_eq!(decode_scores(&bytes).as_ref(), Ok(&scores));
        rows.push(vector("scores", &bytes, &scores_value(&scores)));
    }
    for packet in input_packets() {
        let mut bytes = Vec::new();
        packet.encode(&mut bytes);
        assert_eq!(InputPacket::decode(&bytes).as_ref(), Ok(&packet));
        rows.push(vector("input", &bytes, &input_value(&packet)));
    }
    for packet in look_packets() {
        let mut bytes = Vec::new();
        packet.encode(&mut bytes);
        assert_eq!(LookPacket::decode(&bytes).as_ref(), Ok(&packet));
        rows.push(vector("look", &bytes, &look_value(&packet)));
    }
    for quarters in [0, 4, 16] {
        let speed = Speed::parse(quarters).expect("there is this speed");
        let to = (quarters > 0).then_some(Tick(70_000));
        let steer = Steer { speed, to };
        let mut bytes = Vec::new();
        steer.encode(&mut bytes);
        assert_eq!(Steer::decode(&bytes), Ok(steer));
        let value = json!({ "quarters": quarters, "to": to });
        rows.push(vector("steer", &bytes, &value));
    }
    for presences in [presences(), Vec::new()] {
        let mut bytes = Vec::new();
        for &(player, presence) in &presences {
            encode_presence(player, presence, &mut bytes);
        }
        assert_eq!(decode_presences(&bytes).as_ref(), Ok(&presences));
        rows.push(vector("presences", &bytes, &presences_value(&presences)));
    }
    for (kind, bytes) in REFUSED {
        assert!(refuses(kind, &from_hex(bytes)), "{kind} {bytes} is accepted");
        rows.push(json!({ "kind": kind, "bytes": bytes, "refused": true }));
    }
    check_file("codec.json", &json!({}), &rows);
}
