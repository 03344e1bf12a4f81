use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use socketio::{
    ArgsWriter, Config, EmitError, Json, Mailbox, MailboxError, OutboxPolicy, Previous, Socket, ToArgs,
};

use crate::harness::{Client, Server, server_with_sockets, until, until_writable};
use crate::poller::Poller;

/// A server, its one client over WebSocket, and the socket.
async fn pair() -> (Server, Client, Socket) {
    let config = Config {
        outbox_bytes_max: 1 << 30,
        ..Config::default()
    };
    let (server, mut sockets) = server_with_sockets(config).await;
    let mut client = server.joined().await;
    assert_eq!(client.text().await, r#"42["auth",{}]"#);
    let socket = sockets.recv().await.unwrap();
    (server, client, socket)
}

/// Emits until the kernel takes no more; how many events that were.
fn fill(socket: &Socket) -> usize {
    let mut sent = 0;
    while socket.writable() {
        socket.emit("fill", Bytes::from(vec![0; 50_000])).unwrap();
        sent += 1;
    }
    sent
}

async fn read_filling(client: &mut Client, sent: usize) {
    for _ in 0..sent {
        assert!(client.text().await.starts_with(r#"451-["fill""#));
        assert_eq!(client.binary().await.len(), 50_000);
    }
}

/// Returns when the newest value has been taken.
async fn until_taken(mailbox: &Mailbox) {
    let taken = async {
        while mailbox.is_waiting() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(crate::harness::PATIENCE, taken)
        .await
        .unwrap();
}

/// A number that counts how often it is written.
struct Counted(u64, Arc<AtomicU64>);

impl ToArgs for Counted {
    fn write_args(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0.write_args(out)
    }
}

#[tokio::test]
async fn a_value_is_taken_at_once_by_a_client_that_is_ready() {
    let (server, mut client, socket) = pair().await;
    let mailbox = socket.mailbox("snap").unwrap();
    assert!(!mailbox.is_waiting());
    let writes = server.count(|stats| &stats.writes);
    let wakes = server.count(|stats| &stats.driver_wakes);
    assert_eq!(
        mailbox.put((1, Bytes::from_static(b"abc"))),
        Ok(Previous::Nothing)
    );
    assert_eq!(mailbox.put(2), Ok(Previous::Taken));
    assert!(!mailbox.is_waiting());
    assert_eq!(server.count(|stats| &stats.writes), writes + 2);
    assert_eq!(server.count(|stats| &stats.driver_wakes), wakes);
    assert_eq!(
        client.text().await,
        r#"451-["snap",1,{"_placeholder":true,"num":0}]"#
    );
    assert_eq!(client.binary().await, "abc");
    assert_eq!(client.text().await, r#"42["snap",2]"#);
}

#[tokio::test]
async fn a_value_that_waits_is_replaced_and_encoded_once_when_it_leaves() {
    let (server, mut client, socket) = pair().await;
    let mailbox = socket.mailbox("snap").unwrap();
    let sent = fill(&socket);
    let buffered = (socket.buffered_bytes(), socket.buffered_packets());
    let written = Arc::new(AtomicU64::new(0));
    assert_eq!(mailbox.put(Counted(0, written.clone())), Ok(Previous::Nothing));
    for number in 1..100 {
        assert_eq!(
            mailbox.put(Counted(number, written.clone())),
            Ok(Previous::Replaced)
        );
    }
    assert!(mailbox.is_waiting());
    // It is not in the queue, and nobody has wasted time on it.
    assert_eq!((socket.buffered_bytes(), socket.buffered_packets()), buffered);
    assert_eq!(written.load(Ordering::Relaxed), 0);
    // What is emitted meanwhile leaves before it.
    socket.emit("e", ()).unwrap();
    read_filling(&mut client, sent).await;
    assert_eq!(client.text().await, r#"42["e"]"#);
    assert_eq!(client.text().await, r#"42["snap",99]"#);
    assert_eq!(written.load(Ordering::Relaxed), 1);
    assert_eq!(server.count(|stats| &stats.mailbox_replaced), 99);
    until_taken(&mailbox).await;
    assert_eq!(mailbox.put(100), Ok(Previous::Taken));
    assert_eq!(client.text().await, r#"42["snap",100]"#);
}

#[tokio::test]
async fn a_value_is_taken_with_its_first_byte_and_the_rest_waits_like_everything() {
    let (_server, mut client, socket) = pair().await;
    let mailbox = socket.mailbox("snap").unwrap();
    let large = |byte| Bytes::from(vec![byte; 10_000_000]);
    assert_eq!(mailbox.put(large(1)), Ok(Previous::Nothing));
    assert!(!mailbox.is_waiting() && socket.buffered_bytes() > 0);
    assert_eq!(mailbox.put(large(2)), Ok(Previous::Taken));
    assert!(mailbox.is_waiting());
    assert_eq!(mailbox.put(large(3)), Ok(Previous::Replaced));
    for byte in [1, 3] {
        assert!(client.text().await.starts_with(r#"451-["snap""#));
        assert!(client.binary().await == large(byte));
    }
    assert!(!mailbox.is_waiting());
}

#[tokio::test]
async fn a_value_leaves_behind_what_a_cork_holds_back_in_one_write() {
    let (server, mut client, socket) = pair().await;
    let mailbox = socket.mailbox("snap").unwrap();
    let writes = server.count(|stats| &stats.writes);
    {
        let _cork = socket.cork();
        socket.emit("e", 1).unwrap();
        assert_eq!(mailbox.put(2), Ok(Previous::Nothing));
        assert!(!mailbox.is_waiting());
    }
    assert_eq!(server.count(|stats| &stats.writes), writes + 1);
    assert_eq!(client.text().await, r#"42["e",1]"#);
    assert_eq!(client.text().await, r#"42["snap",2]"#);

    // The kernel takes a part of what is held back, but nothing of the value.
    let cork = socket.cork();
    let sent = fill_corked(&socket);
    assert_eq!(mailbox.put(3), Ok(Previous::Taken));
    assert_eq!(mailbox.put(4), Ok(Previous::Replaced));
    drop(cork);
    read_filling(&mut client, sent).await;
    assert_eq!(client.text().await, r#"42["snap",4]"#);
}

/// The same under a cork, which makes a client look ready as long as its kernel was not asked.
fn fill_corked(socket: &Socket) -> usize {
    for _ in 0..400 {
        socket.emit("fill", Bytes::from(vec![0; 50_000])).unwrap();
    }
    400
}

#[tokio::test]
async fn a_poll_takes_the_newest_value() {
    let (server, mut sockets) = server_with_sockets(Config::default()).await;
    let poller = Poller::joined(&server).await;
    let socket = sockets.recv().await.unwrap();
    let mailbox = socket.mailbox("snap").unwrap();
    assert_eq!(mailbox.put(1), Ok(Previous::Nothing));
    assert_eq!(mailbox.put(2), Ok(Previous::Replaced));
    assert!(mailbox.is_waiting() && socket.buffered_bytes() == 0);
    assert_eq!(poller.poll().await.body, r#"42["snap",2]"#);
    assert!(!mailbox.is_waiting());
    // Not together with what waits: it would be late for the next one.
    assert_eq!(mailbox.put(3), Ok(Previous::Taken));
    socket.emit("e", ()).unwrap();
    assert_eq!(poller.poll().await.body, r#"42["e"]"#);
    assert!(mailbox.is_waiting());
    assert_eq!(poller.poll().await.body, r#"42["snap",3]"#);
    // A poll that waits takes it at once.
    let poll = poller.poll_beside();
    until_writable(&socket).await;
    assert_eq!(mailbox.put(Bytes::from_static(b"abc")), Ok(Previous::Taken));
    assert!(!mailbox.is_waiting());
    assert_eq!(mailbox.put(5), Ok(Previous::Taken));
    assert!(mailbox.is_waiting());
    assert_eq!(
        poll.await.unwrap().body,
        "451-[\"snap\",{\"_placeholder\":true,\"num\":0}]\u{1e}bYWJj"
    );
}

#[tokio::test]
async fn a_lost_poll_is_a_lost_session_and_a_new_one_begins_with_nothing() {
    let (server, mut sockets) = server_with_sockets(Config::default()).await;
    let poller = Poller::joined(&server).await;
    let socket = sockets.recv().await.unwrap();
    let mailbox = socket.mailbox("snap").unwrap();
    mailbox.put(1).unwrap();
    assert_eq!(mailbox.put(2), Ok(Previous::Replaced));
    let poll = poller.poll_beside();
    until_taken(&mailbox).await;
    poll.abort();
    // Whether the answer was on its way or not, the client has not polled again.
    poller.post("1").await;
    server.until_empty().await;
    assert_eq!(mailbox.put(3), Err(EmitError::Disconnected));
    assert_eq!(socket.mailbox("snap").unwrap_err(), MailboxError::Disconnected);

    let poller = Poller::joined(&server).await;
    let socket = sockets.recv().await.unwrap();
    let mailbox = socket.mailbox("snap").unwrap();
    assert_eq!(mailbox.put(4), Ok(Previous::Nothing));
    assert_eq!(poller.poll().await.body, r#"42["snap",4]"#);
}

#[tokio::test]
async fn a_value_that_waits_for_a_poll_goes_over_the_websocket_when_the_client_has_moved() {
    let (server, mut sockets) = server_with_sockets(Config::default()).await;
    let poller = Poller::joined(&server).await;
    let socket = sockets.recv().await.unwrap();
    let mailbox = socket.mailbox("snap").unwrap();
    mailbox.put(1).unwrap();
    socket.emit("e", ()).unwrap();
    let mut client = Client::open_at(poller.addr, &poller.path("websocket"))
        .await
        .unwrap();
    client.send("2probe").await;
    assert_eq!(client.text().await, "3probe");
    assert_eq!(mailbox.put(2), Ok(Previous::Replaced));
    client.send("5").await;
    assert_eq!(client.text().await, r#"42["e"]"#);
    assert_eq!(client.text().await, r#"42["snap",2]"#);
    until_taken(&mailbox).await;
    assert_eq!(mailbox.put(3), Ok(Previous::Taken));
    assert_eq!(client.text().await, r#"42["snap",3]"#);
}

#[tokio::test]
async fn mailboxes_are_bounded_in_number_and_each_has_its_turn() {
    let (server, mut sockets) = server_with_sockets(Config {
        mailboxes_max: 2,
        ..Config::default()
    })
    .await;
    let poller = Poller::joined(&server).await;
    let socket = sockets.recv().await.unwrap();
    let (a, b) = (socket.mailbox("a").unwrap(), socket.mailbox("b").unwrap());
    assert_eq!(socket.mailbox("c").unwrap_err(), MailboxError::TooMany);
    assert_eq!(a.put(0), Ok(Previous::Nothing));
    assert_eq!(socket.mailbox("a").unwrap().put(1), Ok(Previous::Replaced));
    let mut seen = Vec::new();
    for number in 0..6 {
        let _ = (a.put(number), b.put(number));
        seen.push(poller.poll().await.body[4..5].to_owned());
    }
    // Whoever was passed over is first then.
    assert_eq!(seen.iter().filter(|name| *name == "a").count(), 3, "{seen:?}");
}

/// Refuses to be written, or panics.
struct Bad {
    panics: bool,
}

impl ToArgs for Bad {
    fn write_args(&self, _out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        assert!(!self.panics, "a test panics");
        Err(serde::ser::Error::custom("bad"))
    }
}

#[tokio::test]
async fn a_value_that_cannot_be_written_is_lost_alone() {
    let (server, mut client, socket) = pair().await;
    let mailbox = socket.mailbox("snap").unwrap();
    assert!(matches!(
        mailbox.put(Bad { panics: false }),
        Err(EmitError::Encode(_))
    ));
    assert_eq!(mailbox.put(1), Ok(Previous::Replaced));
    assert_eq!(client.text().await, r#"42["snap",1]"#);
    for panics in [false, true] {
        let sent = fill(&socket);
        mailbox.put(Bad { panics }).unwrap();
        read_filling(&mut client, sent).await;
        until_writable(&socket).await;
        socket.emit("e", ()).unwrap();
        assert_eq!(client.text().await, r#"42["e"]"#);
        assert_eq!(mailbox.put(2), Ok(Previous::Replaced));
        assert_eq!(client.text().await, r#"42["snap",2]"#);
    }
    assert_eq!(server.count(|stats| &stats.handler_panics), 1);
}

/// Uses the socket and the mailbox while it is written.
struct Busy {
    socket: Socket,
    mailbox: Mailbox,
}

impl ToArgs for Busy {
    fn write_args(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        let _ = self.socket.emit("inner", ());
        let _ = self.mailbox.put("newer");
        "older".write_args(out)
    }
}

#[tokio::test]
async fn a_value_may_use_its_socket_and_its_mailbox_while_it_is_written() {
    let (_server, mut client, socket) = pair().await;
    let mailbox = socket.mailbox("snap").unwrap();
    let busy = Busy {
        socket: socket.clone(),
        mailbox: mailbox.clone(),
    };
    assert_eq!(mailbox.put(busy), Ok(Previous::Nothing));
    assert_eq!(client.text().await, r#"42["inner"]"#);
    assert_eq!(client.text().await, r#"42["snap","newer"]"#);
    assert_eq!(mailbox.put("newest"), Ok(Previous::Taken));
    assert_eq!(client.text().await, r#"42["snap","newest"]"#);
}

#[tokio::test]
async fn a_catch_all_hears_of_the_values_that_are_taken() {
    let (_server, mut client, socket) = pair().await;
    let heard = Arc::new(AtomicU64::new(0));
    let sum = heard.clone();
    socket.on_any_outgoing(move |event| {
        sum.fetch_add(event.deserialize(0).unwrap_or(0), Ordering::Relaxed);
    });
    let mailbox = socket.mailbox("snap").unwrap();
    mailbox.put(1).unwrap();
    let sent = fill(&socket);
    mailbox.put(10).unwrap();
    mailbox.put(100).unwrap();
    assert_eq!(client.text().await, r#"42["snap",1]"#);
    read_filling(&mut client, sent).await;
    assert_eq!(client.text().await, r#"42["snap",100]"#);
    until(&heard, 101).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_told_to_be_taken_is_what_the_client_sees() {
    const VALUES: u64 = 20_000;
    let (server, mut client, socket) = pair().await;
    socket.set_outbox_policy(OutboxPolicy::Await);
    let mailbox = socket.mailbox("snap").unwrap();
    let producer = {
        let socket = socket.clone();
        std::thread::spawn(move || {
            let mut taken = Vec::new();
            for number in 0..VALUES {
                let data = Bytes::from(vec![number as u8; 10_000]);
                if mailbox.put((Json(number), data)).unwrap() == Previous::Taken {
                    taken.push(number - 1);
                }
                if number.is_multiple_of(100) {
                    // Others send as well, in front of it.
                    socket.emit("e", number).unwrap();
                }
            }
            (mailbox, taken)
        })
    };
    let mut seen = Vec::new();
    while seen.last() != Some(&(VALUES - 1)) {
        let text = client.text().await;
        let Some(rest) = text.strip_prefix(r#"451-["snap","#) else {
            continue;
        };
        let number: u64 = rest.split(',').next().unwrap().parse().unwrap();
        let data = client.binary().await;
        assert!(data.len() == 10_000 && data.iter().all(|byte| *byte == number as u8));
        seen.push(number);
    }
    let (mailbox, mut taken) = producer.join().unwrap();
    until_taken(&mailbox).await;
    taken.push(VALUES - 1);
    assert!(seen == taken, "{} seen, {} taken", seen.len(), taken.len());
    let replaced = server.count(|stats| &stats.mailbox_replaced);
    assert_eq!(replaced, VALUES - taken.len() as u64);
    until(&server.io.stats().outbox_bytes, 0).await;
}
