//! Services and costs of policies by running the chain of stock.

use super::{costs, demand};
use crate::inventory::service::{Policy, Service, service};
use crate::inventory::{Costs, Demand, Pmf, order_up_to};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Long-run average per review of a policy with a lead time of one review, by running the chain of stock (below 0:
/// waiting) and of what is on its way, until it stands still. A review: what was on its way arrives, an order is
/// placed, demand comes. Returns the service and the cost.
fn chain(policy: Policy, review: &Pmf, costs: Costs, fixed: f64) -> (Service, f64) {
    let top = match policy {
        Policy::BaseStock { level } | Policy::OrderUpTo { level, .. } => level,
        Policy::Lots { reorder, lot } => reorder + lot,
    };
    let order = |position: i64| match policy {
        Policy::BaseStock { level } => level - position,
        Policy::OrderUpTo { reorder, level } => {
            if position <= reorder {
                level - position
            } else {
                0
            }
        }
        Policy::Lots { reorder, lot } => {
            let mut order = 0;
            while position + order <= reorder {
                order += lot;
            }
            order
        }
    };
    let mut states = BTreeMap::from([((top, 0), 1.0)]);
    let (mut cycle, mut served, mut spent) = (0.0, 0.0, 0.0);
    for _ in 0..4000 {
        let mut next = BTreeMap::new();
        (cycle, served, spent) = (0.0, 0.0, 0.0);
        for (&(stock, coming), &weight) in &states {
            let ordered = order(stock + coming);
            if ordered > 0 {
                spent += weight * fixed;
            }
            let stock = stock + coming;
            for d in review.low()..=review.high() {
                let chance = weight * review.mass(d);
                served += chance * d.min(stock.max(0)) as f64;
                let left = stock - d;
                cycle += if left >= 0 { chance } else { 0.0 };
                spent += chance * (costs.holding * left.max(0) as f64 + costs.shortage * (-left).max(0) as f64);
                *next.entry((left, ordered)).or_insert(0.0) += chance;
            }
        }
        // Half a step: a chain that goes in circles settles too.
        let mut mixed: BTreeMap<(i64, i64), f64> = BTreeMap::new();
        for (state, weight) in states.iter().chain(&next) {
            *mixed.entry(*state).or_insert(0.0) += 0.5 * weight;
        }
        let moved: f64 = mixed.iter().map(|(state, weight)| (weight - states.get(state).unwrap_or(&0.0)).abs()).sum();
        states = mixed;
        if moved < 1e-13 {
            break;
        }
    }
    (Service { cycle, fill: served / review.mean() }, spent)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn services_and_costs_are_those_of_the_chain(
        review in demand(), costs in costs(), reorder in -2_i64..12, gap in 1_i64..9, kind in 0..3, fixed in 0.0..20.0_f64,
    ) {
        let policy = match kind {
            0 => Policy::BaseStock { level: reorder },
            1 => Policy::OrderUpTo { reorder, level: reorder + gap },
            _ => Policy::Lots { reorder, lot: gap },
        };
        let formula = service(policy, &review, &review).expect("sound");
        let (enumerated, spent) = chain(policy, &review, costs, fixed);
        // The chain stops at a movement of 1e-13 a step, which a slow one multiplies by its time to settle.
        prop_assert!((formula.cycle - enumerated.cycle).abs() < 1e-9, "{formula:?}, {enumerated:?}");
        prop_assert!((formula.fill - enumerated.fill).abs() < 1e-9, "{formula:?}, {enumerated:?}");
        if let Policy::OrderUpTo { reorder, level } = policy {
            let protection = review.times(2).expect("a short sum");
            let cost = order_up_to::cost(costs, fixed, &review, &protection, reorder, level).expect("sound");
            // An (s, S) order is placed before the review's demand is known, once a cycle, as the formula counts it.
            prop_assert!((cost - spent).abs() < 1e-8 * spent.max(1.0), "{cost}, {spent}");
        }
    }
}
