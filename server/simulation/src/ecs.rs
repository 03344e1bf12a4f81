//! A world of bevy_ecs with a schedule, for games whose rules are systems.
//!
//! A system finds the inputs of the tick in the resource [`Inputs`] and leaves what happened in the resource [`Events`]; this module
//! carries both there and back. What it costs: a system and each resource that it fetches take some ten cache lines to find, which
//! a match that is alone on its thread does not feel and a thousand do. A game that wants to be there a thousand times keeps its
//! world in a type of its own and calls its mechanics one after the other, as the arena does.

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use bevy_ecs::schedule::{LogLevel, Schedule, ScheduleBuildSettings, SingleThreadedExecutor};
use bevy_ecs::world::World;
use shared::record::Record;

use crate::game::{Events, Inputs};

/// Ticks between two times that the world forgets which components were removed: it would remember all of them. Once in a while
/// is enough.
const TRACKED_TICKS: u32 = 4;

/// The world of a game of inputs `I` and events `E`; derefs to that of bevy.
pub struct Ecs<I: Record, E: Record> {
    world: World,
    /// What runs in each tick. Systems that touch the same data must be ordered: an ambiguity is an error when it first runs.
    pub schedule: Schedule,
    ticks: u32,
    records: PhantomData<fn(I, E)>,
}

impl<I: Record, E: Record> Ecs<I, E> {
    /// Empty but for [`Inputs`] and [`Events`].
    pub fn new() -> Self {
        let mut world = World::new();
        world.insert_resource(Inputs::<I>::default());
        world.insert_resource(Events::<E>::default());
        let mut schedule = Schedule::default();
        // A dependency that turns on the parallel executor would change the default; a match has one thread.
        schedule.set_executor(SingleThreadedExecutor::new());
        schedule.set_build_settings(ScheduleBuildSettings {
            ambiguity_detection: LogLevel::Error,
            ..ScheduleBuildSettings::default()
        });
        Self {
            world,
            schedule,
            ticks: 0,
            records: PhantomData,
        }
    }

    /// Runs the schedule once. What was pushed to the resource [`Events`] since the last time is told with what happens now.
    pub fn run(&mut self, inputs: &Inputs<I>, events: &mut Events<E>) {
        self.world.resource_mut::<Inputs<I>>().clone_from(inputs);
        let mut in_world = self.world.resource_mut::<Events<E>>();
        events.append(&mut in_world);
        std::mem::swap(&mut *in_world, events);
        self.schedule.run(&mut self.world);
        std::mem::swap(&mut *self.world.resource_mut::<Events<E>>(), events);
        self.ticks = self.ticks.wrapping_add(1);
        if self.ticks.is_multiple_of(TRACKED_TICKS) {
            self.world.clear_trackers();
        }
    }
}

impl<I: Record, E: Record> Default for Ecs<I, E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<I: Record, E: Record> Deref for Ecs<I, E> {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}

impl<I: Record, E: Record> DerefMut for Ecs<I, E> {
    fn deref_mut(&mut self) -> &mut World {
        &mut self.world
    }
}

#[cfg(test)]
mod tests {
    use bevy_ecs::system::ResMut;
    use shared::record::{DecodeError, Reader};

    use super::*;

    /// When it was pushed.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    struct Pushed(u8);

    impl Record for Pushed {
        fn encode(&self, out: &mut Vec<u8>) {
            out.push(self.0);
        }

        fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Ok(Self(reader.u8()?))
        }
    }

    #[test]
    fn what_is_pushed_between_ticks_is_told_in_order_with_the_next() {
        let mut ecs = Ecs::<Pushed, Pushed>::new();
        ecs.schedule
            .add_systems(|mut events: ResMut<Events<Pushed>>| events.push(Pushed(3)));
        let mut events = Events::default();
        events.push(Pushed(1));
        events.change_setup(vec![1]);
        let mut in_world = ecs.resource_mut::<Events<Pushed>>();
        in_world.push(Pushed(2));
        in_world.change_setup(vec![2]);
        ecs.run(&Inputs::default(), &mut events);
        assert_eq!(events.take().collect::<Vec<_>>(), [1, 2, 3].map(Pushed));
        assert_eq!(events.take_setup(), Some(vec![2]));
        ecs.run(&Inputs::default(), &mut events);
        assert_eq!(events.take().collect::<Vec<_>>(), [Pushed(3)]);
        assert_eq!(events.take_setup(), None);
    }
}
