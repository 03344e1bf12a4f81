//! Whatever bytes come, a decoder answers with a value or an error, and what it accepts it can write again.

use proptest::prelude::*;
use shared::arena::event::Event;
use shared::arena::input::Input;
use shared::arena::state::PlayerState;
use shared::arena::status::Status;
use shared::codec;
use shared::input::InputPacket;
use shared::snapshot;

proptest! {
    #[test]
    fn no_decoder_panics(bytes in prop::collection::vec(any::<u8>(), 0..700)) {
        let _ = codec::decode_lobby_request(&bytes);
        let _ = codec::decode_lobby_reply(&bytes);
        let _ = codec::decode_server(&bytes);
        let _ = codec::decode_map(&bytes);
        let _ = snapshot::decode::<Status, PlayerState, Event>(&bytes);
        if let Ok(packet) = InputPacket::<Input>::decode(&bytes) {
            prop_assert_eq!(packet.ticked().count(), packet.inputs.len());
        }
    }

    #[test]
    fn an_accepted_input_packet_is_written_as_it_came(
        acked in any::<u32>(),
        newest in 16..=u32::MAX,
        flags in 0_u8..4,
        view_age in any::<u8>(),
        inputs in prop::collection::vec((0_u8..8, any::<i8>(), any::<i8>(), any::<u16>()), 1..=16),
    ) {
        let mut bytes = Vec::new();
        bytes.extend_from_slice(&acked.to_le_bytes());
        bytes.extend_from_slice(&newest.to_le_bytes());
        bytes.extend_from_slice(&[inputs.len() as u8 | flags << 6, view_age]);
        for (buttons, move_x, move_y, aim) in inputs {
            bytes.extend_from_slice(&[buttons, move_x as u8, move_y as u8]);
            bytes.extend_from_slice(&aim.to_le_bytes());
        }
        let packet = InputPacket::<Input>::decode(&bytes).expect("the bytes follow the layout");
        let mut again = Vec::new();
        packet.encode(&mut again);
        prop_assert_eq!(again, bytes);
    }
}
