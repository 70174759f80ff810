//! Stores that never sold the category, forecast from stores like them.
//!
//! | symbol | here | unit |
//! |---|---|---|
//! | x_j | a row of `features`; NaN: unknown | as given |
//! | y_j | `levels` | units per week |
//! | z_j | standardised features ([`standard`]) | standard deviations |
//! | f_j | the forecast | units per week |
//!
//! | s_j | `Prediction::scale` | how far the store may lie off, against others ([`spread`]) |
//! | Q(u) | `Fitted::residuals` | log of truth over forecast of held-out stores, in units of s_j |
//!
//! m_j is the weighted mean of the members' ln y; the quantile of ln y_j at level u is m_j + s_j Q(u), and f_j is the
//! mean of that distribution, not its median [duan1983]. The members:
//! - *ridge* on z [hoerl1970], penalty by cross-validation ([`ridge`]); its coefficients tell what each
//!   group of features adds;
//! - *analogs*: the nearest stores ([`analogs`]); they are the explanation;
//! - *Gaussian process* [rasmussen2006], averaged over kernels by their likelihood ([`process`]), and *support vector
//!   regression* ([`support`]), over at most [`PROCESS_MAX`] stores;
//! - *trees*, extremely randomised, which need more stores than the others ([`trees`]);
//! - the *mean* of all stores, for features that tell nothing.
//!
//! Weights come from held-out stores and are drawn towards equal ones ([`blend`]). Residuals are cross-conformal
//! [vovk2015]: every store is forecast by a fit of [`FOLDS`] (of up to 400 stores [`FOLDS_FEW`]) minus its own fold, and
//! where a store's own interval is judged, its fold's residuals and weights are left out.
//!
//! A level of 0 counts as a fiftieth of the median level: its log is not to rule the fit.

mod analogs;
mod blend;
pub(crate) mod dense;
mod folds;
mod process;
mod quality;
mod relevance;
mod ridge;
mod spread;
mod standard;
mod support;
#[cfg(test)]
mod tests;
mod trees;
mod tridiagonal;

use domain::forecast::ColdStartQuality;
use domain::seed::Seed;
use ndarray::{Array2, ArrayView1, ArrayView2, Axis};
use rayon::prelude::*;

use crate::sampler::Residuals;
use analogs::{Analogs, Found};
use process::Process;
use ridge::Ridge;
use spread::{Hardness, Missed, Spread};
use standard::Standard;
use support::Support;
use trees::Trees;

/// Stores without which nothing is fitted.
pub const STORES_MIN: usize = 20;
/// Folds that stores are held out in.
pub const FOLDS: usize = 5;
/// The same of few stores.
pub const FOLDS_FEW: usize = 10;
/// Stores at the most that the Gaussian process and support vectors are fitted to: a fixed random subset.
pub const PROCESS_MAX: usize = 800;
/// Stores at the most among which analogs are looked for: a fixed random subset.
pub const ANALOGS_MAX: usize = 4000;
/// The members, in the order of their weights.
pub const MEMBERS: [&str; COUNT] = [
    "ridge regression",
    "analog stores",
    "Gaussian process",
    "support vector regression",
    "randomised trees",
    "mean of all stores",
];
/// How many they are.
const COUNT: usize = 6;

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
    /// Markets and levels are not of the same stores.
    #[error("{markets} markets for {levels} levels")]
    Markets {
        /// Markets given.
        markets: usize,
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
    weights: [f64; COUNT],
    spread: Spread,
    held_out: Vec<HeldOut>,
    quality: ColdStartQuality,
}

/// What a training store was forecast at by the fit that did not see it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeldOut {
    /// Mean units per week.
    pub level: f64,
    /// As [`Prediction::scale`].
    pub scale: f64,
}

/// The forecast of one store.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// f: mean units per week.
    pub level: f64,
    /// s: how far the store may lie off, against others; the log residuals count as many times.
    pub scale: f64,
    /// Training rows that it resembles, nearest first, with weights adding up to 1.
    pub analogs: Vec<(usize, f64)>,
    /// What each feature adds to ln f by the ridge member, by column.
    pub effects: Vec<f64>,
}

