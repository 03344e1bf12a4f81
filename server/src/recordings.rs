//! Recordings of matches on the disk: one file each, in a directory of their own.
//!
//! A shard must not wait for a disk. It hands its pieces to the thread that writes them; what waits for that thread is bounded
//! in bytes, and a recording that finds no room is given up. While a match runs its file has the ending `part`; it gets its
//! name when it is whole, so that nobody takes half a recording for a whole one. The directory is bounded in files and bytes: the
//! oldest recordings go to make room.

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

use anyhow::Context;
use shared::ids::MatchId;
use simulation::recording::sink::{Lost, Recording, RecordingSink};
use simulation::stats::Counter;

use crate::codes::fresh_code;
use crate::replays::name::{PRIVATE, age_key, public_part};
use crate::replays::{PART, WHOLE};
use crate::told_name::ToldName;

/// Memory of what may wait for the disk: seven seconds or more of a thousand busy matches, each of which hands over 1.4 kB a second. More rides
/// out a longer stall of the disk.
const WAITING_BYTES_MAX: usize = 16 * 1024 * 1024;

/// What a piece takes beside its bytes: its place in the queue and what the allocator adds. Quiet matches hand over some bytes
/// each, so that this is most of it.
const PIECE_BYTES: usize = 128;

/// Where recordings go, and how many of them stay.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    /// Made when it is missing.
    pub(crate) directory: PathBuf,
    /// Whole recordings that stay.
    pub(crate) files_max: usize,
    /// Their bytes.
    pub(crate) bytes_max: u64,
    /// Bytes of one.
    pub(crate) file_bytes_max: u64,
}

/// What became of recordings on the disk.
#[derive(Debug, Default)]
pub(crate) struct Stats {
    /// Whole files.
    pub(crate) written: Counter,
    /// Given up because the disk failed.
    pub(crate) failed: Counter,
    /// Removed to make room for newer ones.
    pub(crate) removed: Counter,
}

/// The thread that writes. Dropping it lets it write what it has and waits for that.
pub(crate) struct Recordings {
    items: Sender<Item>,
    waiting_bytes: Arc<AtomicUsize>,
    file_bytes_max: u64,
    /// Makes names that no earlier process has given.
    started: Duration,
    next: AtomicU64,
    stopping: Arc<AtomicBool>,
    thread: Mutex<Option<JoinHandle<()>>>,
    stats: Arc<Stats>,
}

/// A recording that begins.
pub(crate) struct Opened {
    /// With it the recording is watched, also while it is written.
    pub(crate) name: Arc<ToldName>,
    pub(crate) recording: Recording,
}

/// Names a recording while it is written.
type FileId = u64;

/// What the thread is told. Only pieces are many and large, and their bytes are bounded.
enum Item {
    Piece(FileId, Arc<ToldName>, Vec<u8>),
    Whole(FileId),
    GivenUp(FileId),
    Stop,
}

impl Recordings {
    /// Starts the thread, and clears away what a process that died has left unfinished.
    pub(crate) fn start(limits: Limits) -> anyhow::Result<Self> {
        let directory = &limits.directory;
        let unusable = || format!("--record-dir {} cannot be used", directory.display());
        fs::create_dir_all(directory).with_context(unusable)?;
        let mut kept = Kept::default();
        for entry in fs::read_dir(directory).with_context(unusable)? {
            let entry = entry.with_context(unusable)?;
            let path = entry.path();
            match path.extension().and_then(|ending| ending.to_str()) {
                Some(PART) => fs::remove_file(&path).with_context(unusable)?,
                Some(WHOLE) => kept.files.push_back((path, entry.metadata()?.len())),
                _ => {}
            }
        }
        kept.files
            .make_contiguous()
            .sort_unstable_by(|(a, _), (b, _)| age_key(&stem(a)).cmp(&age_key(&stem(b))));
        let stats: Arc<Stats> = Arc::default();
        let (items, received) = channel();
        let waiting_bytes: Arc<AtomicUsize> = Arc::default();
        let file_bytes_max = limits.file_bytes_max;
        let stopping: Arc<AtomicBool> = Arc::default();
        let writer = Writer {
            stopping: Arc::clone(&stopping),
            limits,
            kept,
            open: HashMap::new(),
            waiting_bytes: Arc::clone(&waiting_bytes),
            stats: Arc::clone(&stats),
        };
        let thread = std::thread::Builder::new()
            .name("recordings".to_owned())
            .spawn(move || writer.run(received))?;
        let started = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        Ok(Self {
            items,
            waiting_bytes,
            file_bytes_max,
            started,
            next: AtomicU64::new(0),
            stopping,
            thread: Mutex::new(Some(thread)),
            stats,
        })
    }

