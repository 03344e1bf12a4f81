//! What every bench of a match needs: somebody to tell, settings without bots and bounds, and people who take seats.

use std::sync::mpsc::{Receiver, channel};

use shared::ids::PlayerId;
use shared::name::PlayerName;
use simulation::command::{JoinRequest, JoinedSeat, Refused, Reply};
use simulation::handle::Started;
use simulation::mailbox::{MailboxReader, mailbox};
use simulation::notice::{MatchSink, Notice};
use simulation::settings::MatchSettings;

/// Hears nothing.
pub(crate) struct Nobody;

impl MatchSink for Nobody {
    fn snapshots_ready(&self) {}

    fn notice(&self, _: Notice) {}
}

/// A match of so many players that never ends, with snapshots as long as they get.
pub(crate) fn endless(players_max: usize) -> MatchSettings {
    MatchSettings {
        players_max,
        fill_to: 0,
        empty_ticks_max: u32::MAX,
        snapshot_bytes_per_s: 0,
        ..MatchSettings::default()
    }
}

/// Asks for a seat; the answer comes with the next tick.
pub(crate) fn ask_to_join(started: &Started) -> (Receiver<PlayerId>, MailboxReader) {
    let (writer, reader) = mailbox();
    let (sender, receiver) = channel();
    started.handle.join(JoinRequest {
        name: PlayerName::parse("Ada").expect("Ada is a name"),
        mailbox: writer,
        reply: Reply::new(move |seat: Result<JoinedSeat, Refused>| {
            let seat = seat.expect("there is a place");
            sender.send(seat.player).expect("the bench waits");
        }),
    });
    (receiver, reader)
}
