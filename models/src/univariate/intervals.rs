//! Conformal intervals by horizon, whose scores are shared by many series [vovk2005; lei2018].
//!
//! | symbol | here | |
//! |---|---|---|
//! | r_t(h) = sqrt y_(t+h) - sqrt f(t, h) | | what counting noise and growth leave alike; 0 and above come back as 0 and above |
//! | s(h) | [`Spread::scales`] | mean of abs r_t(h) over the origins t |
//! | Q_tau | [`Spread::shape`] | quantile of abs r_t(h) / s(h) over all t and h, in whose middle tau lies |
//! | c | [`Spread::recent`] | mean of abs r_t(h) / s(h) over the later half of the origins |
//! | n | [`Spread::known`] | known cells |
//! | w_tau(h) = s(h) exp(a + b / sqrt n + d h/n + e ln Q_tau + g ln c) | [`Spread::width`] | |
//!
//! The interval of tau is (sqrt f -+ w_tau)^2, the lower root at least 0; the widths rise with tau.
//!
//! A series' own origins are few, overlap, and lie within the history that the members were fitted to, so
//! that its own quantiles alone are too narrow: 62 to 77 % at 80 on M3. What its errors say of their size
//! (s), shape (Q) and drift (c) is therefore taken as a regressor, and how far to trust it is learnt where
//! the truth is known: by quantile regression [koenker1978] of ln(abs R(h) / s(h)) on the regressors, R the
//! error of a forecast of the last cells of a *training* part from the cells before them. [`FACTORS`] holds
//! its coefficients, as printed by `cargo xtask quality forecasting --calibrate`: two origins of each M3 and
//! M4 weekly series, one and two horizons before its training part's end, each of six sets (yearly, quarterly,
//! monthly, other, weekly with and without a season) weighing the same. The held-out parts had no share in it.

use domain::forecast::LEVELS;

use super::ensemble::Rolled;
use super::prepare::Series;

/// The shares of the truth that the intervals hold, inner to outer.
pub const SHARES: [f64; 3] = [0.5, 0.8, 0.95];

/// Regressors of a width: 1, 1 / sqrt n, h/n, ln Q, ln c.
pub const REGRESSORS: usize = 5;

/// (a, b, d, e, g) of each of [`SHARES`].
const FACTORS: [[f64; REGRESSORS]; SHARES.len()] =
    [[-0.240, 1.561, 0.138, 0.380, 0.372], [0.083, 1.702, 0.525, 0.630, 0.403], [0.272, 2.220, 1.113, 0.597, 0.415]];

/// Scores that a horizon needs for a scale of its own.
const SCORES_MIN: usize = 2;

/// The scale one period ahead where nothing can be judged: twice that of a Poisson count, whose root
/// has a standard deviation of 1/2.
const SCALE_UNKNOWN: f64 = 0.8;

/// What a series' own errors say.
#[derive(Debug, Clone)]
pub(super) struct Spread {
    scales: Vec<f64>,
    shape: [f64; SHARES.len()],
    recent: f64,
    known: f64,
}

impl Spread {
    /// From the forecasts of past origins.
    pub(super) fn of(series: &Series, rolled: &Rolled) -> Self {
        let horizon = rolled.ahead.len();
        let origins = series.len() - rolled.first;
        let score = |origin: usize, h: usize| {
            let at = rolled.first + origin + h;
            (at < series.len() && series.judges[at])
                .then(|| (series.counted[at].sqrt() - rolled.past[origin * horizon + h].sqrt()).abs())
        };
        let mut scales: Vec<f64> = Vec::with_capacity(horizon);
        for h in 0..horizon {
            let (sum, count) = (0..origins)
                .filter_map(|origin| score(origin, h))
                .fold((0.0, 0), |(sum, count), one| (sum + one, count + 1));
            scales.push(if count >= SCORES_MIN {
                sum / count as f64
            } else if let Some(last) = scales.last() {
                // As a level that wanders.
                last * ((h + 1) as f64 / h as f64).sqrt()
            } else {
                SCALE_UNKNOWN
            });
        }
        let mut scaled = Vec::with_capacity(origins * horizon);
        let (mut late, mut lately) = (0.0, 0.0_f64);
        for origin in 0..origins {
            for (h, &scale) in scales.iter().enumerate() {
                if let (Some(score), true) = (score(origin, h), scale > 0.0) {
                    scaled.push(score / scale);
                    if origin >= origins / 2 {
                        late += score / scale;
                        lately += 1.0;
                    }
                }
            }
        }
        // Of a normal error, where there is no score.
        let shape =
            if scaled.is_empty() { [0.85, 1.6, 2.46] } else { SHARES.map(|share| quantile(&mut scaled, share)) };
        let recent = if lately > 0.0 { late / lately } else { 1.0 };
        Self { scales, shape, recent, known: series.known() as f64 }
    }

    /// s(h), `h` from 0.
    pub(super) fn scale(&self, h: usize) -> f64 {
        self.scales[h]
    }

    /// The regressors of the width of share number `share`.
    pub(super) fn regressors(&self, share: usize, h: usize) -> [f64; REGRESSORS] {
        // Beyond what was ever seen, the table is not followed: logarithms of a tenth to ten.
        let log = |value: f64| value.clamp(0.1, 10.0).ln();
        let reach = ((h + 1) as f64 / self.known).min(1.0);
        [1.0, 1.0 / self.known.sqrt(), reach, log(self.shape[share]), log(self.recent)]
    }

    fn width(&self, share: usize, h: usize) -> f64 {
        let log: f64 = FACTORS[share].iter().zip(self.regressors(share, h)).map(|(factor, x)| factor * x).sum();
        self.scales[h] * log.exp()
    }

    /// The quantiles of the forecast `forecast`, `h` periods (from 0) ahead.
    pub(super) fn quantiles(&self, h: usize, forecast: f64) -> [f64; LEVELS.len()] {
        let (root, mut width) = (forecast.sqrt(), 0.0_f64);
        let mut quantiles = [forecast; LEVELS.len()];
        let middle = LEVELS.len() / 2;
        for share in 0..SHARES.len() {
            width = width.max(self.width(share, h));
            quantiles[middle - 1 - share] = (root - width).max(0.0).powi(2).min(forecast);
            quantiles[middle + 1 + share] = (root + width).powi(2).max(forecast);
        }
        quantiles
    }
}

/// The quantile of `values`, between the two nearest; `values` changes its order.
fn quantile(values: &mut [f64], share: f64) -> f64 {
    let rank = share * (values.len() - 1) as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the length")]
    let below = rank as usize;
    let (_, &mut low, above) = values.select_nth_unstable_by(below, f64::total_cmp);
    let high = above.iter().copied().fold(f64::INFINITY, f64::min);
    if high.is_finite() { low + (rank - below as f64) * (high - low) } else { low }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_lies_between_its_neighbours() {
        assert_eq!(quantile(&mut [4.0, 1.0, 3.0, 2.0], 0.5), 2.5);
        assert_eq!(quantile(&mut [4.0, 1.0, 3.0, 2.0, 5.0], 0.8), 4.2);
        assert_eq!(quantile(&mut [7.0], 0.95), 7.0);
    }
}
