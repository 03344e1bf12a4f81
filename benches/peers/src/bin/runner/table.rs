//! The table: Markdown that is also readable as it stands.

use std::fmt::Write;

use peers::scenario::{Kind, Scenario};

use crate::machine::Machine;
use crate::plan::Plan;
use crate::summary::Row;
use peers::statistics::Quartiles;

/// A column, and for which loads it is there.
struct Column {
    title: fn(Kind) -> &'static str,
    cell: fn(&Row) -> String,
    is_there: fn(Kind) -> bool,
}

/// From left to right.
const COLUMNS: [Column; 14] = [
    Column {
        title: |_| "server",
        cell: |row| row.server.to_owned(),
        is_there: |_| true,
    },
    Column {
        title: |_| "KB per connection",
        cell: |row| middle(&row.connection_bytes, 1000.0, 1),
        is_there: |kind| kind == Kind::Idle,
    },
    Column {
        title: |kind| match kind {
            Kind::Connect => "CPU µs per connection",
            Kind::Idle => "CPU µs per heartbeat",
            Kind::Echo => "CPU µs per echo",
            _ => "CPU µs per message",
        },
        cell: |row| middle(&row.cost_us, 1.0, 2),
        is_there: |_| true,
    },
    Column {
        title: |kind| {
            if kind == Kind::Poll {
                "× socketioxide"
            } else {
                "× floor"
            }
        },
        cell: |row| spread(&row.cost_ratio),
        is_there: |_| true,
    },
    Column {
        title: |_| "µs above",
        cell: |row| middle(&row.cost_above_us, 1.0, 2),
        is_there: |_| true,
    },
    Column {
        title: |_| "delivered",
        cell: |row| {
            row.delivered_share
                .map_or("–".to_owned(), |share| format!("{:.1} %", share.median * 100.0))
        },
        is_there: |kind| is_paced(kind) || kind == Kind::Idle,
    },
    Column {
        title: |_| "messages/s",
        cell: |row| middle(&row.messages_per_s, 1.0, 0),
        is_there: |kind| is_paced(kind) || kind == Kind::Echo,
    },
    Column {
        title: |_| "p50 µs",
        cell: |row| latency(&row.p50_us, &row.p50_ratio),
        is_there: has_latency,
    },
    Column {
        title: |_| "p90 µs",
        cell: |row| latency(&row.p90_us, &row.p90_ratio),
        is_there: has_latency,
    },
    Column {
        title: |_| "p99 µs",
        cell: |row| latency(&row.p99_us, &row.p99_ratio),
        is_there: has_latency,
    },
    Column {
        title: |_| "p99 × without stalls",
        cell: |row| spread(&row.p99_against_crowd),
        is_there: |kind| matches!(kind, Kind::Stall(_)),
    },
    Column {
        title: |_| "memory growth MB",
        cell: |row| middle(&row.growth_bytes, 1e6, 1),
        is_there: |kind| matches!(kind, Kind::Stall(_)),
    },
    Column {
        title: |_| "sent away",
        cell: |row| middle(&row.stalled_ended, 1.0, 0),
        is_there: |kind| matches!(kind, Kind::Stall(_)),
    },
    Column {
        title: |_| "generator busy",
        cell: |row| {
            row.load_busy
                .map_or("–".to_owned(), |busy| format!("{:.0} %", busy.median * 100.0))
        },
        is_there: |kind| kind != Kind::Connect,
    },
];

fn is_paced(kind: Kind) -> bool {
    matches!(kind, Kind::Listen | Kind::Poll | Kind::Stall(_))
}

fn has_latency(kind: Kind) -> bool {
    is_paced(kind) || kind == Kind::Echo
}

fn middle(value: &Option<Quartiles>, unit: f64, digits: usize) -> String {
    value.map_or("–".to_owned(), |value| {
        format!("{:.digits$}", value.median / unit)
    })
}

