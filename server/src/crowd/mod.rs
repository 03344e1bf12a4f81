//! What all have in common that send many clients to a server at once, `crate::bots` and `crate::bench`: they take seats like
//! anybody, read what the server says of itself, and show how far they are.

pub(crate) mod progress;

pub(crate) mod reading;

pub(crate) mod seat;
