//! What pooling saves, and a depot with stock.

use crate::counts::ln_gamma;
use crate::inventory::{Costs, Demand, Normal, Pmf, depot};

#[test]
fn pooling_saves_all_that_is_not_common() {
    let stores = [Normal::new(10.0, 3.0).expect("sound"); 9];
    let costs = Costs { holding: 1.0, shortage: 9.0 };
    let apart = pooling_of(costs, &stores, 1.0);
    assert!((apart.together / apart.apart - 1.0).abs() < 1e-14);
    let free = pooling_of(costs, &stores, 0.0);
    assert!((free.apart / free.together - 3.0).abs() < 1e-13, "the square root of the number of stores");
    assert!(depot::pooled(&stores, -0.2).is_err());
    // Without a way to the depot an allocating one has nothing to share.
    let none = depot::allocating(costs, &stores, 0.0, 2.0).expect("sound");
    assert!((none.together / none.apart - 1.0).abs() < 1e-14);
    let some = depot::allocating(costs, &stores, 4.0, 0.0).expect("sound");
    assert!((some.together / some.apart - ((1.0 + 4.0 / 9.0) / 5.0_f64).sqrt()).abs() < 1e-14);
}

fn pooling_of(costs: Costs, stores: &[Normal], correlation: f64) -> depot::Pooling {
    depot::pooling(costs, stores, correlation).expect("sound")
}

#[test]
fn a_depot_without_stock_is_a_longer_way_and_a_full_one_a_shorter() {
    let route = depot::Route { depot: 0, rate: 5.0, own: 1.25, to_depot: 1.5, to_store: 0.5 };
    let long = Pmf::poisson(1.25 * 2.0).expect("sound");
    let short = Pmf::poisson(1.25 * 0.5).expect("sound");
    let none = depot::on_order(route).expect("sound");
    let full = depot::on_order(depot::Route { depot: 200, ..route }).expect("sound");
    for k in 0..20 {
        assert!((none.mass(k) - long.mass(k)).abs() < 1e-14, "thinned Poisson demand is Poisson");
        assert!((full.mass(k) - short.mass(k)).abs() < 1e-15);
    }
    // The mean of what is owed follows its share, by Little's law.
    let half = depot::on_order(depot::Route { depot: 6, ..route }).expect("sound");
    let owed = Pmf::poisson(7.5).expect("sound").short(6);
    assert!((half.mean() - (0.25 * owed + 0.625)).abs() < 1e-13);
    assert!(depot::fill(depot::Route { depot: 6, ..route }, 3).expect("sound") < depot::fill(route, 9).expect("sound"));
}

#[test]
fn what_a_depot_owes_a_store_is_its_binomial_share() {
    let route = depot::Route { depot: 4, rate: 5.0, own: 1.25, to_depot: 1.5, to_store: 0.0 };
    let found = depot::on_order(route).expect("sound");
    let upstream = Pmf::poisson(7.5).expect("sound");
    for units in 0..15_i64 {
        let direct: f64 = (0..=upstream.high() - 4)
            .filter(|&owed| owed >= units)
            .map(|owed| {
                let chance = if owed == 0 { 1.0 - upstream.above(4) } else { upstream.mass(4 + owed) };
                let (n, k) = (owed as f64, units as f64);
                let ways = ln_gamma(n + 1.0) - ln_gamma(k + 1.0) - ln_gamma(n - k + 1.0);
                chance * (ways + k * 0.25_f64.ln() + (n - k) * 0.75_f64.ln()).exp()
            })
            .sum();
        assert!((found.mass(units) - direct).abs() < 1e-14, "{units}");
    }
}

#[test]
fn the_best_levels_beat_their_neighbours_and_a_depot_pays_where_its_stock_is_cheap() {
    let costs = Costs { holding: 1.0, shortage: 19.0 };
    let rates = [1.0, 2.0, 0.5];
    let best = depot::cheapest(costs, 0.2, &rates, 2.0, 0.5).expect("sound");
    let cost = |depot: u32, shift: i64| {
        let kept = 0.2 * Pmf::poisson(7.0).expect("sound").surplus(f64::from(depot));
        let stores = rates.iter().zip(&best.stores).map(|(&own, level)| {
            let waiting =
                depot::on_order(depot::Route { depot, rate: 3.5, own, to_depot: 2.0, to_store: 0.5 }).expect("sound");
            costs.at(&waiting, (level + shift) as f64)
        });
        kept + stores.sum::<f64>()
    };
    assert!((cost(best.depot, 0) - best.cost).abs() < 1e-12);
    for depot in 0..20 {
        for shift in -2..=2 {
            assert!(cost(depot, shift) >= best.cost - 1e-12, "{depot}, {shift}, {best:?}");
        }
    }
    assert!(best.depot > 0, "{best:?}");
    // Stock at the depot as dear as at the stores is still worth less there.
    assert!(depot::cheapest(costs, 1.0, &rates, 2.0, 0.5).expect("sound").depot < best.depot);
}
