//! What does it cost to decode what clients send, and what they receive?

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use shared::arena::event::Event;
use shared::arena::input::Input;
use shared::arena::own::Own;
use shared::arena::projectile::Flight;
use shared::arena::state::PlayerState;
use shared::arena::status::{Phase, Status};
use shared::arena::{Replica, Snapshot};
use shared::block::{BlockHead, Mode};
use shared::chunk::encode_full;
use shared::codec::{decode_lobby_reply, decode_lobby_request, encode_lobby_reply, encode_lobby_request};
use shared::ids::{EntityId, MatchId};
use shared::input::InputPacket;
use shared::limits::MATCHES_LISTED_MAX;
use shared::message::{LobbyReply, LobbyRequest, MatchChoice, MatchEntry, Offer, PROTOCOL_VERSION};
use shared::snapshot::{Header, encode_head};
use shared::tick::Tick;

fn input(criterion: &mut Criterion) {
    let input = Input {
        fire: true,
        move_x: 127,
        move_y: -90,
        aim: 12_345,
        ..Input::NEUTRAL
    };
    let packet = InputPacket::new(Tick(997), Tick(1003), vec![input; 2], 24);
    let mut bytes = Vec::new();
    packet.encode(&mut bytes);
    criterion.bench_function("codec/decode_input_pair", |bencher| {
        bencher.iter(|| InputPacket::<Input>::decode(black_box(&bytes)));
    });
    assert_eq!(InputPacket::decode(&bytes), Ok(packet));
}

/// A keyframe of 16 players, and what they do in a twentieth of a second when all of them fire.
fn snapshot_bytes() -> Vec<u8> {
    let event = |key: u16| {
        let (x, y) = (key * 100, key * 90);
        let flight = Flight::new(x, y, 14_400, -100);
        let owner = EntityId(key);
        (Tick(999), Event::Fired { key, owner, flight })
    };
    let entities: Vec<_> = (0..16).map(|id| (EntityId(id), PlayerState::default())).collect();
    let header = Header {
        tick: Tick(1000),
        slack: 5,
        slipped: false,
        base_ticks: None,
    };
    let status = Status {
        phase: Phase::Live,
        round: 0,
        ends: Tick(11_280),
        teams: None,
    };
    let mut bytes = Vec::new();
    let own = Some((EntityId(3), Own::default()));
    encode_head(&header, own, (0..7).map(event), Some(&status), &mut bytes);
    let mut chunks = Vec::new();
    let block = BlockHead {
        cell: 0,
        mode: Mode::Full,
        chunk_count: encode_full(&entities, &mut chunks),
    };
    block.encode(&mut bytes);
    bytes.extend(chunks);
    bytes
}

fn snapshot(criterion: &mut Criterion) {
    let bytes = snapshot_bytes();
    let mut replica = Replica::new();
    let counts = |snapshot: &Snapshot| (snapshot.events.len(), snapshot.entities.len());
    criterion.bench_function("codec/apply_keyframe_16_players", |bencher| {
        bencher.iter(|| replica.apply(black_box(&bytes)).map(counts));
    });
    assert_eq!(replica.latest().map(counts), Some((7, 16)));
}

fn lobby(criterion: &mut Criterion) {
    let request = LobbyRequest::Join {
        protocol: PROTOCOL_VERSION,
        name: "Ada Lovelace".into(),
        choice: MatchChoice::Id(MatchId(77)),
    };
    let bytes = encode_lobby_request(&request);
    criterion.bench_function("codec/decode_lobby_join", |bencher| {
        bencher.iter(|| decode_lobby_request(black_box(&bytes)));
    });
    assert_eq!(decode_lobby_request(&bytes), Ok(request));

    let entry = |id| MatchEntry {
        match_id: MatchId(id),
        mode: "ffa".into(),
        map: "Crossroads".into(),
        phase: "sudden death".into(),
        people: 7,
        places: 16,
    };
    let reply = LobbyReply::Matches {
        matches: (0..MATCHES_LISTED_MAX as u32).map(entry).collect(),
        offer: Offer {
            modes: vec!["ffa".into(), "teams".into()],
            maps: vec!["Crossroads".into(); 6],
        },
    };
    criterion.bench_function("codec/encode_lobby_256_matches", |bencher| {
        bencher.iter(|| encode_lobby_reply(black_box(&reply)));
    });
    assert_eq!(decode_lobby_reply(&encode_lobby_reply(&reply)), Ok(reply));
}

criterion_group!(benches, input, snapshot, lobby);
criterion_main!(benches);
