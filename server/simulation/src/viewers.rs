//! Those who watch a match without a body in it: a mailbox and a camera each.
//!
//! They are kept apart from the roster because nothing of them may reach the world: a match has the same hashes, and the
//! same recording, whoever watches. A camera follows an entity, and its viewer is told what the player there is told, but
//! for what only that player may know; or it stands at a place, and its interest is the view around that.

use shared::ids::EntityId;
use shared::look::{Look, LookPacket};
use shared::snapshot::SLACK_UNKNOWN;
use shared::tick::Tick;

use crate::client::ViewerId;
use crate::mailbox::MailboxWriter;
use crate::seat::{ClientView, Progress, Recipient};
use crate::settings::MatchSettings;

/// One who watches.
#[derive(Debug)]
pub(crate) struct Viewer {
    pub(crate) id: ViewerId,
    /// The entity that the camera follows; `None` while it stands at a place.
    follows: Option<EntityId>,
    pub(crate) view: ClientView,
}

impl Viewer {
    /// As the one that a snapshot is made for.
    pub(crate) const fn recipient(&mut self) -> Recipient<'_> {
        Recipient {
            own: None,
            eyes: self.follows,
            slack: SLACK_UNKNOWN,
            view: &mut self.view,
        }
    }

    fn look(&mut self, look: Look) {
        match look {
            // Nobody to follow: the camera stays where it is.
            Look::Follow(EntityId::NONE) => self.follows = None,
            Look::Follow(entity) => self.follows = Some(entity),
            Look::Place { x, y } => {
                self.follows = None;
                self.view.place = (x.into(), y.into());
            }
        }
    }
}

/// All of one match. Their number is bounded by the places for viewers, of which the caller has one for each id.
#[derive(Debug, Default)]
pub(crate) struct Viewers(Vec<Viewer>);

impl Viewers {
    /// Lets one in that comes at `now`, in place of the one with the same id. Its camera follows `first`.
    pub(crate) fn admit(
        &mut self,
        id: ViewerId,
        first: Option<EntityId>,
        mailbox: MailboxWriter,
        progress: Progress,
        now: Tick,
        settings: &MatchSettings,
    ) {
        self.0.retain(|viewer| viewer.id != id);
        self.0.push(Viewer {
            id,
            follows: first,
            view: ClientView::new(mailbox, progress, now, settings),
        });
    }

    /// Takes in what one says; `None` when nobody has the id, otherwise whether its acknowledgement is no lie. `next` is
    /// the tick that will be simulated next.
    pub(crate) fn receive(&mut self, id: ViewerId, packet: &LookPacket, next: Tick) -> Option<bool> {
        let viewer = self.0.iter_mut().find(|viewer| viewer.id == id)?;
        viewer.look(packet.look);
        Some(
            viewer
                .view
                .listen(packet.acked, packet.hidden, packet.resync, next),
        )
    }

    /// Forgets those whose client has dropped its end of the mailbox.
    pub(crate) fn remove_leavers(&mut self) {
        self.0.retain(|viewer| !viewer.view.is_abandoned());
    }

    pub(crate) fn all(&mut self) -> &mut [Viewer] {
        &mut self.0
    }

    pub(crate) const fn count(&self) -> usize {
        self.0.len()
    }
}
