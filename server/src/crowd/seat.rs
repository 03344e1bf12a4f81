//! Taking a seat in the lobby, as every client does.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use bytes::Bytes;
use shared::codec::{decode_lobby_reply, encode_lobby_request};
use shared::message::{EVENT_MESSAGE, LOBBY, LobbyReply, LobbyRequest, MatchChoice, PROTOCOL_VERSION};
use socketio::client::Client;

/// How long the server may take to answer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(15);

/// What lets a client into its place, and how long the server took to give it, milliseconds.
#[derive(Clone)]
pub(crate) struct Seat {
    pub(crate) token: String,
    pub(crate) round_trip_ms: f64,
}

/// Asks the lobby for a seat.
pub(crate) async fn take_seat(client: &Client, name: &str, choice: MatchChoice) -> anyhow::Result<Seat> {
    let lobby = client.namespace(LOBBY);
    lobby.connect().await?;
    let request = LobbyRequest::Join {
        protocol: PROTOCOL_VERSION,
        name: name.to_owned(),
        choice,
    };
    let bytes = Bytes::from(encode_lobby_request(&request));
    let asked = Instant::now();
    let answer = lobby.emit_with_ack(EVENT_MESSAGE, bytes).await?;
    let round_trip_ms = asked.elapsed().as_secs_f64() * 1000.0;
    let bytes = answer.binary(0).context("the lobby answered without bytes")?;
    match decode_lobby_reply(bytes)? {
        LobbyReply::Seat { token } => Ok(Seat { token, round_trip_ms }),
        LobbyReply::Refused(refusal) => bail!("the lobby gives no seat: {refusal:?}"),
        LobbyReply::Matches { .. } | LobbyReply::Replays(_) => bail!("the lobby answered something else"),
    }
}
