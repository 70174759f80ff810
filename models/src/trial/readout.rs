//! What a pilot said.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | e | `Readout::effect` | share: exp(difference of logs) - 1 |
//! | (a, b) | `Readout::interval` | shares |
//! | p | `Readout::p_value` | |
//! | h | `threshold` | share that is worth going on |
//!
//! Go if a > h, no-go if b < h, else undecided: the threshold is tested, not nil [schuirmann1987].

use domain::seed::Seed;
use serde::{Deserialize, Serialize};

use super::Estimator;
use super::TrialError;
use super::history::{History, Windows, mean};
use super::matched::{Matched, Plan};
use super::placebo::Calibration;
use super::randomised::Randomised;
use super::signs::Flips;

/// What follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The whole interval lies above the threshold.
    Go,
    /// The whole interval lies below the threshold.
    NoGo,
    /// The threshold lies in the interval.
    Undecided,
}

/// The effect of a pilot.
#[derive(Debug, Clone, PartialEq)]
pub struct Readout {
    /// Share by which the pilot's sales rose.
    pub effect: f64,
    /// Shares; the upper end may be infinite, the lower is -1 at least.
    pub interval: (f64, f64),
    /// Of no effect, two-sided.
    pub p_value: f64,
    /// Against the threshold.
    pub verdict: Verdict,
}

impl Readout {
    /// From differences of logs.
    fn of(effect: f64, (low, high): (f64, f64), p_value: f64, threshold: f64) -> Self {
        let interval = (low.exp_m1(), high.exp_m1());
        let verdict = match interval {
            (low, _) if low > threshold => Verdict::Go,
            (_, high) if high < threshold => Verdict::NoGo,
            _ => Verdict::Undecided,
        };
        Self { effect: effect.exp_m1(), interval, p_value, verdict }
    }

    /// Of a matched pilot that began in week `start`; the interval covers 1 - `size`.
    ///
    /// # Errors
    /// Windows that leave the panel, nothing observed, a size that the calibration can't tell.
    pub fn matched(
        history: &History,
        plan: &Plan,
        matched: &Matched,
        start: usize,
        calibration: &Calibration,
        size: f64,
        threshold: f64,
    ) -> Result<Self, TrialError> {
        let effect = matched.effect(history, plan, start)?.ok_or(TrialError::Unobserved)?;
        let half = calibration.margin(size)? * matched.scale;
        let p_value = calibration.p_value(effect, matched.scale);
        Ok(Self::of(effect, (effect - half, effect + half), p_value, threshold))
    }

    /// Of a randomised pilot that began in week `start`; the interval covers 1 - `size`.
    ///
    /// # Errors
    /// Windows that leave the panel, nothing observed, a size that is no probability.
    #[expect(clippy::too_many_arguments, reason = "a design, its sales, and what is asked of them")]
    pub fn randomised(
        history: &History,
        windows: &Windows,
        estimator: Estimator,
        randomised: &Randomised,
        start: usize,
        seed: Seed,
        size: f64,
        threshold: f64,
    ) -> Result<Self, TrialError> {
        let differences = randomised.differences(history, windows, estimator, start)?;
        let flips = Flips::new(&differences, seed)?;
        let effect = mean(differences.into_iter()).ok_or(TrialError::Unobserved)?;
        Ok(Self::of(effect, flips.interval(size)?, flips.p_value(0.0), threshold))
    }
}
