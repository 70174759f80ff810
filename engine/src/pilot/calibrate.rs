//! What placebo pilots teach of a comparison before any pilot runs.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | kappa | `Calibrated::kappa` | scales |
//! | starts | [`STARTS_MAX`] at most, [`STARTS_MIN`] at least | weeks |
//!
//! Matched: pilots of as many stores as the plan may have, drawn at random, each with controls chosen again as for the pilot itself
//! ([`models::trial::placebo`]). Randomised: as many of the nearest pairs among [`POOL`] stores, flipped again
//! ([`models::trial::randomised`]). How gains are measured is chosen among four ways by the least error of fewer draws.

use domain::seed::Seed;
use domain::settings::Settings;
use models::trial::placebo::choose_estimator;
use models::trial::{Calibration, Draws, Estimator, Plan, TrialError, Windows, randomised};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_pcg::Pcg64;

use super::pairs::PAIRS_MIN;
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

/// Stores, drawn once, of which the pairs of the past are made.
const POOL: usize = 400;

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
    let each = settings.pilot.controls_per_store as usize;
    let Some((windows, starts)) = windows(past, settings).filter(|_| each > 0 && stores > 0) else { return Ok(None) };
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

/// The windows of pilots of the past, and where they began; none where there is too little history.
fn windows(past: &Past, settings: &Settings) -> Option<(Windows, Vec<usize>)> {
    let pilot = &settings.pilot;
    let (lookback, after) = (pilot.match_weeks as usize, pilot.watch_weeks as usize);
    let last = past.start.checked_sub(after).filter(|&last| last >= lookback)?;
    if lookback == 0 || after == 0 {
        return None;
    }
    // The latest pilot ends with the history; the others step back from it.
    let step = (last - lookback + 1).div_ceil(STARTS_MAX);
    let mut starts: Vec<usize> = (lookback..=last).rev().step_by(step).collect();
    starts.reverse();
    (starts.len() >= STARTS_MIN).then_some((Windows { lookback, before: BEFORE.min(lookback), after }, starts))
}

/// A randomised comparison's calibration.
#[derive(Debug, Clone, PartialEq)]
pub struct Coined {
    /// How gains are measured.
    pub estimator: Estimator,
    /// The weeks that they are measured over.
    pub windows: Windows,
    /// Starts that placebo pilots had, and flips of each.
    pub placebos: (usize, usize),
    /// The effect, in scales, that the sign-flip test finds.
    pub kappa: f64,
}

/// Calibrates a randomised comparison of `pairs` pairs, by a given estimator or the one that errs least; none where there is
/// too little history, or too few stores to make pairs of.
///
/// # Errors
/// Stores that the past does not hold.
pub fn coined(
    past: &Past,
    settings: &Settings,
    eligible: &[bool],
    pairs: usize,
    estimator: Option<Estimator>,
) -> Result<Option<Coined>, TrialError> {
    let pairs = pairs.min(STORES_MAX);
    let Some((windows, starts)) = windows(past, settings).filter(|_| pairs >= PAIRS_MIN) else { return Ok(None) };
    let seed = Seed(settings.seed);
    let mut pool: Vec<usize> = (0..eligible.len()).filter(|&store| eligible[store]).collect();
    pool.shuffle(&mut Pcg64::seed_from_u64(seed.stream("pairs of the past", 0)));
    pool.truncate(POOL);
    let kappa = |estimator, flips| {
        randomised::kappa(&past.history, &windows, estimator, &pool, pairs, &starts, flips, seed, (SIZE, POWER))
    };
    let run = || {
        let estimator = match estimator {
            Some(known) => known,
            None => {
                let each = Estimator::ALL.into_iter().map(|one| Ok((kappa(one, DRAWN_FIRST)?, one)));
                let each: Vec<(f64, Estimator)> = each.collect::<Result<_, TrialError>>()?;
                each.into_iter().min_by(|one, other| one.0.total_cmp(&other.0)).map_or(Estimator::Level, |best| best.1)
            }
        };
        Ok(Coined { estimator, windows, placebos: (starts.len(), DRAWN), kappa: kappa(estimator, DRAWN)? })
    };
    match run() {
        Ok(coined) => Ok(Some(coined)),
        Err(TrialError::Pairs { .. } | TrialError::Placebos { .. } | TrialError::Unobserved) => Ok(None),
        Err(error) => Err(error),
    }
}
