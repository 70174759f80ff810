//! How the weeks of stores that sell already vary around their levels.
//!
//! | symbol | here | |
//! |---|---|---|
//! | x_t | [`common`]: exp of the mean over stores of ln y_jt less the store's own mean | the chain's week |
//! | e_jt = y_jt/(m_j x_t) - 1 | departure of a week, m_j the mean of y_jt/x_t over its n_j weeks | |
//! | p_jt = 1/(m_j x_t) | variance of e that counting alone makes | |
//! | 1/r | variance of e beyond p: of the rate that is counted | |
//! | phi | correlation of the rates of two weeks running; phi^k of weeks k apart | held within 0 and `CORRELATION_MAX` |
//! | T(n) = 1 + 2 sum over k < n of (1 - k/n) phi^k | [`Noise::together`] | |
//! | V_j = (p_j + T(n_j)/r)/n_j | variance of the store's own mean, which e is measured from | |
//!
//! E[e_t^2] = p + 1/r - V and, about, E[e_t e_(t+1)] = phi/r - V: departures from a mean of few weeks look calmer and less
//! alike than they are. Both are solved for r and phi by going round. Stores are weighed by 1/(p + 1/r)^2, as such
//! products scatter: so phi is known with a precision of the sum over pairs of (1/r)^2/(p + 1/r)^2, which is next to nothing
//! where counting hides the rates, and phi is then near its prior N(`CORRELATION_USUAL`, `CORRELATION_DOUBT`^2).

/// Largest correlation believed: beyond it, weeks would teach nothing at all.
const CORRELATION_MAX: f64 = 0.95;
/// What weeks of slow movers usually have, and the doubt of it: assumptions.
const CORRELATION_USUAL: f64 = 0.15;
const CORRELATION_DOUBT: f64 = 0.2;
/// Smallest and largest size believed.
const SIZES: (f64, f64) = (0.5, 1e6);
/// Times round: each brings r and phi nearer by about a week's share of the history.
const ROUNDS: usize = 40;

/// The weeks of one store; none where it did not sell, or demand was more than what was sold.
pub type Series = Vec<Option<f64>>;

/// How weeks vary.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Noise {
    /// r: variance = mean + mean^2/r.
    pub size: f64,
    /// phi: of the rates of weeks running, in [0, 1).
    pub correlation: f64,
}

impl Noise {
    /// T: how many times the variance of a mean of so many weeks' rates is what it would be if they did not go together.
    #[must_use]
    pub fn together(&self, weeks: usize) -> f64 {
        let count = weeks as f64;
        let lags = (1..weeks).map(|lag| (1.0 - lag as f64 / count) * self.correlation.powf(lag as f64));
        1.0 + 2.0 * lags.sum::<f64>()
    }

    /// The share of `weeks` of `mean` units that would teach as much if they did not go together. What counting adds
    /// does not: so weeks of few units are nearly worth their number.
    #[must_use]
    pub fn independent(&self, weeks: usize, mean: f64) -> f64 {
        let (counting, rates) = (1.0 / mean, 1.0 / self.size);
        let apart = (counting + rates) / (counting + rates * self.together(weeks));
        // Without any mean there is only counting.
        if apart.is_finite() { apart } else { 1.0 }
    }
}

/// The chain's weeks, their mean 1; 1 where no store tells. Stores have as many weeks as the longest.
#[must_use]
pub fn common(stores: &[Series]) -> Vec<f64> {
    let weeks = stores.iter().map(Vec::len).max().unwrap_or(0);
    let mut sums = vec![(0.0, 0.0); weeks];
    for store in stores {
        let known =
            || store.iter().enumerate().filter_map(|(week, units)| Some((week, units.filter(|y| *y > 0.0)?.ln())));
        let count = known().count() as f64;
        let mean = known().map(|(_, log)| log).sum::<f64>() / count.max(1.0);
        known().for_each(|(week, log)| {
            sums[week].0 += log - mean;
            sums[week].1 += 1.0;
        });
    }
    let raw: Vec<Option<f64>> = sums.iter().map(|&(sum, count)| (count > 0.0).then(|| (sum / count).exp())).collect();
    let known: Vec<f64> = raw.iter().copied().flatten().collect();
    let mean = known.iter().sum::<f64>() / known.len().max(1) as f64;
    raw.into_iter().map(|index| index.map_or(1.0, |index| index / mean)).collect()
}

/// What one store's weeks say.
pub(super) struct Departures {
    weeks: f64,
    squares: f64,
    counting: f64,
    pairs: f64,
    products: f64,
}

impl Departures {
    pub(super) fn of(store: &Series, weeks: &[f64]) -> Option<Self> {
        let ratio = |week: usize| Some(store.get(week).copied().flatten()? / weeks.get(week).copied()?);
        let ratios: Vec<Option<f64>> = (0..store.len()).map(ratio).collect();
        let known = ratios.iter().flatten().count() as f64;
        let level = ratios.iter().flatten().sum::<f64>() / known.max(1.0);
        if known < 2.0 || level <= 0.0 {
            return None;
        }
        let away: Vec<Option<f64>> = ratios.iter().map(|ratio| ratio.map(|ratio| ratio / level - 1.0)).collect();
        let mut sums = Self { weeks: known, squares: 0.0, counting: 0.0, pairs: 0.0, products: 0.0 };
        for week in 0..away.len() {
            let Some(here) = away[week] else { continue };
            sums.squares += here * here;
            sums.counting += 1.0 / (level * weeks[week]);
            if let Some(Some(next)) = away.get(week + 1) {
                sums.products += here * next;
                sums.pairs += 1.0;
            }
        }
        Some(sums)
    }
}

/// The noise of `stores` around the chain's `weeks`; none where fewer than two weeks tell.
#[must_use]
pub fn noise(stores: &[Series], weeks: &[f64]) -> Option<Noise> {
    let stores: Vec<Departures> = stores.iter().filter_map(|store| Departures::of(store, weeks)).collect();
    if stores.is_empty() { None } else { Some(moments(&stores, None)) }
}

/// r and phi of departures; phi alone where r is known.
pub(super) fn moments(stores: &[Departures], size: Option<f64>) -> Noise {
    let mut now = Noise { size: size.unwrap_or(1.0), correlation: CORRELATION_USUAL };
    for _ in 0..ROUNDS {
        let (mut excess, mut count, mut products, mut pairs) = (0.0, 0.0, 0.0, 0.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of weeks")]
        for store in stores {
            let counting = store.counting / store.weeks;
            let own = (counting + now.together(store.weeks as usize) / now.size) / store.weeks;
            let weight = (counting + 1.0 / now.size).powi(-2);
            excess += weight * (store.squares - store.counting + store.weeks * own);
            count += weight * store.weeks;
            products += weight * (store.products + store.pairs * own);
            pairs += weight * store.pairs;
        }
        let inverse = size.map_or_else(|| (excess / count).clamp(1.0 / SIZES.1, 1.0 / SIZES.0), f64::recip);
        // The sum of weight x products estimates phi/r times that of weight x pairs.
        let prior = CORRELATION_DOUBT.powi(-2);
        let correlation = (inverse * products + prior * CORRELATION_USUAL) / (inverse * inverse * pairs + prior);
        now = Noise { size: 1.0 / inverse, correlation: correlation.clamp(0.0, CORRELATION_MAX) };
    }
    now
}
