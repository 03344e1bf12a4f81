use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::piece::{Keep, Terms};

/// One step: push so many bytes, let the kernel take a part of what is next, drop, or replace.
#[derive(Clone, Debug)]
enum Step {
    Push {
        bytes: usize,
        written: usize,
        shared: bool,
        keep: Keep<'static>,
    },
    Write {
        share_of_255: u8,
    },
    DropVolatile,
    Replace {
        key: &'static str,
        bytes: usize,
    },
}

fn keys() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just("a"), Just("b")]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let size = || prop_oneof![0_usize..20, 400_usize..600, 30_000_usize..40_000];
    let keep = prop_oneof![
        3 => Just(Keep::Always),
        1 => Just(Keep::Volatile),
        1 => keys().prop_map(Keep::Latest),
    ];
    let push =
        (size(), 0_usize..50, any::<bool>(), keep).prop_map(|(bytes, written, shared, keep)| Step::Push {
            bytes,
            written: written.min(bytes),
            shared,
            keep,
        });
    let write = any::<u8>().prop_map(|share_of_255| Step::Write { share_of_255 });
    let replace = (keys(), size()).prop_map(|(key, bytes)| Step::Replace {
        key,
        bytes: bytes.max(1),
    });
    let step = prop_oneof![4 => push, 2 => write, 1 => Just(Step::DropVolatile), 1 => replace];
    proptest::collection::vec(step, 0..60)
}

/// The same queue without any cleverness: the pieces that are left.
#[derive(Default)]
struct Model(VecDeque<Waiting>);

struct Waiting {
    data: Vec<u8>,
    keep: Keep<'static>,
    is_whole: bool,
}

impl Model {
    fn push(&mut self, data: &[u8], keep: Keep<'static>, is_whole: bool) {
        if !data.is_empty() {
            self.0.push_back(Waiting {
                data: data.to_vec(),
                keep,
                is_whole,
            });
        }
    }

    fn write(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let front = self.0.front_mut().unwrap();
            let (written, behind) = rest.split_at(front.data.len().min(rest.len()));
            assert_eq!(front.data.drain(..written.len()).as_slice(), written);
            rest = behind;
            front.is_whole = false;
            if front.data.is_empty() {
                self.0.pop_front();
            }
        }
    }

    fn find(&self, keep: Keep<'static>) -> Option<usize> {
        self.0
            .iter()
            .position(|waiting| waiting.is_whole && waiting.keep == keep)
    }

    fn bytes(&self) -> usize {
        self.0.iter().map(|waiting| waiting.data.len()).sum()
    }
}

proptest! {
    #[test]
    fn what_leaves_is_what_was_pushed_in_order(steps in steps()) {
        let (mut queue, mut model) = (ByteQueue::default(), Model::default());
        for (index, step) in steps.into_iter().enumerate() {
            match step {
                Step::Push { bytes, written, shared, keep } => {
                    let data = Bytes::from(vec![index as u8; bytes]);
                    let piece = if shared { Piece::shared(&data, 1) } else { Piece::borrowed(&data, 1) };
                    let compress = index % 3 == 0;
                    queue.push(piece.on(Terms { compress, keep }), written);
                    model.push(&data[written..], keep, written == 0);
                }
                Step::Write { share_of_255 } => {
                    let next = queue.next().into_owned();
                    let written = next.len() * usize::from(share_of_255) / 255;
                    queue.consume(written);
                    model.write(&next[..written]);
                }
                Step::DropVolatile => {
                    let place = model.find(Keep::Volatile);
                    prop_assert_eq!(queue.drop_volatile(), place.is_some());
                    place.and_then(|place| model.0.remove(place));
                }
                Step::Replace { key, bytes } => {
                    let place = model.find(Keep::Latest(key));
                    let latest = queue.find_latest(key);
                    prop_assert_eq!(latest.map(|latest| latest.bytes), place.map(|place| model.0[place].data.len()));
                    if let (Some(place), Some(latest)) = (place, latest) {
                        let data = vec![index as u8; bytes];
                        let terms = Terms { keep: Keep::Latest(key), ..Terms::default() };
                        queue.replace(latest, Piece::borrowed(&data, 1).on(terms));
                        model.0[place].data = data;
                    }
                }
            }
            prop_assert_eq!(queue.bytes(), model.bytes());
            prop_assert_eq!(queue.is_empty(), queue.bytes() == 0);
        }
        while !queue.is_empty() {
            let next = queue.next().into_owned();
            queue.consume(next.len());
            model.write(&next);
        }
        prop_assert!(model.0.is_empty());
        prop_assert_eq!(queue.packets(), 0);
        prop_assert_eq!(queue.chunks.capacity(), 0);
    }
}

#[test]
fn the_oldest_volatile_piece_goes_first_unless_it_has_begun_to_leave() {
    let mut queue = ByteQueue::default();
    for (data, keep) in [
        ("v1", Keep::Volatile),
        ("regular", Keep::Always),
        ("v2", Keep::Volatile),
        ("v3", Keep::Volatile),
    ] {
        let terms = Terms {
            keep,
            ..Terms::default()
        };
        queue.push(Piece::borrowed(data.as_bytes(), 1).on(terms), 0);
    }
    queue.consume(1);
    assert!(queue.drop_volatile());
    assert_eq!(queue.packets(), 3);
    assert_eq!(*queue.next(), *b"1regularv3");
    assert!(queue.drop_volatile());
    assert!(!queue.drop_volatile());
    assert_eq!(*queue.next(), *b"1regular");
}
