//! Whether a series has a season, and what it is.
//!
//! | symbol | here | |
//! |---|---|---|
//! | d | departure of a known cell from the level around it | units, or a factor |
//! | s_i | `Season` indices: mean of d by position i, centred | additive: units; multiplicative: a factor |
//! | F | spread of s_i between positions over the spread of d within them | |
//!
//! The level is the moving average over one season, carried to the ends along the slope from the
//! first season's mean to the last's. Multiplicative where every known value is above 0. There is a season if the history holds two
//! and F exceeds 1 + 1.645 sqrt(2/df1 + 2/df2) x 1.5: the 95 % point of its normal approximation, widened
//! since neighbouring weeks share their noise. (The usual test of the autocorrelation at lag m
//! [makridakis2000] misses every smooth season of 52 weeks: Bartlett's band grows with each lag before m.)
//! Indices are then shrunk towards none by 1 - 1/F, the empirical Bayes factor [efron1973].

use serde::{Deserialize, Serialize};

use super::prepare::Series;

/// Indices of a season, or none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Season {
    multiplicative: bool,
    /// Empty without a season.
    indices: Vec<f64>,
}

impl Season {
    /// No season.
    pub(super) fn none() -> Self {
        Self { multiplicative: false, indices: Vec::new() }
    }

    /// The season of a series, if it has one.
    pub(super) fn of(series: &Series, period: usize) -> Self {
        if period < 2 || series.len() < 2 * period || series.known() < period + period / 2 {
            return Self::none();
        }
        let positive = series.values.iter().zip(&series.seen).all(|(&value, &seen)| !seen || value > 0.0);
        decompose(series, period, positive).unwrap_or_else(Self::none)
    }

    /// Periods per season; 1 if there is none.
    pub(super) fn period(&self) -> usize {
        self.indices.len().max(1)
    }

    /// A value of period `at` without its season.
    pub(super) fn take_out(&self, at: usize, value: f64) -> f64 {
        match self.indices.len() {
            0 => value,
            period if self.multiplicative => value / self.indices[at % period],
            period => value - self.indices[at % period],
        }
    }

    /// A deseasonalised value of period `at` with its season.
    pub(super) fn put_back(&self, at: usize, value: f64) -> f64 {
        match self.indices.len() {
            0 => value,
            period if self.multiplicative => value * self.indices[at % period],
            period => value + self.indices[at % period],
        }
    }

    /// The indices as additive ones of `series`: what they add on average; a single 0 without a season.
    pub(super) fn additive(&self, series: &Series) -> Vec<f64> {
        let period = self.period();
        let mut sums = vec![(0.0, 0.0_f64); period];
        for (at, (&value, _)) in series.values.iter().zip(&series.seen).enumerate().filter(|cell| *cell.1.1) {
            let slot = &mut sums[at % period];
            slot.0 += value - self.take_out(at, value);
            slot.1 += 1.0;
        }
        sums.into_iter().map(|(sum, count)| sum / count.max(1.0)).collect()
    }

    /// The logarithms of multiplicative indices; a single 0 without a season.
    pub(super) fn logs(&self) -> Vec<f64> {
        (0..self.period()).map(|at| self.put_back(at, 1.0).ln()).collect()
    }
}

/// Classical decomposition over the known cells; none if it finds no season.
fn decompose(series: &Series, period: usize, multiplicative: bool) -> Option<Season> {
    let n = series.len();
    // Prefix sums of values and of counts make each moving average two subtractions.
    let (mut sums, mut counts) = (Vec::with_capacity(n + 1), Vec::with_capacity(n + 1));
    let (mut sum, mut count) = (0.0, 0.0);
    sums.push(sum);
    counts.push(count);
    for (&value, &seen) in series.values.iter().zip(&series.seen) {
        sum += value;
        count += f64::from(u8::from(seen));
        sums.push(sum);
        counts.push(count);
    }
    let half = period / 2;
    let window = |from: usize, to: usize| (sums[to] - sums[from], counts[to] - counts[from]);
    // (sum, sum of squares, count) of departures per position.
    let mut departures = vec![(0.0, 0.0, 0.0_f64); period];
    // From the first whole season to the last: a season has no part in it, as it would in a fitted line.
    let ends = [window(0, period), window(n - period, n)];
    let slope = if ends.iter().all(|end| end.1 > 0.0) && n > period {
        (ends[1].0 / ends[1].1 - ends[0].0 / ends[0].1) / (n - period) as f64
    } else {
        0.0
    };
    let average = |at: usize| {
        // The window of an even season is centred by averaging two.
        let from = at.saturating_sub(half).min(n - period);
        let (mut total, mut known) = window(from, from + period);
        let mut centre = from as f64 + 0.5 * (period - 1) as f64;
        if period % 2 == 0 && from + period < n && at >= half {
            let next = window(from + 1, from + 1 + period);
            total += next.0;
            known += next.1;
            centre += 0.5;
        }
        (known > 0.0).then(|| total / known + slope * (at as f64 - centre))
    };
    for at in 0..n {
        if !series.seen[at] {
            continue;
        }
        let Some(level) = average(at) else { continue };
        let departure = if multiplicative {
            if level <= 0.0 {
                continue;
            }
            series.values[at] / level
        } else {
            series.values[at] - level
        };
        let slot = &mut departures[at % period];
        slot.0 += departure;
        slot.1 += departure * departure;
        slot.2 += 1.0;
    }
    if departures.iter().any(|slot| slot.2 == 0.0) {
        return None;
    }
    let mut indices: Vec<f64> = departures.iter().map(|slot| slot.0 / slot.2).collect();
    let mean = indices.iter().sum::<f64>() / period as f64;
    if multiplicative && mean <= 0.0 {
        return None;
    }
    let neutral = if multiplicative { 1.0 } else { 0.0 };
    for index in &mut indices {
        *index = if multiplicative { *index / mean } else { *index - mean };
    }
    let signal = indices.iter().map(|index| (index - neutral).powi(2)).sum::<f64>() / period as f64;
    let (within, freedom) = departures.iter().fold((0.0, 0.0), |(within, freedom), slot| {
        (within + (slot.1 - slot.0 * slot.0 / slot.2).max(0.0), freedom + slot.2 - 1.0)
    });
    let each = departures.iter().map(|slot| 1.0 / slot.2).sum::<f64>() / period as f64;
    let noise = if freedom > 0.0 { within / freedom * each } else { return None };
    let ratio = if noise > 0.0 { signal / noise } else { f64::INFINITY };
    let line = 1.0 + 1.5 * 1.645 * (2.0 / (period as f64 - 1.0) + 2.0 / freedom).sqrt();
    // A swing below a thousandth of the level is rounding, whatever its ratio.
    if ratio <= line || signal.sqrt() < 1e-3 * if multiplicative { 1.0 } else { series.mean() } {
        return None;
    }
    let keep = 1.0 - 1.0 / ratio;
    for index in &mut indices {
        *index = neutral + keep * (*index - neutral);
        if multiplicative {
            *index = index.max(0.05);
        }
    }
    Some(Season { multiplicative, indices })
}
