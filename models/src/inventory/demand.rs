//! Demand of a window, and its continuous distributions.
//!
//! | symbol | function | unit |
//! |---|---|---|
//! | E[D] | [`Demand::mean`] | units |
//! | F(y) = P(D <= y) | [`Demand::cdf`] | |
//! | inf {y: F(y) >= u} | [`Demand::quantile`] | units |
//! | n(y) = E[(D - y)^+] | [`Demand::shortage`] | units |
//!
//! The loss functions n are the closed forms of [snyder2019], appendix C: normal sd (phi(z) - z Phi(-z)) with
//! z = (y - mean)/sd; lognormal e^(mu + sigma^2/2) Phi((mu + sigma^2 - ln y)/sigma) - y Phi((mu - ln y)/sigma);
//! uniform on [a, b] (b - y)^2/(2 (b - a)).

use super::{Unsound, finite, not_negative, positive};
use crate::normal;

/// Demand of a window, in units.
pub trait Demand {
    /// E[D].
    fn mean(&self) -> f64;
    /// P(D <= y).
    fn cdf(&self, y: f64) -> f64;
    /// The smallest y with P(D <= y) >= u, for u above 0 and below 1.
    fn quantile(&self, u: f64) -> f64;
    /// n(y) = E[(D - y)^+].
    fn shortage(&self, y: f64) -> f64;
    /// E[(y - D)^+].
    fn surplus(&self, y: f64) -> f64 {
        y - self.mean() + self.shortage(y)
    }
}

/// Normal demand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Normal {
    mean: f64,
    sd: f64,
}

impl Normal {
    /// Of this mean and standard deviation, in units.
    ///
    /// # Errors
    /// A mean that is not finite, a standard deviation that is not above 0.
    pub fn new(mean: f64, sd: f64) -> Result<Self, Unsound> {
        Ok(Self { mean: finite("the mean of demand", mean)?, sd: positive("the standard deviation of demand", sd)? })
    }

    /// The sum of `periods` independent ones.
    ///
    /// # Errors
    /// A number of periods that is not above 0.
    pub fn over(self, periods: f64) -> Result<Self, Unsound> {
        let periods = positive("the number of periods", periods)?;
        Self::new(self.mean * periods, self.sd * periods.sqrt())
    }

    /// Standard deviation, units.
    #[must_use]
    pub fn sd(&self) -> f64 {
        self.sd
    }

    /// E[((D - y)^+)^2]/2, the integral of n from y on: sd^2/2 ((1 + z^2) Phi(-z) - z phi(z)).
    #[must_use]
    pub fn second_shortage(&self, y: f64) -> f64 {
        let z = (y - self.mean) / self.sd;
        0.5 * self.sd * self.sd * ((1.0 + z * z) * normal::cdf(-z) - z * density(z)).max(0.0)
    }
}

impl Demand for Normal {
    fn mean(&self) -> f64 {
        self.mean
    }

    fn cdf(&self, y: f64) -> f64 {
        normal::cdf((y - self.mean) / self.sd)
    }

    fn quantile(&self, u: f64) -> f64 {
        self.mean + self.sd * normal::quantile(u)
    }

    fn shortage(&self, y: f64) -> f64 {
        let z = (y - self.mean) / self.sd;
        // Far out the two terms cancel to less than their rounding.
        self.sd * (density(z) - z * normal::cdf(-z)).max(0.0)
    }
}

/// Lognormal demand: ln D is normal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LogNormal {
    log_mean: f64,
    log_sd: f64,
}

impl LogNormal {
    /// Of this mean and standard deviation of ln D.
    ///
    /// # Errors
    /// A mean that is not finite, a standard deviation that is not above 0, or a demand whose mean is beyond an f64.
    pub fn new(log_mean: f64, log_sd: f64) -> Result<Self, Unsound> {
        let demand = Self {
            log_mean: finite("the mean of the logarithm of demand", log_mean)?,
            log_sd: positive("the standard deviation of the logarithm of demand", log_sd)?,
        };
        finite("the mean of demand", demand.mean())?;
        Ok(demand)
    }
}

impl Demand for LogNormal {
    fn mean(&self) -> f64 {
        (self.log_mean + 0.5 * self.log_sd * self.log_sd).exp()
    }

    fn cdf(&self, y: f64) -> f64 {
        if y <= 0.0 { 0.0 } else { normal::cdf((y.ln() - self.log_mean) / self.log_sd) }
    }

    fn quantile(&self, u: f64) -> f64 {
        (self.log_mean + self.log_sd * normal::quantile(u)).exp()
    }

    fn shortage(&self, y: f64) -> f64 {
        if y <= 0.0 {
            return self.mean() - y;
        }
        let z = (self.log_mean - y.ln()) / self.log_sd;
        (self.mean() * normal::cdf(z + self.log_sd) - y * normal::cdf(z)).max(0.0)
    }
}

/// Demand that is equally likely anywhere in an interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Uniform {
    low: f64,
    high: f64,
}

impl Uniform {
    /// Between `low` and `high`, in units.
    ///
    /// # Errors
    /// Ends that are not finite, or a `high` that is not above `low`.
    pub fn new(low: f64, high: f64) -> Result<Self, Unsound> {
        let (low, high) = (finite("the low end of demand", low)?, finite("the high end of demand", high)?);
        positive("the width of the interval of demand", high - low)?;
        Ok(Self { low, high })
    }
}

impl Demand for Uniform {
    fn mean(&self) -> f64 {
        0.5 * (self.low + self.high)
    }

    fn cdf(&self, y: f64) -> f64 {
        ((y - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    fn quantile(&self, u: f64) -> f64 {
        self.low + u * (self.high - self.low)
    }

    fn shortage(&self, y: f64) -> f64 {
        if y <= self.low { self.mean() - y } else { (self.high - y).max(0.0).powi(2) / (2.0 * (self.high - self.low)) }
    }
}

/// phi(z).
pub(super) fn density(z: f64) -> f64 {
    (-0.5 * z * z).exp() / (2.0 * std::f64::consts::PI).sqrt()
}

/// Refuses a mean rate of demand below 0.
pub(super) fn rate(value: f64) -> Result<f64, Unsound> {
    not_negative("the mean of demand", value)
}
