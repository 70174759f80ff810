//! A depot's stock by two moments, where demand is no Poisson.
//!
//! | symbol | here | unit |
//! |---|---|---|
//! | D_0 | [`Owing::of`]: demand on the depot over its lead time | units |
//! | S_0 | `depot` | units |
//! | B = (D_0 - S_0)^+ | [`Owing::moments`]: what the depot owes | units |
//! | a | `part`: the store's part of all demand | share |
//! | mean, variance of D | `own`: the store's demand over its own time | units, units^2 |
//!
//! What a store waits for is its part of B, each unit by a coin of a, and its own demand: mean a E[B] + E[D], variance
//! a^2 Var[B] + a (1 - a) E[B] + Var[D]. A negative binomial of these two takes its place [graves1985]; Poisson where the
//! variance is no larger. For Poisson demand [`super::on_order`] is exact, and what this loses is held against it.

use crate::counts::NegativeBinomial;
use crate::inventory::{Demand, Pmf};

/// A mean and a variance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments {
    /// Mean.
    pub mean: f64,
    /// Variance.
    pub variance: f64,
}

impl Moments {
    /// The counts that have them.
    #[must_use]
    pub fn counts(self) -> NegativeBinomial {
        let over = self.variance - self.mean;
        // The variance of rounding is no sign of a spread.
        let size = if over > 1e-12 * self.mean { self.mean * self.mean / over } else { f64::INFINITY };
        NegativeBinomial { mean: self.mean, size }
    }

    /// Of the sum of independent parts.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self { mean: self.mean + other.mean, variance: self.variance + other.variance }
    }
}

impl From<NegativeBinomial> for Moments {
    fn from(demand: NegativeBinomial) -> Self {
        let spread = if demand.mean > 0.0 { demand.mean / demand.size } else { 0.0 };
        Self { mean: demand.mean, variance: demand.mean * (1.0 + spread) }
    }
}

/// What a depot owes its stores, whatever it holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Owing {
    demand: Pmf,
    /// sum over k > S_0 of n(k), from `demand`'s low end on.
    second: Vec<f64>,
}

impl Owing {
    /// Of demand over the lead time to the depot.
    #[must_use]
    pub fn of(demand: Pmf) -> Self {
        let span = usize::try_from(demand.high() - demand.low()).unwrap_or(0);
        let mut second = vec![0.0; span + 1];
        for at in (0..span).rev() {
            second[at] = second[at + 1] + demand.short(demand.low() + at as i64 + 1);
        }
        Self { demand, second }
    }

    /// Of B.
    #[must_use]
    pub fn moments(&self, depot: u32) -> Moments {
        let depot = i64::from(depot);
        let mean = self.demand.short(depot);
        let pairs = match usize::try_from(depot - self.demand.low()) {
            Ok(at) => self.second.get(at).copied().unwrap_or(0.0),
            // Below the least demand every unit more that is held is one less that is owed.
            Err(_) => {
                let below = (self.demand.low() - depot) as f64;
                let least = self.demand.short(self.demand.low());
                self.second.first().copied().unwrap_or(0.0) + below * least + 0.5 * below * (below - 1.0)
            }
        };
        // E[B (B - 1)] = 2 sum over k > S_0 of n(k).
        Moments { mean, variance: (2.0 * pairs + mean - mean * mean).max(0.0) }
    }

    /// E[(S_0 - D_0)^+].
    #[must_use]
    pub fn held(&self, depot: u32) -> f64 {
        self.demand.surplus(f64::from(depot)).max(0.0)
    }

    /// The most that is ever asked for, units.
    #[must_use]
    pub fn most(&self) -> i64 {
        self.demand.high()
    }
}

/// What a store waits for.
#[must_use]
pub fn on_order(owed: Moments, part: f64, own: Moments) -> NegativeBinomial {
    let thinned = part * part * owed.variance + part * (1.0 - part) * owed.mean;
    Moments { mean: part * owed.mean, variance: thinned }.plus(own).counts()
}
