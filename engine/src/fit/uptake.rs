//! The prior of a device's uptake as a distribution.
//!
//! | symbol | field | |
//! |---|---|---|
//! | low, high | `Uptake::low`, `Uptake::high` | one in ten outcomes lies below, above |
//! | mode | `Uptake::mode` | the most likely value |
//! | mu, sigma | of the log | lognormal |
//!
//! Two numbers can't meet three: sigma = ln(high/low) / (2 z), z = 1.2816, keeps the spread that was
//! said; mu is the mean of what each of the three implies, ln low + z sigma, ln high - z sigma and
//! ln mode + sigma^2. The mean is exp(mu + sigma^2/2).

use domain::settings::Uptake;
use models::normal;

/// (mean, sigma of the log); none unless 0 < low <= mode <= high and all are finite.
#[must_use]
pub fn prior(uptake: Uptake) -> Option<(f64, f64)> {
    let Uptake { low, mode, high } = uptake;
    if !(0.0 < low && low <= mode && mode <= high && high.is_finite()) {
        return None;
    }
    let z = normal::quantile(0.9);
    let sigma = (high / low).ln() / (2.0 * z);
    // The two outer points imply the same: their middle.
    let mu = (2.0 * 0.5 * (low.ln() + high.ln()) + mode.ln() + sigma * sigma) / 3.0;
    Some(((mu + 0.5 * sigma * sigma).exp(), sigma))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lognormal_that_meets_all_three_is_found_again() {
        let (mu, sigma) = (0.04_f64.ln(), 0.3);
        let z = normal::quantile(0.9);
        let (mean, spread) = prior(Uptake {
            low: (mu - z * sigma).exp(),
            mode: (mu - sigma * sigma).exp(),
            high: (mu + z * sigma).exp(),
        })
        .expect("a prior");
        // A handful of logs and exps, each good to 1e-16.
        assert!((mean - (mu + 0.045).exp()).abs() < 1e-14 && (spread - sigma).abs() < 1e-14);
    }

    #[test]
    fn a_certain_uptake_has_no_spread_and_nonsense_is_refused() {
        let (mean, sigma) = prior(Uptake { low: 0.1, mode: 0.1, high: 0.1 }).expect("a prior");
        assert!((mean - 0.1).abs() < 1e-15 && sigma == 0.0);
        assert!(prior(Uptake { low: 0.0, mode: 0.1, high: 0.2 }).is_none());
        assert!(prior(Uptake { low: 0.2, mode: 0.1, high: 0.3 }).is_none());
        assert!(prior(Uptake { low: 0.1, mode: 0.1, high: f64::INFINITY }).is_none());
    }
}
