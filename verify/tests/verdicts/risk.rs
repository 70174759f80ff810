//! The worst outcomes: what a plan says of them, and the weights behind its bound.
//!
//! In these worlds every plan earns least in the first sample, so that the mean of the worst third is what that sample
//! earns, and weights on it leave no gap.

use domain::certificate::{Certificate, RiskWeights, StockPrices};
use domain::forecast::DemandSamples;
use domain::plan::{Plan, RiskValue};
use domain::settings::{Aim, CaptureLaw, Measure, Risk};
use domain::units::{Money, Share};
use ndarray::s;
use verify::{Verdict, check};

use crate::profit::{Case, all_plans, line, rivals};
use crate::world::*;

const TAIL: f64 = 1.0 / 3.0;

/// A case, its best plan at the weights, and the weights.
struct Hedged {
    case: Case,
    plan: Plan,
    stated: RiskWeights,
}

/// One sample by itself.
fn alone(samples: &DemandSamples, sample: usize) -> DemandSamples {
    let rates = samples.rates.slice(s![sample..=sample, .., ..]).to_owned();
    DemandSamples { rates, ..samples.clone() }
}

/// Levels of the open stores that are best at the weights, and what they earn by sample, opening paid.
fn stocked(case: &Case, open: &[usize], weights: &[f64]) -> (Vec<u32>, Vec<f64>) {
    let samples: Vec<DemandSamples> = (0..3).map(|sample| alone(&case.samples, sample)).collect();
    let (demand, mean) = (case.capture.demand(open), case.samples.mean());
    let mut earned = vec![0.0; 3];
    let mut levels = Vec::new();
    for (row, &store) in open.iter().enumerate() {
        let cost = case.market.stores[store].open_cost.unwrap().major();
        earned.iter_mut().for_each(|sum| *sum -= cost);
        for device in 0..2 {
            let part = demand[[row, device]] / mean[[store, device]];
            let pack = case.market.device_terms[device].as_ref().unwrap().pack_size;
            let at = |units: u32| -> Vec<f64> {
                let of = |samples| line(&case.market, &case.settings, samples, (store, device), part, units).0;
                samples.iter().map(of).collect()
            };
            let weighted =
                |earned: &[f64]| earned.iter().zip(weights).map(|(earned, weight)| earned * weight).sum::<f64>();
            let all = (0..=60 / pack).map(|packs| (packs * pack, at(packs * pack)));
            let carried = case.level((store, device), 1.0).1 > 0.0;
            let best = all.take(if carried { usize::MAX } else { 1 });
            let best = best.max_by(|a, b| weighted(&a.1).total_cmp(&weighted(&b.1)).then(b.0.cmp(&a.0))).unwrap();
            earned.iter_mut().zip(&best.1).for_each(|(sum, earned)| *sum += earned);
            levels.push(best.0);
        }
    }
    (levels, earned)
}

impl Hedged {
    /// With a weight, or with a floor that the best plan just keeps, at a price.
    fn new(law: CaptureLaw, aim: Aim) -> Self {
        let mut case = rivals(law);
        let (weights, price) = match aim {
            Aim::Weight(weight) => {
                (vec![(1.0 - weight) / 3.0 + weight, (1.0 - weight) / 3.0, (1.0 - weight) / 3.0], 0.0)
            }
            Aim::Floor(price) => {
                (vec![(1.0 / 3.0 + price) / (1.0 + price), 1.0 / 3.0 / (1.0 + price), 1.0 / 3.0 / (1.0 + price)], price)
            }
        };
        let value =
            |open: &[usize]| stocked(&case, open, &weights).1.iter().zip(&weights).map(|(v, w)| v * w).sum::<f64>();
        let open = subsets(3).max_by(|a, b| value(a).total_cmp(&value(b))).unwrap();
        assert!(!open.is_empty());
        let (levels, earned) = stocked(&case, &open, &weights);
        assert!(earned[0] < earned[1] && earned[0] < earned[2]);
        let mean = earned.iter().sum::<f64>() / 3.0;
        let mut risk = Risk { tail: Share { fraction: TAIL }, weight: None, at_least: None };
        let reached = match aim {
            Aim::Weight(weight) => {
                risk.weight = Some(weight);
                (1.0 - weight) * mean + weight * earned[0]
            }
            Aim::Floor(_) => {
                // Whole cents below what it earns there: the bound is higher by mu times the rest of a cent.
                risk.at_least = Some(Money { minor: (100.0 * earned[0]).floor() as i64, ..money(0) });
                mean
            }
        };
        let floor = risk.at_least.map(|floor| floor.major());
        let measure = Measure { tail: TAIL, aim };
        assert!((measure.cvar(&earned) - earned[0]).abs() < 1e-9);
        let mut plan = case.stocked(&open, reached + floor.map_or(0.0, |floor| price * (earned[0] - floor)));
        plan.objective.value = reached;
        plan.objective.gap = domain::plan::gap(reached, plan.objective.bound);
        plan.objective.risk =
            Some(RiskValue { tail: TAIL, weight: risk.weight, at_least: floor, cvar: earned[0], mean });
        let (demand, alone) = (case.capture.demand(&open), case.samples.mean());
        let mut cost = 0;
        for (at, &units) in levels.iter().enumerate() {
            let (row, device) = (at / 2, at % 2);
            let part = demand[[row, device]] / alone[[open[row], device]];
            let (_, service, fill) =
                line(&case.market, &case.settings, &case.samples, (open[row], device), part, units);
            let stated = &mut plan.stock[at];
            (stated.units, stated.service_level, stated.fill_rate) = (units, service, fill);
            cost += i64::from(units) * case.market.device_terms[device].as_ref().unwrap().unit_cost.minor;
        }
        plan.worth.stock_cost = money(cost);
        case.settings.objective.risk = Some(risk);
        Self { case, plan, stated: RiskWeights { price, weights } }
    }

