//! A client of the game that shows its tests every packet. It speaks Socket.IO by hand on purpose: it shares no code with the
//! server under test, and it can say what a well-behaved client never would.

use std::collections::VecDeque;
use std::net::SocketAddr;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use shared::arena::input::Input;
use shared::arena::{Replica, Snapshot};
use shared::codec;
use shared::ids::{EntityId, MatchId, PlayerId};
use shared::input::{InputPacket, VIEW_AGE_UNKNOWN};
use shared::look::{Look, LookPacket};
use shared::message::{
    EVENT_LOOK, EVENT_SNAPSHOT, EVENT_STEER, Joined, LobbyReply, LobbyRequest, MatchChoice, MatchEntry,
    Offer, PROTOCOL_VERSION, Replaying, ServerMessage, Watching,
};
use shared::presence::{Presence, decode_presences};
use shared::steer::{Speed, Steer};
use shared::tick::Tick;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// What the server of the arena sends.
pub type ArenaSnapshot = Snapshot;

/// One thing that came from the server.
#[derive(Debug)]
pub enum Received {
    /// State of the match.
    Snapshot(ArenaSnapshot),
    /// A control message that answers nothing.
    Message(ServerMessage),
    /// The answer to the request with this number; empty when it has no bytes.
    Answer(u32, Bytes),
    /// The server refuses the namespace `/`, and says why.
    Refused(String),
    /// The server left the namespace on our behalf.
    Disconnected,
    /// The connection is over: close code and text when the server said them.
    Closed(Option<(u16, String)>),
}

/// A connection, at first in no namespace.
pub struct TestClient {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    acks: u32,
    /// What came while something else was waited for.
    waiting: VecDeque<Received>,
    /// Header of an event whose attachment is still to come.
    header: Option<String>,
    in_lobby: bool,
    /// What it looks at, once it watches: a viewer acknowledges by that.
    look: Option<Look>,
    replica: Replica,
}

