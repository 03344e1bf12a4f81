//! Talks to `examples/chat.rs` from the terminal: each line is said to all, and what others say is printed.
//!
//! ```text
//! cargo run --package socketio --example client -- http://127.0.0.1:3000 lobby
//! ```

use socketio::client::{Client, ClientConfig, ConnectionEvent};
use tokio::io::{AsyncBufReadExt, BufReader};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut words = std::env::args().skip(1);
    let url = words.next().unwrap_or("http://127.0.0.1:3000".to_owned());
    let room = words.next().unwrap_or("lobby".to_owned());
    let client = Client::new(&url, ClientConfig::default())?;
    client.on_connection_event(|event| match event {
        ConnectionEvent::Closed {
            reason,
            reconnects: true,
        } => eprintln!("lost: {reason}"),
        ConnectionEvent::Reconnected { .. } => eprintln!("back again"),
        _ => {}
    });
    let chat = client.namespace("/");
    chat.on_typed("said", |_, text: String| async move { println!("{text}") });
    // The server forgets who is where when a connection is lost, so the room is entered each time.
    chat.on_connect(move |chat| {
        let _ = chat.emit("join", room.as_str());
    });
    chat.connect().await?;
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        chat.emit_when_room("say", line).await?;
    }
    chat.drained().await?;
    client.close();
    client.closed().await;
    Ok(())
}
