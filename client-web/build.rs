//! Builds the browser client.
fn main() {}
