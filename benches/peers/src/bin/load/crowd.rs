//! All clients of a scenario: they come, settle, are counted, and go.

use std::io::Read;
use std::net::{SocketAddr, TcpStream};

use anyhow::{Context, ensure};
use peers::clock::{NS_PER_S, now_ns, own_cpu_ns, timespec};
use peers::outcome::{Latency, Outcome};
use peers::process;
use peers::scenario::{INPUTS_PER_S, Kind, Scenario};
use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, Event, EventData, EventFlags};
use rustix::fd::OwnedFd;

use crate::polling::PollingClient;
use crate::tally::Tally;
use crate::websocket::WebSocketClient;

pub(crate) struct Crowd {
    address: SocketAddr,
    server: u32,
    scenario: Scenario,
    epoll: OwnedFd,
    /// Those that broke off leave their place empty.
    clients: Vec<Option<Client>>,
    entered: usize,
    lost: usize,
    tally: Tally,
    buffer: Vec<u8>,
    events: Vec<Event>,
    /// Inputs of players that were sent, and since when.
    inputs: u64,
    playing_since: u64,
}

enum Client {
    WebSocket(WebSocketClient),
    Polling(PollingClient),
}

/// More than anything that comes at once.
const BUFFER_BYTES: usize = 512 * 1024;

const EVENTS_MAX: usize = 1024;

/// How long all clients may take to get in. A server that is busy with those who are there may never let in the others; it is
/// counted without them, and what they do not get is not delivered.
const PATIENCE_NS: u64 = 15 * NS_PER_S;

/// How long it is looked at most whether those that did not read were sent away.
const STALLED_LOOK_NS: u64 = NS_PER_S / 2;

impl Crowd {
    pub(crate) fn new(address: SocketAddr, server: u32, scenario: Scenario) -> anyhow::Result<Self> {
        Ok(Self {
            address,
            server,
            scenario,
            epoll: epoll::create(epoll::CreateFlags::CLOEXEC)?,
            clients: Vec::with_capacity(scenario.clients),
            entered: 0,
            lost: 0,
            tally: Tally::new(),
            buffer: vec![0; BUFFER_BYTES],
            events: Vec::with_capacity(EVENTS_MAX),
            inputs: 0,
            playing_since: 0,
        })
    }

    /// Plays the scenario.
    pub(crate) fn run(mut self, seconds: f64) -> anyhow::Result<Outcome> {
        let mut outcome = Outcome {
            resident_before: process::resident_bytes(self.server)?,
            ..Outcome::default()
        };
        self.enter(&mut outcome)?;
        self.playing_since = now_ns();
        self.listen(self.scenario.settling_s())?;
        outcome.resident_settled = process::resident_bytes(self.server)?;
        let stalled = self.stall()?;
        self.count(self.scenario.counted_s(seconds), &mut outcome)?;
        outcome.lost = self.lost as u64;
        outcome.resident_max = process::resident_bytes_max(self.server)?;
        outcome.stalled_ended = ended(stalled, outcome.counted_s) as u64;
        Ok(outcome)
    }

    /// All get in, so many at a time.
    fn enter(&mut self, outcome: &mut Outcome) -> anyhow::Result<()> {
        let (start, cpu) = (now_ns(), process::cpu_ns(self.server)?);
        while self.entered + self.lost < self.scenario.clients {
            let mut in_flight = self.clients.len() - self.entered - self.lost;
            while in_flight < self.scenario.in_flight && self.clients.len() < self.scenario.clients {
                self.start_client()?;
                in_flight += 1;
            }
            self.serve(10_000_000)?;
            if now_ns() - start > PATIENCE_NS {
                break;
            }
        }
        ensure!(self.lost == 0, "{} clients were sent away", self.lost);
        ensure!(self.entered > 0, "nobody got in");
        outcome.connect_cpu_ns = process::cpu_ns(self.server)? - cpu;
        outcome.connect_s = (now_ns() - start) as f64 / 1e9;
        outcome.connected = self.entered as u64;
        Ok(())
    }

    fn start_client(&mut self) -> anyhow::Result<()> {
        let place = self.clients.len() as u64;
        let room = self.clients.len() % self.scenario.rooms;
        let register = |stream: &TcpStream, data| {
            epoll::add(&self.epoll, stream, EventData::new_u64(data), EventFlags::IN)
        };
        let client = if self.scenario.kind == Kind::Poll {
            let client = PollingClient::start(self.address, room)?;
            register(&client.polls.stream, place)?;
            register(&client.posts.stream, place | POSTS)?;
            Client::Polling(client)
        } else {
            let echo = self.scenario.kind == Kind::Echo;
            let client = WebSocketClient::start(self.address, room, echo)?;
            register(&client.stream, place)?;
            Client::WebSocket(client)
        };
        self.clients.push(Some(client));
        Ok(())
    }

