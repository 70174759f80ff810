//! Autoregression on differences, its orders averaged.
//!
//! | symbol | field | |
//! |---|---|---|
//! | d_t = x_t - x_(t-1) - mu | `past` | differences without their drift |
//! | mu | `Autoregression::drift` | mean difference, or 0 |
//! | a_1..a_p | `Autoregression::weights` | d_t = a_1 d_(t-1) + … + a_p d_(t-p) + e_t |
//!
//! Burg's recursion [burg1975] gives the weights of every order up to [`ORDER_MAX`] (or a quarter of the
//! differences) in one sweep, each stationary. The orders are averaged with weights exp(-AICc / 2)
//! [burnham2002]; the weights of the average are the averages of the weights. Sixty orders let a weekly
//! series look back over a year.
//!
//! To fit, gaps are bridged by straight lines; to forecast, by the forecast of the missing cell.

use serde::{Deserialize, Serialize};

/// Orders at most.
const ORDER_MAX: usize = 60;

/// Parameters and the past.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Autoregression {
    drift: f64,
    weights: Vec<f64>,
    /// Differences, the latest last.
    past: Vec<f64>,
    last: Option<f64>,
}

impl Autoregression {
    /// Fits to the known cells of `values`, and stands before the first of them.
    pub(super) fn fit(values: &[f64], seen: &[bool], drifts: bool) -> Self {
        let bridged = bridge(values, seen);
        let mut past: Vec<f64> = bridged.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let drift = if drifts { past.iter().sum::<f64>() / past.len().max(1) as f64 } else { 0.0 };
        past.iter_mut().for_each(|difference| *difference -= drift);
        let weights = average(&past, 1.0 + f64::from(u8::from(drifts)));
        past.clear();
        Self { drift, weights, past, last: None }
    }

    /// Takes in the next period, if it is known.
    pub(super) fn step(&mut self, value: Option<f64>) {
        let Some(last) = self.last else {
            self.last = value;
            return;
        };
        let value = value.unwrap_or_else(|| {
            let mut next = [0.0];
            self.ahead(&mut next);
            next[0]
        });
        self.past.push(value - last - self.drift);
        self.last = Some(value);
    }

    /// Forecasts of the next periods.
    pub(super) fn ahead(&self, ahead: &mut [f64]) {
        let last = self.last.unwrap_or(0.0);
        for h in 0..ahead.len() {
            // Differences forecast already stand in `ahead`, then those of the past.
            let near: f64 = self.weights.iter().zip(ahead[..h].iter().rev()).map(|(weight, past)| weight * past).sum();
            let far: f64 =
                self.weights.iter().skip(h).zip(self.past.iter().rev()).map(|(weight, past)| weight * past).sum();
            ahead[h] = near + far;
        }
        let mut level = last;
        for forecast in ahead {
            level += *forecast + self.drift;
            *forecast = level;
        }
    }
}

/// Straight lines over the gaps; the nearest known value before the first and after the last.
fn bridge(values: &[f64], seen: &[bool]) -> Vec<f64> {
    let mut bridged = values.to_vec();
    let mut before: Option<usize> = None;
    for at in 0..values.len() {
        if !seen[at] {
            continue;
        }
        let from = before.map_or(0, |before| before + 1);
        let (start, end) = (before.map_or(values[at], |before| values[before]), values[at]);
        let steps = (at + 1 - from) as f64;
        for (step, gap) in bridged[from..at].iter_mut().enumerate() {
            *gap = start + (end - start) * (step + 1) as f64 / steps;
        }
        before = Some(at);
    }
    if let Some(last) = before {
        bridged[last + 1..].fill(values[last]);
    }
    bridged
}

