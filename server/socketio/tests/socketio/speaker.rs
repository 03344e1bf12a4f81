use futures_util::SinkExt;
use hyper::body::Bytes;
use rmpv::Value as Packed;
use serde_json::Value;
use socketio::{Config, Parser};
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{Client, Seen};

/// Every parser that there is.
pub(crate) const PARSERS: [Parser; 3] = [Parser::Default, Parser::Msgpack, Parser::Compact];

/// A packet, whatever it is written as.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Packet {
    pub(crate) kind: u8,
    pub(crate) namespace: String,
    pub(crate) id: Option<u64>,
    pub(crate) data: Data,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Data {
    None,
    Json(Value),
    /// The array of an event or acknowledgement.
    List(Vec<Part>),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Part {
    Json(Value),
    Binary(Vec<u8>),
}

pub(crate) fn packet(kind: u8, namespace: &str, data: Data) -> Packet {
    Packet {
        kind,
        namespace: namespace.to_owned(),
        id: None,
        data,
    }
}

impl Packet {
    pub(crate) fn with_id(mut self, id: u64) -> Self {
        self.id = Some(id);
        self
    }
}

/// The events that are compact where that is the parser.
pub(crate) const COMPACT: [&str; 2] = ["message", "message-back"];

/// The settings of a server whose clients speak `parser`.
pub(crate) fn speaking(parser: Parser, config: Config) -> Config {
    Config {
        parser,
        compact_events: COMPACT.map(str::to_owned).into(),
        ..config
    }
}

/// The messages of a packet, written by other code than the server's.
pub(crate) fn write(parser: Parser, packet: &Packet) -> Vec<Message> {
    match parser {
        Parser::Msgpack => vec![Message::binary(write_msgpack(packet))],
        Parser::Compact if packet.kind == 2 && packet.namespace == "/" && packet.id.is_none() => {
            if let Data::List(parts) = &packet.data
                && let [Part::Json(name), Part::Binary(data)] = parts.as_slice()
                && let Some(number) = COMPACT.iter().position(|known| name == known)
            {
                vec![Message::binary([&[number as u8], data.as_slice()].concat())]
            } else {
                write_default(packet)
            }
        }
        _ => write_default(packet),
    }
}

fn write_default(packet: &Packet) -> Vec<Message> {
    let mut attachments = Vec::new();
    let data = match &packet.data {
        Data::None => String::new(),
        Data::Json(value) => value.to_string(),
        Data::List(parts) => {
            let mut values = Vec::new();
            for part in parts {
                values.push(match part {
                    Part::Json(value) => value.clone(),
                    Part::Binary(data) => {
                        attachments.push(data.clone());
                        serde_json::json!({"_placeholder": true, "num": attachments.len() - 1})
                    }
                });
            }
            Value::Array(values).to_string()
        }
    };
    let mut text = String::from("4");
    if attachments.is_empty() {
        text.push_str(&packet.kind.to_string());
    } else {
        text.push_str(&format!("{}{}-", packet.kind + 3, attachments.len()));
    }
    if packet.namespace != "/" {
        text.push_str(&packet.namespace);
        text.push(',');
    }
    if let Some(id) = packet.id {
        text.push_str(&id.to_string());
    }
    text.push_str(&data);
    let attachments = attachments.into_iter().map(Message::binary);
    std::iter::once(Message::text(text)).chain(attachments).collect()
}

fn write_msgpack(packet: &Packet) -> Vec<u8> {
    let mut fields = vec![
        (Packed::from("type"), Packed::from(packet.kind)),
        (Packed::from("nsp"), Packed::from(packet.namespace.as_str())),
    ];
    match &packet.data {
        Data::None => {}
        Data::Json(value) => fields.push((Packed::from("data"), pack(value))),
        Data::List(parts) => {
            let parts = parts.iter().map(|part| match part {
                Part::Json(value) => pack(value),
                Part::Binary(data) => Packed::Binary(data.clone()),
            });
            fields.push((Packed::from("data"), Packed::Array(parts.collect())));
        }
    }
    if let Some(id) = packet.id {
        fields.push((Packed::from("id"), Packed::from(id)));
    }
    encode(&Packed::Map(fields))
}

pub(crate) fn encode(value: &Packed) -> Vec<u8> {
    let mut out = Vec::new();
    rmpv::encode::write_value(&mut out, value).unwrap();
    out
}

pub(crate) fn pack(value: &Value) -> Packed {
    rmpv::ext::to_value(value).unwrap()
}

/// What a client sees that speaks `parser`: whole packets, and anything else as it is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Heard {
    Packet(Packet),
    Other(Seen),
}

