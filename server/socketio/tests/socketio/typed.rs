use bytes::Bytes;
use serde::{Deserialize, Serialize};
use socketio::{Config, EventError, Socket};
use tokio::sync::mpsc;

use crate::harness::{Client, Seen, Server};

#[derive(Debug, Deserialize, Serialize)]
struct Order {
    item: String,
    count: u32,
    #[serde(default)]
    picture: Option<Bytes>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
enum Refusal {
    SoldOut { left: u32 },
}

async fn shop(
    sender: mpsc::UnboundedSender<String>,
    setup: impl Fn(&Socket) + Send + Sync + 'static,
) -> (Server, Client) {
    let server = Server::start(Config::default(), |io| {
        io.of("/").on_connection(move |socket| {
            let errors = sender.clone();
            socket.on_error(move |_, event, error| {
                assert!(matches!(error, EventError::Arguments(_)));
                errors.send(format!("{event}: {error}")).unwrap();
            });
            setup(socket);
        });
    })
    .await;
    let client = server.joined().await;
    (server, client)
}

#[tokio::test]
async fn a_request_is_answered_with_what_its_handler_returns() {
    let (sender, mut errors) = mpsc::unbounded_channel();
    let (server, mut client) = shop(sender, |socket| {
        socket.on_request("order", |_, order: Order| async move {
            match order.count {
                0..10 => Ok(order),
                _ => Err(Refusal::SoldOut { left: 9 }),
            }
        });
        socket.on_request("sum", |_, (a, b): (u32, u32)| async move { a + b });
        socket.on_request("nothing", |_, ()| async {});
    })
    .await;
    let cases = [
        (r#"0["sum",2,3]"#, "430[5]"),
        (
            r#"1["order",{"item":"a","count":3}]"#,
            r#"431[{"Ok":{"item":"a","count":3,"picture":null}}]"#,
        ),
        (
            r#"2["order",{"item":"a","count":10}]"#,
            r#"432[{"Err":{"soldout":{"left":9}}}]"#,
        ),
        (r#"3["nothing","ignored"]"#, "433[null]"),
    ];
    for (request, answer) in cases {
        client.send(&format!("42{request}")).await;
        assert_eq!(client.text().await, answer);
    }
    // Nobody asks.
    client.send(r#"42["sum",2,3]"#).await;
    // Binary anywhere, both ways.
    client
        .send(r#"451-4["order",{"item":"a","count":1,"picture":{"_placeholder":true,"num":0}}]"#)
        .await;
    client.send_binary(&[1, 2]).await;
    assert_eq!(
        client.text().await,
        r#"461-4[{"Ok":{"item":"a","count":1,"picture":{"_placeholder":true,"num":0}}}]"#
    );
    assert_eq!(client.next().await, Seen::Binary(Bytes::from_static(&[1, 2])));
    // Of another shape: no answer, and the connection stays.
    for wrong in [r#"5["sum",2]"#, r#"6["sum","a",3]"#, r#"7["order",{"item":"a"}]"#] {
        client.send(&format!("42{wrong}")).await;
        assert!(errors.recv().await.unwrap().contains(": argument "), "{wrong}");
    }
    client.send(r#"428["sum",1,1]"#).await;
    assert_eq!(client.text().await, "438[2]");
    assert_eq!(server.count(|stats| &stats.arguments_refused), 3);
}

#[tokio::test]
async fn a_typed_handler_runs_in_order_and_only_with_its_type() {
    let (sender, mut lines) = mpsc::unbounded_channel();
    let heard = sender.clone();
    let (server, mut client) = shop(sender, move |socket| {
        let heard = heard.clone();
        socket.on_typed("move", move |socket, (to, name): ([i32; 2], Option<String>)| {
            let heard = heard.clone();
            async move {
                assert!(socket.is_connected());
                tokio::task::yield_now().await;
                heard.send(format!("{to:?} {name:?}")).unwrap();
            }
        });
    })
    .await;
    for args in [r#"[1,2]"#, r#"[3,4],"x""#, r#"[3]"#, r#"{}"#, r#"[5,6],null,7"#] {
        client.send(&format!("42[\"move\",{args}]")).await;
    }
    let mut line = async || lines.recv().await.unwrap();
    assert_eq!(line().await, "[1, 2] None");
    assert_eq!(line().await, r#"[3, 4] Some("x")"#);
    assert!(line().await.starts_with("move: argument 0: "));
    assert!(line().await.starts_with("move: argument 0: "));
    assert_eq!(line().await, "[5, 6] None");
    assert_eq!(server.count(|stats| &stats.arguments_refused), 2);
}
