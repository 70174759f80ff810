//! How far stores lie from their forecasts: cross-conformal [vovk2015], by market, wider where a store is hard.
//!
//! | symbol | here | |
//! |---|---|---|
//! | e_j | log of truth over blend of held-out store j | |
//! | h_j | ln of the distance and of the spread of its analogs, less their means | `Hardness` |
//! | g | exponents, from `EXPONENTS` | 0 where nothing is gained |
//! | c_m | market m's scale | 1 where there is one market |
//! | s_j = c_m exp(g'h_j) | [`Spread::scale`] | |
//! | r_j = e_j / s_j | `Spread::residuals` | |
//!
//! The quantile of a store's ln y at level u is its blend + s_j Q(u). Q puts the i-th of n residuals at level
//! i/(n + 1), as a conformal interval does, and is linear between them.
//!
//! *Centre*. Every member is right on the mean of its own stores, so the mean residual of a few dozen is mostly
//! luck, and luck that differs from one fit to the next: it is taken off the residuals as if `CENTRED` more stores
//! had one of 0.
//!
//! *Hardness* [lei2018]: g maximises the likelihood of Laplace errors, and has to gain `GAIN_MIN` per exponent.
//!
//! *Markets*: intervals are to hold in each. ln c_m is the log of the `COMPARED` quantile of |e_j| exp(-g'h_j) in the
//! market, which n stores give with a variance of about `DOUBT`/n, drawn towards the mean of the markets by how much
//! more they differ than that explains [efron1973]: markets that differ keep their own, a handful of stores doesn't
//! stand on its own luck.

use crate::sampler::Residuals;

/// Exponents tried.
const EXPONENTS: [f64; 5] = [0.0, 0.25, 0.5, 0.75, 1.0];
/// What a further exponent has to gain in log likelihood: the 0.99 quantile of what it gains by chance, about.
const GAIN_MIN: f64 = 3.3;
/// n times the variance of the log of that quantile among n normal errors: p (1 - p)/(q f(q))^2.
const DOUBT: f64 = 0.79;
/// The level at which markets are compared.
const COMPARED: f64 = 0.8;
/// How many stores' worth the belief is that the blend is right on the mean.
const CENTRED: f64 = 100.0;
/// Bounds of s_j: no store is ten times as hard as another on such evidence.
const BOUNDS: (f64, f64) = (1.0 / 3.0, 3.0);

/// What tells how hard a store is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Hardness {
    /// Mean distance of its analogs.
    pub(super) distance: f64,
    /// Standard deviation of their ln y.
    pub(super) spread: f64,
}

/// A held-out store.
#[derive(Debug, Clone, Copy)]
pub(super) struct Missed {
    /// e_j.
    pub(super) log: f64,
    pub(super) hardness: Hardness,
    /// Its market.
    pub(super) group: usize,
}

/// The fitted spread.
#[derive(Debug, Clone)]
pub(super) struct Spread {
    exponents: [f64; 2],
    centre: [f64; 2],
    /// c_m, by market.
    markets: Vec<f64>,
    /// ln of the mean of exp(r).
    bias: f64,
    /// r less the bias at equally spaced levels, ascending: the mean of their exp is 1.
    residuals: Residuals,
}

/// ln, with a floor where all analogs are the same store or level.
fn logs(hardness: Hardness) -> [f64; 2] {
    [hardness.distance.max(1e-6).ln(), hardness.spread.max(1e-6).ln()]
}

impl Spread {
    /// Of held-out stores.
    pub(super) fn fit(missed: &[Missed]) -> Self {
        let n = missed.len().max(1) as f64;
        let hard: Vec<[f64; 2]> = missed.iter().map(|store| logs(store.hardness)).collect();
        let centre = [0, 1].map(|at| hard.iter().map(|hard| hard[at]).sum::<f64>() / n);
        let mut spread =
            Self { exponents: [0.0; 2], centre, markets: Vec::new(), bias: 0.0, residuals: Residuals::new(&[]) };
        spread.exponents = spread.exponents(missed);
        let sizes: Vec<(f64, usize)> =
            missed.iter().map(|store| (store.log.abs() / spread.hard(store.hardness), store.group)).collect();
        spread.markets = markets(&sizes);
        let mut residuals: Vec<f64> =
            missed.iter().map(|store| store.log / spread.scale(store.hardness, store.group)).collect();
        residuals.sort_unstable_by(f64::total_cmp);
        let luck = residuals.iter().sum::<f64>() / n * CENTRED / (n + CENTRED);
        residuals.iter_mut().for_each(|residual| *residual -= luck);
        let levels = conformal(&residuals);
        spread.residuals = Residuals::new(&levels);
        spread.bias = levels.first().map_or(0.0, |first| first - spread.residuals.logs()[0]);
        spread
    }

    /// s_j.
    pub(super) fn scale(&self, hardness: Hardness, group: usize) -> f64 {
        (self.hard(hardness) * self.markets.get(group).copied().unwrap_or(1.0)).clamp(BOUNDS.0, BOUNDS.1)
    }

