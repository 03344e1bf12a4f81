//! The least that a server can do: one thread, one epoll, the bytes of a broadcast built once, one `send` for each client.
//!
//! It knows as much Socket.IO as the load generator needs to believe it, checks nothing, and drops what a client does not
//! take at once, except for the rest of a message that was begun.

use std::collections::{HashMap, VecDeque};
use std::io::{ErrorKind, Read};
use std::net::{TcpListener, TcpStream};

use peers::clock::{now_ns, timespec};
use peers::frame::{self, Frame};
use peers::http::Head;
use peers::setting::{STAMP_BYTES, Settings};
use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, EventData, EventFlags};
use rustix::fd::OwnedFd;
use rustix::net::SendFlags;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

fn main() -> anyhow::Result<()> {
    let settings = Settings::from_environment()?;
    rlimit::increase_nofile_limit(u64::MAX)?;
    let listener = TcpListener::bind(("127.0.0.1", settings.port))?;
    listener.set_nonblocking(true)?;
    rustix::net::listen(&listener, BACKLOG)?;
    println!("listening on {}", listener.local_addr()?);
    Floor::new(listener, settings)?.run()
}

/// As many as the kernel lets wait.
const BACKLOG: i32 = 4096;

/// Events that are taken at once.
const EVENTS_MAX: usize = 1024;

/// More than any message of a client.
const READ_BYTES: usize = 64 * 1024;

/// The number of the listener among the events; those of members are their places.
const LISTENER: u64 = u64::MAX;

const SNAP: &[u8] = br#"451-["snap",{"_placeholder":true,"num":0}]"#;
const ECHO: &[u8] = br#"451-["echo",{"_placeholder":true,"num":0}]"#;

struct Floor {
    settings: Settings,
    listener: TcpListener,
    epoll: OwnedFd,
    /// Places of members that left are not used again.
    members: Vec<Option<Member>>,
    rooms: Vec<Vec<usize>>,
    room_of_name: HashMap<String, usize>,
    /// Whom to ping next, and when.
    heartbeats: VecDeque<(u64, usize)>,
    read: Vec<u8>,
    write: Vec<u8>,
}

struct Member {
    stream: TcpStream,
    /// The start of a message of which the rest has not come.
    begun: Vec<u8>,
    is_upgraded: bool,
    /// What the kernel did not take of a message.
    rest: Vec<u8>,
}

