//! Start and end of a server.

use std::future::ready;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use shared::codec::encode_server;
use shared::message::{COMPACT_EVENTS, EVENT_MESSAGE, GAME, ServerMessage};
use simulation::rate::Rate;
use simulation::shards::Shards;
use socketio::{BundleFile, ClientBundle, Hooks, Parser, SocketIo};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::config::Config;
use crate::games;
use crate::gateway::lobby::Allowance;
use crate::gateway::{self, inbound, lobby};
use crate::matches::{Bounds, Matches};
use crate::metrics::Metrics;
use crate::origin;
use crate::recordings::{self, Recordings};
use crate::replays::{self, Replays};
use crate::routes::{self, App};
use crate::seats::Seats;
use crate::watch::Watch;

/// Largest message that a client may send. The game needs some hundred bytes; this leaves room for namespaces of an
/// application beside it.
const PAYLOAD_BYTES_MAX: usize = 16 * 1024;

/// A server that accepts connections until it is shut down.
pub struct RunningServer {
    address: SocketAddr,
    io: SocketIo,
    matches: Arc<Matches>,
    replays: Option<Arc<Replays>>,
    drain: Duration,
    closing: Arc<AtomicBool>,
    stop_accepting: oneshot::Sender<()>,
    accepting: JoinHandle<std::io::Result<()>>,
    sweeping: JoinHandle<()>,
}

/// How often players are told that the server ends.
const TELL_INTERVAL: Duration = Duration::from_secs(1);

/// How often seats are looked through for those whose time is over, and shards for one that is stuck.
const SWEEP_INTERVAL: Duration = Duration::from_secs(1);

async fn sweep(seats: Arc<Seats>, mut watch: Watch) {
    let mut interval = tokio::time::interval(SWEEP_INTERVAL);
    loop {
        interval.tick().await;
        let now = Instant::now();
        seats.sweep(now);
        watch.look(now);
    }
}

/// Starts a server with these settings. Needs a tokio runtime.
///
/// # Errors
/// The address cannot be listened on, a map cannot be played on, the directory of recordings cannot be used, or a thread cannot
/// be started.
pub async fn start(config: Config) -> anyhow::Result<RunningServer> {
    let listener = listen(&config).await?;
    let address = listener
        .local_addr()
        .context("the listening address is unknown")?;
    let gateway = Arc::new(gateway::stats::Stats::default());
    let seats = Arc::new(Seats::default());
    let simulation = Arc::new(simulation::stats::Stats::default());
    let shards = Shards::spawn(config.shards.into(), &simulation)
        .context("the simulation's threads cannot be started; try fewer --shards")?;
    let recordings = recordings(&config)?;
    let replays = replays(&config, &gateway, &seats)?;
    let matches = Arc::new(Matches::new(
        games::arena(&config)?,
        Bounds {
            matches_max: config.matches_max as usize,
            // One at least stays for everybody.
            private_max: config.private_matches_max.min(config.matches_max - 1) as usize,
            warm_match: config.warm_match && config.viewers_max > 0,
            shows_recordings: replays.is_some(),
        },
        shards,
        recordings.clone(),
        Arc::clone(&simulation),
        Arc::clone(&gateway),
        Arc::clone(&seats),
    ));
    let allowed_origins = config.allow_origin.clone();
    let io = SocketIo::builder()
        .config(socketio_config(&config))
        .client_bundle(client_bundle())
        .hooks(
            Hooks::default()
                .allow_request(move |request| ready(origin::check(&request.headers, &allowed_origins)))
                .use_middleware(|mut passage| {
                    let opens_session = passage.request.query.get("sid").is_none_or(str::is_empty);
                    if opens_session {
                        let extensions = Arc::make_mut(&mut passage.request.extensions);
                        extensions.insert(Arc::<Allowance>::default());
                    }
                    ready(Ok(passage))
                }),
        )
        .build();
    let closing = Arc::new(AtomicBool::new(false));
    lobby::attach(&io, &matches, replays.as_ref(), &closing, &gateway);
    inbound::attach(&io, &seats, config.inputs_per_s, &gateway);
    let watch = Watch::new(Arc::clone(&matches), replays.clone(), Arc::clone(&gateway));
    let sweeping = tokio::spawn(sweep(Arc::clone(&seats), watch));
    let app = App {
        matches: Arc::clone(&matches),
        replays: replays.clone(),
        metrics: Arc::new(Metrics::new(
            io.clone(),
            simulation,
            gateway,
            Arc::clone(&seats),
            recordings,
            replays.clone(),
            Arc::clone(&matches),
        )),
        closing: Arc::clone(&closing),
        admin_token: config.admin_token.as_deref().map(Arc::from),
        io: io.clone(),
        seats: Arc::clone(&seats),
        name: Arc::from(config.name.as_str()),
        started: Instant::now(),
    };
    let (stop_accepting, stopped) = oneshot::channel();
    let accepting = tokio::spawn(socketio::listen::serve(
        listener,
        io.clone(),
        routes::router(app),
        async {
            // A dropped sender stops it as well.
            let _ = stopped.await;
        },
    ));
    tracing::info!(%address, "listening");
    Ok(RunningServer {
        address,
        io,
        matches,
        replays,
        drain: Duration::from_secs(config.drain_s.into()),
        closing,
        stop_accepting,
        accepting,
        sweeping,
    })
}

