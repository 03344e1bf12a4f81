//! Whom a match sends snapshots to: those who play, and those who only watch.

use shared::ids::PlayerId;

/// A viewer of one match, given in order of coming. It is no participant and stands nowhere on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ViewerId(pub u32);

/// One client of a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client {
    /// Plays.
    Player(PlayerId),
    /// Watches.
    Viewer(ViewerId),
}
