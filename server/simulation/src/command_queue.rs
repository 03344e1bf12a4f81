//! The way of commands into a match: a bounded list that the match takes over as a whole once in a tick.
//!
//! Two lists change places, so the memory of a match's commands is as large as the most that ever waited, and what is read in a
//! tick was written one after the other. A queue with all its places laid out would be a hundred kilobytes for each match, of which
//! every tick needs another part.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::ahead::{Whereabouts, ask_for};
use crate::command::{COMMANDS_QUEUED_MAX, Command, Refused};
use crate::next_tick::quarters_until;
use crate::stats::Stats;

/// Both ends of a new queue.
pub(crate) fn command_queue<I>(stats: Arc<Stats>) -> (CommandSender<I>, CommandReceiver<I>) {
    let waiting = Arc::new(Mutex::new(Waiting {
        commands: VecDeque::new(),
        is_closed: false,
        next_due: None,
    }));
    let sender = CommandSender {
        waiting: Arc::clone(&waiting),
        stats: Arc::clone(&stats),
    };
    let receiver = CommandReceiver {
        waiting,
        taken: VecDeque::new(),
        counted: 0,
        next: Whereabouts::default(),
        stats,
    };
    (sender, receiver)
}

#[derive(Debug)]
struct Waiting<I> {
    commands: VecDeque<Command<I>>,
    /// Nobody will take them.
    is_closed: bool,
    /// When they will be taken: the next tick is due. Under the lock that both sides hold anyway.
    next_due: Option<Instant>,
}

/// For everybody who has something to say to a match.
#[derive(Debug)]
pub(crate) struct CommandSender<I> {
    waiting: Arc<Mutex<Waiting<I>>>,
    stats: Arc<Stats>,
}

/// The end of the match. When it is dropped, what waits is dropped with it.
#[derive(Debug)]
pub(crate) struct CommandReceiver<I> {
    waiting: Arc<Mutex<Waiting<I>>>,
    /// Taken over and not yet handed out.
    taken: VecDeque<Command<I>>,
    /// Of those, the ones that are still counted as waiting.
    counted: usize,
    /// Where those will lie that come for the next tick.
    next: Whereabouts,
    stats: Arc<Stats>,
}

impl<I> CommandSender<I> {
    /// How early a command is that arrived then, quarters of a tick: see [`quarters_until`].
    pub(crate) fn quarters_early(&self, arrived: Instant) -> u8 {
        let next_due = lock(&self.waiting).next_due;
        quarters_until(next_due, arrived)
    }

    /// Queues a command, or gives it back and says why: [`Refused::Busy`] when too many wait, [`Refused::Ended`] when nobody will
    /// come for it.
    pub(crate) fn send(&self, command: Command<I>) -> Result<(), (Command<I>, Refused)> {
        let mut waiting = lock(&self.waiting);
        if waiting.is_closed {
            return Err((command, Refused::Ended));
        }
        // Whoever watches leaves room for those who play.
        let max = if matches!(
            command,
            Command::Look { .. } | Command::Watch { .. } | Command::Steer { .. }
        ) {
            COMMANDS_QUEUED_MAX / 2
        } else {
            COMMANDS_QUEUED_MAX
        };
        if waiting.commands.len() >= max {
            self.stats.commands_refused.add(1);
            return Err((command, Refused::Busy));
        }
        waiting.commands.push_back(command);
        self.stats.commands_waiting.rise();
        Ok(())
    }
}

impl<I> CommandReceiver<I> {
    /// Takes over what waits, unless enough is left of the last time; gives how many commands there are for this tick, at most
    /// `max`. What comes from now on is for the tick that is due at `next_due`.
    pub(crate) fn take_over(&mut self, max: usize, next_due: Option<Instant>) -> usize {
        let mut waiting = lock(&self.waiting);
        waiting.next_due = next_due;
        if self.taken.len() < max {
            if self.taken.is_empty() {
                // From the beginning of its memory again.
                self.taken.clear();
                std::mem::swap(&mut self.taken, &mut waiting.commands);
                let room = waiting.commands.as_slices().0;
                self.next = Whereabouts::of_room(room.as_ptr(), self.taken.len());
            } else {
                self.taken.append(&mut waiting.commands);
            }
        }
        drop(waiting);
        let count = self.taken.len().min(max);
        self.stats.commands_waiting.fall_by(count as u64);
        self.counted = self.taken.len() - count;
        count
    }

