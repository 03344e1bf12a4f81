//! A match as everybody but its shard sees it: a handle without a type parameter, usable from any thread.
//!
//! Bytes become records here, on the caller's thread, so that the shard's thread sees only what decodes.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use shared::ids::{MatchId, PlayerId};
use shared::input::InputPacket;
use shared::limits::INPUT_BYTES_MAX;
use shared::look::LookPacket;
use shared::record::{DecodeError, Record};
use shared::steer::Steer;
use shared::tick::Tick;

use crate::client::ViewerId;
use crate::command::{Command, JoinRequest, MatchStatus, Refused, Reply, ResumeRequest, WatchRequest};
use crate::command_queue::{CommandSender, command_queue};
use crate::game::Game;
use crate::notice::MatchSink;
use crate::phase::Published;
use crate::places::{Places, ViewerPlace};
use crate::playback::Playback;
use crate::pulse::{Beat, Pulse};
use crate::rate::Rate;
use crate::recording::read::ReadError;
use crate::simulation::{MatchStart, RunningMatch, Simulation};
use crate::stats::Stats;

/// A way into one match. No function of it blocks.
pub trait MatchHandle: Send + Sync {
    /// The match.
    fn id(&self) -> MatchId;

    /// Decodes one `input` event and queues it. `player` is trusted: the caller knows whose client this is. A client whose
    /// inputs come `None` knows when is told its slack in whole ticks, as if they came at the last moment of one.
    fn submit(&self, player: PlayerId, bytes: &[u8], arrived: Option<Instant>) -> Result<(), SubmitError>;

    /// Asks for a place. The answer comes through the reply, in every case and once. The place of somebody who has left is free from
    /// the next tick with a snapshot on.
    fn join(&self, request: JoinRequest);

    /// Asks to send the snapshots of a player elsewhere. The answer comes through the reply, in every case and once; it
    /// is never [`Refused::Full`].
    fn resume(&self, request: ResumeRequest);

    /// A place to watch from, when there is one. It is free again when that is dropped.
    fn reserve_viewer(&self) -> Option<ViewerPlace>;

    /// Asks for the snapshots of a viewer, who has a place. The answer comes through the reply, in every case and once.
    fn watch(&self, request: WatchRequest);

    /// Decodes one `look` event and queues it. `viewer` is trusted.
    fn look(&self, viewer: ViewerId, bytes: &[u8]) -> Result<(), SubmitError>;

    /// Decodes one `steer` event and queues it: the recording goes on as it says, and the snapshots from there on go to the new
    /// mailbox. The answer comes when that moment is reached; one that newer events have made void is [`Refused::Ended`]. A match
    /// that is no recording takes none.
    fn steer(&self, request: WatchRequest, bytes: &[u8]) -> Result<(), SubmitError>;

    /// Asks what the match looks like. The answer comes through the reply, in every case and once; it is never
    /// [`Refused::Full`].
    fn inspect(&self, reply: Reply<MatchStatus>);

    /// People in the match, and those whose join is on its way.
    fn people(&self) -> usize;

    /// Those who watch, and those who may and have not come yet.
    fn viewers(&self) -> usize;

    /// Places for people, taken or not.
    fn places(&self) -> usize;

    /// `Game::phase` as of the last tick that was due for a snapshot.
    fn phase(&self) -> &'static str;

    /// How well it keeps its time.
    fn beat(&self) -> Beat;

    /// `Game::map_name` of the setup in force.
    fn map(&self) -> Arc<str>;

    /// True when a join would find a place now. Another thread may take it first.
    fn has_place(&self) -> bool;

    /// True when the match has ended, for whatever reason.
    fn is_over(&self) -> bool;
}

/// Why an input does not reach the match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// The bytes are wrong. The fault of the client: close it.
    #[error("the input is malformed: {0}")]
    Decode(#[from] DecodeError),
    /// The queue of the match is full and the input is dropped; the match repeats the last one.
    #[error("the match has too many commands waiting")]
    Full,
    /// The match is over.
    #[error("the match is over")]
    Ended,
}

/// A new match: the handle for everybody, and the match itself for a shard.
pub struct Started {
    /// For whoever brings players.
    pub handle: Arc<dyn MatchHandle>,
    /// For `shard::Shard::add`, or to be stepped by hand.
    pub running: Box<dyn RunningMatch>,
}

/// Builds a match of the game `G`. Bots appear with its first tick.
pub fn start<G: Game>(start: MatchStart<G>) -> Started {
    let (commands, receiver) = command_queue(Arc::clone(&start.stats));
    let places = Arc::new(Places::new(
        start.settings.players_max,
        start.settings.viewers_max,
        Arc::clone(&start.stats),
    ));
    let (id, stats) = (start.id, Arc::clone(&start.stats));
    let running = Simulation::<G>::new(start, receiver, Arc::clone(&places));
    let handle = Handle {
        id,
        commands,
        places,
        published: running.published(),
        pulse: running.pulse(),
        stats,
        is_recording: false,
    };
    Started {
        handle: Arc::new(handle),
        running: Box::new(running),
    }
}

