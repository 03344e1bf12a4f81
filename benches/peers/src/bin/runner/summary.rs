//! From runs to rows: one for each scenario and server.

use peers::outcome::Outcome;
use peers::scenario::{Kind, Scenario};
use serde::Serialize;

use crate::plan::Plan;
use crate::rounds::Run;
use crate::server::{FLOOR, FLOOR_OF_POLLING};
use peers::statistics::Quartiles;

/// What all rounds tell of a server in a scenario. Ratios are medians of what each round gives, not ratios of medians.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) scenario: &'static str,
    pub(crate) server: &'static str,
    pub(crate) failed: usize,
    /// CPU for a message; for a heartbeat or a connection where that is what it is about.
    pub(crate) cost_us: Option<Quartiles>,
    /// Against the floor of the same round.
    pub(crate) cost_ratio: Option<Quartiles>,
    pub(crate) cost_above_us: Option<Quartiles>,
    pub(crate) p50_us: Option<Quartiles>,
    pub(crate) p90_us: Option<Quartiles>,
    pub(crate) p99_us: Option<Quartiles>,
    pub(crate) p50_ratio: Option<Quartiles>,
    pub(crate) p90_ratio: Option<Quartiles>,
    pub(crate) p99_ratio: Option<Quartiles>,
    pub(crate) delivered_share: Option<Quartiles>,
    pub(crate) messages_per_s: Option<Quartiles>,
    pub(crate) reads_per_message: Option<Quartiles>,
    pub(crate) connection_bytes: Option<Quartiles>,
    /// What memory grew by while it was counted.
    pub(crate) growth_bytes: Option<Quartiles>,
    pub(crate) load_busy: Option<Quartiles>,
    /// Stalled clients that the server sent away, of all.
    pub(crate) stalled_ended: Option<Quartiles>,
    /// 99th percentile against the same server's in the same round without stalled clients.
    pub(crate) p99_against_crowd: Option<Quartiles>,
    /// Clients that got in, of those that wanted to.
    pub(crate) connected: Option<Quartiles>,
    /// Connections that broke although they read, in all rounds.
    pub(crate) lost: u64,
}

/// In the order of the plan.
pub(crate) fn rows(plan: &Plan, runs: &[Run]) -> Vec<Row> {
    let pairs = plan.pairs();
    pairs
        .iter()
        .map(|(scenario, server)| row(scenario, server.name, runs))
        .collect()
}

fn find<'a>(runs: &'a [Run], round: u32, scenario: &str, server: &str) -> Option<&'a Outcome> {
    let run = runs
        .iter()
        .find(|run| run.round == round && run.scenario == scenario && run.server == server)?;
    run.outcome.as_ref()
}

fn row(scenario: &Scenario, server: &'static str, runs: &[Run]) -> Row {
    let own = || {
        runs.iter()
            .filter(move |run| run.scenario == scenario.name && run.server == server)
    };
    let all =
        |f: &dyn Fn(&Outcome) -> f64| Quartiles::of(own().filter_map(|run| run.outcome.as_ref()).map(f));
    let against = |other: (&str, &str), f: &dyn Fn(&Outcome, &Outcome) -> f64| {
        Quartiles::of(own().filter_map(|run| {
            let (scenario, server) = other;
            Some(f(run.outcome.as_ref()?, find(runs, run.round, scenario, server)?))
        }))
    };
    let base = if scenario.kind == Kind::Poll {
        FLOOR_OF_POLLING
    } else {
        FLOOR
    };
    let to_floor = |f: &dyn Fn(&Outcome, &Outcome) -> f64| against((scenario.name, base), f);
    let times = scenario.counted_s(1.0) > 0.0 && scenario.kind != Kind::Idle;
    let latency = |f: &dyn Fn(&Outcome) -> f64| if times { all(f) } else { None };
    let latency_ratio = |f: &dyn Fn(&Outcome, &Outcome) -> f64| if times { to_floor(f) } else { None };
    let stalls = matches!(scenario.kind, Kind::Stall(_));
    Row {
        scenario: scenario.name,
        server,
        failed: own().filter(|run| run.outcome.is_none()).count(),
        cost_us: all(&Outcome::cost_us),
        cost_ratio: to_floor(&|own, floor| own.cost_us() / floor.cost_us()),
        cost_above_us: to_floor(&|own, floor| own.cost_us() - floor.cost_us()),
        p50_us: latency(&|own| own.latency_us.p50),
        p90_us: latency(&|own| own.latency_us.p90),
        p99_us: latency(&|own| own.latency_us.p99),
        p50_ratio: latency_ratio(&|own, floor| own.latency_us.p50 / floor.latency_us.p50),
        p90_ratio: latency_ratio(&|own, floor| own.latency_us.p90 / floor.latency_us.p90),
        p99_ratio: latency_ratio(&|own, floor| own.latency_us.p99 / floor.latency_us.p99),
        delivered_share: all(&|own| own.delivered_share().unwrap_or(f64::NAN)),
        messages_per_s: all(&|own| own.delivered as f64 / own.counted_s),
        reads_per_message: all(&|own| own.reads as f64 / own.delivered as f64),
        connection_bytes: all(&Outcome::bytes_per_connection),
        growth_bytes: all(&|own| own.resident_max.saturating_sub(own.resident_settled) as f64),
        load_busy: all(&|own| own.load_busy),
        stalled_ended: if stalls {
            all(&|own| own.stalled_ended as f64)
        } else {
            None
        },
        p99_against_crowd: if stalls {
            against(("crowd", server), &|own, crowd| {
                own.latency_us.p99 / crowd.latency_us.p99
            })
        } else {
            None
        },
        connected: all(&|own| own.connected as f64),
        lost: own()
            .filter_map(|run| run.outcome.as_ref())
            .map(|outcome| outcome.lost)
            .sum(),
    }
}
