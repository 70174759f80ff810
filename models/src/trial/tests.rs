//! What designs and readouts promise.

use super::placebo::effects;
use super::randomised::{kappa, pairs, scale};
use super::signs::{DRAWS, EXACT_MAX, Flips};
use super::*;
use domain::seed::Seed;
use ndarray::Array2;
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;
use rand_pcg::Pcg64;

const WINDOWS: Windows = Windows { lookback: 20, before: 10, after: 8 };

/// Stores with levels of their own, a common season and autoregressive errors (0.7, sd 0.05 per week).
fn panel(stores: usize, weeks: usize, seed: u64) -> Array2<f64> {
    let mut random = Pcg64::seed_from_u64(seed);
    let mut sales = Array2::zeros((stores, weeks));
    for store in 0..stores {
        let level: f64 = 7.0 + random.sample::<f64, _>(StandardNormal);
        let mut error = 0.07 * random.sample::<f64, _>(StandardNormal);
        for week in 0..weeks {
            error = 0.7 * error + 0.05 * random.sample::<f64, _>(StandardNormal);
            sales[[store, week]] = (level + error + 0.3 * (week as f64 / 8.0).sin()).exp();
        }
    }
    sales
}

fn history(stores: usize, weeks: usize, seed: u64) -> History {
    History::new(panel(stores, weeks, seed).view()).expect("sales above zero")
}

fn plan(controls_per_store: usize, estimator: Estimator) -> Plan {
    Plan { controls_per_store, windows: WINDOWS, estimator }
}

/// Every store, but for those in `but`.
fn others(stores: usize, but: &[usize]) -> Vec<usize> {
    (0..stores).filter(|store| !but.contains(store)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Over all flips of given pair differences, p <= u happens no more often than u, for each u.
    #[test]
    fn sign_flip_p_values_are_valid(sizes in prop::collection::vec(prop_oneof![Just(0.0), Just(1.0), -3.0..3.0_f64], 1..8)) {
        let worlds = 1_u32 << sizes.len();
        let mut values: Vec<f64> = (0..worlds)
            .map(|flips| {
                let differences: Vec<f64> =
                    sizes.iter().enumerate().map(|(pair, size)| if flips >> pair & 1 == 1 { -size } else { *size }).collect();
                Flips::new(&differences, Seed(1)).expect("finite").p_value(0.0)
            })
            .collect();
        values.sort_unstable_by(f64::total_cmp);
        for (at, p) in values.iter().enumerate() {
            // Counts over a power of two, exact; ties share the largest rank.
            let as_small = values.partition_point(|other| other <= p);
            prop_assert!(as_small as f64 / f64::from(worlds) <= *p, "p-value {} has share {} at {}", p, as_small, at);
        }
    }

    /// The interval holds exactly the effects with p above the size.
    #[test]
    fn the_interval_inverts_the_test(differences in prop::collection::vec(-2.0..2.0_f64, 1..10), size in 0.02..0.4_f64) {
        let flips = Flips::new(&differences, Seed(1)).expect("finite");
        let (low, high) = flips.interval(size).expect("a size");
        for end in [low, high] {
            if end.is_finite() {
                prop_assert!(flips.p_value(end) > size);
            }
        }
        // A thousandth is far beyond the rounding that p-values allow for.
        if low.is_finite() {
            prop_assert!(flips.p_value(low - 1e-3) <= size && flips.p_value(high + 1e-3) <= size);
        }
    }

    #[test]
    fn every_control_is_used_once(seed in 0_u64..1000, each in 1_usize..4, pilot in 1_usize..=6) {
        let (history, pilot) = (history(24, 40, seed), (0..pilot).collect::<Vec<_>>());
        let matched = Matched::choose(&history, &plan(each, Estimator::Weekly), &pilot, &others(24, &pilot), 30).expect("enough stores");
        let mut used = matched.controls.concat();
        prop_assert!(matched.controls.iter().all(|controls| controls.len() == each));
        used.extend(&pilot);
        used.sort_unstable();
        used.dedup();
        prop_assert_eq!(used.len(), pilot.len() * (each + 1));
    }

    #[test]
    fn other_names_of_the_stores_change_nothing(seed in 0_u64..1000, shift in 1_usize..30) {
        let sales = panel(30, 90, seed);
        let name = |store: usize| (store * 7 + shift) % 30;
        let mut renamed = sales.clone();
        (0..30).for_each(|store| renamed.row_mut(name(store)).assign(&sales.row(store)));
        let (one, other) = (History::new(sales.view()).expect("sales"), History::new(renamed.view()).expect("sales"));
        let pilot = vec![3, 8, 20];
        let candidates = others(30, &pilot);
        let names = |stores: &[usize]| stores.iter().map(|&store| name(store)).collect::<Vec<_>>();
        for estimator in Estimator::ALL {
            let plan = plan(2, estimator);
            let matched = Matched::choose(&one, &plan, &pilot, &candidates, 80).expect("controls");
            let again = Matched::choose(&other, &plan, &names(&pilot), &names(&candidates), 80).expect("controls");
            let translated: Vec<_> = matched.controls.iter().map(|controls| names(controls)).collect();
            prop_assert_eq!(&translated, &again.controls);
            let (effect, same) = (matched.effect(&one, &plan, 80).expect("windows"), again.effect(&other, &plan, 80).expect("windows"));
            // Sums over the stores in another order: a few hundred roundings of numbers below 10.
            prop_assert!((effect.expect("seen") - same.expect("seen")).abs() < 1e-11);
        }
        let found = pairs(&one, &WINDOWS, &(0..30).collect::<Vec<_>>(), 8, 80).expect("pairs");
        let again = pairs(&other, &WINDOWS, &(0..30).collect::<Vec<_>>(), 8, 80).expect("pairs");
        prop_assert_eq!(found.len(), 8);
        prop_assert_eq!(again.len(), 8);
    }
}

#[test]
fn recorded_seeds_reproduce_flips_and_placebos() {
    let pairs: Vec<(usize, usize)> = (0..20).map(|pair| (2 * pair, 2 * pair + 1)).collect();
    let flip = |seed| Randomised::flip(pairs.clone(), Seed(seed)).expect("disjoint").flips;
    assert_eq!(flip(5), flip(5));
    assert!((0..5).any(|seed| flip(seed) != flip(seed + 1)));
    let history = history(30, 60, 3);
    let draws = Draws { stores: 4, eligible: (0..30).collect(), starts: vec![20, 30], per_start: 5, seed: Seed(9) };
    let all = effects(&history, &plan(2, Estimator::Weekly), &draws).expect("windows");
    assert_eq!(all, effects(&history, &plan(2, Estimator::Weekly), &draws).expect("windows"));
    let later = effects(&history, &plan(2, Estimator::Weekly), &Draws { starts: vec![30], ..draws }).expect("windows");
    assert_eq!(all[5..], later, "a start's draws do not depend on the other starts");
}

#[test]
fn six_pairs_are_the_fewest_for_five_percent() {
    let differences = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6];
    let six = Flips::new(&differences, Seed(1)).expect("finite");
    // 2/64; and the interval of six pairs runs from the least to the largest difference.
    assert_eq!(six.p_value(0.0), 2.0 / 64.0);
    assert_eq!(six.interval(0.05), Ok((0.1, 0.6)));
    let five = Flips::new(&differences[..5], Seed(1)).expect("finite");
    assert_eq!(five.interval(0.05), Ok((f64::NEG_INFINITY, f64::INFINITY)));
}

