//! How each of them is started, driven, and understood.

use std::path::Path;
use std::process::Command;

use anyhow::Context;
use peers::outcome::Outcome;
use peers::pinned::Cores;
use serde::Serialize;
use serde_json::Value;

use crate::start;

/// Where things are, and how long a run is.
pub(crate) struct Places<'a> {
    pub(crate) tickroom: &'a Path,
    pub(crate) colyseus: &'a Path,
    pub(crate) out: &'a Path,
    pub(crate) cores: Cores,
    pub(crate) seconds: u32,
    pub(crate) players: u32,
}

/// What a run tells.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Figures {
    /// All that a client received, with the frames around it.
    pub(crate) bytes_per_client_s: f64,
    pub(crate) messages_per_client_s: f64,
    /// A message alone, mean.
    pub(crate) message_bytes: f64,
    pub(crate) cpu_ms_per_client_s: f64,
    /// From sending an input to the arrival of the first state that shows it.
    pub(crate) p50_ms: Option<f64>,
    pub(crate) p99_ms: Option<f64>,
    pub(crate) resident_bytes_per_client: Option<f64>,
    /// The fewest players that a client saw.
    pub(crate) players_least: Option<u32>,
}

/// One of those that are compared.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Contender {
    Tickroom,
    Colyseus,
    /// It sends messages of the size of Tickroom's snapshots of the same round, so it comes after it.
    Floor,
}

impl Contender {
    pub(crate) const ALL: [Self; 3] = [Self::Tickroom, Self::Colyseus, Self::Floor];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Tickroom => "tickroom",
            Self::Colyseus => "colyseus",
            Self::Floor => "floor",
        }
    }

    /// Plays once.
    pub(crate) fn play(self, places: &Places<'_>, snapshot_bytes: f64) -> anyhow::Result<Figures> {
        match self {
            Self::Tickroom => tickroom(places),
            Self::Colyseus => colyseus(places),
            Self::Floor => floor(places, snapshot_bytes),
        }
    }
}

fn tickroom(places: &Places<'_>) -> anyhow::Result<Figures> {
    let players = places.players.to_string();
    let mut serve = Command::new(places.tickroom);
    serve.args([
        "serve",
        "--port",
        "0",
        "--fill-to",
        "0",
        "--players-max",
        &players,
    ]);
    // Nothing is left out for anybody, and the round does not end meanwhile.
    serve.args([
        "--snapshot-hz",
        "30",
        "--snapshot-bytes-per-s",
        "0",
        "--see-all-max",
        "128",
        "--warm-up-s",
        "3600",
    ]);
    let mut server = start(serve, places.cores.server, places.out)?;
    let greeting = server.line()?;
    let (_, url) = greeting
        .rsplit_once(' ')
        .context("it does not tell its address")?;
    let json = places.out.join("tickroom-bench.json");
    let mut bench = Command::new(places.tickroom);
    bench
        .args(["bench", "--url", url, "--pid", &server.id().to_string()])
        .args(["--clients", &players, "--matches", "1", "--hold-fire"])
        .args(["--seconds", &places.seconds.to_string()])
        .arg("--json")
        .arg(&json);
    start(bench, places.cores.load, places.out)?.end()?;
    let told: Value = serde_json::from_str(&std::fs::read_to_string(&json)?)?;
    let number = |path: &str| told.pointer(path).and_then(Value::as_f64);
    let needed = |path: &str| number(path).with_context(|| format!("the bench tells no {path}"));
    Ok(Figures {
        bytes_per_client_s: needed("/server/sent_bytes_per_client_s")?,
        messages_per_client_s: needed("/snapshots_per_client_s")?,
        message_bytes: needed("/snapshot_bytes_mean")?,
        cpu_ms_per_client_s: needed("/process/cpu_ms_per_client_s")?,
        p50_ms: number("/input_to_snapshot_ms/p50"),
        p99_ms: number("/input_to_snapshot_ms/p99"),
        resident_bytes_per_client: None,
        players_least: number("/players_seen_least").map(|least| least as u32),
    })
}

fn colyseus(places: &Places<'_>) -> anyhow::Result<Figures> {
    let mut serve = Command::new("node");
    serve.arg(places.colyseus.join("server.mjs")).env("PORT", "0");
    let mut server = start(serve, places.cores.server, places.out)?;
    let address = address(&server.line()?)?;
    let mut load = Command::new("node");
    load.arg(places.colyseus.join("load.mjs")).args([
        address.as_str(),
        &server.id().to_string(),
        &places.players.to_string(),
        &places.seconds.to_string(),
    ]);
    let told: Value = serde_json::from_str(&start(load, places.cores.load, places.out)?.line()?)?;
    let number = |path: &str| told.pointer(path).and_then(Value::as_f64);
    let needed = |path: &str| number(path).with_context(|| format!("the load tells no {path}"));
    let (bytes, messages) = (needed("/bytes_per_client_s")?, needed("/messages_per_client_s")?);
    Ok(Figures {
        bytes_per_client_s: bytes,
        messages_per_client_s: messages,
        message_bytes: bytes / messages,
        cpu_ms_per_client_s: needed("/server_cpu_ms_per_client_s")?,
        p50_ms: number("/input_to_state_ms/p50"),
        p99_ms: number("/input_to_state_ms/p99"),
        resident_bytes_per_client: number("/resident_bytes_per_client"),
        players_least: number("/players_least").map(|least| least as u32),
    })
}

fn floor(places: &Places<'_>, snapshot_bytes: f64) -> anyhow::Result<Figures> {
    let here = std::env::current_exe()?;
    let mut serve = Command::new(here.with_file_name("floor"));
    serve
        .env("PORT", "0")
        .env("RATE", "30")
        .env("SIZE", (snapshot_bytes.round() as usize).to_string());
    let mut server = start(serve, places.cores.server, places.out)?;
    let address = address(&server.line()?)?;
    let mut load = Command::new(here.with_file_name("load"));
    load.args([
        &address,
        &server.id().to_string(),
        "game",
        &places.seconds.to_string(),
    ]);
    if places.players < 100 {
        load.arg("small");
    }
    let outcome: Outcome = serde_json::from_str(&start(load, places.cores.load, places.out)?.line()?)?;
    let client_s = outcome.connected as f64 * outcome.counted_s;
    Ok(Figures {
        bytes_per_client_s: outcome.bytes as f64 / client_s,
        messages_per_client_s: outcome.delivered as f64 / client_s,
        message_bytes: snapshot_bytes,
        cpu_ms_per_client_s: outcome.cpu_ns as f64 / 1e6 / client_s,
        p50_ms: None,
        p99_ms: None,
        resident_bytes_per_client: Some(outcome.bytes_per_connection()),
        players_least: None,
    })
}

fn address(greeting: &str) -> anyhow::Result<String> {
    let address = greeting.strip_prefix("listening on ");
    Ok(address
        .with_context(|| format!("it says '{greeting}'"))?
        .to_owned())
}
