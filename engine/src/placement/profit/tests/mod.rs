mod metamorphic;
mod regions;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::capture::{CaptureModel, Reach};
use domain::problem::{Profit, Row, Rules, Site};
use domain::settings::CaptureLaw;
use domain::stop::{Clock, Cut, Silent, Stop};
use ndarray::{Array2, array};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use super::{capture, local_search, solve};
use crate::instances::logit::Logit;
use crate::placement::{Placed, PlacementError};

const LAWS: [CaptureLaw; 3] = [CaptureLaw::Independent, CaptureLaw::Nearest, CaptureLaw::Share];

/// How sites and zones lie.
#[derive(Debug, Clone, Copy)]
enum Shape {
    /// Anywhere on a plane.
    Scattered,
    /// Around three towns.
    Towns,
    /// On whole kilometres: equal times, and sites at one place.
    Grid,
    /// Within reach of each other: everyone competes for everyone.
    Centre,
}

const SHAPES: [Shape; 4] = [Shape::Scattered, Shape::Towns, Shape::Grid, Shape::Centre];

impl Shape {
    fn point(self, rng: &mut Pcg64) -> (f64, f64) {
        let mut draw = |scale: f64| scale * rng.random::<f64>();
        match self {
            Self::Scattered => (draw(20.0), draw(20.0)),
            Self::Towns => {
                let town = draw(3.0).floor();
                (9.0 * town + draw(2.0), 4.0 * town + draw(2.0))
            }
            Self::Grid => (4.0 * draw(5.0).floor(), 4.0 * draw(5.0).floor()),
            Self::Centre => (draw(4.0), draw(4.0)),
        }
    }
}

/// A few sites and zones; values differ by up to a factor of 11.
fn small(shape: Shape, law: CaptureLaw, sites: usize, zones: usize, devices: usize, rng: &mut Pcg64) -> Profit {
    let mut point = || shape.point(rng);
    let at: Vec<(f64, f64)> = (0..sites).map(|_| point()).collect();
    let rows: Vec<Vec<(u32, u32)>> = (0..zones)
        .map(|_| {
            let zone = point();
            let time = |site: &(f64, f64)| (1000.0 * (site.0 - zone.0).hypot(site.1 - zone.1)) as u32;
            at.iter().enumerate().map(|(j, site)| (j as u32, time(site))).filter(|pair| pair.1 < 12_000).collect()
        })
        .collect();
    let mut matrix = |rows: usize, low: f64, high: f64| {
        Array2::from_shape_fn((rows, devices), |_| low + (high - low) * rng.random::<f64>().powi(2))
    };
    let (outside, potential) = (matrix(zones, 0.05, 2.0), matrix(zones, 0.0, 9.0));
    let (attraction, unit_values) = (matrix(sites, 0.0, 4.0), matrix(sites, 0.0, 11.0));
    let alone = matrix(sites, 0.0, 30.0);
    let open_costs = (0..sites).map(|_| 40.0 * rng.random::<f64>().powi(2) - 2.0).collect();
    let capture = CaptureModel { law, reach: Reach::from_rows(&rows, 0.2), outside, potential, attraction, alone };
    Profit { capture, unit_values, open_costs }
}

/// Rules of every kind, sometimes contradictory.
fn some_rules(sites: usize, rng: &mut Pcg64) -> Rules {
    let mut rules = Rules { sites, open_max: rng.random_range(1..=sites.min(5)), ..Rules::default() };
    let mut pick = |part: f64| -> Vec<Site> { (0..sites as Site).filter(|_| rng.random::<f64>() < part).collect() };
    rules.require = pick(0.06);
    rules.exclude = pick(0.1).into_iter().filter(|site| !rules.require.contains(site)).collect();
    let market = pick(0.5);
    let odds: [f64; 4] = std::array::from_fn(|_| rng.random());
    if odds[0] < 0.4 {
        rules.open_min = rng.random_range(0..=rules.open_max);
    }
    if odds[1] < 0.4 {
        let terms = (0..sites as Site).map(|site| (site, rng.random_range(1..40_i64) * 1_000_000)).collect();
        rules.rows.push(Row { name: "capex".into(), terms, min: None, max: Some(70_000_000) });
    }
    if odds[2] < 0.4 {
        let terms = market.into_iter().map(|site| (site, 1)).collect();
        rules.rows.push(Row { name: "market".into(), terms, min: Some(1), max: Some(2) });
    }
    if odds[3] < 0.4 {
        for one in 0..sites as Site {
            for other in one + 1..sites as Site {
                if rng.random::<f64>() < 0.25 {
                    rules.conflicts.push((one, other));
                }
            }
        }
    }
    rules
}

