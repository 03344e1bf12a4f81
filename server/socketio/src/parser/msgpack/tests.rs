use data_encoding::HEXLOWER;
use serde_json::json;

use super::*;
use crate::parser::draft::with_draft;
use crate::parser::{Codec, Outgoing, control};

const LIMITS: PacketLimits = PacketLimits {
    attachments_max: 10,
    namespace_bytes_max: 16,
    objects_max: 100,
    auth_bytes_max: 1000,
};

fn decoded(message: &[u8]) -> Result<Decoded<'static>, DecodeError> {
    decode(&Bytes::copy_from_slice(message), LIMITS, 8)
}

/// A packet with the keys of the JSON `fields`.
fn packet(fields: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    msgpack::pack(&mut out, fields).unwrap();
    out
}

fn event(name: &'static str, slots: Vec<Slot>, attachments: &[&'static [u8]]) -> Decoded<'static> {
    Decoded::Event {
        namespace: "/".into(),
        id: None,
        name: name.into(),
        args: DecodedArgs::Many(Args::new(
            slots,
            attachments.iter().map(|data| Bytes::from_static(data)).collect(),
        )),
    }
}

/// Written by npm's `socket.io-msgpack-parser` 3.0.2, as the JavaScript client calls it.
#[test]
fn what_the_javascript_client_writes_is_read() {
    let check = |hex: &str, expected: Decoded<'static>| {
        let message = HEXLOWER.decode(hex.as_bytes()).unwrap();
        assert_eq!(decoded(&message), Ok(expected), "{hex}");
        for end in 0..message.len() {
            assert!(decoded(&message[..end]).is_err(), "{hex} cut at {end}");
        }
    };
    check(
        "83a47479706500a464617461d40000a36e7370a12f",
        Decoded::Connect {
            namespace: "/".into(),
            auth: json!({}),
        },
    );
    check(
        "83a47479706500a46461746181a5746f6b656ea3313233a36e7370a72f637573746f6d",
        Decoded::Connect {
            namespace: "/custom".into(),
            auth: json!({"token": "123"}),
        },
    );
    check(
        "82a47479706501a36e7370a12f",
        Decoded::Disconnect {
            namespace: "/".into(),
        },
    );
    check(
        "84a47479706502a46461746194a76d65737361676501a13281a13392c3c0a76f7074696f6e7381a8636f6d7072657373c3a36e7370\
         a12f",
        event(
            "message",
            [json!(1), json!("2"), json!({"3": [true, null]})]
                .map(Slot::Json)
                .into(),
            &[],
        ),
    );
    check(
        "85a47479706502a46461746192a16dcbbff8000000000000a76f7074696f6e7381a8636f6d7072657373c3a2696407a36e7370a22f61",
        Decoded::Event {
            namespace: "/a".into(),
            id: Some(7),
            name: "m".into(),
            args: DecodedArgs::Many(Args::new(vec![Slot::Json(json!(-1.5))], Vec::new())),
        },
    );
    let nested = json!({"deep": [{"_placeholder": true, "num": 1}]});
    check(
        "84a47479706502a46461746193a162c40301020381a46465657091c7010004a76f7074696f6e7381a8636f6d7072657373c3a36e73\
         70a12f",
        event(
            "b",
            vec![Slot::Binary(0), Slot::Json(nested)],
            &[&[1, 2, 3], &[4]],
        ),
    );
    // A date is what JSON would have, undefined is null in a list and nothing in an object.
    let values = [json!("2023-11-14T22:13:20.123Z"), Value::Null, json!({"x": 1})];
    check(
        "83a47479706502a46461746194a164d7000000018bcfe5687bd4000082a175d40000a17801a36e7370a12f",
        event("d", values.map(Slot::Json).into(), &[]),
    );
    check(
        "84a47479706503a4646174619201a178a26964cd012ca36e7370a12f",
        Decoded::Ack {
            namespace: "/".into(),
            id: 300,
            args: Args::new([json!(1), json!("x")].map(Slot::Json).into(), Vec::new()),
        },
    );
    check(
        "84a47479706503a46461746191c4026162a2696400a36e7370a12f",
        Decoded::Ack {
            namespace: "/".into(),
            id: 0,
            args: Args::one_binary(Bytes::from_static(b"ab")),
        },
    );
}

