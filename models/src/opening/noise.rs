//! How the weeks of stores that sell already vary around their levels.
//!
//! | symbol | here | |
//! |---|---|---|
//! | x_t | [`common`]: exp of the mean over stores of ln y_jt less the store's own mean | the chain's week |
//! | e_jt = y_jt/(m_j x_t) - 1 | departure of a week, m_j the mean of y_jt/x_t | |
//! | 1/r | mean of e^2 - 1/(m_j x_t), weighed alike | what a Poisson count does not explain |
//! | phi | mean of e_jt e_j(t+1) over mean of e^2 | held within 0 and `CORRELATION_MAX` |

/// Largest correlation believed: beyond it, weeks would teach nothing at all.
const CORRELATION_MAX: f64 = 0.95;
/// Smallest and largest size believed.
const SIZES: (f64, f64) = (0.5, 1e6);

/// The weeks of one store; none where it did not sell, or demand was more than what was sold.
pub type Series = Vec<Option<f64>>;

/// How weeks vary.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Noise {
    /// r: variance = mean + mean^2/r.
    pub size: f64,
    /// phi: of weeks running, in [0, 1).
    pub correlation: f64,
}

impl Noise {
    /// The share of `weeks` that would teach as much if they did not go together.
    #[must_use]
    pub fn independent(&self, weeks: usize) -> f64 {
        let count = weeks as f64;
        let together: f64 = (1..weeks).map(|lag| (1.0 - lag as f64 / count) * self.correlation.powf(lag as f64)).sum();
        1.0 / (1.0 + 2.0 * together)
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

/// The noise of `stores` around the chain's `weeks`; none where fewer than two weeks tell.
#[must_use]
pub fn noise(stores: &[Series], weeks: &[f64]) -> Option<Noise> {
    let (mut squares, mut poisson, mut count) = (0.0, 0.0, 0.0);
    let (mut products, mut pairs) = (0.0, 0.0);
    for store in stores {
        let ratio = |week: usize| Some(store.get(week).copied().flatten()? / weeks.get(week).copied()?);
        let ratios: Vec<Option<f64>> = (0..store.len()).map(ratio).collect();
        let known = ratios.iter().flatten().count() as f64;
        let level = ratios.iter().flatten().sum::<f64>() / known.max(1.0);
        if known < 2.0 || level <= 0.0 {
            continue;
        }
        // The level is the weeks' own mean: they vary by 1 - 1/n less around it.
        let scale = (known / (known - 1.0)).sqrt();
        let away: Vec<Option<f64>> =
            ratios.iter().map(|ratio| ratio.map(|ratio| scale * (ratio / level - 1.0))).collect();
        for week in 0..away.len() {
            let Some(here) = away[week] else { continue };
            squares += here * here;
            poisson += 1.0 / (level * weeks[week]);
            count += 1.0;
            if let Some(Some(next)) = away.get(week + 1) {
                products += here * next;
                pairs += 1.0;
            }
        }
    }
    if count < 2.0 {
        return None;
    }
    let variance = squares / count;
    let inverse = (variance - poisson / count).max(1.0 / SIZES.1);
    let correlation = if pairs > 0.0 && variance > 0.0 { products / pairs / variance } else { 0.0 };
    Some(Noise { size: (1.0 / inverse).clamp(SIZES.0, SIZES.1), correlation: correlation.clamp(0.0, CORRELATION_MAX) })
}