impl Floor {
    fn new(listener: TcpListener, settings: Settings) -> anyhow::Result<Self> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        epoll::add(&epoll, &listener, EventData::new_u64(LISTENER), EventFlags::IN)?;
        Ok(Self {
            settings,
            listener,
            epoll,
            members: Vec::new(),
            rooms: Vec::new(),
            room_of_name: HashMap::new(),
            heartbeats: VecDeque::new(),
            read: vec![0; READ_BYTES],
            write: Vec::new(),
        })
    }

    fn run(mut self) -> anyhow::Result<()> {
        let start = now_ns();
        let mut events = Vec::with_capacity(EVENTS_MAX);
        let mut tick = 1;
        loop {
            let tick_at = start + self.settings.due_ns(tick);
            let wake_at = self
                .heartbeats
                .front()
                .map_or(tick_at, |&(at, _)| at.min(tick_at));
            let wait = timespec(wake_at.saturating_sub(now_ns()));
            match epoll::wait(&self.epoll, spare_capacity(&mut events), Some(&wait)) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            for event in events.drain(..) {
                match event.data.u64() {
                    LISTENER => self.accept()?,
                    place => self.serve(place as usize, event.flags),
                }
            }
            let now = now_ns();
            if now >= tick_at {
                self.broadcast();
                tick = self.settings.next_tick(tick, now - start);
            }
            self.ping(now)?;
        }
    }

    fn accept(&mut self) -> anyhow::Result<()> {
        loop {
            let stream = match self.listener.accept() {
                Ok((stream, _)) => stream,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error.into()),
            };
            stream.set_nonblocking(true)?;
            stream.set_nodelay(true)?;
            let data = EventData::new_u64(self.members.len() as u64);
            epoll::add(&self.epoll, &stream, data, EventFlags::IN)?;
            self.members.push(Some(Member {
                stream,
                begun: Vec::new(),
                is_upgraded: false,
                rest: Vec::new(),
            }));
        }
    }

    fn serve(&mut self, place: usize, flags: EventFlags) {
        if flags.contains(EventFlags::OUT)
            && let Some(member) = &mut self.members[place]
        {
            let rest = std::mem::take(&mut member.rest);
            member.send(&rest);
            if member.rest.is_empty() {
                member.listen_for(&self.epoll, place, EventFlags::IN);
            }
        }
        if flags.intersects(EventFlags::IN | EventFlags::HUP | EventFlags::ERR) && !self.receive(place) {
            for room in &mut self.rooms {
                room.retain(|&member| member != place);
            }
            self.members[place] = None;
        }
    }

    /// False when the member is gone.
    fn receive(&mut self, place: usize) -> bool {
        let Some(member) = &mut self.members[place] else {
            return true;
        };
        let begun = member.begun.len();
        self.read[..begun].copy_from_slice(&member.begun);
        let whole = match member.stream.read(&mut self.read[begun..]) {
            Ok(0) => return false,
            Ok(count) => begun + count,
            Err(error) => return error.kind() == ErrorKind::WouldBlock,
        };
        member.begun.clear();
        let mut read = std::mem::take(&mut self.read);
        let taken = self.take(place, &mut read[..whole]);
        if let (Some(taken), Some(member)) = (taken, &mut self.members[place]) {
            member.begun.extend_from_slice(&read[taken..whole]);
        }
        self.read = read;
        taken.is_some()
    }

    /// How much of `bytes` was used; `None` when the member is to go.
    fn take(&mut self, place: usize, bytes: &mut [u8]) -> Option<usize> {
        let member = self.members[place].as_mut()?;
        if !member.is_upgraded {
            let head = Head::read(bytes).ok()?;
            let Some(head) = head else {
                return Some(0);
            };
            let (open, taken) = (open(&self.settings, place, &head)?, head.bytes);
            member.is_upgraded = true;
            member.send(&open);
            let ping_at = now_ns() + self.settings.ping_interval.as_nanos() as u64;
            self.heartbeats.push_back((ping_at, place));
            return Some(taken);
        }
        let mut taken = 0;
        while let Some(frame) = Frame::first(&bytes[taken..]) {
            let payload = frame.payload(&mut bytes[taken..]);
            match frame.opcode {
                frame::TEXT => self.take_text(place, payload)?,
                frame::BINARY if self.settings.echo => self.echo(place, payload)?,
                frame::CLOSE => return None,
                _ => {}
            }
            taken += frame.end;
        }
        Some(taken)
    }

    fn take_text(&mut self, place: usize, text: &[u8]) -> Option<()> {
        if text == b"40" {
            return self.reply(place, format!(r#"40{{"sid":"{place:020}"}}"#).as_bytes());
        }
        // 42<id>["join","<room>"]
        if let Some(event) = text.strip_prefix(b"42") {
            let text = std::str::from_utf8(event).ok()?;
            let (id, arguments) = text.split_once('[')?;
            let name = arguments.strip_prefix(r#""join",""#)?.strip_suffix(r#""]"#)?;
            let next = self.rooms.len();
            let room = *self.room_of_name.entry(name.to_owned()).or_insert(next);
            if room == next {
                self.rooms.push(Vec::new());
            }
            self.rooms[room].push(place);
            return self.reply(place, format!(r#"43{id}["ok"]"#).as_bytes());
        }
        Some(())
    }

    fn reply(&mut self, place: usize, text: &[u8]) -> Option<()> {
        self.write.clear();
        frame::write(frame::TEXT, text, &mut self.write);
        self.members[place].as_mut()?.send(&self.write);
        Some(())
    }

    fn echo(&mut self, place: usize, payload: &[u8]) -> Option<()> {
        self.write.clear();
        frame::write(frame::TEXT, ECHO, &mut self.write);
        frame::write(frame::BINARY, payload, &mut self.write);
        self.members[place].as_mut()?.send(&self.write);
        Some(())
    }

    fn broadcast(&mut self) {
        self.write.clear();
        frame::write(frame::TEXT, SNAP, &mut self.write);
        frame::write(frame::BINARY, &vec![0; self.settings.size_bytes], &mut self.write);
        let stamp = self.write.len() - self.settings.size_bytes;
        for room in &self.rooms {
            self.write[stamp..][..STAMP_BYTES].copy_from_slice(&now_ns().to_le_bytes());
            for &place in room {
                let Some(member) = &mut self.members[place] else {
                    continue;
                };
                if member.rest.is_empty() {
                    member.send(&self.write);
                    if !member.rest.is_empty() {
                        member.listen_for(&self.epoll, place, EventFlags::IN | EventFlags::OUT);
                    }
                }
            }
        }
    }

    fn ping(&mut self, now: u64) -> anyhow::Result<()> {
        self.write.clear();
        frame::write(frame::TEXT, b"2", &mut self.write);
        let interval = u64::try_from(self.settings.ping_interval.as_nanos())?;
        while let Some(&(at, place)) = self.heartbeats.front().filter(|&&(at, _)| at <= now) {
            self.heartbeats.pop_front();
            if let Some(member) = &mut self.members[place] {
                if member.rest.is_empty() {
                    member.send(&self.write);
                }
                // Its own rhythm, unless that is over too.
                self.heartbeats.push_back(((at + interval).max(now), place));
            }
        }
        Ok(())
    }
}

impl Member {
    /// Writes now; what the kernel does not take of a message that was begun waits, another is lost.
    fn send(&mut self, bytes: &[u8]) {
        let flags = SendFlags::NOSIGNAL | SendFlags::DONTWAIT;
        match rustix::net::send(&self.stream, bytes, flags) {
            Ok(sent) if sent < bytes.len() => self.rest.extend_from_slice(&bytes[sent..]),
            // A stream that broke shows itself to the next read.
            _ => {}
        }
    }

    fn listen_for(&self, epoll: &OwnedFd, place: usize, flags: EventFlags) {
        let data = EventData::new_u64(place as u64);
        epoll::modify(epoll, &self.stream, data, flags).expect("a member's stream is registered");
    }
}

/// The answer to an upgrade, and the packet that opens the session.
fn open(settings: &Settings, place: usize, head: &Head<'_>) -> Option<Vec<u8>> {
    let key = head.header("sec-websocket-key")?;
    let accept = derive_accept_key(key.as_bytes());
    let mut bytes = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n\r\n"
    )
    .into_bytes();
    let open = format!(
        r#"0{{"sid":"{place:020}","upgrades":[],"pingInterval":{},"pingTimeout":20000,"maxPayload":1000000}}"#,
        settings.ping_interval.as_millis()
    );
    frame::write(frame::TEXT, open.as_bytes(), &mut bytes);
    Some(bytes)
}
