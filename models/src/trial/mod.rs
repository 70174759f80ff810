//! Pilots that can be read: who is compared with whom, what the comparison can detect, and what it said.
//!
//! - [`history`]: the panel on the log scale; [`gains`]: what each store gained over a start.
//! - [`matched`]: controls of given pilot stores, [`placebo`]: how far such a comparison errs.
//! - [`randomised`]: pairs, recorded flips; [`signs`]: their exact test.
//! - [`readout`]: the effect, its interval, go or no-go.
//!
//! Effects are differences of logs inside and shares (exp - 1) outside.

use thiserror::Error;

pub mod assign;
pub mod gains;
pub mod history;
pub mod matched;
pub mod placebo;
pub mod randomised;
pub mod readout;
pub mod signs;
#[cfg(test)]
mod tests;

pub use gains::Estimator;
pub use history::{History, Windows};
pub use matched::{Matched, Plan};
pub use placebo::{Calibration, Draws, effects};
pub use randomised::Randomised;
pub use readout::{Readout, Verdict};

/// Why a pilot can't be designed or read.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum TrialError {
    /// Sales below zero or infinite.
    #[error("store {store} has a negative or infinite cell in week {week}")]
    Cell {
        /// Row of the panel.
        store: usize,
        /// Column of the panel.
        week: usize,
    },
    /// A store that the panel does not hold, or that is named twice.
    #[error("store {store} is not in the panel, or named twice")]
    Store {
        /// As it was named.
        store: usize,
    },
    /// Windows that are empty or leave the panel.
    #[error("the windows about week {start} are empty or leave the panel of {weeks} weeks")]
    Windows {
        /// The first week of the pilot.
        start: usize,
        /// Weeks of the panel.
        weeks: usize,
    },
    /// Not every pilot store finds its controls.
    #[error("{stores} pilot stores can't each have {each} controls of their own among {candidates} candidates")]
    Controls {
        /// Pilot stores.
        stores: usize,
        /// Controls of each.
        each: usize,
        /// Stores that may be controls.
        candidates: usize,
    },
    /// Fewer pairs than asked for.
    #[error("{stores} stores give no {pairs} pairs with enough weeks in common")]
    Pairs {
        /// Pairs asked for.
        pairs: usize,
        /// Stores offered.
        stores: usize,
    },
    /// A store of the pilot that is not observed in half of a window.
    #[error("no comparison of the pilot is observed in half of each window")]
    Unobserved,
    /// Too few placebo pilots for the size asked for.
    #[error("{count} placebo pilots can't tell the size asked for")]
    Placebos {
        /// Placebo pilots that could be read.
        count: usize,
    },
    /// A probability outside 0 to 1.
    #[error("{value} is no probability between 0 and 1")]
    Probability {
        /// As given.
        value: f64,
    },
}

/// Refuses a size or a power that is no probability.
fn probability(value: f64) -> Result<f64, TrialError> {
    if value > 0.0 && value < 1.0 { Ok(value) } else { Err(TrialError::Probability { value }) }
}
