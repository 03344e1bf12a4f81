//! The figures, a row each: name, whether it only rises, what it means, and where it is counted. Names end in their unit; what
//! only rises ends in `_total`.

use std::sync::atomic::{AtomicU64, Ordering};

use simulation::stats::ShardStats;

use super::Metrics;

/// Whether a figure may fall.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Counter,
    Gauge,
}

impl Kind {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
        }
    }
}

/// One figure, of the whole server or of each `S`.
pub(super) struct Row<S> {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) help: &'static str,
    pub(super) read: fn(&S) -> u64,
}

const fn counter<S>(name: &'static str, help: &'static str, read: fn(&S) -> u64) -> Row<S> {
    Row {
        name,
        kind: Kind::Counter,
        help,
        read,
    }
}

const fn gauge<S>(name: &'static str, help: &'static str, read: fn(&S) -> u64) -> Row<S> {
    Row {
        name,
        kind: Kind::Gauge,
        help,
        read,
    }
}

fn value(number: &AtomicU64) -> u64 {
    number.load(Ordering::Relaxed)
}

pub(super) const ROWS: &[Row<Metrics>] = &[
    gauge("tickroom_tcp_open", "TCP connections held.", |m| {
        value(&m.io.stats().tcp_open)
    }),
    counter(
        "tickroom_tcp_refused_total",
        "TCP connections refused because there were too many.",
        |m| value(&m.io.stats().tcp_refused),
    ),
    gauge("tickroom_connections_open", "Engine.IO sessions.", |m| {
        value(&m.io.stats().connections_open)
    }),
    counter(
        "tickroom_connections_opened_total",
        "Engine.IO sessions opened.",
        |m| value(&m.io.stats().connections_opened),
    ),
    counter(
        "tickroom_handshakes_refused_total",
        "Handshakes answered with an error.",
        |m| value(&m.io.stats().handshakes_refused),
    ),
    counter(
        "tickroom_handshakes_forbidden_total",
        "Handshakes refused because of their origin.",
        |m| value(&m.io.stats().handshakes_forbidden),
    ),
    counter(
        "tickroom_handshakes_deferred_total",
        "Handshakes that came faster than they may, and were told when to come again.",
        |m| value(&m.io.stats().handshakes_deferred),
    ),
    counter(
        "tickroom_upgrades_total",
        "Sessions that moved from long-polling to WebSocket.",
        |m| value(&m.io.stats().upgrades),
    ),
    counter(
        "tickroom_upgrades_failed_total",
        "Upgrades that failed; their sessions go on by long-polling.",
        |m| value(&m.io.stats().upgrades_failed),
    ),
    gauge("tickroom_sockets_connected", "Sockets in a namespace.", |m| {
        value(&m.io.stats().sockets_connected)
    }),
    counter(
        "tickroom_packets_received_total",
        "Engine.IO packets received.",
        |m| value(&m.io.stats().packets_in),
    ),
    counter("tickroom_packets_sent_total", "Engine.IO packets sent.", |m| {
        value(&m.io.stats().packets_out)
    }),
    counter("tickroom_received_bytes_total", "Bytes read from clients.", |m| {
        value(&m.io.stats().bytes_in)
    }),
    counter("tickroom_sent_bytes_total", "Bytes written to clients.", |m| {
        value(&m.io.stats().bytes_out)
    }),
    gauge(
        "tickroom_outbox_bytes",
        "Bytes that wait because a client does not read.",
        |m| value(&m.io.stats().outbox_bytes),
    ),
    counter(
        "tickroom_parse_errors_total",
        "Connections closed for a packet that no client may send.",
        |m| value(&m.io.stats().parse_errors),
    ),
    counter(
        "tickroom_payload_too_large_total",
        "Connections closed for a message above the bound.",
        |m| value(&m.io.stats().payload_too_large),
    ),
    counter(
        "tickroom_slow_consumers_total",
        "Connections closed because their outbox was full.",
        |m| value(&m.io.stats().slow_consumers),
    ),
    counter(
        "tickroom_handler_backlogs_total",
        "Connections closed because their handlers fell behind.",
        |m| value(&m.io.stats().handler_backlogs),
    ),
    counter("tickroom_handler_panics_total", "Handlers that panicked.", |m| {
        value(&m.io.stats().handler_panics)
    }),
    counter(
        "tickroom_inputs_malformed_total",
        "Connections closed for an input that does not decode.",
        |m| m.gateway.inputs_malformed.value(),
    ),
    counter(
        "tickroom_messages_malformed_total",
        "Connections closed for a message that does not decode.",
        |m| m.gateway.messages_malformed.value(),
    ),
    gauge(
        "tickroom_seats_taken",
        "Seats whose player or viewer is connected.",
        |m| m.seats.count().0 as u64,
    ),
    gauge(
        "tickroom_seats_held",
        "Seats that wait for their player to come back.",
        |m| m.seats.count().1 as u64,
    ),
    counter("tickroom_joins_total", "Seats given.", |m| {
        m.gateway.joins.value()
    }),
    counter("tickroom_watches_total", "Seats given to those who watch.", |m| {
        m.gateway.watches.value()
    }),
    counter(
        "tickroom_joins_refused_total",
        "Requests for a seat refused.",
        |m| m.gateway.joins_refused.value(),
    ),
    counter(
        "tickroom_private_matches_refused_total",
        "Private matches refused: too many of them, or asked for too fast.",
        |m| m.gateway.private_matches_refused.value(),
    ),
    counter(
        "tickroom_snapshots_sent_total",
        "Snapshots handed to sockets.",
        |m| m.gateway.snapshots_sent.value(),
    ),
    counter(
        "tickroom_snapshots_held_total",
        "Times a snapshot waited for a slow client.",
        |m| m.gateway.snapshots_held.value(),
    ),
    counter(
        "tickroom_scores_superseded_total",
        "Scores replaced by newer ones before a slow client got them.",
        |m| m.gateway.scores_superseded.value(),
    ),
    counter(
        "tickroom_notices_lost_total",
        "Notices and newcomers lost because the network threads stood still.",
        |m| m.gateway.notices_lost.value(),
    ),
    gauge("tickroom_matches_running", "Matches.", |m| {
        m.simulation.matches_running.value()
    }),
    counter("tickroom_matches_started_total", "Matches started.", |m| {
        m.simulation.matches_started.value()
    }),
    counter(
        "tickroom_matches_crashed_total",
        "Matches ended by a panic in their rules.",
        |m| m.simulation.matches_crashed.value(),
    ),
    gauge("tickroom_people", "People in matches.", |m| {
        m.simulation.people.value()
    }),
    gauge("tickroom_viewers", "Those who watch matches.", |m| {
        m.simulation.viewers.value()
    }),
    counter(
        "tickroom_viewers_refused_total",
        "Requests to watch a match that has as many viewers as it may.",
        |m| m.simulation.viewers_refused.value(),
    ),
    counter(
        "tickroom_looks_unseated_total",
        "What viewers said who had no place any more.",
        |m| m.simulation.looks_unseated.value(),
    ),
    gauge("tickroom_bots", "Bots in matches.", |m| m.simulation.bots.value()),
    counter(
        "tickroom_ticks_slipped_total",
        "Ticks given up because a thread fell too far behind.",
        |m| m.simulation.slipped_ticks.value(),
    ),
    counter("tickroom_snapshots_total", "Snapshots built.", |m| {
        m.simulation.snapshots.value()
    }),
    counter(
        "tickroom_snapshot_bytes_total",
        "Bytes of snapshots built.",
        |m| m.simulation.snapshot_bytes.value(),
    ),
    counter(
        "tickroom_snapshots_superseded_total",
        "Snapshots replaced before they were sent.",
        |m| m.simulation.snapshots_superseded.value(),
    ),
    counter(
        "tickroom_keyframes_total",
        "Snapshots taken against nothing: joins, returns, clients out of step.",
        |m| m.simulation.keyframes.value(),
    ),
    counter(
        "tickroom_chunks_encoded_total",
        "Entities encoded for snapshots, once for all clients.",
        |m| m.simulation.chunks_encoded.value(),
    ),
    counter(
        "tickroom_blobs_copied_total",
        "Cells copied into snapshots.",
        |m| m.simulation.blobs_copied.value(),
    ),
    counter(
        "tickroom_cells_skipped_total",
        "Cells left out of snapshots: over the budget, or beyond the view of a congested client.",
        |m| m.simulation.cells_skipped.value(),
    ),
    counter(
        "tickroom_clients_congested_total",
        "Times the rate of a client was halved.",
        |m| m.simulation.clients_congested.value(),
    ),
    counter(
        "tickroom_clients_stalled_total",
        "Times a client did not answer for two seconds.",
        |m| m.simulation.clients_stalled.value(),
    ),
    counter(
        "tickroom_clients_gone_total",
        "Clients closed because they did not answer.",
        |m| m.simulation.clients_gone.value(),
    ),
    counter(
        "tickroom_acks_refused_total",
        "Acknowledgements of what was not sent, ignored.",
        |m| m.simulation.acks_refused.value(),
    ),
    counter(
        "tickroom_resyncs_total",
        "Messages of clients that could not apply a snapshot.",
        |m| m.simulation.resyncs.value(),
    ),
    counter(
        "tickroom_events_dropped_total",
        "Events lost to clients that did not read.",
        |m| m.simulation.events_dropped.value(),
    ),
    counter(
        "tickroom_snapshots_shed_total",
        "Snapshots left out because a shard was overloaded.",
        |m| m.simulation.snapshots_shed.value(),
    ),
    counter(
        "tickroom_matches_refused_total",
        "New matches that no shard could take.",
        |m| m.gateway.matches_refused.value(),
    ),
    counter(
        "tickroom_shards_stuck_total",
        "Times a shard was found stuck in one tick.",
        |m| m.gateway.shards_stuck.value(),
    ),
    counter("tickroom_inputs_total", "Inputs that came in time.", |m| {
        m.simulation.inputs_accepted.value()
    }),
    counter(
        "tickroom_answers_stalled_total",
        "HTTP connections closed because the peer did not read its answer.",
        |m| value(&m.io.stats().answers_stalled),
    ),
    counter(
        "tickroom_events_unknown_total",
        "Events that nobody listens to; ignored.",
        |m| value(&m.io.stats().events_unknown),
    ),
    counter(
        "tickroom_connect_timeouts_total",
        "Connections closed because they joined no namespace in time.",
        |m| value(&m.io.stats().connect_timeouts),
    ),
    counter(
        "tickroom_writes_total",
        "Writes of events and control frames that WebSocket streams accepted.",
        |m| value(&m.io.stats().writes),
    ),
    counter(
        "tickroom_gathered_writes_total",
        "Writes of what had waited for company because a thread was busy.",
        |m| value(&m.io.stats().gathered_writes),
    ),
    counter(
        "tickroom_pressure_us_total",
        "Microseconds in which threads that send had hardly a pause.",
        |m| value(&m.io.stats().pressure_us),
    ),
    counter(
        "tickroom_reads_total",
        "Reads of WebSocket streams that brought something.",
        |m| value(&m.io.stats().reads),
    ),
    counter(
        "tickroom_driver_wakes_total",
        "Times an outbox woke the task of its connection.",
        |m| value(&m.io.stats().driver_wakes),
    ),
    counter(
        "tickroom_volatile_dropped_total",
        "Volatile events dropped because the client was not ready.",
        |m| value(&m.io.stats().volatile_dropped),
    ),
    counter(
        "tickroom_broadcasts_encoded_total",
        "Broadcasts encoded, each once for all its recipients.",
        |m| value(&m.io.stats().broadcasts_encoded),
    ),
    gauge(
        "tickroom_recovery_sessions",
        "Sessions kept for clients that are away.",
        |m| value(&m.io.stats().recovery_sessions),
    ),
    counter(
        "tickroom_recovery_sessions_expired_total",
        "Sessions whose client did not come back in time.",
        |m| value(&m.io.stats().recovery_sessions_expired),
    ),
    counter(
        "tickroom_recovery_sessions_dropped_total",
        "Sessions forgotten because there were too many.",
        |m| value(&m.io.stats().recovery_sessions_dropped),
    ),
    gauge(
        "tickroom_recovery_packets",
        "Events kept for clients that are away.",
        |m| value(&m.io.stats().recovery_packets),
    ),
    gauge(
        "tickroom_recovery_bytes",
        "Bytes of events kept for clients that are away.",
        |m| value(&m.io.stats().recovery_bytes),
    ),
    counter(
        "tickroom_recovery_packets_dropped_total",
        "Events forgotten before their time because there were too many.",
        |m| value(&m.io.stats().recovery_packets_dropped),
    ),
    counter(
        "tickroom_recovered_total",
        "Clients that came back and are the same socket again.",
        |m| value(&m.io.stats().recovered),
    ),
    counter(
        "tickroom_recoveries_refused_total",
        "Clients that came back and had to start anew.",
        |m| value(&m.io.stats().recoveries_refused),
    ),
    counter(
        "tickroom_lobby_requests_refused_total",
        "Requests to the lobby refused because they came too fast.",
        |m| m.gateway.lobby_requests_refused.value(),
    ),
    counter(
        "tickroom_input_floods_total",
        "Connections closed because they sent too many inputs.",
        |m| m.gateway.input_floods.value(),
    ),
    counter(
        "tickroom_seats_refused_total",
        "Connections to the game refused for want of a seat.",
        |m| m.gateway.seats_refused.value(),
    ),
    counter(
        "tickroom_inputs_without_match_total",
        "Inputs ignored because their sender is in no match (any more).",
        |m| m.gateway.inputs_without_match.value() + m.simulation.inputs_unseated.value(),
    ),
    counter(
        "tickroom_inputs_late_total",
        "Inputs for a tick that was over.",
        |m| m.simulation.inputs_late.value(),
    ),
    counter(
        "tickroom_inputs_late_actions_total",
        "Of those, inputs with an action that was carried out a little later.",
        |m| m.simulation.inputs_late_actions.value(),
    ),
    counter(
        "tickroom_inputs_duplicate_total",
        "Inputs for a tick that had one already.",
        |m| m.simulation.inputs_duplicate.value(),
    ),
    counter(
        "tickroom_views_clamped_total",
        "Inputs whose sender claimed an older view of the others than its connection explains.",
        |m| m.simulation.views_clamped.value(),
    ),
    counter(
        "tickroom_inputs_early_total",
        "Inputs for a tick too far ahead.",
        |m| m.simulation.inputs_early.value(),
    ),
    counter(
        "tickroom_inputs_missing_total",
        "Ticks of a player that came without an input.",
        |m| m.simulation.inputs_missing.value(),
    ),
    gauge(
        "tickroom_commands_waiting",
        "Commands that wait for the next tick of their match.",
        |m| m.simulation.commands_waiting.value(),
    ),
    counter(
        "tickroom_commands_refused_total",
        "Commands that found the queue of their match full.",
        |m| m.simulation.commands_refused.value(),
    ),
    counter(
        "tickroom_recordings_written_total",
        "Recordings of matches that are whole on the disk.",
        |m| m.on_disk(|stats| &stats.written),
    ),
    counter(
        "tickroom_recordings_cut_total",
        "Recordings that reached their bound before their match ended.",
        |m| m.simulation.recordings_cut.value(),
    ),
    counter(
        "tickroom_recordings_lost_total",
        "Recordings given up because the disk was too slow or failed.",
        |m| m.simulation.recordings_lost.value() + m.on_disk(|stats| &stats.failed),
    ),
    counter(
        "tickroom_recordings_removed_total",
        "Recordings removed to make room for newer ones.",
        |m| m.on_disk(|stats| &stats.removed),
    ),
    counter(
        "tickroom_recording_bytes_total",
        "Bytes of recordings, also of those that were removed or lost.",
        |m| m.simulation.recording_bytes.value(),
    ),
    gauge(
        "tickroom_replays_open",
        "Recordings that are being watched.",
        |m| m.shown(|replays| replays.open_count() as u64),
    ),
    gauge(
        "tickroom_replays_seeking",
        "Of those, the ones on their way to another moment.",
        |m| m.shown(|replays| replays.simulation().replays_seeking.value()),
    ),
    counter(
        "tickroom_replays_opened_total",
        "Recordings that somebody began to watch.",
        |m| m.shown(|replays| replays.stats().opened.value()),
    ),
    counter(
        "tickroom_replays_refused_total",
        "Wishes to watch a recording that were refused.",
        |m| m.shown(|replays| replays.stats().refused.value()),
    ),
    counter(
        "tickroom_replays_diverged_total",
        "Recordings that became another match while they were watched, and were ended.",
        |m| m.shown(|replays| replays.simulation().replays_diverged.value()),
    ),
    counter(
        "tickroom_replay_commands_refused_total",
        "What viewers of recordings said that found no room before the next step; dropped.",
        |m| m.shown(|replays| replays.simulation().commands_refused.value()),
    ),
    counter(
        "tickroom_replay_ticks_total",
        "Ticks of recordings that were simulated to be watched.",
        |m| m.shown(|replays| replays.simulation().replayed_ticks.value()),
    ),
    counter(
        "tickroom_replay_us_total",
        "Time that took, in microseconds.",
        |m| m.shown(|replays| replays.simulation().tick_times.sum_us()),
    ),
];

