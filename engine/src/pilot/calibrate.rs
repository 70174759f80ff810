//! What placebo pilots teach of a comparison before any pilot runs.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | kappa | `Calibrated::kappa` | scales |
//! | starts | [`STARTS_MAX`] at most, [`STARTS_MIN`] at least | weeks |
//!
//! Pilots of as many stores as the plan may have, drawn at random, each with controls chosen again as for the pilot itself
//! ([`models::trial::placebo`]). How gains are measured is chosen among four ways by the least error of fewer draws.

use domain::seed::Seed;
use domain::settings::Settings;
use models::trial::placebo::choose_estimator;
use models::trial::{Calibration, Draws, Estimator, Plan, TrialError, Windows};

use super::past::Past;
use super::{POWER, SIZE};

/// Weeks that gains are measured from.
const BEFORE: usize = 13;
/// First weeks of placebo pilots at most and at least.
const STARTS_MAX: usize = 24;
/// See [`STARTS_MAX`].
const STARTS_MIN: usize = 4;
/// Pilots drawn for each start, and for the choice of how gains are measured.
const DRAWN: usize = 20;
/// See [`DRAWN`].
const DRAWN_FIRST: usize = 4;
/// Stores of a placebo pilot at most: in scales, larger ones err no differently.
const STORES_MAX: usize = 24;

/// A comparison's calibration.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibrated {
    /// How the pilot will be compared.
    pub plan: Plan,
    /// Errors of placebo pilots.
    pub calibration: Calibration,
    /// Starts that placebo pilots had.
    pub starts: usize,
    /// The effect, in scales, that is detected.
    pub kappa: f64,
}

/// Calibrates comparisons of `stores` stores, by a given estimator or the one that errs least; none where there is too little history, or too few stores to draw
/// pilots from.
///
/// # Errors
/// Stores that the past does not hold.
pub fn calibrated(
    past: &Past,
    settings: &Settings,
    eligible: &[bool],
    stores: usize,
    estimator: Option<Estimator>,
) -> Result<Option<Calibrated>, TrialError> {
    let pilot = &settings.pilot;
    let (lookback, after) = (pilot.match_weeks as usize, pilot.watch_weeks as usize);
    let windows = Windows { lookback, before: BEFORE.min(lookback), after };
    let Some(last) = past.start.checked_sub(after).filter(|&last| last >= lookback) else { return Ok(None) };
    let each = pilot.controls_per_store as usize;
    if each == 0 || stores == 0 || lookback == 0 || after == 0 {
        return Ok(None);
    }
    // The latest pilot ends with the history; the others step back from it.
    let step = (last - lookback + 1).div_ceil(STARTS_MAX);
    let mut starts: Vec<usize> = (lookback..=last).rev().step_by(step).collect();
    starts.reverse();
    if starts.len() < STARTS_MIN {
        return Ok(None);
    }
    let eligible: Vec<usize> = (0..eligible.len()).filter(|&store| eligible[store]).collect();
    let draws = |per_start| Draws {
        stores: stores.min(STORES_MAX),
        eligible: eligible.clone(),
        starts: starts.clone(),
        per_start,
        seed: Seed(settings.seed),
    };
    let plan = |estimator| Plan { controls_per_store: each, windows, estimator };
    let run = || {
        let estimator = match estimator {
            Some(known) => known,
            None => choose_estimator(&past.history, &plan(Estimator::Weekly), &draws(DRAWN_FIRST), &Estimator::ALL)?,
        };
        let plan = plan(estimator);
        let calibration = Calibration::run(&past.history, &plan, &draws(DRAWN))?;
        let kappa = calibration.kappa(SIZE, POWER)?;
        Ok(Calibrated { plan, calibration, starts: starts.len(), kappa })
    };
    match run() {
        Ok(calibrated) => Ok(Some(calibrated)),
        // Too few stores or weeks to draw pilots from: nothing is claimed.
        Err(TrialError::Controls { .. } | TrialError::Placebos { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