/// What records the matches, when the settings name a directory.
fn recordings(config: &Config) -> anyhow::Result<Option<Arc<Recordings>>> {
    let Some(directory) = config.record_dir.clone() else {
        return Ok(None);
    };
    let bytes = |megabytes: u32| u64::from(megabytes) * 1_000_000;
    let limits = recordings::Limits {
        directory,
        files_max: config.record_files_max as usize,
        bytes_max: bytes(config.record_mb_max),
        file_bytes_max: bytes(config.record_file_mb_max),
    };
    Ok(Some(Arc::new(Recordings::start(limits)?)))
}

/// What shows recordings, when there is a directory of them and the settings allow it.
fn replays(
    config: &Config,
    gateway: &Arc<gateway::stats::Stats>,
    seats: &Arc<Seats>,
) -> anyhow::Result<Option<Arc<Replays>>> {
    let Some(directory) = config.record_dir.clone().filter(|_| config.replays_max > 0) else {
        return Ok(None);
    };
    let limits = replays::Limits {
        directory,
        open_max: config.replays_max.into(),
        file_bytes_max: Config::RECORDING_BYTES_MAX,
        rate: Rate {
            interval_ticks: config.snapshot_interval_ticks(),
            bytes_per_s: config.snapshot_bytes_per_s,
        },
    };
    let replays = Replays::start(limits, Arc::clone(gateway), Arc::clone(seats))
        .context("the thread that shows recordings cannot be started")?;
    Ok(Some(Arc::new(replays)))
}

async fn listen(config: &Config) -> anyhow::Result<TcpListener> {
    let address = SocketAddr::new(config.host, config.port);
    TcpListener::bind(address)
        .await
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::AddrInUse => {
                anyhow::anyhow!(
                    "{address} is taken by another program; stop it or choose another port with --port"
                )
            }
            std::io::ErrorKind::PermissionDenied => {
                anyhow::anyhow!("this user may not listen on {address}; choose a port above 1023 with --port")
            }
            _ => anyhow::anyhow!(
                "cannot listen on {address}: {error}; --host names an address of this machine"
            ),
        })
}

fn socketio_config(config: &Config) -> socketio::Config {
    socketio::Config {
        ping_interval: Duration::from_millis(config.ping_interval_ms.into()),
        ping_timeout: Duration::from_millis(config.ping_timeout_ms.into()),
        outbox_bytes_max: config.outbox_bytes_max as usize,
        connections_max: config.connections_max as usize,
        max_payload_bytes: PAYLOAD_BYTES_MAX,
        // The page asks for it; clients of other makers need not.
        parsers_allowed: vec![Parser::Compact],
        compact_events: COMPACT_EVENTS.map(str::to_owned).to_vec(),
        ..socketio::Config::default()
    }
}

fn client_bundle() -> ClientBundle {
    let files = client_web::bundle_files().into_iter().map(|file| BundleFile {
        name: file.name.to_owned(),
        content_type: file.content_type.to_owned(),
        bytes: bytes::Bytes::from(file.bytes.into_owned()),
    });
    ClientBundle {
        version: client_web::bundle_version().to_owned(),
        files: files.collect(),
    }
}

/// Tells whoever plays in how many seconds the server ends.
fn tell_closing(io: &SocketIo, left: Duration) {
    let in_s = u16::try_from(left.as_millis().div_ceil(1000)).unwrap_or(u16::MAX);
    let message = ServerMessage::ServerClosing { in_s };
    io.of(GAME)
        .emit(EVENT_MESSAGE, bytes::Bytes::from(encode_server(&message)));
}

impl RunningServer {
    /// Where it listens; with port 0 in the settings, the port that was free.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes in nobody new, and tells those who play each second in how many the server ends. Returns when that time is over, as
    /// the settings have it, or nobody plays any more. To be followed by [`shutdown`](Self::shutdown), at any moment.
    pub async fn drain(&self) {
        self.closing.store(true, Ordering::Relaxed);
        let ends = Instant::now() + self.drain;
        loop {
            let left = ends.saturating_duration_since(Instant::now());
            // Whose connection is broken plays as well; who only watches keeps nobody waiting.
            if left.is_zero() || self.matches.people() == 0 {
                return;
            }
            tell_closing(&self.io, left);
            // Again and again: whoever has lost the connection meanwhile hears it too.
            tokio::time::sleep(left.min(TELL_INTERVAL)).await;
        }
    }

    /// Tells the players, closes their connections with a reason, and ends the matches. Returns within
    /// [`Config::SHUTDOWN_GRACE`] and a second.
    pub async fn shutdown(self) {
        self.closing.store(true, Ordering::Relaxed);
        // The receiver is gone only when the accept loop ended by itself.
        let _ = self.stop_accepting.send(());
        tell_closing(&self.io, Duration::ZERO);
        self.io.close(Config::SHUTDOWN_GRACE).await;
        let (matches, replays) = (Arc::clone(&self.matches), self.replays.clone());
        // Joins threads, so it must not hold up the network threads.
        let stopped = tokio::task::spawn_blocking(move || {
            matches.stop();
            if let Some(replays) = replays {
                replays.stop();
            }
        });
        if tokio::time::timeout(Duration::from_secs(1), stopped)
            .await
            .is_err()
        {
            tracing::warn!("the simulation's threads did not stop in time");
        }
        self.accepting.abort();
        self.sweeping.abort();
        tracing::info!("stopped");
    }
}
