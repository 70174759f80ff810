//! A panel of weekly sales on the log scale, and the windows it is looked at through.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | y_jt | the panel's cell | sales of store j in week t; NaN is missing |
//! | l_jt | `History::log` | ln y_jt |
//! | a_j, b_t | `Effects` | ln of sales: store and week effect |
//! | | `History::group` | who may be compared with whom: the store's market |
//!
//! l_jt = a_j + b_t + rest. Both effects come from alternating means over the reference stores' observed
//! cells of the weeks looked at; taking b_t off first lets a store with a missing week be compared
//! with one that has it. A week of zero sales counts as half the store's least sales above zero (one
//! half, where single units are sold), so that its log exists.

use std::ops::Range;

use ndarray::{Array2, ArrayView2};

use super::TrialError;

/// Alternations between store and week means; with few cells missing two leave nothing to gain.
const ROUNDS: usize = 3;

/// Lengths of the windows, in weeks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Windows {
    /// Weeks before the start over which stores are matched.
    pub lookback: usize,
    /// Weeks before the start that the effect is measured from; at most `lookback`.
    pub before: usize,
    /// Weeks from the start on that the effect is measured over.
    pub after: usize,
}

/// Logs of a panel.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    log: Array2<f64>,
    group: Vec<u32>,
}

impl History {
    /// From sales, stores x weeks, oldest week first; NaN is missing. All stores may be compared.
    ///
    /// # Errors
    /// A cell that is negative or infinite.
    pub fn new(sales: ArrayView2<'_, f64>) -> Result<Self, TrialError> {
        Self::grouped(sales, vec![0; sales.nrows()])
    }

    /// The same where only stores of one group may be compared: `group` by store.
    ///
    /// # Errors
    /// A cell that is negative or infinite; a store without a group.
    pub fn grouped(sales: ArrayView2<'_, f64>, group: Vec<u32>) -> Result<Self, TrialError> {
        if group.len() != sales.nrows() {
            return Err(TrialError::Store { store: group.len().min(sales.nrows()) });
        }
        if let Some(((store, week), _)) = sales.indexed_iter().find(|(_, cell)| cell.is_infinite() || **cell < 0.0) {
            return Err(TrialError::Cell { store, week });
        }
        let mut log = sales.to_owned();
        for mut row in log.rows_mut() {
            let least = row.iter().copied().filter(|cell| *cell > 0.0).fold(f64::INFINITY, f64::min);
            // A store that never sold has no log at all.
            let zero = if least.is_finite() { least / 2.0 } else { f64::NAN };
            row.mapv_inplace(|cell| if cell == 0.0 { zero.ln() } else { cell.ln() });
        }
        Ok(Self { log, group })
    }

    /// Stores.
    #[must_use]
    pub fn stores(&self) -> usize {
        self.log.nrows()
    }

    /// Weeks.
    #[must_use]
    pub fn weeks(&self) -> usize {
        self.log.ncols()
    }

    /// ln of the sales of a store in a week; NaN is missing.
    pub(super) fn at(&self, store: usize, week: usize) -> f64 {
        self.log[[store, week]]
    }

    /// Refuses windows that leave the panel.
    ///
    /// # Errors
    /// Empty windows, or a start too early or too late for them.
    pub fn check(&self, windows: &Windows, start: usize) -> Result<(), TrialError> {
        let Windows { lookback, before, after } = *windows;
        let fits = before > 0 && after > 0 && before <= lookback && start >= lookback && start + after <= self.weeks();
        if fits { Ok(()) } else { Err(TrialError::Windows { start, weeks: self.weeks() }) }
    }

    /// Who may be compared with `store`: the stores of its group.
    #[must_use]
    pub fn group(&self, store: usize) -> u32 {
        self.group[store]
    }

    /// Variance over `weeks` of l_jt - l_ct, where both are observed. Infinite where that is less than half of the
    /// weeks, or where the stores are of two groups.
    #[must_use]
    pub fn variance(&self, store: usize, other: usize, weeks: Range<usize>) -> f64 {
        if self.group[store] != self.group[other] {
            return f64::INFINITY;
        }
        let of = |store: usize| self.log.row(store).to_slice().map(|row| &row[weeks.clone()]);
        match (of(store), of(other)) {
            (Some(one), Some(other)) => variance(one, other),
            _ => f64::INFINITY,
        }
    }

    /// The week effects of the reference stores, by week of `weeks`; NaN where none of them sold.
    pub(super) fn week_effects(&self, reference: &[usize], weeks: Range<usize>) -> Vec<f64> {
        let mut effects = vec![0.0; weeks.len()];
        for _ in 0..ROUNDS {
            let (mut sums, mut counts) = (vec![0.0; weeks.len()], vec![0.0; weeks.len()]);
            for &store in reference {
                let own = weeks.clone().zip(&effects).map(|(week, effect)| self.at(store, week) - effect);
                let Some(level) = mean(own.filter(|rest| rest.is_finite())) else { continue };
                for (at, week) in weeks.clone().enumerate() {
                    let log = self.at(store, week);
                    if log.is_finite() {
                        sums[at] += log - level;
                        counts[at] += 1.0;
                    }
                }
            }
            effects = sums.iter().zip(&counts).map(|(sum, count)| sum / count).collect();
        }
        effects
    }
}

/// The variance of one less the other, where both are finite; infinite where that is less than half.
fn variance(one: &[f64], other: &[f64]) -> f64 {
    let least = one.len().div_ceil(2).max(2);
    let sums = |about: f64| {
        one.iter().zip(other).map(|(one, other)| one - other).fold((0.0, 0.0, 0.0), |(count, sum, squares), gap| {
            let (seen, gap) = if gap.is_finite() { (1.0, gap - about) } else { (0.0, 0.0) };
            (count + seen, sum + gap, squares + gap * gap)
        })
    };
    let (count, sum, _) = sums(0.0);
    if count < least as f64 {
        return f64::INFINITY;
    }
    // About the mean: the difference of two large sums would lose what two stores that sell alike leave.
    let (_, rest, squares) = sums(sum / count);
    (squares - rest * rest / count).max(0.0) / (count - 1.0)
}

/// The mean; none of nothing.
pub(super) fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    (count > 0.0).then(|| sum / count)
}
