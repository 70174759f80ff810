//! A corner after its opening: what its first weeks teach about its level and about how fast it is taken up.
//!
//! | symbol | here | unit |
//! |---|---|---|
//! | m | level at full adoption; ln m ~ N(`Prior::log_level`, `Prior::log_sd`^2): the cold start's forecast | units per week |
//! | p, q | innovation, imitation: lognormal around [`Adoption`] | per year |
//! | x_t | `Week::exposure`: how the chain's week compares with its mean week | |
//! | F_t | Bass's share of full adoption at `Week::years`; 1 without [`Prior::adoption`] | |
//! | y_t | `Week::units` | units |
//! | r, phi | [`Noise`]: size of the negative binomial, correlation of a store's weeks running | |
//!
//! y_t is negative binomial with mean m x_t F_t and size r. In a week with a stockout y_t says only that demand was at
//! least so much: its likelihood is P(D >= y_t), and no week is dropped [tobin1958]. Weeks of a store go together, so
//! n of them teach as much as [`Noise::independent`]'s share of them that don't: the likelihood is raised to the power
//! of that share [geyer1992].
//!
//! The posterior is summed over a grid: ln m at [`LEVELS`] points, made finer around where the mass is, by p and q at
//! the nodes of [`NODES`] each. Nothing is drawn, so the bytes are the same everywhere.

pub(crate) mod chain;
pub(crate) mod likelihood;
mod noise;
mod size;
#[cfg(test)]
mod tests;

pub use chain::{CHAIN_MIN, Chain, chain};
pub use noise::{Noise, Series, common, noise};
pub use size::{DOUBT, USUAL};

use crate::bass;
use likelihood::Likelihood;

/// Points of ln m.
const LEVELS: usize = 61;
/// How far they reach, in standard deviations.
const REACH: f64 = 6.0;
/// Standard normal scores at which p and q are tried, and their weights: Gauss and Hermite's five points.
const NODES: [(f64, f64); 5] = [
    (-2.856_970_013_872_806, 0.011_257_411_327_720_69),
    (-1.355_626_179_974_266, 0.222_075_922_005_612_65),
    (0.0, 0.533_333_333_333_333_3),
    (1.355_626_179_974_266, 0.222_075_922_005_612_65),
    (2.856_970_013_872_806, 0.011_257_411_327_720_69),
];
/// Points of the grid that a standard deviation has to span before it is fine enough.
const FINE: f64 = 4.0;
/// Times that the grid is made finer, each up to [`LEVELS`]/(2 [`REACH`] [`FINE`]) of the one before: enough for
/// a posterior a hundred times as sharp as the prior.
const REFINED_MAX: usize = 12;

/// What is believed of how fast a corner is taken up: p and q, lognormal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Adoption {
    /// Median of p, per year; above 0.
    pub innovation: f64,
    /// Median of q, per year; above 0.
    pub imitation: f64,
    /// Standard deviation of ln p and of ln q.
    pub log_sd: [f64; 2],
}

impl Adoption {
    /// What corners that opened before teach: each a posterior that had `self` as its prior. Of the variance of `self` the
    /// part `apart` is the corners' own; the rest is what is not known of all of them, which each narrows by what its
    /// weeks add to the prior [efron1973].
    #[must_use]
    pub fn from_analogs(self, analogs: &[Adoption], apart: f64) -> Self {
        let pooled = |log: fn(&Adoption) -> f64, at: usize| {
            let (mean, prior) = (log(&self), self.log_sd[at].powi(-2));
            let own = apart / prior;
            let shared = prior / (1.0 - apart);
            let (mut precision, mut moved) = (shared, 0.0);
            for analog in analogs {
                let after = analog.log_sd[at].powi(-2);
                let added = after - prior;
                if added > 0.0 && added.is_finite() {
                    let middle = (log(analog) - mean) * after / added;
                    let worth = 1.0 / (1.0 / added + own);
                    precision += worth;
                    moved += worth * middle;
                }
            }
            (moved / precision, (1.0 / precision + own).sqrt())
        };
        // Without anything to move it, a rate keeps its bits.
        let (innovation, sd_innovation) = pooled(|adoption| adoption.innovation.ln(), 0);
        let (imitation, sd_imitation) = pooled(|adoption| adoption.imitation.ln(), 1);
        Self {
            innovation: self.innovation * innovation.exp(),
            imitation: self.imitation * imitation.exp(),
            log_sd: [sd_innovation, sd_imitation],
        }
    }
}

/// What is believed before the first week.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prior {
    /// Mean of ln m.
    pub log_level: f64,
    /// Its standard deviation; at least 0.
    pub log_sd: f64,
    /// Of adoption; none: the corner is fully adopted.
    pub adoption: Option<Adoption>,
}

/// A week of a corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Week {
    /// Units sold; finite and at least 0.
    pub units: f64,
    /// x: the chain's week against its mean week; above 0.
    pub exposure: f64,
    /// Time from the opening to the middle of the week, years.
    pub years: f64,
    /// Whether the shelf was empty for part of it, so that demand was at least `units`.
    pub censored: bool,
}

