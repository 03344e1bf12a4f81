use shared::ids::EntityId;
use shared::look::{Look, LookPacket};
use shared::replica::Replica;
use simulation::command::{Reply, WatchRequest};
use simulation::mailbox::{MailboxReader, mailbox};
use simulation::places::ViewerPlace;

use crate::interest::Interest;
use crate::plain::{Age, Config, Happened, Spot};
use crate::stage::{SETTINGS, Stage};

struct Viewer {
    place: ViewerPlace,
    mailbox: MailboxReader,
    replica: Replica<(), Age, Spot, Happened>,
    interest: Interest,
}

impl Viewer {
    fn new(stage: &Stage) -> Self {
        let place = stage.handle().reserve_viewer().expect("there is a place");
        let (writer, mailbox) = mailbox();
        stage.handle().watch(WatchRequest {
            viewer: place.id(),
            mailbox: writer,
            reply: Reply::new(drop),
        });
        Self {
            place,
            mailbox,
            replica: Replica::new(),
            interest: Interest::new(SETTINGS.see_all_max),
        }
    }

    fn look(&self, stage: &Stage, look: Look) {
        let packet = LookPacket {
            acked: self.replica.tick(),
            look,
            hidden: false,
            resync: false,
        };
        let mut bytes = Vec::new();
        packet.encode(&mut bytes);
        assert_eq!(stage.handle().look(self.place.id(), &bytes), Ok(()));
    }

    /// Takes a snapshot, if there is one, and compares it with all that can be seen from where the viewer is.
    fn take(&mut self, stage: &Stage, eyes: impl Fn(&Stage) -> Spot) -> bool {
        let Some(bytes) = self.mailbox.take() else {
            return false;
        };
        let is_keyframe = self.replica.latest().is_none();
        let seen = self.replica.apply(&bytes).expect("it fits to the last one");
        let entity_count = stage.truth_in(stage.tick, |_| true).len();
        self.interest.look(eyes(stage), is_keyframe, entity_count);
        let truth = stage.truth_in(stage.tick, |cell| self.interest.contains_truth(cell));
        assert_eq!((&seen.entities, &seen.own), (&truth, &None));
        assert!(seen.entities.len() < entity_count, "the match is divided");
        true
    }

    /// Watches for a while; gives how many snapshots came.
    fn watch(&mut self, stage: &mut Stage, look: Look, eyes: impl Fn(&Stage) -> Spot) -> usize {
        let mut snapshots = 0;
        for _ in 0..120 {
            self.look(stage, look);
            stage.step(&mut []);
            snapshots += usize::from(self.take(stage, &eyes));
        }
        snapshots
    }
}

#[test]
fn a_viewer_sees_with_the_eyes_of_whom_it_follows_or_from_a_place_of_its_own() {
    let mut stage = Stage::new(Config {
        wanderers: 100,
        ..Config::default()
    });
    stage.step(&mut []);
    let mut viewer = Viewer::new(&stage);
    let [first, last] = [0, 99].map(|index| stage.truth_in(stage.tick, |_| true)[index].0);
    for entity in [first, last] {
        let follow = Look::Follow(entity);
        assert_eq!(viewer.watch(&mut stage, follow, |stage| stage.spot(entity)), 40);
    }
    for (x, y) in [(0, 0), (1500, 900), (3199, 300), (0, 3199)] {
        let spot = Spot {
            x: x as u16,
            y: y as u16,
            mark: 0,
        };
        assert_eq!(viewer.watch(&mut stage, Look::Place { x, y }, |_| spot), 40);
    }
    for (x, y) in [(i16::MAX, i16::MIN), (i16::MIN, i16::MAX)] {
        viewer.look(&stage, Look::Place { x, y });
        stage.step(&mut []);
        if let Some(bytes) = viewer.mailbox.take() {
            viewer
                .replica
                .apply(&bytes)
                .expect("a place beyond the plain is one at its edge");
        }
    }
    let stays = stage.truth_in(stage.tick, |_| true)[0].1;
    let place = Look::Place {
        x: stays.x as i16,
        y: stays.y as i16,
    };
    viewer.watch(&mut stage, place, |_| stays);
    let nobody = Look::Follow(EntityId::NONE);
    assert_eq!(
        viewer.watch(&mut stage, nobody, |_| stays),
        40,
        "the camera stays"
    );
}
