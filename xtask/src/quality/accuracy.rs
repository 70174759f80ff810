//! The competitions' measures, summed over the series of a set.
//!
//! | symbol | here | |
//! |---|---|---|
//! | sMAPE | mean of 200 abs(y - f) / (abs y + abs f) | % |
//! | MASE | mean of abs(y - f) over the training part's mean abs(y_t - y_(t-m)) | |
//! | OWA | mean of sMAPE and MASE, each over Naive2's | |
//! | Naive2 | [`seasonal_naive_2`] | |
//! | coverage | share of the truths within the central interval | |
//! | pinball | mean over .025, .1, .9, .975 of the quantile loss, scaled as MASE | |

use domain::forecast::LEVELS;

/// Sums over the cells of a set.
#[derive(Debug, Clone, Default)]
pub struct Accuracy {
    series: f64,
    smape: f64,
    mase: f64,
    smape_naive: f64,
    mase_naive: f64,
    cells: f64,
    held_80: f64,
    held_95: f64,
    width_80: f64,
    pinball: f64,
}

/// Positions in [`LEVELS`] of .025, .1, .9 and .975.
const OUTER: [usize; 4] = [0, 1, LEVELS.len() - 2, LEVELS.len() - 1];

impl Accuracy {
    /// Adds a series; one without any change in its training part has no MASE, and is left out.
    pub fn add(
        &mut self,
        train: &[f64],
        test: &[f64],
        period: usize,
        mean: &[f64],
        quantiles: Option<&[[f64; LEVELS.len()]]>,
    ) {
        let steps = train.len().saturating_sub(period) as f64;
        let scale = train.iter().skip(period).zip(train).map(|(y, past)| (y - past).abs()).sum::<f64>() / steps;
        if !scale.is_finite() || scale <= 0.0 {
            return;
        }
        let naive = seasonal_naive_2(train, period, test.len());
        let errors = |forecasts: &[f64]| {
            let cells = test.len() as f64;
            let pairs = || test.iter().zip(forecasts);
            let smape: f64 = pairs().map(|(y, f)| 200.0 * (y - f).abs() / (y.abs() + f.abs()).max(1e-300)).sum();
            let mase: f64 = pairs().map(|(y, f)| (y - f).abs() / scale).sum();
            (smape / cells, mase / cells)
        };
        let (ours, theirs) = (errors(mean), errors(&naive));
        self.series += 1.0;
        self.smape += ours.0;
        self.mase += ours.1;
        self.smape_naive += theirs.0;
        self.mase_naive += theirs.1;
        for ((y, f), quantiles) in test.iter().zip(mean).zip(quantiles.unwrap_or_default()) {
            let [low_95, low_80, high_80, high_95] = OUTER.map(|at| quantiles[at]);
            self.cells += 1.0;
            self.held_80 += f64::from(u8::from((low_80..=high_80).contains(y)));
            self.held_95 += f64::from(u8::from((low_95..=high_95).contains(y)));
            self.width_80 += (high_80 - low_80) / f.abs().max(1e-300);
            for at in OUTER {
                let miss = y - quantiles[at];
                let level = if miss > 0.0 { LEVELS[at] } else { LEVELS[at] - 1.0 };
                self.pinball += level * miss / scale / OUTER.len() as f64;
            }
        }
    }

    /// Series counted.
    #[must_use]
    pub fn series(&self) -> f64 {
        self.series
    }

    /// Mean sMAPE, in %.
    #[must_use]
    pub fn smape(&self) -> f64 {
        self.smape / self.series
    }

    /// Mean MASE.
    #[must_use]
    pub fn mase(&self) -> f64 {
        self.mase / self.series
    }

    /// OWA.
    #[must_use]
    pub fn owa(&self) -> f64 {
        0.5 * (self.smape / self.smape_naive + self.mase / self.mase_naive)
    }

    /// Coverage of the 80 and 95 % intervals, in %; NaN without quantiles.
    #[must_use]
    pub fn coverage(&self) -> [f64; 2] {
        [self.held_80, self.held_95].map(|held| 100.0 * held / self.cells)
    }

    /// Mean width of the 80 % interval over the forecast, in %.
    #[must_use]
    pub fn width(&self) -> f64 {
        100.0 * self.width_80 / self.cells
    }

    /// Mean scaled pinball loss.
    #[must_use]
    pub fn pinball(&self) -> f64 {
        self.pinball / self.cells
    }
}

/// The competitions' Naive2: the last value without its season, multiplicative by classical decomposition,
/// where the autocorrelation at lag m exceeds 1.645 of its standard errors; else the last value.
#[must_use]
pub fn seasonal_naive_2(y: &[f64], m: usize, horizon: usize) -> Vec<f64> {
    let n = y.len();
    let Some(&last) = y.last() else { return vec![0.0; horizon] };
    if m < 2 || n < 3 * m || !seasonal(y, m) {
        return vec![last; horizon];
    }
    let half = m / 2;
    let mut ratios = vec![(0.0, 0.0_f64); m];
    for t in half..n - half {
        let inner: f64 = y[t + 1 - half..t + half].iter().sum();
        let level =
            if m % 2 == 0 { inner + 0.5 * (y[t - half] + y[t + half]) } else { inner + y[t - half] + y[t + half] };
        ratios[t % m].0 += y[t] / (level / m as f64);
        ratios[t % m].1 += 1.0;
    }
    let indices: Vec<f64> = ratios.iter().map(|(sum, count)| sum / count).collect();
    (0..horizon).map(|h| last / indices[(n - 1) % m] * indices[(n + h) % m]).collect()
}

fn seasonal(y: &[f64], m: usize) -> bool {
    let mean = y.iter().sum::<f64>() / y.len() as f64;
    let power: f64 = y.iter().map(|y| (y - mean).powi(2)).sum();
    let at = |lag: usize| y.iter().skip(lag).zip(y).map(|(a, b)| (a - mean) * (b - mean)).sum::<f64>() / power;
    let before: f64 = (1..m).map(|lag| at(lag).powi(2)).sum();
    at(m).abs() > 1.645 * ((1.0 + 2.0 * before) / y.len() as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn naive_2_repeats_a_season_and_scores_one() {
        let factors = [0.5, 1.5, 1.25, 0.75];
        let train: Vec<f64> = (0..24).map(|t| 100.0 * factors[t % 4]).collect();
        let naive = seasonal_naive_2(&train, 4, 4);
        for (have, factor) in naive.iter().zip(factors) {
            assert!((have - 100.0 * factor).abs() < 1e-9, "{naive:?}");
        }
        let mut noisy = train.clone();
        noisy[20] = 61.0;
        let mut accuracy = Accuracy::default();
        accuracy.add(&noisy, &[60.0, 140.0, 120.0, 70.0], 4, &seasonal_naive_2(&noisy, 4, 4), None);
        assert_eq!(accuracy.owa(), 1.0);
        assert!(accuracy.coverage()[0].is_nan());
    }

    #[test]
    fn an_interval_counts_its_ends() {
        let mut accuracy = Accuracy::default();
        let quantiles = [[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]; 2];
        accuracy.add(&[1.0, 3.0, 2.0], &[2.0, 6.5], 1, &[4.0, 4.0], Some(&quantiles));
        assert_eq!(accuracy.coverage(), [50.0, 100.0]);
        assert_eq!(accuracy.width(), 100.0);
    }
}