/// A client of `parser`.
pub(crate) struct Speaker {
    pub(crate) client: Client,
    pub(crate) parser: Parser,
}

impl Speaker {
    pub(crate) async fn send(&mut self, packet: &Packet) {
        for message in write(self.parser, packet) {
            self.send_raw(message).await;
        }
    }

    pub(crate) async fn send_raw(&mut self, message: Message) {
        // The server may have closed already; what it says then is what the test looks at.
        let _ = self.client.ws.send(message).await;
    }

    pub(crate) async fn hear(&mut self) -> Heard {
        match (self.client.next().await, self.parser) {
            (Seen::Text(text), Parser::Default | Parser::Compact) if text.starts_with('4') => {
                Heard::Packet(self.read_default(&text[1..]).await)
            }
            (Seen::Binary(data), Parser::Msgpack) => Heard::Packet(read_msgpack(&data)),
            (Seen::Binary(data), Parser::Compact) => {
                let name = COMPACT[usize::from(data[0])];
                let parts = vec![Part::Json(name.into()), Part::Binary(data[1..].to_vec())];
                Heard::Packet(packet(2, "/", Data::List(parts)))
            }
            (other, _) => Heard::Other(other),
        }
    }

    async fn read_default(&mut self, text: &str) -> Packet {
        let (kind, mut rest) = text.split_at(1);
        let mut kind: u8 = kind.parse().unwrap();
        let mut attachments = 0;
        if kind >= 5 {
            kind -= 3;
            let (count, tail) = rest.split_once('-').unwrap();
            attachments = count.parse().unwrap();
            rest = tail;
        }
        let mut namespace = "/";
        if rest.starts_with('/') {
            (namespace, rest) = rest.split_once(',').unwrap();
        }
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (id, json) = rest.split_at(digits);
        let mut received: Vec<Bytes> = Vec::new();
        for _ in 0..attachments {
            received.push(self.client.binary().await);
        }
        let data = match (json, kind) {
            ("", _) => Data::None,
            (_, 2 | 3) => {
                let values: Vec<Value> = serde_json::from_str(json).unwrap();
                let part = |value: Value| match value["num"].as_u64() {
                    Some(index) if value["_placeholder"] == true => {
                        Part::Binary(received[usize::try_from(index).unwrap()].to_vec())
                    }
                    _ => Part::Json(value),
                };
                Data::List(values.into_iter().map(part).collect())
            }
            _ => Data::Json(serde_json::from_str(json).unwrap()),
        };
        Packet {
            kind,
            namespace: namespace.to_owned(),
            id: id.parse().ok(),
            data,
        }
    }
}

fn read_msgpack(mut data: &[u8]) -> Packet {
    let Packed::Map(fields) = rmpv::decode::read_value(&mut data).unwrap() else {
        panic!("a packet is a map");
    };
    assert!(data.is_empty(), "nothing follows a packet");
    let mut packet = packet(9, "", Data::None);
    for (key, value) in fields {
        match (key.as_str().unwrap(), value) {
            ("type", kind) => packet.kind = u8::try_from(kind.as_u64().unwrap()).unwrap(),
            ("nsp", name) => packet.namespace = name.as_str().unwrap().to_owned(),
            ("id", id) => packet.id = Some(id.as_u64().unwrap()),
            ("data", Packed::Array(values)) => {
                let part = |value| match value {
                    Packed::Binary(data) => Part::Binary(data),
                    value => Part::Json(rmpv::ext::from_value(value).unwrap()),
                };
                packet.data = Data::List(values.into_iter().map(part).collect());
            }
            ("data", value) => packet.data = Data::Json(rmpv::ext::from_value(value).unwrap()),
            (key, _) => panic!("{key} is no key of a packet"),
        }
    }
    packet
}