#[test]
fn what_is_written_is_read_again() {
    let nested = Args::new(
        vec![
            Slot::Json(json!({"a": [{"_placeholder": true, "num": 1}, -7, 1.25]})),
            Slot::Binary(0),
            Slot::Json(json!("é")),
        ],
        vec![Bytes::from_static(b"zero"), Bytes::from(vec![7; 300])],
    );
    // Attachments are numbered anew, in the order in which they stand.
    let again = Args::new(
        vec![
            Slot::Json(json!({"a": [{"_placeholder": true, "num": 0}, -7, 1.25]})),
            Slot::Binary(1),
            Slot::Json(json!("é")),
        ],
        vec![Bytes::from(vec![7; 300]), Bytes::from_static(b"zero")],
    );
    let check = |body, id, expected| {
        let outgoing = Outgoing {
            head: Head {
                body,
                namespace: "/a",
                id,
            },
            args: &nested,
            offset: None,
        };
        let message = with_draft(&Codec::Msgpack, &outgoing, |draft| {
            assert_eq!(draft.count(), 1);
            draft.messages().next().unwrap().1.concat()
        });
        assert_eq!(decoded(&message.unwrap()), Ok(expected));
    };
    let event = Decoded::Event {
        namespace: "/a".into(),
        id: Some(1 << 40),
        name: "e".into(),
        args: DecodedArgs::Many(again.clone()),
    };
    check(Body::Event("e"), Some(1 << 40), event);
    let ack = Decoded::Ack {
        namespace: "/a".into(),
        id: 3,
        args: again,
    };
    check(Body::Ack, Some(3), ack);
}

#[test]
fn packets_without_arguments_are_written_as_the_reference_reads_them() {
    let check = |kind, data: Option<Value>, expected: Decoded<'static>| {
        let message = control(&Codec::Msgpack, kind, "/a", data.as_ref());
        assert_eq!(decoded(&message.payload), Ok(expected));
    };
    let namespace = || Cow::Borrowed("/a");
    check(
        PacketType::Connect,
        Some(json!({"sid": "S"})),
        Decoded::Connect {
            namespace: namespace(),
            auth: json!({"sid": "S"}),
        },
    );
    check(
        PacketType::Disconnect,
        None,
        Decoded::Disconnect {
            namespace: namespace(),
        },
    );
    check(
        PacketType::ConnectError,
        Some(json!({"message": "no"})),
        Decoded::ConnectError {
            namespace: namespace(),
            error: json!({"message": "no"}),
        },
    );
    let text = control::<()>(&Codec::Msgpack, PacketType::Disconnect, "/", None);
    assert_eq!(text.payload, b"\x82\xa4type\x01\xa3nsp\xa1/");
}

