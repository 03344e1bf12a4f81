//! The plot: a panel for each scenario, a bar for each server, in plain SVG.

use std::fmt::Write;

use peers::scenario::{Kind, Scenario};

use crate::plan::Plan;
use crate::server::Server;
use crate::summary::Row;
use peers::statistics::Quartiles;

const WIDTH: f64 = 980.0;
const COLUMNS: usize = 2;
const PANEL_WIDTH: f64 = WIDTH / COLUMNS as f64;
const BAR: f64 = 16.0;
const BAR_STEP: f64 = 24.0;
const TITLE: f64 = 44.0;
/// Space for the names of servers, and for what stands behind a bar.
const NAME: f64 = 118.0;
const LABEL: f64 = 180.0;
const MARGIN: f64 = 14.0;
/// The most servers that a panel has.
const BARS_MAX: f64 = 5.0;
const PANEL_HEIGHT: f64 = TITLE + BARS_MAX * BAR_STEP + 18.0;

/// All of it.
pub(crate) fn svg(plan: &Plan, rows: &[Row]) -> String {
    let lines = plan.scenarios.len().div_ceil(COLUMNS);
    let height = lines as f64 * PANEL_HEIGHT + 2.0 * MARGIN;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n"
    );
    for (number, scenario) in plan.scenarios.iter().enumerate() {
        let (x, y) = (
            (number % COLUMNS) as f64 * PANEL_WIDTH,
            (number / COLUMNS) as f64 * PANEL_HEIGHT,
        );
        panel(scenario, rows, x + MARGIN, y + MARGIN, &mut svg);
    }
    svg + "</svg>\n"
}

/// What the bars of a scenario are, in what, and the label of it.
fn measure(kind: Kind) -> (&'static str, fn(&Row) -> Option<Quartiles>) {
    match kind {
        Kind::Idle => ("KB of memory per connection", |row| {
            row.connection_bytes.map(|bytes| scaled(bytes, 1e-3))
        }),
        Kind::Connect => ("µs of CPU per connection", |row| row.cost_us),
        Kind::Echo => ("µs of CPU per echo", |row| row.cost_us),
        _ => ("µs of CPU per message; median latency", |row| row.cost_us),
    }
}

fn scaled(value: Quartiles, by: f64) -> Quartiles {
    Quartiles {
        q1: value.q1 * by,
        median: value.median * by,
        q3: value.q3 * by,
    }
}

fn panel(scenario: &Scenario, rows: &[Row], x: f64, y: f64, svg: &mut String) {
    let (unit, value) = measure(scenario.kind);
    let own: Vec<&Row> = rows.iter().filter(|row| row.scenario == scenario.name).collect();
    let largest = own
        .iter()
        .filter_map(|row| value(row))
        .map(|value| value.q3)
        .fold(0.0, f64::max);
    let scale = (PANEL_WIDTH - NAME - LABEL - 2.0 * MARGIN) / largest.max(f64::MIN_POSITIVE);
    text(
        x,
        y + 12.0,
        "font-weight=\"600\" fill=\"#1b1f24\"",
        scenario.title,
        svg,
    );
    text(x, y + 29.0, "fill=\"#5b6470\"", unit, svg);
    for (number, row) in own.iter().enumerate() {
        let top = y + TITLE + number as f64 * BAR_STEP;
        let middle = top + BAR / 2.0;
        text(x, middle + 4.0, "fill=\"#1b1f24\"", row.server, svg);
        let Some(value) = value(row) else {
            text(x + NAME, middle + 4.0, "fill=\"#5b6470\"", "failed", svg);
            continue;
        };
        let start = x + NAME;
        let colour = Server::named(row.server).map_or("#000000", |server| server.colour);
        writeln!(
            svg,
            "<rect x=\"{start:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{BAR}\" rx=\"2\" fill=\"{colour}\"/>\
             <path d=\"M{:.1} {middle:.1}H{:.1}\" stroke=\"#1b1f24\" stroke-width=\"1.5\"/>",
            value.median * scale,
            start + value.q1 * scale,
            start + value.q3 * scale
        )
        .expect(WRITING);
        let end = start + value.median.max(value.q3) * scale + 6.0;
        text(
            end,
            middle + 4.0,
            "fill=\"#1b1f24\"",
            &label(scenario.kind, row, value),
            svg,
        );
    }
}

fn label(kind: Kind, row: &Row, value: Quartiles) -> String {
    // A floor that keeps next to nothing is no measure of memory.
    let ratio = row.cost_ratio.filter(|_| kind != Kind::Idle);
    let digits = if value.median < 100.0 { 1 } else { 0 };
    let mut label = format!("{:.digits$}", value.median);
    if let Some(ratio) = ratio {
        write!(label, " ({:.2}×)", ratio.median).expect(WRITING);
    }
    if let Some(p50) = row.p50_us {
        label += &if p50.median < 1000.0 {
            format!("; {:.0} µs", p50.median)
        } else {
            format!("; {:.1} ms", p50.median / 1000.0)
        };
    }
    if let Some(share) = row.delivered_share.filter(|share| share.median < 0.99) {
        write!(label, "; {:.0} %", share.median * 100.0).expect(WRITING);
    }
    label
}

/// Names and numbers of ours: nothing in them needs to be escaped.
fn text(x: f64, y: f64, style: &str, words: &str, svg: &mut String) {
    writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" {style}>{words}</text>").expect(WRITING);
}

const WRITING: &str = "writing to a string succeeds";
