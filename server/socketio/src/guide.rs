//! Pages beside the reference.

/// Coming from the Node server.
pub mod from_node {
    #![doc = include_str!("../docs/from_node.md")]
}

/// Coming from the crate socketioxide.
pub mod from_socketioxide {
    #![doc = include_str!("../docs/from_socketioxide.md")]
}

/// What there is, and which test shows it.
pub mod features {
    #![doc = include_str!("../docs/features.md")]
}
