//! The messages of one packet before they are framed, in buffers that each thread uses again.

use std::cell::Cell;

use bytes::Bytes;

use super::codec::Codec;
use super::compact::CompactEvents;
use super::outgoing::Outgoing;
use super::{default, msgpack};
use crate::args::{ArgsWriter, Form};
use crate::engine::frame::Opcode;
use crate::error::EmitError;
use crate::msgpack::write::TooLong;

/// A packet as messages: one that begins it, and its attachments.
#[derive(Default)]
pub(crate) struct Draft {
    /// What stands before the array, or before its values.
    prefix: Vec<u8>,
    writer: ArgsWriter,
    shape: Shape,
}

/// How the parts are messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Shape {
    /// Prefix and array are a text; attachments follow.
    #[default]
    Text,
    /// Prefix and values are one binary message.
    Msgpack,
    /// Prefix and the one attachment are one binary message.
    Compact,
}

/// Writes a packet as messages and hands them to `then`. The buffers are reused by the next packet of this thread, so
/// that writing allocates nothing.
pub(crate) fn with_draft<R>(
    codec: &Codec,
    outgoing: &Outgoing<'_>,
    then: impl FnOnce(&Draft) -> R,
) -> Result<R, EmitError> {
    outgoing.check()?;
    // Taken out while in use: an argument that emits while it is serialised gets buffers of its own.
    let mut draft = DRAFT.take();
    let result = draft.write(codec, outgoing).map(|()| then(&draft));
    draft.reset();
    DRAFT.set(draft);
    result
}

impl Draft {
    /// The messages in order: what each is, and its payload in two parts.
    pub(crate) fn messages(&self) -> impl Iterator<Item = (Opcode, [&[u8]; 2])> {
        let prefix = self.prefix.as_slice();
        let (out, attachments) = (self.writer.out.as_slice(), self.writer.attachments.as_slice());
        let (first, others) = match self.shape {
            Shape::Text => ((Opcode::Text, [prefix, out]), attachments),
            Shape::Msgpack => ((Opcode::Binary, [prefix, out]), &[] as &[Bytes]),
            Shape::Compact => ((Opcode::Binary, [prefix, &attachments[0]]), &attachments[1..]),
        };
        std::iter::once(first).chain(others.iter().map(|data| (Opcode::Binary, [data.as_ref(), &[]])))
    }

    /// Number of the messages.
    pub(crate) fn count(&self) -> usize {
        match self.shape {
            Shape::Text => 1 + self.writer.attachments.len(),
            Shape::Msgpack | Shape::Compact => 1,
        }
    }

    fn write(&mut self, codec: &Codec, outgoing: &Outgoing<'_>) -> Result<(), EmitError> {
        match codec {
            Codec::Default => self.write_default(outgoing),
            Codec::Msgpack => self.write_msgpack(outgoing),
            Codec::Compact(events) => {
                self.write_default(outgoing)?;
                self.compact(events, outgoing);
                Ok(())
            }
        }
    }

    fn write_default(&mut self, outgoing: &Outgoing<'_>) -> Result<(), EmitError> {
        self.shape = Shape::Text;
        outgoing.write(Form::Json, &mut self.writer)?;
        let attachments = self.writer.attachments.len();
        if attachments > default::ATTACHMENTS_SENT_MAX {
            return Err(EmitError::TooManyAttachments);
        }
        default::push_prefix(&mut self.prefix, outgoing.head, attachments);
        Ok(())
    }

    /// Shortens what the default parser has written, where that is possible.
    fn compact(&mut self, events: &CompactEvents, outgoing: &Outgoing<'_>) {
        if self.writer.attachments.len() == 1
            && let Some(number) = events.number(outgoing, &self.writer.out)
        {
            self.shape = Shape::Compact;
            self.prefix.clear();
            self.prefix.push(number);
        }
    }

