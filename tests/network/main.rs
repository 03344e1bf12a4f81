//! The rules of the network on made-up links, in made-up time: seeded, so each figure is the same in every run.

/// How many inputs come too late on each link, and what coming in time costs.
mod input_timing;
