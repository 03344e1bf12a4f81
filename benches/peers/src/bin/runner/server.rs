//! The servers, a row each.

use std::path::Path;
use std::process::Command;

use anyhow::Context;
use peers::scenario::{Kind, Scenario};

/// One of those that are compared.
#[derive(Debug)]
pub(crate) struct Server {
    /// As on the command line.
    pub(crate) name: &'static str,
    program: Program,
    /// Whether it speaks long-polling.
    polls: bool,
    /// Its colour in the plot.
    pub(crate) colour: &'static str,
}

#[derive(Debug)]
enum Program {
    /// `room_broadcast`.
    Example,
    /// Stands beside the runner.
    Here,
    Node,
}

/// What the others are compared with.
pub(crate) const FLOOR: &str = "floor";

/// What they are compared with where the floor does not take part.
pub(crate) const FLOOR_OF_POLLING: &str = "socketioxide";

/// All of them.
pub(crate) const SERVERS: [Server; 5] = [
    Server {
        name: FLOOR,
        program: Program::Here,
        polls: false,
        colour: "#9aa0a6",
    },
    Server {
        name: "tickroom",
        program: Program::Example,
        polls: true,
        colour: "#d9480f",
    },
    Server {
        name: "floor-tungstenite",
        program: Program::Here,
        polls: false,
        colour: "#5c7cfa",
    },
    Server {
        name: FLOOR_OF_POLLING,
        program: Program::Here,
        polls: true,
        colour: "#2b8a3e",
    },
    Server {
        name: "node",
        program: Program::Node,
        polls: true,
        colour: "#ae8b00",
    },
];

impl Server {
    /// The row of that name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        SERVERS.iter().find(|server| server.name == name)
    }

    /// Whether it can play that.
    pub(crate) fn plays(&self, scenario: &Scenario) -> bool {
        self.polls || scenario.kind != Kind::Poll
    }

    /// How to start it.
    pub(crate) fn command(&self, tickroom: &Path, node: &Path) -> anyhow::Result<Command> {
        Ok(match self.program {
            Program::Example => Command::new(tickroom),
            Program::Here => Command::new(beside(self.name)?),
            Program::Node => {
                let mut command = Command::new("node");
                command.arg(node.join("server.mjs"));
                command
            }
        })
    }
}

/// Another program of this package.
pub(crate) fn beside(name: &str) -> anyhow::Result<std::path::PathBuf> {
    let runner = std::env::current_exe().context("where this program is")?;
    Ok(runner.with_file_name(name))
}
