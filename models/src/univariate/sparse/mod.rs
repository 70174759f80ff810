//! Series that are mostly, or often, zero: one rate for all periods ahead, and the distribution around it.
//!
//! | symbol | here | unit |
//! |---|---|---|
//! | f_t | rate forecast after t periods, by one of the methods of [`methods`] | units per period |
//! | E | mean over origins t of (mean of y_(t+1)..y_(t+h) - f_t)^2 | units^2 |
//! | r | size of the negative binomial: variance = f + f^2 / r | |
//!
//! A series is sparse where its sales lie more than 1.32 periods apart on average, the boundary of
//! [syntetos2005b], and no season explains its zeros.
//!
//! *Choice*, by rolling origin: the filters have no fitted parameters, so that each forecast of the
//! second half of the history is one that would have been made then; the method and smoothing of least E
//! is used, and named. Squares are what a mean minimises; absolute errors would choose zero.
//!
//! *Distribution*: whole numbers get negative binomial quantiles, whose r follows from the squared errors of
//! the same origins, r = sum f^2 / sum((y - f)^2 - f), so that it holds the doubt about the rate too; the sums start
//! with two cells of a Poisson count twice as wide. Other amounts get conformal quantiles of y / f [vovk2005].

mod methods;

use domain::forecast::LEVELS;

use self::methods::{Candidate, Family};
use super::names::Base;
use super::prepare::Series;
use super::season::Season;
use super::short;
use crate::counts::NegativeBinomial;

/// Mean distance between sales above which a series is sparse, in periods [syntetos2005b].
const DISTANCE: f64 = 1.32;

/// Whether sales lie far apart, and not by season.
pub(super) fn is_sparse(series: &Series, period: usize) -> bool {
    let sold = series.values.iter().filter(|&&value| value > 0.0).count();
    series.known() as f64 > DISTANCE * sold as f64 && Season::of(series, period).period() == 1
}

/// Means, quantiles and method of a sparse series in which something was sold.
pub(super) fn forecast(series: &Series, horizon: usize) -> (Vec<f64>, Vec<[f64; LEVELS.len()]>, Base) {
    let first = series.len() / 2;
    let (candidate, past) = choose(series, first, horizon);
    let rate = candidate.rate();
    let quantiles = if series.values.iter().all(|value| value.fract() == 0.0) {
        short::count_quantiles(NegativeBinomial { mean: rate, size: size(series, first, horizon, &past) })
    } else {
        ratios(series, first, horizon, &past).map(|ratio| ratio * rate)
    };
    let base = match candidate.family {
        Family::Smoothing => Base::SparseSmoothing,
        Family::Croston => Base::SparseCroston,
        Family::Sba => Base::SparseSba,
        Family::Tsb => Base::SparseTsb,
    };
    (vec![rate; horizon], vec![quantiles; horizon], base)
}

/// The candidate of least E, at the end of the series, and its rates after `first`, `first` + 1, … periods.
fn choose(series: &Series, first: usize, horizon: usize) -> (Candidate, Vec<f64>) {
    // Means of the cells that judge, by prefix sums.
    let mut sums = vec![(0.0, 0.0_f64)];
    let (mut sum, mut count) = (0.0, 0.0);
    for (value, &judges) in series.counted.iter().zip(&series.judges) {
        if judges {
            sum += value;
            count += 1.0;
        }
        sums.push((sum, count));
    }
    let mut best: Option<(f64, Candidate, Vec<f64>)> = None;
    for mut candidate in methods::candidates(series, first) {
        let mut rates = Vec::with_capacity(series.len() - first);
        let mut error = 0.0;
        for at in 0..series.len() {
            if at >= first {
                let rate = candidate.rate();
                rates.push(rate);
                let (from, to) = (sums[at], sums[(at + horizon.max(1)).min(series.len())]);
                if to.1 > from.1 {
                    error += ((to.0 - from.0) / (to.1 - from.1) - rate).powi(2);
                }
            }
            candidate.step(series.seen[at].then_some(series.values[at]));
        }
        // The first of equals, so that the choice is the same on every machine.
        if best.as_ref().is_none_or(|(least, ..)| error < *least) {
            best = Some((error, candidate, rates));
        }
    }
    best.map_or_else(|| (Candidate::still(series.mean()), Vec::new()), |(_, candidate, rates)| (candidate, rates))
}

/// Calls `take` with every (truth, rate forecast for it) up to `horizon` periods ahead.
fn judged(series: &Series, first: usize, horizon: usize, past: &[f64], mut take: impl FnMut(f64, f64)) {
    for (origin, &rate) in past.iter().enumerate() {
        for at in (first + origin..series.len()).take(horizon.max(1)) {
            if series.judges[at] {
                take(series.counted[at], rate);
            }
        }
    }
}

/// The size of the negative binomial; infinite where the errors are no larger than a Poisson count's.
fn size(series: &Series, first: usize, horizon: usize, past: &[f64]) -> f64 {
    let mean = series.mean();
    let (mut power, mut extra) = (2.0 * mean * mean, 2.0 * mean);
    judged(series, first, horizon, past, |truth, rate| {
        power += rate * rate;
        extra += (truth - rate).powi(2) - rate;
    });
    if extra > 0.0 { (power / extra).max(0.02) } else { f64::INFINITY }
}

/// Conformal quantiles of truth over rate.
fn ratios(series: &Series, first: usize, horizon: usize, past: &[f64]) -> [f64; LEVELS.len()] {
    let mut ratios = Vec::new();
    judged(series, first, horizon, past, |truth, rate| {
        if rate > 0.0 {
            ratios.push(truth / rate);
        }
    });
    ratios.sort_unstable_by(f64::total_cmp);
    // Origins whose horizons overlap tell one truth each.
    let told = past.len().min(ratios.len()) as f64;
    LEVELS.map(|level| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of the length; a cast saturates"
        )]
        let rank = ((level * (told + 1.0) / told.max(1.0)) * ratios.len() as f64).ceil() as usize;
        match ratios.get(rank.clamp(1, ratios.len().max(1)) - 1) {
            // Beyond the largest that was seen, half as much again.
            Some(&ratio) => {
                if rank > ratios.len() {
                    1.5 * ratio
                } else {
                    ratio
                }
            }
            None => level / 0.5,
        }
    })
}

#[cfg(test)]
mod tests;
