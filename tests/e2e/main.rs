//! The whole server in this process, over real sockets.

/// Joining, walking, seeing others, leaving.
mod play;

/// The list of matches, seats, and coming back to them.
mod lobby;

/// How each player is reached, as all are told.
mod presences;

/// Private matches.
mod private;

/// Seeing a match without being in it.
mod watch;

/// Seeing a match again.
mod replays;

/// What hostile clients get, and that nobody else notices.
mod hostile;

/// What the server says over HTTP.
mod outside;

/// How it ends.
mod shutdown;
