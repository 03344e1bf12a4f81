//! Who is in a match: people with their seats, and the bots that fill the rest.
//!
//! There are as many bots as are missing to `fill_to`: one goes when a person comes, one comes when a person goes.
//! Player ids are given in ascending order and never again; when they run out the match lets nobody in any more and
//! ends when its people have left.

use std::sync::Arc;

use shared::ids::{EntityId, MatchId, PlayerId};
use shared::input::InputPacket;
use shared::message::RosterEntry;
use shared::tick::Tick;

use crate::ahead::ask_for;
use crate::command::{JoinRequest, JoinedSeat, Refused, ResumeRequest, WatchedMatch};
use crate::game::{Control, Game, Intent};
use crate::input_buffer::{Arrival, InputBuffers, Received, Source};
use crate::notice::{MatchSink, Notice};
use crate::places::{Place, Places};
use crate::scores::write_scores;
use crate::seat::{ClientView, Front, Heard, Progress, Seat};
use crate::settings::MatchSettings;
use crate::stage::Stage;
use crate::stats::Stats;

/// A bot in a match.
#[derive(Debug)]
struct Bot {
    player: PlayerId,
    entity: EntityId,
    name_index: usize,
    name: String,
}

/// Everybody in a match.
pub(crate) struct Roster<G: Game> {
    match_id: MatchId,
    settings: MatchSettings,
    /// In force for whoever joins or resumes.
    setup: Vec<u8>,
    /// In ascending order of id.
    people: Vec<Seat>,
    /// Of the same people in the same order.
    fronts: Vec<Front>,
    /// Of the same people in the same order.
    inputs: InputBuffers<G::Input>,
    /// In ascending order of id.
    bots: Vec<Bot>,
    next_player: u16,
    places: Arc<Places>,
    sink: Arc<dyn MatchSink>,
    stats: Arc<Stats>,
}

impl<G: Game> Roster<G> {
    pub(crate) fn new(
        match_id: MatchId,
        settings: MatchSettings,
        setup: Vec<u8>,
        places: Arc<Places>,
        sink: Arc<dyn MatchSink>,
        stats: Arc<Stats>,
    ) -> Self {
        Self {
            match_id,
            settings,
            setup,
            people: Vec::new(),
            fronts: Vec::new(),
            inputs: InputBuffers::new(),
            bots: Vec::new(),
            next_player: 0,
            places,
            sink,
            stats,
        }
    }

    /// Asks for what `next` needs of all people, once this has come itself.
    pub(crate) fn look_ahead(&self, next: Tick) {
        ask_for(self.fronts.as_slice());
        self.inputs.look_ahead(next);
    }

    pub(crate) fn people(&mut self) -> &mut [Seat] {
        &mut self.people
    }

    /// Where somebody who plays is in all lists of people.
    fn place_of(&self, player: PlayerId) -> Option<usize> {
        self.fronts
            .binary_search_by_key(&player, |front| front.player)
            .ok()
    }

    /// Takes a message in. Gives what became of its inputs, and whether an acknowledgement that was taken in now was no lie;
    /// `None` when nobody has the id.
    pub(crate) fn receive(
        &mut self,
        player: PlayerId,
        packet: &InputPacket<G::Input>,
        arrival: Arrival,
    ) -> Option<(Received, bool)> {
        let place = self.place_of(player)?;
        let front = &mut self.fronts[place];
        let earlier = front.hear(Heard::new(packet, arrival.next));
        let is_honest = earlier.is_none_or(|earlier| self.people[place].listen(earlier, front));
        Some((self.inputs.receive(place, packet, arrival), is_honest))
    }

    /// Exactly one input for each person in ascending order of id, where it comes from, and whether its sender claims to have seen an
    /// older picture than is believed.
    pub(crate) fn take_inputs(
        &mut self,
        tick: Tick,
    ) -> impl Iterator<Item = (PlayerId, Intent<G::Input>, Source, bool)> {
        let inputs = &mut self.inputs;
        self.fronts.iter().enumerate().map(move |(place, front)| {
            let (input, claimed, source) = inputs.take(place, tick);
            let view_age = claimed.min(front.view_age_max);
            let intent = Intent { input, view_age };
            (front.player, intent, source, claimed > view_age)
        })
    }

    /// Before snapshots are made: takes in what clients have said of the last ones. Gives how many acknowledgements were lies.
    pub(crate) fn listen(&mut self) -> u64 {
        let mut lies = 0;
        for (place, (seat, front)) in self.people.iter_mut().zip(&mut self.fronts).enumerate() {
            if let Some(heard) = front.take_heard() {
                lies += u64::from(!seat.listen(heard, front));
            }
            seat.note_slack(self.inputs.slack(place));
        }
        lies
    }

    /// Everybody in ascending order of id.
    pub(crate) fn entries(&self) -> Vec<RosterEntry> {
        let people = self
            .people
            .iter()
            .map(|seat| entry(seat.player, seat.entity, false, &seat.name));
        let bots = self
            .bots
            .iter()
            .map(|bot| entry(bot.player, bot.entity, true, &bot.name));
        let mut entries: Vec<RosterEntry> = people.chain(bots).collect();
        entries.sort_unstable_by_key(|entry| entry.player);
        entries
    }

