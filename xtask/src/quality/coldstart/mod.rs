//! The cold start on real stores, whole stores held out: accuracy, regret, intervals, and the weeks after opening.
//!
//! | symbol | what | unit |
//! |---|---|---|
//! | y_j, f_j | level of store j: mean weekly units; its forecast | units per week |
//! | WAPE | sum |f - y| / sum y | |
//! | regret | 1 - sum of y over the twelve largest f / sum of the twelve largest y | |
//! | width | sum (high - low) / sum y, of the central 80 % | |
//!
//! *Protocol.* Per seed all stores are split into folds; the stores of a fold are forecast from their attributes by a
//! fit of the others, and the folds' forecasts are put together. Whatever the fit chooses (penalty, kernels, weights,
//! residuals) it chooses within its own training stores. Figures are means over the seeds.
//! Doubt about a difference: the stores are drawn again with replacement, both forecasts with them [efron1993].
//!
//! *After opening.* The held-out store's weeks come in one after the other; noise and the chain's weeks are learned
//! from the training stores, the prior is the cold start's forecast.

mod data;
mod opening;

use std::io::{self, Write};
use std::path::Path;

use domain::seed::Seed;
use models::coldstart::{self as cold, ColdStartError, Fitted, Prediction, Stores};
use ndarray::Axis;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use rayon::prelude::*;

use data::Data;

