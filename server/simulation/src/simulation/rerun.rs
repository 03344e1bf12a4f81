//! What is done with a match that comes from a recording: its ticks, and how it is shown to whoever watches it.

use shared::ids::PlayerId;
use shared::look::LookPacket;

use super::Simulation;
use crate::budget::Budget;
use crate::client::{Client, ViewerId};
use crate::command::{JoinRequest, ReplayMoment, Reply, WatchRequest, WatchedMatch};
use crate::game::{Game, Intent};
use crate::mailbox::mailbox;
use crate::notice::Notice;
use crate::rate::Rate;
use crate::recording::frame::Frame;
use crate::replicate::Moment;
use crate::settings::MatchSettings;
use crate::viewers::Viewer;

impl<G: Game> Simulation<G> {
    /// One tick of a recording: who comes, who goes, and the inputs of everybody. False when somebody who comes gets no
    /// place, or another id than the recording says; then it is not one of this game.
    pub(crate) fn replay_tick(
        &mut self,
        frame: Option<&Frame>,
        inputs: &[(PlayerId, Intent<G::Input>)],
    ) -> bool {
        self.in_tick = true;
        for (player, name) in frame.iter().flat_map(|frame| &frame.joins) {
            let place = self.places.reserve();
            let (Some(place), Some(true)) = (place, self.roster.next_player_id().map(|id| id == *player))
            else {
                return false;
            };
            let request = JoinRequest {
                name: name.clone(),
                // Nobody reads: who goes is in the recording.
                mailbox: mailbox().0,
                reply: Reply::new(drop),
            };
            self.let_in(*player, request, place);
        }
        for &player in frame.iter().flat_map(|frame| &frame.leaves) {
            self.roster.remove(&mut self.stage, player);
        }
        self.roster.fill(&mut self.stage);
        self.stage.inputs.replace(inputs.iter().copied());
        self.run_rules(self.tick.after(1));
        self.in_tick = false;
        true
    }

    /// Lets somebody see the match from now on.
    pub(crate) fn show_to(&mut self, request: WatchRequest, rate: Rate, moment: ReplayMoment) {
        let watched = WatchedMatch {
            snapshot_interval_ticks: rate.interval_ticks,
            replay: Some(moment),
            ..self.roster.watched(&self.stage.world, self.tick)
        };
        let settings = MatchSettings {
            snapshot_interval_ticks: rate.interval_ticks,
            snapshot_bytes_per_s: rate.bytes_per_s,
            ..*self.roster.settings()
        };
        self.admit(request, watched, &settings);
        for viewer in self.viewers.all() {
            viewer.view.flow.run_at(moment.speed);
        }
    }

    /// What a viewer says.
    pub(crate) fn receive_look(&mut self, viewer: ViewerId, packet: &LookPacket) {
        // Whoever has gone meanwhile is heard no more.
        let _ = self.viewers.receive(viewer, packet, self.tick.after(1));
    }

    /// Sends a snapshot of this tick to those who watch. The people of a recording have no clients.
    pub(crate) fn show(&mut self) {
        let moment = Moment {
            tick: self.tick,
            events: &self.events,
            progress: self.progress(),
        };
        let (viewers, stats) = (self.viewers.all(), &self.stats);
        let gone = self
            .replicator
            .send(&mut self.stage.world, &moment, &mut [], viewers, stats);
        for client in gone {
            self.sink.notice(Notice::Gone(client));
        }
        self.sink.snapshots_ready();
    }

    /// The next snapshot is the last: it goes to all who watch, whosever turn it is, and with whatever is left to send.
    pub(crate) fn hurry(&mut self) {
        for viewer in self.viewers.all() {
            viewer.view.flow.hurry();
            viewer.view.budget = Budget::new(0);
        }
    }

    /// The next snapshot has everything in it, and goes to all who watch.
    pub(crate) fn start_anew(&mut self) {
        for viewer in self.viewers.all() {
            viewer.view.flow.want_keyframe();
        }
    }

    /// Whether somebody who watches is to get a snapshot out of turn.
    pub(crate) fn is_awaited(&mut self) -> bool {
        self.viewers.all().iter().any(|viewer| viewer.view.flow.hurries())
    }

    /// Whether somebody watches; forgets who has gone.
    pub(crate) fn is_watched(&mut self) -> bool {
        self.viewers.remove_leavers();
        self.viewers.count() > 0
    }

    /// Whether somebody who watches has left the last snapshot where it is.
    pub(crate) fn is_waiting(&mut self) -> bool {
        self.viewers.all().iter().any(|viewer| viewer.view.is_waiting())
    }

    /// Whether all who watch see nothing of what would be played: they do not take the last snapshot, or do not answer.
    pub(crate) fn is_behind(&mut self) -> bool {
        let is_behind = |viewer: &Viewer| viewer.view.is_waiting() || viewer.view.flow.is_stalled();
        self.viewers.all().iter().all(is_behind)
    }

    /// Gives up those who do not answer.
    pub(crate) fn give_up(&mut self) {
        for viewer in self.viewers.all() {
            if viewer.view.flow.is_stalled() {
                self.sink.notice(Notice::Gone(Client::Viewer(viewer.id)));
            }
        }
    }
}