    /// Lets a person in, instead of a bot if need be, and answers before anybody else is told. `player` is the id given
    /// last.
    pub(crate) fn join(
        &mut self,
        stage: &mut Stage<G>,
        player: PlayerId,
        request: JoinRequest,
        place: Place,
        tick: Tick,
        progress: Progress,
    ) {
        self.remove_bots(stage, self.people.len() + 1);
        let entity = stage.spawn(player, Control::Person);
        let name = request.name.as_str().to_owned();
        let joined = entry(player, entity, false, &name);
        let view = ClientView::new(request.mailbox, progress, tick, &self.settings);
        self.fronts.push(Front::new(player, &view));
        self.inputs.enter();
        self.people.push(Seat::new(player, entity, name, view, place));
        request
            .reply
            .grant(self.joined_seat(&stage.world, player, entity, tick));
        self.sink.notice(Notice::PlayerJoined(joined));
    }

    /// Sends the snapshots of somebody who plays already elsewhere. The client there starts anew: it has sent nothing
    /// and sees what happens from now on.
    pub(crate) fn resume(
        &mut self,
        world: &G::World,
        request: ResumeRequest,
        tick: Tick,
        progress: Progress,
    ) {
        let settings = self.settings;
        let Some(place) = self.place_of(request.player) else {
            request.reply.refuse(Refused::Ended);
            return;
        };
        let view = ClientView::new(request.mailbox, progress, tick, &settings);
        self.fronts[place] = Front::new(request.player, &view);
        self.inputs.restart(place);
        self.people[place].view = view;
        let entity = self.people[place].entity;
        let joined = self.joined_seat(world, request.player, entity, tick);
        request.reply.grant(joined);
    }

    /// Keeps a new setup for those to come and tells those who are there.
    pub(crate) fn change_setup(&mut self, setup: Vec<u8>) {
        self.setup.clone_from(&setup);
        self.sink.notice(Notice::Setup(setup));
    }

    /// What somebody who plays has to know: all that a viewer has, and who it is.
    fn joined_seat(&self, world: &G::World, player: PlayerId, entity: EntityId, tick: Tick) -> JoinedSeat {
        let WatchedMatch {
            match_id,
            tick,
            snapshot_interval_ticks,
            roster,
            setup,
            scores,
            replay: _,
        } = self.watched(world, tick);
        JoinedSeat {
            match_id,
            player,
            entity,
            tick,
            snapshot_interval_ticks,
            roster,
            setup,
            scores,
        }
    }

    /// What somebody who watches has to know.
    pub(crate) fn watched(&self, world: &G::World, tick: Tick) -> WatchedMatch {
        let mut scores = Vec::new();
        write_scores::<G>(world, &mut scores);
        WatchedMatch {
            match_id: self.match_id,
            tick,
            snapshot_interval_ticks: self.settings.snapshot_interval_ticks,
            roster: self.entries(),
            setup: self.setup.clone(),
            scores,
            replay: None,
        }
    }

    pub(crate) const fn settings(&self) -> &MatchSettings {
        &self.settings
    }

    /// Everybody whose client has dropped its end of the mailbox, in ascending order of id.
    pub(crate) fn leavers(&self) -> Vec<PlayerId> {
        let abandoned = self.people.iter().filter(|seat| seat.view.is_abandoned());
        abandoned.map(|seat| seat.player).collect()
    }

    /// Takes a person out.
    pub(crate) fn remove(&mut self, stage: &mut Stage<G>, player: PlayerId) {
        if let Some(place) = self.place_of(player) {
            self.people.remove(place);
            self.fronts.remove(place);
            self.inputs.leave(place);
        }
        stage.despawn(player);
        self.sink.notice(Notice::PlayerLeft(player));
    }

    /// Adds bots until there are enough players.
    pub(crate) fn fill(&mut self, stage: &mut Stage<G>) {
        while self.bots.len() < self.bots_wanted(self.people.len()) {
            let Some(player) = self.next_player_id() else {
                return;
            };
            self.add_bot(stage, player);
        }
    }

    fn bots_wanted(&self, people_count: usize) -> usize {
        self.settings.fill_to.saturating_sub(people_count)
    }

    fn add_bot(&mut self, stage: &mut Stage<G>, player: PlayerId) {
        let entity = stage.spawn(player, Control::Bot);
        let name_index = self.free_name_index();
        let name = G::bot_name(name_index);
        self.sink
            .notice(Notice::PlayerJoined(entry(player, entity, true, &name)));
        self.bots.push(Bot {
            player,
            entity,
            name_index,
            name,
        });
        self.stats.bots.rise();
    }

    /// Takes out the newest bots, which have the least to lose, until there are no more than wanted.
    fn remove_bots(&mut self, stage: &mut Stage<G>, people_count: usize) {
        while self.bots.len() > self.bots_wanted(people_count) {
            let bot = self.bots.pop().expect("more bots than wanted means at least one");
            self.stats.bots.fall();
            stage.despawn(bot.player);
            self.sink.notice(Notice::PlayerLeft(bot.player));
        }
    }

    fn free_name_index(&self) -> usize {
        (0..)
            .find(|&index| self.bots.iter().all(|bot| bot.name_index != index))
            .expect("the bots are fewer than the numbers")
    }

    /// A new id; `None` when they have run out.
    pub(crate) fn next_player_id(&mut self) -> Option<PlayerId> {
        let player = PlayerId(self.next_player);
        match self.next_player.checked_add(1) {
            Some(next) => {
                self.next_player = next;
                Some(player)
            }
            None => {
                self.places.close();
                None
            }
        }
    }
}

impl<G: Game> Drop for Roster<G> {
    fn drop(&mut self) {
        for _ in &self.bots {
            self.stats.bots.fall();
        }
    }
}

fn entry(player: PlayerId, entity: EntityId, bot: bool, name: &str) -> RosterEntry {
    RosterEntry {
        player,
        entity,
        bot,
        name: name.to_owned(),
    }
}
