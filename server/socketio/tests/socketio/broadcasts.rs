use std::time::Duration;

use bytes::Bytes;
use socketio::{Broadcast, Config, Namespace, Socket};
use tokio::sync::mpsc;

use crate::harness::{Client, Server};

/// A server with clients, each in the rooms the test gave it.
pub(crate) struct Rooms {
    pub(crate) server: Server,
    pub(crate) main: Namespace,
    pub(crate) sockets: Vec<Socket>,
    pub(crate) clients: Vec<Client>,
}

impl Rooms {
    pub(crate) async fn with(rooms_of_clients: &[&[&str]]) -> Self {
        Self::with_config(Config::default(), rooms_of_clients).await
    }

    pub(crate) async fn with_config(config: Config, rooms_of_clients: &[&[&str]]) -> Self {
        let (sender, mut receiver) = mpsc::unbounded_channel();
        let server = Server::start(config, |io| {
            io.of("/")
                .on_connection(move |socket| sender.send(socket.clone()).unwrap());
        })
        .await;
        let (mut sockets, mut clients) = (Vec::new(), Vec::new());
        for rooms in rooms_of_clients {
            clients.push(server.joined().await);
            let socket: Socket = receiver.recv().await.unwrap();
            for room in *rooms {
                socket.join(room).unwrap();
            }
            sockets.push(socket);
        }
        let main = server.io.of("/");
        Self {
            server,
            main,
            sockets,
            clients,
        }
    }

    /// Emits to `selection` and checks which clients hear it, each once, by what they hear before `end`.
    async fn check(&mut self, name: &str, selection: Broadcast, expected: &[usize]) {
        selection.emit("event", ());
        self.main.emit("end", ());
        let mut heard = Vec::new();
        for (index, client) in self.clients.iter_mut().enumerate() {
            loop {
                match client.text().await.as_str() {
                    r#"42["event"]"# => heard.push(index),
                    text => break assert_eq!(text, r#"42["end"]"#),
                }
            }
        }
        assert_eq!(heard, expected, "{name}");
    }
}

#[tokio::test]
async fn a_selection_reaches_each_socket_once() {
    let mut rooms = Rooms::with(&[&["a"], &["a", "b"], &["b", "c"], &[]]).await;
    let main = rooms.main.clone();
    let (first, fourth) = (rooms.sockets[0].clone(), rooms.sockets[3].clone());
    rooms.check("one room", main.to("a"), &[0, 1]).await;
    rooms.check("union", main.to("a").to("b"), &[0, 1, 2]).await;
    rooms
        .check("the same room twice", main.to("a").to("a"), &[0, 1])
        .await;
    rooms
        .check("without", main.to("a").to("b").except("c"), &[0, 1])
        .await;
    rooms.check("all without", main.except("a"), &[2, 3]).await;
    rooms.check("everybody", main.broadcast(), &[0, 1, 2, 3]).await;
    rooms.check("without self", first.to("a"), &[1]).await;
    rooms
        .check("everybody without self", first.broadcast(), &[1, 2, 3])
        .await;
    rooms.check("from outside", fourth.to("a"), &[0, 1]).await;
    rooms.check("by id", main.to(fourth.id()), &[3]).await;
    rooms
        .check(
            "by id and room",
            main.to(first.id()).to("a").except(fourth.id()),
            &[0, 1],
        )
        .await;
    rooms.check("nobody", main.to("nowhere"), &[]).await;
    rooms
        .check("several at once", main.to(["a", "c"]), &[0, 1, 2])
        .await;
    rooms.check("in", main.in_("b"), &[1, 2]).await;
    rooms
        .check("without several", main.except(["a", "c"]), &[3])
        .await;
    rooms.check("this node", main.local().to("b"), &[1, 2]).await;
    rooms
        .check("this node without self", first.local(), &[1, 2, 3])
        .await;
    rooms
        .check("without self and a room", first.except("b"), &[3])
        .await;
    first.leave("a");
    rooms.check("after leaving", main.to("a"), &[1]).await;
    rooms.sockets[1].disconnect(false);
    assert_eq!(rooms.clients[1].text().await, "41");
    assert_eq!(main.sockets_count(), 3);
}

#[tokio::test]
async fn operators_leave_what_they_start_from_as_it_is() {
    let mut rooms = Rooms::with(&[&["a"], &["b"], &["c"]]).await;
    let operator = rooms.main.local().compress(false).to(["a", "b"]).except("c");
    let narrowed = operator
        .clone()
        .except("b")
        .volatile()
        .timeout(Duration::from_secs(1));
    let widened = operator.clone().to("c").compress(true);
    rooms.check("narrowed", narrowed, &[0]).await;
    rooms.check("widened, but except wins", widened, &[0, 1]).await;
    rooms.check("as it was", operator, &[0, 1]).await;
    let broadcast = rooms.sockets[0].to("b");
    rooms
        .check("of a socket", broadcast.clone().to("c"), &[1, 2])
        .await;
    rooms.check("of a socket, as it was", broadcast, &[1]).await;
}

#[tokio::test]
async fn a_broadcast_is_encoded_once() {
    let mut rooms = Rooms::with(&vec![&["all"][..]; 50]).await;
    let payload = Bytes::from(vec![7; 3000]);
    rooms.main.to("all").emit("state", payload.clone());
    rooms.main.to("nobody").emit("state", payload.clone());
    for client in &mut rooms.clients {
        assert_eq!(
            client.text().await,
            r#"451-["state",{"_placeholder":true,"num":0}]"#
        );
        assert_eq!(client.binary().await, payload);
    }
    assert_eq!(rooms.server.count(|stats| &stats.broadcasts_encoded), 1);
    rooms.clients.clear();
    rooms.server.until_empty().await;
}

#[tokio::test]
async fn namespaces_do_not_hear_each_other() {
    let server = Server::start(Config::default(), |io| {
        io.of("/").on_connection(|_| {});
        io.of("other")
            .on_connection(|socket| socket.join("room").unwrap());
    })
    .await;
    let mut client = server.joined().await;
    client.send("40/other,").await;
    assert!(client.text().await.starts_with("40/other,{"));
    server.io.of("/").to("room").emit("no", ());
    server.io.of("/other").to("room").emit("yes", 1);
    server.io.of("/").emit("end", ());
    assert_eq!(client.text().await, r#"42/other,["yes",1]"#);
    assert_eq!(client.text().await, r#"42["end"]"#);
}
