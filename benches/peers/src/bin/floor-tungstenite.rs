//! What the libraries of the language give without more: tokio and tokio-tungstenite, a queue and a task per connection,
//! the messages of a broadcast built once.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use peers::clock::now_ns;
use peers::setting::{STAMP_BYTES, Settings};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

/// Messages that wait for one client; more are dropped. An event is two.
const QUEUE_MAX: usize = 1024;

/// The default of 128 KiB is zero-filled on each read and doubles the cost of everything.
const READ_BYTES: usize = 4096;

type Rooms = Rc<RefCell<HashMap<String, Vec<(usize, Sender<[Message; 2]>)>>>>;

fn main() -> anyhow::Result<()> {
    let settings = Settings::from_environment()?;
    rlimit::increase_nofile_limit(u64::MAX)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    tokio::task::LocalSet::new().block_on(&runtime, serve(settings))
}

async fn serve(settings: Settings) -> anyhow::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", settings.port)).await?;
    println!("listening on {}", listener.local_addr()?);
    let rooms = Rooms::default();
    tokio::task::spawn_local(broadcast(Rc::clone(&rooms), settings));
    for number in 0.. {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let rooms = Rc::clone(&rooms);
        tokio::task::spawn_local(async move {
            // A client that breaks off is no concern of the others.
            let _ = converse(stream, number, &rooms, settings).await;
            for members in rooms.borrow_mut().values_mut() {
                members.retain(|(member, _)| *member != number);
            }
        });
    }
    Ok(())
}

async fn broadcast(rooms: Rooms, settings: Settings) {
    let start = Instant::now();
    let header = text(r#"451-["snap",{"_placeholder":true,"num":0}]"#);
    let (mut snap, mut tick) = (vec![0; settings.size_bytes], 1);
    loop {
        let due = start + Duration::from_nanos(settings.due_ns(tick));
        tokio::time::sleep_until(due.into()).await;
        for members in rooms.borrow().values() {
            snap[..STAMP_BYTES].copy_from_slice(&now_ns().to_le_bytes());
            let event = [header.clone(), Message::Binary(Bytes::copy_from_slice(&snap))];
            for (_, member) in members {
                // The policy of this server: what does not fit is lost.
                let _ = member.try_send(event.clone());
            }
        }
        tick = settings.next_tick(tick, start.elapsed().as_nanos() as u64);
    }
}

async fn converse(stream: TcpStream, number: usize, rooms: &Rooms, settings: Settings) -> anyhow::Result<()> {
    let config = WebSocketConfig::default().read_buffer_size(READ_BYTES);
    let mut socket = tokio_tungstenite::accept_async_with_config(stream, Some(config)).await?;
    let (queue, mut queued) = mpsc::channel(QUEUE_MAX);
    let ping_ms = settings.ping_interval.as_millis();
    let open = format!(
        r#"0{{"sid":"{number:020}","upgrades":[],"pingInterval":{ping_ms},"pingTimeout":20000,"maxPayload":1000000}}"#
    );
    socket.send(text(&open)).await?;
    let first = tokio::time::Instant::now() + settings.ping_interval;
    let mut heartbeat = tokio::time::interval_at(first, settings.ping_interval);
    loop {
        tokio::select! {
            Some(event) = queued.recv() => write_all(&mut socket, event, &mut queued).await?,
            message = socket.next() => match message {
                Some(Ok(Message::Text(packet))) => {
                    if let Some(answer) = take(packet.as_str(), number, rooms, &queue) {
                        socket.send(text(&answer)).await?;
                    }
                }
                Some(Ok(Message::Binary(input))) if settings.echo => {
                    socket.feed(text(r#"451-["echo",{"_placeholder":true,"num":0}]"#)).await?;
                    socket.send(Message::Binary(input)).await?;
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Ok(()),
            },
            _ = heartbeat.tick() => socket.send(text("2")).await?,
        }
    }
}

/// All that waits, in one write.
async fn write_all(
    socket: &mut WebSocketStream<TcpStream>,
    first: [Message; 2],
    queued: &mut Receiver<[Message; 2]>,
) -> anyhow::Result<()> {
    let mut next = Some(first);
    while let Some(event) = next {
        for message in event {
            socket.feed(message).await?;
        }
        next = queued.try_recv().ok();
    }
    Ok(socket.flush().await?)
}

/// The answer to a packet, if it wants one.
fn take(packet: &str, number: usize, rooms: &Rooms, queue: &Sender<[Message; 2]>) -> Option<String> {
    if packet == "40" {
        return Some(format!(r#"40{{"sid":"{number:020}"}}"#));
    }
    // 42<id>["join","<room>"]
    let (id, arguments) = packet.strip_prefix("42")?.split_once('[')?;
    let room = arguments.strip_prefix(r#""join",""#)?.strip_suffix(r#""]"#)?;
    let mut rooms = rooms.borrow_mut();
    rooms
        .entry(room.to_owned())
        .or_default()
        .push((number, queue.clone()));
    Some(format!(r#"43{id}["ok"]"#))
}

fn text(text: &str) -> Message {
    Message::Text(Utf8Bytes::from(text))
}