impl TestClient {
    /// Connects without joining a namespace.
    pub async fn connect(address: SocketAddr) -> Self {
        let url = format!("ws://{address}/socket.io/?EIO=4&transport=websocket");
        let (socket, _) = connect_async(url).await.expect("the server accepts");
        let waiting = VecDeque::new();
        let mut client = Self {
            socket,
            acks: 0,
            waiting,
            header: None,
            look: None,
            in_lobby: false,
            replica: Replica::new(),
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

    /// Sends any text frame; false when the connection is gone, which is what some tests are about.
    pub async fn send_text(&mut self, text: &str) -> bool {
        self.socket.send(Message::text(text)).await.is_ok()
    }

    /// Sends any binary frame.
    pub async fn send_binary(&mut self, bytes: Vec<u8>) {
        // As above; they see it in what they receive.
        let _ = self.socket.send(Message::binary(bytes)).await;
    }

    /// Sends an event of the game with one binary argument.
    pub async fn emit(&mut self, event: &str, bytes: Vec<u8>) {
        self.emit_to("/", event, bytes).await;
    }

    /// Sends an event of any namespace with one binary argument.
    pub async fn emit_to(&mut self, namespace: &str, event: &str, bytes: Vec<u8>) {
        let namespace = if namespace == "/" {
            String::new()
        } else {
            format!("{namespace},")
        };
        self.send_text(&format!(
            "451-{namespace}[\"{event}\",{{\"_placeholder\":true,\"num\":0}}]"
        ))
        .await;
        self.send_binary(bytes).await;
    }

    /// Asks the lobby and gives its answer.
    pub async fn ask(&mut self, request: &LobbyRequest) -> LobbyReply {
        if !self.in_lobby {
            self.in_lobby = true;
            self.send_text("40/lobby,").await;
        }
        let ack = self.next_ack();
        self.send_text(&format!(
            "451-/lobby,{ack}[\"message\",{{\"_placeholder\":true,\"num\":0}}]"
        ))
        .await;
        self.send_binary(codec::encode_lobby_request(request)).await;
        let bytes = self.answer(ack).await;
        codec::decode_lobby_reply(&bytes).expect("the lobby's answers decode")
    }

    /// Asks what is played, and what a private match can be like.
    pub async fn list(&mut self) -> (Vec<MatchEntry>, Offer) {
        match self.ask(&LobbyRequest::List).await {
            LobbyReply::Matches { matches, offer } => (matches, offer),
            other => panic!("expected a list, got {other:?}"),
        }
    }

    /// Goes out of the lobby; the next request comes in again.
    pub async fn leave_lobby(&mut self) {
        self.in_lobby = false;
        self.send_text("41/lobby,").await;
    }

    /// Asks for a seat and gives its token.
    pub async fn seat(&mut self, name: &str, choice: MatchChoice) -> String {
        let request = LobbyRequest::Join {
            protocol: PROTOCOL_VERSION,
            name: name.into(),
            choice,
        };
        match self.ask(&request).await {
            LobbyReply::Seat { token } => token,
            other => panic!("expected a seat, got {other:?}"),
        }
    }

    /// Takes the seat; the server answers with a message or a refusal.
    pub async fn take(&mut self, token: &str) -> Result<Joined, String> {
        self.send_text(&format!("40{{\"token\":\"{token}\"}}")).await;
        loop {
            match self.receive().await {
                Received::Message(ServerMessage::Joined(joined)) => return Ok(joined),
                Received::Refused(why) => return Err(why),
                closed @ Received::Closed(_) => panic!("closed instead of a place: {closed:?}"),
                other => self.waiting.push_back(other),
            }
        }
    }

    /// Asks for a seat to watch from, and takes it; follows nobody until it is told to.
    pub async fn watch(&mut self, match_id: Option<MatchId>) -> Watching {
        let request = LobbyRequest::Watch {
            protocol: PROTOCOL_VERSION,
            match_id,
        };
        match self.ask(&request).await {
            LobbyReply::Seat { token } => self.take_view(&token).await.expect("a fresh seat is good"),
            other => panic!("expected a seat, got {other:?}"),
        }
    }

    /// Takes a seat to watch from.
    pub async fn take_view(&mut self, token: &str) -> Result<Watching, String> {
        self.look = Some(Look::Follow(EntityId::NONE));
        self.send_text(&format!("40{{\"token\":\"{token}\"}}")).await;
        loop {
            match self.receive().await {
                Received::Message(ServerMessage::Watching(watching)) => return Ok(watching),
                Received::Refused(why) => return Err(why),
                closed @ Received::Closed(_) => panic!("closed instead of a view: {closed:?}"),
                other => self.waiting.push_back(other),
            }
        }
    }

    /// Asks for a seat to watch a recording from, and takes it.
    pub async fn watch_replay(&mut self, name: &str, tick: Tick) -> Replaying {
        let request = LobbyRequest::Replay {
            protocol: PROTOCOL_VERSION,
            name: name.to_owned(),
            tick,
        };
        let LobbyReply::Seat { token } = self.ask(&request).await else {
            panic!("a recording has a place for a viewer");
        };
        self.send_text(&format!("40{{\"token\":\"{token}\"}}")).await;
        self.replaying().await
    }

    /// Lets the recording go on otherwise, and waits until it does.
    pub async fn steer(&mut self, speed: Speed, to: Option<Tick>) -> Replaying {
        let mut bytes = Vec::new();
        Steer { speed, to }.encode(&mut bytes);
        self.emit(EVENT_STEER, bytes).await;
        self.replaying().await
    }

    /// Waits for the next moment of a recording; snapshots of the one before are dropped.
    pub async fn replaying(&mut self) -> Replaying {
        self.look.get_or_insert(Look::Follow(EntityId::NONE));
        self.waiting.retain(|kept| !matches!(kept, Received::Snapshot(_)));
        loop {
            match self.receive().await {
                Received::Message(ServerMessage::Replaying(replaying)) => return replaying,
                Received::Snapshot(_) => {}
                closed @ (Received::Closed(_) | Received::Refused(_)) => {
                    panic!("{closed:?} instead of a recording")
                }
                other => self.waiting.push_back(other),
            }
        }
    }

    /// Looks at something else from the next snapshot on.
    pub const fn look(&mut self, look: Look) {
        self.look = Some(look);
    }

    /// Takes a place in any match.
    pub async fn join(&mut self, name: &str) -> Joined {
        let token = self.seat(name, MatchChoice::Any).await;
        self.take(&token).await.expect("a fresh seat is good")
    }

    /// Gives the place back.
    pub async fn leave(&mut self) {
        let ack = self.next_ack();
        self.send_text(&format!("42{ack}[\"leave\"]")).await;
        self.answer(ack).await;
    }

    /// Says how it is reached, and gives how everybody is who plays.
    pub async fn ping(&mut self, own: Presence) -> Vec<(PlayerId, Presence)> {
        let ack = self.next_ack();
        self.send_text(&format!("42{ack}[\"ping\",{}]", own.byte())).await;
        let bytes = self.answer(ack).await;
        decode_presences(&bytes).expect("what is told of everybody decodes")
    }

    fn next_ack(&mut self) -> u32 {
        self.acks += 1;
        self.acks - 1
    }

    async fn answer(&mut self, ack: u32) -> Bytes {
        loop {
            match self.receive().await {
                Received::Answer(id, bytes) if id == ack => return bytes,
                closed @ Received::Closed(_) => panic!("closed instead of an answer: {closed:?}"),
                other => self.waiting.push_back(other),
            }
        }
    }

    /// Sends inputs.
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
    pub async fn snapshot(&mut self) -> ArenaSnapshot {
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

    /// The control messages that came while snapshots were waited for.
    pub fn told(&mut self) -> Vec<ServerMessage> {
        let kept = std::mem::take(&mut self.waiting);
        let (messages, others) = kept
            .into_iter()
            .partition::<Vec<_>, _>(|received| matches!(received, Received::Message(_)));
        self.waiting = others.into();
        let message = |received| match received {
            Received::Message(message) => Some(message),
            _ => None,
        };
        messages.into_iter().filter_map(message).collect()
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

    /// Reads one thing from the socket, answers heartbeats on the way and acknowledges snapshots: who does not is sent less,
    /// and given up in the end.
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
                    let received = decode_event(&header, &bytes, &mut self.replica);
                    match &received {
                        Received::Snapshot(snapshot) => self.acknowledge(snapshot.header.tick).await,
                        // What was known before is void.
                        Received::Message(ServerMessage::Replaying(_)) => self.replica = Replica::new(),
                        _ => {}
                    }
                    return received;
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

    /// By an input for a tick that is over, which moves nothing; a viewer by its look.
    async fn acknowledge(&mut self, tick: Tick) {
        if let Some(look) = self.look {
            let packet = LookPacket {
                acked: tick,
                look,
                hidden: false,
                resync: false,
            };
            let mut bytes = Vec::new();
            packet.encode(&mut bytes);
            self.emit(EVENT_LOOK, bytes).await;
            return;
        }
        let packet = InputPacket::new(tick, tick, vec![Input::default()], VIEW_AGE_UNKNOWN);
        self.send_input(&packet).await;
    }

    async fn handle_text(&mut self, text: &str) -> Option<Received> {
        match text {
            "2" => {
                self.send_text("3").await;
            }
            "1" | "41" => return Some(Received::Disconnected),
            // Of the lobby, when the whole connection is closed.
            _ if text.starts_with("41/") => {}
            _ if text.starts_with("451-") || text.starts_with("461-") => self.header = Some(text.to_owned()),
            _ if text.starts_with("44{") => return Some(Received::Refused(text[2..].to_owned())),
            _ if text.starts_with("43") => {
                let number = &text[2..text.find('[').expect("an answer has an array")];
                return Some(Received::Answer(
                    number.parse().expect("an answer has a number"),
                    Bytes::new(),
                ));
            }
            _ if text.starts_with("40") => {}
            _ => panic!("the server never sends {text}"),
        }
        None
    }
}

/// `header` is `451-["event",…]` or `461-[/namespace,]<ack>[…]`, `bytes` its one attachment.
fn decode_event(header: &str, bytes: &Bytes, replica: &mut Replica) -> Received {
    let array = header.find('[').expect("a packet has an array");
    if header.starts_with("46") {
        let number = header[4..array].rsplit(',').next().expect("there is text");
        return Received::Answer(number.parse().expect("an answer has a number"), bytes.clone());
    }
    let arguments: Vec<Value> = serde_json::from_str(&header[array..]).expect("a packet is JSON");
    if arguments[0] == EVENT_SNAPSHOT {
        let snapshot = replica.apply(bytes).expect("the server's snapshots apply");
        Received::Snapshot(snapshot.clone())
    } else {
        Received::Message(codec::decode_server(bytes).expect("the server's messages decode"))
    }
}
