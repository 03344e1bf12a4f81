//! A server that does on request what a Socket.IO server can do, for clients of other makers to be tried against; the
//! programs in `tests/clients` drive it.
//!
//! `acceptance [ADDRESS] [SETTING=VALUE]...` listens on `ADDRESS` (a free port of 127.0.0.1) and says on its standard
//! output, a line each, where it listens, who joins or comes back, and who leaves why. SIGTERM closes it in good order.
//!
//! ```text
//! event        arguments           what the server does, in `/`
//! echo         any                 emits `echoed` with the same
//! echo-ack     any                 acknowledges with the same
//! hold-ack     –                   never acknowledges
//! ask          any                 emits `question` with the same, waits 500 ms for the answer, which it emits as
//!                                  `answered`, or `unanswered` with why there is none
//! stubborn     key                 acknowledges only the second arrival of a key, with the number of arrivals
//! join, leave  room                does so; acknowledges with the rooms it is in, without its own
//! tell         room, text          emits `told` to the others in the room
//! tell-all     room, text          emits `told` to all in the room, itself too
//! tell-except  room, text          emits `told` to all that are not in the room
//! shout        any                 emits `shouted` to the whole namespace
//! burst        count, bytes        emits `burst` so often, with its number and so many bytes
//! flutter      count, bytes        the same, volatile, as `flutter`; acknowledges with the number that was taken
//! note         any                 keeps it with the socket
//! noted        –                   acknowledges with what is kept
//! go           whether to close    disconnects it; with `true` the whole connection
//! gauges       –                   acknowledges with the sessions and sockets that are open, and how many have moved
//! ```
//!
//! `/custom` emits `auth` with the payload of the client's CONNECT, and echoes. `/private` lets in whose payload has the
//! token `open sesame`, and refuses others with details.

use std::collections::HashMap;
use std::io::{Error, ErrorKind};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use socketio::{
    Arg, Config, ConnectError, Emitted, Event, Namespace, Parser, Recovery, Socket, SocketIo, ToArgs, listen,
};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

const ANSWER_TIMEOUT: Duration = Duration::from_millis(500);
const CLOSE_GRACE: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let (settings, address): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|word| word.contains('='));
    let mut config = Config::default();
    for setting in &settings {
        set(&mut config, setting)?;
    }
    let io = SocketIo::builder().config(config).build();
    main_namespace(&io);
    custom_namespace(&io);
    private_namespace(&io);

    let address = address.first().map_or("127.0.0.1:0", String::as_str);
    let listener = TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    let mut terminate = signal(SignalKind::terminate())?;
    let shutdown = async move {
        terminate.recv().await;
    };
    listen::serve(listener, io.clone(), listen::NotFound, shutdown).await?;
    io.close(CLOSE_GRACE).await;
    println!("closed");
    Ok(())
}

/// Applies one `SETTING=VALUE` of the command line.
fn set(config: &mut Config, setting: &str) -> std::io::Result<()> {
    let invalid = |problem: &str| Error::new(ErrorKind::InvalidInput, format!("{setting}: {problem}"));
    let (name, value) = setting.split_once('=').unwrap_or((setting, ""));
    let number = || {
        value
            .parse::<usize>()
            .map_err(|_| invalid("the value is no number"))
    };
    let time = || number().map(|number| Duration::from_millis(number as u64));
    let parser = |name| Parser::from_name(name).ok_or_else(|| invalid("no such parser"));
    match name {
        "ping_interval_ms" => config.ping_interval = time()?,
        "ping_timeout_ms" => config.ping_timeout = time()?,
        "connect_timeout_ms" => config.connect_timeout = time()?,
        "max_payload_bytes" => config.max_payload_bytes = number()?,
        "outbox_bytes_max" => config.outbox_bytes_max = number()?,
        "packets_per_poll_max" => config.packets_per_poll_max = Some(number()?),
        "parser" => config.parser = parser(value)?,
        "parsers_allowed" => {
            config.parsers_allowed = value.split(',').map(parser).collect::<Result<_, _>>()?
        }
        "recovery_ms" => {
            config.recovery = Some(Recovery {
                max_disconnection_duration: time()?,
                ..Recovery::default()
            });
        }
        "compact_events" => config.compact_events = value.split(',').map(str::to_owned).collect(),
        _ => return Err(invalid("no such setting")),
    }
    Ok(())
}

/// Says on the standard output who comes and goes.
fn report(socket: &Socket) {
    let how = if socket.recovered() { "back in" } else { "joined" };
    println!("{how} {}", socket.namespace());
    socket.on_disconnect(|socket, reason| println!("left {}: {reason}", socket.namespace()));
}

fn main_namespace(io: &SocketIo) {
    let arrivals = Arc::new(Mutex::new(HashMap::new()));
    let (namespace, server) = (io.of("/"), io.clone());
    io.of("/").on_connection(move |socket| {
        report(socket);
        echoes(socket);
        questions(socket, arrivals.clone());
        notes(socket);
        rooms(socket);
        broadcasts(socket, &namespace);
        bursts(socket);
        socket.on("go", |event| async move {
            event
                .socket
                .disconnect(event.args.deserialize(0).unwrap_or_default());
        });
        let server = server.clone();
        socket.on("gauges", move |event| {
            let gauge = |gauge: &std::sync::atomic::AtomicU64| gauge.load(Ordering::Relaxed);
            let stats = server.stats();
            let gauges = json!({
                "sessions": gauge(&stats.connections_open),
                "sockets": gauge(&stats.sockets_connected),
                "upgrades": gauge(&stats.upgrades),
            });
            async move { acknowledge(event, gauges) }
        });
    });
}

