//! How dispersed the weeks of stores are, those with a stockout too.
//!
//! | symbol | here | |
//! |---|---|---|
//! | L_j(m, r) | [`Likelihood`] of store j's weeks | |
//! | ln m ~ N(mu, s^2) | of a store of the chain: [`super::chain`] | |
//! | E_j(r) = integral of L_j(m, r) times the density of ln m | by Laplace's method | |
//! | ln r | prior N(ln `USUAL`, `DOUBT`^2) plus sum of ln E_j | [`Dispersion`] |
//!
//! Weeks without a stockout are the calmer ones: their moments make r too large, and a level that rests on such an r too
//! low. Here a stockout counts as demand of at least what was sold [tobin1958], and levels are summed out, so that
//! few weeks a store do not make it look calmer than it is [gelman2013].

use super::likelihood::Likelihood;
use super::{Noise, Week};

/// Where little is known, weeks are as dispersed as slow movers usually are: an assumption.
pub const USUAL: f64 = 2.0;
/// The doubt of that, as a standard deviation of ln r: between 0.3 and 15, nineteen times of twenty.
pub const DOUBT: f64 = 1.0;
/// ln r is looked for between these.
const LOG_SIZES: (f64, f64) = (-1.6, 9.2);
/// Golden sections: each leaves 0.618 of the interval, these 0.001 of it in ln r.
const SECTIONS: usize = 20;
/// Steps of Newton's method for a level, and the longest of them in ln m.
const STEPS_MAX: usize = 30;
const STEP_MAX: f64 = 1.5;
/// For second differences in ln m and ln r: their error is the square of it.
const APART: f64 = 0.05;

/// What is believed of ln r.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Dispersion {
    /// Its most likely value.
    pub(super) log_size: f64,
    /// Its standard deviation.
    pub(super) log_sd: f64,
}

/// What the weeks of `stores` say of r, with their (mu, s). Of `noise` its correlation is taken as known, and its size as
/// near enough to say how much weeks that go together teach.
pub(super) fn dispersion(stores: &[&[Week]], noise: Noise, level: (f64, f64)) -> Dispersion {
    let asked: Vec<Likelihood> = stores.iter().map(|weeks| Likelihood::new(weeks, |_| 1.0, noise)).collect();
    let log = |log_size: f64| {
        let score = (log_size - USUAL.ln()) / DOUBT;
        let evidence = |likelihood: &Likelihood| evidence(&likelihood.with_size(log_size.exp()), level);
        asked.iter().map(evidence).sum::<f64>() - 0.5 * score * score
    };
    let golden = 0.5 * (5.0_f64.sqrt() - 1.0);
    let (mut low, mut high) = LOG_SIZES;
    let (mut a, mut b) = (high - golden * (high - low), low + golden * (high - low));
    let (mut at_a, mut at_b) = (log(a), log(b));
    for _ in 0..SECTIONS {
        if at_a >= at_b {
            (high, b, at_b) = (b, a, at_a);
            a = high - golden * (high - low);
            at_a = log(a);
        } else {
            (low, a, at_a) = (a, b, at_b);
            b = low + golden * (high - low);
            at_b = log(b);
        }
    }
    let (log_size, step) = (0.5 * (low + high), 4.0 * APART);
    let curve = (2.0 * log(log_size) - log(log_size - step) - log(log_size + step)) / (step * step);
    // The prior alone curves by 1/DOUBT^2; less is the rounding of a flat end.
    Dispersion { log_size, log_sd: curve.max(DOUBT.powi(-2)).sqrt().recip() }
}

/// ln of E, up to what r does not change.
fn evidence(likelihood: &Likelihood, (mean, sd): (f64, f64)) -> f64 {
    let precision = sd.powi(-2);
    let slope = |level: f64| likelihood.slope(level) - precision * (level - mean);
    // A likelihood falls off to both sides of its top: what curves less than the prior is rounding.
    let curve = |level: f64| ((slope(level - APART) - slope(level + APART)) / (2.0 * APART)).max(precision);
    let mut level = mean;
    for _ in 0..STEPS_MAX {
        let step = (slope(level) / curve(level)).clamp(-STEP_MAX, STEP_MAX);
        level += step;
        // The top is flat: an error of 1e-6 in ln m is one of 1e-12 in the evidence.
        if step.abs() < 1e-6 {
            break;
        }
    }
    likelihood.of_size(level) - 0.5 * precision * (level - mean).powi(2) - 0.5 * curve(level).ln()
}
