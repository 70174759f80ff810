//! Demand in whole units, as a table of probabilities.
//!
//! | symbol | here | unit |
//! |---|---|---|
//! | P(D = k) | [`Pmf::mass`] | |
//! | P(D > k) | `over`, summed from the far end, so that small tails keep their digits | |
//! | n(k) = E[(D - k)^+] = sum over u >= k of P(D > u) | `short` | units |
//!
//! Tables end where what lies beyond has a probability below [`TAIL`], at either end, and are scaled to 1. Poisson and
//! negative binomial masses run from the mode, by the ratios of neighbours that `counts` gives, so that no
//! ln Gamma enters. n is linear between whole units.

use super::demand::rate;
use super::{Demand, Unsound, narrow, not_negative};
use crate::counts::NegativeBinomial;

/// Probability left out at either end of a table: below the rounding of the sums that use it.
pub const TAIL: f64 = 1e-17;
/// Most entries that a table may have.
pub const LONGEST: usize = 1 << 20;
/// What a table has too many of.
const ENTRIES: &str = "the table of demand, in entries,";
/// Most multiplications of one answer: seconds of work.
pub(super) const PRODUCTS: usize = 1 << 32;
/// Largest demand: whole numbers up to here are exact in an f64.
pub(super) const LARGEST: i64 = 1 << 53;

/// Demand in whole units, at least 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Pmf {
    low: i64,
    masses: Vec<f64>,
    over: Vec<f64>,
    short: Vec<f64>,
    mean: f64,
}

impl Pmf {
    /// `masses[k]` is proportional to P(D = `low` + k).
    ///
    /// # Errors
    /// No mass above 0, a mass that is negative or not finite, or more than [`LONGEST`] of them.
    pub fn new(low: u32, masses: &[f64]) -> Result<Self, Unsound> {
        for &mass in masses {
            not_negative("a probability of demand", mass)?;
        }
        Self::made(i64::from(low), masses)
    }

    /// Always `units`.
    #[must_use]
    pub fn always(units: u32) -> Self {
        Self { low: i64::from(units), masses: vec![1.0], over: vec![0.0], short: vec![0.0], mean: f64::from(units) }
    }

    /// Poisson of this mean.
    ///
    /// # Errors
    /// A mean that is negative or not finite, or too large for a table.
    pub fn poisson(mean: f64) -> Result<Self, Unsound> {
        Self::negative_binomial(NegativeBinomial { mean, size: f64::INFINITY })
    }

    /// Negative binomial; of infinite size, Poisson.
    ///
    /// # Errors
    /// A mean that is negative or not finite, a size that is not above 0, or tails too long for a table.
    pub fn negative_binomial(demand: NegativeBinomial) -> Result<Self, Unsound> {
        let NegativeBinomial { mean, size } = demand;
        rate(mean)?;
        if size.is_nan() || size <= 0.0 {
            return Err(Unsound::NotPositive { what: "the size of the negative binomial", value: size });
        }
        if mean <= 0.0 {
            return Ok(Self::always(0));
        }
        // p_u / p_(u-1).
        let step = |u: f64| {
            if size.is_infinite() { mean / u } else { (size + u - 1.0) / u * (mean / (size + mean)) }
        };
        let mode = if size.is_infinite() { mean } else { mean * (1.0 - 1.0 / size) }.max(0.0).floor();
        if mode > f64::from(i32::MAX) {
            return Err(Unsound::Together("the mean of demand is too large for a table"));
        }
        let limit = if size.is_infinite() { 0.0 } else { mean / (size + mean) };
        let (mut down, mut mass, mut at) = (Vec::new(), 1.0, mode);
        while at > 0.0 && down.len() < LONGEST {
            let back = 1.0 / step(at);
            // Ratios only shrink further down, so what is left is below a geometric sum.
            if back < 1.0 && mass * back / (1.0 - back) < TAIL {
                break;
            }
            mass *= back;
            at -= 1.0;
            down.push(mass);
        }
        down.reverse();
        let low = at;
        let mut masses = down;
        masses.push(1.0);
        (mass, at) = (1.0, mode);
        loop {
            let next = step(at + 1.0);
            // Ratios move towards their limit from one side.
            let ratio = next.max(limit);
            if ratio < 1.0 && mass * ratio / (1.0 - ratio) < TAIL {
                break;
            }
            narrow(ENTRIES, masses.len() + 1, LONGEST)?;
            mass *= next;
            at += 1.0;
            masses.push(mass);
        }
        #[expect(clippy::cast_possible_truncation, reason = "a whole number up to i32::MAX")]
        Self::made(low as i64, &masses)
    }