fn custom_namespace(io: &SocketIo) {
    io.of("/custom").on_connection(|socket| {
        report(socket);
        let _ = socket.emit("auth", socket.handshake().auth.clone());
        echoes(socket);
    });
}

fn private_namespace(io: &SocketIo) {
    let namespace = io.of("/private");
    namespace.use_middleware(|socket| async move {
        if socket.handshake().auth["token"] == "open sesame" {
            return Ok(());
        }
        let details = json!({ "code": "E_TOKEN", "given": socket.handshake().auth });
        Err(ConnectError::with_data("not authorised", details))
    });
    namespace.on_connection(|socket| {
        report(socket);
        echoes(socket);
    });
}

fn acknowledge(event: Event, args: impl ToArgs) {
    if let Some(ack) = event.ack {
        // Fails only when the client has left, which is reported.
        let _ = ack.send(args);
    }
}

fn text(event: &Event, index: usize) -> String {
    event.args.deserialize(index).unwrap_or_default()
}

fn number(event: &Event, index: usize) -> usize {
    event.args.deserialize(index).unwrap_or_default()
}

fn echoes(socket: &Socket) {
    socket.on("echo", |event| async move {
        let _ = event.socket.emit("echoed", event.args);
    });
    socket.on("echo-ack", |mut event| async move {
        let args = std::mem::take(&mut event.args);
        acknowledge(event, args);
    });
}

fn questions(socket: &Socket, arrivals: Arc<Mutex<HashMap<String, u64>>>) {
    socket.on("hold-ack", |_| async {});
    socket.on("ask", |event| async move {
        let answer = event
            .socket
            .timeout(ANSWER_TIMEOUT)
            .emit_with_ack("question", event.args)
            .await;
        let _ = match answer {
            Ok(args) => event.socket.emit("answered", args),
            Err(error) => event.socket.emit("unanswered", error.to_string()),
        };
    });
    socket.on("stubborn", move |event| {
        let count = {
            let mut arrivals = arrivals.lock().unwrap_or_else(PoisonError::into_inner);
            let count = arrivals.entry(text(&event, 0)).or_default();
            *count += 1;
            *count
        };
        async move {
            if count > 1 {
                acknowledge(event, count);
            }
        }
    });
}

fn notes(socket: &Socket) {
    socket.on("note", |event| async move {
        let note: Value = event.args.deserialize(0).unwrap_or_default();
        event.socket.data().set("note", note);
    });
    socket.on("noted", |event| async move {
        let note = event.socket.data().get("note").unwrap_or_default();
        acknowledge(event, note);
    });
}

fn rooms(socket: &Socket) {
    let others = |socket: &Socket| -> Vec<Value> {
        let mut rooms = socket.rooms();
        rooms.retain(|room| room != socket.id());
        rooms.sort();
        rooms.into_iter().map(Value::from).collect()
    };
    socket.on("join", move |event| async move {
        let _ = event.socket.join(text(&event, 0));
        let rooms = Value::from(others(&event.socket));
        acknowledge(event, rooms);
    });
    socket.on("leave", move |event| async move {
        event.socket.leave(&text(&event, 0));
        let rooms = Value::from(others(&event.socket));
        acknowledge(event, rooms);
    });
}

fn broadcasts(socket: &Socket, namespace: &Namespace) {
    socket.on("tell", |event| async move {
        event.socket.to(text(&event, 0)).emit("told", text(&event, 1));
    });
    let all = namespace.clone();
    socket.on("tell-all", move |event| {
        all.to(text(&event, 0)).emit("told", text(&event, 1));
        async {}
    });
    let all = namespace.clone();
    socket.on("tell-except", move |event| {
        all.except(text(&event, 0)).emit("told", text(&event, 1));
        async {}
    });
    let all = namespace.clone();
    socket.on("shout", move |event| {
        all.emit("shouted", event.args);
        async {}
    });
}

fn bursts(socket: &Socket) {
    let piece = |index: usize, bytes: usize| {
        let data = Bytes::from(vec![index as u8; bytes]);
        vec![Arg::Json(index.into()), Arg::Binary(data)]
    };
    socket.on("burst", move |event| async move {
        let bytes = number(&event, 1);
        for index in 0..number(&event, 0) {
            let _ = event.socket.emit("burst", piece(index, bytes));
        }
    });
    socket.on("flutter", move |event| async move {
        let bytes = number(&event, 1);
        let emit = |index| event.socket.volatile().emit("flutter", piece(index, bytes));
        let taken = (0..number(&event, 0))
            .map(emit)
            .filter(|outcome| matches!(outcome, Ok(Emitted::Taken | Emitted::Queued)))
            .count();
        acknowledge(event, taken as u64);
    });
}
