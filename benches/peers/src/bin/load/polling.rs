//! A client by long-polling: one connection on which a GET always waits, and one for POSTs, one at a time.

use std::io::{ErrorKind, Read};
use std::net::{SocketAddr, TcpStream};

use anyhow::{Context, bail, ensure};
use peers::http;

use crate::tally::Tally;
use crate::websocket::send_all;

pub(crate) struct PollingClient {
    pub(crate) polls: Channel,
    pub(crate) posts: Channel,
    session: String,
    room: String,
    /// Packets to be posted.
    waiting: Vec<String>,
    is_posting: bool,
    is_in: bool,
}

/// A connection for one request after another.
pub(crate) struct Channel {
    pub(crate) stream: TcpStream,
    begun: Vec<u8>,
}

/// What stands between packets.
const SEPARATOR: u8 = 0x1e;

impl PollingClient {
    /// Connects and asks for a session.
    pub(crate) fn start(address: SocketAddr, room: usize) -> anyhow::Result<Self> {
        let client = Self {
            polls: Channel::connect(address)?,
            posts: Channel::connect(address)?,
            session: String::new(),
            room: format!("r{room}"),
            waiting: Vec::new(),
            is_posting: false,
            is_in: false,
        };
        client.poll()?;
        Ok(client)
    }

    /// Whether it has joined its room.
    pub(crate) fn is_in(&self) -> bool {
        self.is_in
    }

    /// Reads what came as the answer to a poll.
    pub(crate) fn receive_poll(&mut self, buffer: &mut [u8], tally: &mut Tally) -> anyhow::Result<()> {
        let Some(body) = self.polls.receive(buffer, tally)? else {
            return Ok(());
        };
        // The next one waits before this one is looked at, so that the server never has to keep anything.
        if !self.session.is_empty() {
            self.poll()?;
        }
        for packet in body.split(|&byte| byte == SEPARATOR) {
            self.take(packet, tally)?;
        }
        self.post()
    }

    /// Reads what came as the answer to a POST.
    pub(crate) fn receive_post(&mut self, buffer: &mut [u8], tally: &mut Tally) -> anyhow::Result<()> {
        if self.posts.receive(buffer, tally)?.is_some() {
            self.is_posting = false;
            self.post()?;
        }
        Ok(())
    }

    fn take(&mut self, packet: &[u8], tally: &mut Tally) -> anyhow::Result<()> {
        match packet {
            [b'b', base64 @ ..] => tally.count_message(&stamp(base64).context("a message without a stamp")?),
            [b'4', b'5', ..] | [b'6'] => {}
            [b'0', open @ ..] => {
                let open: serde_json::Value = serde_json::from_slice(open)?;
                open["sid"]
                    .as_str()
                    .context("a session without an id")?
                    .clone_into(&mut self.session);
                self.waiting.push("40".to_owned());
                self.poll()?;
            }
            [b'2', ..] => {
                tally.count_ping();
                self.waiting.push("3".to_owned());
            }
            [b'4', b'0', ..] => self.waiting.push(format!(r#"420["join","{}"]"#, self.room)),
            [b'4', b'3', ..] => self.is_in = true,
            other => bail!("the server says {}", String::from_utf8_lossy(other)),
        }
        Ok(())
    }

    fn poll(&self) -> anyhow::Result<()> {
        let session = if self.session.is_empty() {
            String::new()
        } else {
            format!("&sid={}", self.session)
        };
        let request =
            format!("GET /socket.io/?EIO=4&transport=polling{session} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        send_all(&self.polls.stream, request.as_bytes())
    }

    /// Posts all that waits, unless a POST is under way.
    fn post(&mut self) -> anyhow::Result<()> {
        if self.is_posting || self.waiting.is_empty() {
            return Ok(());
        }
        let body = self.waiting.join("\x1e");
        self.waiting.clear();
        self.is_posting = true;
        let request = format!(
            "POST /socket.io/?EIO=4&transport=polling&sid={} HTTP/1.1\r\nHost: localhost\r\n\
             Content-Type: text/plain;charset=UTF-8\r\nContent-Length: {}\r\n\r\n{body}",
            self.session,
            body.len()
        );
        send_all(&self.posts.stream, request.as_bytes())
    }
}

impl Channel {
    fn connect(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        Ok(Self {
            stream,
            begun: Vec::new(),
        })
    }

    /// Reads once; the body when an answer is whole.
    fn receive(&mut self, buffer: &mut [u8], tally: &mut Tally) -> anyhow::Result<Option<Vec<u8>>> {
        let count = match self.stream.read(buffer) {
            Ok(0) => bail!("the server closed the connection"),
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        tally.count_read(count);
        self.begun.extend_from_slice(&buffer[..count]);
        let Some((status, body, taken)) = http::answer(&self.begun)? else {
            return Ok(None);
        };
        ensure!(
            status == 200,
            "status {status}: {}",
            String::from_utf8_lossy(&body)
        );
        self.begun.drain(..taken);
        Ok(Some(body))
    }
}

/// The first bytes of what is written in base64.
fn stamp(base64: &[u8]) -> Option<[u8; 9]> {
    let mut bytes = [0; 9];
    for (three, four) in bytes
        .chunks_exact_mut(3)
        .zip(base64.first_chunk::<12>()?.chunks_exact(4))
    {
        let mut bits = 0;
        for &digit in four {
            bits = bits << 6 | u32::from(value(digit)?);
        }
        three.copy_from_slice(&bits.to_be_bytes()[1..]);
    }
    Some(bytes)
}

fn value(digit: u8) -> Option<u8> {
    match digit {
        b'A'..=b'Z' => Some(digit - b'A'),
        b'a'..=b'z' => Some(digit - b'a' + 26),
        b'0'..=b'9' => Some(digit - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_the_start_of_the_bytes() {
        assert_eq!(stamp(b"AQIDBAUGBwgJ"), Some([1, 2, 3, 4, 5, 6, 7, 8, 9]));
        assert_eq!(
            stamp(b"+/8AAAAAAAAAAA=="),
            Some([0xfb, 0xff, 0, 0, 0, 0, 0, 0, 0])
        );
        assert_eq!(stamp(b"AQID"), None);
    }
}