/// What is believed after some weeks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Posterior {
    /// Mean of m, units per week at full adoption.
    pub level: f64,
    /// Mean of ln m.
    pub log_level: f64,
    /// Standard deviation of ln m.
    pub log_sd: f64,
    /// Of adoption; none where the corner was taken as fully adopted.
    pub adoption: Option<Adoption>,
}

/// What `weeks` make of `prior`. Weeks before the opening, or without exposure, teach nothing.
#[must_use]
pub fn update(prior: &Prior, weeks: &[Week], noise: Noise) -> Posterior {
    let nodes = nodes(prior.adoption);
    let likelihoods: Vec<Likelihood> = nodes
        .iter()
        .map(|node| {
            let share = |years| node.rates.map_or(1.0, |[p, q]| bass::cumulative(p, q, years));
            Likelihood::new(weeks, share, noise)
        })
        .collect();
    let (mut centre, mut sd) = (prior.log_level, prior.log_sd.max(1e-9));
    let mut result = None;
    for _ in 0..REFINED_MAX {
        let step = 2.0 * REACH * sd / (LEVELS - 1) as f64;
        let grid: [f64; LEVELS] = std::array::from_fn(|at| centre + step * (at as f64 - 0.5 * (LEVELS - 1) as f64));
        let found = sum(prior, &nodes, &likelihoods, &grid);
        let fine = found.log_sd >= FINE * step || prior.log_sd <= 0.0;
        // A grid that misses part of the mass moves on and widens again.
        let held = (found.log_level - centre).abs() <= 0.5 * REACH * sd;
        (centre, sd) = (found.log_level, found.log_sd.max(step));
        result = Some(found);
        if fine && held {
            break;
        }
    }
    result.unwrap_or(Posterior {
        level: (prior.log_level + 0.5 * prior.log_sd.powi(2)).exp(),
        log_level: prior.log_level,
        log_sd: prior.log_sd,
        adoption: prior.adoption,
    })
}

/// One pair of p and q.
struct Node {
    rates: Option<[f64; 2]>,
    scores: [f64; 2],
    log_weight: f64,
}

fn nodes(adoption: Option<Adoption>) -> Vec<Node> {
    let Some(adoption) = adoption else { return vec![Node { rates: None, scores: [0.0; 2], log_weight: 0.0 }] };
    let pairs = NODES.iter().flat_map(|p| NODES.iter().map(move |q| (p, q)));
    pairs
        .map(|(&(p, p_weight), &(q, q_weight))| Node {
            rates: Some([
                adoption.innovation * (adoption.log_sd[0] * p).exp(),
                adoption.imitation * (adoption.log_sd[1] * q).exp(),
            ]),
            scores: [p, q],
            log_weight: (p_weight * q_weight).ln(),
        })
        .collect()
}

/// Moments of the posterior over the grid.
fn sum(prior: &Prior, nodes: &[Node], likelihoods: &[Likelihood], grid: &[f64; LEVELS]) -> Posterior {
    let sd = prior.log_sd.max(1e-9);
    let logs: Vec<[f64; LEVELS]> = nodes
        .iter()
        .zip(likelihoods)
        .map(|(node, likelihood)| {
            grid.map(|level| {
                let score = (level - prior.log_level) / sd;
                node.log_weight - 0.5 * score * score + likelihood.at(level)
            })
        })
        .collect();
    let most = logs.iter().flatten().fold(f64::NEG_INFINITY, |most, &log| most.max(log));
    let (mut total, mut level, mut first, mut second) = (0.0, 0.0, 0.0, 0.0);
    let mut scores = [[0.0; 2]; 2];
    for (node, logs) in nodes.iter().zip(&logs) {
        for (&at, log) in grid.iter().zip(logs) {
            let mass = (log - most).exp();
            total += mass;
            level += mass * (at - grid[0]).exp();
            first += mass * (at - grid[0]);
            second += mass * (at - grid[0]).powi(2);
            for (sums, score) in scores.iter_mut().zip(node.scores) {
                sums[0] += mass * score;
                sums[1] += mass * score * score;
            }
        }
    }
    let mean = first / total;
    let adoption = prior.adoption.map(|before| {
        let [p, q] = scores.map(|[first, second]| {
            let mean = first / total;
            (mean, (second / total - mean * mean).max(0.0).sqrt())
        });
        Adoption {
            innovation: before.innovation * (before.log_sd[0] * p.0).exp(),
            imitation: before.imitation * (before.log_sd[1] * q.0).exp(),
            log_sd: [before.log_sd[0] * p.1, before.log_sd[1] * q.1],
        }
    });
    Posterior {
        level: level / total * grid[0].exp(),
        log_level: grid[0] + mean,
        log_sd: (second / total - mean * mean).max(0.0).sqrt(),
        adoption,
    }
}