    /// Waits so long for something to happen, and serves what did.
    fn serve(&mut self, wait_ns: u64) -> anyhow::Result<()> {
        let mut events = std::mem::take(&mut self.events);
        match epoll::wait(&self.epoll, spare_capacity(&mut events), Some(&timespec(wait_ns))) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        for event in events.drain(..) {
            self.receive(event.data.u64());
        }
        self.events = events;
        Ok(())
    }

    fn receive(&mut self, data: u64) {
        let place = (data & !POSTS) as usize;
        let Some(client) = &mut self.clients[place] else {
            return;
        };
        let was_in = client.is_in();
        let (buffer, tally) = (&mut self.buffer[..], &mut self.tally);
        let received = match client {
            Client::WebSocket(client) => client.receive(buffer, tally),
            Client::Polling(client) if data & POSTS != 0 => client.receive_post(buffer, tally),
            Client::Polling(client) => client.receive_poll(buffer, tally),
        };
        self.entered += usize::from(!was_in && client.is_in());
        if let Err(error) = received {
            if self.lost == 0 {
                eprintln!("client {place}: {error:#}");
            }
            self.lost += 1;
            self.clients[place] = None;
        }
    }

    fn listen(&mut self, seconds: f64) -> anyhow::Result<()> {
        let end = now_ns() + (seconds * 1e9) as u64;
        loop {
            let now = now_ns();
            if now >= end {
                return Ok(());
            }
            let wake_at = self.send_inputs(now)?.map_or(end, |next| next.min(end));
            self.serve(wake_at.saturating_sub(now))?;
        }
    }

    /// Sends the inputs that are due, spread evenly over clients and time; when the next one is.
    fn send_inputs(&mut self, now: u64) -> anyhow::Result<Option<u64>> {
        if self.scenario.kind != Kind::Play {
            return Ok(None);
        }
        let interval = NS_PER_S / INPUTS_PER_S / self.clients.len() as u64;
        loop {
            let due = self.playing_since + self.inputs * interval;
            if due > now {
                return Ok(Some(due));
            }
            let place = (self.inputs % self.clients.len() as u64) as usize;
            if let Some(Client::WebSocket(client)) = &self.clients[place] {
                client.send_input()?;
            }
            self.inputs += 1;
        }
    }

    /// Takes those out of the crowd that read no more.
    fn stall(&mut self) -> anyhow::Result<Vec<TcpStream>> {
        let Kind::Stall(count) = self.scenario.kind else {
            return Ok(Vec::new());
        };
        let stalled = self
            .clients
            .iter_mut()
            .step_by(self.scenario.clients / count)
            .take(count);
        let mut streams = Vec::new();
        for client in stalled {
            let Some(Client::WebSocket(client)) = client.take() else {
                continue;
            };
            epoll::delete(&self.epoll, &client.stream)?;
            streams.push(client.stream);
        }
        Ok(streams)
    }

    fn count(&mut self, seconds: f64, outcome: &mut Outcome) -> anyhow::Result<()> {
        if seconds == 0.0 {
            return Ok(());
        }
        let (start, cpu, own_cpu) = (now_ns(), process::cpu_ns(self.server)?, own_cpu_ns());
        self.tally.counting = true;
        self.listen(seconds)?;
        self.tally.counting = false;
        outcome.cpu_ns = process::cpu_ns(self.server)?
            .checked_sub(cpu)
            .context("the server is another one")?;
        let taken_ns = now_ns() - start;
        outcome.load_busy = (own_cpu_ns() - own_cpu) as f64 / taken_ns as f64;
        outcome.counted_s = taken_ns as f64 / 1e9;
        outcome.due = self.scenario.due(outcome.counted_s).unwrap_or(0.0);
        outcome.delivered = if self.scenario.kind == Kind::Idle {
            self.tally.pings
        } else {
            self.tally.delivered
        };
        outcome.reads = self.tally.reads;
        outcome.bytes = self.tally.bytes;
        outcome.latency_us = Latency::of(&self.tally.latency_ns);
        Ok(())
    }
}

/// Set in the number of an event that belongs to a client's second connection.
const POSTS: u64 = 1 << 32;

impl Client {
    fn is_in(&self) -> bool {
        match self {
            Self::WebSocket(client) => client.is_in(),
            Self::Polling(client) => client.is_in(),
        }
    }
}

/// How many of these the server has ended: they read what was sent before, and then see it. After a short run it is looked shortly.
fn ended(mut streams: Vec<TcpStream>, counted_s: f64) -> usize {
    let look_ns = STALLED_LOOK_NS.min((counted_s * 1e9) as u64);
    let (count, until) = (streams.len(), now_ns() + look_ns);
    let mut buffer = vec![0; 64 * 1024];
    while !streams.is_empty() && now_ns() < until {
        streams.retain_mut(|stream| match stream.read(&mut buffer) {
            Ok(read) => read > 0,
            Err(error) => error.kind() == std::io::ErrorKind::WouldBlock,
        });
        std::thread::yield_now();
    }
    count - streams.len()
}