/// Weights of all orders, averaged; `others` counts the parameters beside the weights.
fn average(differences: &[f64], others: f64) -> Vec<f64> {
    let n = differences.len();
    let count = n as f64;
    let order_max = (n / 4).min(ORDER_MAX);
    let mut variance = differences.iter().map(|difference| difference * difference).sum::<f64>() / count.max(1.0);
    if order_max == 0 || variance <= 0.0 {
        return Vec::new();
    }
    // AICc without its constants, up to the scale of the series.
    let unit = variance;
    let worth = |variance: f64, order: usize| {
        let k = order as f64 + others;
        count * (variance / unit).max(f64::MIN_POSITIVE).ln() + 2.0 * k * count / (count - k - 1.0).max(0.1)
    };
    let (mut forward, mut backward) = (differences.to_vec(), differences.to_vec());
    let (mut weights, mut mirrored): (Vec<f64>, Vec<f64>) =
        (Vec::with_capacity(order_max), Vec::with_capacity(order_max));
    // The average so far, relative to the best order so far.
    let (mut mean, mut total, mut best) = (vec![0.0; order_max], 1.0, worth(variance, 0));
    for order in 1..=order_max {
        let (ahead, behind) = (&mut forward[order..], &mut backward[order - 1..n - 1]);
        let (mut product, mut power) = (0.0, 0.0);
        for (f, b) in ahead.iter().zip(behind.iter()) {
            product += f * b;
            power += f * f + b * b;
        }
        let reflection = if power > 0.0 { 2.0 * product / power } else { 0.0 };
        mirrored.clear();
        mirrored.extend(weights.iter().rev());
        for (weight, mirror) in weights.iter_mut().zip(&mirrored) {
            *weight -= reflection * mirror;
        }
        weights.push(reflection);
        for (f, b) in ahead.iter_mut().zip(behind.iter_mut()) {
            (*f, *b) = (*f - reflection * *b, *b - reflection * *f);
        }
        // What stood at order - 1 now belongs to order: shifted by one.
        backward.copy_within(order - 1..n - 1, order);
        variance *= 1.0 - reflection * reflection;
        let here = worth(variance, order);
        if here < best {
            let fade = (0.5 * (here - best)).exp();
            mean.iter_mut().for_each(|weight| *weight *= fade);
            total *= fade;
            best = here;
        }
        let share = (0.5 * (best - here)).exp();
        mean.iter_mut().zip(&weights).for_each(|(mean, weight)| *mean += share * weight);
        total += share;
    }
    mean.iter_mut().for_each(|weight| *weight /= total);
    // Orders that hardly weigh are not worth their time.
    let reach = mean.iter().rposition(|weight| weight.abs() > 1e-6).map_or(0, |at| at + 1);
    mean.truncate(reach);
    mean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alternating_series_is_found_out() {
        // Differences +1, -1, …: one weight of -1, and the forecast goes on alternating.
        let values: Vec<f64> = (0..40).map(|at| f64::from(at % 2)).collect();
        let seen = vec![true; 40];
        let mut fitted = Autoregression::fit(&values, &seen, false);
        values.iter().for_each(|&value| fitted.step(Some(value)));
        let mut ahead = [0.0; 4];
        fitted.ahead(&mut ahead);
        for (have, want) in ahead.iter().zip([0.0, 1.0, 0.0, 1.0]) {
            assert!((have - want).abs() < 1e-9, "{ahead:?}");
        }
    }

    #[test]
    fn a_drift_goes_on() {
        let values: Vec<f64> = (0..30).map(|at| 5.0 + 2.0 * f64::from(at)).collect();
        let mut fitted = Autoregression::fit(&values, &[true; 30], true);
        values.iter().for_each(|&value| fitted.step(Some(value)));
        // A missing cell is bridged by its forecast, 65.
        fitted.step(None);
        let mut ahead = [0.0; 2];
        fitted.ahead(&mut ahead);
        assert!((ahead[0] - 67.0).abs() < 1e-9 && (ahead[1] - 69.0).abs() < 1e-9, "{ahead:?}");
        assert!(fitted.past.iter().all(|past| past.abs() < 1e-9), "{:?}", fitted.past);
    }

    #[test]
    fn gaps_are_bridged_by_lines() {
        let seen = [false, true, false, false, true, false];
        assert_eq!(bridge(&[0.0, 3.0, 0.0, 0.0, 9.0, 0.0], &seen), [3.0, 3.0, 5.0, 7.0, 9.0, 9.0]);
    }
}
