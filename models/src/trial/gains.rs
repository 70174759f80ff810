//! What each store gained over the start of a pilot, before it is compared with others.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | L_j(W) | `level` | ln of sales of store j in window W, week effects taken off |
//! | g_j | `Gains::of` | L_j(after) - L_j(before) |
//! | f_j | `features` | what was known of j at the start, on the log scale |
//!
//! `Weekly`: L_j(W) = mean over observed weeks of l_jt - b_t. `Level`: L_j(W) = ln(sum y_jt / sum e^b_t),
//! which small weeks move less. `Adjusted` takes off what the start already told: g_j - f_j' beta,
//! beta by least squares over the stores that are not in the pilot [lin2013]. f_j are the fall back to
//! the level of the lookback, L_j(before) - L_j(lookback); the trend within `before`; and the same
//! gain a year earlier, where the history reaches: the season that is a store's own.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::history::{History, Windows, mean};

/// Weeks of a year.
const YEAR: usize = 52;
/// Stores per coefficient, at least, before anything is adjusted.
const STORES_PER_FEATURE: usize = 8;

/// Stores that week effects and coefficients are learned from, at most: of so many, a week's mean is known to a twentieth
/// of a store's own noise.
const REFERENCE_MAX: usize = 500;

/// How the gain of a store is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Estimator {
    /// Mean of weekly logs.
    Weekly,
    /// Log of the window's sum.
    Level,
    /// `Weekly`, less what was known at the start.
    WeeklyAdjusted,
    /// `Level`, less what was known at the start.
    LevelAdjusted,
}

impl Estimator {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Weekly, Self::Level, Self::WeeklyAdjusted, Self::LevelAdjusted];

    /// The gain of `compared` stores from a start, by store; none where half of a window is missing, and of stores that
    /// nobody compares. Week effects and coefficients come from stores of the group that are not in `pilot`. The
    /// windows lie within the history.
    pub(super) fn gains(
        self,
        history: &History,
        windows: &Windows,
        start: usize,
        compared: &[usize],
        pilot: &[usize],
    ) -> Vec<Option<f64>> {
        let mut gains = vec![None; history.stores()];
        let mut groups: Vec<u32> = compared.iter().map(|&store| history.group(store)).collect();
        groups.sort_unstable();
        groups.dedup();
        for group in groups {
            let here = |store: &usize| history.group(*store) == group;
            let compared: Vec<usize> = compared.iter().copied().filter(here).collect();
            let others = reference(history, group, pilot);
            // All stores are in the pilot: their week effects are the only ones there are.
            let others = if others.is_empty() { compared.clone() } else { others };
            let mut stores: Vec<usize> = compared.iter().chain(&others).copied().collect();
            stores.sort_unstable();
            stores.dedup();
            let found = self.gains_of(history, windows, start, &stores, &others);
            for (&store, gain) in stores.iter().zip(found) {
                gains[store] = gain;
            }
        }
        gains
    }

    /// The gains of `stores` of one group (ascending), in their order.
    fn gains_of(
        self,
        history: &History,
        windows: &Windows,
        start: usize,
        stores: &[usize],
        others: &[usize],
    ) -> Vec<Option<f64>> {
        let mean_of_logs = matches!(self, Self::Weekly | Self::WeeklyAdjusted);
        let view = View::new(history, others, start - windows.lookback..start + windows.after, mean_of_logs);
        let before = start - windows.before..start;
        let after = start..start + windows.after;
        let gain = |view: &View<'_>, store, back: usize| {
            let (before, after) = (before.start - back..before.end - back, after.start - back..after.end - back);
            Some(view.level(store, after)? - view.level(store, before)?)
        };
        let gains: Vec<Option<f64>> = stores.iter().map(|&store| gain(&view, store, 0)).collect();
        if matches!(self, Self::Weekly | Self::Level) {
            return gains;
        }
        let middle = start - windows.before.div_ceil(2);
        let year = (windows.before + YEAR <= start && windows.after <= YEAR)
            .then(|| View::new(history, others, before.start - YEAR..after.end - YEAR, mean_of_logs));
        let mut features = vec![
            stores
                .iter()
                .map(|&store| {
                    Some(view.level(store, before.clone())? - view.level(store, start - windows.lookback..start)?)
                })
                .collect::<Vec<_>>(),
            stores
                .iter()
                .map(|&store| Some(view.level(store, middle..start)? - view.level(store, before.clone())?))
                .collect(),
        ];
        features.extend(year.map(|view| stores.iter().map(|&store| gain(&view, store, YEAR)).collect()));
        // Positions of the reference among the stores.
        let reference: Vec<usize> = others.iter().filter_map(|store| stores.binary_search(store).ok()).collect();
        adjusted(gains, &features, &reference)
    }
}

