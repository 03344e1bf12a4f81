use std::io::{Cursor, Read, Write};

use proptest::prelude::*;
use tokio_tungstenite::tungstenite::protocol::{Message as WsMessage, Role, WebSocket};

use super::*;
use crate::engine::half::websocket_config;

const PAYLOAD_BYTES_MAX: usize = 300;

/// Frames a payload as a client does.
fn frame(head: u8, payload: &[u8]) -> Vec<u8> {
    let mask = [1, 2, 3, 0x80];
    let mut bytes = vec![head];
    match payload.len() {
        short @ 0..126 => bytes.push(MASKED | short as u8),
        long => {
            bytes.push(MASKED | 126);
            bytes.extend_from_slice(&(long as u16).to_be_bytes());
        }
    }
    bytes.extend_from_slice(&mask);
    bytes.extend(
        payload
            .iter()
            .zip(mask.iter().cycle())
            .map(|(byte, mask)| byte ^ mask),
    );
    bytes
}

/// All messages of `pieces`, which come one after another, and how it ended.
fn read<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> (Vec<Message>, Option<String>) {
    let mut messages = Messages::new(PAYLOAD_BYTES_MAX);
    let (mut bytes, mut read) = (BytesMut::new(), Vec::new());
    for piece in pieces {
        bytes.extend_from_slice(piece);
        loop {
            match messages.next(&mut bytes) {
                Ok(Next::Needs(frame_bytes)) => {
                    assert!(frame_bytes > bytes.len());
                    break;
                }
                Ok(Next::Whole(message)) => {
                    let is_last = matches!(message, Message::Close(_));
                    read.push(message);
                    if is_last {
                        return (read, None);
                    }
                }
                Err(error) => return (read, error.farewell().map(|(_, text)| text.to_owned())),
            }
        }
    }
    (read, None)
}

/// The same with tungstenite.
fn read_by_tungstenite(bytes: &[u8]) -> (Vec<Message>, Option<String>) {
    let config = websocket_config(PAYLOAD_BYTES_MAX, 4096);
    let mut socket = WebSocket::from_raw_socket(OneWay(Cursor::new(bytes)), Role::Server, Some(config));
    let mut read = Vec::new();
    loop {
        read.push(match socket.read() {
            Ok(WsMessage::Text(text)) => Message::Text(text),
            Ok(WsMessage::Binary(data)) => Message::Binary(data),
            Ok(WsMessage::Ping(data)) => Message::Ping(data),
            Ok(WsMessage::Pong(_)) => Message::Pong,
            Ok(WsMessage::Close(reason)) => {
                let reply = reason.map(|reason| {
                    let code: u16 = reason.code.into();
                    [&code.to_be_bytes(), reason.reason.as_bytes()].concat()
                });
                read.push(Message::Close(reply.unwrap_or_default().into()));
                return (read, None);
            }
            Ok(WsMessage::Frame(_)) => panic!("nobody reads frames"),
            Err(error) => {
                let error = ReadError::from(&error);
                return (read, error.farewell().map(|(_, text)| text.to_owned()));
            }
        });
    }
}

/// What is written to it is lost.
struct OneWay<'a>(Cursor<&'a [u8]>);

impl Read for OneWay<'_> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        self.0.read(buf)
    }
}

