//! Quantiles of F that agree with the samples drawn from it.
//!
//! | symbol | here | |
//! |---|---|---|
//! | s^2 | variance of all lognormal factors together | |
//! | x | log of the store factor: scale x smoothed residuals, less the log of its mean, where it applies | |
//! | G(y) = mean over x of Phi((y - x + s^2/2)/s) | distribution of the log of the whole factor | |
//!
//! Every quantile of F is F times the same quantile of the factor: G is inverted by bisection.

use domain::forecast::{LEVELS, LevelSource, Uncertainty};
use models::normal;
use models::sampler::{Residuals, StoreDoubt, TRANSLATION_SIGMA};
use ndarray::{Array2, Array3};

use super::level::Level;

/// Points that stand for the residuals of many stores.
const RESIDUALS_MAX: usize = 401;

/// Points that stand for the residuals' distribution.
const POINTS: u32 = 256;

/// Scales, evenly spaced by their logs, at which factors are worked out; between them their logs are linear. Smooth
/// functions of ln s within a factor of 1.3: nothing that samples could show.
const SCALES: usize = 17;

/// Factors of a device and a kind of doubt, by the store's scale.
struct Factors {
    lowest: f64,
    step: f64,
    logs: Vec<[f64; LEVELS.len()]>,
}

impl Factors {
    fn new(uncertainty: &Uncertainty, device: usize, doubt: StoreDoubt) -> Self {
        // Below a hundredth nothing is left of a store's doubt.
        let scales = uncertainty.store_scale.column(device).mapv(|scale| scale.max(0.01).ln());
        let lowest = scales.iter().copied().fold(f64::INFINITY, f64::min);
        let highest = scales.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if !doubt.residuals || highest <= lowest {
            let scale = if lowest.is_finite() { lowest.exp() } else { 1.0 };
            let logs = factors(uncertainty, device, doubt, scale).map(f64::ln);
            return Self { lowest, step: 0.0, logs: vec![logs] };
        }
        let step = (highest - lowest) / (SCALES - 1) as f64;
        let logs = (0..SCALES)
            .map(|at| factors(uncertainty, device, doubt, (lowest + step * at as f64).exp()).map(f64::ln))
            .collect();
        Self { lowest, step, logs }
    }

    fn at(&self, scale: f64, level: usize) -> f64 {
        if self.step <= 0.0 {
            return self.logs[0][level].exp();
        }
        let last = self.logs.len() - 1;
        let place = ((scale.max(0.01).ln() - self.lowest) / self.step).clamp(0.0, last as f64);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the range of indices")]
        let below = (place as usize).min(last - 1);
        let share = place - below as f64;
        ((1.0 - share) * self.logs[below][level] + share * self.logs[below + 1][level]).exp()
    }
}

/// The factor on F at each level, for a device (by column) and what is uncertain about a store of some scale.
fn factors(uncertainty: &Uncertainty, device: usize, doubt: StoreDoubt, scale: f64) -> [f64; LEVELS.len()] {
    let mut variance =
        uncertainty.common_sigma.powi(2) + uncertainty.market_sigma.powi(2) + uncertainty.uptake_sigma[device].powi(2);
    if doubt.translation {
        variance += TRANSLATION_SIGMA.powi(2);
    }
    let points: Vec<f64> = if doubt.residuals {
        let residuals = Residuals::new(&uncertainty.store_residuals[device]);
        let shift = residuals.log_mean(scale);
        (0..POINTS).map(|at| scale * residuals.log_at((f64::from(at) + 0.5) / f64::from(POINTS)) - shift).collect()
    } else {
        vec![0.0]
    };
    let sigma = variance.sqrt();
    LEVELS.map(|level| {
        if sigma == 0.0 {
            return points[((level * points.len() as f64) as usize).min(points.len() - 1)].exp();
        }
        let below = |y: f64| {
            points.iter().map(|x| normal::cdf((y - x + 0.5 * variance) / sigma)).sum::<f64>() / points.len() as f64
        };
        let (mut low, mut high) = (-20.0_f64, 20.0_f64);
        // 40 wide, 50 halvings: 4e-14.
        for _ in 0..50 {
            let middle = 0.5 * (low + high);
            if below(middle) < level { low = middle } else { high = middle }
        }
        (0.5 * (low + high)).exp()
    })
}

/// Residuals of many stores by a few hundred of their quantiles; ascending, the mean of exp 1.
pub(super) fn thinned(residuals: &[f64]) -> Vec<f64> {
    if residuals.is_empty() {
        return Vec::new();
    }
    let whole = Residuals::new(residuals);
    if residuals.len() <= RESIDUALS_MAX {
        return whole.logs().to_vec();
    }
    let points: Vec<f64> =
        (0..RESIDUALS_MAX).map(|at| whole.log_at((at as f64 + 0.5) / RESIDUALS_MAX as f64)).collect();
    Residuals::new(&points).logs().to_vec()
}

/// Quantiles by store, device and level.
pub(super) fn by_store(
    mean: &Array2<f64>,
    uncertainty: &Uncertainty,
    levels: &[&Level],
    source: &[LevelSource],
) -> Array3<f64> {
    let by_source: Vec<[Factors; 2]> = levels
        .iter()
        .enumerate()
        .map(|(device, level)| {
            [LevelSource::Observed, LevelSource::ColdStart]
                .map(|source| Factors::new(uncertainty, device, StoreDoubt::of(level.basis, source)))
        })
        .collect();
    let (stores, devices) = mean.dim();
    Array3::from_shape_fn((stores, devices, LEVELS.len()), |(store, device, at)| {
        let factors = &by_source[device][usize::from(source[store] == LevelSource::ColdStart)];
        mean[[store, device]] * factors.at(uncertainty.store_scale[[store, device]], at)
    })
}
