use shared::tick::SNAPSHOT_INTERVAL_TICKS;

use super::*;

/// What a client on a made-up line was sent: (tick, state, keyframe).
type Sent = (u32, State, bool);

/// A client, its line, and its flow.
struct Line {
    flow: Flow,
    now: Tick,
    /// What was sent, whether it was taken, and whether it was a keyframe.
    sent: Vec<(Tick, bool, bool)>,
    /// When each taken snapshot is acknowledged.
    acks: Vec<(Tick, Tick)>,
    changes: Vec<Change>,
}

impl Line {
    fn new() -> Self {
        Self {
            flow: Flow::new(Tick(0), SNAPSHOT_INTERVAL_TICKS.into()),
            now: Tick(0),
            sent: Vec::new(),
            acks: Vec::new(),
            changes: Vec::new(),
        }
    }

    fn taken(&self) -> Tick {
        let taken = self.sent.iter().rev().find(|(_, taken, _)| *taken);
        taken.map_or(Tick(0), |&(tick, ..)| tick)
    }

    /// So many ticks, in which snapshots are taken or not and acknowledged after a delay or never. Gives what was sent.
    fn run(&mut self, ticks: u32, takes: bool, delay: Option<u32>) -> Vec<Sent> {
        let mut sent = Vec::new();
        for _ in 0..ticks {
            self.now = self.now.after(1);
            let now = self.now;
            let taken = self.taken();
            for &(tick, when) in &self.acks {
                if when == now {
                    assert!(self.flow.acknowledge(tick, taken, now), "{tick:?}");
                }
            }
            if !now.sends_snapshot() {
                continue;
            }
            let superseded = self.sent.last().is_some_and(|(_, taken, _)| !taken);
            if let Some((_, true, true)) = self.sent.last() {
                self.flow.keyframe_taken();
            }
            self.changes.extend(self.flow.observe(taken, superseded, now));
            let Turn::Send { keyframe, .. } = self.flow.turn(now) else {
                continue;
            };
            self.flow.made(keyframe, now);
            sent.push((now.0, self.flow.state(), keyframe));
            self.sent.push((now, takes, keyframe));
            if let (true, Some(delay)) = (takes, delay) {
                self.acks.push((now, now.after(delay)));
            }
        }
        sent
    }
}

fn ticks(sent: &[Sent]) -> Vec<u32> {
    sent.iter().map(|&(tick, ..)| tick).collect()
}

fn every(interval: usize, from: u32, to: u32) -> Vec<u32> {
    (from..=to).step_by(interval).collect()
}

#[test]
fn a_client_that_answers_gets_every_snapshot_however_long_its_line_is() {
    for delay in [1, 4, 9, 12, 30, 60] {
        let mut line = Line::new();
        let mut sent = line.run(120, true, Some(delay));
        sent.extend(line.run(600, true, Some(delay)));
        let late: Vec<_> = sent.iter().filter(|(tick, ..)| *tick > 300).collect();
        assert!(
            late.iter()
                .all(|(_, state, keyframe)| (*state, *keyframe) == (State::Healthy, false)),
            "{delay}: {late:?}"
        );
        assert_eq!(late.len(), 140, "{delay}");
        assert!(sent[0].2, "the first is a keyframe");
    }
}

#[test]
fn what_is_not_taken_halves_the_rate_twice_and_a_clean_second_doubles_it() {
    let mut line = Line::new();
    line.run(60, true, Some(4));
    assert_eq!(
        ticks(&line.run(60, false, None)),
        [63, 66, 72, 78, 84, 90, 96, 108, 120]
    );
    assert_eq!(line.changes, [Change::Congested; 2]);
    assert_eq!(line.flow.state(), State::Congested(2));
    let back = line.run(240, true, Some(4));
    // The one of 120 was not taken, so the clean time begins with the one after it.
    let expected = [every(12, 132, 180), every(6, 192, 252), every(3, 255, 360)].concat();
    assert_eq!(ticks(&back), expected);
    assert_eq!(line.changes.len(), 2);
}

#[test]
fn too_much_in_flight_halves_the_rate() {
    let mut line = Line::new();
    line.run(120, true, Some(4));
    // From now on everything takes half a second longer.
    let sent = line.run(90, true, Some(34));
    assert_eq!(line.changes[0], Change::Congested);
    assert!(sent.len() < 20, "{sent:?}");
}