impl Write for OneWay<'_> {
    fn write(&mut self, buf: &[u8]) -> std::io::Result<usize> {
        Ok(buf.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A stream of frames, most of them as they should be.
fn frames() -> impl Strategy<Value = Vec<u8>> {
    let payload = prop_oneof![
        4 => prop::collection::vec(any::<u8>(), 0..20),
        3 => "[a-z\u{e9}\u{20ac}]{0,20}".prop_map(String::into_bytes),
        1 => prop::collection::vec(Just(b'x'), 120..130),
        1 => prop::collection::vec(Just(b'x'), 295..305),
        1 => (0_u16..5100).prop_map(|code| code.to_be_bytes().to_vec()),
    ];
    let head = prop_oneof![
        8 => prop::sample::select(vec![0x81_u8, 0x82, 0x82, 0x02, 0x01, 0x00, 0x80, 0x80, 0x89, 0x8a]),
        1 => Just(0x88_u8),
        1 => any::<u8>(),
    ];
    let frame = (head, payload).prop_map(|(head, payload)| frame(head, &payload));
    prop::collection::vec(frame, 0..12).prop_map(|frames| frames.concat())
}

proptest! {
    #[test]
    fn messages_are_those_that_tungstenite_reads(mut bytes in frames(), flip in 0_usize..4000, bit in 0_u8..8) {
        if let Some(byte) = bytes.get_mut(flip) {
            *byte ^= 1 << bit;
        }
        let (ours, our_end) = read([&bytes[..]]);
        let (theirs, their_end) = read_by_tungstenite(&bytes);
        // It validates a text while it comes in fragments, and the rest of a header behind its payload: an end may
        // come earlier or later and for another reason, but never hide or invent a message before it.
        let both = ours.len().min(theirs.len());
        prop_assert_eq!(&ours[..both], &theirs[..both]);
        if our_end.is_none() && their_end.as_deref() != Some("text is not UTF-8") {
            prop_assert_eq!((ours, our_end), (theirs, their_end));
        }
    }

    #[test]
    fn messages_do_not_depend_on_how_their_bytes_come(bytes in frames(), cuts in prop::collection::vec(0_usize..300, 0..8)) {
        let mut pieces = Vec::new();
        let mut rest = &bytes[..];
        for cut in cuts {
            let (piece, behind) = rest.split_at(cut.min(rest.len()));
            pieces.push(piece);
            rest = behind;
        }
        pieces.push(rest);
        prop_assert_eq!(read(pieces), read([&bytes[..]]));
        prop_assert_eq!(read(bytes.chunks(1)), read([&bytes[..]]));
    }
}

#[test]
fn frames_become_messages() {
    let check = |frames: &[(u8, &[u8])], expected: &[Message], end: Option<&str>| {
        let bytes: Vec<u8> = frames
            .iter()
            .flat_map(|(head, payload)| frame(*head, payload))
            .collect();
        assert_eq!(
            read([&bytes[..]]),
            (Vec::from_iter(expected.iter().map(copy)), end.map(str::to_owned))
        );
    };
    let text = |text: &'static str| Message::Text(text.into());
    let binary = |data: &'static [u8]| Message::Binary(Bytes::from_static(data));
    check(
        &[(0x81, b"hello"), (0x82, b"\x00\xff"), (0x81, b"")],
        &[text("hello"), binary(b"\x00\xff"), text("")],
        None,
    );
    check(
        &[(0x01, b"\xe2"), (0x89, b"p"), (0x00, b"\x82"), (0x80, b"\xac")],
        &[Message::Ping(Bytes::from_static(b"p")), text("\u{20ac}")],
        None,
    );
    check(
        &[(0x88, b"\x03\xe8bye")],
        &[Message::Close(Bytes::from_static(b"\x03\xe8bye"))],
        None,
    );
    check(&[(0x88, b"")], &[Message::Close(Bytes::new())], None);
    check(
        &[(0x88, b"\x03\xed")],
        &[Message::Close(Bytes::from_static(PROTOCOL_VIOLATION))],
        None,
    );
    check(&[(0x88, b"\x03")], &[], Some("protocol error"));
    check(&[(0x81, b"\xff")], &[], Some("text is not UTF-8"));
    check(&[(0xc1, b"x")], &[], Some("protocol error"));
    check(&[(0x83, b"x")], &[], Some("protocol error"));
    check(&[(0x80, b"x")], &[], Some("protocol error"));
    check(&[(0x01, b"x"), (0x81, b"x")], &[], Some("protocol error"));
    check(&[(0x09, b"x")], &[], Some("protocol error"));
    check(&[(0x89, &[0; 126])], &[], Some("protocol error"));
    check(&[(0x82, &[0; 301])], &[], Some("payload too large"));
    check(
        &[(0x02, &[0; 200]), (0x80, &[0; 101])],
        &[],
        Some("payload too large"),
    );
    // Not masked.
    assert_eq!(
        read([&b"\x81\x01x"[..]]),
        (Vec::new(), Some("protocol error".to_owned()))
    );
    // A length that no memory holds.
    let huge = [&[0x82, 0xff][..], &[0xff; 8], &[0; 4]].concat();
    assert_eq!(
        read([&huge[..]]),
        (Vec::new(), Some("payload too large".to_owned()))
    );
}

fn copy(message: &Message) -> Message {
    match message {
        Message::Text(text) => Message::Text(text.clone()),
        Message::Binary(data) => Message::Binary(data.clone()),
        Message::Ping(data) => Message::Ping(data.clone()),
        Message::Pong => Message::Pong,
        Message::Close(data) => Message::Close(data.clone()),
    }
}

#[test]
fn a_mask_is_taken_off_whatever_the_length() {
    for length in 0..40_u8 {
        let payload: Vec<u8> = (0..length).collect();
        let bytes = frame(0x82, &payload);
        assert_eq!(read([&bytes[..]]).0, [Message::Binary(payload.into())]);
    }
}
