//! The harness: a server in this process on a port of its own, and a client that speaks to it over a real socket.

pub mod input_timing;

mod client;
mod polling;
mod server;

pub use client::{ArenaSnapshot, Received, TestClient};
pub use polling::PollingClient;
pub use server::{TestServer, get, wait_for, without_bots};
