//! Joint samples of the demand of all stores.
//!
//! | symbol | field | |
//! |---|---|---|
//! | F_jk | `Forecast::mean` | units per week at full adoption |
//! | F_sjk | `DemandSamples::rates` | the same in sample s |
//! | u_sk, c_s, r_sm | uptake, common and market factor | lognormal, mean 1 |
//! | x_sjk | store factor | see below, mean 1 |
//!
//! F_sjk = F_jk u_sk c_s r_sm x_sjk.
//!
//! *Factors that all stores share* (u, c, r) are stratified over the samples [mckay1979]: sample s
//! draws within its own of S equally likely strata, in an order shuffled per factor, so that their
//! mean over even 200 samples lies close to 1 and a plan isn't led by a lucky draw.
//!
//! *Store factors.* What a store's level is known from decides what is uncertain about it:
//! - trained on stores that sell the device: the residuals of held-out stores;
//! - assumed, related sales observed: how far a store departs from the chain's uptake, lognormal
//!   with [`TRANSLATION_SIGMA`] (nothing measures it before corners sell: an assumption);
//! - assumed, related sales themselves cold-started: both, multiplied.
//!
//! The devices of one store share most of their luck: a Gaussian copula with [`SHARED`] of the
//! variance common to the store. Residuals are drawn by their smoothed inverse distribution
//! ([`Residuals`]) and multiplied by the store's scale.
//!
//! Each store draws from a stream of its own, numbered by its index in the Market, sample after
//! sample: a store gets the same numbers whichever other stores are drawn, on however many threads.

use domain::forecast::{Basis, DemandSamples, Forecast, LevelSource};
use domain::seed::Seed;
use ndarray::Array3;
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;
use rand_pcg::Pcg64;
use rayon::prelude::*;

use crate::normal;

/// Standard deviation of the log of how a store's uptake departs from the chain's.
pub const TRANSLATION_SIGMA: f64 = 0.35;

/// The part of the variance of a store's normal scores that its devices share.
pub const SHARED: f64 = 0.8;

/// The smoothed distribution of a factor with mean 1, from log residuals.
///
/// Its inverse distribution function is linear between the residuals, the i-th of n standing at
/// level (i + 1/2) / n, and flat beyond the first and the last; then shifted so that the mean of exp is 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Residuals {
    logs: Vec<f64>,
}

impl Residuals {
    /// From log residuals in any order; without any, the factor is always 1.
    #[must_use]
    pub fn new(logs: &[f64]) -> Self {
        let mut logs: Vec<f64> = logs.iter().copied().filter(|log| log.is_finite()).collect();
        logs.sort_unstable_by(f64::total_cmp);
        if logs.is_empty() {
            logs.push(0.0);
        }
        let shift = mean_exp(&logs, 1.0).ln();
        logs.iter_mut().for_each(|log| *log -= shift);
        Self { logs }
    }

    /// The logs, ascending, shifted.
    #[must_use]
    pub fn logs(&self) -> &[f64] {
        &self.logs
    }

    /// ln of the mean of exp(`scale` x log): what a factor whose logs are `scale` times these has to be divided by, so
    /// that its mean is 1.
    #[must_use]
    pub fn log_mean(&self, scale: f64) -> f64 {
        if scale == 1.0 { 0.0 } else { mean_exp(&self.logs, scale).ln() }
    }

    /// Mean and standard deviation of the logs.
    #[must_use]
    pub fn moments(&self) -> (f64, f64) {
        let n = self.logs.len() as f64;
        let mean = self.logs.iter().sum::<f64>() / n;
        (mean, (self.logs.iter().map(|log| (log - mean).powi(2)).sum::<f64>() / n).sqrt())
    }

    /// The log of the factor at level u in [0, 1].
    #[must_use]
    pub fn log_at(&self, u: f64) -> f64 {
        let last = self.logs.len() - 1;
        let place = (u * self.logs.len() as f64 - 0.5).clamp(0.0, last as f64);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the range of indices")]
        let below = place as usize;
        let above = (below + 1).min(last);
        self.logs[below] + (place - below as f64) * (self.logs[above] - self.logs[below])
    }
}

/// The mean of exp(scale x log) over the smoothed distribution: each segment in closed form.
fn mean_exp(logs: &[f64], scale: f64) -> f64 {
    let n = logs.len() as f64;
    let ends = 0.5 * ((scale * logs[0]).exp() + (scale * logs[logs.len() - 1]).exp());
    let segments: f64 = logs
        .windows(2)
        .map(|pair| {
            let step = scale * (pair[1] - pair[0]);
            // (e^step - 1)/step tends to 1 + step/2.
            (scale * pair[0]).exp() * if step.abs() < 1e-9 { 1.0 + 0.5 * step } else { step.exp_m1() / step }
        })
        .sum();
    (ends + segments) / n
}

/// Which parts of the store factor apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreDoubt {
    /// The residuals of held-out stores.
    pub residuals: bool,
    /// The unknown departure of the store's uptake from the chain's.
    pub translation: bool,
}

