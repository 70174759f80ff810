//! Random numbers: one stream per use, so that the order of work can't change what is drawn.

use domain::seed::Seed;
use rand::SeedableRng;
use rand_distr::{Distribution, Gamma, Poisson, StandardNormal};
use rand_pcg::Pcg64;

/// The stream `name`, number `at`, of a world's seed.
pub(crate) fn stream(seed: u64, name: &str, at: u64) -> Pcg64 {
    Pcg64::seed_from_u64(Seed(seed).stream(name, at))
}

/// A standard normal.
pub(crate) fn normal(rng: &mut Pcg64) -> f64 {
    StandardNormal.sample(rng)
}

/// exp of a normal, with mean 1.
pub(crate) fn noise(sigma: f64, rng: &mut Pcg64) -> f64 {
    (sigma * normal(rng) - 0.5 * sigma * sigma).exp()
}

/// A count with the given mean and variance mean + mean^2 / size: a Poisson of a gamma.
pub(crate) fn count(mean: f64, size: f64, rng: &mut Pcg64) -> u32 {
    if mean <= 1e-9 {
        return 0;
    }
    let rate = Gamma::new(size, mean / size).map_or(mean, |gamma| gamma.sample(rng));
    let drawn: f64 = Poisson::new(rate.max(1e-9)).map_or(0.0, |poisson| poisson.sample(rng));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "non-negative, and a cast saturates")]
    let whole = drawn as u32;
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_the_stated_mean_and_variance() {
        let (mean, size, draws) = (6.0, 3.0, 40_000);
        let mut rng = stream(1, "test", 0);
        let counts: Vec<f64> = (0..draws).map(|_| f64::from(count(mean, size, &mut rng))).collect();
        let average = counts.iter().sum::<f64>() / f64::from(draws);
        let variance = counts.iter().map(|c| (c - average).powi(2)).sum::<f64>() / f64::from(draws);
        // sd 4.24 over 200 = 0.021; the bound is five of that. The variance's own error is about 0.2.
        assert!((average - mean).abs() < 0.11, "{average}");
        assert!((variance - 18.0).abs() < 1.0, "{variance}");
    }
}
