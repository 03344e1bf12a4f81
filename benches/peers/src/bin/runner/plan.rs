//! What will be run, and how long that takes.

use std::path::PathBuf;

use anyhow::{Context, ensure};
use peers::pinned::may_hurry;
use peers::scenario::{SCENARIOS, Scenario};

use crate::Words;
use crate::server::{SERVERS, Server};

#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) servers: Vec<&'static Server>,
    pub(crate) scenarios: Vec<Scenario>,
    pub(crate) rounds: u32,
    pub(crate) seconds: f64,
    pub(crate) smoke: bool,
    pub(crate) out: PathBuf,
    pub(crate) tickroom: PathBuf,
    pub(crate) node: PathBuf,
    /// The load generator goes before all others on its core.
    pub(crate) hurries: bool,
}

/// Seconds that the counted load of a smoke run takes.
const SMOKE_S: f64 = 0.1;

/// Seconds to start a server, and to end it.
const START_S: f64 = 0.2;

/// Seconds for a client to get in; the slowest server takes twice as long.
const CONNECT_S: f64 = 0.0004;

impl Plan {
    pub(crate) fn new(words: &Words) -> anyhow::Result<Self> {
        for name in &words.only {
            ensure!(
                Server::named(name).is_some() || Scenario::named(name).is_some(),
                "--only knows no {name}; servers are {}, scenarios {}",
                SERVERS.map(|server| server.name).join(", "),
                SCENARIOS.map(|scenario| scenario.name).join(", ")
            );
        }
        let is_named = |name: &str| words.only.iter().any(|only| only == name);
        let some_server = SERVERS.iter().any(|server| is_named(server.name));
        let some_scenario = SCENARIOS.iter().any(|scenario| is_named(scenario.name));
        let scenarios = SCENARIOS
            .iter()
            .filter(|row| !some_scenario || is_named(row.name));
        let plan = Self {
            servers: SERVERS
                .iter()
                .filter(|row| !some_server || is_named(row.name))
                .collect(),
            scenarios: scenarios
                .map(|&row| if words.smoke { row.smaller() } else { row })
                .collect(),
            rounds: if words.smoke { 1 } else { words.rounds },
            seconds: if words.smoke { SMOKE_S } else { words.seconds },
            smoke: words.smoke,
            out: words.out.clone(),
            tickroom: words.tickroom.clone(),
            node: words.node.clone(),
            hurries: may_hurry(),
        };
        std::fs::create_dir_all(&plan.out).with_context(|| format!("cannot make {}", plan.out.display()))?;
        ensure!(
            !plan.pairs().is_empty(),
            "none of these servers plays any of these scenarios"
        );
        Ok(plan)
    }

    /// What one round runs, in the order of the first one.
    pub(crate) fn pairs(&self) -> Vec<(&Scenario, &'static Server)> {
        let all = self
            .scenarios
            .iter()
            .flat_map(|scenario| self.servers.iter().map(move |&server| (scenario, server)));
        all.filter(|(scenario, server)| server.plays(scenario)).collect()
    }

    /// About how long all of it takes.
    pub(crate) fn total_s(&self) -> f64 {
        let one = |scenario: &Scenario| {
            START_S
                + scenario.clients as f64 * CONNECT_S
                + scenario.settling_s()
                + scenario.counted_s(self.seconds)
        };
        let round: f64 = self.pairs().iter().map(|(scenario, _)| one(scenario)).sum();
        round * f64::from(self.rounds)
    }

    /// What is told before it starts.
    pub(crate) fn announcement(&self) -> String {
        let seconds = self.total_s();
        let time = if seconds < 100.0 {
            format!("{seconds:.0} s")
        } else {
            format!("{:.0} minutes", seconds / 60.0)
        };
        format!(
            "{} servers, {} scenarios, {} rounds: {} runs, about {time}; results go to {}",
            self.servers.len(),
            self.scenarios.len(),
            self.rounds,
            self.pairs().len() * self.rounds as usize,
            self.out.display()
        )
    }
}
