//! How far a matched comparison errs: pilots that never were.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | T_b = e_b / s_b | `Calibration::errors` | effects that are not there, in scales |
//! | q | `Calibration::margin` | scales: the ceil((1 - alpha)(B + 1))-th of the ordered abs T_b |
//! | kappa | `Calibration::kappa` | scales: what is found with the power asked for |
//!
//! Each placebo pilot is a random set of as many eligible stores, with a start in the past; its
//! controls are chosen again from the stores that are left, as for the pilot itself, and the effect is
//! measured that is not there [abadie2010]. Formulas do not know how weekly sales hang together over weeks
//! and stores [bertrand2004]; placebos need no formula. T is taken as symmetric: exchanging the roles of pilot
//! and controls turns its sign, so sets drawn at random have no preferred one.
//!
//! - p-value of T: (1 + number of abs T_b >= abs T)/(B + 1) [phipson2010].
//! - interval: e -+ q s.
//! - MDE = exp(kappa s) - 1, kappa the least shift at which a share `power` of -+T_b + kappa exceeds q.

use domain::seed::Seed;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use rayon::prelude::*;

use super::history::{History, mean};
use super::matched::{Matched, Plan};
use super::{Estimator, TrialError, probability};

/// Which placebo pilots are drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Draws {
    /// Stores of each: as many as the pilot has.
    pub stores: usize,
    /// Stores that could be pilot stores or controls.
    pub eligible: Vec<usize>,
    /// First weeks of placebo pilots.
    pub starts: Vec<usize>,
    /// Pilots drawn for each start.
    pub per_start: usize,
    /// Names the draws.
    pub seed: Seed,
}

/// The errors of a comparison, measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// T_b, ascending by size.
    errors: Vec<f64>,
}

impl Calibration {
    /// Runs the placebo pilots. One whose stores find no controls or are not observed is left out.
    ///
    /// # Errors
    /// Starts whose windows leave the panel, unknown stores, or no placebo pilot that can be read.
    pub fn run(history: &History, plan: &Plan, draws: &Draws) -> Result<Self, TrialError> {
        let errors = effects(history, plan, draws)?;
        Self::from_errors(errors.into_iter().map(|(effect, scale)| effect / scale).collect())
    }

    /// From errors in scales.
    ///
    /// # Errors
    /// No error that is finite.
    pub fn from_errors(mut errors: Vec<f64>) -> Result<Self, TrialError> {
        errors.retain(|error| error.is_finite());
        if errors.is_empty() {
            return Err(TrialError::Placebos { count: 0 });
        }
        errors.sort_unstable_by(|a, b| a.abs().total_cmp(&b.abs()).then(a.total_cmp(b)));
        Ok(Self { errors })
    }

    /// The errors in scales, ascending by size.
    #[must_use]
    pub fn errors(&self) -> &[f64] {
        &self.errors
    }

    /// Root mean square error of a design with scale `scale`, as a difference of logs.
    #[must_use]
    pub fn standard_error(&self, scale: f64) -> f64 {
        scale * mean(self.errors.iter().map(|error| error * error)).unwrap_or(0.0).sqrt()
    }

    /// The p-value of an effect measured with scale `scale`.
    #[must_use]
    pub fn p_value(&self, effect: f64, scale: f64) -> f64 {
        let size = (effect / scale).abs();
        let as_large = self.errors.len() - self.errors.partition_point(|error| error.abs() < size);
        (1 + as_large) as f64 / (1 + self.errors.len()) as f64
    }

    /// q.
    ///
    /// # Errors
    /// A size that is no probability, or that this many placebo pilots can't tell.
    pub fn margin(&self, size: f64) -> Result<f64, TrialError> {
        let count = self.errors.len();
        let rank = ((1.0 - probability(size)?) * (count + 1) as f64).ceil();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and count + 1")]
        let rank = rank as usize;
        self.errors.get(rank - 1).map(|error| error.abs()).ok_or(TrialError::Placebos { count })
    }

    /// kappa: the effect, in scales, that a test of this size finds with this power.
    ///
    /// # Errors
    /// As [`Calibration::margin`].
    pub fn kappa(&self, size: f64, power: f64) -> Result<f64, TrialError> {
        let margin = self.margin(size)?;
        let mut both: Vec<f64> = self.errors.iter().flat_map(|&error| [-error, error]).collect();
        both.sort_unstable_by(f64::total_cmp);
        let rank = (probability(power)? * both.len() as f64).ceil();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and the length")]
        let rank = rank as usize;
        Ok(margin + both[rank - 1])
    }

    /// MDE of a design with scale `scale`: the least effect, as a share, found with this power.
    ///
    /// # Errors
    /// As [`Calibration::margin`].
    pub fn minimum_detectable_effect(&self, scale: f64, size: f64, power: f64) -> Result<f64, TrialError> {
        Ok((self.kappa(size, power)? * scale).exp_m1())
    }
}

/// Effect and scale of each placebo pilot, in the order of the starts.
///
/// # Errors
/// As [`Calibration::run`].
pub fn effects(history: &History, plan: &Plan, draws: &Draws) -> Result<Vec<(f64, f64)>, TrialError> {
    draws.starts.iter().try_for_each(|&start| history.check(&plan.windows, start))?;
    if draws.stores == 0 || draws.stores >= draws.eligible.len() {
        let (stores, candidates) = (draws.stores, draws.eligible.len());
        return Err(TrialError::Controls { stores, each: plan.controls_per_store, candidates });
    }
    let tasks: Vec<(usize, usize)> =
        draws.starts.iter().flat_map(|&start| (0..draws.per_start).map(move |at| (start, at))).collect();
    let effects: Vec<Option<(f64, f64)>> = tasks
        .into_par_iter()
        .map(|(start, at)| {
            // A stream per start and draw: more starts or draws leave the others as they are.
            let stream = draws.seed.stream("trial placebo", (start as u64) << 32 | at as u64);
            let (pilot, rest) = split(&draws.eligible, draws.stores, stream);
            match Matched::choose(history, plan, &pilot, &rest, start) {
                Ok(matched) => Ok(matched.effect(history, plan, start)?.map(|effect| (effect, matched.scale))),
                Err(TrialError::Controls { .. }) => Ok(None),
                Err(error) => Err(error),
            }
        })
        .collect::<Result<_, TrialError>>()?;
    Ok(effects.into_iter().flatten().filter(|(effect, scale)| (effect / scale).is_finite()).collect())
}

/// The estimator that errs least, in scales, over the placebo pilots; ties go to the first.
///
/// # Errors
/// As [`Calibration::run`].
pub fn choose_estimator(
    history: &History,
    plan: &Plan,
    draws: &Draws,
    among: &[Estimator],
) -> Result<Estimator, TrialError> {
    let mut best: Option<(f64, Estimator)> = None;
    for &estimator in among {
        let calibration = Calibration::run(history, &Plan { estimator, ..*plan }, draws)?;
        let error = calibration.standard_error(1.0);
        if best.is_none_or(|(least, _)| error < least) {
            best = Some((error, estimator));
        }
    }
    best.map(|(_, estimator)| estimator).ok_or(TrialError::Placebos { count: 0 })
}

/// A random set of `count` stores, ascending, and the rest.
fn split(stores: &[usize], count: usize, stream: u64) -> (Vec<usize>, Vec<usize>) {
    let mut random = Pcg64::seed_from_u64(stream);
    let mut order = stores.to_vec();
    for at in 0..count {
        let other = random.random_range(at..order.len());
        order.swap(at, other);
    }
    let mut rest = order.split_off(count);
    order.sort_unstable();
    rest.sort_unstable();
    (order, rest)
}