    fn check(&self, plan: &Plan, risk: Option<RiskWeights>) -> Verdict {
        let (bound, proof) = (plan.objective.bound, Some(all_plans(&self.case)));
        let (stock, assignments) = (StockPrices::default(), Vec::new());
        let certificate = Certificate::Profit { bound, nodes: 1, stock, proof, risk, assignments, reach: Vec::new() };
        check(&self.case.market, &self.case.settings, &self.case.samples, plan, &certificate)
    }
}

fn cases() -> Vec<Hedged> {
    let laws = [CaptureLaw::Independent, CaptureLaw::Nearest, CaptureLaw::Share];
    let aims = [Aim::Weight(0.4), Aim::Weight(1.0), Aim::Floor(0.8)];
    laws.into_iter().flat_map(|law| aims.map(|aim| Hedged::new(law, aim))).collect()
}

#[test]
fn a_hedged_plan_is_confirmed_with_its_weights_and_with_no_others() {
    for hedged in cases() {
        let verdict = hedged.check(&hedged.plan, Some(hedged.stated.clone()));
        assert!(verdict.failures.is_empty() && verdict.bound_verified, "{verdict:?}");
        let refused = |risk: Option<RiskWeights>| {
            let verdict = hedged.check(&hedged.plan, risk.clone());
            assert!(!verdict.bound_verified, "{risk:?} {verdict:?}");
        };
        let RiskWeights { price, weights } = hedged.stated.clone();
        refused(None);
        // Allowed, but the bound there is another: nothing is proved of this one.
        refused(Some(RiskWeights { price: 0.0, weights: Vec::new() }));
        // What no tail gives.
        let moved = |by: f64| vec![weights[0] + by, weights[1] - by, weights[2]];
        for weights in [moved(1e-3), vec![1.0; 3], vec![weights[0]; 2], vec![1.2, -0.1, -0.1]] {
            refused(Some(RiskWeights { price, weights }));
        }
        refused(Some(RiskWeights { price: price - 1.0, weights: weights.clone() }));
        refused(Some(RiskWeights { price: f64::NAN, weights }));
    }
}

#[test]
fn wrong_words_about_the_worst_outcomes_are_refused() {
    for hedged in cases() {
        let wrong = |change: &dyn Fn(&mut Plan), code: &str| {
            let mut plan = hedged.plan.clone();
            change(&mut plan);
            let found = hedged.check(&plan, Some(hedged.stated.clone()));
            assert!(codes(&found.failures).contains(&code), "{code}: {found:?}");
        };
        let of = |plan: &mut Plan, change: fn(&mut RiskValue)| change(plan.objective.risk.as_mut().unwrap());
        wrong(&|plan| of(plan, |risk| risk.cvar += 1.0), "E-VER-005");
        wrong(&|plan| of(plan, |risk| risk.mean -= 1.0), "E-VER-005");
        wrong(&|plan| of(plan, |risk| risk.tail = 0.5), "E-VER-006");
        wrong(&|plan| plan.objective.risk = None, "E-VER-006");
        wrong(&|plan| plan.objective.value += 1.0, "E-VER-005");
        wrong(&|plan| plan.objective.bound -= 1.0, "E-VER-002");
    }
    // A floor that the plan does not keep.
    let mut hedged = Hedged::new(CaptureLaw::Share, Aim::Floor(0.8));
    let floor = hedged.case.settings.objective.risk.as_mut().unwrap().at_least.as_mut().unwrap();
    floor.minor += 100;
    let verdict = hedged.check(&hedged.plan, Some(hedged.stated.clone()));
    assert!(codes(&verdict.failures).contains(&"E-VER-001"), "{verdict:?}");
}