/// Stores to learn from.
#[derive(Debug, Clone, Copy)]
pub struct Stores<'a> {
    /// `stores x features`; NaN where unknown.
    pub features: ArrayView2<'a, f64>,
    /// Units per week, by store.
    pub levels: &'a [f64],
    /// The market of each store, in which intervals are to hold; empty: all are of one.
    pub markets: &'a [usize],
}

/// Fits to `stores`. `seed` decides folds, subsets and the cuts of trees.
///
/// # Errors
/// Too few stores, shapes that differ, or a level that is not a number of at least 0.
pub fn fit(stores: Stores<'_>, seed: Seed) -> Result<Fitted, ColdStartError> {
    let Stores { features, levels, markets } = stores;
    let stores = levels.len();
    if features.nrows() != stores {
        return Err(ColdStartError::Shape { rows: features.nrows(), levels: stores });
    }
    if !markets.is_empty() && markets.len() != stores {
        return Err(ColdStartError::Markets { markets: markets.len(), levels: stores });
    }
    if let Some(row) = levels.iter().position(|level| !(level.is_finite() && *level >= 0.0)) {
        return Err(ColdStartError::Level { row, level: levels[row] });
    }
    if stores < STORES_MIN {
        return Err(ColdStartError::TooFew { have: stores });
    }
    let logs = floored_logs(levels);
    let folds = folds::count(stores);
    let fold = folds::assign(stores, folds, seed);
    let held_out: Vec<Result<(Vec<usize>, Said), ColdStartError>> = (0..folds)
        .into_par_iter()
        .map(|held| {
            let (test, train): (Vec<usize>, Vec<usize>) = (0..stores).partition(|&store| fold[store] == held);
            let train_logs: Vec<f64> = train.iter().map(|&store| logs[store]).collect();
            let members = Members::fit(features.select(Axis(0), &train).view(), &train_logs, seed)?;
            let said = members.predict(features.select(Axis(0), &test).view(), None)?;
            Ok((test, said))
        })
        .collect();
    let mut by_member = Array2::zeros((stores, COUNT));
    let mut hardness = vec![Hardness { distance: 0.0, spread: 0.0 }; stores];
    for fold in held_out {
        let (test, said) = fold?;
        for (row, store) in test.into_iter().enumerate() {
            by_member.row_mut(store).assign(&said.logs.row(row));
            hardness[store] = said.found[row].hardness();
        }
    }
    let truth = blend::Judged { logs: &logs, levels, members: by_member.view(), fold: &fold };
    let weights = blend::weights(&truth, None);
    let missed = |store: usize, weights: &[f64; COUNT]| Missed {
        log: logs[store] - blend::combine(by_member.row(store), weights),
        hardness: hardness[store],
        group: markets.get(store).copied().unwrap_or(0),
    };
    let spread = Spread::fit(&(0..stores).map(|store| missed(store, &weights)).collect::<Vec<Missed>>());
    let forecast = |store: usize| {
        let scale = spread.scale(hardness[store], markets.get(store).copied().unwrap_or(0));
        HeldOut { level: spread.mean(blend::combine(by_member.row(store), &weights), scale), scale }
    };
    let held_out: Vec<HeldOut> = (0..stores).map(forecast).collect();
    let quality = quality::measure(&truth, folds, missed);
    let members = Members::fit(features, &logs, seed)?;
    Ok(Fitted { members, weights, spread, held_out, quality })
}

impl Fitted {
    /// Forecasts stores by their features. `markets` are theirs as in [`Stores`]; `own` says which training row a
    /// store itself is, if any, so that it is not its own analog; both empty: one market, none.
    ///
    /// # Errors
    /// Where the search for analogs is refused.
    pub fn predict(
        &self,
        features: ArrayView2<'_, f64>,
        markets: &[usize],
        own: &[Option<usize>],
    ) -> Result<Vec<Prediction>, ColdStartError> {
        let said = self.members.predict(features, Some(own))?;
        Ok(said
            .found
            .into_iter()
            .enumerate()
            .map(|(row, found)| {
                let scale = self.spread.scale(found.hardness(), markets.get(row).copied().unwrap_or(0));
                Prediction {
                    level: self.spread.mean(blend::combine(said.logs.row(row), &self.weights), scale),
                    scale,
                    analogs: found.rows,
                    effects: self.members.ridge.effects(said.standard.row(row)),
                }
            })
            .collect())
    }

