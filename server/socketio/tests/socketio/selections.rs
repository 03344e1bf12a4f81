use std::time::Duration;

use socketio::{Args, EmitError, RemoteSocket};

use crate::broadcasts::Rooms;

fn ids(mut sockets: Vec<RemoteSocket>) -> Vec<String> {
    sockets.sort_by(|a, b| a.id().cmp(b.id()));
    sockets.iter().map(|socket| socket.id().to_owned()).collect()
}

impl Rooms {
    /// Ids of the sockets with these indices.
    fn ids(&self, indices: &[usize]) -> Vec<String> {
        let mut ids: Vec<_> = indices
            .iter()
            .map(|index| self.sockets[*index].id().to_owned())
            .collect();
        ids.sort();
        ids
    }
}

#[tokio::test]
async fn sockets_are_fetched_by_rooms_and_without_rooms() {
    let rooms = Rooms::with(&[&["a"], &["a", "b"], &["c"]]).await;
    let main = &rooms.main;
    assert_eq!(ids(main.fetch_sockets().await.unwrap()), rooms.ids(&[0, 1, 2]));
    assert_eq!(
        ids(main.local().fetch_sockets().await.unwrap()),
        rooms.ids(&[0, 1, 2])
    );
    assert_eq!(
        ids(main.to("a").fetch_sockets().await.unwrap()),
        rooms.ids(&[0, 1])
    );
    assert_eq!(
        ids(main.in_(["b", "c"]).fetch_sockets().await.unwrap()),
        rooms.ids(&[1, 2])
    );
    assert_eq!(
        ids(main.except("a").fetch_sockets().await.unwrap()),
        rooms.ids(&[2])
    );
    let others = rooms.sockets[2].broadcast().fetch_sockets().await.unwrap();
    assert_eq!(ids(others), rooms.ids(&[0, 1]));
    rooms.sockets[1].data().set("name", "ada");
    let second = main.to("b").fetch_sockets().await.unwrap().remove(0);
    assert_eq!(second.rooms(), [second.id(), "a", "b"]);
    assert_eq!(second.data(), &serde_json::json!({ "name": "ada" }));
    assert_eq!(second.handshake().query.get("EIO"), Some("4"));
    assert!(second.handshake().headers.contains_key("sec-websocket-key"));
}

#[tokio::test]
async fn a_fetched_socket_can_be_told_to_join_leave_and_go() {
    let mut rooms = Rooms::with(&[&["a"], &["a"]]).await;
    let main = rooms.main.clone();
    let remote = main
        .to(rooms.sockets[0].id())
        .fetch_sockets()
        .await
        .unwrap()
        .remove(0);
    remote.join(["b", "c"]);
    remote.leave("a");
    assert_eq!(rooms.sockets[0].rooms()[1..], ["b", "c"]);
    remote.emit("hello", 1);
    assert_eq!(rooms.clients[0].text().await, r#"42["hello",1]"#);
    remote.disconnect(false);
    assert_eq!(rooms.clients[0].text().await, "41");
    assert_eq!(main.sockets_count(), 1);
    // What was fetched stays what it was.
    assert_eq!(remote.rooms(), [remote.id(), "a"]);
}

#[tokio::test]
async fn chosen_sockets_join_and_leave_rooms() {
    let rooms = Rooms::with(&[&["a"], &["a", "b"], &["c"]]).await;
    let main = &rooms.main;
    let check = |room: &str, expected: &[usize]| {
        let members: Vec<usize> = (0..3)
            .filter(|index| rooms.sockets[*index].rooms().iter().any(|joined| joined == room))
            .collect();
        assert_eq!(members, expected, "{room}");
    };
    main.sockets_join("all");
    check("all", &[0, 1, 2]);
    main.to("a").sockets_join(["x", "y"]);
    check("x", &[0, 1]);
    check("y", &[0, 1]);
    main.except("b").sockets_join("z");
    check("z", &[0, 2]);
    main.to("b").sockets_leave(["x", "all"]);
    check("x", &[0]);
    check("all", &[0, 2]);
    // The choice is made before anybody moves.
    main.to("y").sockets_leave("y");
    check("y", &[]);
    main.sockets_leave("all");
    check("all", &[]);
}

#[tokio::test]
async fn chosen_sockets_are_disconnected_behind_what_was_sent_to_them() {
    let mut rooms = Rooms::with(&[&["a"], &["b"], &["c"]]).await;
    let main = rooms.main.clone();
    main.to(["a", "b"]).emit("last", ());
    main.to("a").disconnect_sockets(false);
    main.to("b").disconnect_sockets(true);
    for (client, end) in rooms.clients.iter_mut().zip([None, Some(1000)]) {
        assert_eq!(client.text().await, r#"42["last"]"#);
        assert_eq!(client.text().await, "41");
        if end.is_some() {
            assert_eq!(client.closed().await, end);
        }
    }
    assert_eq!(main.sockets_count(), 1);
    main.disconnect_sockets(false);
    assert_eq!(rooms.clients[2].text().await, "41");
    assert_eq!(main.sockets_count(), 0);
}

#[tokio::test]
async fn local_sockets_are_handles() {
    let mut rooms = Rooms::with(&[&[], &[]]).await;
    let main = rooms.main.clone();
    let mut found: Vec<String> = main
        .sockets()
        .iter()
        .map(|socket| socket.id().to_owned())
        .collect();
    found.sort();
    assert_eq!(found, rooms.ids(&[0, 1]));
    let first = main.socket(rooms.sockets[0].id()).unwrap();
    first.emit("hello", ()).unwrap();
    assert_eq!(rooms.clients[0].text().await, r#"42["hello"]"#);
    assert!(main.socket("nobody").is_none());
    first.disconnect(false);
    assert!(main.socket(first.id()).is_none());
}

#[tokio::test]
async fn a_server_that_is_alone_emits_to_no_other() {
    let rooms = Rooms::with(&[]).await;
    let main = &rooms.main;
    main.on_server_side("hello", |_| panic!("the own node hears nothing"));
    main.server_side_emit("hello", 1).unwrap();
    let answers = main
        .server_side_emit_with_ack("hello", 1, Duration::from_secs(5))
        .await;
    assert_eq!(answers, Ok(Vec::<Args>::new()));
    for name in ["connect", "connection", "new_namespace"] {
        assert_eq!(main.server_side_emit(name, ()), Err(EmitError::ReservedName));
    }
    assert_eq!(main.adapter().server_count().await, Ok(1));
    assert_eq!(rooms.server.count(|stats| &stats.handler_panics), 0);
}