#[test]
fn every_malformed_packet_of_the_reference_is_refused() {
    let cases = [
        (json!([]), DecodeError::Msgpack),
        (json!(2), DecodeError::Msgpack),
        (json!({"nsp": "/"}), DecodeError::UnknownType),
        (
            json!({"type": 5, "nsp": "/", "data": ["a"]}),
            DecodeError::UnknownType,
        ),
        (
            json!({"type": 6, "nsp": "/", "data": [], "id": 1}),
            DecodeError::UnknownType,
        ),
        (json!({"type": -1, "nsp": "/"}), DecodeError::UnknownType),
        (json!({"type": "0", "nsp": "/"}), DecodeError::UnknownType),
        (
            json!({"type": 2.5, "nsp": "/", "data": ["a"]}),
            DecodeError::UnknownType,
        ),
        (json!({"type": 0}), DecodeError::Namespace),
        (json!({"type": 0, "nsp": 1}), DecodeError::Namespace),
        (json!({"type": 0, "nsp": "a"}), DecodeError::Namespace),
        (
            json!({"type": 0, "nsp": "/0123456789abcdef"}),
            DecodeError::Namespace,
        ),
        (
            json!({"type": 0, "nsp": "/", "data": "invalid"}),
            DecodeError::Payload,
        ),
        (json!({"type": 0, "nsp": "/", "data": []}), DecodeError::Payload),
        (json!({"type": 1, "nsp": "/", "data": {}}), DecodeError::Payload),
        (json!({"type": 2, "nsp": "/"}), DecodeError::Payload),
        (json!({"type": 2, "nsp": "/", "data": {}}), DecodeError::Payload),
        (
            json!({"type": 2, "nsp": "/", "data": "invalid"}),
            DecodeError::Payload,
        ),
        (json!({"type": 2, "nsp": "/", "data": []}), DecodeError::EventName),
        (
            json!({"type": 2, "nsp": "/", "data": [{"toString": "foo"}]}),
            DecodeError::EventName,
        ),
        (
            json!({"type": 2, "nsp": "/", "data": [true, "foo"]}),
            DecodeError::EventName,
        ),
        (
            json!({"type": 2, "nsp": "/", "data": [null, "bar"]}),
            DecodeError::EventName,
        ),
        (
            json!({"type": 2, "nsp": "/", "data": [[]]}),
            DecodeError::EventName,
        ),
        (
            json!({"type": 2, "nsp": "/", "data": ["connect"]}),
            DecodeError::EventName,
        ),
        (
            json!({"type": 2, "nsp": "/", "data": ["disconnect", "123"]}),
            DecodeError::EventName,
        ),
        (
            json!({"type": 2, "nsp": "/", "data": ["a"], "id": "1"}),
            DecodeError::AckId,
        ),
        (
            json!({"type": 2, "nsp": "/", "data": ["a"], "id": 1.5}),
            DecodeError::AckId,
        ),
        (
            json!({"type": 2, "nsp": "/", "data": ["a"], "id": -1}),
            DecodeError::AckId,
        ),
        (
            json!({"type": 2, "nsp": "/", "data": ["a"], "id": 1_u64 << 53}),
            DecodeError::AckId,
        ),
        (json!({"type": 3, "nsp": "/", "data": []}), DecodeError::AckId),
        (json!({"type": 3, "nsp": "/", "id": 1}), DecodeError::Payload),
        (
            json!({"type": 3, "nsp": "/", "data": {}, "id": 1}),
            DecodeError::Payload,
        ),
        (json!({"type": 4, "nsp": "/"}), DecodeError::Payload),
        (json!({"type": 4, "nsp": "/", "data": []}), DecodeError::Payload),
        (
            json!({"type": 2, "nsp": "/", "data": ["a", {"_placeholder": true, "num": 0}]}),
            DecodeError::Placeholder,
        ),
        (
            json!({"type": 2, "nsp": "/", "data": ["a", [{"b": {"_placeholder": true}}]]}),
            DecodeError::Placeholder,
        ),
        (
            json!({"type": 0, "nsp": "/", "data": {"_placeholder": true, "num": 0}}),
            DecodeError::Placeholder,
        ),
    ];
    for (fields, error) in cases {
        assert_eq!(decoded(&packet(&fields)), Err(error), "{fields}");
    }
}

