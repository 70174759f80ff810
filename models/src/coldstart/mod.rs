//! Stores that never sold the category, forecast from stores like them.
//!
//! | symbol | here | unit |
//! |---|---|---|
//! | x_j | a row of `features`; NaN: unknown | as given |
//! | y_j | `levels` | units per week |
//! | z_j | standardised features ([`standard`]) | standard deviations |
//! | f_j | the forecast | units per week |
//! | e_j | `Fitted::residuals` | log of truth over forecast, of held-out stores |
//!
//! ln f = weighted mean of three members' ln y, plus the log of the mean of exp(residual), so that f
//! is a mean and not a median [duan1983]:
//! - *ridge* on z [hoerl1970], penalty by cross-validation ([`ridge`]); its coefficients tell what each
//!   group of features adds;
//! - *analogs*: the nearest stores by what the ridge found to matter ([`analogs`]); they are the explanation;
//! - *Gaussian process* [rasmussen2006], a linear plus a squared exponential kernel ([`process`]), over at
//!   most [`PROCESS_MAX`] stores.
//!
//! Weights: those that minimise the squared log error of held-out stores, halfway to equal; equal below
//! [`WEIGHTS_MIN`] stores. Residuals are cross-conformal [vovk2015]: every store is forecast by a fit of
//! [`FOLDS`] minus its own fold, and where a store's own interval is judged, its fold's residuals, weights
//! and bias correction are left out.
//!
//! A level of 0 counts as a fiftieth of the median level: its log is not to rule the fit.

mod analogs;
mod blend;
mod dense;
mod folds;
mod process;
mod quality;
mod ridge;
mod standard;
#[cfg(test)]
mod tests;

use domain::forecast::ColdStartQuality;
use domain::seed::Seed;
use ndarray::{Array2, ArrayView1, ArrayView2, Axis};
use rayon::prelude::*;

use analogs::Analogs;
use process::Process;
use ridge::Ridge;
use standard::Standard;

/// Stores without which nothing is fitted.
pub const STORES_MIN: usize = 20;
/// Folds that stores are held out in.
pub const FOLDS: usize = 5;
/// Stores below which the members weigh the same.
pub const WEIGHTS_MIN: usize = 100;
/// Stores at the most that the Gaussian process is fitted to: a fixed random subset.
pub const PROCESS_MAX: usize = 800;
/// Stores at the most among which analogs are looked for: a fixed random subset.
pub const ANALOGS_MAX: usize = 4000;
/// The members, in the order of their weights.
pub const MEMBERS: [&str; 3] = ["ridge regression", "analog stores", "Gaussian process"];

/// Why there is no fit.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ColdStartError {
    /// Too few stores to learn from.
    #[error("{have} stores are too few to forecast others from; {STORES_MIN} are needed")]
    TooFew {
        /// How many there are.
        have: usize,
    },
    /// Features and levels are not of the same stores.
    #[error("{rows} rows of features for {levels} levels")]
    Shape {
        /// Rows of the features.
        rows: usize,
        /// Levels.
        levels: usize,
    },
    /// A level is negative or not a number.
    #[error("the level of store {row} is {level}")]
    Level {
        /// Its row.
        row: usize,
        /// What it is.
        level: f64,
    },
    /// A level or kernel matrix could not be factored, though it is positive definite by construction.
    #[error("a matrix of {size} rows is not positive definite")]
    Singular {
        /// Its size.
        size: usize,
    },
    /// The search for neighbours was refused.
    #[error("no neighbours can be looked for among {points} stores with {features} features")]
    Neighbours {
        /// Stores.
        points: usize,
        /// Features.
        features: usize,
    },
}

/// A fit, with what it is worth.
#[derive(Debug, Clone)]
pub struct Fitted {
    members: Members,
    weights: [f64; 3],
    log_bias: f64,
    residuals: Vec<f64>,
    quality: ColdStartQuality,
}

/// The forecast of one store.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// f: mean units per week.
    pub level: f64,
    /// Training rows that it resembles, nearest first, with weights adding up to 1.
    pub analogs: Vec<(usize, f64)>,
    /// What each feature adds to ln f by the ridge member, by column.
    pub effects: Vec<f64>,
}

