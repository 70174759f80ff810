//! The best policies against a search over many.

use super::{costs, demand};
use crate::inventory::service::{Policy, Promise, service, smallest};
use crate::inventory::{Normal, Pmf, fixed_lots, order_up_to};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_pair_beats_the_best_order_up_to(review in demand(), lead in 0_u32..3, costs in costs(), fixed in 0.0..60.0_f64) {
        let protection = review.times(lead + 1).expect("a short sum");
        let best = order_up_to::cheapest(costs, fixed, &review, &protection).expect("sound");
        let own = order_up_to::cost(costs, fixed, &review, &protection, best.reorder, best.level).expect("sound");
        prop_assert!((own - best.cost).abs() < 1e-10 * own.max(1.0));
        for reorder in -8..25 {
            for level in reorder + 1..70 {
                let other = order_up_to::cost(costs, fixed, &review, &protection, reorder, level).expect("sound");
                prop_assert!(other >= best.cost - 1e-10 * own.max(1.0), "({reorder}, {level}) at {other}, {best:?}");
            }
        }
    }

    #[test]
    fn no_lot_beats_the_best(mean in 0.3..8.0_f64, costs in costs(), fixed in 0.1..60.0_f64, rate in 0.5..8.0_f64) {
        let lead = Pmf::poisson(mean).expect("sound");
        let best = fixed_lots::cheapest(costs, fixed, rate, &lead).expect("sound");
        let own = fixed_lots::cost(costs, fixed, rate, &lead, best.reorder, best.lot).expect("sound");
        prop_assert!((own - best.cost).abs() < 1e-10 * own);
        for reorder in -10..20 {
            for lot in 1..60 {
                let other = fixed_lots::cost(costs, fixed, rate, &lead, reorder, lot).expect("sound");
                prop_assert!(other >= best.cost - 1e-10 * best.cost, "({reorder}, {lot}) at {other}, {best:?}");
            }
        }
    }

    #[test]
    fn no_normal_lot_beats_the_best(
        mean in 5.0..80.0_f64, sd in 1.0..20.0_f64, costs in costs(), fixed in 1.0..60.0_f64, rate in 1.0..80.0_f64,
        aside in prop::collection::vec((-0.5..0.5_f64, 0.5..2.0_f64), 20),
    ) {
        let lead = Normal::new(mean, sd).expect("sound");
        let best = fixed_lots::normal_cheapest(costs, fixed, rate, lead).expect("sound");
        let own = fixed_lots::normal_cost(costs, fixed, rate, lead, best.reorder, best.lot).expect("sound");
        prop_assert!((own - best.cost).abs() < 1e-12 * own);
        for (by, times) in aside {
            let (reorder, lot) = (best.reorder + by * sd, best.lot * times);
            let other = fixed_lots::normal_cost(costs, fixed, rate, lead, reorder, lot).expect("sound");
            prop_assert!(other >= best.cost * (1.0 - 1e-10), "({reorder}, {lot}) at {other}, {best:?}");
        }
    }

    #[test]
    fn the_smallest_keeps_the_promise_and_one_less_does_not(
        review in demand(), lead in 0_u32..3, promised in 0.02..0.999_f64, gap in 1_i64..9, kind in 0..3, fills: bool,
    ) {
        let shape = match kind {
            0 => Policy::BaseStock { level: 7 },
            1 => Policy::OrderUpTo { reorder: 3, level: 3 + gap },
            _ => Policy::Lots { reorder: -50, lot: gap },
        };
        let lead = review.times(lead).expect("a short sum");
        let promise = if fills { Promise::Fill(promised) } else { Promise::Cycle(promised) };
        let found = smallest(shape, promise, &lead, &review).expect("sound");
        let kept = |policy| {
            let service = service(policy, &lead, &review).expect("sound");
            promised <= if fills { service.fill } else { service.cycle }
        };
        prop_assert!(kept(found) && !kept(found.raised(-1)), "{found:?}");
    }
}
