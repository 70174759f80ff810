//! The worst outcomes: how the plan fares in them, and whether what samples count in its bound is allowed.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | V_s | argument `profits` | base-currency major units, by sample; opening paid |
//! | a, w, floor | [`Measure`] | |
//! | mu, lambda | [`RiskWeights`] | |
//!
//! CVaR_a(V) = max over eta of eta - E\[(eta - V)+\]/a, which is reached at one of the V_s [rockafellar2000]. A bound U on
//! sum_s lambda_s V_s over all plans bounds (1 - w) E + w CVaR where lambda = (1 - w) pi + w Q for some 0 <= Q_s <= pi/a with sum Q =
//! 1; and (1 + mu) U - mu floor bounds E of plans that keep the floor where lambda = (pi + mu Q)/(1 + mu), mu >= 0. Such a Q exists
//! exactly where lambda adds up to 1 and each lambda_s lies between what it is at Q_s = 0 and at Q_s = pi/a.

use domain::certificate::RiskWeights;
use domain::plan::Plan;
use domain::settings::{Aim, Measure, Risk, Settings};

use crate::Failure;

/// Weights are quotients and sums of a few hundred numbers below 1; what so little moves is a part of 1e-12 of all
/// amounts, below what two evaluations of them agree to.
const ROUNDING: f64 = 1e-12;

/// The measure that the scenario asks for; none where it asks for none.
///
/// # Errors
/// Risk that is asked for in no way or in two.
pub(crate) fn asked(settings: &Settings) -> Result<Option<Measure>, Failure> {
    let Some(risk) = &settings.objective.risk else { return Ok(None) };
    let fine = risk.tail.fraction > 0.0 && risk.tail.fraction <= 1.0;
    match Risk::measure(risk).filter(|_| fine) {
        Some(measure) => Ok(Some(measure)),
        None => Err(Failure::new("E-VER-006", "objective.risk asks for neither or both of a weight and a floor")),
    }
}

/// What a bound on the weighted mean says of plans.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Weighing<'a> {
    /// lambda; none where all samples count alike.
    pub(crate) weights: Option<&'a [f64]>,
    price: f64,
    floor: f64,
}

impl<'a> Weighing<'a> {
    /// # Errors
    /// Weights that no Q gives.
    pub(crate) fn new(
        measure: Option<Measure>,
        stated: Option<&'a RiskWeights>,
        samples: usize,
    ) -> Result<Self, Failure> {
        let doubt = |text: String| Err(Failure::new("E-VER-002", text));
        let (measure, stated) = match (measure, stated) {
            (None, None) => return Ok(Self { weights: None, price: 0.0, floor: 0.0 }),
            (Some(measure), Some(stated)) => (measure, stated),
            _ => {
                return doubt(
                    "the certificate and the scenario disagree about whether the worst outcomes count".into(),
                );
            }
        };
        let (price, alike) = (stated.price, 1.0 / samples.max(1) as f64);
        if !(price.is_finite() && price >= 0.0) {
            return doubt(format!("the certificate prices the floor at {price}"));
        }
        // Least and most that a sample may count.
        let (least, more, floor) = match measure.aim {
            Aim::Weight(weight) if price == 0.0 => ((1.0 - weight) * alike, weight * alike, 0.0),
            Aim::Weight(_) => return doubt("the certificate prices a floor, and there is none".into()),
            Aim::Floor(floor) => (alike / (1.0 + price), price / (1.0 + price) * alike, floor),
        };
        let most = least + more / measure.tail;
        if stated.weights.is_empty() {
            // Q = pi, which is allowed.
            return Ok(Self { weights: None, price, floor });
        }
        if stated.weights.len() != samples {
            return doubt(format!("the certificate weighs {} samples, there are {samples}", stated.weights.len()));
        }
        for (at, weight) in stated.weights.iter().enumerate() {
            if !(*weight >= least - ROUNDING && *weight <= most + ROUNDING) {
                return doubt(format!(
                    "sample {at} counts {weight} in the bound, which is not within {least} to {most}"
                ));
            }
        }
        let sum: f64 = stated.weights.iter().sum();
        if (sum - 1.0).abs() > ROUNDING {
            return doubt(format!("the samples count {sum} in the bound, not 1"));
        }
        Ok(Self { weights: Some(&stated.weights), price, floor })
    }

    /// The bound on the weighted mean behind a bound on plans.
    pub(crate) fn part(&self, bound: f64) -> f64 {
        if self.price == 0.0 { bound } else { (bound + self.price * self.floor) / (1.0 + self.price) }
    }

    /// The other way round.
    pub(crate) fn whole(&self, part: f64) -> f64 {
        if self.price == 0.0 { part } else { part + self.price * (part - self.floor) }
    }
}

