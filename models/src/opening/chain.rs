//! What the stores of a chain teach of any one of them.
//!
//! | symbol | here | |
//! |---|---|---|
//! | ln m_j ~ N(mu, s^2) | [`Chain::log_mean`], [`Chain::log_sd`]: how stores' levels differ | units per week |
//! | r, phi | [`Chain::noise`], with [`Chain::log_size_sd`] | |
//!
//! mu and s are the moments of the stores' posteriors, taken as their prior again and again [efron1973]; r is the most
//! likely one under them ([`super::size`]), and in turn theirs. So a store whose shelf was empty nearly always, of which its own
//! weeks say no more than that it sells at least so much, is taken to be like the others; weeks left out, or taken as
//! demand, would make it small, and its own likelihood would let it be as large as one likes.

use super::noise::{Departures, moments as noise_of};
use super::size::dispersion;
use super::{Noise, Prior, Series, Week, update};

/// Stores that make a chain: fewer say too little of how stores differ.
pub const CHAIN_MIN: usize = 10;
/// Stores that are asked at most, evenly spread: what is learnt are four numbers.
const STORES_MAX: usize = 200;
/// Rounds in which mu, s and r follow each other, and of mu and s within each: a round leaves about the part that the
/// weeks do not tell.
const ROUNDS: usize = 3;
const WITHIN: usize = 4;
/// Least spread of ln m: nothing is known better than to 2 %.
const SPREAD_MIN: f64 = 0.02;
/// Spread to start with, beside that of what was sold.
const SPREAD_START: f64 = 0.5;

/// What is believed of a store of the chain.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Chain {
    /// mu.
    pub log_mean: f64,
    /// s.
    pub log_sd: f64,
    /// r and phi.
    pub noise: Noise,
    /// Standard deviation of ln r.
    pub log_size_sd: f64,
}

/// Of stores by their weeks; none where fewer than [`CHAIN_MIN`] sold anything.
#[must_use]
pub fn chain(stores: &[Vec<Week>]) -> Option<Chain> {
    let sellers = stores.iter().filter(|weeks| weeks.iter().any(|week| week.units > 0.0)).count();
    if sellers < CHAIN_MIN {
        return None;
    }
    let every = stores.len().div_ceil(STORES_MAX);
    let asked: Vec<&[Week]> = stores.iter().step_by(every).map(Vec::as_slice).collect();
    let moments = |values: &[(f64, f64)]| {
        let count = values.len() as f64;
        let mean = values.iter().map(|value| value.0).sum::<f64>() / count;
        let spread = values.iter().map(|value| (value.0 - mean).powi(2) + value.1).sum::<f64>() / count;
        (mean, spread.sqrt())
    };
    let sold: Vec<(f64, f64)> = asked.iter().map(|weeks| (log_sold(weeks), 0.0)).collect();
    let (mut log_mean, log_sd) = moments(&sold);
    let mut log_sd = log_sd.max(SPREAD_START);
    let departures = departures(&asked);
    let mut noise = noise_of(&departures, None);
    let mut log_size_sd = 0.0;
    for _ in 0..ROUNDS {
        for _ in 0..WITHIN {
            let prior = Prior { log_level: log_mean, log_sd, adoption: None };
            let after: Vec<(f64, f64)> = asked
                .iter()
                .map(|weeks| update(&prior, weeks, noise))
                .map(|after| (after.log_level, after.log_sd.powi(2)))
                .collect();
            (log_mean, log_sd) = moments(&after);
            log_sd = log_sd.max(SPREAD_MIN);
        }
        let size = dispersion(&asked, noise, (log_mean, log_sd));
        // Moments of the calmer weeks have too large an r, and hence phi: it goes with the r of all of them.
        (noise, log_size_sd) = (noise_of(&departures, Some(size.log_size.exp())), size.log_sd);
    }
    Some(Chain { log_mean, log_sd, noise, log_size_sd })
}

/// ln of the mean of what was sold; half a unit more, so that there is one.
pub(crate) fn log_sold(weeks: &[Week]) -> f64 {
    let (sum, exposure) =
        weeks.iter().fold((0.5, 0.0), |(sum, exposure), week| (sum + week.units, exposure + week.exposure));
    f64::ln(sum / f64::max(exposure, f64::MIN_POSITIVE)).clamp(-20.0, 20.0)
}

/// The correlation of rates in weeks without a stockout, by r.
pub(crate) fn correlation(stores: &[&[Week]], size: f64) -> f64 {
    noise_of(&departures(stores), Some(size)).correlation
}

fn departures(stores: &[&[Week]]) -> Vec<Departures> {
    let known = |week: &Week| (!week.censored && week.exposure > 0.0).then(|| week.units / week.exposure);
    let flat = vec![1.0; stores.iter().map(|weeks| weeks.len()).max().unwrap_or(0)];
    let series = stores.iter().map(|weeks| weeks.iter().map(known).collect::<Series>());
    series.filter_map(|series| Departures::of(&series, &flat)).collect()
}