    /// The members with their weights.
    #[must_use]
    pub fn methods(&self) -> Vec<(String, f64)> {
        MEMBERS.iter().zip(self.weights).map(|(name, weight)| ((*name).to_owned(), weight)).collect()
    }

    /// Log residuals of held-out stores over their scales, at equally spaced levels, the mean of their exp 1.
    #[must_use]
    pub fn residuals(&self) -> &Residuals {
        self.spread.residuals()
    }

    /// The quantile of a store's level at `level` in [0, 1]: units per week.
    #[must_use]
    pub fn quantile(&self, store: &Prediction, level: f64) -> f64 {
        let residuals = self.spread.residuals();
        store.level * (store.scale * residuals.log_at(level) - residuals.log_mean(store.scale)).exp()
    }

    /// What each training store was forecast at by the fit that did not see it.
    #[must_use]
    pub fn held_out(&self) -> &[HeldOut] {
        &self.held_out
    }

    /// Mean and standard deviation of the log of a level with mean `level` and a store's `scale`.
    #[must_use]
    pub fn log_moments(&self, level: f64, scale: f64) -> (f64, f64) {
        let residuals = self.spread.residuals();
        let (mean, sd) = residuals.moments();
        (level.ln() + scale * mean - residuals.log_mean(scale), scale * sd)
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

/// The members, fitted to the same stores.
#[derive(Debug, Clone)]
struct Members {
    standard: Standard,
    ridge: Ridge,
    analogs: Analogs,
    process: Process,
    support: Support,
    trees: Trees,
    mean: f64,
}

/// What the members say of some stores.
struct Said {
    standard: Array2<f64>,
    /// ln y by store and member.
    logs: Array2<f64>,
    found: Vec<Found>,
}

impl Members {
    fn fit(features: ArrayView2<'_, f64>, logs: &[f64], seed: Seed) -> Result<Self, ColdStartError> {
        let standard = Standard::fit(features);
        let z = standard.apply(features);
        let ridge = Ridge::fit(z.view(), logs, &folds::assign(logs.len(), FOLDS, Seed(!seed.0)))?;
        let nearby = folds::subset(logs.len(), ANALOGS_MAX, seed);
        let analogs = Analogs::new(z.view(), logs, nearby);
        let some = folds::subset(logs.len(), PROCESS_MAX, seed);
        let metrics = relevance::metrics(z.view(), logs, ridge.coefficients());
        let process = Process::fit(z.view(), logs, &some, &metrics)?;
        let support = Support::fit(z.view(), logs, &some);
        let trees = Trees::fit(z.view(), logs, seed);
        let mean = logs.iter().sum::<f64>() / logs.len().max(1) as f64;
        Ok(Self { standard, ridge, analogs, process, support, trees, mean })
    }

    fn predict(&self, features: ArrayView2<'_, f64>, own: Option<&[Option<usize>]>) -> Result<Said, ColdStartError> {
        let standard = self.standard.apply(features);
        let found = self.analogs.find(standard.view(), own.unwrap_or_default())?;
        let rows: Vec<[f64; COUNT]> = (0..standard.nrows())
            .into_par_iter()
            .map(|row| {
                let z: ArrayView1<'_, f64> = standard.row(row);
                [
                    self.ridge.predict(z),
                    found[row].mean,
                    self.process.predict(z),
                    self.support.predict(z),
                    self.trees.predict(z),
                    self.mean,
                ]
            })
            .collect();
        let logs = Array2::from_shape_fn((rows.len(), COUNT), |(row, member)| rows[row][member]);
        Ok(Said { standard, logs, found })
    }
}
