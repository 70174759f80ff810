//! Between a plan's value under risk and the weighted mean that bounds it.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | mu >= 0 | `Guard::price` | price of the floor: base-currency units of the mean per unit of the worst |
//! | u_s = pi_s + mu Q_s, or (1 - w) pi_s + w Q_s | [`Guard::split`] | |
//! | lambda_s = u_s / sum u | `DemandSamples::weights` | |
//! | U(lambda) = max over plans of sum_s lambda_s V_s | | base-currency major units |
//!
//! CVaR_a(V) = min of sum_s Q_s V_s over 0 <= Q_s <= pi_s/a, sum Q = 1 [rockafellar2000]; so for any such Q and mu >= 0 a plan
//! that keeps the floor has E\[V\] <= sum_s (pi_s + mu Q_s) V_s - mu floor <= (1 + mu) U - mu floor [geoffrion1974], and any plan
//! has (1 - w) E\[V\] + w CVaR <= U: then mu = 0.

use domain::settings::{Aim, Measure};

/// What the worst outcomes count, beside a lambda.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Guard {
    /// How outcomes are judged.
    pub measure: Measure,
    /// mu.
    pub price: f64,
}

impl Guard {
    /// Before any lambda is sought: every sample counts alike.
    #[must_use]
    pub fn new(measure: Measure) -> Self {
        Self { measure, price: 0.0 }
    }

    /// Of u: the guard, and lambda.
    #[must_use]
    pub fn split(measure: Measure, counts: &[f64]) -> (Self, Vec<f64>) {
        let sum: f64 = counts.iter().sum();
        let price = match measure.aim {
            Aim::Weight(_) => 0.0,
            Aim::Floor(_) => (sum - 1.0).max(0.0),
        };
        (Self { measure, price }, counts.iter().map(|counts| counts / sum).collect())
    }

    fn floor(&self) -> f64 {
        match self.measure.aim {
            Aim::Weight(_) => 0.0,
            Aim::Floor(floor) => floor,
        }
    }

    /// A bound on value, from one on the weighted mean.
    #[must_use]
    pub fn whole(&self, part: f64) -> f64 {
        (1.0 + self.price) * part - self.price * self.floor()
    }

    /// The weighted mean that a bound on value comes from.
    #[must_use]
    pub fn part(&self, whole: f64) -> f64 {
        (whole + self.price * self.floor()) / (1.0 + self.price)
    }
}
