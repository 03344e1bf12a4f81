//! Recordings that can be watched: the list of those in the directory of `--record-dir`, and those that are being shown.
//!
//! Each viewer has a recording of its own, as it alone says how that goes on. They are simulated on a thread of their own, so
//! that no match waits for one, and what they count is kept apart from what the matches count. Only a file that lies in the
//! directory itself, under a name of letters, digits and hyphens, is ever opened.
//!
//! A recording of a private match is in no list. Its name ends in a code that nobody can guess, and who knows the name may watch when
//! the match is over: whoever was in it once has no business in what goes on there now.

mod list;
pub(crate) mod name;

#[cfg(not(unix))]
use std::fs;
use std::fs::File;
#[cfg(unix)]
use std::fs::OpenOptions;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use bytes::Bytes;
use shared::message::{MatchEnd, Refusal, ReplayEntry};
use shared::tick::Tick;
use simulation::client::Client;
use simulation::handle::{MatchHandle, Started};
use simulation::mailbox::mailbox;
use simulation::notice::{MatchSink, Notice};
use simulation::rate::Rate;
use simulation::recording::read::ReadError;
use simulation::shard::Health;
use simulation::shards::Shards;
use simulation::stats::{Counter, Stats as SimulationStats};

use self::list::List;
use self::name::{Name, public_part};
use crate::games;
use crate::gateway::outbound::Outbound;
use crate::gateway::stats::Stats as GatewayStats;
use crate::seats::{Place, Seats, Token};

/// Ending of a whole recording.
pub(crate) const WHOLE: &str = "replay";

/// Ending of one that is being written.
pub(crate) const PART: &str = "part";

/// What is shown, and how much of it.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    pub(crate) directory: PathBuf,
    /// Recordings that are shown at once.
    pub(crate) open_max: usize,
    /// Bytes of one: it is held in memory while it is shown.
    pub(crate) file_bytes_max: u64,
    /// How much of it is sent.
    pub(crate) rate: Rate,
}

impl Limits {
    /// Where the recording of this name lies, if there is one.
    fn path(&self, name: &Name, ending: &str) -> PathBuf {
        self.directory.join(name.text()).with_extension(ending)
    }
}

/// What was asked for.
#[derive(Debug, Default)]
pub(crate) struct Stats {
    /// Recordings that somebody began to watch.
    pub(crate) opened: Counter,
    /// Wishes to watch one that were refused, for whatever reason.
    pub(crate) refused: Counter,
}

/// See the head of this file.
pub(crate) struct Replays {
    limits: Limits,
    shards: Shards,
    /// Of the matches in them, and their viewers.
    simulation: Arc<SimulationStats>,
    gateway: Arc<GatewayStats>,
    seats: Arc<Seats>,
    shown: Mutex<Shown>,
    list: Arc<tokio::sync::Mutex<List>>,
    stats: Stats,
}

/// What takes one of the places.
#[derive(Default)]
struct Shown {
    open: Vec<Arc<dyn MatchHandle>>,
    /// Those that are being read.
    opening: usize,
}

impl Replays {
    /// Starts the thread. Fails when the system gives none.
    pub(crate) fn start(
        limits: Limits,
        gateway: Arc<GatewayStats>,
        seats: Arc<Seats>,
    ) -> std::io::Result<Self> {
        let simulation: Arc<SimulationStats> = Arc::default();
        Ok(Self {
            shards: Shards::apart("replays", &simulation)?,
            list: Arc::new(tokio::sync::Mutex::new(List::new(limits.clone()))),
            limits,
            simulation,
            gateway,
            seats,
            shown: Mutex::default(),
            stats: Stats::default(),
        })
    }

    /// What can be watched, the newest first.
    pub(crate) async fn listed(&self) -> Vec<ReplayEntry> {
        // One reads at a time, and the others wait here, where they cost nothing.
        let mut list = Arc::clone(&self.list).lock_owned().await;
        let looked = tokio::task::spawn_blocking(move || list.entries(Instant::now()));
        looked.await.unwrap_or_default()
    }

