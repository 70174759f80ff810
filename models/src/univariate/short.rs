//! Series that no method can be fitted to.
//!
//! Their predictive distribution is a gamma prior's over the rate of a Poisson count [gelman2013]: with
//! n known periods of mean y, the rate is Gamma(1/2 + n y, n) and a new count negative binomial of size
//! 1/2 + n y and mean (1/2 + n y)/n. Where the few values vary more than a Poisson count would, the size is
//! that of their moments.

use domain::forecast::LEVELS;

use super::prepare::Series;
use crate::counts::NegativeBinomial;
use crate::normal;

/// Nothing was ever sold in `known` periods: the forecast is 0, its upper quantiles what that few zeros allow.
pub(super) fn all_zero(known: usize, horizon: usize) -> (Vec<f64>, Vec<[f64; LEVELS.len()]>) {
    let demand = NegativeBinomial { mean: 0.5 / known.max(1) as f64, size: 0.5 };
    (vec![0.0; horizon], vec![count_quantiles(demand); horizon])
}

/// A handful of known periods: their mean.
pub(super) fn few(series: &Series, horizon: usize) -> (Vec<f64>, Vec<[f64; LEVELS.len()]>) {
    let (n, mean) = (series.known() as f64, series.mean());
    let shape = 0.5 + n * mean;
    let spread = series
        .values
        .iter()
        .zip(&series.seen)
        .filter(|&(_, &seen)| seen)
        .map(|(value, _)| (value - mean).powi(2))
        .sum::<f64>()
        / (n - 1.0).max(1.0);
    // Variance m + m^2/r; with so few values twice their extra spread is not too much.
    let extra = 2.0 * (spread - mean).max(0.0);
    let size = if extra > 0.0 { shape.min(mean * mean / extra) } else { shape };
    let demand = NegativeBinomial { mean: mean.max(shape / n * 0.5), size: size.max(0.05) };
    (vec![mean; horizon], vec![count_quantiles(demand); horizon])
}

/// Quantiles of a count; above what a table holds, those of a normal with the same moments.
pub(super) fn count_quantiles(demand: NegativeBinomial) -> [f64; LEVELS.len()] {
    let sigma = (demand.mean + demand.mean * demand.mean / demand.size).sqrt();
    if demand.mean > 500.0 {
        return LEVELS.map(|level| (demand.mean + sigma * normal::quantile(level)).max(0.0));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most some ten thousands")]
    let survival = demand.survival((demand.mean + 12.0 * sigma).ceil() as usize + 1);
    // The least u with P(D <= u) = 1 - P(D >= u + 1) at least the level.
    LEVELS.map(|level| {
        survival.iter().skip(1).position(|&above| 1.0 - above >= level).unwrap_or(survival.len() - 1) as f64
    })
}