#[test]
fn drawn_flips_come_close_to_all_flips() {
    let differences: Vec<f64> = (0..=EXACT_MAX).map(|pair| 0.3 + (pair as f64 * 2.3).sin()).collect();
    let drawn = Flips::new(&differences, Seed(4)).expect("finite");
    let sum: f64 = differences.iter().sum();
    let as_large = (0..1_u32 << differences.len())
        .filter(|subset| {
            let turned: f64 =
                differences.iter().enumerate().map(|(pair, d)| if subset >> pair & 1 == 1 { -d } else { *d }).sum();
            turned.abs() >= sum.abs() - 1e-12
        })
        .count();
    let exact = as_large as f64 / f64::from(1_u32 << differences.len());
    // Five standard errors of a share over the draws.
    assert!((drawn.p_value(0.0) - exact).abs() < 5.0 * (2.0 * exact / DRAWS as f64).sqrt(), "{exact}");
}

/// A/A on simulated panels: placebos of the past hold their size on pilots that come after.
#[test]
fn placebos_hold_their_size_on_simulated_panels() {
    let plan = plan(2, Estimator::Weekly);
    let (mut found, mut detected, mut tried) = (0, 0, 0);
    for seed in 0..30 {
        let history = history(40, 120, 1000 + seed);
        let draws = |starts, per_start, seed| Draws { stores: 6, eligible: (0..40).collect(), starts, per_start, seed };
        let past = draws((20..=80).step_by(8).collect(), 25, Seed(1));
        let calibration = Calibration::run(&history, &plan, &past).expect("placebos");
        let kappa = calibration.kappa(0.05, 0.8).expect("enough placebos");
        for (effect, scale) in effects(&history, &plan, &draws(vec![92, 102, 112], 10, Seed(2))).expect("windows") {
            tried += 1;
            found += usize::from(calibration.p_value(effect, scale) <= 0.05);
            detected += usize::from(calibration.p_value(effect + kappa * scale, scale) <= 0.05);
        }
    }
    let (false_positives, power) =
        (f64::from(found as u32) / f64::from(tried), f64::from(detected as u32) / f64::from(tried));
    // 900 pilots over 90 windows that share stores: about 250 independent ones, two standard errors.
    assert!((0.025..=0.08).contains(&false_positives), "{false_positives}");
    assert!((0.74..=0.86).contains(&power), "{power}");
}

