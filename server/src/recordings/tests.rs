//! What stays on the disk, and what does not.

use super::*;

/// A directory that is gone when dropped.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("tickroom-recordings-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).expect("the temporary folder is writable");
        Self(path)
    }

    fn limits(&self, files_max: usize, bytes_max: u64) -> Limits {
        Limits {
            directory: self.0.clone(),
            files_max,
            bytes_max,
            file_bytes_max: 1000,
        }
    }

    /// What is in each file, in the order of their names.
    fn contents(&self) -> Vec<(String, Vec<u8>)> {
        let mut files: Vec<_> = fs::read_dir(&self.0)
            .expect("it is there")
            .map(|entry| entry.expect("it can be read").path())
            .map(|path| {
                let name = path
                    .file_name()
                    .expect("it has a name")
                    .to_string_lossy()
                    .into_owned();
                (name, fs::read(path).expect("it can be read"))
            })
            .collect();
        files.sort();
        files
    }

    fn whole(&self) -> Vec<Vec<u8>> {
        let contents = self.contents();
        assert!(
            contents.iter().all(|(name, _)| name.ends_with(".replay")),
            "{contents:?}"
        );
        contents.into_iter().map(|(_, bytes)| bytes).collect()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // It may be in use by a test that failed.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn start(limits: Limits) -> Recordings {
    Recordings::start(limits).expect("the directory is writable")
}

fn open(recordings: &Recordings, id: u32) -> Recording {
    recordings
        .open(MatchId(id), false)
        .expect("it needs no random numbers")
        .recording
}

fn record(recordings: &Recordings, id: u32, pieces: &[&[u8]], whole: bool) {
    let mut sink = open(recordings, id).sink;
    for piece in pieces {
        sink.write(piece.to_vec()).expect("there is room");
    }
    if whole {
        sink.finish();
    }
}

#[test]
fn only_whole_recordings_stay() {
    let scratch = Scratch::new("whole");
    fs::write(scratch.0.join("1-match-1.part"), b"left behind").expect("it is writable");
    let recordings = start(scratch.limits(10, 1000));
    record(&recordings, 1, &[b"on", b"e"], true);
    record(&recordings, 2, &[b"given up"], false);
    record(&recordings, 3, &[b"three"], true);
    let unfinished = open(&recordings, 4);
    recordings.stop();
    assert_eq!(scratch.whole(), [b"one".to_vec(), b"three".to_vec()]);
    assert_eq!(
        (
            recordings.stats().written.value(),
            recordings.stats().failed.value()
        ),
        (2, 0)
    );
    let mut late = unfinished.sink;
    assert_eq!(late.write(b"late".to_vec()), Err(Lost));
}

#[test]
fn a_private_recording_has_a_secret_of_its_own() {
    let scratch = Scratch::new("secret");
    let recordings = start(scratch.limits(10, 1000));
    for _ in 0..2 {
        let opened = recordings.open(MatchId(7), true);
        let mut sink = opened.expect("there is randomness").recording.sink;
        sink.write(b"private".to_vec()).expect("there is room");
        sink.finish();
    }
    recordings.stop();
    let names: Vec<_> = scratch.contents().into_iter().map(|(name, _)| name).collect();
    let all_but_secret = names.iter().map(|name| public_part(name));
    assert_eq!(
        all_but_secret.filter(|part| part.ends_with("-private-7")).count(),
        2
    );
    assert_ne!(names[0], names[1]);
}

#[test]
fn the_oldest_go_to_make_room_also_those_of_an_earlier_process() {
    let scratch = Scratch::new("room");
    for (name, bytes) in [
        ("9-match-1.replay", 3),
        ("8-match-7.replay", 4),
        ("note.txt", 500),
    ] {
        fs::write(scratch.0.join(name), vec![0; bytes]).expect("it is writable");
    }
    let recordings = start(scratch.limits(3, 1000));
    record(&recordings, 1, &[b"first"], true);
    record(&recordings, 2, &[b"second"], true);
    recordings.stop();
    let names = |scratch: &Scratch| {
        let contents = scratch.contents().into_iter();
        contents
            .map(|(name, _)| name)
            .filter(|name| name.ends_with(".replay"))
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&scratch).len(), 3);
    assert!(!names(&scratch).contains(&"8-match-7.replay".to_owned()));
    let recordings = start(scratch.limits(100, 10));
    record(&recordings, 3, &[b"0123456789"], true);
    record(&recordings, 4, &[b"0123456789abcdef"], true);
    recordings.stop();
    assert_eq!(names(&scratch).len(), 1, "the newest stays, however large");
    assert_eq!(recordings.stats().removed.value(), 4);
    assert_eq!(scratch.contents().len(), 2, "what is no recording is not touched");
}

