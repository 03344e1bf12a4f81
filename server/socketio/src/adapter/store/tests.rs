use std::sync::atomic::Ordering;

use futures_util::FutureExt;
use serde_json::{Value, json};

use super::*;
use crate::engine::config::Config;
use crate::outbound::Outbound;

/// A claim that nobody disputes.
fn claim(pid: &str) -> SessionClaim {
    let local = Local::new("/", Arc::default(), Arc::default());
    let claim = local.claim_session(Pid::new(pid));
    claim.now_or_never().expect("nobody is there")
}

fn store(recovery: Recovery) -> Arc<SessionStore> {
    let config = Config {
        recovery: Some(recovery),
        ..Config::default()
    };
    let local = Local::new("/", Arc::new(config), Arc::default());
    SessionStore::new(&local).unwrap()
}

/// Emits an event named `event`; its offset.
fn emit(store: &Arc<SessionStore>, event: &str, selection: &Selection) -> String {
    let packet = Outbound { event, args: &() }.to_packet().unwrap();
    let mut sent = String::new();
    store.append(packet, selection, |_, offset| sent = offset.to_owned());
    sent
}

fn record(pid: &str, sent: Option<(&String, &String)>) -> SessionRecord {
    SessionRecord {
        pid: Pid::new(pid),
        id: "id".to_owned(),
        rooms: vec!["id".to_owned(), "a".to_owned()],
        data: Value::Null,
        sent: sent.map(|(first, last)| (first.clone(), last.clone())),
        position: String::new(),
    }
}

fn persist(store: &Arc<SessionStore>, mut record: SessionRecord) {
    record.position = store.position();
    let time = store.settings.max_disconnection_duration;
    store.persist(record, time);
}

/// Names of what was missed.
fn missed(store: &SessionStore, pid: &str, offset: Option<&str>) -> Option<Vec<String>> {
    let restored = store.restore(claim(pid), offset)?;
    let names = restored.missed.iter();
    Some(names.map(|missed| missed.packet.event().to_owned()).collect())
}

fn gauges(store: &SessionStore) -> [u64; 3] {
    let stats = &store.stats;
    [
        &stats.recovery_sessions,
        &stats.recovery_packets,
        &stats.recovery_bytes,
    ]
    .map(|gauge| gauge.load(Ordering::Relaxed))
}

fn everybody() -> Selection {
    Selection::default()
}

#[tokio::test(start_paused = true)]
async fn what_was_missed_follows_from_the_offset_and_what_was_sent() {
    let store = store(Recovery::default());
    let before = emit(&store, "before", &everybody());
    let first = emit(&store, "first", &everybody());
    let other = emit(&store, "other", &Selection::one("other"));
    let last = emit(&store, "last", &everybody());
    let behind = "behind";
    let sent = Some((&first, &last));
    let check = |name: &str, sent, offset: Option<&str>, expected: Option<&[&str]>| {
        persist(&store, record("pid", sent));
        let after = emit(&store, behind, &everybody());
        let missed = missed(&store, "pid", offset);
        let missed = missed.as_ref().map(|names| {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            // What earlier cases have emitted was not sent to this session.
            let from = names
                .iter()
                .rposition(|name| *name != behind)
                .map_or(0, |place| place + 1);
            let mut names = names;
            names.truncate(from + 1);
            names
        });
        assert_eq!(missed.as_deref(), expected, "{name}");
        after
    };
    check("all arrived", sent, Some(&last), Some(&[behind]));
    check("one is missing", sent, Some(&first), Some(&["last", behind]));
    check("seen between", sent, Some(&other), Some(&["last", behind]));
    check("nothing arrived", sent, None, Some(&["first", "last", behind]));
    check(
        "of an earlier life",
        sent,
        Some(&before),
        Some(&["first", "last", behind]),
    );
    check("nothing was sent", None, None, Some(&[behind]));
    check("nothing was sent since", None, Some(&before), Some(&[behind]));
    let newer = check("not ours", sent, Some("nonsense"), None);
    check("never sent to it", sent, Some(&newer), None);
    assert_eq!(missed(&store, "pid", None), None, "consumed");
}

#[tokio::test(start_paused = true)]
async fn rooms_and_exceptions_decide_what_was_missed() {
    let store = store(Recovery::default());
    persist(&store, record("pid", None));
    let select = |rooms: &[&str], except: &[&str]| Selection {
        rooms: rooms.iter().map(ToString::to_string).collect(),
        except: except.iter().map(ToString::to_string).collect(),
        local: false,
    };
    emit(&store, "all", &select(&[], &[]));
    emit(&store, "room", &select(&["b", "a"], &[]));
    emit(&store, "id", &select(&["id"], &[]));
    emit(&store, "other room", &select(&["b"], &[]));
    emit(&store, "except room", &select(&[], &["a"]));
    emit(&store, "except id", &select(&["a"], &["id"]));
    emit(&store, "except other", &select(&["a"], &["b"]));
    let expected = ["all", "room", "id", "except other"];
    assert_eq!(missed(&store, "pid", None).unwrap(), expected);
}

