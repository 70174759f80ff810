//! How likely weeks are at a level.
//!
//! | symbol | here | |
//! |---|---|---|
//! | mu_t = m x_t F_t | mean of week t | units |
//! | ln f(y) = y ln(mu/(r + mu)) + r ln(r/(r + mu)) + what m does not change | negative binomial | |
//! | P(D >= y) = I_(mu/(r + mu))(y, r) | Euler's incomplete beta function | |
//!
//! I is computed by Lentz's continued fraction [press2007].

use super::{Noise, Week};
use crate::counts::ln_gamma;

/// Above this size a negative binomial is as good as Poisson, and still far from where r + mu loses digits.
const SIZE_MAX: f64 = 1e6;
/// Steps of the continued fraction: it needs about the root of the larger argument.
const STEPS_MAX: usize = 20_000;

/// A week that teaches something.
#[derive(Debug, Clone, Copy)]
struct Known {
    units: f64,
    log_exposure: f64,
    /// ln of 1/B(y, r) / y, where the week is censored.
    censored: Option<f64>,
}

/// The likelihood of some weeks.
#[derive(Debug, Clone)]
pub(crate) struct Likelihood {
    weeks: Vec<Known>,
    size: f64,
    power: f64,
    /// What r alone makes of the weeks.
    constant: f64,
}

impl Likelihood {
    /// Of `weeks` under a share of adoption by time.
    pub(crate) fn new(weeks: &[Week], share: impl Fn(f64) -> f64, noise: Noise) -> Self {
        let size = noise.size.min(SIZE_MAX);
        let weeks: Vec<Known> = weeks
            .iter()
            .filter_map(|week| {
                let exposure = week.exposure * share(week.years);
                let usable = exposure > 0.0 && exposure.is_finite() && week.units >= 0.0 && week.units.is_finite();
                // Demand of at least nothing is no news.
                let news = !(week.censored && week.units <= 0.0);
                let y = week.units;
                (usable && news).then(|| Known {
                    units: y,
                    log_exposure: exposure.ln(),
                    censored: week.censored.then(|| ln_gamma(y + size) - ln_gamma(y) - ln_gamma(size)),
                })
            })
            .collect();
        let exposure: f64 = weeks.iter().map(|week| week.log_exposure.exp()).sum();
        // What weeks teach together depends on how much of their noise is counting, at the weeks' own mean.
        let sold = 0.5 + weeks.iter().map(|week| week.units).sum::<f64>();
        let mean = if exposure > 0.0 { sold / weeks.len() as f64 } else { 1.0 };
        let power = noise.independent(weeks.len(), mean);
        let constant = constant(&weeks, size);
        Self { weeks, size, power, constant }
    }

    /// The same weeks under another r. Their power stays: under one that changes with r, likelihoods of different r would
    /// not be alike.
    pub(crate) fn with_size(&self, size: f64) -> Self {
        let size = size.min(SIZE_MAX);
        let beta = |y: f64| ln_gamma(y + size) - ln_gamma(y) - ln_gamma(size);
        let week = |week: &Known| Known { censored: week.censored.map(|_| beta(week.units)), ..*week };
        let weeks: Vec<Known> = self.weeks.iter().map(week).collect();
        let constant = constant(&weeks, size);
        Self { weeks, size, power: self.power, constant }
    }

    /// Its logarithm at ln m, up to what neither m nor r changes.
    pub(crate) fn of_size(&self, log_level: f64) -> f64 {
        self.at(log_level) + self.power * self.constant
    }

    /// d `at`/d ln m: of an observed week r (y - mu)/(r + mu), of a censored one x^y (1 - x)^r/(B(y, r) I_x(y, r)) at
    /// x = mu/(r + mu).
    pub(crate) fn slope(&self, log_level: f64) -> f64 {
        let sum: f64 = self
            .weeks
            .iter()
            .map(|week| {
                let mean = (log_level + week.log_exposure).exp();
                let (sold, unsold) = (mean / (self.size + mean), self.size / (self.size + mean));
                match week.censored {
                    Some(beta) => {
                        let front = beta + week.units * sold.max(1e-300).ln() + self.size * unsold.max(1e-300).ln();
                        (front - log_beta(week.units, self.size, sold, unsold, beta)).exp()
                    }
                    None => unsold * (week.units - mean),
                }
            })
            .sum();
        self.power * sum
    }

    /// Its logarithm at ln m, up to a constant.
    pub(crate) fn at(&self, log_level: f64) -> f64 {
        let sum: f64 = self
            .weeks
            .iter()
            .map(|week| {
                let mean = (log_level + week.log_exposure).exp();
                let (sold, unsold) = (mean / (self.size + mean), self.size / (self.size + mean));
                match week.censored {
                    Some(beta) => log_beta(week.units, self.size, sold, unsold, beta),
                    None => week.units * sold.max(1e-300).ln() + self.size * unsold.max(1e-300).ln(),
                }
            })
            .sum();
        self.power * sum
    }
}

/// What r alone makes of weeks: ln of Gamma(y + r)/Gamma(r), where they are observed.
fn constant(weeks: &[Known], size: f64) -> f64 {
    let observed = || weeks.iter().filter(|week| week.censored.is_none());
    observed().map(|week| ln_gamma(week.units + size)).sum::<f64>() - observed().count() as f64 * ln_gamma(size)
}

/// ln I_x(a, b), with `other` = 1 - x and `beta` = -ln B(a, b).
fn log_beta(a: f64, b: f64, x: f64, other: f64, beta: f64) -> f64 {
    let front = beta + a * x.max(1e-300).ln() + b * other.max(1e-300).ln();
    if x < (a + 1.0) / (a + b + 2.0) {
        front + (fraction(a, b, x) / a).ln()
    } else {
        // The other tail is the small one here, so nothing is lost by subtracting it.
        (-(front.exp() * fraction(b, a, other) / b).min(1.0 - 1e-16)).ln_1p()
    }
}

/// Lentz's continued fraction of the incomplete beta function.
fn fraction(a: f64, b: f64, x: f64) -> f64 {
    let guard = |value: f64| if value.abs() < 1e-300 { 1e-300 } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / guard(1.0 - (a + b) * x / (a + 1.0));
    let mut product = d;
    for step in 1..STEPS_MAX {
        let m = step as f64;
        for factor in [
            m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0)),
        ] {
            d = 1.0 / guard(1.0 + factor * d);
            c = guard(1.0 + factor / c);
            product *= c * d;
        }
        if (c * d - 1.0).abs() < 1e-14 {
            break;
        }
    }
    product
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counts::NegativeBinomial;

    #[test]
    fn a_censored_week_is_as_likely_as_the_tail_of_the_counts() {
        for (size, mean, units) in
            [(2.0, 7.0, 5), (0.6, 3.0, 20), (30.0, 200.0, 150), (30.0, 200.0, 260), (5.0, 1.0, 1)]
        {
            let week = Week { units: f64::from(units), exposure: 1.0, years: 1.0, censored: true };
            let ours = Likelihood::new(&[week], |_| 1.0, Noise { size, correlation: 0.0 }).at(f64::ln(mean));
            let direct = NegativeBinomial { mean, size }.survival(units as usize)[units as usize].ln();
            // Up to 260 masses are added there, each to 1e-14.
            assert!((ours - direct).abs() < 1e-9, "{size} {mean} {units}: {ours} {direct}");
        }
    }
}
