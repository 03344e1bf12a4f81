use std::future::poll_fn;
use std::task::Poll;

use proptest::prelude::*;
use socket2::SockRef;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::stream::Stream;

/// What happens to an outbox, one after another.
#[derive(Clone, Debug)]
enum Step {
    Send {
        bytes: usize,
        shared: bool,
    },
    /// Only if its first byte leaves at once.
    Post {
        bytes: usize,
    },
    Cork,
    Uncork,
    /// The peer reads so much.
    Read {
        bytes: usize,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let size = || prop_oneof![1_usize..200, 400_usize..600, 10_000_usize..60_000];
    let send = (size(), any::<bool>()).prop_map(|(bytes, shared)| Step::Send { bytes, shared });
    let post = size().prop_map(|bytes| Step::Post { bytes });
    let read = (1_usize..50_000).prop_map(|bytes| Step::Read { bytes });
    let step = prop_oneof![5 => send, 2 => post, 1 => Just(Step::Cork), 1 => Just(Step::Uncork), 3 => read];
    proptest::collection::vec(step, 1..60)
}

/// A stream whose kernel holds little in either direction, and its peer.
async fn narrow_pair() -> (WriteHalf, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let peer = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (ours, _) = listener.accept().await.unwrap();
    SockRef::from(&ours).set_send_buffer_size(16 * 1024).unwrap();
    SockRef::from(&peer).set_recv_buffer_size(64 * 1024).unwrap();
    (Stream::Tcp(ours).split().1, peer)
}

/// Sends to a throttled peer as `steps` say, gathered or not; what it reads is what was sent.
async fn throttle(steps: Vec<Step>, rule: Pressure) -> Result<(), TestCaseError> {
    let limits = OutboxLimits {
        bytes_max: usize::MAX,
        packets_max: usize::MAX,
        policy: OutboxPolicy::Disconnect,
    };
    let stats = Arc::new(Stats::default());
    let gathering = Arc::new(Gathering::new(rule, stats.clone()));
    let outbox = Arc::new(Outbox::new(limits, stats.clone()).gathered_with(gathering));
    let (write, mut peer) = narrow_pair().await;
    outbox.attach(write);
    let driving = {
        let outbox = outbox.clone();
        tokio::spawn(poll_fn(move |cx| match outbox.poll_driver(cx) {
            Some(_) => Poll::Ready(()),
            None => Poll::Pending,
        }))
    };
    let (mut sent, mut read, mut packets) = (Vec::new(), Vec::new(), 0);
    for (number, step) in steps.into_iter().enumerate() {
        match step {
            Step::Send { bytes, shared } => {
                let data = Bytes::from(vec![number as u8; bytes]);
                let piece = match shared {
                    true => Piece::shared(&data, 1),
                    false => Piece::borrowed(&data, 1),
                };
                outbox.send(piece, Class::Data).unwrap();
                sent.extend_from_slice(&data);
                packets += 1;
            }
            Step::Post { bytes } => {
                let data = vec![number as u8; bytes];
                if outbox.post(Piece::borrowed(&data, 1), None).unwrap() {
                    sent.extend_from_slice(&data);
                    packets += 1;
                }
            }
            Step::Cork => outbox.cork(),
            Step::Uncork => outbox.uncork(),
            Step::Read { bytes } => {
                // Not more than was handed to the kernel, or this would wait for ever.
                let there = sent.len() - read.len() - outbox.queued().0;
                let mut part = vec![0; bytes.min(there)];
                peer.read_exact(&mut part).await.unwrap();
                read.extend(part);
            }
        }
        prop_assert!(outbox.queued().0 <= sent.len() - read.len());
    }
    for _ in 0..80 {
        outbox.uncork();
    }
    let mut part = vec![0; sent.len() - read.len()];
    peer.read_exact(&mut part).await.unwrap();
    read.extend(part);
    prop_assert!(read == sent);
    outbox.drained().await.unwrap();
    prop_assert_eq!(outbox.queued(), (0, 0));
    let count = |counter: &std::sync::atomic::AtomicU64| counter.load(std::sync::atomic::Ordering::Relaxed);
    prop_assert_eq!(count(&stats.bytes_out), sent.len() as u64);
    prop_assert_eq!(count(&stats.packets_out), packets);
    prop_assert_eq!(count(&stats.outbox_bytes), 0);
    outbox.end(false);
    driving.await.unwrap();
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn a_partial_write_is_resumed_by_the_driver_and_order_is_kept(steps in steps(), gathers in any::<bool>()) {
        let rule = if gathers { Pressure::Always } else { Pressure::Off };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(throttle(steps, rule))?;
    }
}

/// An idle connection holds an outbox and nothing on the heap for it. The numbers may grow for a reason.
#[test]
fn an_idle_outbox_is_small() {
    assert!(size_of::<Outbox>() <= 320, "{} bytes", size_of::<Outbox>());
    assert!(size_of::<ByteQueue>() <= 56, "{} bytes", size_of::<ByteQueue>());
}

#[tokio::test]
async fn a_cork_changes_nothing_for_what_is_gathered_unless_more_is_sent() {
    let limits = OutboxLimits {
        bytes_max: 1024,
        packets_max: 16,
        policy: OutboxPolicy::Disconnect,
    };
    let stats = Arc::new(Stats::default());
    let gathering = Arc::new(Gathering::new(Pressure::Always, stats.clone()));
    let outbox = Arc::new(Outbox::new(limits, stats).gathered_with(gathering));
    let (write, _peer) = narrow_pair().await;
    outbox.attach(write);
    let check = |act: &dyn Fn(), gathered, queued| {
        act();
        let is = outbox.lock().gathered;
        assert_eq!((is, outbox.queued().1), (gathered, queued));
    };
    let send = || assert!(outbox.send(Piece::borrowed(b"abc", 1), Class::Data).is_ok());
    // No task has a turn meanwhile.
    check(&send, 1, 1);
    check(&|| outbox.cork(), 1, 1);
    check(&|| outbox.uncork(), 1, 1);
    check(&|| outbox.cork(), 1, 1);
    check(&send, 1, 2);
    check(&|| outbox.uncork(), 2, 2);
    // Its time comes while it is corked: it leaves as soon as it may.
    check(&|| outbox.cork(), 2, 2);
    check(&|| assert!(!outbox.flush_gathered()), 0, 2);
    check(&send, 0, 3);
    check(&|| outbox.uncork(), 0, 0);
}
