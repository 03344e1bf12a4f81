//! Starts `server/socketio/examples/acceptance.rs` for a client of other makers, and reads what it says.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// A wait that takes longer has failed.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A running server, until it is dropped.
pub struct Server {
    /// Where it listens.
    pub url: String,
    process: Child,
    lines: Receiver<String>,
}

impl Server {
    /// Starts a server on a free port.
    pub fn start() -> Self {
        let binary = std::env::var_os("SOCKETIO_ACCEPTANCE").map_or_else(
            || PathBuf::from("../../../target/debug/examples/acceptance"),
            PathBuf::from,
        );
        let mut process = Command::new(&binary)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot run {}: {error}", binary.display()));
        let stdout = process.stdout.take().expect("its output is piped");
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let mut server = Self {
            url: String::new(),
            process,
            lines,
        };
        server.url = server.said("listening on ");
        server
    }

    /// What follows `start` in the next line that starts so; forgets the lines before.
    pub fn said(&self, start: &str) -> String {
        loop {
            let line = self
                .lines
                .recv_timeout(PATIENCE)
                .unwrap_or_else(|_| panic!("the server does not say {start:?}"));
            if let Some(rest) = line.strip_prefix(start) {
                return rest.to_owned();
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It fails only when the process has ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