#[test]
fn the_tenth_match_of_a_process_is_younger_than_its_ninth() {
    let scratch = Scratch::new("ids");
    for id in [10, 9, 100] {
        fs::write(scratch.0.join(format!("1-match-{id}.replay")), b"old").expect("it is writable");
    }
    let recordings = start(scratch.limits(2, 1000));
    record(&recordings, 1, &[b"new"], true);
    recordings.stop();
    let names: Vec<_> = scratch.contents().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), 2);
    assert!(names.contains(&"1-match-100.replay".to_owned()), "{names:?}");
}

#[test]
fn a_recording_that_finds_no_room_before_the_disk_is_lost_alone() {
    let scratch = Scratch::new("waiting");
    let recordings = start(scratch.limits(10, 1000));
    recordings
        .waiting_bytes
        .store(WAITING_BYTES_MAX - PIECE_BYTES - 3, Ordering::Relaxed);
    let mut sink = open(&recordings, 1).sink;
    assert_eq!(sink.write(b"four".to_vec()), Err(Lost));
    drop(sink);
    record(&recordings, 2, &[b"two"], true);
    recordings.stop();
    assert_eq!(scratch.whole(), [b"two".to_vec()]);
}

#[test]
fn a_disk_that_fails_costs_recordings_and_nothing_else() {
    let scratch = Scratch::new("gone");
    let recordings = start(scratch.limits(10, 1000));
    fs::remove_dir_all(&scratch.0).expect("it is ours");
    record(&recordings, 1, &[b"one", b"more"], true);
    recordings.stop();
    assert_eq!(
        (
            recordings.stats().written.value(),
            recordings.stats().failed.value()
        ),
        (0, 1)
    );
}

#[test]
fn pieces_without_bytes_take_room_too() {
    let scratch = Scratch::new("small");
    let recordings = start(scratch.limits(10, 1000));
    recordings
        .waiting_bytes
        .store(WAITING_BYTES_MAX, Ordering::Relaxed);
    assert_eq!(open(&recordings, 1).sink.write(Vec::new()), Err(Lost));
    recordings
        .waiting_bytes
        .store(WAITING_BYTES_MAX - PIECE_BYTES - 100, Ordering::Relaxed);
    let mut spare = Vec::with_capacity(200);
    spare.push(1);
    assert_eq!(open(&recordings, 2).sink.write(spare), Err(Lost));
}

#[test]
fn the_name_of_a_recording_is_told_while_something_comes_of_it() {
    let scratch = Scratch::new("told");
    let recordings = start(scratch.limits(10, 1000));
    let open = |id| {
        recordings
            .open(MatchId(id), false)
            .expect("it needs no random numbers")
    };
    for ends_whole in [true, false] {
        let Opened { name, recording } = open(u32::from(ends_whole));
        let mut sink = recording.sink;
        assert_eq!(name.told(), Some(name.text()));
        sink.write(b"one".to_vec()).expect("there is room");
        if ends_whole {
            sink.finish();
        } else {
            drop(sink);
        }
        assert_eq!(name.told(), None, "{ends_whole}");
    }
    let Opened { name, recording } = open(2);
    fs::create_dir(scratch.0.join(name.text()).with_extension(PART)).expect("it is writable");
    let mut sink = recording.sink;
    sink.write(b"one".to_vec()).expect("there is room");
    recordings.stop();
    assert_eq!(name.told(), None, "the disk takes none of it");
}

#[test]
fn a_directory_that_cannot_be_used_is_a_clear_error() {
    let scratch = Scratch::new("file");
    let path = scratch.0.join("file");
    fs::write(&path, b"").expect("it is writable");
    let limits = Limits {
        directory: path,
        ..scratch.limits(1, 1)
    };
    let error = Recordings::start(limits).err().map(|error| format!("{error:#}"));
    assert!(
        error.as_ref().is_some_and(|text| text.contains("--record-dir")),
        "{error:?}"
    );
}