#[test]
fn who_answers_nothing_is_stalled_and_then_gone_and_an_answer_brings_everything_anew() {
    let mut line = Line::new();
    line.run(60, true, Some(4));
    let sent = line.run(300, true, None);
    assert!(sent.iter().all(|&(tick, ..)| tick <= 60 + 6 + 120), "{sent:?}");
    assert_eq!(line.changes.last(), Some(&Change::Stalled));
    let newest = line.taken();
    assert!(line.flow.acknowledge(newest, newest, line.now));
    let back = line.run(60, true, Some(4));
    assert_eq!(
        (back[0], back.len()),
        ((363, State::Healthy, true), 20),
        "at once, and at the full rate"
    );
    assert!(back[1..].iter().all(|&(.., keyframe)| !keyframe));

    let sent = line.run(1200, true, None);
    assert!(ticks(&sent).last() < Some(&600));
    assert_eq!(line.changes.last(), Some(&Change::Gone));
    let gone = line.changes.iter().filter(|&&change| change == Change::Gone);
    assert_eq!(gone.count(), 1, "it is told once");
    let newest = line.taken();
    line.flow.acknowledge(newest, newest, line.now);
    assert_eq!(line.run(60, true, Some(4)), [], "only a new connection helps");
}

#[test]
fn a_page_that_nobody_sees_gets_two_a_second_and_a_keyframe_when_it_is_looked_at() {
    let mut line = Line::new();
    line.run(60, true, Some(4));
    line.flow.hide(true, line.now);
    let hidden = line.run(121, true, Some(4));
    assert_eq!(ticks(&hidden), [90, 120, 150, 180]);
    assert!(hidden.iter().all(|&(_, state, _)| state == State::Healthy));
    line.flow.hide(true, line.now);
    line.flow.hide(false, line.now);
    let back = line.run(60, true, Some(4));
    assert_eq!(ticks(&back), every(3, 183, 240));
    assert!(back[0].2 && back[1..].iter().all(|&(.., keyframe)| !keyframe));
    assert_eq!(line.changes, []);
}

#[test]
fn everything_anew_comes_at_most_four_times_a_second_however_often_it_is_asked_for() {
    let mut line = Line::new();
    line.run(60, true, Some(2));
    let mut keyframes = Vec::new();
    for _ in 0..60 {
        line.flow.resync(line.now);
        let sent = line.run(1, true, Some(2));
        keyframes.extend(
            sent.iter()
                .filter(|(.., keyframe)| *keyframe)
                .map(|&(tick, ..)| tick),
        );
    }
    assert_eq!(keyframes, [63, 81, 99, 117]);
}

#[test]
fn to_hide_and_be_seen_in_turn_brings_no_more_keyframes_than_to_ask_for_them() {
    let mut line = Line::new();
    line.run(60, true, Some(2));
    let mut keyframes = Vec::new();
    for _ in 0..60 {
        line.flow.hide(true, line.now);
        line.flow.hide(false, line.now);
        let sent = line.run(1, true, Some(2));
        keyframes.extend(
            sent.iter()
                .filter(|(.., keyframe)| *keyframe)
                .map(|&(tick, ..)| tick),
        );
    }
    assert_eq!(keyframes, [63, 81, 99, 117]);
}

#[test]
fn a_keyframe_that_is_not_taken_is_made_again_at_the_rate_of_the_client() {
    let mut line = Line::new();
    let sent = line.run(60, false, None);
    assert!(sent.iter().all(|&(.., keyframe)| keyframe));
    assert!(sent.len() < 12, "{sent:?}");
}

#[test]
fn lies_are_not_believed() {
    let check = |acked: u32, believed: bool| {
        let mut line = Line::new();
        line.run(60, true, Some(4));
        assert_eq!(line.flow.acked, Tick(54));
        let after = if believed { Tick(acked) } else { Tick(54) };
        assert_eq!(
            (
                line.flow.acknowledge(Tick(acked), Tick(60), line.now),
                line.flow.acked
            ),
            (believed, after),
            "{acked}"
        );
    };
    check(54, true);
    check(57, true);
    check(60, true);
    check(61, false);
    check(u32::MAX, false);
    check(51, false);
    check(0, false);
    assert!(
        Flow::new(Tick(9), SNAPSHOT_INTERVAL_TICKS.into()).acknowledge(Tick(0), Tick(0), Tick(10)),
        "nothing yet"
    );
}

#[test]
fn the_shortest_round_trip_is_forgotten_after_seconds() {
    let mut line = Line::new();
    assert_eq!(line.flow.round_trip_ticks(), None);
    line.run(60, true, Some(1));
    assert_eq!(line.flow.round_trip_ticks(), Some(1));
    line.run(600, true, Some(5));
    assert_eq!(line.flow.round_trip_ticks(), Some(5));
}
