//! Where and of what a run was made.

use std::process::Command;

use serde::Serialize;

use crate::plan::Plan;
use peers::pinned::Cores;

/// What a reader needs to judge the figures, or to repeat them.
#[derive(Debug, Serialize)]
pub(crate) struct Machine {
    pub(crate) processor: String,
    pub(crate) cores: usize,
    pub(crate) core_of_servers: usize,
    pub(crate) core_of_load: usize,
    /// The load generator went before all others on its core.
    pub(crate) load_hurries: bool,
    pub(crate) kernel: String,
    pub(crate) commit: String,
    pub(crate) rust: String,
    pub(crate) node: String,
    pub(crate) socketioxide: String,
    pub(crate) tokio_tungstenite: String,
    pub(crate) socket_io: String,
    /// As it was typed, without the paths that the script adds.
    pub(crate) command: String,
    pub(crate) rounds: u32,
}

/// The versions that were built.
const LOCK: &str = include_str!("../../../Cargo.lock");

impl Machine {
    pub(crate) fn look(plan: &Plan, cores: Cores) -> Self {
        let words: Vec<String> = std::env::args().skip(1).collect();
        // The script's own come first, two words each.
        let typed = words.iter().skip(4).map(String::as_str);
        let package = std::fs::read_to_string(plan.node.join("package.json")).unwrap_or_default();
        Self {
            processor: processor(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            core_of_servers: cores.server,
            core_of_load: cores.load,
            load_hurries: plan.hurries,
            kernel: told("uname", &["-sr"]),
            commit: told(
                "git",
                &[
                    "-C",
                    &plan.node.to_string_lossy(),
                    "describe",
                    "--always",
                    "--dirty",
                ],
            ),
            rust: told("rustc", &["--version"]),
            node: told("node", &["--version"]),
            socketioxide: locked("socketioxide"),
            tokio_tungstenite: locked("tokio-tungstenite"),
            socket_io: depended(&package),
            command: ["benches/peers/run"]
                .into_iter()
                .chain(typed)
                .collect::<Vec<_>>()
                .join(" "),
            rounds: plan.rounds,
        }
    }
}

fn processor() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = text
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    name.map_or("unknown".to_owned(), |(_, name)| name.to_owned())
}

fn told(program: &str, words: &[&str]) -> String {
    let output = Command::new(program).args(words).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    text.unwrap_or_default()
}

fn locked(name: &str) -> String {
    let entry = format!("name = \"{name}\"\nversion = \"");
    let rest = LOCK.split_once(&entry).map(|(_, rest)| rest);
    rest.and_then(|rest| rest.split('"').next())
        .unwrap_or("unknown")
        .to_owned()
}

fn depended(package: &str) -> String {
    let package: serde_json::Value = serde_json::from_str(package).unwrap_or_default();
    package["dependencies"]["socket.io"]
        .as_str()
        .unwrap_or("unknown")
        .to_owned()
}