/// The best of all plans.
fn brute(rules: &Rules, problem: &Profit) -> Option<f64> {
    (0_u32..1 << rules.sites)
        .filter(|set| set.count_ones() as usize <= rules.open_max)
        .map(|set| (0..rules.sites as Site).filter(|site| set >> site & 1 == 1).collect::<Vec<_>>())
        .filter(|open| rules.allow(open))
        .map(|open| problem.value(&open))
        .max_by(f64::total_cmp)
}

fn run(rules: &Rules, problem: &Profit, gap: f64, stop: &Stop) -> Placed {
    solve(rules, problem, gap, stop, &Silent).expect("a sound problem")
}

fn close(one: f64, other: f64) -> bool {
    // The same sums in another order.
    (one - other).abs() <= 1e-9 * (1.0 + other.abs())
}

/// Pulls from next to nothing to a thousand times the outside option.
fn small_logit(sites: usize, zones: usize, rng: &mut Pcg64) -> Logit {
    let weights = (0..zones).map(|_| rng.random::<f64>() * 9.0).collect();
    let pull = (0..sites * zones).map(|_| (20.0 * rng.random::<f64>() - 13.0).exp()).collect();
    Logit { weights, sites, pull }
}

/// The same with the law's own numbers.
fn as_profit(logit: &Logit) -> Profit {
    let (zones, sites) = (logit.zones(), logit.sites);
    let mut reach = Reach { starts: vec![0], ..Reach::default() };
    for zone in 0..zones {
        for site in 0..sites {
            reach.candidate.push(site as u32);
            reach.milli_minutes.push(0);
            reach.pull.push(logit.column(site)[zone]);
        }
        reach.starts.push(reach.candidate.len());
    }
    let capture = CaptureModel {
        law: CaptureLaw::Share,
        reach,
        outside: Array2::ones((zones, 1)),
        potential: Array2::from_shape_fn((zones, 1), |(zone, _)| logit.weights[zone]),
        attraction: Array2::ones((sites, 1)),
        alone: Array2::ones((sites, 1)),
    };
    Profit { capture, unit_values: Array2::ones((sites, 1)), open_costs: vec![0.0; sites] }
}