impl StoreDoubt {
    /// For a device's basis and a store's source of related sales.
    #[must_use]
    pub fn of(basis: Basis, source: LevelSource) -> Self {
        match (basis, source) {
            (Basis::Trained { .. }, _) => Self { residuals: true, translation: false },
            (Basis::Assumed, LevelSource::Observed) => Self { residuals: false, translation: true },
            (Basis::Assumed, LevelSource::ColdStart) => Self { residuals: true, translation: true },
        }
    }
}

/// Draws `samples` joint samples of all stores. `store_market` is the market position of each row of
/// `forecast.stores`; `stream` names the use, so that fresh samples differ from those decided over.
#[must_use]
pub fn draw(forecast: &Forecast, store_market: &[usize], samples: usize, stream: &str, seed: Seed) -> DemandSamples {
    let rows: Vec<usize> = (0..forecast.stores.len()).collect();
    draw_rows(forecast, &rows, store_market, samples, stream, seed)
}

/// As [`draw`], for some rows of the forecast alone (ascending): bit for bit what [`draw`] gives them.
/// `store_market` is still by row of the whole forecast.
#[must_use]
pub fn draw_rows(
    forecast: &Forecast,
    rows: &[usize],
    store_market: &[usize],
    samples: usize,
    stream: &str,
    seed: Seed,
) -> DemandSamples {
    let devices = forecast.devices.len();
    let doubt = &forecast.uncertainty;
    let named = |part: &str| format!("{stream}/{part}");
    let factor = |sigma: f64, part: &str, at: usize| {
        lognormal_strata(sigma, samples, Pcg64::seed_from_u64(seed.stream(&named(part), at as u64)))
    };
    let common = factor(doubt.common_sigma, "common", 0);
    let uptake: Vec<Vec<f64>> = (0..devices)
        .map(|device| {
            // Keyed by the device itself: which other devices are asked for doesn't matter.
            let sigma = doubt.uptake_sigma.get(device).copied().unwrap_or(0.0);
            factor(sigma, "uptake", forecast.devices[device].at())
        })
        .collect();
    let markets = store_market.iter().max().map_or(0, |last| last + 1);
    let market: Vec<Vec<f64>> = (0..markets).map(|at| factor(doubt.market_sigma, "market", at)).collect();
    let residuals: Vec<Residuals> = (0..devices)
        .map(|device| Residuals::new(doubt.store_residuals.get(device).map_or(&[], Vec::as_slice)))
        .collect();
    let store_stream = named("store");
    let columns: Vec<Vec<f64>> = rows
        .par_iter()
        .map(|&row| {
            let source = forecast.level_source[row];
            let mut random = Pcg64::seed_from_u64(seed.stream(&store_stream, forecast.stores[row].at() as u64));
            let mut column = Vec::with_capacity(samples * devices);
            let scales: Vec<f64> = (0..devices).map(|device| doubt.store_scale[[row, device]]).collect();
            let means: Vec<f64> =
                residuals.iter().zip(&scales).map(|(residuals, &scale)| residuals.log_mean(scale)).collect();
            for sample in 0..samples {
                let shared = common[sample] * market[store_market[row]][sample];
                let own: [f64; 2] = [random.sample(StandardNormal), random.sample(StandardNormal)];
                for device in 0..devices {
                    // All are drawn, used or not, so that a store's stream doesn't depend on its source.
                    let parts: [f64; 2] = [random.sample(StandardNormal), random.sample(StandardNormal)];
                    let score = |part: usize| SHARED.sqrt() * own[part] + (1.0 - SHARED).sqrt() * parts[part];
                    let doubt = StoreDoubt::of(forecast.basis[device], source);
                    let mut log = 0.0;
                    if doubt.residuals {
                        log += scales[device] * residuals[device].log_at(normal::cdf(score(0))) - means[device];
                    }
                    if doubt.translation {
                        log += TRANSLATION_SIGMA * score(1) - 0.5 * TRANSLATION_SIGMA * TRANSLATION_SIGMA;
                    }
                    column.push(forecast.mean[[row, device]] * uptake[device][sample] * shared * log.exp());
                }
            }
            column
        })
        .collect();
    let rates = Array3::from_shape_fn((samples, rows.len(), devices), |(sample, row, device)| {
        columns[row][sample * devices + device]
    });
    DemandSamples {
        stores: rows.iter().map(|&row| forecast.stores[row]).collect(),
        devices: forecast.devices.clone(),
        rates,
        adoption: forecast.adoption.clone(),
        dispersion: forecast.dispersion.clone(),
        zone_rate: forecast.zone_rate.clone(),
        weights: None,
    }
}

/// A lognormal factor of mean 1 per sample, one in each of as many equally likely strata, shuffled.
fn lognormal_strata(sigma: f64, samples: usize, mut random: Pcg64) -> Vec<f64> {
    let mut factors: Vec<f64> = (0..samples)
        .map(|stratum| {
            let within: f64 = random.random();
            let u = (stratum as f64 + within.clamp(1e-9, 1.0 - 1e-9)) / samples as f64;
            (sigma * normal::quantile(u) - 0.5 * sigma * sigma).exp()
        })
        .collect();
    // Fisher and Yates, so that strata of different factors meet at random.
    for at in (1..factors.len()).rev() {
        factors.swap(at, random.random_range(0..=at));
    }
    factors
}

#[cfg(test)]
mod tests;