    /// The mean of y whose blend is `log`: units per week.
    pub(super) fn mean(&self, log: f64, scale: f64) -> f64 {
        (log + scale * self.bias + self.residuals.log_mean(scale)).exp()
    }

    /// The central 80 % of e.
    pub(super) fn interval(&self, scale: f64) -> [f64; 2] {
        [0.1, 0.9].map(|level| scale * (self.bias + self.residuals.log_at(level)))
    }

    /// r less the bias, the mean of exp 1, ascending.
    pub(super) fn residuals(&self) -> &Residuals {
        &self.residuals
    }

    fn hard(&self, hardness: Hardness) -> f64 {
        let logs = logs(hardness);
        [0, 1].map(|at| self.exponents[at] * (logs[at] - self.centre[at])).iter().sum::<f64>().exp()
    }

    /// The exponents worth having.
    fn exponents(&mut self, missed: &[Missed]) -> [f64; 2] {
        let mut best = (f64::NEG_INFINITY, [0.0; 2]);
        for first in EXPONENTS {
            for second in EXPONENTS {
                self.exponents = [first, second];
                let (mut logs, mut size) = (0.0, 0.0);
                for store in missed {
                    let hard = self.hard(store.hardness).clamp(BOUNDS.0, BOUNDS.1);
                    logs += hard.ln();
                    size += store.log.abs() / hard;
                }
                let n = missed.len() as f64;
                let used = f64::from(u8::from(first > 0.0) + u8::from(second > 0.0));
                let likelihood = -logs - n * (size / n).max(1e-300).ln() - GAIN_MIN * used;
                if likelihood > best.0 {
                    best = (likelihood, self.exponents);
                }
            }
        }
        best.1
    }
}

/// c_m by market, from the sizes of errors and their markets.
fn markets(sizes: &[(f64, usize)]) -> Vec<f64> {
    let count = sizes.iter().map(|(_, group)| group + 1).max().unwrap_or(0);
    let all = quantile(sizes.iter().map(|size| size.0).collect());
    // By market: the log ratio and its variance.
    let raw: Vec<Option<(f64, f64)>> = (0..count)
        .map(|market| {
            let own: Vec<f64> = sizes.iter().filter(|size| size.1 == market).map(|size| size.0).collect();
            let variance = DOUBT / own.len().max(1) as f64;
            let ratio = (quantile(own)? / all?).ln();
            ratio.is_finite().then_some((ratio, variance))
        })
        .collect();
    let known: Vec<(f64, f64)> = raw.iter().flatten().copied().collect();
    let weights: f64 = known.iter().map(|(_, variance)| 1.0 / variance).sum();
    let mean = known.iter().map(|(ratio, variance)| ratio / variance).sum::<f64>() / weights.max(1e-300);
    // Cochran's statistic exceeds its degrees of freedom by what the markets themselves differ.
    let excess = known.iter().map(|(ratio, variance)| (ratio - mean).powi(2) / variance).sum::<f64>()
        - (known.len() as f64 - 1.0);
    let squares: f64 = known.iter().map(|(_, variance)| variance.powi(-2)).sum();
    let between = (excess / (weights - squares / weights).max(1e-300)).max(0.0);
    raw.into_iter()
        .map(|known| {
            known.map_or(1.0, |(ratio, variance)| (mean + (ratio - mean) * between / (between + variance)).exp())
        })
        .collect()
}

/// The quantile at `COMPARED`, as a conformal interval takes it; none of no sizes.
fn quantile(mut sizes: Vec<f64>) -> Option<f64> {
    sizes.sort_unstable_by(f64::total_cmp);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and n + 1")]
    let rank = (COMPARED * (sizes.len() + 1) as f64).ceil() as usize;
    sizes.get(rank.clamp(1, sizes.len().max(1)) - 1).copied()
}

/// Q at the levels (i + 1/2)/n: what a distribution that puts its i-th point there needs, to have the quantiles of
/// one that puts the i-th of `sorted` at i/(n + 1). Beyond the ends it goes on with the mean of the last two steps.
fn conformal(sorted: &[f64]) -> Vec<f64> {
    let n = sorted.len();
    if n < 3 {
        return sorted.to_vec();
    }
    let last = n - 1;
    let ends = (0.5 * (sorted[2] - sorted[0]), 0.5 * (sorted[last] - sorted[last - 2]));
    (0..n)
        .map(|at| {
            let place = (at as f64 + 0.5) / n as f64 * (n as f64 + 1.0) - 1.0;
            if place < 0.0 {
                sorted[0] + place * ends.0
            } else if place >= last as f64 {
                sorted[last] + (place - last as f64) * ends.1
            } else {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the indices")]
                let below = place as usize;
                sorted[below] + (place - below as f64) * (sorted[below + 1] - sorted[below])
            }
        })
        .collect()
}
