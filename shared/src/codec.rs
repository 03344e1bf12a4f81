//! Control messages ↔ bytes. The only file that names bincode.
//!
//! bincode's standard configuration: little-endian, integers and enum indices as varints (below 251 one byte; 251,
//! 252 announce a `u16`, `u32`), a length as varint before text and lists. Every decode has a limit, so a claimed
//! length can never make it allocate more than the message may have.

use bincode::config::{self, Config};
use bincode::serde::{decode_from_slice, encode_to_vec};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::arena::map::Map;
use crate::limits::{CLIENT_MESSAGE_BYTES_MAX, SERVER_MESSAGE_BYTES_MAX, SETUP_BYTES_MAX};
use crate::message::{LobbyReply, LobbyRequest, ServerMessage};
use crate::record::DecodeError;

/// The bytes of what a client asks the lobby.
pub fn encode_lobby_request(request: &LobbyRequest) -> Vec<u8> {
    encode(request)
}

/// Reads what a client asks the lobby; refuses more than [`CLIENT_MESSAGE_BYTES_MAX`] bytes.
pub fn decode_lobby_request(bytes: &[u8]) -> Result<LobbyRequest, DecodeError> {
    decode(
        bytes,
        CLIENT_MESSAGE_BYTES_MAX,
        config::standard().with_limit::<CLIENT_MESSAGE_BYTES_MAX>(),
    )
}

/// The bytes of what the lobby answers.
pub fn encode_lobby_reply(reply: &LobbyReply) -> Vec<u8> {
    encode(reply)
}

/// Reads what the lobby answers; refuses more than [`SERVER_MESSAGE_BYTES_MAX`] bytes.
pub fn decode_lobby_reply(bytes: &[u8]) -> Result<LobbyReply, DecodeError> {
    decode(
        bytes,
        SERVER_MESSAGE_BYTES_MAX,
        config::standard().with_limit::<SERVER_MESSAGE_BYTES_MAX>(),
    )
}

/// The bytes of a server's message.
pub fn encode_server(message: &ServerMessage) -> Vec<u8> {
    encode(message)
}

/// Reads a server's message; refuses more than [`SERVER_MESSAGE_BYTES_MAX`] bytes.
pub fn decode_server(bytes: &[u8]) -> Result<ServerMessage, DecodeError> {
    decode(
        bytes,
        SERVER_MESSAGE_BYTES_MAX,
        config::standard().with_limit::<SERVER_MESSAGE_BYTES_MAX>(),
    )
}

/// The bytes of a map, as they stand in `Joined::setup`.
pub fn encode_map(map: &Map) -> Vec<u8> {
    encode(map)
}

/// Reads a map; refuses more than [`SETUP_BYTES_MAX`] bytes and numbers out of bounds.
pub fn decode_map(bytes: &[u8]) -> Result<Map, DecodeError> {
    let map: Map = decode(
        bytes,
        SETUP_BYTES_MAX,
        config::standard().with_limit::<SETUP_BYTES_MAX>(),
    )?;
    if map.is_valid() {
        Ok(map)
    } else {
        Err(DecodeError::Malformed)
    }
}

fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    encode_to_vec(value, config::standard()).expect("plain data always has bytes")
}

fn decode<T: DeserializeOwned>(bytes: &[u8], max: usize, config: impl Config) -> Result<T, DecodeError> {
    if bytes.len() > max {
        return Err(DecodeError::TooMany {
            what: "message bytes",
            found: bytes.len(),
            max,
        });
    }
    let (value, read) = decode_from_slice(bytes, config).map_err(|_| DecodeError::Malformed)?;
    match bytes.len() - read {
        0 => Ok(value),
        left => Err(DecodeError::TrailingBytes(left)),
    }
}