/// Stores of a group that no pilot touches: all of them, or every so manyth of the very many.
fn reference(history: &History, group: u32, pilot: &[usize]) -> Vec<usize> {
    let others: Vec<usize> =
        (0..history.stores()).filter(|store| history.group(*store) == group && !pilot.contains(store)).collect();
    let step = others.len().div_ceil(REFERENCE_MAX).max(1);
    others.into_iter().step_by(step).collect()
}

/// Levels of stores in windows.
struct View<'a> {
    history: &'a History,
    first: usize,
    effects: Vec<f64>,
    mean_of_logs: bool,
}

impl<'a> View<'a> {
    fn new(history: &'a History, reference: &[usize], weeks: Range<usize>, mean_of_logs: bool) -> Self {
        Self { history, first: weeks.start, effects: history.week_effects(reference, weeks), mean_of_logs }
    }

    /// L_j(W).
    fn level(&self, store: usize, weeks: Range<usize>) -> Option<f64> {
        let least = weeks.len().div_ceil(2);
        let cells = weeks.filter_map(|week| {
            let (log, effect) = (self.history.at(store, week), self.effects[week - self.first]);
            (log.is_finite() && effect.is_finite()).then_some((log, effect))
        });
        let (mut count, mut logs, mut sales, mut expected) = (0_usize, 0.0, 0.0, 0.0);
        for (log, effect) in cells {
            count += 1;
            logs += log - effect;
            sales += log.exp();
            expected += effect.exp();
        }
        (count >= least).then(|| if self.mean_of_logs { logs / count as f64 } else { (sales / expected).ln() })
    }
}

/// Gains less what the features told, by least squares over the reference stores; a feature that a
/// store lacks is at its mean.
fn adjusted(gains: Vec<Option<f64>>, features: &[Vec<Option<f64>>], reference: &[usize]) -> Vec<Option<f64>> {
    let known: Vec<usize> = reference.iter().copied().filter(|&store| gains[store].is_some()).collect();
    let count = features.len();
    if known.len() < STORES_PER_FEATURE * (count + 1) {
        return gains;
    }
    let centred: Vec<Vec<f64>> = features
        .iter()
        .map(|feature| {
            let centre = mean(known.iter().filter_map(|&store| feature[store])).unwrap_or(0.0);
            feature.iter().map(|value| value.map_or(0.0, |value| value - centre)).collect()
        })
        .collect();
    let centre = mean(known.iter().filter_map(|&store| gains[store])).unwrap_or(0.0);
    // Normal equations, solved by elimination: at most three unknowns.
    let mut rows: Vec<Vec<f64>> = (0..count)
        .map(|one| {
            let product =
                |other: &dyn Fn(usize) -> f64| known.iter().map(|&store| centred[one][store] * other(store)).sum();
            let mut row: Vec<f64> = (0..count).map(|at| product(&|store| centred[at][store])).collect();
            row.push(product(&|store| gains[store].unwrap_or(centre) - centre));
            row
        })
        .collect();
    let slopes = solve(&mut rows);
    gains
        .into_iter()
        .enumerate()
        .map(|(store, gain)| {
            gain.map(|gain| {
                gain - slopes.iter().zip(&centred).map(|(slope, feature)| slope * feature[store]).sum::<f64>()
            })
        })
        .collect()
}

/// Solves a positive semidefinite system (right side in the last column); an unknown that the others
/// determine is 0.
fn solve(rows: &mut [Vec<f64>]) -> Vec<f64> {
    let count = rows.len();
    let sizes: Vec<f64> = (0..count).map(|at| rows[at][at]).collect();
    for pivot in 0..count {
        // What is left of a column after the others: rounding alone leaves about 1e-16 of it.
        if rows[pivot][pivot] <= 1e-9 * sizes[pivot] || sizes[pivot] <= 0.0 {
            rows[pivot].fill(0.0);
            continue;
        }
        for other in (0..count).filter(|&other| other != pivot) {
            let factor = rows[other][pivot] / rows[pivot][pivot];
            for column in 0..=count {
                rows[other][column] -= factor * rows[pivot][column];
            }
        }
    }
    (0..count).map(|at| if rows[at][at] > 0.0 { rows[at][count] / rows[at][at] } else { 0.0 }).collect()
}
