use tokio::io::{AsyncRead, AsyncWrite};

use crate::wire::Wire;

/// How far a client comes before it vanishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Half the head of its request is sent.
    Head,
    /// A WebSocket that has read its open packet.
    Open,
    /// A WebSocket in the namespace, in rooms, with handlers.
    Connected,
    /// In front of a middleware that never decides.
    Asked,
    /// Half a packet is sent: attachments are due.
    HalfPacket,
    /// A handler waits for its acknowledgement.
    Questioned,
    /// A session by polling without a request in flight.
    Polled,
    /// The same with a poll in flight.
    Polling,
    /// The WebSocket of a polling session has answered its probe; both connections vanish.
    Upgrading,
    /// A WebSocket to which a polling session has moved.
    Upgraded,
    /// Comes back after a broken connection, and vanishes again in the middle of its recovery.
    Recovering,
}

pub(crate) const ALL: [State; 11] = [
    State::Head,
    State::Open,
    State::Connected,
    State::Asked,
    State::HalfPacket,
    State::Questioned,
    State::Polled,
    State::Polling,
    State::Upgrading,
    State::Upgraded,
    State::Recovering,
];

/// Brings a client to `state`; its connections. `abandon` is how it loses those that it loses on the way.
pub(crate) async fn reach<S, F>(state: State, connect: &F, abandon: fn(S)) -> Vec<S>
where
    S: AsyncRead + AsyncWrite + Unpin,
    F: AsyncFn() -> S,
{
    let wire = async || Wire::new(connect().await);
    match state {
        State::Head => {
            let mut client = wire().await;
            client.write(b"GET /socket.io/?EIO=4&transport=web").await;
            vec![client.stream]
        }
        State::Open => vec![open(wire().await).await.stream],
        State::Connected => vec![joined(wire().await).await.stream],
        State::Asked => {
            let mut client = open(wire().await).await;
            client.say("40/undecided,").await;
            // The answer to this comes behind the question.
            client.say("40").await;
            client.hear("40{\"sid\":\"").await;
            vec![client.stream]
        }
        State::HalfPacket => {
            let mut client = joined(wire().await).await;
            client.say(r#"42["echo"]"#).await;
            client
                .say(r#"451-["binary",{"_placeholder":true,"num":0}]"#)
                .await;
            client.hear(r#"42["echoed"]"#).await;
            vec![client.stream]
        }
        State::Questioned => {
            let mut client = joined(wire().await).await;
            client.say(r#"42["ask"]"#).await;
            client.hear("[\"question\"]").await;
            vec![client.stream]
        }
        State::Polled => vec![polled(wire().await).await.0.stream],
        State::Polling => {
            let (mut client, query) = polled(wire().await).await;
            client.request(&query, None).await;
            vec![client.stream]
        }
        State::Upgrading => {
            let (client, query) = polled(wire().await).await;
            let websocket = probed(wire().await, &query).await;
            vec![client.stream, websocket.stream]
        }
        State::Upgraded => {
            let (client, query) = polled(wire().await).await;
            let mut websocket = probed(wire().await, &query).await;
            websocket.say("5").await;
            websocket.say(r#"42["echo"]"#).await;
            websocket.hear(r#"42["echoed"]"#).await;
            vec![client.stream, websocket.stream]
        }
        State::Recovering => {
            let mut client = open(wire().await).await;
            client.say("40/kept,").await;
            let pid = client.hear("\"pid\":\"").await;
            abandon(client.stream);
            let mut again = open(wire().await).await;
            again.say(&format!(r#"40/kept,{{"pid":"{pid}"}}"#)).await;
            vec![again.stream]
        }
    }
}

async fn open<S: AsyncRead + AsyncWrite + Unpin>(mut client: Wire<S>) -> Wire<S> {
    client.request_websocket("transport=websocket").await;
    client.hear("\"maxPayload\"").await;
    client
}

async fn joined<S: AsyncRead + AsyncWrite + Unpin>(client: Wire<S>) -> Wire<S> {
    let mut client = open(client).await;
    client.say("40").await;
    client.hear("40{\"sid\":\"").await;
    client
}

/// A polling session that has joined `/`, and the query of its requests.
async fn polled<S: AsyncRead + AsyncWrite + Unpin>(mut client: Wire<S>) -> (Wire<S>, String) {
    client.request("transport=polling", None).await;
    let sid = client.hear("0{\"sid\":\"").await;
    let query = format!("transport=polling&sid={sid}");
    client.request(&query, Some("40")).await;
    client.hear("\r\n\r\nok").await;
    client.request(&query, None).await;
    client.hear("40{\"sid\":\"").await;
    (client, query)
}

/// A WebSocket for a polling session whose probe is answered.
async fn probed<S: AsyncRead + AsyncWrite + Unpin>(mut client: Wire<S>, query: &str) -> Wire<S> {
    client
        .request_websocket(&query.replace("polling", "websocket"))
        .await;
    client.hear("HTTP/1.1 101").await;
    client.say("2probe").await;
    client.hear("3probe").await;
    client
}