    /// Equally likely from `low` to `high`, both included.
    ///
    /// # Errors
    /// A `high` below `low`, or more than [`LONGEST`] values.
    pub fn uniform(low: u32, high: u32) -> Result<Self, Unsound> {
        if high < low {
            return Err(Unsound::Together("the high end of demand is below its low end"));
        }
        Self::new(low, &vec![1.0; narrow(ENTRIES, (high - low) as usize + 1, LONGEST)?])
    }

    /// Every sample equally likely.
    ///
    /// # Errors
    /// No sample, or samples further apart than [`LONGEST`].
    pub fn samples(units: &[u32]) -> Result<Self, Unsound> {
        let (Some(&low), Some(&high)) = (units.iter().min(), units.iter().max()) else {
            return Err(Unsound::Empty { what: "the sample of demand" });
        };
        let mut masses = vec![0.0; narrow(ENTRIES, (high - low) as usize + 1, LONGEST)?];
        for &unit in units {
            masses[(unit - low) as usize] += 1.0;
        }
        Self::new(low, &masses)
    }

    /// One of several demands, with these weights.
    ///
    /// # Errors
    /// No part of weight above 0, or parts whose tables lie too far apart.
    pub fn mixture(parts: &[(f64, Self)]) -> Result<Self, Unsound> {
        let low = parts.iter().map(|(_, part)| part.low()).min();
        let high = parts.iter().map(|(_, part)| part.high()).max();
        let (Some(low), Some(high)) = (low, high) else { return Err(Unsound::Empty { what: "the mixture" }) };
        let at = |k: i64| usize::try_from(k - low).unwrap_or(usize::MAX);
        let mut masses = vec![0.0; narrow(ENTRIES, at(high).saturating_add(1), LONGEST)?];
        for (weight, part) in parts {
            not_negative("the weight of a demand", *weight)?;
            masses[at(part.low())..].iter_mut().zip(&part.masses).for_each(|(slot, mass)| *slot += weight * mass);
        }
        Self::made(low, &masses)
    }

    /// A continuous demand rounded to whole units: P(D = k) is the probability of k - 1/2 to k + 1/2, for k in
    /// `low..=high`, scaled to 1. Returned with the probability that the range holds.
    ///
    /// # Errors
    /// A range that is empty, too long, or that holds no probability.
    pub fn rounded(demand: &dyn Demand, low: u32, high: u32) -> Result<(Self, f64), Unsound> {
        if high < low {
            return Err(Unsound::Together("the high end of demand is below its low end"));
        }
        narrow(ENTRIES, (high - low) as usize + 1, LONGEST)?;
        let masses: Vec<f64> =
            (low..=high).map(|k| (demand.cdf(f64::from(k) + 0.5) - demand.cdf(f64::from(k) - 0.5)).max(0.0)).collect();
        Ok((Self::new(low, &masses)?, masses.iter().sum()))
    }

    /// The sum of two independent demands.
    ///
    /// # Errors
    /// Tables whose sum is too long.
    pub fn plus(&self, other: &Self) -> Result<Self, Unsound> {
        let (long, wide) = (self.masses.len(), other.masses.len());
        narrow("the product of two tables, in multiplications,", long.saturating_mul(wide), PRODUCTS)?;
        let mut masses = vec![0.0; narrow(ENTRIES, long + wide - 1, LONGEST)?];
        for (i, a) in self.masses.iter().enumerate() {
            for (slot, b) in masses[i..].iter_mut().zip(&other.masses) {
                *slot += a * b;
            }
        }
        Self::made(self.low + other.low, &masses)
    }

