//! (s, S) in whole packs against the chain of positions, and against (s, S) in units.

use proptest::prelude::*;

use crate::counts::NegativeBinomial;
use crate::inventory::packs::runs;
use crate::inventory::{Costs, Demand, Pmf, order_up_to};

/// Positions after a review's order, and orders per review, by running the chain until it stands still.
fn chain(review: &Pmf, pack: i64, reorder: i64, level: i64) -> (Vec<f64>, f64) {
    let wide = usize::try_from(level - reorder).expect("s below S");
    let mut at = vec![0.0; wide];
    at[0] = 1.0;
    let mut orders = 0.0;
    for _ in 0..200_000 {
        let mut next = vec![0.0; wide];
        orders = 0.0;
        for (below, weight) in at.iter().enumerate() {
            for d in review.low()..=review.high() {
                let mut position = level - below as i64 - d;
                let chance = weight * review.mass(d);
                if position <= reorder {
                    orders += chance;
                    while position + pack <= level {
                        position += pack;
                    }
                }
                next[usize::try_from(level - position).expect("at most S")] += chance;
            }
        }
        // Half a step: a chain that goes in circles settles too.
        let moved: f64 = next.iter().zip(&at).map(|(next, at)| (next - at).abs()).sum();
        at.iter_mut().zip(&next).for_each(|(at, next)| *at = 0.5 * (*at + next));
        if moved < 1e-15 {
            break;
        }
    }
    (at, orders)
}

/// Looks at the position itself, at its square and at how often it is there at all.
fn looks(level: u32) -> Vec<[f64; 3]> {
    (0..level).map(|below| f64::from(level - below)).map(|y| [y, y * y, 1.0]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn whole_packs_are_those_of_the_chain(
        mean in 0.3..6.0_f64, size in 0.4..9.0_f64, pack in 1_u32..5, packs in 1_u32..5,
    ) {
        let review = Pmf::negative_binomial(NegativeBinomial { mean, size }).expect("sound");
        let level = pack * packs;
        let found = runs(&review, pack, &looks(level)).expect("sound");
        prop_assert_eq!(found.len() as u32, level - pack + 1);
        for (more, run) in (0..).zip(&found) {
            let reorder = level - pack - more;
            let (at, orders) = chain(&review, pack.into(), reorder.into(), level.into());
            let y = |below: usize| f64::from(level) - below as f64;
            let mean: f64 = at.iter().enumerate().map(|(below, weight)| weight * y(below)).sum();
            prop_assert!((run.orders - orders).abs() < 1e-9, "{reorder}: {run:?}, {orders}");
            prop_assert!((run.means[0] - mean).abs() < 1e-9, "{reorder}: {run:?}, {mean}");
            prop_assert!((run.means[2] - 1.0).abs() < 1e-9, "{reorder}: {run:?}");
        }
    }
}

#[test]
fn packs_of_one_cost_what_units_do() {
    let costs = Costs { holding: 0.4, shortage: 7.0 };
    for demand in [NegativeBinomial { mean: 3.7, size: 1.3 }, NegativeBinomial { mean: 0.02, size: f64::INFINITY }] {
        let review = Pmf::negative_binomial(demand).expect("sound");
        let protection = review.times(3).expect("short");
        let level = 60;
        let at: Vec<[f64; 1]> = (0..level)
            .map(|below| f64::from(level - below))
            .map(|y| [costs.holding * protection.surplus(y) + costs.shortage * protection.shortage(y)])
            .collect();
        for (reorder, run) in (0..i64::from(level)).rev().zip(runs(&review, 1, &at).expect("sound")) {
            let known = order_up_to::cost(costs, 12.0, &review, &protection, reorder, level.into()).expect("sound");
            assert!((12.0 * run.orders + run.means[0] - known).abs() < 1e-9 * known, "{reorder}: {run:?}, {known}");
        }
    }
}

#[test]
fn rare_demand_and_wide_packs_keep_their_digits() {
    // One unit in ten thousand reviews, packs of 24: each pack is ordered as often as its units are asked for.
    let rare = Pmf::poisson(1e-4).expect("sound");
    for (mean, review) in [(1e-4, rare), (30.0, Pmf::poisson(30.0).expect("sound"))] {
        for run in runs(&review, 24, &looks(240)).expect("sound") {
            assert!((run.means[2] - 1.0).abs() < 1e-9, "{run:?}");
            assert!(run.orders <= mean / 24.0 + 1e-12 && run.orders > 0.0, "{run:?}");
        }
    }
}

#[test]
fn what_makes_no_order_is_refused() {
    let review = Pmf::poisson(2.0).expect("sound");
    assert!(runs(&review, 0, &looks(4)).is_err());
    assert!(runs(&review, 5, &looks(4)).is_err());
    assert!(runs(&Pmf::always(0), 2, &looks(4)).is_err());
}