/// Fits to `features` (`stores x features`, NaN where unknown) and `levels` (units per week, by store).
/// `seed` decides folds and subsets.
///
/// # Errors
/// Too few stores, shapes that differ, or a level that is not a number of at least 0.
pub fn fit(features: ArrayView2<'_, f64>, levels: &[f64], seed: Seed) -> Result<Fitted, ColdStartError> {
    let stores = levels.len();
    if features.nrows() != stores {
        return Err(ColdStartError::Shape { rows: features.nrows(), levels: stores });
    }
    if let Some(row) = levels.iter().position(|level| !(level.is_finite() && *level >= 0.0)) {
        return Err(ColdStartError::Level { row, level: levels[row] });
    }
    if stores < STORES_MIN {
        return Err(ColdStartError::TooFew { have: stores });
    }
    let logs = floored_logs(levels);
    let fold = folds::assign(stores, FOLDS, seed);
    let held_out: Vec<Result<(Vec<usize>, Array2<f64>), ColdStartError>> = (0..FOLDS)
        .into_par_iter()
        .map(|held| {
            let (test, train): (Vec<usize>, Vec<usize>) = (0..stores).partition(|&store| fold[store] == held);
            let train_logs: Vec<f64> = train.iter().map(|&store| logs[store]).collect();
            let members = Members::fit(features.select(Axis(0), &train).view(), &train_logs, seed)?;
            let forecast = members.predict(features.select(Axis(0), &test).view(), None)?;
            Ok((test, forecast.logs))
        })
        .collect();
    let mut by_member = Array2::zeros((stores, 3));
    for fold in held_out {
        let (test, forecast) = fold?;
        for (row, store) in test.into_iter().enumerate() {
            by_member.row_mut(store).assign(&forecast.row(row));
        }
    }
    let truth = blend::HeldOut { logs: &logs, levels, members: by_member.view(), fold: &fold };
    let weights = blend::weights(&truth, None);
    let mut residuals: Vec<f64> =
        (0..stores).map(|store| logs[store] - blend::combine(by_member.row(store), weights)).collect();
    let log_bias = blend::log_mean_exp(&residuals);
    residuals.iter_mut().for_each(|residual| *residual -= log_bias);
    residuals.sort_unstable_by(f64::total_cmp);
    let quality = quality::measure(&truth);
    let members = Members::fit(features, &logs, seed)?;
    Ok(Fitted { members, weights, log_bias, residuals, quality })
}

impl Fitted {
    /// Forecasts stores by their features. `own` says which training row a store itself is, if any, so
    /// that it is not its own analog; empty if none is.
    ///
    /// # Errors
    /// Where the search for analogs is refused.
    pub fn predict(
        &self,
        features: ArrayView2<'_, f64>,
        own: &[Option<usize>],
    ) -> Result<Vec<Prediction>, ColdStartError> {
        let forecast = self.members.predict(features, Some(own))?;
        Ok(forecast
            .analogs
            .into_iter()
            .enumerate()
            .map(|(row, analogs)| Prediction {
                level: (blend::combine(forecast.logs.row(row), self.weights) + self.log_bias).exp(),
                analogs,
                effects: self.members.ridge.effects(forecast.standard.row(row)),
            })
            .collect())
    }

    /// The members with their weights.
    #[must_use]
    pub fn methods(&self) -> Vec<(String, f64)> {
        MEMBERS.iter().zip(self.weights).map(|(name, weight)| ((*name).to_owned(), weight)).collect()
    }

    /// Log residuals of held-out stores, ascending, the mean of their exp 1.
    #[must_use]
    pub fn residuals(&self) -> &[f64] {
        &self.residuals
    }

    /// Measured on held-out stores.
    #[must_use]
    pub fn quality(&self) -> ColdStartQuality {
        self.quality
    }

    /// What a value of one feature adds to ln f by the ridge member, within the range seen in training; 0 where unknown.
    #[must_use]
    pub fn effect(&self, feature: usize, value: f64) -> f64 {
        self.members.ridge.coefficient(feature) * self.members.standard.one(feature, value)
    }
}

/// ln y, levels near 0 raised to a fiftieth of the median of those above 0.
fn floored_logs(levels: &[f64]) -> Vec<f64> {
    let mut positive: Vec<f64> = levels.iter().copied().filter(|&level| level > 0.0).collect();
    positive.sort_unstable_by(f64::total_cmp);
    let floor = positive.get(positive.len() / 2).map_or(1e-3, |median| median / 50.0);
    levels.iter().map(|level| level.max(floor).ln()).collect()
}

/// The three members, fitted to the same stores.
#[derive(Debug, Clone)]
struct Members {
    standard: Standard,
    ridge: Ridge,
    analogs: Analogs,
    process: Process,
}

/// What the members say of some stores.
struct Said {
    standard: Array2<f64>,
    /// ln y by store and member.
    logs: Array2<f64>,
    analogs: Vec<Vec<(usize, f64)>>,
}

impl Members {
    fn fit(features: ArrayView2<'_, f64>, logs: &[f64], seed: Seed) -> Result<Self, ColdStartError> {
        let standard = Standard::fit(features);
        let z = standard.apply(features);
        let ridge = Ridge::fit(z.view(), logs, &folds::assign(logs.len(), FOLDS, Seed(!seed.0)))?;
        let nearby = folds::subset(logs.len(), ANALOGS_MAX, seed);
        let analogs = Analogs::new(z.view(), logs, nearby, ridge.coefficients());
        let process = Process::fit(z.view(), logs, &folds::subset(logs.len(), PROCESS_MAX, seed))?;
        Ok(Self { standard, ridge, analogs, process })
    }

    fn predict(&self, features: ArrayView2<'_, f64>, own: Option<&[Option<usize>]>) -> Result<Said, ColdStartError> {
        let standard = self.standard.apply(features);
        let found = self.analogs.find(standard.view(), own.unwrap_or_default())?;
        let rows: Vec<[f64; 3]> = (0..standard.nrows())
            .into_par_iter()
            .map(|row| {
                let z: ArrayView1<'_, f64> = standard.row(row);
                [self.ridge.predict(z), self.analogs.mean(&found[row]), self.process.predict(z)]
            })
            .collect();
        let logs = Array2::from_shape_fn((rows.len(), 3), |(row, member)| rows[row][member]);
        Ok(Said { standard, logs, analogs: found })
    }
}