    /// Gives a seat from which a recording can be seen, from a tick on.
    pub(crate) async fn watch(self: &Arc<Self>, name: &str, from: Tick) -> Result<Token, Refusal> {
        let given = self.open(name, from).await;
        let counter = if given.is_ok() {
            &self.stats.opened
        } else {
            &self.stats.refused
        };
        counter.add(1);
        given
    }

    /// Ends what is shown at this seat.
    pub(crate) fn give_up(&self, token: &Token) {
        self.seats.give_up(token);
    }

    async fn open(self: &Arc<Self>, name: &str, from: Tick) -> Result<Token, Refusal> {
        let name = Name::parse(name).ok_or(Refusal::ReplayUnknown)?;
        let opening = self.begin()?;
        let outbound = Outbound::start(Arc::clone(&self.gateway));
        let sink = Arc::clone(&outbound) as Arc<dyn MatchSink>;
        let this = Arc::clone(self);
        let read = tokio::task::spawn_blocking(move || {
            let bytes = read(&this.limits, &name)?;
            games::show_replay(bytes, from, sink, Arc::clone(&this.simulation), this.limits.rate).map_err(
                |error| {
                    tracing::debug!(name = public_part(name.text()), %error, "a recording cannot be shown");
                    refusal(&error)
                },
            )
        });
        let opened = read.await.unwrap_or(Err(Refusal::ReplayUnreadable));
        let Started { handle, running } = opened.inspect_err(|_| {
            // Nothing will come of it; the task that serves it ends.
            outbound.notice(Notice::Ended(MatchEnd::Closed));
        })?;
        // Before the first step: a recording without a viewer ends.
        let viewer = handle.reserve_viewer().ok_or(Refusal::Busy)?;
        let place = Place {
            handle: Arc::clone(&handle),
            outbound,
            client: Client::Viewer(viewer.id()),
            code: None,
            recording: None,
        };
        self.shards
            .add(running, Instant::now())
            .map_err(|_| Refusal::Busy)?;
        opening.end(handle);
        let (_, reader) = mailbox();
        self.seats
            .give(place, Some(viewer), reader, Instant::now())
            .map_err(|error| {
                tracing::error!(%error, "no random numbers for a seat");
                Refusal::Busy
            })
    }

    /// Takes one of the places.
    fn begin(self: &Arc<Self>) -> Result<Opening, Refusal> {
        let mut shown = self.shown();
        if shown.open.len() + shown.opening >= self.limits.open_max {
            return Err(Refusal::ReplaysFull);
        }
        // There is a place, and soon there will be time.
        if !self.shards.take_matches(Instant::now()) {
            return Err(Refusal::Busy);
        }
        shown.opening += 1;
        Ok(Opening(Arc::clone(self)))
    }

    /// Recordings that are shown now.
    pub(crate) fn open_count(&self) -> usize {
        let shown = self.shown();
        shown.open.len() + shown.opening
    }

    /// How the thread is on which they are simulated.
    pub(crate) fn health(&self, now: Instant) -> Health {
        self.shards.health(0, now)
    }

    /// What was asked for.
    pub(crate) const fn stats(&self) -> &Stats {
        &self.stats
    }

    /// What is counted while they are shown.
    pub(crate) fn simulation(&self) -> &SimulationStats {
        &self.simulation
    }

    /// Ends all of them.
    pub(crate) fn stop(&self) {
        self.shards.stop();
    }

    /// Without what is over or will be with its next step, as nobody has a place there; whoever looks tidies up.
    fn shown(&self) -> MutexGuard<'_, Shown> {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown
            .open
            .retain(|handle| !handle.is_over() && handle.viewers() > 0);
        shown
    }
}

/// A place that is taken while its recording is read; free again when that fails.
struct Opening(Arc<Replays>);