    /// The sum of `periods` independent ones; of none, always 0.
    ///
    /// # Errors
    /// A sum too long for a table.
    pub fn times(&self, periods: u32) -> Result<Self, Unsound> {
        let (mut sum, mut power, mut left) = (Self::always(0), self.clone(), periods);
        while left > 0 {
            if left % 2 == 1 {
                sum = sum.plus(&power)?;
            }
            left /= 2;
            if left > 0 {
                power = power.plus(&power)?;
            }
        }
        Ok(sum)
    }

    /// Smallest demand of the table, units.
    #[must_use]
    pub fn low(&self) -> i64 {
        self.low
    }

    /// Largest demand of the table, units.
    #[must_use]
    pub fn high(&self) -> i64 {
        self.low + self.masses.len() as i64 - 1
    }

    /// P(D = k).
    #[must_use]
    pub fn mass(&self, k: i64) -> f64 {
        self.entry(&self.masses, k).unwrap_or(0.0)
    }

    /// P(D > k).
    #[must_use]
    pub fn above(&self, k: i64) -> f64 {
        if k < self.low { 1.0 } else { self.entry(&self.over, k).unwrap_or(0.0) }
    }

    /// n(k) = E[(D - k)^+], units.
    #[must_use]
    pub fn short(&self, k: i64) -> f64 {
        if k < self.low { self.mean - k as f64 } else { self.entry(&self.short, k).unwrap_or(0.0) }
    }

    /// The smallest k with P(D <= k) >= u; the last of the table where rounding keeps its sum below u.
    #[must_use]
    pub fn smallest(&self, u: f64) -> i64 {
        self.low + self.over.partition_point(|&above| 1.0 - above < u).min(self.masses.len() - 1) as i64
    }

    fn entry(&self, table: &[f64], k: i64) -> Option<f64> {
        table.get(usize::try_from(k.checked_sub(self.low)?).ok()?).copied()
    }

    /// Cuts the ends, scales to 1 and sums up.
    fn made(low: i64, masses: &[f64]) -> Result<Self, Unsound> {
        narrow(ENTRIES, masses.len(), LONGEST)?;
        if low > LARGEST {
            return Err(Unsound::Together("demand is larger than an f64 counts exactly"));
        }
        let total: f64 = masses.iter().sum();
        if !(total.is_finite() && total > 0.0) {
            return Err(Unsound::Together("the probabilities of demand have no sum above 0"));
        }
        let cut = |mass: &mut dyn Iterator<Item = &f64>| {
            let mut left = 0.0;
            mass.take_while(|&&mass| {
                left += mass;
                left < TAIL * total
            })
            .count()
        };
        let (start, end) = (cut(&mut masses.iter()), cut(&mut masses.iter().rev()));
        let kept = masses.get(start..masses.len() - end).unwrap_or(masses);
        let sum: f64 = kept.iter().sum();
        let masses: Vec<f64> = kept.iter().map(|mass| mass / sum).collect();
        let low = low + start as i64;
        let (mut over, mut short) = (vec![0.0; masses.len()], vec![0.0; masses.len()]);
        for k in (1..masses.len()).rev() {
            over[k - 1] = over[k] + masses[k];
            short[k - 1] = short[k] + over[k - 1];
        }
        // E[D] - low = n(low), since D is never below low.
        let mean = low as f64 + short.first().copied().unwrap_or(0.0);
        Ok(Self { low, masses, over, short, mean })
    }
}

impl Demand for Pmf {
    fn mean(&self) -> f64 {
        self.mean
    }

    #[expect(clippy::cast_possible_truncation, reason = "a cast saturates")]
    fn cdf(&self, y: f64) -> f64 {
        1.0 - self.above(y.floor() as i64)
    }

    fn quantile(&self, u: f64) -> f64 {
        self.smallest(u) as f64
    }

    #[expect(clippy::cast_possible_truncation, reason = "a cast saturates")]
    fn shortage(&self, y: f64) -> f64 {
        if y <= self.low as f64 {
            return self.mean - y;
        }
        let below = y.floor() as i64;
        let (here, part) = (self.short(below), y - y.floor());
        here - part * self.above(below)
    }
}
