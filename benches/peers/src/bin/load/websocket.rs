//! A client over WebSocket: upgrade, open, connect, join, and then it listens or echoes.

use std::io::Read;
use std::net::{SocketAddr, TcpStream};

use anyhow::{Context, bail, ensure};
use peers::clock::now_ns;
use peers::frame::{self, Frame};
use peers::http::Head;

use crate::tally::Tally;

pub(crate) struct WebSocketClient {
    pub(crate) stream: TcpStream,
    /// The start of a frame of which the rest has not come.
    begun: Vec<u8>,
    room: String,
    echo: bool,
    is_upgraded: bool,
    is_in: bool,
}

/// What a client asks to be upgraded. The key is not secret.
const UPGRADE: &str = "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\
                       Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
                       Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

const INPUT: &[u8] = br#"451-["input",{"_placeholder":true,"num":0}]"#;

/// Bytes of an input.
const INPUT_BYTES: usize = 16;

impl WebSocketClient {
    /// Connects and asks.
    pub(crate) fn start(address: SocketAddr, room: usize, echo: bool) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        send_all(&stream, UPGRADE.as_bytes())?;
        Ok(Self {
            stream,
            begun: Vec::new(),
            room: format!("r{room}"),
            echo,
            is_upgraded: false,
            is_in: false,
        })
    }

    /// Whether it has joined its room.
    pub(crate) fn is_in(&self) -> bool {
        self.is_in
    }

    /// Reads once; an error when the connection is over. `buffer` is anybody's.
    pub(crate) fn receive(&mut self, buffer: &mut [u8], tally: &mut Tally) -> anyhow::Result<()> {
        let begun = self.begun.len();
        buffer[..begun].copy_from_slice(&self.begun);
        let count = match self.stream.read(&mut buffer[begun..]) {
            Ok(0) => bail!("the server closed the connection"),
            Ok(count) => count,
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        self.begun.clear();
        tally.count_read(count);
        let whole = begun + count;
        let taken = self.take(&mut buffer[..whole], tally)?;
        self.begun.extend_from_slice(&buffer[taken..whole]);
        Ok(())
    }

    fn take(&mut self, bytes: &mut [u8], tally: &mut Tally) -> anyhow::Result<usize> {
        let mut taken = 0;
        if !self.is_upgraded {
            let Some(head) = Head::read(bytes)? else {
                return Ok(0);
            };
            ensure!(
                head.status() == Some(101),
                "the upgrade is refused: {:?}",
                head.status()
            );
            taken = head.bytes;
            self.is_upgraded = true;
        }
        while let Some(frame) = Frame::first(&bytes[taken..]) {
            let payload = frame.payload(&mut bytes[taken..]);
            match frame.opcode {
                frame::TEXT => self.take_text(payload, tally)?,
                frame::BINARY => {
                    tally.count_message(payload);
                    if self.echo {
                        self.send_input()?;
                    }
                }
                frame::CLOSE => bail!("the server closed the WebSocket"),
                other => ensure!(other == frame::PING, "a frame of kind {other}"),
            }
            taken += frame.end;
        }
        Ok(taken)
    }

    fn take_text(&mut self, text: &[u8], tally: &mut Tally) -> anyhow::Result<()> {
        match text {
            // The header of a message that counts when its bytes come.
            [b'4', b'5', ..] => Ok(()),
            [b'0', ..] => self.send(b"40"),
            [b'2', ..] => {
                tally.count_ping();
                self.send(b"3")
            }
            [b'4', b'0', ..] => self.send(format!(r#"420["join","{}"]"#, self.room).as_bytes()),
            [b'4', b'3', ..] => {
                self.is_in = true;
                if self.echo { self.send_input() } else { Ok(()) }
            }
            other => bail!("the server says {}", String::from_utf8_lossy(other)),
        }
    }

    fn send(&self, text: &[u8]) -> anyhow::Result<()> {
        let mut bytes = Vec::with_capacity(64);
        frame::write_masked(frame::TEXT, text, &mut bytes);
        send_all(&self.stream, &bytes)
    }

    /// Says what a player wants.
    pub(crate) fn send_input(&self) -> anyhow::Result<()> {
        let mut input = [0; INPUT_BYTES];
        input[..8].copy_from_slice(&now_ns().to_le_bytes());
        let mut bytes = Vec::with_capacity(128);
        frame::write_masked(frame::TEXT, INPUT, &mut bytes);
        frame::write_masked(frame::BINARY, &input, &mut bytes);
        send_all(&self.stream, &bytes)
    }
}

/// What a client says is so little that the kernel takes it whole.
pub(crate) fn send_all(stream: &TcpStream, bytes: &[u8]) -> anyhow::Result<()> {
    let sent = rustix::net::send(stream, bytes, rustix::net::SendFlags::NOSIGNAL).context("sending")?;
    ensure!(sent == bytes.len(), "the server does not read");
    Ok(())
}