fn spread(value: &Option<Quartiles>) -> String {
    value.map_or("–".to_owned(), |value| {
        format!("{:.2} ({:.2}–{:.2})", value.median, value.q1, value.q3)
    })
}

fn latency(value: &Option<Quartiles>, ratio: &Option<Quartiles>) -> String {
    match (value, ratio) {
        (Some(value), Some(ratio)) => format!("{:.0} ({:.1}×)", value.median, ratio.median),
        (Some(value), None) => format!("{:.0}", value.median),
        (None, _) => "–".to_owned(),
    }
}

/// All of it.
pub(crate) fn text(plan: &Plan, machine: &Machine, rows: &[Row]) -> String {
    let mut text = String::new();
    for scenario in &plan.scenarios {
        let own: Vec<&Row> = rows.iter().filter(|row| row.scenario == scenario.name).collect();
        if !own.is_empty() {
            section(scenario, &own, &mut text);
        }
    }
    let machine = [
        format!(
            "{}, {} cores; servers on core {}, load generator on core {}{}.",
            machine.processor,
            machine.cores,
            machine.core_of_servers,
            machine.core_of_load,
            if machine.load_hurries {
                ", before all others there"
            } else {
                ""
            }
        ),
        format!(
            "{}; {}; node {}; socket.io {}; socketioxide {}; tokio-tungstenite {}; tickroom {}.",
            machine.kernel,
            machine.rust,
            machine.node,
            machine.socket_io,
            machine.socketioxide,
            machine.tokio_tungstenite,
            machine.commit
        ),
        format!(
            "{} rounds of `{}`: medians; ratios are medians of those of each round, with their quartiles.",
            machine.rounds, machine.command
        ),
    ];
    text + &machine.join("\n") + "\n"
}

fn section(scenario: &Scenario, rows: &[&Row], text: &mut String) {
    let columns: Vec<&Column> = COLUMNS
        .iter()
        .filter(|column| (column.is_there)(scenario.kind))
        .collect();
    let titles = columns
        .iter()
        .map(|column| (column.title)(scenario.kind).to_owned());
    let mut cells: Vec<Vec<String>> = vec![titles.collect()];
    cells.extend(
        rows.iter()
            .map(|row| columns.iter().map(|column| (column.cell)(row)).collect()),
    );
    let width = |at: usize| {
        cells
            .iter()
            .map(|line: &Vec<String>| line[at].chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    writeln!(text, "### {}: {}\n", scenario.name, scenario.title).expect(WRITING);
    for (number, line) in cells.iter().enumerate() {
        for (at, cell) in line.iter().enumerate() {
            let padding = " ".repeat(widths[at] - cell.chars().count());
            // Names to the left, numbers to the right.
            let (left, right) = if at == 0 {
                ("", padding.as_str())
            } else {
                (padding.as_str(), "")
            };
            write!(text, "| {left}{cell}{right} ").expect(WRITING);
        }
        text.push_str("|\n");
        if number == 0 {
            for (at, width) in widths.iter().enumerate() {
                let dashes = "-".repeat(width + 1);
                write!(text, "|{dashes}{}", if at == 0 { "-" } else { ":" }).expect(WRITING);
            }
            text.push_str("|\n");
        }
    }
    for row in rows {
        if row.failed > 0 {
            writeln!(text, "\n{} failed in {} rounds.", row.server, row.failed).expect(WRITING);
        }
        if let Some(connected) = row
            .connected
            .filter(|connected| connected.q1 < scenario.clients as f64)
        {
            writeln!(
                text,
                "\n{} let in {:.0} of {} clients within 15 s (quartiles {:.0} and {:.0}).",
                row.server, connected.median, scenario.clients, connected.q1, connected.q3
            )
            .expect(WRITING);
        }
        if row.lost > 0 {
            writeln!(text, "\n{} lost {} connections.", row.server, row.lost).expect(WRITING);
        }
    }
    text.push('\n');
}

const WRITING: &str = "writing to a string succeeds";
