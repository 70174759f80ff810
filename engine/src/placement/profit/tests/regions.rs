//! What counts of neighbourhoods say, held against every plan.

use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use super::small_logit;
use crate::placement::profit::arena::Arena;
use crate::placement::profit::cut::Fate;
use crate::placement::profit::even::Even;
use crate::placement::profit::field::Field;
use crate::placement::profit::regions::Count;
use domain::problem::{Rules, Site};

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_plan_with_the_counts_of_a_part_is_outside_its_ranges_or_above_its_cuts(seed in any::<u64>()) {
        let mut rng = Pcg64::seed_from_u64(seed);
        let (sites, zones) = (rng.random_range(2..=9_usize), rng.random_range(1..=30));
        let logit = small_logit(sites, zones, &mut rng);
        let field = Even::new(&logit);
        let rules = Rules { sites, open_max: rng.random_range(1..=sites), ..Rules::default() };
        let mut arena = Arena::new(&rules, &field, (0..sites as Site).collect());
        arena.divide(&rules);
        prop_assert_eq!(arena.least, arena.most);
        let regions = arena.regions.as_ref().expect("equal values");
        // Counts around some plan, so that there is one.
        let some: Vec<bool> = (0..sites).map(|_| rng.random::<f64>() < 0.4).collect();
        let open_of = |region: u32, plan: &dyn Fn(usize) -> bool| {
            regions.members(region).iter().filter(|&&at| plan(at as usize)).count() as u32
        };
        let mut counts = Vec::new();
        for region in 0..2 * sites as u32 - 1 {
            if rng.random::<f64>() < 0.4 {
                let found = open_of(region, &|at| some[at]);
                let least = found.saturating_sub(rng.random_range(0..=1));
                counts.push(Count { region, least, most: found + rng.random_range(0..=1_u32) });
            }
        }
        let fate: Vec<Fate> = (0..sites).map(|at| match (rng.random::<f64>() < 0.2, some[at]) {
            (true, true) => Fate::Open,
            (true, false) => Fate::Closed,
            (false, _) => Fate::Live,
        }).collect();
        let ranges = regions.derive(&fate, &counts, 0, sites).expect("there is a plan");
        let slots = regions.slots(&fate, &ranges);
        let decided = regions.decided(&fate, &ranges);
        let y: Vec<f64> = (0..sites).map(|at| match fate[at] {
            Fate::Open => 1.0,
            Fate::Closed => 0.0,
            Fate::Live => rng.random(),
        }).collect();
        let cuts = arena.cuts(&fate, &y, &slots);
        for set in 0_u32..1 << sites {
            let plan = |at: usize| set >> at & 1 == 1;
            let fits = |count: &Count| (count.least..=count.most).contains(&open_of(count.region, &plan));
            let agrees = |at: usize| fate[at] == Fate::Live || (fate[at] == Fate::Open) == plan(at);
            if !counts.iter().all(fits) || !(0..sites).all(agrees) {
                continue;
            }
            for (region, range) in ranges.iter().enumerate() {
                prop_assert!((range.0..=range.1).contains(&open_of(region as u32, &plan)));
            }
            prop_assert!(decided.iter().all(|&(at, open)| plan(at as usize) == open));
            for (slot, &least) in slots.least.iter().enumerate() {
                let inside = |at: &usize| slots.of[*at] == slot as u32 && plan(*at);
                prop_assert!((0..sites).filter(inside).count() as u32 >= least);
            }
            let open: Vec<Site> = (0..sites as Site).filter(|&at| plan(at as usize)).collect();
            let indicator: Vec<f64> = (0..sites).map(|at| f64::from(u8::from(plan(at)))).collect();
            let bound: f64 = cuts.iter().map(|cut| cut.at(&indicator)).sum();
            let value = field.value(&open, f64::NEG_INFINITY).value;
            prop_assert!(arena.outward(bound) >= value, "{} but {}", bound, value);
            // A plan that y is has its own cuts: they are tight where all is decided.
            let own: Vec<Fate> = (0..sites).map(|at| if plan(at) { Fate::Open } else { Fate::Closed }).collect();
            let tight: f64 = arena.cuts(&own, &indicator, &Default::default()).iter().map(|cut| cut.constant).sum();
            prop_assert!((tight - value).abs() <= 1e-7 * (1.0 + value));
        }
    }
}