    /// For a match that starts. That of a private one has a name that nobody can guess, since who knows it may watch.
    /// The secret is not the code with which others join: who played knows that, and it is shown to them. Fails without random
    /// numbers.
    pub(crate) fn open(&self, id: MatchId, is_private: bool) -> std::io::Result<Opened> {
        let file = self.next.fetch_add(1, Ordering::Relaxed);
        let started = self.started.as_millis();
        let name = if is_private {
            format!("{started}-{PRIVATE}-{id}-{}", fresh_code()?.as_str())
        } else {
            format!("{started}-match-{id}")
        };
        let name = Arc::new(ToldName::new(name));
        Ok(Opened {
            name: Arc::clone(&name),
            recording: Recording {
                sink: Box::new(Sink {
                    file,
                    name,
                    is_whole: false,
                    items: self.items.clone(),
                    waiting_bytes: Arc::clone(&self.waiting_bytes),
                }),
                bytes_max: self.file_bytes_max,
            },
        })
    }

    /// What became of them.
    pub(crate) fn stats(&self) -> &Stats {
        &self.stats
    }

    /// Writes what has come so far and ends. Later recordings are given up.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // An error says that the thread is gone already; joining tells why.
            let _ = self.items.send(Item::Stop);
            if thread.join().is_err() {
                tracing::error!("the thread that writes recordings panicked");
            }
        }
    }
}

impl Drop for Recordings {
    fn drop(&mut self) {
        self.stop();
    }
}

/// One recording, on the shard's side.
struct Sink {
    file: FileId,
    name: Arc<ToldName>,
    is_whole: bool,
    items: Sender<Item>,
    waiting_bytes: Arc<AtomicUsize>,
}

impl RecordingSink for Sink {
    fn write(&mut self, bytes: Vec<u8>) -> Result<(), Lost> {
        let taken = memory_of(&bytes);
        if self.waiting_bytes.fetch_add(taken, Ordering::Relaxed) + taken > WAITING_BYTES_MAX {
            self.waiting_bytes.fetch_sub(taken, Ordering::Relaxed);
            return Err(Lost);
        }
        self.items
            .send(Item::Piece(self.file, Arc::clone(&self.name), bytes))
            .map_err(|_| Lost)
    }

    fn finish(mut self: Box<Self>) {
        self.is_whole = true;
    }
}

/// What a piece takes while it waits.
const fn memory_of(piece: &Vec<u8>) -> usize {
    PIECE_BYTES + piece.capacity()
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.name.close();
        let item = if self.is_whole { Item::Whole } else { Item::GivenUp };
        // Without the thread nothing is to be done.
        let _ = self.items.send(item(self.file));
    }
}

/// Whole recordings, the oldest first.
#[derive(Default)]
struct Kept {
    files: VecDeque<(PathBuf, u64)>,
}

impl Kept {
    fn bytes(&self) -> u64 {
        self.files.iter().map(|(_, bytes)| bytes).sum()
    }
}

/// A file that is being written.
struct Part {
    file: File,
    path: PathBuf,
    bytes: u64,
}

/// What lives on the thread.
struct Writer {
    limits: Limits,
    kept: Kept,
    /// `None` for one that failed: what still comes of it is dropped.
    open: HashMap<FileId, Option<Part>>,
    waiting_bytes: Arc<AtomicUsize>,
    /// Set when the process ends. All matches end then and it has seconds at most, so the system may write when it likes.
    stopping: Arc<AtomicBool>,
    stats: Arc<Stats>,
}

