//! Distributions and their losses.

use crate::counts::NegativeBinomial;
use crate::inventory::service::{Policy, service};
use crate::inventory::{Demand, LogNormal, Normal, Pmf, Uniform};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn tables_hold_their_moments(mean in 0.001..4000.0_f64, size in 0.3..200.0_f64) {
        for (size, variance) in [(f64::INFINITY, mean), (size, mean + mean * mean / size)] {
            let pmf = Pmf::negative_binomial(NegativeBinomial { mean, size }).expect("not too wide");
            prop_assert!((pmf.mean() / mean - 1.0).abs() < 1e-10);
            let second: f64 = (pmf.low()..=pmf.high()).map(|k| pmf.mass(k) * (k as f64 - mean).powi(2)).sum();
            prop_assert!((second / variance - 1.0).abs() < 1e-9, "{second}, {variance}");
            let y = mean + 0.3;
            let direct: f64 = (pmf.low()..=pmf.high()).map(|k| pmf.mass(k) * (k as f64 - y).max(0.0)).sum();
            prop_assert!((pmf.shortage(y) - direct).abs() < 1e-10 * mean.max(1.0));
        }
    }

    #[test]
    fn losses_are_the_integrals_of_what_lies_above(mean in -5.0..60.0_f64, sd in 0.5..20.0_f64, at in -2.0..3.0_f64) {
        let normal = Normal::new(mean, sd).expect("sound");
        let log = LogNormal::new(1.0 + 0.02 * mean, 0.05 * sd).expect("sound");
        let uniform = Uniform::new(mean - sd, mean + 2.0 * sd).expect("sound");
        let y = mean + at * sd;
        let demands: [(&dyn Demand, f64); 3] = [(&normal, y), (&log, log.mean() * (1.0 + 0.3 * at)), (&uniform, y)];
        for (demand, y) in demands {
            // A central difference of n against P(D > y), whose error is of the order of step^2; 1e-5 leaves room.
            let step = 1e-4 * sd;
            let slope = (demand.shortage(y + step) - demand.shortage(y - step)) / (2.0 * step);
            prop_assert!((slope + 1.0 - demand.cdf(y)).abs() < 1e-3, "{slope}, {}", demand.cdf(y));
            let u = demand.cdf(y);
            if u > 1e-6 && u < 1.0 - 1e-6 {
                prop_assert!((demand.quantile(u) - y).abs() < 1e-6 * y.abs().max(1.0));
            }
        }
        let step = 1e-4 * sd;
        let slope = (normal.second_shortage(y + step) - normal.second_shortage(y - step)) / (2.0 * step);
        prop_assert!((slope + normal.shortage(y)).abs() < 1e-6 * sd);
    }
}

#[test]
fn a_window_with_one_order_sells_what_counts_say() {
    let counts = NegativeBinomial { mean: 6.0, size: 2.0 };
    let window = Pmf::negative_binomial(counts).expect("sound");
    for units in 0..30 {
        let policy = Policy::BaseStock { level: units };
        let service = service(policy, &Pmf::always(0), &window).expect("sound");
        assert!((service.fill - counts.sold(units as usize) / 6.0).abs() < 1e-13);
        assert!((service.cycle - 1.0 + counts.survival(units as usize + 1)[units as usize + 1]).abs() < 1e-13);
    }
}

#[test]
fn samples_and_sums_are_tables() {
    let sample = Pmf::samples(&[3, 1, 3, 7]).expect("a sample");
    assert_eq!((sample.low(), sample.high(), sample.mass(3)), (1, 7, 0.5));
    assert_eq!(
        (sample.smallest(0.25), sample.smallest(0.26), sample.smallest(0.75), sample.smallest(0.8)),
        (1, 3, 3, 7)
    );
    let three = Pmf::poisson(1.7).expect("sound").times(3).expect("short");
    let direct = Pmf::poisson(5.1).expect("sound");
    for k in 0..30 {
        assert!((three.mass(k) - direct.mass(k)).abs() < 1e-15);
    }
    assert_eq!(Pmf::uniform(2, 4).expect("sound").mean(), 3.0);
}
