//! A depot by two moments, against what is exact.

use crate::counts::NegativeBinomial;
use crate::inventory::depot::moments::{Moments, Owing, on_order};
use crate::inventory::depot::{Route, on_order as exactly};
use crate::inventory::{Demand, Pmf};

#[test]
fn what_is_owed_has_the_moments_of_its_sums() {
    for (mean, size) in [(4.0, 0.7), (60.0, f64::INFINITY), (300.0, 12.0)] {
        let demand = Pmf::negative_binomial(NegativeBinomial { mean, size }).expect("sound");
        let owing = Owing::of(demand.clone());
        for depot in [0_u32, 1, 5, 40, 250, 5_000] {
            let moment = |power: i32| -> f64 {
                let owed = |k: i64| (k as f64 - f64::from(depot)).max(0.0).powi(power);
                (demand.low()..=demand.high()).map(|k| demand.mass(k) * owed(k)).sum()
            };
            let found = owing.moments(depot);
            let (first, variance) = (moment(1), moment(2) - moment(1).powi(2));
            assert!((found.mean - first).abs() < 1e-9 * mean, "{mean}, {depot}: {found:?}, {first}");
            assert!((found.variance - variance).abs() < 1e-8 * mean * mean, "{mean}, {depot}: {found:?}, {variance}");
        }
    }
}

#[test]
fn for_poisson_two_moments_lose_little() {
    let mut worst: f64 = 0.0;
    for rate in [0.4, 2.0, 9.0] {
        for part in [0.05, 0.3, 1.0] {
            for depot in [0_u32, 2, 6, 20, 40] {
                let route = Route { depot, rate, own: part * rate, to_depot: 3.0, to_store: 2.0 };
                let exact = exactly(route).expect("sound");
                let owed = Owing::of(Pmf::poisson(3.0 * rate).expect("sound")).moments(depot);
                let way = Moments { mean: 2.0 * part * rate, variance: 2.0 * part * rate };
                let found = on_order(owed, part, way);
                assert!((found.mean - exact.mean()).abs() < 1e-9, "{route:?}");
                let survival = found.survival(200);
                for k in 0..100 {
                    worst = worst.max((survival[k as usize + 1] - exact.above(k)).abs());
                }
            }
        }
    }
    println!("largest difference of a probability: {worst}");
    assert!(worst < 0.02, "{worst}");
    assert!(worst > 1e-6, "an approximation that is exact is none: {worst}");
}