proptest! {
    // Four shapes and three laws: 2,040 instances.
    #![proptest_config(ProptestConfig { cases: 170, ..ProptestConfig::default() })]

    #[test]
    fn the_optimum_is_that_of_all_subsets_and_the_bound_is_never_below(seed in any::<u64>()) {
        let mut rng = Pcg64::seed_from_u64(seed);
        let sites = rng.random_range(1..=11);
        let (zones, devices) = (rng.random_range(1..=14), rng.random_range(1..=3));
        for (shape, law) in SHAPES.into_iter().flat_map(|shape| LAWS.map(|law| (shape, law))) {
            let problem = small(shape, law, sites, zones, devices, &mut rng);
            let rules = some_rules(sites, &mut rng);
            let best = brute(&rules, &problem);
            for nodes_max in [u64::MAX, 1, 9] {
                let placed = run(&rules, &problem, 0.0, &Stop { nodes_max, ..Stop::default() });
                let Some(best) = best else {
                    prop_assert_eq!(&placed.open, &None);
                    continue;
                };
                prop_assert!(placed.bound >= best - 1e-12 * best.abs(), "{:?} {:?}: {:?} but {}", shape, law, placed, best);
                if let Some(open) = &placed.open {
                    prop_assert!(rules.allow(open));
                    prop_assert!(close(placed.value, problem.value(open)) && placed.value <= placed.bound);
                }
                if nodes_max == u64::MAX {
                    prop_assert_eq!(placed.cut, None);
                    prop_assert!(close(placed.value, best), "{:?} {:?}: {:?} but {}", shape, law, placed, best);
                    // Proven: what is left is the outward margin.
                    prop_assert!(placed.bound - placed.value <= 1e-6 * placed.value.abs().max(1.0), "{:?}", placed);
                }
            }
        }
    }

}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, ..ProptestConfig::default() })]

    #[test]
    fn capture_is_that_of_all_subsets_and_of_the_law_with_equal_values(seed in any::<u64>()) {
        let mut rng = Pcg64::seed_from_u64(seed);
        let (sites, zones) = (rng.random_range(1..=10), rng.random_range(1..=40));
        let logit = small_logit(sites, zones, &mut rng);
        let profit = as_profit(&logit);
        let rules = some_rules(sites, &mut rng);
        let best = brute(&rules, &profit);
        for nodes_max in [u64::MAX, 1, 5] {
            let stop = Stop { nodes_max, ..Stop::default() };
            let placed = capture(&rules, &logit, 0.0, &stop, &Silent).expect("a sound problem");
            let Some(best) = best else {
                prop_assert_eq!(&placed.open, &None);
                continue;
            };
            prop_assert!(placed.bound >= best - 1e-12 * best.abs(), "{:?} but {}", placed, best);
            if nodes_max == u64::MAX {
                prop_assert!(close(placed.value, best), "{:?} but {}", placed, best);
                prop_assert!(placed.bound - placed.value <= 1e-7 * placed.value.max(1.0), "{:?}", placed);
                let law = run(&rules, &profit, 0.0, &stop);
                prop_assert!(close(placed.value, law.value), "{:?} but {:?}", placed, law);
            }
        }
    }

    #[test]
    fn local_search_obeys_the_rules_and_no_single_move_improves_it(seed in any::<u64>()) {
        let mut rng = Pcg64::seed_from_u64(seed);
        let sites = rng.random_range(2..=14);
        for law in LAWS {
            let problem = small(SHAPES[seed as usize % 4], law, sites, 12, 2, &mut rng);
            let rules = some_rules(sites, &mut rng);
            let start: Vec<Site> = (0..sites as Site).filter(|_| rng.random::<f64>() < 0.3).collect();
            for start in [None, Some(start.as_slice())] {
                let Some(open) = local_search(&rules, &problem, start) else { continue };
                prop_assert!(rules.allow(&open));
                let value = problem.value(&open);
                let closed = || (0..sites as Site).filter(|site| !open.contains(site));
                let without = |out: Site| open.iter().copied().filter(move |&site| site != out).collect::<Vec<_>>();
                let mut moves: Vec<Vec<Site>> = open.iter().map(|&out| without(out)).collect();
                moves.extend(closed().map(|into| [open.clone(), vec![into]].concat()));
                moves.extend(open.iter().flat_map(|&out| closed().map(move |into| [without(out), vec![into]].concat())));
                for mut other in moves {
                    other.sort_unstable();
                    if rules.allow(&other) {
                        let reached = problem.value(&other);
                        prop_assert!(reached <= value + 1e-8 * value.abs().max(1.0), "{:?} {:?} {} {}", open, other, value, reached);
                    }
                }
            }
        }
    }
}

/// w = b = 1, a = (1, 10), values (10, 1): {1} earns 5 and {1, 2} earns 20/12.
fn cheap_neighbour() -> Profit {
    let reach = Reach::from_rows(&[vec![(0, 0), (1, 0)]], 0.1);
    let capture = CaptureModel {
        law: CaptureLaw::Share,
        reach,
        outside: array![[1.0]],
        potential: array![[1.0]],
        attraction: array![[1.0], [10.0]],
        alone: array![[0.5], [10.0 / 11.0]],
    };
    Profit { capture, unit_values: array![[10.0], [1.0]], open_costs: vec![0.0; 2] }
}

#[test]
fn a_cheap_neighbour_takes_demand_from_a_dear_site() {
    let problem = cheap_neighbour();
    assert!(close(problem.value(&[0, 1]), 20.0 / 12.0));
    let free = Rules { sites: 2, open_max: 2, ..Rules::default() };
    let placed = run(&free, &problem, 0.0, &Stop::default());
    assert_eq!(placed.open, Some(vec![0]));
    assert!(close(placed.value, 5.0) && placed.bound - 5.0 < 1e-7, "{placed:?}");
    let both = Rules { open_min: 2, ..free };
    let placed = run(&both, &problem, 0.0, &Stop::default());
    assert_eq!(placed.open, Some(vec![0, 1]));
    assert!(close(placed.value, 20.0 / 12.0) && placed.bound - 20.0 / 12.0 < 1e-7, "{placed:?}");
}

