//! How much of the map a player sees: the same for everybody on any screen, and for bots.
//!
//! The page draws it in `client-web/src/arena/render/camera.ts`, with the own player in the middle. Near the edge of a map the page
//! moves the picture inwards, so that there a person sees farther to one side than to the other; a bot does not.

/// From the left edge of the picture to the right one, units.
pub const VIEW_WIDTH: f32 = 960.0;

/// From the upper edge to the lower one, units.
pub const VIEW_HEIGHT: f32 = 540.0;
