//! What a pilot said, once its stores have sold for a while.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | T | [`Reading::weeks`] | weeks since the plan's date, at most `pilot.watch_weeks` |
//! | e, (a, b), p | [`Readout`] | shares |
//!
//! The stores, their controls and how gains are measured are those of the plan: nothing is chosen after the fact. The
//! errors are measured again, on placebo pilots watched for T weeks that ended before the pilot began, so an early look
//! is as honest as the last one; looking every week and stopping at the first success is not. A randomised pilot's interval
//! rests on its coins alone ([`models::trial::signs`]).

use domain::calendar::Date;
use domain::ids::Idx;
use domain::market::{Device, Market};
use domain::plan::Plan;
use domain::seed::Seed;
use domain::settings::Settings;
use models::trial::{Estimator, Matched, Randomised, Readout, randomised};

use super::calibrate::{calibrated, coined};
use super::design::name;
use super::eligible::eligible;
use super::past::Past;
use super::series::Related;
use super::{POWER, SIZE};
use crate::EngineError;

/// What a pilot said of one kind of sales.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// T.
    pub weeks: u32,
    /// Effect, interval and verdict.
    pub readout: Readout,
    /// The least effect that this comparison finds 8 times in 10, as a share.
    pub minimum_detectable_effect: f64,
    /// Pilots that never were, on which the error was measured.
    pub placebos: usize,
}

/// Which sales are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sales {
    /// Of the products that tell of the devices.
    Related,
    /// Of everything.
    All,
}

/// Why a pilot can't be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It has no controls.
    #[error("the plan has no controls, so there is nothing to compare its stores with")]
    NoControls,
    /// A store is gone from the tables.
    #[error("store `{0}` of the plan is not in the table of stores")]
    NoStore(String),
    /// No week is over yet.
    #[error("no week of sales is over between {from} and {until}")]
    TooEarly {
        /// The plan's date.
        from: Date,
        /// The date that is looked from.
        until: Date,
    },
    /// Too little history.
    #[error("there is too little history to say how far such a comparison errs")]
    TooLittle,
    /// Sales that can't be compared.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// Reads the pilot of `plan`, made with `settings` for `devices`, from what was sold until `until`; go means an effect
/// above `threshold`.
///
/// # Errors
/// See [`ReadError`].
pub fn read(
    market: &Market,
    settings: &Settings,
    devices: &[Idx<Device>],
    plan: &Plan,
    until: Date,
    threshold: f64,
    sales: Sales,
) -> Result<Reading, ReadError> {
    let related = Related::new(market, settings, devices).until(until);
    let related = if sales == Sales::All { related.everything() } else { related };
    let past = Past::of(market, &related).map_err(EngineError::from)?;
    let weeks = u32::try_from(past.history.weeks() - past.start).unwrap_or(u32::MAX).min(settings.pilot.watch_weeks);
    if weeks == 0 {
        return Err(ReadError::TooEarly { from: settings.as_of, until });
    }
    let find = |id: &String| market.store_ids.find(id).map(Idx::at).ok_or_else(|| ReadError::NoStore(id.clone()));
    let (mut pilot, mut controls) = (Vec::new(), Vec::new());
    for chosen in plan.stores.iter().filter(|chosen| !chosen.controls.is_empty()) {
        pilot.push(find(&chosen.store_id)?);
        controls.push(chosen.controls.iter().map(find).collect::<Result<Vec<_>, _>>()?);
    }
    if pilot.is_empty() {
        return Err(ReadError::NoControls);
    }
    let mut settings = settings.clone();
    settings.pilot.watch_weeks = weeks;
    if plan.pilot.design == "randomised" {
        return of_pairs(&past, &settings, &eligible(market, &settings), plan, &pilot, &controls, threshold);
    }
    let known = calibrated(&past, &settings, &eligible(market, &settings), pilot.len(), stated(plan));
    let known = known.map_err(EngineError::from)?.ok_or(ReadError::TooLittle)?;
    let lookback = past.start - known.plan.windows.lookback..past.start;
    let pairs = pilot.iter().zip(&controls);
    let sum: f64 = pairs
        .map(|(&own, controls)| {
            let each = controls.iter().map(|&control| past.history.variance(own, control, lookback.clone()));
            each.sum::<f64>() / controls.len() as f64
        })
        .sum();
    let matched = Matched { scale: sum.sqrt() / pilot.len() as f64, pilot, controls };
    let readout =
        Readout::matched(&past.history, &known.plan, &matched, past.start, &known.calibration, SIZE, threshold)
            .map_err(EngineError::from)?;
    let effect = known.calibration.minimum_detectable_effect(matched.scale, SIZE, POWER).map_err(EngineError::from)?;
    Ok(Reading { weeks, readout, minimum_detectable_effect: effect, placebos: known.calibration.errors().len() })
}

/// How the plan said that gains would be measured.
fn stated(plan: &Plan) -> Option<Estimator> {
    let stated = plan.pilot.estimator.as_deref();
    Estimator::ALL.into_iter().find(|&estimator| Some(name(estimator)) == stated)
}

/// Reads a randomised pilot: the interval needs fair coins, and nothing of the past.
fn of_pairs(
    past: &Past,
    settings: &Settings,
    eligible: &[bool],
    plan: &Plan,
    open: &[usize],
    partners: &[Vec<usize>],
    threshold: f64,
) -> Result<Reading, ReadError> {
    let known = coined(past, settings, eligible, open.len(), stated(plan)).map_err(EngineError::from)?;
    let known = known.ok_or(ReadError::TooLittle)?;
    let pairs: Vec<(usize, usize)> = open.iter().zip(partners).map(|(&open, partner)| (open, partner[0])).collect();
    let scale = randomised::scale(&past.history, &known.windows, &pairs, past.start);
    // The first of each pair is the one that opened.
    let fell = Randomised { flips: vec![false; pairs.len()], pairs };
    let (windows, seed) = (&known.windows, Seed(settings.seed));
    let readout =
        Readout::randomised(&past.history, windows, known.estimator, &fell, past.start, seed, SIZE, threshold)
            .map_err(EngineError::from)?;
    let weeks = settings.pilot.watch_weeks;
    let effect = (known.kappa * scale).exp_m1();
    Ok(Reading { weeks, readout, minimum_detectable_effect: effect, placebos: known.placebos.0 * known.placebos.1 })
}
