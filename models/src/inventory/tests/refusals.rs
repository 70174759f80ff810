//! Parameters that make no sense.

use crate::counts::NegativeBinomial;
use crate::inventory::service::{Policy, Promise, positions, service, smallest};
use crate::inventory::{
    Costs, Normal, Pmf, Unsound, depot, fixed_lots, horizon, lot_size, lots_in_time, newsvendor, order_up_to, supply,
};

#[test]
fn parameters_without_sense_are_refused() {
    let costs = Costs { holding: 1.0, shortage: 4.0 };
    let demand = Pmf::poisson(3.0).expect("sound");
    for wrong in [f64::NAN, f64::INFINITY, -1.0, 0.0] {
        assert!(Normal::new(3.0, wrong).is_err());
        assert!(newsvendor::cheapest(&demand, Costs { holding: wrong, ..costs }).is_err());
        assert!(newsvendor::cheapest(&demand, Costs { shortage: wrong, ..costs }).is_err());
        assert!(lot_size::economic(wrong, 1.0, 1.0).is_err());
        assert!(fixed_lots::cheapest(costs, wrong, 1.0, &demand).is_err());
        assert!(
            Pmf::negative_binomial(NegativeBinomial { mean: 3.0, size: wrong }).is_err() != (wrong == f64::INFINITY)
        );
    }
    assert_eq!(Pmf::samples(&[]), Err(Unsound::Empty { what: "the sample of demand" }));
    assert!(matches!(Pmf::samples(&[0, u32::MAX]), Err(Unsound::TooWide { .. })));
    assert!(matches!(Pmf::negative_binomial(NegativeBinomial { mean: 1e6, size: 1e-6 }), Err(Unsound::TooWide { .. })));
    assert!(Pmf::new(0, &[0.0, 0.0]).is_err() && Pmf::new(0, &[]).is_err() && Pmf::new(0, &[f64::NAN]).is_err());
    assert!(order_up_to::cheapest(costs, 1.0, &Pmf::always(0), &demand).is_err());
    assert!(order_up_to::cost(costs, 1.0, &demand, &demand, 3, 3).is_err());
    assert!(order_up_to::cost(costs, 1.0, &demand, &demand, i64::MIN, i64::MAX).is_err());
    assert!(fixed_lots::cost(costs, 1.0, 1.0, &demand, i64::MAX, 5).is_err());
    assert!(positions(Policy::Lots { reorder: 1, lot: 0 }, &demand).is_err());
    assert!(smallest(Policy::BaseStock { level: 0 }, Promise::Fill(1.0), &demand, &demand).is_err());
    assert!(newsvendor::profit(&demand, newsvendor::Margin { price: 1.0, cost: 2.0, salvage: 0.0 }, 3.0).is_err());
    assert!(lots_in_time::plan(&[]).is_err());
    assert!(lot_size::discounted(1.0, 0.1, 1.0, &[]).is_err());
}

#[test]
fn numbers_beyond_what_can_be_counted_are_refused() {
    let costs = Costs { holding: 1.0, shortage: 4.0 };
    let demand = Pmf::poisson(3.0).expect("sound");
    for level in [i64::MIN, i64::MAX] {
        let policies = [
            Policy::BaseStock { level },
            Policy::OrderUpTo { reorder: level, level },
            Policy::Lots { reorder: level, lot: 3 },
            Policy::Lots { reorder: 3, lot: level },
        ];
        for policy in policies {
            assert!(service(policy, &demand, &demand).is_err());
            assert!(smallest(policy, Promise::Fill(0.9), &demand, &demand).is_err());
            let _ = policy.raised(level);
        }
        assert!(fixed_lots::cost(costs, 1.0, 1.0, &demand, level, level).is_err());
        assert!(order_up_to::cost(costs, 1.0, &demand, &demand, 0, level).is_err());
        let prices = horizon::Prices { costs, terminal: costs, fixed: 1.0, price: 1.0, discount: 1.0 };
        let period = horizon::Period { demand: &demand, moves: &demand };
        assert!(horizon::cheapest(&[period; 2], prices, level).is_err());
        assert!(demand.mass(level) == 0.0 && demand.above(level) <= 1.0 && demand.short(level) >= 0.0);
    }
    assert!(Pmf::always(u32::MAX).times(u32::MAX).is_err());
    assert!(Pmf::poisson(1e12).is_err() && Pmf::poisson(1e9).is_ok());
    assert!(newsvendor::cheapest(&demand, Costs { holding: 1e-300, shortage: 1e300 }).is_err());
    // Orders so dear that no table holds the gap end with an error, in time.
    let cheap = Costs { holding: 1e-9, shortage: 1.0 };
    assert!(matches!(order_up_to::cheapest(cheap, 1e9, &demand, &demand), Err(Unsound::TooWide { .. })));
    assert!(depot::cheapest(costs, 1.0, &[], 1.0, 1.0).is_err());
    // A supplier that never comes back within any number of periods that a loop could count.
    let gone = supply::Disruption { fails: 0.5, recovers: 1e-300 };
    assert!(supply::disrupted(1.0, costs, gone).expect("sound").level > 1e290);
}