#[test]
fn what_only_msgpack_can_say_wrong_is_refused() {
    let prefix = b"\x83\xa4type\x02\xa3nsp\xa1/\xa4data";
    let check = |data: &[u8], error| {
        assert_eq!(decoded(&[prefix, data].concat()), Err(error), "{data:02x?}");
    };
    assert!(decoded(&[prefix.as_slice(), b"\x91\xa1a"].concat()).is_ok());
    check(b"\x91\xa1a\xc0", DecodeError::Msgpack);
    check(b"\x91\xa1\xff", DecodeError::Msgpack);
    check(b"\x92\xa1a\xc1", DecodeError::Msgpack);
    check(b"\x92\xa1a\xd4\x01\x00", DecodeError::Msgpack);
    check(b"\x92\xa1a\xd6\xff\x00\x00\x00\x00", DecodeError::Msgpack);
    check(b"\x92\xa1a\x81\x01\x02", DecodeError::Msgpack);
    check(b"\x92\xa1a\xdd\xff\xff\xff\xff", DecodeError::Msgpack);
    check(b"\x91\xc4\x01a", DecodeError::EventName);
    check(b"\x92\xa1a\x82\xa1x\x01\xa1x\x02", DecodeError::DuplicateKey);
    let twice = b"\x84\xa4type\x02\xa3nsp\xa1/\xa3nsp\xa1/\xa4data\x91\xa1a";
    assert_eq!(decoded(twice), Err(DecodeError::DuplicateKey));
    // Binary where no attachments are: in the data of a CONNECT.
    assert_eq!(
        decoded(b"\x83\xa4type\x00\xa3nsp\xa1/\xa4data\x81\xa1x\xc4\x00"),
        Err(DecodeError::Payload)
    );
    assert_eq!(
        decoded(b"\x83\xa4type\x00\xa3nsp\xa1/\xa4data\xc4\x00"),
        Err(DecodeError::Payload)
    );
    assert_eq!(decoded(b"\x81\x01\x02"), Err(DecodeError::Msgpack));
    assert_eq!(decoded(b""), Err(DecodeError::Msgpack));
}

#[test]
fn depth_is_bounded_and_costs_no_stack() {
    let deep = |levels: usize| {
        let mut message = b"\x83\xa4type\x02\xa3nsp\xa1/\xa4data\x92\xa1a".to_vec();
        message.extend(std::iter::repeat_n(0x91, levels));
        message.push(0xc0);
        message
    };
    assert!(decoded(&deep(7)).is_ok());
    assert_eq!(decoded(&deep(8)), Err(DecodeError::Depth));
    assert_eq!(decoded(&deep(1_000_000)), Err(DecodeError::Depth));
    let bottomless = vec![0x91; 1_000_000];
    assert_eq!(decoded(&bottomless), Err(DecodeError::Msgpack));
    let maps = [
        b"\x83\xa4type\x02\xa3nsp\xa1/\xa4data\x92\xa1a".to_vec(),
        b"\x81\xa1x".repeat(300_000),
    ]
    .concat();
    assert_eq!(decoded(&maps), Err(DecodeError::Depth));
    // What is passed over has no depth to speak of.
    let ignored = [
        b"\x84\xa4type\x01\xa3nsp\xa1/\xa1x".to_vec(),
        vec![0x91; 1_000_000],
        b"\xc0\xa1y\x01".to_vec(),
    ];
    assert_eq!(
        decoded(&ignored.concat()),
        Ok(Decoded::Disconnect {
            namespace: "/".into()
        })
    );
}

#[test]
fn binary_values_are_bounded_and_a_large_one_is_not_copied() {
    let with = |count: usize| {
        let mut message = b"\x83\xa4type\x02\xa3nsp\xa1/\xa4data\xdd".to_vec();
        message.extend_from_slice(&(1 + count as u32).to_be_bytes());
        message.extend_from_slice(b"\xa1a");
        message.extend(b"\xc4\x00".repeat(count));
        message
    };
    assert!(decoded(&with(BINARIES_MAX)).is_ok());
    assert_eq!(decoded(&with(BINARIES_MAX + 1)), Err(DecodeError::Attachments));
    let mut message = b"\x83\xa4type\x02\xa3nsp\xa1/\xa4data\x92\xa1a".to_vec();
    write::binary(&mut message, &[7; 1000]).unwrap();
    let message = Bytes::from(message);
    let Ok(Decoded::Event {
        args: DecodedArgs::OneBinary(data),
        ..
    }) = decode(&message, LIMITS, 8)
    else {
        panic!("expected one binary argument");
    };
    assert_eq!(data.as_ptr_range().end, message.as_ptr_range().end);
}
