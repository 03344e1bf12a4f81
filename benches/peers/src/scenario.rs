//! The loads, a row each.

/// A load and what is asked of the server for it.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    /// As on the command line.
    pub name: &'static str,
    /// As in the table.
    pub title: &'static str,
    /// What its clients do.
    pub kind: Kind,
    /// Rooms, filled evenly.
    pub rooms: usize,
    /// Clients in total.
    pub clients: usize,
    /// How often each room hears a `snap`; [`NEVER`] where none is wanted.
    pub rate_hz: f64,
    /// Bytes of it.
    pub bytes: usize,
    /// Time between two pings of the server, milliseconds.
    pub ping_interval_ms: u64,
    /// Clients that connect at the same time.
    pub in_flight: usize,
    /// Seconds from the last connect to the start of counting; where heartbeats count, one of each client on top.
    pub settle_s: f64,
    /// How many times as long as others it is counted.
    pub stretch: f64,
}

/// What the clients of a scenario do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Listen.
    Listen,
    /// Listen by long-polling.
    Poll,
    /// Each sends an `input` and the next one when it is back.
    Echo,
    /// Nothing but heartbeats.
    Idle,
    /// Connect, and that is all.
    Connect,
    /// Listen, and send [`INPUTS_PER_S`] inputs a second each.
    Play,
    /// So many of them stop reading when all are there.
    Stall(usize),
}

/// How often a player sends an input.
pub const INPUTS_PER_S: u64 = 30;

/// What a game server does for 100 players in a match, without the game; its messages have the size that is asked for.
pub const GAME: Scenario = Scenario {
    name: "game",
    title: "100 players in a match",
    kind: Kind::Play,
    ..LISTEN
};

/// A tick that no run sees.
pub const NEVER: f64 = 0.001;

const LISTEN: Scenario = Scenario {
    name: "",
    title: "",
    kind: Kind::Listen,
    rooms: 1,
    clients: 100,
    rate_hz: 30.0,
    bytes: 300,
    ping_interval_ms: 25_000,
    in_flight: 64,
    settle_s: 0.7,
    stretch: 1.0,
};

/// All of them.
pub const SCENARIOS: [Scenario; 10] = [
    Scenario {
        name: "rooms",
        title: "200 rooms × 10, 30 Hz, 300 B",
        rooms: 200,
        clients: 2000,
        ..LISTEN
    },
    Scenario {
        name: "hall",
        title: "1 room × 1000, 20 Hz, 300 B",
        clients: 1000,
        rate_hz: 20.0,
        ..LISTEN
    },
    Scenario {
        name: "large",
        title: "2 rooms × 100, 30 Hz, 1706 B",
        rooms: 2,
        clients: 200,
        bytes: 1706,
        ..LISTEN
    },
    Scenario {
        name: "flood",
        title: "50 rooms × 10, asked for 1000 Hz, 300 B",
        rooms: 50,
        clients: 500,
        rate_hz: 1000.0,
        ..LISTEN
    },
    Scenario {
        name: "echo",
        title: "echo of 16 B, 100 clients, closed loop",
        kind: Kind::Echo,
        rate_hz: NEVER,
        ..LISTEN
    },
    Scenario {
        name: "idle",
        title: "5000 idle clients in a room, heartbeat each 5 s",
        kind: Kind::Idle,
        clients: 5000,
        rate_hz: NEVER,
        ping_interval_ms: 5_000,
        ..LISTEN
    },
    Scenario {
        name: "connect",
        title: "2000 connects, 100 in flight",
        kind: Kind::Connect,
        clients: 2000,
        rate_hz: NEVER,
        in_flight: 100,
        ..LISTEN
    },
    Scenario {
        name: "crowd",
        title: "1 room × 200, 30 Hz, 16 KiB",
        clients: 200,
        bytes: 16 * 1024,
        // Until the buffers of those that do not read are full.
        stretch: 3.0,
        ..LISTEN
    },
    Scenario {
        name: "stalled",
        title: "the same, 10 of them stop reading",
        kind: Kind::Stall(10),
        clients: 200,
        bytes: 16 * 1024,
        // Until the buffers of those that do not read are full.
        stretch: 3.0,
        ..LISTEN
    },
    Scenario {
        name: "polling",
        title: "1 room × 100 by long-polling, 30 Hz, 300 B",
        kind: Kind::Poll,
        ..LISTEN
    },
];

impl Scenario {
    /// The row of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        SCENARIOS
            .iter()
            .chain([&GAME])
            .find(|scenario| scenario.name == name)
    }

    /// Seconds in which something is counted, when most take `seconds`.
    pub fn counted_s(&self, seconds: f64) -> f64 {
        match self.kind {
            Kind::Connect => 0.0,
            // Each client is pinged once in it.
            Kind::Idle => self.ping_interval_ms as f64 / 1000.0,
            _ => seconds * self.stretch,
        }
    }

    /// Seconds from the last connect to the start of counting.
    pub fn settling_s(&self) -> f64 {
        match self.kind {
            Kind::Idle => self.ping_interval_ms as f64 / 1000.0 + self.settle_s,
            _ => self.settle_s,
        }
    }

    /// Clients that read to the end.
    pub fn listeners(&self) -> usize {
        match self.kind {
            Kind::Stall(stalled) => self.clients - stalled,
            _ => self.clients,
        }
    }

    /// Messages that are due in `seconds`; `None` where the clients set the pace.
    pub fn due(&self, seconds: f64) -> Option<f64> {
        match self.kind {
            Kind::Listen | Kind::Poll | Kind::Play | Kind::Stall(_) => {
                Some(self.rate_hz * self.listeners() as f64 * seconds)
            }
            Kind::Idle => Some(self.clients as f64),
            Kind::Echo | Kind::Connect => None,
        }
    }

    /// Not so many of everything, to see whether it works.
    pub fn smaller(self) -> Self {
        let clients = self.clients.div_ceil(10).max(20);
        Self {
            rooms: self.rooms.min(clients / 10).max(1),
            clients,
            ping_interval_ms: self.ping_interval_ms.min(150),
            settle_s: 0.1,
            stretch: 1.0,
            ..self
        }
    }
}