    /// Asks for what the next tick takes over, once this has come itself.
    pub(crate) fn look_ahead(&self) {
        ask_for(&*self.waiting);
        self.next.ask();
    }

    /// The oldest command of those that were taken over.
    pub(crate) fn next(&mut self) -> Option<Command<I>> {
        self.taken.pop_front()
    }
}

impl<I> Drop for CommandReceiver<I> {
    fn drop(&mut self) {
        let waiting = {
            let mut waiting = lock(&self.waiting);
            waiting.is_closed = true;
            std::mem::take(&mut waiting.commands)
        };
        // What waits is dropped after the lock is free: replies in it call back.
        let count = waiting.len() + self.counted;
        self.stats.commands_waiting.fall_by(count as u64);
    }
}

/// A panic cannot leave a list half changed.
fn lock<I>(waiting: &Mutex<Waiting<I>>) -> MutexGuard<'_, Waiting<I>> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use shared::ids::PlayerId;
    use shared::input::InputPacket;
    use shared::tick::Tick;

    use super::*;
    use crate::command::Reply;

    /// The input of no game.
    #[derive(Clone, Copy, Debug)]
    struct Nothing;

    fn inspect(answers: &mpsc::Sender<Refused>) -> Command<Nothing> {
        let answers = answers.clone();
        Command::Inspect {
            reply: Reply::new(move |answer| answers.send(answer.unwrap_err()).unwrap()),
        }
    }

    fn input(early_quarters: u8) -> Command<Nothing> {
        Command::Input {
            player: PlayerId(0),
            packet: InputPacket {
                acked: Tick(0),
                newest: Tick(1),
                inputs: [Nothing].into_iter().collect(),
                view_age: 0,
                hidden: false,
                resync: false,
            },
            early_quarters,
        }
    }

    /// The numbers of the inputs that a tick of at most `max` commands gets.
    fn take(receiver: &mut CommandReceiver<Nothing>, max: usize) -> Vec<u8> {
        let number = |command| match command {
            Command::Input { early_quarters, .. } => early_quarters,
            other => panic!("only inputs are sent: {other:?}"),
        };
        let count = receiver.take_over(max, None);
        (0..count)
            .map(|_| number(receiver.next().expect("so many were taken over")))
            .collect()
    }

    #[test]
    fn commands_come_in_their_order_and_no_more_than_a_tick_wants() {
        let stats = Arc::<Stats>::default();
        let (sender, mut receiver) = command_queue(Arc::clone(&stats));
        for number in 0..5 {
            assert!(sender.send(input(number)).is_ok());
        }
        assert_eq!(take(&mut receiver, 3), [0, 1, 2]);
        assert!(sender.send(input(5)).is_ok());
        assert_eq!(stats.commands_waiting.value(), 3);
        assert_eq!(take(&mut receiver, 3), [3, 4, 5]);
        assert_eq!(take(&mut receiver, 3), [0; 0]);
        assert_eq!(stats.commands_waiting.value(), 0);
    }

    #[test]
    fn a_full_queue_refuses_and_counts_it() {
        let stats = Arc::<Stats>::default();
        let (sender, mut receiver) = command_queue(Arc::clone(&stats));
        for _ in 0..COMMANDS_QUEUED_MAX {
            assert!(sender.send(input(0)).is_ok());
        }
        assert!(matches!(sender.send(input(0)), Err((_, Refused::Busy))));
        assert_eq!(stats.commands_refused.value(), 1);
        assert_eq!(receiver.take_over(1, None), 1);
        drop(receiver.next());
        assert!(matches!(sender.send(input(0)), Ok(())));
    }

    #[test]
    fn whoever_waits_when_the_match_ends_is_answered_and_nothing_is_taken_any_more() {
        let stats = Arc::<Stats>::default();
        let (sender, mut receiver) = command_queue(Arc::clone(&stats));
        let (answers, answered) = mpsc::channel();
        assert!(sender.send(input(0)).is_ok());
        assert!(sender.send(inspect(&answers)).is_ok());
        assert_eq!(receiver.take_over(1, None), 1);
        drop(receiver.next());
        assert!(sender.send(inspect(&answers)).is_ok());
        drop(receiver);
        assert_eq!(answered.try_iter().collect::<Vec<_>>(), [Refused::Ended; 2]);
        assert!(matches!(sender.send(input(0)), Err((_, Refused::Ended))));
        assert_eq!(stats.commands_waiting.value(), 0);
    }
}