/// Opens a recording of the game `G` for one viewer, who sees it from the tick `from` on. Reads all of it, which may take some
/// milliseconds for each megabyte.
pub fn replay<G: Game>(
    bytes: Bytes,
    from: Tick,
    sink: Arc<dyn MatchSink>,
    stats: Arc<Stats>,
    rate: Rate,
) -> Result<Started, ReadError> {
    let (commands, receiver) = command_queue(Arc::clone(&stats));
    let places = Arc::new(Places::new(0, 1, Arc::clone(&stats)));
    let running = Playback::<G>::open(
        bytes,
        from,
        receiver,
        Arc::clone(&places),
        sink,
        Arc::clone(&stats),
        rate,
    )?;
    let handle = Handle {
        id: running.id(),
        commands,
        places,
        published: running.published(),
        pulse: running.pulse(),
        stats,
        is_recording: true,
    };
    Ok(Started {
        handle: Arc::new(handle),
        running: Box::new(running),
    })
}

/// The handle of a match whose players send inputs of type `I`.
struct Handle<I> {
    id: MatchId,
    commands: CommandSender<I>,
    places: Arc<Places>,
    published: Arc<Published>,
    pulse: Arc<Pulse>,
    stats: Arc<Stats>,
    /// The match comes from a recording, which can be steered.
    is_recording: bool,
}

impl<I: Record> Handle<I> {
    /// For what a client says again and again.
    fn queue_or_tell(&self, command: Command<I>) -> Result<(), SubmitError> {
        match self.commands.send(command) {
            Err((_, Refused::Ended)) => Err(SubmitError::Ended),
            Err(_) => Err(SubmitError::Full),
            Ok(()) => Ok(()),
        }
    }

    /// For requests: whoever asked is told.
    fn queue_or_refuse(&self, command: Command<I>) {
        match self.commands.send(command) {
            Err((Command::Join { request, .. }, why)) => request.reply.refuse(why),
            Err((Command::Resume { request }, why)) => request.reply.refuse(why),
            Err((Command::Watch { request }, why)) => request.reply.refuse(why),
            Err((Command::Inspect { reply }, why)) => reply.refuse(why),
            Ok(()) | Err((Command::Input { .. } | Command::Look { .. } | Command::Steer { .. }, _)) => {}
        }
    }
}

impl<I: Record> MatchHandle for Handle<I> {
    fn id(&self) -> MatchId {
        self.id
    }

    fn submit(&self, player: PlayerId, bytes: &[u8], arrived: Option<Instant>) -> Result<(), SubmitError> {
        let packet = decode(bytes).inspect_err(|_| self.stats.messages_malformed.add(1))?;
        let command = Command::Input {
            player,
            packet,
            early_quarters: arrived.map_or(0, |arrived| self.commands.quarters_early(arrived)),
        };
        self.queue_or_tell(command)
    }

    fn join(&self, request: JoinRequest) {
        if self.is_over() {
            request.reply.refuse(Refused::Ended);
            return;
        }
        match self.places.reserve() {
            Some(place) => self.queue_or_refuse(Command::Join { request, place }),
            None => request.reply.refuse(Refused::Full),
        }
    }

    fn resume(&self, request: ResumeRequest) {
        self.queue_or_refuse(Command::Resume { request });
    }

    fn reserve_viewer(&self) -> Option<ViewerPlace> {
        self.places.reserve_viewer()
    }

    fn watch(&self, request: WatchRequest) {
        self.queue_or_refuse(Command::Watch { request });
    }

    fn look(&self, viewer: ViewerId, bytes: &[u8]) -> Result<(), SubmitError> {
        let packet = LookPacket::decode(bytes).inspect_err(|_| self.stats.messages_malformed.add(1))?;
        self.queue_or_tell(Command::Look { viewer, packet })
    }

    fn steer(&self, request: WatchRequest, bytes: &[u8]) -> Result<(), SubmitError> {
        let steer = if self.is_recording {
            Steer::decode(bytes)
        } else {
            Err(DecodeError::Malformed)
        };
        let steer = steer.inspect_err(|_| self.stats.messages_malformed.add(1))?;
        match self.commands.send(Command::Steer { request, steer }) {
            Ok(()) => Ok(()),
            Err((command, why)) => {
                if let Command::Steer { request, .. } = command {
                    request.reply.refuse(why);
                }
                Err(if why == Refused::Ended {
                    SubmitError::Ended
                } else {
                    SubmitError::Full
                })
            }
        }
    }

    fn inspect(&self, reply: Reply<MatchStatus>) {
        self.queue_or_refuse(Command::Inspect { reply });
    }

    fn people(&self) -> usize {
        self.places.taken()
    }

    fn viewers(&self) -> usize {
        self.places.viewers()
    }

    fn places(&self) -> usize {
        self.places.max()
    }

    fn phase(&self) -> &'static str {
        self.published.phase()
    }

    fn map(&self) -> Arc<str> {
        self.published.map()
    }

    fn beat(&self) -> Beat {
        self.pulse.beat()
    }

    fn has_place(&self) -> bool {
        self.places.has_place()
    }

    fn is_over(&self) -> bool {
        self.places.is_over()
    }
}

fn decode<I: Record>(bytes: &[u8]) -> Result<InputPacket<I>, DecodeError> {
    if bytes.len() > INPUT_BYTES_MAX {
        return Err(DecodeError::TooMany {
            what: "input bytes",
            found: bytes.len(),
            max: INPUT_BYTES_MAX,
        });
    }
    InputPacket::decode(bytes)
}