impl Writer {
    fn run(mut self, items: Receiver<Item>) {
        while let Ok(item) = items.recv() {
            match item {
                Item::Piece(file, name, bytes) => {
                    self.waiting_bytes.fetch_sub(memory_of(&bytes), Ordering::Relaxed);
                    self.write(file, &name, &bytes);
                }
                Item::Whole(file) => self.finish(file),
                Item::GivenUp(file) => self.give_up(file),
                Item::Stop => break,
            }
        }
        for part in self.open.into_values().flatten() {
            // It is of no use, and the next start clears it away if this fails.
            let _ = fs::remove_file(part.path);
        }
    }

    fn write(&mut self, file: FileId, name: &ToldName, bytes: &[u8]) {
        let directory = &self.limits.directory;
        let part = self
            .open
            .entry(file)
            .or_insert_with(|| Part::create(directory, name.text()).map_err(log).ok());
        match part.as_mut().map(|part| part.append(bytes)) {
            Some(Ok(())) => {}
            Some(Err(error)) => {
                log(error);
                name.close();
                self.give_up(file);
                self.open.insert(file, None);
            }
            None => name.close(),
        }
    }

    fn finish(&mut self, file: FileId) {
        let on_disk = !self.stopping.load(Ordering::Relaxed);
        let part = self.open.remove(&file).flatten();
        match part.map(|part| part.publish(on_disk)) {
            Some(Ok(published)) => {
                self.kept.files.push_back(published);
                self.stats.written.add(1);
                self.make_room();
            }
            Some(Err(error)) => {
                log(error);
                self.stats.failed.add(1);
            }
            None => self.stats.failed.add(1),
        }
    }

    fn give_up(&mut self, file: FileId) {
        if let Some(part) = self.open.remove(&file).flatten() {
            // The next start clears it away if this fails.
            let _ = fs::remove_file(part.path);
        }
    }

    /// Removes the oldest until the bounds hold; the newest stays in any case.
    fn make_room(&mut self) {
        while self.kept.files.len() > 1
            && (self.kept.files.len() > self.limits.files_max || self.kept.bytes() > self.limits.bytes_max)
        {
            let Some((path, _)) = self.kept.files.pop_front() else {
                return;
            };
            match fs::remove_file(&path) {
                Ok(()) => self.stats.removed.add(1),
                // Somebody else may have removed it.
                Err(error) => {
                    tracing::debug!(name = shown(&path), %error, "an old recording is not removed")
                }
            }
        }
    }
}

fn stem(path: &Path) -> Cow<'_, str> {
    path.file_stem().unwrap_or_default().to_string_lossy()
}

/// For a log.
fn shown(path: &Path) -> String {
    public_part(&stem(path)).to_owned()
}

fn log(error: anyhow::Error) {
    tracing::warn!(error = format!("{error:#}"), "a recording is lost");
}

impl Part {
    fn create(directory: &Path, name: &str) -> anyhow::Result<Self> {
        let path = directory.join(name).with_extension(PART);
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&path)
            .with_context(|| format!("cannot make {}", shown(&path)))?;
        Ok(Self { file, path, bytes: 0 })
    }

    fn append(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        self.bytes += bytes.len() as u64;
        self.file
            .write_all(bytes)
            .with_context(|| format!("cannot write {}", shown(&self.path)))
    }

    /// Gives the file its name. With `on_disk` first all of it is on the disk, so that it is whole even if the power fails.
    fn publish(self, on_disk: bool) -> anyhow::Result<(PathBuf, u64)> {
        let path = self.path.with_extension(WHOLE);
        let written = if on_disk { self.file.sync_all() } else { Ok(()) };
        written
            .and_then(|()| fs::rename(&self.path, &path))
            .with_context(|| format!("cannot finish {}", shown(&path)))?;
        Ok((path, self.bytes))
    }
}

#[cfg(test)]
mod tests;
