//! When to stop, and how a long step says where it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Tells the time since some start; the binary's is monotonic, a test's is its own.
pub trait Clock: Send + Sync {
    /// Time since the clock's start.
    fn elapsed(&self) -> Duration;
}

/// A clock that stands still: nothing ever times out.
#[derive(Debug, Clone, Copy)]
pub struct NoClock;

impl Clock for NoClock {
    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }
}

/// Stopping criteria, as a value.
#[derive(Clone)]
pub struct Stop {
    /// Set by a signal handler.
    pub interrupted: Arc<AtomicBool>,
    /// The clock that `deadline` is read on.
    pub clock: Arc<dyn Clock>,
    /// Stop when the clock shows this much; a plan cut by it is recorded as not replayable.
    pub deadline: Option<Duration>,
    /// Stop after this many nodes of a tree; replayable.
    pub nodes_max: u64,
}

impl std::fmt::Debug for Stop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stop")
            .field("deadline", &self.deadline)
            .field("nodes_max", &self.nodes_max)
            .finish_non_exhaustive()
    }
}

impl Default for Stop {
    fn default() -> Self {
        Self {
            interrupted: Arc::new(AtomicBool::new(false)),
            clock: Arc::new(NoClock),
            deadline: None,
            nodes_max: u64::MAX,
        }
    }
}

/// Why work ended before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// A signal.
    Interrupted,
    /// The clock.
    Deadline,
    /// The budget of nodes.
    Nodes,
}

impl Stop {
    /// Whether a signal came.
    #[must_use]
    pub fn interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }

    /// Whether to stop now, after `nodes` nodes, and why.
    #[must_use]
    pub fn now(&self, nodes: u64) -> Option<Cut> {
        if self.interrupted() {
            Some(Cut::Interrupted)
        } else if nodes >= self.nodes_max {
            Some(Cut::Nodes)
        } else if self.deadline.is_some_and(|deadline| self.clock.elapsed() >= deadline) {
            Some(Cut::Deadline)
        } else {
            None
        }
    }
}

impl Stop {
    /// The same with a deadline after `part` of the time that is left.
    #[must_use]
    pub fn after_part(&self, part: f64) -> Self {
        let now = self.clock.elapsed();
        let deadline = self.deadline.map(|deadline| now + deadline.saturating_sub(now).mul_f64(part));
        Self { deadline, ..self.clone() }
    }
}

/// What a long step says about itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Event<'a> {
    /// One of a command's steps begins.
    Step {
        /// What is done, as a person would say it.
        name: &'a str,
        /// Its number, from 1.
        at: u32,
        /// How many steps the command has.
        of: u32,
        /// Pieces of work, where known.
        total: Option<u64>,
    },
    /// A part of the step begins.
    Stage {
        /// What is done, as a person would say it.
        name: &'a str,
    },
    /// So many pieces of the step are done.
    Done(u64),
    /// The solver's state.
    Search {
        /// Best objective so far, in the objective's unit; none before the first.
        incumbent: Option<f64>,
        /// Proven bound so far, same unit.
        bound: f64,
        /// Rounds of cuts so far.
        rounds: u64,
        /// Nodes so far.
        nodes: u64,
    },
}

/// Hears what a long step says. The pure crates speak, the binary shows.
pub trait Progress: Sync {
    /// One thing said.
    fn say(&self, event: Event<'_>);
}

/// Hears nothing.
#[derive(Debug, Clone, Copy)]
pub struct Silent;

impl Progress for Silent {
    fn say(&self, _: Event<'_>) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    struct At(u64);

    impl Clock for At {
        fn elapsed(&self) -> Duration {
            Duration::from_secs(self.0)
        }
    }

    #[test]
    fn a_part_of_the_time_that_is_left_ends_before_the_deadline() {
        let at = |now, deadline: Option<u64>| {
            let stop =
                Stop { clock: Arc::new(At(now)), deadline: deadline.map(Duration::from_secs), ..Stop::default() };
            stop.after_part(0.5).deadline
        };
        assert_eq!(at(10, Some(30)), Some(Duration::from_secs(20)));
        assert_eq!(at(30, Some(10)), Some(Duration::from_secs(30)), "late already");
        assert_eq!(at(10, None), None);
    }
}