/// The mean of the worst outcomes.
pub(crate) fn cvar(tail: f64, profits: &[f64]) -> f64 {
    let count = profits.len() as f64;
    let of = |eta: f64| eta - profits.iter().map(|profit| (eta - profit).max(0.0)).sum::<f64>() / (count * tail);
    profits.iter().map(|&eta| of(eta)).fold(f64::NEG_INFINITY, f64::max)
}

/// The value of a plan by its outcomes, having checked what it says of them. `bonus` is in the outcomes and no money;
/// `slack` is what two evaluations may differ by.
pub(crate) fn value(
    measure: Measure,
    profits: &[f64],
    bonus: f64,
    slack: f64,
    plan: &Plan,
    failures: &mut Vec<Failure>,
) -> f64 {
    let mean = profits.iter().sum::<f64>() / profits.len() as f64;
    let worst = cvar(measure.tail, profits);
    match &plan.objective.risk {
        None => failures.push(Failure::new("E-VER-006", "the plan does not say how it fares in its worst outcomes")),
        Some(stated) => {
            for (what, said, found) in [("worst", stated.cvar, worst - bonus), ("mean", stated.mean, mean - bonus)] {
                if !((said - found).abs() <= slack) {
                    let text = format!("objective.risk: the {what} outcomes earn {found}, not {said}");
                    failures.push(Failure::new("E-VER-005", text));
                }
            }
            let aim = match measure.aim {
                Aim::Weight(weight) => (Some(weight), None),
                Aim::Floor(floor) => (None, Some(floor)),
            };
            if stated.tail != measure.tail || (stated.weight, stated.at_least) != aim {
                failures.push(Failure::new("E-VER-006", "the plan states another objective.risk than the scenario"));
            }
        }
    }
    match measure.aim {
        Aim::Weight(weight) => (1.0 - weight) * mean + weight * worst,
        Aim::Floor(floor) => {
            if !(worst >= floor - slack) {
                let text =
                    format!("objective.risk.at_least: the worst outcomes earn {worst}, at least {floor} is asked");
                failures.push(Failure::new("E-VER-001", text));
            }
            mean
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROFITS: [f64; 4] = [5.0, -3.0, 1.0, 9.0];

    #[test]
    fn the_worst_are_counted_in_part() {
        for (tail, truth) in [(0.1, -3.0), (0.25, -3.0), (0.375, -2.5 / 1.5), (0.5, -1.0), (1.0, 3.0)] {
            assert!((cvar(tail, &PROFITS) - truth).abs() < 1e-12, "{tail}");
        }
    }

    fn weighed(aim: Aim, price: f64, weights: &[f64]) -> Result<[f64; 2], Failure> {
        let stated = RiskWeights { price, weights: weights.to_vec() };
        let weighing = Weighing::new(Some(Measure { tail: 0.5, aim }), Some(&stated), 4)?;
        Ok([weighing.part(7.0), weighing.whole(weighing.part(7.0))])
    }

    #[test]
    fn weights_that_no_tail_gives_are_refused() {
        // w = 0.5, a = 0.5: each from 0.125 to 0.375.
        let weight = Aim::Weight(0.5);
        assert_eq!(weighed(weight, 0.0, &[0.375, 0.125, 0.375, 0.125]), Ok([7.0, 7.0]));
        assert!(weighed(weight, 0.0, &[]).is_ok());
        for wrong in [
            &[0.4, 0.125, 0.35, 0.125][..],
            &[0.1, 0.275, 0.375, 0.25],
            &[0.375, 0.125, 0.375, 0.1251],
            &[0.375, 0.125, 0.375, 0.1249],
            &[0.375, 0.25, 0.375],
            &[0.375, f64::NAN, 0.375, 0.125],
        ] {
            assert!(weighed(weight, 0.0, wrong).is_err(), "{wrong:?}");
        }
        assert!(weighed(weight, 0.5, &[0.25; 4]).is_err());
        // mu = 1: from 0.125 to 0.375 too, and the bound is halved with the floor beside it.
        assert_eq!(weighed(Aim::Floor(3.0), 1.0, &[0.375, 0.125, 0.375, 0.125]), Ok([5.0, 7.0]));
        for wrong in [(1.0, [0.376, 0.124, 0.375, 0.125]), (0.5, [0.375, 0.125, 0.375, 0.125]), (-1.0, [0.25; 4])] {
            assert!(weighed(Aim::Floor(3.0), wrong.0, &wrong.1).is_err(), "{wrong:?}");
        }
        assert!(Weighing::new(None, Some(&RiskWeights::default()), 4).is_err());
        assert!(Weighing::new(Some(Measure { tail: 0.5, aim: weight }), None, 4).is_err());
    }
}
