use std::sync::{Arc, Mutex};

use socketio::{Config, Namespace, RoomEvent};
use tokio::sync::mpsc;

use crate::harness::{Server, until_writable};

/// What has happened to rooms since it was looked at last; ids are told as `self`.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<String>>>);

impl Heard {
    fn listen(main: &Namespace) -> Self {
        let heard = Self::default();
        let told = heard.0.clone();
        main.on_room_event(move |event| {
            let text = match event {
                RoomEvent::Create { room } => format!("create {room}"),
                RoomEvent::Delete { room } => format!("delete {room}"),
                RoomEvent::Join { room, id } => format!("join {room} {id}"),
                RoomEvent::Leave { room, id } => format!("leave {room} {id}"),
            };
            told.lock().unwrap().push(text);
        });
        heard
    }

    fn check(&self, id: &str, expected: &[&str]) {
        let told = std::mem::take(&mut *self.0.lock().unwrap());
        let told: Vec<String> = told.iter().map(|text| text.replace(id, "self")).collect();
        assert_eq!(told, expected);
    }
}

#[tokio::test]
async fn rooms_tell_when_they_come_and_go_and_who_joins_and_leaves() {
    let mut heard = None;
    let (sender, mut sockets) = mpsc::unbounded_channel();
    let server = Server::start(Config::default(), |io| {
        heard = Some(Heard::listen(&io.of("/")));
        io.of("/")
            .on_connection(move |socket| sender.send(socket.clone()).unwrap());
    })
    .await;
    let heard = heard.unwrap();
    let client = server.joined().await;
    let first = sockets.recv().await.unwrap();
    let id = first.id();
    heard.check(id, &["create self", "join self self"]);
    first.join("a").unwrap();
    first.join("a").unwrap();
    heard.check(id, &["create a", "join a self"]);
    let _second = server.joined().await;
    let second = sockets.recv().await.unwrap();
    heard.check(second.id(), &["create self", "join self self"]);
    second.join("a").unwrap();
    heard.check(second.id(), &["join a self"]);
    first.leave("a");
    first.leave("a");
    heard.check(id, &["leave a self"]);
    second.leave("a");
    heard.check(second.id(), &["leave a self", "delete a"]);
    first.join("b").unwrap();
    heard.check(id, &["create b", "join b self"]);
    drop(client);
    server.until(|stats| &stats.sockets_connected, 1).await;
    heard.check(
        id,
        &["leave self self", "delete self", "leave b self", "delete b"],
    );
}

#[tokio::test]
async fn a_listener_may_change_rooms_itself() {
    let (sender, mut sockets) = mpsc::unbounded_channel();
    let server = Server::start(Config::default(), |io| {
        let main = io.of("/");
        main.on_connection(move |socket| sender.send(socket.clone()).unwrap());
        let inner = main.clone();
        main.on_room_event(move |event| match event {
            RoomEvent::Join { room, id } if &**room == "a" => inner.to(&**id).sockets_join("b"),
            RoomEvent::Join { room, .. } if &**room == "b" => panic!("a listener panics"),
            _ => {}
        });
    })
    .await;
    let _client = server.joined().await;
    let socket = sockets.recv().await.unwrap();
    until_writable(&socket).await;
    socket.join("a").unwrap();
    assert_eq!(socket.rooms(), [socket.id(), "a", "b"]);
    assert_eq!(server.count(|stats| &stats.handler_panics), 1);
    server.io.close(std::time::Duration::ZERO).await;
}

#[tokio::test]
async fn an_empty_room_is_gone_and_no_room_is_joined_behind_the_end() {
    let (server, mut sockets) = crate::harness::server_with_sockets(Config::default()).await;
    let client = server.joined().await;
    let socket = sockets.recv().await.unwrap();
    socket.join(["a", "b", "a"]).unwrap();
    assert_eq!(socket.rooms()[1..], ["a", "b"]);
    drop(client);
    server.until_empty().await;
    assert_eq!(socket.rooms(), Vec::<String>::new());
    assert_eq!(socket.join("a"), Err(socketio::JoinError::Disconnected));
    assert_eq!(server.io.of("/").to("a").fetch_sockets().await.unwrap().len(), 0);
}
