//! The exact sign-flip test of paired differences, and its interval.
//!
//! | symbol | argument | unit |
//! |---|---|---|
//! | d_i | `differences` | logs: gain of the store treated less that of its partner, pair i of P |
//! | theta | `effect` | logs |
//! | S | a subset of the pairs whose flips are turned | |
//! | alpha | `size` | |
//!
//! If fair coins chose who is treated, then under the effect theta each sign of d_i - theta was as likely as
//! the other, whatever the sales do [fisher1935]. Turning the flips of S leaves the sum as large as it is or
//! makes it larger exactly if mean_S d <= theta, so with the 2^P - 1 means over subsets [hartigan1969]
//! p_above(theta) = (1 + number of S with mean_S d <= theta)/2^P, p_below likewise, and
//! p = min(1, 2 min(p_above, p_below)), which is the test of abs(sum). The interval of all theta with p > alpha
//! runs between the K-th mean from below and from above, K = floor(alpha 2^(P-1)): K = 0, no interval,
//! for fewer than 6 pairs at 5 %. Beyond [`EXACT_MAX`] pairs, [`DRAWS`] seeded subsets stand for all, the one
//! observed counted in: still valid [phipson2010].

use domain::seed::Seed;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use super::{TrialError, probability};

/// Pairs at most for which all flips are tried.
pub const EXACT_MAX: usize = 16;
/// Flips drawn beyond.
pub const DRAWS: usize = 65_535;

/// Means of the differences over the subsets.
#[derive(Debug, Clone, PartialEq)]
pub struct Flips {
    /// Means over subsets, ascending; the empty subset is left out.
    means: Vec<f64>,
    /// Flips that count on both sides: the one observed, and any drawn like it.
    always: usize,
}

impl Flips {
    /// Of these differences; `seed` is used beyond [`EXACT_MAX`] pairs only.
    ///
    /// # Errors
    /// No difference, or one that is not finite.
    pub fn new(differences: &[f64], seed: Seed) -> Result<Self, TrialError> {
        if differences.is_empty() || differences.iter().any(|difference| !difference.is_finite()) {
            return Err(TrialError::Unobserved);
        }
        let pairs = differences.len();
        // One order of adding up, so that the same pairs in another order have the same means.
        let mut sorted = differences.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let mean = |inside: &mut dyn FnMut(usize) -> bool| {
            let (sum, count) = (0..pairs)
                .filter(|&pair| inside(pair))
                .fold((0.0, 0_u32), |(sum, count), pair| (sum + sorted[pair], count + 1));
            (count > 0).then(|| sum / f64::from(count))
        };
        let drawn: Vec<Option<f64>> = if pairs <= EXACT_MAX {
            (0..1_u32 << pairs).map(|subset| mean(&mut |pair| subset >> pair & 1 == 1)).collect()
        } else {
            let mut random = Pcg64::seed_from_u64(seed.stream("trial signs", 0));
            let observed = std::iter::once(None);
            observed.chain((0..DRAWS).map(|_| mean(&mut |_| random.random::<bool>()))).collect()
        };
        let always = drawn.iter().filter(|mean| mean.is_none()).count();
        let mut means: Vec<f64> = drawn.into_iter().flatten().collect();
        means.sort_unstable_by(f64::total_cmp);
        Ok(Self { means, always })
    }

    /// The p-value of the effect `effect`, two-sided.
    #[must_use]
    pub fn p_value(&self, effect: f64) -> f64 {
        // Means that equal the effect but for rounding count on both sides, which only raises p.
        let slack = 1e-12 * self.means.iter().fold(effect.abs(), |most, mean| most.max(mean.abs()));
        let below = self.means.partition_point(|&mean| mean <= effect + slack);
        let above = self.means.len() - self.means.partition_point(|&mean| mean < effect - slack);
        let p = 2.0 * (self.always + below.min(above)) as f64 / self.count() as f64;
        p.min(1.0)
    }

    /// All effects with a p-value above `size`: its ends, infinite where there are too few pairs.
    ///
    /// # Errors
    /// A size that is no probability.
    pub fn interval(&self, size: f64) -> Result<(f64, f64), TrialError> {
        let rank = (probability(size)? * self.count() as f64 / 2.0).floor();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative, below the count")]
        let rank = (rank as usize + 1).saturating_sub(self.always);
        if rank == 0 || rank > self.means.len() {
            return Ok((f64::NEG_INFINITY, f64::INFINITY));
        }
        Ok((self.means[rank - 1], self.means[self.means.len() - rank]))
    }

    /// Flips, the one observed included.
    fn count(&self) -> usize {
        self.means.len() + self.always
    }
}