impl Opening {
    /// It is shown from now on.
    fn end(self, handle: Arc<dyn MatchHandle>) {
        self.0.shown().open.push(handle);
    }
}

impl Drop for Opening {
    fn drop(&mut self) {
        self.0.shown().opening -= 1;
    }
}

/// The bytes of a recording: a whole one, or one that is still being written, up to there, if it is not private.
fn read(limits: &Limits, name: &Name) -> Result<Bytes, Refusal> {
    let part = match read_file(limits, name, WHOLE) {
        Err(Refusal::ReplayUnknown) if !name.is_private() => read_file(limits, name, PART),
        whole => return whole.map(Bytes::from),
    };
    match part.map(games::cut_replay_here) {
        Ok(Ok(bytes)) => Ok(Bytes::from(bytes)),
        // Its match has just begun.
        Ok(Err(ReadError::CutOff)) => Err(Refusal::ReplayUnknown),
        Ok(Err(error)) => Err(refusal(&error)),
        // It may have become whole in this moment.
        Err(_) => read_file(limits, name, WHOLE).map(Bytes::from),
    }
}

fn read_file(limits: &Limits, name: &Name, ending: &str) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::new();
    let all = open(&limits.path(name, ending)).and_then(|file| {
        if !file.metadata()?.is_file() {
            return Err(ErrorKind::NotFound.into());
        }
        file.take(limits.file_bytes_max + 1).read_to_end(&mut bytes)
    });
    match all {
        Ok(_) if bytes.len() as u64 <= limits.file_bytes_max => Ok(bytes),
        Ok(_) => Err(Refusal::ReplayUnreadable),
        // There is none, or it was removed in this moment to make room, or this process may not read it.
        Err(_) => Err(Refusal::ReplayUnknown),
    }
}

/// Opens a file that lies where the path says: what a link points to may lie anywhere. Asked in one step, so that nobody can put
/// another thing there in between; and a pipe shall not wait for whoever writes into it.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;

    use rustix::fs::OFlags;

    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(path)
}

/// As above, in two steps.
#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    if fs::symlink_metadata(path)?.is_symlink() {
        return Err(ErrorKind::NotFound.into());
    }
    File::open(path)
}

const fn refusal(error: &ReadError) -> Refusal {
    match error {
        ReadError::OtherFormat(_) | ReadError::OtherGame { .. } | ReadError::OtherRules { .. } => {
            Refusal::ReplayOutdated
        }
        ReadError::Foreign | ReadError::CutOff | ReadError::Damaged | ReadError::Malformed(_) => {
            Refusal::ReplayUnreadable
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_link_to_elsewhere_is_no_recording_and_a_private_one_is_none_yet() {
        let directory = std::env::temp_dir().join(format!("tickroom-replays-{}", std::process::id()));
        fs::create_dir_all(&directory).expect("the temporary folder is writable");
        let limits = Limits {
            directory: directory.clone(),
            open_max: 1,
            file_bytes_max: 4,
            rate: Rate::default(),
        };
        let name = |text: &str| Name::parse(text).expect("it is one");
        fs::write(directory.join("a.replay"), b"1234").expect("it is writable");
        fs::write(directory.join("long.replay"), b"12345").expect("it is writable");
        fs::create_dir(directory.join("folder.replay")).expect("it is writable");
        fs::write(directory.join("1-private-1-BCDF.part"), b"1234").expect("it is writable");
        #[cfg(unix)]
        std::os::unix::fs::symlink(directory.join("a.replay"), directory.join("link.replay"))
            .expect("it is writable");
        assert_eq!(read(&limits, &name("a")), Ok(Bytes::from_static(b"1234")));
        assert_eq!(read(&limits, &name("long")), Err(Refusal::ReplayUnreadable));
        for other in ["link", "folder", "none", "1-private-1-BCDF"] {
            assert_eq!(
                read(&limits, &name(other)),
                Err(Refusal::ReplayUnknown),
                "{other}"
            );
        }
        fs::remove_dir_all(directory).expect("it was made above");
    }
}
