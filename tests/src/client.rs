//! A client of the game that shows its tests every packet. It speaks Socket.IO by hand on purpose: it shares no code with the
//! server under test, and it can say what a well-behaved client never would.

use std::collections::VecDeque;
use std::net::SocketAddr;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use shared::arena::event::Event;
use shared::arena::input::Input;
use shared::arena::state::Body;
use shared::codec;
use shared::input::InputPacket;
use shared::message::{ClientMessage, EVENT_SNAPSHOT, Joined, PROTOCOL_VERSION, ServerMessage};
use shared::snapshot::{self, Snapshot};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// One thing that came from the server.
#[derive(Debug)]
pub enum Received {
    /// State of the match.
    Snapshot(Snapshot<Body, Event>),
    /// A control message that answers nothing.
    Message(ServerMessage),
    /// The answer to the message with this number.
    Answer(u32, ServerMessage),
    /// The server left the namespace on our behalf.
    Disconnected,
    /// The connection is over: close code and text when the server said them.
    Closed(Option<(u16, String)>),
}

/// A connection that has joined the namespace `/`.
pub struct TestClient {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    acks: u32,
    /// What came while something else was waited for.
    waiting: VecDeque<Received>,
    /// Header of an event whose attachment is still to come.
    header: Option<String>,
}

impl TestClient {
    /// Connects and joins `/`.
    pub async fn connect(address: SocketAddr) -> Self {
        let mut client = Self::connect_engine(address).await;
        client.send_text("40").await;
        let answer = client.text().await;
        assert!(answer.starts_with("40{\"sid\":"), "{answer}");
        client
    }

    /// Connects without joining a namespace.
    pub async fn connect_engine(address: SocketAddr) -> Self {
        let url = format!("ws://{address}/socket.io/?EIO=4&transport=websocket");
        let (socket, _) = connect_async(url).await.expect("the server accepts");
        let mut client = Self {
            socket,
            acks: 0,
            waiting: VecDeque::new(),
            header: None,
        };
        let open = client.text().await;
        assert!(open.starts_with("0{"), "{open}");
        client
    }

    async fn text(&mut self) -> String {
        match self.socket.next().await {
            Some(Ok(Message::Text(text))) => text.to_string(),
            other => panic!("expected text, got {other:?}"),
        }
    }

    /// Sends any text frame.
    pub async fn send_text(&mut self, text: &str) {
        // A server that has closed already is what some tests are about; they see it in what they receive.
        let _ = self.socket.send(Message::text(text)).await;
    }

    /// Sends any binary frame.
    pub async fn send_binary(&mut self, bytes: Vec<u8>) {
        let _ = self.socket.send(Message::binary(bytes)).await;
    }

    /// Sends an event with one binary argument.
    pub async fn emit(&mut self, event: &str, bytes: Vec<u8>) {
        self.send_text(&format!("451-[\"{event}\",{{\"_placeholder\":true,\"num\":0}}]"))
            .await;
        self.send_binary(bytes).await;
    }

    /// Sends a control message and gives its answer.
    pub async fn ask(&mut self, message: &ClientMessage) -> ServerMessage {
        let ack = self.acks;
        self.acks += 1;
        self.send_text(&format!(
            "451-{ack}[\"message\",{{\"_placeholder\":true,\"num\":0}}]"
        ))
        .await;
        self.send_binary(codec::encode_client(message)).await;
        loop {
            match self.receive().await {
                Received::Answer(id, message) if id == ack => return message,
                closed @ Received::Closed(_) => panic!("closed instead of an answer: {closed:?}"),
                other => self.waiting.push_back(other),
            }
        }
    }

    /// Takes a place in a match.
    pub async fn join(&mut self, name: &str) -> Joined {
        match self
            .ask(&ClientMessage::Join {
                protocol: PROTOCOL_VERSION,
                name: name.into(),
            })
            .await
        {
            ServerMessage::Joined(joined) => joined,
            other => panic!("expected a place, got {other:?}"),
        }
    }

    /// Sends the same wish for `count` ticks that end with `newest`.
    pub async fn send_input(&mut self, packet: &InputPacket<Input>) {
        let mut bytes = Vec::new();
        packet.encode(&mut bytes);
        self.emit("input", bytes).await;
    }

    /// The next thing that comes, kept ones first.
    pub async fn next(&mut self) -> Received {
        match self.waiting.pop_front() {
            Some(kept) => kept,
            None => self.receive().await,
        }
    }

    /// The next snapshot; everything else is kept for later.
    pub async fn snapshot(&mut self) -> Snapshot<Body, Event> {
        if let Some(index) = self
            .waiting
            .iter()
            .position(|kept| matches!(kept, Received::Snapshot(_)))
            && let Some(Received::Snapshot(snapshot)) = self.waiting.remove(index)
        {
            return snapshot;
        }
        loop {
            match self.receive().await {
                Received::Snapshot(snapshot) => return snapshot,
                closed @ Received::Closed(_) => panic!("closed instead of a snapshot: {closed:?}"),
                other => self.waiting.push_back(other),
            }
        }
    }

    /// The next control message that answers nothing; snapshots are dropped.
    pub async fn message(&mut self) -> ServerMessage {
        loop {
            match self.next().await {
                Received::Message(message) => return message,
                Received::Snapshot(_) => {}
                other => panic!("expected a message, got {other:?}"),
            }
        }
    }

    /// Reads to the end of the connection: the control messages on the way, and how it was closed.
    pub async fn until_closed(&mut self) -> (Vec<ServerMessage>, Option<(u16, String)>) {
        let mut messages = Vec::new();
        loop {
            match self.next().await {
                Received::Message(message) => messages.push(message),
                Received::Closed(how) => return (messages, how),
                _ => {}
            }
        }
    }

    /// Reads one thing from the socket and answers heartbeats on the way.
    async fn receive(&mut self) -> Received {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => {
                    if let Some(received) = self.handle_text(&text).await {
                        return received;
                    }
                }
                Some(Ok(Message::Binary(bytes))) => {
                    let header = self.header.take().expect("a binary frame follows its header");
                    return decode_event(&header, &bytes);
                }
                Some(Ok(Message::Close(frame))) => {
                    return Received::Closed(
                        frame.map(|frame| (frame.code.into(), frame.reason.to_string())),
                    );
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Received::Closed(None),
            }
        }
    }

    async fn handle_text(&mut self, text: &str) -> Option<Received> {
        match text {
            "2" => self.send_text("3").await,
            "1" | "41" => return Some(Received::Disconnected),
            _ if text.starts_with("451-") || text.starts_with("461-") => self.header = Some(text.to_owned()),
            _ => panic!("the server never sends {text}"),
        }
        None
    }
}

/// `header` is `451-["event",…]` or `461-<ack>[…]`, `bytes` its one attachment.
fn decode_event(header: &str, bytes: &Bytes) -> Received {
    let body = &header[4..];
    let array = body.find('[').expect("a packet has an array");
    let message = || codec::decode_server(bytes).expect("the server's messages decode");
    if header.starts_with("46") {
        return Received::Answer(body[..array].parse().expect("an answer has a number"), message());
    }
    let arguments: Vec<Value> = serde_json::from_str(&body[array..]).expect("a packet is JSON");
    if arguments[0] == EVENT_SNAPSHOT {
        Received::Snapshot(snapshot::decode(bytes).expect("the server's snapshots decode"))
    } else {
        Received::Message(message())
    }
}