    fn write_msgpack(&mut self, outgoing: &Outgoing<'_>) -> Result<(), EmitError> {
        self.shape = Shape::Msgpack;
        outgoing.write(Form::Msgpack, &mut self.writer)?;
        msgpack::push_prefix(&mut self.prefix, outgoing.head, self.writer.values)
            .map_err(|TooLong| EmitError::TooLarge)
    }

    /// One large packet must not pin its memory in every thread.
    fn reset(&mut self) {
        self.prefix.clear();
        self.writer.attachments.clear();
        self.writer.attachments.shrink_to(default::ATTACHMENTS_SENT_MAX);
        self.writer.out.clear();
        self.writer.out.shrink_to(DRAFT_BYTES_MAX);
    }
}

thread_local! {
    static DRAFT: Cell<Draft> = Cell::default();
}

/// Capacity a thread keeps for its next packet.
pub(crate) const DRAFT_BYTES_MAX: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{Arg, ToArgs};
    use crate::parser::{Body, Head};
    use serde_json::json;

    fn draft(outgoing: Outgoing<'_>) -> Result<Vec<(Opcode, String)>, EmitError> {
        with_draft(&Codec::Default, &outgoing, |draft| {
            let messages: Vec<_> = draft
                .messages()
                .map(|(opcode, parts)| (opcode, String::from_utf8(parts.concat()).unwrap()))
                .collect();
            assert_eq!(draft.count(), messages.len());
            messages
        })
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

    fn check(outgoing: Outgoing<'_>, header: &str, attachments: &[&str]) {
        let mut expected = vec![(Opcode::Text, header.to_owned())];
        expected.extend(
            attachments
                .iter()
                .map(|data| (Opcode::Binary, (*data).to_owned())),
        );
        assert_eq!(draft(outgoing), Ok(expected));
    }

    #[test]
    fn a_packet_is_a_header_and_its_attachments() {
        let mut outgoing = event("e", &());
        check(outgoing, r#"42["e"]"#, &[]);
        outgoing.args = &("x", 1);
        outgoing.head.namespace = "/a";
        outgoing.head.id = Some(120);
        check(outgoing, r#"42/a,120["e","x",1]"#, &[]);
        let binary = Arg::Binary(Bytes::from_static(b"abc"));
        let args = vec![binary.clone(), Arg::Json(json!({}))];
        check(
            event("e", &args),
            r#"451-["e",{"_placeholder":true,"num":0},{}]"#,
            &["abc"],
        );
        let mut ack = event("", &());
        ack.head.body = Body::Ack;
        ack.head.id = Some(7);
        check(ack, "437[]", &[]);
        ack.args = &"x";
        check(ack, r#"437["x"]"#, &[]);
        let args = vec![binary.clone(), binary];
        ack.args = &args;
        check(
            ack,
            r#"462-7[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#,
            &["abc", "abc"],
        );
    }

    #[test]
    fn an_offset_is_a_last_argument() {
        let mut outgoing = event("e", &1);
        outgoing.offset = Some("O1");
        check(outgoing, r#"42["e",1,"O1"]"#, &[]);
        outgoing.args = &();
        check(outgoing, r#"42["e","O1"]"#, &[]);
        let args = vec![7_u8];
        outgoing.args = &args;
        check(
            outgoing,
            r#"451-["e",{"_placeholder":true,"num":0},"O1"]"#,
            &["\u{7}"],
        );
    }

    #[test]
    fn what_no_client_accepts_is_not_written() {
        assert_eq!(draft(event("connect", &())), Err(EmitError::ReservedName));
        let many = vec![Arg::Binary(Bytes::new()); 11];
        assert_eq!(draft(event("e", &many)), Err(EmitError::TooManyAttachments));
    }

    #[test]
    fn an_argument_that_sends_while_it_is_written_gets_buffers_of_its_own() {
        struct Nested;
        impl ToArgs for Nested {
            fn write_args(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
                check(event("inner", &1), r#"42["inner",1]"#, &[]);
                out.json("outer")
            }
        }
        check(event("e", &Nested), r#"42["e","outer"]"#, &[]);
    }
}