#[tokio::test(start_paused = true)]
async fn a_session_is_taken_once_and_keeps_its_place_when_it_is_kept_again() {
    let store = store(Recovery::default());
    persist(&store, record("pid", None));
    emit(&store, "one", &everybody());
    let restored = store.restore(claim("pid"), None).unwrap();
    assert!(store.restore(claim("pid"), None).is_none());
    assert_eq!(restored.remaining, Duration::from_secs(120));
    emit(&store, "two", &everybody());
    store.persist(restored.record, restored.remaining);
    assert_eq!(missed(&store, "pid", None).unwrap(), ["one", "two"]);
}

#[tokio::test(start_paused = true)]
async fn whoever_resumes_gets_what_came_meanwhile() {
    let store = store(Recovery {
        packets_max: 2,
        ..Recovery::default()
    });
    let resume = |restored| {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let told = heard.clone();
        let enter: Enter = Box::new(move |missed| {
            let names = missed.iter().map(|missed| missed.packet.event().to_owned());
            told.lock().unwrap().extend(names);
        });
        store
            .resume(restored, enter)
            .then(|| heard.lock().unwrap().clone())
    };
    persist(&store, record("pid", None));
    emit(&store, "one", &everybody());
    let restored = store.restore(claim("pid"), None).unwrap();
    emit(&store, "two", &everybody());
    emit(&store, "three", &everybody());
    assert_eq!(resume(restored).unwrap(), ["one", "two", "three"]);
    persist(&store, record("pid", None));
    let restored = store.restore(claim("pid"), None).unwrap();
    for _ in 0..3 {
        emit(&store, "more than is kept", &everybody());
    }
    assert_eq!(resume(restored), None);
}

#[tokio::test(start_paused = true)]
async fn sessions_and_events_end_and_nothing_stays() {
    let store = store(Recovery::default());
    persist(&store, record("pid", None));
    emit(&store, "one", &everybody());
    assert_eq!(gauges(&store)[..2], [1, 1]);
    tokio::time::advance(Duration::from_secs(119)).await;
    persist(&store, record("later", None));
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(missed(&store, "pid", None), None);
    assert_eq!(store.stats.recovery_sessions_expired.load(Ordering::Relaxed), 1);
    // An event outlives sessions by what may be lost on a dead link: 25 + 2 · 20 s. Then the sweeper is done as well.
    tokio::time::sleep(Duration::from_secs(118)).await;
    assert_eq!(gauges(&store)[..2], [1, 0]);
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(gauges(&store), [0, 0, 0]);
    assert!(store.lock().sweeper.is_none());
    emit(&store, "two", &everybody());
    assert!(store.lock().sweeper.is_some());
    store.close();
    assert_eq!(gauges(&store), [0, 0, 0]);
    persist(&store, record("late", None));
    emit(&store, "late", &everybody());
    assert_eq!(gauges(&store), [0, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn events_are_bounded_and_what_was_dropped_is_not_passed_over() {
    let check = |recovery: Recovery| {
        let store = store(recovery);
        let seen = emit(&store, "one", &everybody());
        persist(&store, record("behind", Some((&seen, &seen))));
        emit(&store, "two", &everybody());
        persist(&store, record("up to date", Some((&seen, &seen))));
        for _ in 0..2 {
            emit(&store, "more", &everybody());
        }
        assert_eq!(gauges(&store)[1], 2);
        assert_eq!(store.stats.recovery_packets_dropped.load(Ordering::Relaxed), 2);
        // `two` is gone, which only the first may have missed.
        assert_eq!(missed(&store, "behind", Some(&seen)), None);
        assert_eq!(
            missed(&store, "up to date", Some(&seen)).unwrap(),
            ["more", "more"]
        );
    };
    check(Recovery {
        packets_max: 2,
        ..Recovery::default()
    });
    check(Recovery {
        packets_bytes_max: 2 * (KEPT_BYTES + 4),
        ..Recovery::default()
    });
}

#[tokio::test(start_paused = true)]
async fn of_too_many_sessions_the_one_that_ends_first_is_forgotten() {
    let store = store(Recovery {
        sessions_max: 2,
        ..Recovery::default()
    });
    for pid in ["one", "two", "three"] {
        persist(&store, record(pid, None));
        tokio::time::advance(Duration::from_secs(1)).await;
    }
    assert_eq!(store.stats.recovery_sessions_dropped.load(Ordering::Relaxed), 1);
    assert!(missed(&store, "one", None).is_none());
    assert!(missed(&store, "two", None).is_some());
    assert!(missed(&store, "three", None).is_some());
}

#[test]
fn events_may_come_from_threads_without_a_runtime() {
    let store = store(Recovery::default());
    emit(&store, "one", &everybody());
    assert_eq!(gauges(&store)[1], 1);
}

#[test]
fn private_ids_are_not_printed() {
    let mut record = record("secret", None);
    record.data = json!({});
    assert!(!format!("{record:?}").contains("secret"));
}
