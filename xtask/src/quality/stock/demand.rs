//! Weekly demand with a known truth: negative binomial counts whose rates go together from week to week.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | m | `Truth::mean` | units per week |
//! | r | `Truth::size`: variance m + m^2/r; infinite: Poisson | |
//! | phi | `Truth::correlation` of the rates of weeks running | |
//!
//! D_t ~ Poisson(m G_t/r) with G_t = B_t G_(t-1) + E_t, B ~ Beta(r phi, r (1 - phi)), E ~ Gamma(r (1 - phi)): every G_t
//! is Gamma(r), so every D_t negative binomial, and rates k weeks apart have correlation phi^k. None of this is coded
//! in `models`.

use models::opening::Week;
use rand::RngExt;
use rand_distr::{Beta, Distribution, Gamma, Poisson};
use rand_pcg::Pcg64;

/// A store's demand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Truth {
    pub(super) mean: f64,
    pub(super) size: f64,
    pub(super) correlation: f64,
}

/// Why weeks have stockouts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Stockouts {
    /// They have none.
    None,
    /// The shelf is filled to the same level each week, and empty in about this share of the weeks.
    Shelf(f64),
    /// The same, with a level that is between 0.6 and 1.4 times that from week to week.
    Varied(f64),
    /// This share of the weeks, whatever the demand, sells 35 to 90 % of it.
    Blind(f64),
}

impl Truth {
    /// So many weeks running.
    pub(super) fn path(&self, weeks: usize, random: &mut Pcg64) -> Vec<u32> {
        let Self { mean, size, correlation } = *self;
        let gamma = |shape: f64, random: &mut Pcg64| Gamma::new(shape, 1.0).map_or(shape, |gamma| gamma.sample(random));
        let stays = (correlation > 0.0).then(|| Beta::new(size * correlation, size * (1.0 - correlation)));
        let mut rate = if size.is_finite() { gamma(size, random) } else { 0.0 };
        (0..weeks)
            .map(|_| {
                let demand = if size.is_finite() { mean * rate / size } else { mean };
                rate = match &stays {
                    Some(Ok(stays)) => stays.sample(random) * rate + gamma(size * (1.0 - correlation), random),
                    _ if size.is_finite() => gamma(size, random),
                    _ => rate,
                };
                count(demand, random)
            })
            .collect()
    }

    /// What the tables know of such weeks.
    pub(super) fn seen(&self, demand: &[u32], stockouts: Stockouts, random: &mut Pcg64) -> Vec<Week> {
        let level = match stockouts {
            Stockouts::Shelf(share) | Stockouts::Varied(share) => self.level(share),
            Stockouts::None | Stockouts::Blind(_) => f64::INFINITY,
        };
        let week = |&demand: &u32| {
            let demand = f64::from(demand);
            let (chance, part, shift) = (random.random::<f64>(), random.random::<f64>(), random.random::<f64>());
            let (units, censored) = match stockouts {
                Stockouts::None => (demand, false),
                // A level between two whole units is the one or the other, so that shares can be had exactly.
                Stockouts::Shelf(_) => {
                    let shelf = (level + shift).floor();
                    (demand.min(shelf), demand >= shelf)
                }
                Stockouts::Varied(_) => {
                    let shelf = (level * (0.6 + 0.8 * part) + shift).floor();
                    (demand.min(shelf), demand >= shelf)
                }
                Stockouts::Blind(share) if chance < share => ((demand * (0.35 + 0.55 * part)).round(), true),
                Stockouts::Blind(_) => (demand, false),
            };
            Week { units, exposure: 1.0, years: 1.0, censored }
        };
        demand.iter().map(week).collect()
    }

    /// The level, between whole units in proportion, that demand reaches in this share of the weeks.
    fn level(&self, share: f64) -> f64 {
        let counts = models::counts::NegativeBinomial { mean: self.mean, size: self.size };
        let mut reached = counts.survival(64);
        while reached.last().is_some_and(|&last| last > share) {
            reached = counts.survival(2 * reached.len());
        }
        let over = reached.partition_point(|&chance| chance > share).max(1);
        let (before, after) = (reached[over - 1], reached[over]);
        over as f64 - 1.0 + (before - share) / (before - after)
    }
}

fn count(rate: f64, random: &mut Pcg64) -> u32 {
    let drawn: f64 = Poisson::new(rate.max(1e-12)).map_or(0.0, |poisson| poisson.sample(random));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "non-negative, and a cast saturates")]
    let whole = drawn as u32;
    whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn weeks_have_the_stated_mean_variance_and_correlation() {
        let truth = Truth { mean: 6.0, size: 3.0, correlation: 0.4 };
        let path = truth.path(400_000, &mut Pcg64::seed_from_u64(3));
        let count = path.len() as f64;
        let mean = path.iter().map(|&units| f64::from(units)).sum::<f64>() / count;
        let away: Vec<f64> = path.iter().map(|&units| f64::from(units) - mean).collect();
        let product = |lag: usize| away.iter().zip(&away[lag..]).map(|(a, b)| a * b).sum::<f64>() / count;
        // Variance 6 + 36/3 = 18, covariances 12 phi^k; standard errors 0.01, 0.09 and about 0.06.
        assert!((mean - 6.0).abs() < 0.05, "{mean}");
        assert!((product(0) - 18.0).abs() < 0.4, "{}", product(0));
        assert!((product(1) - 4.8).abs() < 0.25 && (product(2) - 1.92).abs() < 0.25, "{} {}", product(1), product(2));
    }

    #[test]
    fn stockouts_come_as_often_as_they_are_asked_for() {
        let random = &mut Pcg64::seed_from_u64(5);
        let truth = Truth { mean: 4.0, size: 2.0, correlation: 0.0 };
        let path = truth.path(100_000, random);
        for share in [0.1, 0.5] {
            for stockouts in [Stockouts::Shelf(share), Stockouts::Blind(share)] {
                let seen = truth.seen(&path, stockouts, random);
                let out = seen.iter().filter(|week| week.censored).count() as f64 / 100_000.0;
                // Standard error 0.0016.
                assert!((out - share).abs() < 0.007, "{stockouts:?}: {out}");
                assert!(seen.iter().zip(&path).all(|(week, &demand)| week.units <= f64::from(demand)));
            }
        }
    }
}
