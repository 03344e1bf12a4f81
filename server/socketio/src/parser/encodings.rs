//! Packets as whole WebSocket frames, unmasked, as a server writes them. The frames of one packet are contiguous, so
//! that header and attachments leave in one write.

use std::cell::Cell;

use bytes::Bytes;

use super::codec::Codec;
use super::default;
use super::draft::{DRAFT_BYTES_MAX, Draft, with_draft};
use super::outgoing::{Body, Outgoing};
use crate::args::{Args, ArgsWriter};
use crate::engine::config::JSON_DEPTH_LIMIT;
use crate::engine::frame;
use crate::error::EmitError;
use crate::stats::{self, Stats, Tally};

/// Encodes a packet into whole frames and hands them to `send` together with the number of frames. The buffer is
/// reused by the next packet of this thread, so that an emit allocates nothing.
pub(crate) fn with_frames<R>(
    codec: &Codec,
    outgoing: &Outgoing<'_>,
    send: impl FnOnce(&[u8], usize) -> R,
) -> Result<R, EmitError> {
    with_draft(codec, outgoing, |draft| {
        let mut frames = FRAMES.take();
        frame_all(&mut frames, draft);
        let result = send(&frames, draft.count());
        frames.clear();
        frames.shrink_to(DRAFT_BYTES_MAX);
        FRAMES.set(frames);
        result
    })
}

/// One packet for many sessions: encoded when the first of them that speaks a codec needs it, and once for each codec.
pub(crate) struct Encodings<'a> {
    outgoing: Outgoing<'a>,
    stats: &'a Stats,
    made: [Made; Codec::COUNT],
    /// What its sessions were sent.
    tally: Tally<'a>,
    /// What those see who watch; outside it is nothing as long as nobody has asked.
    event_args: Option<Option<(String, Args)>>,
}

/// Whole frames that many sessions share.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Frames {
    pub(crate) bytes: Bytes,
    pub(crate) count: usize,
}

/// What became of one codec's encoding.
#[derive(Clone)]
enum Made {
    Not,
    Ready(Frames),
    Failed(EmitError),
}

impl Frames {
    pub(crate) fn copy(frames: &[u8], count: usize) -> Self {
        Self {
            bytes: Bytes::copy_from_slice(frames),
            count,
        }
    }
}

impl<'a> Encodings<'a> {
    /// Encodes nothing yet.
    pub(crate) fn new(outgoing: Outgoing<'a>, stats: &'a Stats) -> Self {
        Self {
            outgoing,
            stats,
            made: [const { Made::Not }; Codec::COUNT],
            tally: Tally::new(stats),
            event_args: None,
        }
    }

    /// The event as somebody would receive it, made when the first asks; see [`event_args`].
    pub(crate) fn event_args(&mut self) -> &Option<(String, Args)> {
        let outgoing = &self.outgoing;
        self.event_args.get_or_insert_with(|| event_args(outgoing))
    }

    /// The frames for sessions of `codec`, and where it is counted what they were sent; `None` if the packet cannot be
    /// encoded for them. That is a mistake of the program, and it is logged as an error the first time.
    pub(crate) fn get(&mut self, codec: &Codec) -> Option<(&Frames, &mut Tally<'a>)> {
        let made = &mut self.made[codec.index()];
        if matches!(made, Made::Not) {
            *made = match with_frames(codec, &self.outgoing, Frames::copy) {
                Ok(frames) => {
                    stats::increment(&self.stats.broadcasts_encoded);
                    Made::Ready(frames)
                }
                Err(error) => {
                    tracing::error!(head = ?self.outgoing.head, %error, "a broadcast cannot be encoded");
                    Made::Failed(error)
                }
            };
        }
        match made {
            Made::Ready(frames) => Some((frames, &mut self.tally)),
            Made::Not | Made::Failed(_) => None,
        }
    }
}

impl Encodings<'_> {
    /// Why the packet could not be encoded for somebody.
    pub(crate) fn failure(&self) -> Option<&EmitError> {
        self.made.iter().find_map(|made| match made {
            Made::Failed(error) => Some(error),
            Made::Not | Made::Ready(_) => None,
        })
    }
}

/// Name and arguments of an event as somebody would receive them; `None` for an acknowledgement, and for what cannot be
/// encoded.
pub(crate) fn event_args(outgoing: &Outgoing<'_>) -> Option<(String, Args)> {
    let Body::Event(name) = outgoing.head.body else {
        return None;
    };
    let mut writer = ArgsWriter::default();
    outgoing.args.write_args(&mut writer).ok()?;
    let (json, attachments) = writer.into_parts();
    let slots = default::decode_ack(&format!("[{json}]"), attachments.len(), JSON_DEPTH_LIMIT).ok()?;
    Some((name.to_owned(), Args::new(slots, attachments)))
}

fn frame_all(out: &mut Vec<u8>, draft: &Draft) {
    let payload_bytes: usize = draft
        .messages()
        .flat_map(|(_, parts)| parts)
        .map(<[u8]>::len)
        .sum();
    out.reserve(payload_bytes + draft.count() * frame::HEADER_BYTES_MAX);
    for (opcode, [first, second]) in draft.messages() {
        frame::push_header(out, opcode, first.len() + second.len());
        out.extend_from_slice(first);
        out.extend_from_slice(second);
    }
}

thread_local! {
    static FRAMES: Cell<Vec<u8>> = Cell::default();
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::sync::atomic::Ordering;

    use super::*;
    use crate::args::{ArgsWriter, ToArgs};
    use crate::parser::{Body, Head};

    /// Counts how often it is written.
    #[derive(Default)]
    struct Counted(Cell<u32>);

    impl ToArgs for Counted {
        fn write_args(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
            self.0.set(self.0.get() + 1);
            out.binary(Bytes::from_static(b"abc"));
            Ok(())
        }
    }

    fn event<'a>(name: &'a str, args: &'a dyn ToArgs) -> Outgoing<'a> {
        Outgoing {
            head: Head {
                body: Body::Event(name),
                namespace: "/",
                id: None,
            },
            args,
            offset: None,
        }
    }

    #[test]
    fn the_frames_of_a_packet_are_contiguous_and_encoded_once() {
        let (args, stats) = (Counted::default(), Stats::default());
        let mut encodings = Encodings::new(event("e", &args), &stats);
        let header = br#"451-["e",{"_placeholder":true,"num":0}]"#;
        let expected = [&[0x81, 39], header.as_slice(), &[0x82, 3], b"abc"].concat();
        for _ in 0..3 {
            let (frames, _) = encodings.get(&Codec::Default).unwrap();
            assert_eq!((frames.bytes.as_ref(), frames.count), (expected.as_slice(), 2));
        }
        assert_eq!(args.0.get(), 1);
        assert_eq!(stats.broadcasts_encoded.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn what_cannot_be_encoded_is_tried_once() {
        let (args, stats) = (Counted::default(), Stats::default());
        let mut encodings = Encodings::new(event("disconnect", &args), &stats);
        assert!(encodings.get(&Codec::Default).is_none());
        assert!(encodings.get(&Codec::Default).is_none());
        assert_eq!(stats.broadcasts_encoded.load(Ordering::Relaxed), 0);
    }
}
