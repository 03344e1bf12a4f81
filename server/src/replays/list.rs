//! The list of recordings. A recording never changes, so what is in one is read once; it has to be read as a whole, as only
//! that tells its length.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use shared::limits::{MAP_NAME_BYTES_MAX, REPLAYS_LISTED_MAX};
use shared::message::ReplayEntry;

use super::name::{Name, age_key};
use super::{Limits, WHOLE, read};
use crate::games::{self, Described};
use crate::matches::bounded;

/// How long a list is as good as a new one: whoever asks in the meantime costs nothing.
const FRESH: Duration = Duration::from_secs(1);

/// What is known of the directory.
pub(super) struct List {
    limits: Limits,
    /// Of those that would be listed; `None` for what cannot be shown.
    known: HashMap<Name, Option<ReplayEntry>>,
    entries: Vec<ReplayEntry>,
    looked: Option<Instant>,
}

impl List {
    /// Nothing is known yet.
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            known: HashMap::new(),
            entries: Vec::new(),
            looked: None,
        }
    }

    /// The newest recordings that can be shown. Reads those that are new, so it may take a while.
    pub(super) fn entries(&mut self, now: Instant) -> Vec<ReplayEntry> {
        let is_fresh = |looked| now.saturating_duration_since(looked) < FRESH;
        if !self.looked.is_some_and(is_fresh) {
            self.look();
            self.looked = Some(now);
        }
        self.entries.clone()
    }

    fn look(&mut self) {
        let newest = newest(&self.limits.directory);
        self.known.retain(|name, _| newest.contains(name));
        for name in &newest {
            if !self.known.contains_key(name) {
                self.known.insert(name.clone(), entry(&self.limits, name));
            }
        }
        let known = |name| self.known.get(name).cloned().flatten();
        self.entries = newest.iter().filter_map(known).collect();
    }
}

fn newest(directory: &Path) -> Vec<Name> {
    let mut names: Vec<Name> = fs::read_dir(directory)
        .into_iter()
        .flatten()
        .filter_map(|entry| listed_name(&entry.ok()?.path()))
        .collect();
    names.sort_unstable_by(|a, b| age_key(b.text()).cmp(&age_key(a.text())));
    names.truncate(REPLAYS_LISTED_MAX);
    names
}

fn listed_name(path: &Path) -> Option<Name> {
    if path.extension()? != WHOLE {
        return None;
    }
    Name::parse(path.file_stem()?.to_str()?).filter(|name| !name.is_private())
}

/// What the list says of one; `None` when it cannot be shown.
fn entry(limits: &Limits, name: &Name) -> Option<ReplayEntry> {
    let bytes = read(limits, name).ok()?;
    let Described {
        mode,
        map,
        recorded: (header, summary),
    } = games::describe_replay(&bytes).ok()?;
    Some(ReplayEntry {
        name: name.text().to_owned(),
        mode: mode.to_owned(),
        map: bounded(&map, MAP_NAME_BYTES_MAX).to_owned(),
        people: u16::try_from(summary.joins).unwrap_or(u16::MAX),
        filled_to: u16::try_from(header.settings.fill_to).unwrap_or(u16::MAX),
        ticks: summary.end_tick.0,
        written_s: written_s(limits, name),
    })
}

/// Seconds since 1970; 0 when the file system does not know.
fn written_s(limits: &Limits, name: &Name) -> u32 {
    fs::metadata(limits.path(name, WHOLE))
        .and_then(|metadata| metadata.modified())
        .ok()
        .and_then(|modified| modified.duration_since(SystemTime::UNIX_EPOCH).ok())
        .map_or(0, |since| u32::try_from(since.as_secs()).unwrap_or(u32::MAX))
}