/// Why there is no table.
#[derive(Debug, thiserror::Error)]
pub enum ColdStartTableError {
    /// A file can't be read.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// What the system says.
        source: io::Error,
    },
    /// A row that is not as it should be.
    #[error("{table}: `{row}` is no row of it")]
    Table {
        /// The table.
        table: &'static str,
        /// The row.
        row: String,
    },
    /// The table could not be printed.
    #[error(transparent)]
    Print(#[from] io::Error),
    /// A fit failed.
    #[error(transparent)]
    Fit(#[from] ColdStartError),
}

/// Stores that a plan would open.
const TOP: usize = 12;
/// Draws of the bootstrap.
const DRAWS: usize = 2000;

/// A held-out store's forecast.
#[derive(Debug, Clone, Copy, Default)]
struct Held {
    mean: f64,
    median: f64,
    low: f64,
    high: f64,
}

/// A fit without a fold, with the held-out stores and what it says of them.
struct Split {
    fitted: Fitted,
    train: Vec<usize>,
    test: Vec<usize>,
    said: Vec<Prediction>,
}

/// Prints the table from the folder that `xtask/peers/coldstart.py` wrote.
///
/// # Errors
/// A table that can't be read, or a fit that failed.
pub fn coldstart(folder: &Path) -> Result<(), ColdStartTableError> {
    let data = data::read(folder)?;
    let mut held: Vec<Vec<Vec<Held>>> = Vec::new();
    let mut after = vec![Vec::new(); opening::WEEKS.len()];
    for seed in 0..data.folds.len() {
        let splits = split(&data, seed, 0)?;
        let opened: Result<Vec<_>, _> = splits.par_iter().map(|split| opening::follow(&data, split)).collect();
        after.iter_mut().for_each(|weeks| weeks.push(vec![0.0; data.levels[0].len()]));
        for (split, by_weeks) in splits.iter().zip(opened?) {
            for (weeks, levels) in after.iter_mut().zip(by_weeks) {
                split.test.iter().zip(levels).for_each(|(&store, level)| weeks[seed][store] = level);
            }
        }
        let mut targets = vec![stitch(&data, splits)];
        for target in 1..data.levels.len() {
            targets.push(stitch(&data, split(&data, seed, target)?));
        }
        held.push(targets);
    }
    Ok(print(&data, &held, &after)?)
}

/// Fits without each fold in turn.
fn split(data: &Data, seed: usize, target: usize) -> Result<Vec<Split>, ColdStartError> {
    let fold = &data.folds[seed];
    let folds = fold.iter().max().map_or(0, |last| last + 1);
    (0..folds)
        .into_par_iter()
        .map(|held| {
            let (test, train): (Vec<usize>, Vec<usize>) = (0..fold.len()).partition(|&store| fold[store] == held);
            let features = data.features.select(Axis(0), &train);
            let levels: Vec<f64> = train.iter().map(|&store| data.levels[target][store]).collect();
            let stores = Stores { features: features.view(), levels: &levels, markets: &[] };
            let fitted = cold::fit(stores, Seed(1))?;
            let said = fitted.predict(data.features.select(Axis(0), &test).view(), &[], &[])?;
            Ok(Split { fitted, train, test, said })
        })
        .collect()
}

fn stitch(data: &Data, splits: Vec<Split>) -> Vec<Held> {
    let mut held = vec![Held::default(); data.levels[0].len()];
    for split in &splits {
        for (&store, said) in split.test.iter().zip(&split.said) {
            let [low, median, high] = [0.1, 0.5, 0.9].map(|level| split.fitted.quantile(said, level));
            held[store] = Held { mean: said.level, median, low, high };
        }
    }
    held
}

/// sum |f - y| / sum y.
fn wape(forecast: &[f64], truth: &[f64]) -> f64 {
    let wrong: f64 = forecast.iter().zip(truth).map(|(f, y)| (f - y).abs()).sum();
    wrong / truth.iter().sum::<f64>()
}

fn regret(forecast: &[f64], truth: &[f64]) -> f64 {
    let top = |key: &[f64]| {
        let mut order: Vec<usize> = (0..key.len()).collect();
        order.sort_by(|&a, &b| key[b].total_cmp(&key[a]));
        order.iter().take(TOP).map(|&store| truth[store]).sum::<f64>()
    };
    1.0 - top(forecast) / top(truth)
}

fn mean(values: impl IntoIterator<Item = f64>) -> f64 {
    let (sum, count) = values.into_iter().fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    sum / count
}

/// The 90 % interval of WAPE(a) - WAPE(b), stores drawn again with replacement; a, b: by seed and store, the
/// sums of absolute errors and of truths.
fn doubt(a: &[Vec<f64>], b: &[Vec<f64>], truth: &[f64]) -> (f64, f64) {
    let errors = |forecasts: &[Vec<f64>]| -> Vec<f64> {
        (0..truth.len()).map(|store| mean(forecasts.iter().map(|seed| seed[store]))).collect()
    };
    let (a, b) = (errors(a), errors(b));
    let mut random = Pcg64::seed_from_u64(1);
    let mut found: Vec<f64> = (0..DRAWS)
        .map(|_| {
            let (mut gap, mut total) = (0.0, 0.0);
            for _ in 0..truth.len() {
                let store = random.random_range(0..truth.len());
                gap += a[store] - b[store];
                total += truth[store];
            }
            gap / total
        })
        .collect();
    found.sort_unstable_by(f64::total_cmp);
    (found[DRAWS / 20], found[DRAWS - 1 - DRAWS / 20])
}

/// What a method said, as the table needs it.
struct Method {
    /// Forecasts of all brands by seed and store.
    level: Vec<Vec<f64>>,
    /// Absolute errors over all brands, one by one, by seed and store.
    brand_errors: Vec<Vec<f64>>,
    /// Coverage and width of the central 80 %.
    interval: (f64, f64),
}

impl Method {
    fn new(
        data: &Data,
        forecast: impl Fn(usize, usize, usize) -> f64,
        ends: impl Fn(usize, usize) -> (f64, f64),
    ) -> Self {
        let (seeds, stores) = (data.folds.len(), data.levels[0].len());
        let by_seed = |one: &dyn Fn(usize, usize) -> f64| -> Vec<Vec<f64>> {
            (0..seeds).map(|seed| (0..stores).map(|store| one(seed, store)).collect()).collect()
        };
        let held = by_seed(&|seed, store| {
            let (low, high) = ends(seed, store);
            f64::from(u8::from((low..=high).contains(&data.levels[0][store])))
        });
        let wide = by_seed(&|seed, store| ends(seed, store).1 - ends(seed, store).0);
        Self {
            level: by_seed(&|seed, store| forecast(seed, 0, store)),
            brand_errors: by_seed(&|seed, store| {
                (1..data.levels.len()).map(|at| (forecast(seed, at, store) - data.levels[at][store]).abs()).sum()
            }),
            interval: (
                mean(held.into_iter().flatten()),
                mean(wide.into_iter().flatten()) / mean(data.levels[0].iter().copied()),
            ),
        }
    }

    fn wape(&self, truth: &[f64]) -> f64 {
        mean(self.level.iter().map(|seed| wape(seed, truth)))
    }

    fn errors(&self, truth: &[f64]) -> Vec<Vec<f64>> {
        self.level.iter().map(|seed| seed.iter().zip(truth).map(|(f, y)| (f - y).abs()).collect()).collect()
    }
}

fn print(data: &Data, held: &[Vec<Vec<Held>>], after: &[Vec<Vec<f64>>]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let truth = &data.levels[0];
    let brands: Vec<f64> =
        (0..truth.len()).map(|store| data.levels[1..].iter().map(|brand| brand[store]).sum()).collect();
    let interval = |seed: usize, store: usize| (held[seed][0][store].low, held[seed][0][store].high);
    let ours = Method::new(data, |seed, target, store| held[seed][target][store].mean, interval);
    let medians = Method::new(data, |seed, target, store| held[seed][target][store].median, interval);
    let peer = (!data.peers.is_empty()).then(|| {
        let at = |seed: usize, target: usize, store: usize| data.peers[seed][target][store];
        Method::new(
            data,
            |seed, target, store| at(seed, target, store).0,
            |seed, store| at(seed, 0, store).1.unwrap_or((f64::NAN, f64::NAN)),
        )
    });
    let percent = |value: f64| format!("{:.1}", 100.0 * value);
    let regrets = |method: &Method| mean(method.level.iter().map(|seed| regret(seed, truth)));
    let by_brand = |method: &Method| {
        mean(method.brand_errors.iter().map(|seed| seed.iter().sum::<f64>() / brands.iter().sum::<f64>()))
    };
    writeln!(
        out,
        "{} stores, {} attributes, {} targets, {} seeds of folds; %",
        truth.len(),
        data.features.ncols(),
        data.levels.len(),
        data.folds.len()
    )?;
    writeln!(out)?;
    writeln!(out, "| case | ours | ours, median | scikit-learn's blend | ours / blend |")?;
    writeln!(out, "|---|--:|--:|--:|--:|")?;
    let mut row = |name: &str, figure: &dyn Fn(&Method) -> f64| {
        let (own, theirs) = (figure(&ours), peer.as_ref().map(figure));
        writeln!(
            out,
            "| {name} | {} | {} | {} | {} |",
            percent(own),
            percent(figure(&medians)),
            theirs.map_or_else(String::new, percent),
            theirs.map_or_else(String::new, |theirs| format!("{:.2}", own / theirs))
        )
    };
    row("WAPE by store", &|method| method.wape(truth))?;
    row("regret of the predicted top twelve", &regrets)?;
    row("WAPE by store and brand", &by_brand)?;
    row("coverage of the central 80 %", &|method| method.interval.0)?;
    row("its width, share of actual", &|method| method.interval.1)?;
    writeln!(out)?;
    if let Some(peer) = &peer {
        let (low, high) = doubt(&ours.errors(truth), &peer.errors(truth), truth);
        let (low_brand, high_brand) = doubt(&ours.brand_errors, &peer.brand_errors, &brands);
        writeln!(
            out,
            "Ours less the blend's, 90 % of {DRAWS} draws of the stores: by store {} to {}, by store and brand {} to {} points.",
            percent(low),
            percent(high),
            percent(low_brand),
            percent(high_brand)
        )?;
        writeln!(out)?;
    }
    writeln!(out, "| weeks after opening | WAPE by store |")?;
    writeln!(out, "|--:|--:|")?;
    for (weeks, levels) in opening::WEEKS.iter().zip(after) {
        writeln!(out, "| {weeks} | {} |", percent(mean(levels.iter().map(|seed| wape(seed, truth)))))?;
    }
    Ok(())
}
