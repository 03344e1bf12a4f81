//! The games this server can play: one row each.

use std::sync::Arc;

use arena::{Arena, ArenaConfig};
use shared::ids::MatchId;
use simulation::game::Game as _;
use simulation::handle::MatchHandle;
use simulation::notice::MatchSink;
use simulation::shard::AnyMatch;
use simulation::simulation::{MatchSettings, Simulation};
use simulation::stats::Stats;