#[test]
fn threads_do_not_change_the_answer() {
    let mut rng = Pcg64::seed_from_u64(7);
    for law in [CaptureLaw::Nearest, CaptureLaw::Share] {
        let problem = small(Shape::Scattered, law, 40, 120, 2, &mut rng);
        let rules = Rules { sites: 40, open_max: 7, ..Rules::default() };
        let with = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            pool.install(|| run(&rules, &problem, 0.0, &Stop { nodes_max: 200, ..Stop::default() }))
        };
        let (one, two) = (with(1), with(2));
        assert_eq!(one, two);
        assert_eq!(one.bound.to_bits(), two.bound.to_bits());
    }
}

#[test]
fn threads_do_not_change_a_capture() {
    let mut rng = Pcg64::seed_from_u64(11);
    let logit = small_logit(40, 300, &mut rng);
    let rules = Rules { sites: 40, open_max: 7, ..Rules::default() };
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        let stop = Stop { nodes_max: 60, ..Stop::default() };
        pool.install(|| capture(&rules, &logit, 0.0, &stop, &Silent).expect("a sound problem"))
    };
    let (one, two) = (with(1), with(2));
    assert_eq!(one, two);
    assert_eq!(one.bound.to_bits(), two.bound.to_bits());
}

#[test]
fn a_stopped_search_still_states_a_bound() {
    let mut rng = Pcg64::seed_from_u64(3);
    let problem = small(Shape::Scattered, CaptureLaw::Share, 12, 30, 2, &mut rng);
    let rules = Rules { sites: 12, open_max: 4, ..Rules::default() };
    let stop = Stop { interrupted: Arc::new(AtomicBool::new(true)), ..Stop::default() };
    let placed = run(&rules, &problem, 0.0, &stop);
    assert_eq!(placed.cut, Some(Cut::Interrupted));
    let best = brute(&rules, &problem).expect("the empty plan obeys");
    assert!(placed.bound >= best && placed.open.is_some());
}

/// A clock that moves on by a second whenever it is read.
#[derive(Default)]
struct Reads(std::sync::atomic::AtomicU64);

impl Clock for Reads {
    fn elapsed(&self) -> Duration {
        Duration::from_secs(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

#[test]
fn a_search_that_runs_out_of_time_leaves_some_for_its_proof() {
    let mut rng = Pcg64::seed_from_u64(23);
    let problem = small(Shape::Scattered, CaptureLaw::Share, 40, 120, 2, &mut rng);
    let rules = Rules { sites: 40, open_max: 7, ..Rules::default() };
    let stop = Stop { clock: Arc::new(Reads::default()), deadline: Some(Duration::from_secs(400)), ..Stop::default() };
    let placed = run(&rules, &problem, 0.0, &stop);
    assert_eq!(placed.cut, Some(Cut::Deadline));
    let shows = placed.guide.and_then(|guide| guide.shows).expect("a proof of the bound reached, or of a wider one");
    assert!(shows >= placed.bound && placed.bound > placed.value, "{shows} {} {}", placed.bound, placed.value);
}

#[test]
fn the_gap_asked_for_ends_the_search() {
    let mut rng = Pcg64::seed_from_u64(5);
    let problem = small(Shape::Scattered, CaptureLaw::Share, 30, 90, 2, &mut rng);
    let rules = Rules { sites: 30, open_max: 6, ..Rules::default() };
    let exact = run(&rules, &problem, 0.0, &Stop::default());
    let rough = run(&rules, &problem, 0.05, &Stop::default());
    assert!(domain::plan::gap(rough.value, rough.bound) <= 0.05);
    assert!(rough.bound >= exact.value && rough.nodes <= exact.nodes);
}

#[test]
fn contradictory_rules_leave_no_plan() {
    let problem = cheap_neighbour();
    let rules = Rules { sites: 2, open_max: 2, require: vec![0, 1], conflicts: vec![(0, 1)], ..Rules::default() };
    let placed = run(&rules, &problem, 0.0, &Stop::default());
    assert_eq!((placed.open, placed.cut), (None, None));
}

#[test]
fn numbers_that_no_bound_can_hold_on_are_refused() {
    let rules = Rules { sites: 2, open_max: 2, ..Rules::default() };
    let mut broken = cheap_neighbour();
    broken.unit_values[[1, 0]] = f64::NAN;
    let mut bare = cheap_neighbour();
    bare.capture.outside[[0, 0]] = 0.0;
    for (problem, name) in [(broken, "unit value"), (bare, "outside option")] {
        let refused = solve(&rules, &problem, 0.0, &Stop::default(), &Silent);
        assert!(matches!(refused, Err(PlacementError::BadNumber { what, .. }) if what == name), "{refused:?}");
    }
}