/// Of each shard.
pub(super) const SHARD_ROWS: &[Row<ShardStats>] = &[
    gauge("tickroom_shard_matches", "Matches of a shard.", |shard| {
        shard.matches.value()
    }),
    gauge(
        "tickroom_shard_load_percent",
        "What the ticks of its matches take of a shard's time; above 100 it cannot keep up.",
        |shard| shard.load.permille() / 10,
    ),
    gauge(
        "tickroom_shard_shed",
        "What an overloaded shard leaves out: 0 nothing, 1 every second snapshot, 2 new matches as well.",
        |shard| shard.load.shed() as u64,
    ),
    counter(
        "tickroom_shard_shed_changes_total",
        "How often that changed.",
        |shard| shard.shed_changes.value(),
    ),
    counter("tickroom_shard_ticks_total", "Ticks of its matches.", |shard| {
        shard.ticks.value()
    }),
    counter(
        "tickroom_shard_ticks_slipped_total",
        "Ticks given up because the shard fell too far behind.",
        |shard| shard.slipped_ticks.value(),
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_their_kind_and_come_once() {
        let of_all = ROWS.iter().map(|row| (row.name, row.kind, row.help));
        let of_shards = SHARD_ROWS.iter().map(|row| (row.name, row.kind, row.help));
        let rows: Vec<_> = of_all.chain(of_shards).collect();
        let mut names: Vec<&str> = rows.iter().map(|(name, ..)| *name).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
        for (name, kind, help) in rows {
            assert_eq!(name.ends_with("_total"), matches!(kind, Kind::Counter), "{name}");
            assert!(help.ends_with('.'), "{name}");
        }
    }
}
