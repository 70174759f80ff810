//! Demand of a window to come, as a history of weeks and the other stores of the chain tell it.
//!
//! | symbol | here | unit |
//! |---|---|---|
//! | m, x_t | mean of a week; [`Week::exposure`] | units |
//! | r, phi | size of a week's negative binomial; correlation of the rates of weeks running | |
//! | L(m, r) | [`crate::opening`]'s likelihood: a week with a stockout says that demand was at least what was sold | |
//! | ln m | prior: N over the stores of the chain, or, of a store by itself, Jeffreys' | [`Level`] |
//! | ln r | prior: N([`Belief::log_size`], [`Belief::log_size_sd`]^2) | |
//! | w, T(w) | weeks of the window; [`Noise::together`] | weeks |
//!
//! D is the mixture of NB(w m, w r/T(w)) over the posterior of m and r: T(w) weeks that go together are worth one. A level
//! that keeps a promise under the best m and r alone keeps it less often than it says, since both may be wrong;
//! under the mixture it keeps it on average over the stores that the priors are of [gelman2013, 7.1]. The prior of a
//! chain is learnt from it: its moments are those of the stores' posteriors, again and again [efron1973]. Jeffreys' prior
//! of m given r is (1/(m (1 + m/r)))^(1/2).

use super::{Pmf, Unsound};
use crate::counts::NegativeBinomial;
use crate::opening::chain::{correlation, log_sold};
use crate::opening::likelihood::Likelihood;
use crate::opening::{DOUBT, Noise, Prior, USUAL, Week, chain, update};

/// How stores of a chain differ in ln r, as a standard deviation: an assumption.
const APART: f64 = 0.3;
/// A prior of ln m so wide that it only keeps m finite where every week is a stockout.
const WIDE: f64 = 3.0;
/// Points of ln m and of ln r, and how many standard deviations they reach.
const LEVELS: usize = 41;
const LEVEL_REACH: f64 = 5.0;
const SIZES: usize = 9;
const SIZE_REACH: f64 = 2.5;
/// Parts of the mixture whose sum is below this are left out: a thousandth of what a promise of 99.9 % leaves.
const NEGLIGIBLE: f64 = 1e-6;

/// What is believed of ln m.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Level {
    /// As of the other stores of a chain.
    Among {
        /// Mean of ln m.
        log_mean: f64,
        /// Its standard deviation.
        log_sd: f64,
    },
    /// Nothing: Jeffreys' prior.
    Unknown,
}

/// What is believed of a store's weeks before they are looked at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Belief {
    /// Of ln m.
    pub level: Level,
    /// Mean of ln r.
    pub log_size: f64,
    /// Its standard deviation.
    pub log_size_sd: f64,
    /// phi.
    pub correlation: f64,
}

impl Belief {
    /// What the weeks of a chain's stores teach of any one of them; as [`Belief::alone`] where there are fewer than
    /// [`crate::opening::CHAIN_MIN`] in which something was sold.
    #[must_use]
    pub fn of_chain(stores: &[Vec<Week>]) -> Self {
        let Some(chain) = chain(stores) else { return Self::alone(stores) };
        Self {
            level: Level::Among { log_mean: chain.log_mean, log_sd: chain.log_sd },
            log_size: chain.noise.size.ln(),
            log_size_sd: chain.log_size_sd.hypot(APART),
            correlation: chain.noise.correlation,
        }
    }

    /// Nothing of the level and little of the rest; `stores` say how weeks go together.
    #[must_use]
    pub fn alone(stores: &[Vec<Week>]) -> Self {
        let stores: Vec<&[Week]> = stores.iter().map(Vec::as_slice).collect();
        let correlation = correlation(&stores, USUAL);
        Self { level: Level::Unknown, log_size: USUAL.ln(), log_size_sd: DOUBT, correlation }
    }

    /// Demand of the next `length` weeks of exposure 1, after `weeks`.
    ///
    /// # Errors
    /// No week of a window, or demand too large for a table.
    pub fn window(&self, weeks: &[Week], length: u32) -> Result<Pmf, Unsound> {
        if length == 0 {
            return Err(Unsound::Empty { what: "the window" });
        }
        let window = f64::from(length);
        let noise = |size: f64| Noise { size, correlation: self.correlation };
        let together = noise(1.0).together(length as usize);
        let (log_mean, log_sd) = match self.level {
            Level::Among { log_mean, log_sd } => (log_mean, log_sd),
            Level::Unknown => (log_sold(weeks), WIDE),
        };
        let prior = Prior { log_level: log_mean, log_sd, adoption: None };
        let near = update(&prior, weeks, noise(self.log_size.exp()));
        let points = |count: usize, middle: f64, reach: f64| {
            (0..count).map(move |at| middle + reach * (2.0 * at as f64 / (count - 1) as f64 - 1.0))
        };
        let middle = Likelihood::new(weeks, |_| 1.0, noise(self.log_size.exp()));
        let mut parts = Vec::with_capacity(SIZES * LEVELS);
        for score in points(SIZES, 0.0, SIZE_REACH) {
            let size = (self.log_size + score * self.log_size_sd).exp();
            let likelihood = middle.with_size(size);
            for log in points(LEVELS, near.log_level, LEVEL_REACH * near.log_sd) {
                let away = (log - log_mean) / log_sd;
                let jeffreys = match self.level {
                    Level::Among { .. } => 0.0,
                    Level::Unknown => -0.5 * ((-log).exp() + 1.0 / size).ln(),
                };
                let log_weight = likelihood.of_size(log) - 0.5 * (away * away + score * score) + jeffreys;
                parts.push((log_weight, log.exp(), size));
            }
        }
        let most = parts.iter().fold(f64::NEG_INFINITY, |most, part| most.max(part.0));
        let mut parts: Vec<(f64, f64, f64)> =
            parts.into_iter().map(|(log, mean, size)| ((log - most).exp(), mean, size)).collect();
        let total: f64 = parts.iter().map(|part| part.0).sum();
        parts.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.total_cmp(&b.2)));
        let mut left = 0.0;
        let kept = parts.into_iter().skip_while(|part| {
            left += part.0;
            left < NEGLIGIBLE * total
        });
        let tables = kept
            .map(|(weight, mean, size)| {
                let demand = NegativeBinomial { mean: window * mean, size: window * size / together };
                Ok((weight, Pmf::negative_binomial(demand)?))
            })
            .collect::<Result<Vec<_>, Unsound>>()?;
        Pmf::mixture(&tables)
    }
}