#[test]
fn a_known_effect_is_read_by_both_designs() {
    let (mut sales, start) = (panel(40, 100, 5), 90);
    sales[[7, 93]] = f64::NAN;
    let clean = History::new(sales.view()).expect("sales");
    let pilot: Vec<usize> = (0..8).collect();
    let raise = |stores: &[usize]| {
        let mut raised = sales.clone();
        for &store in stores {
            raised.row_mut(store).iter_mut().skip(start).for_each(|cell| *cell *= 1.3);
        }
        History::new(raised.view()).expect("sales")
    };
    let raised = raise(&pilot);
    for estimator in Estimator::ALL {
        let plan = plan(2, estimator);
        let eligible = (0..40).collect();
        let draws = Draws { stores: 8, eligible, starts: (20..=80).step_by(6).collect(), per_start: 20, seed: Seed(2) };
        let calibration = Calibration::run(&clean, &plan, &draws).expect("placebos");
        let matched = Matched::choose(&clean, &plan, &pilot, &others(40, &pilot), start).expect("controls");
        let read = |history: &History, threshold| {
            Readout::matched(history, &plan, &matched, start, &calibration, 0.05, threshold).expect("observed")
        };
        let (with, without) = (read(&raised, 0.1), read(&clean, 0.1));
        // Nothing that is taken off comes from the pilot's stores, so the factor comes through whole.
        assert!(((1.0 + with.effect) / (1.0 + without.effect) - 1.3).abs() < 1e-9, "{estimator:?}");
        assert_eq!(with.verdict, Verdict::Go);
        assert_eq!(without.verdict, Verdict::NoGo);
        assert_eq!(read(&raised, with.effect).verdict, Verdict::Undecided);
        assert!(with.p_value < 0.05 && with.interval.0 < with.effect && with.effect < with.interval.1);
        let (size, power) = (0.05, 0.8);
        assert!(calibration.minimum_detectable_effect(matched.scale, size, power).expect("enough") < 0.3);
    }
    let found = pairs(&clean, &WINDOWS, &(0..40).collect::<Vec<_>>(), 10, start).expect("pairs");
    let randomised = Randomised::flip(found, Seed(11)).expect("disjoint");
    let raised = raise(&randomised.treated());
    let read = Readout::randomised(&raised, &WINDOWS, Estimator::Weekly, &randomised, start, Seed(1), 0.05, 0.1);
    let read = read.expect("observed");
    assert_eq!(read.verdict, Verdict::Go);
    assert!(read.interval.0 < 0.3 && 0.3 < read.interval.1, "{read:?}");
    let starts: Vec<usize> = (20..=80).step_by(10).collect();
    let stores: Vec<usize> = (0..40).collect();
    let kappa =
        kappa(&clean, &WINDOWS, Estimator::Weekly, &stores, 10, &starts, 20, Seed(3), (0.05, 0.8)).expect("enough");
    let mde = (kappa * scale(&clean, &WINDOWS, &randomised.pairs, start)).exp_m1();
    assert!((0.01..0.3).contains(&mde), "{mde}");
}

#[test]
fn bad_input_is_refused() {
    let mut sales = panel(8, 40, 1);
    let history = History::new(sales.view()).expect("sales");
    let choose = |pilot: &[usize], candidates: &[usize], start| {
        Matched::choose(&history, &plan(2, Estimator::Weekly), pilot, candidates, start)
    };
    assert_eq!(choose(&[0, 0], &[1, 2, 3, 4], 30), Err(TrialError::Store { store: 0 }));
    assert_eq!(choose(&[0], &[1, 8], 30), Err(TrialError::Store { store: 8 }));
    assert_eq!(choose(&[0, 1], &[2, 3, 4], 30), Err(TrialError::Controls { stores: 2, each: 2, candidates: 3 }));
    assert_eq!(choose(&[0], &[1, 2], 10), Err(TrialError::Windows { start: 10, weeks: 40 }));
    let matched = choose(&[0], &[1, 2], 30).expect("controls");
    let late = matched.effect(&history, &plan(2, Estimator::Weekly), 33);
    assert_eq!(late, Err(TrialError::Windows { start: 33, weeks: 40 }));
    assert_eq!(Randomised::flip(vec![(0, 1), (1, 2)], Seed(1)), Err(TrialError::Store { store: 1 }));
    assert_eq!(Calibration::from_errors(vec![f64::NAN]), Err(TrialError::Placebos { count: 0 }));
    let few = Calibration::from_errors(vec![0.1; 10]).expect("some");
    assert_eq!(few.margin(0.05), Err(TrialError::Placebos { count: 10 }));
    assert_eq!(few.margin(1.0), Err(TrialError::Probability { value: 1.0 }));
    sales[[2, 5]] = -1.0;
    assert_eq!(History::new(sales.view()), Err(TrialError::Cell { store: 2, week: 5 }));
}
