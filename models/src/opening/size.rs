//! How dispersed the weeks of stores are, those with a stockout too.
//!
//! | symbol | here | |
//! |---|---|---|
//! | L_j(m, r) | [`Likelihood`] of store j's weeks | |
//! | E_j(r) = integral of L_j(m, r) d ln m | `evidence`, by Laplace's method | |
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
/// Stores that are asked at most, evenly spread: r is one number.
const STORES_MAX: usize = 200;
/// ln r is looked for between these.
const LOG_SIZES: (f64, f64) = (-1.6, 9.2);
/// Golden sections: each leaves 0.618 of the interval, these 0.001 of it in ln r.
const SECTIONS: usize = 20;
/// Steps of Newton's method for a level, and the longest of them in ln m.
const STEPS_MAX: usize = 30;
const STEP_MAX: f64 = 1.5;
/// Least curve of a likelihood: of a millionth of a week.
const CURVE_MIN: f64 = 1e-6;
/// For second differences in ln m and ln r: their error is the square of it.
const APART: f64 = 0.05;

/// What is believed of ln r.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dispersion {
    /// Its most likely value.
    pub log_size: f64,
    /// Its standard deviation.
    pub log_sd: f64,
}

/// What the weeks of `stores` say of r, when rates of weeks running have that correlation.
#[must_use]
pub fn dispersion(stores: &[Vec<Week>], correlation: f64) -> Dispersion {
    let every = stores.len().div_ceil(STORES_MAX).max(1);
    let stores: Vec<&Vec<Week>> = stores.iter().step_by(every).collect();
    let log = |log_size: f64| {
        let noise = Noise { size: log_size.exp(), correlation };
        let score = (log_size - USUAL.ln()) / DOUBT;
        stores.iter().map(|weeks| evidence(weeks, noise)).sum::<f64>() - 0.5 * score * score
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

/// ln of E, up to what r does not change; 0 where nothing was ever sold, which any r explains at a level of nothing.
fn evidence(weeks: &[Week], noise: Noise) -> f64 {
    peak(weeks, noise).map_or(0.0, |peak| peak.log_likelihood - 0.5 * peak.curve.ln())
}

/// The level, units per week of exposure 1, that makes `weeks` most likely: on average the true one, where a posterior of
/// a vague prior has a mean that few and dispersed weeks pull upwards. None where nothing was sold, or every week had
/// a stockout, so that no level is too high.
#[must_use]
pub fn likely(weeks: &[Week], noise: Noise) -> Option<f64> {
    peak(weeks, noise).map(|peak| peak.log_level.exp())
}

/// The top of a likelihood.
struct Peak {
    log_level: f64,
    log_likelihood: f64,
    /// What the slope falls by per unit of ln m.
    curve: f64,
}

fn peak(weeks: &[Week], noise: Noise) -> Option<Peak> {
    let (sum, exposure) =
        weeks.iter().fold((0.0, 0.0), |(sum, exposure), week| (sum + week.units, exposure + week.exposure));
    if !(sum > 0.0 && exposure > 0.0) || weeks.iter().all(|week| week.censored) {
        return None;
    }
    let likelihood = Likelihood::new(weeks, |_| 1.0, noise);
    let curve = |level: f64| {
        ((likelihood.slope(level - APART) - likelihood.slope(level + APART)) / (2.0 * APART)).max(CURVE_MIN)
    };
    let mut log_level = f64::ln(sum / exposure);
    for _ in 0..STEPS_MAX {
        let step = (likelihood.slope(log_level) / curve(log_level)).clamp(-STEP_MAX, STEP_MAX);
        log_level += step;
        // The likelihood is flat at its top: an error of 1e-6 in ln m is one of 1e-12 in it.
        if step.abs() < 1e-6 {
            break;
        }
    }
    Some(Peak { log_level, log_likelihood: likelihood.of_size(log_level), curve: curve(log_level) })
}
