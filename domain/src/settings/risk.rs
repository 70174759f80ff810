//! What the worst outcomes count: as a scenario asks for it, and measured on outcomes.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | a | `Measure::tail` | share of the samples |
//! | w | [`Aim::Weight`] | share |
//! | floor | [`Aim::Floor`] | base-currency major units |
//! | V_s | argument `profits` | base-currency major units, by sample |
//! | Q_s, 0 <= Q_s <= 1/(a S), sum Q = 1 | [`Measure::tail_of`] | |
//!
//! CVaR_a(V) = min over Q of sum_s Q_s V_s: the mean of the worst part a, the last sample counted in part
//! [rockafellar2000].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::placement::money;
use crate::units::{Money, Share};

/// What the worst outcomes count, or must reach: one of `weight` and `at_least`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Risk {
    /// The part of the outcomes, the worst, whose mean is looked at.
    pub tail: Share,
    /// From 0 to 1: what that mean counts in the objective; the mean of all counts the rest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<f64>,
    /// What that mean must reach, in the base currency: `"50 kUSD"`.
    #[schemars(with = "Option<String>", extend("format" = "money"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(deserialize_with = "money::read", serialize_with = "money::write")]
    pub at_least: Option<Money>,
}

impl Risk {
    /// As a measure, with the floor in major units; none where neither or both are asked for.
    #[must_use]
    pub fn measure(&self) -> Option<Measure> {
        let aim = match (self.weight, self.at_least) {
            (Some(weight), None) => Aim::Weight(weight),
            (None, Some(floor)) => Aim::Floor(floor.major()),
            _ => return None,
        };
        Some(Measure { tail: self.tail.fraction, aim })
    }
}

/// What is done with the mean of the worst outcomes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Aim {
    /// Maximise (1 - w) E[V] + w CVaR_a(V).
    Weight(f64),
    /// Maximise E[V] subject to CVaR_a(V) >= floor.
    Floor(f64),
}

/// How outcomes are judged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measure {
    /// a, above 0 and at most 1.
    pub tail: f64,
    /// What is done with it.
    pub aim: Aim,
}

impl Measure {
    /// Q: what each of the outcomes counts in the mean of the worst. Ties go to the earlier.
    #[must_use]
    pub fn tail_of(&self, profits: &[f64]) -> Vec<f64> {
        let mut order: Vec<usize> = (0..profits.len()).collect();
        order.sort_by(|&one, &other| profits[one].total_cmp(&profits[other]).then(one.cmp(&other)));
        let most = self.most(profits.len());
        let mut counts = vec![0.0; profits.len()];
        let mut left = 1.0;
        for at in order {
            counts[at] = f64::min(most, left);
            left -= counts[at];
            if left <= 0.0 {
                break;
            }
        }
        counts
    }

    /// The most that one of `samples` can count among the worst: pi/a.
    #[must_use]
    pub fn most(&self, samples: usize) -> f64 {
        1.0 / (self.tail * samples.max(1) as f64)
    }

    /// The mean of the worst outcomes.
    #[must_use]
    pub fn cvar(&self, profits: &[f64]) -> f64 {
        self.tail_of(profits).iter().zip(profits).map(|(counts, profit)| counts * profit).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_sample_counts_in_part() {
        let profits = [5.0, -3.0, 1.0, 9.0];
        let cvar = |tail: f64| Measure { tail, aim: Aim::Weight(1.0) }.cvar(&profits);
        assert!((cvar(0.25) + 3.0).abs() < 1e-12);
        assert!((cvar(0.1) + 3.0).abs() < 1e-12);
        // Of 1.5 samples: one whole, and half of the next.
        assert!((cvar(0.375) - (-3.0 + 0.5) / 1.5).abs() < 1e-12);
        assert!((cvar(1.0) - 3.0).abs() < 1e-12);
        // The greatest eta - E[(eta - V)+]/a, over all eta.
        for tail in [0.1, 0.3, 0.6, 1.0] {
            let of = |eta: f64| eta - profits.iter().map(|v| (eta - v).max(0.0)).sum::<f64>() / 4.0 / tail;
            let most = profits.iter().map(|&eta| of(eta)).fold(f64::NEG_INFINITY, f64::max);
            assert!((cvar(tail) - most).abs() < 1e-12, "{tail}");
        }
    }
}
