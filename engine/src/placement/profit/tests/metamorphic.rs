//! What should change nothing changes nothing; what should help or hurt does not do the opposite.

use domain::capture::Reach;
use domain::problem::{Profit, Rules, Site};
use domain::settings::CaptureLaw;
use domain::stop::Stop;
use ndarray::{Array2, Axis};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use super::{LAWS, SHAPES, Shape, run, small, some_rules};

/// The proven value; negative infinity where no plan is possible.
fn optimum(rules: &Rules, problem: &Profit) -> f64 {
    let placed = run(rules, problem, 0.0, &Stop::default());
    placed.open.map_or(f64::NEG_INFINITY, |_| placed.value)
}

/// Proven values are within the outward margin of the optimum.
fn same(one: f64, other: f64) -> bool {
    one == other || (one - other).abs() <= 2e-6 * one.abs().max(1.0)
}

/// The problem with zone `zones[i]` in the place of zone i, `shares[i]` of it.
fn zones(problem: &Profit, zones: &[usize], shares: &[f64]) -> Profit {
    let mut changed = problem.clone();
    let old = &problem.capture;
    let mut reach = Reach { starts: vec![0], ..Reach::default() };
    for &zone in zones {
        for entry in old.reach.row(zone) {
            reach.candidate.push(old.reach.candidate[entry]);
            reach.milli_minutes.push(old.reach.milli_minutes[entry]);
            reach.pull.push(old.reach.pull[entry]);
        }
        reach.starts.push(reach.candidate.len());
    }
    changed.capture.reach = reach;
    changed.capture.outside = old.outside.select(Axis(0), zones);
    changed.capture.potential = old.potential.select(Axis(0), zones);
    for (mut row, share) in changed.capture.potential.outer_iter_mut().zip(shares) {
        row *= *share;
    }
    changed
}

/// Site j of the new problem is site `sites[j]` of the old one.
fn turned(problem: &Profit, rules: &Rules, sites: &[usize]) -> (Profit, Rules) {
    let place = |old: Site| sites.iter().position(|&site| site == old as usize).expect("a site") as Site;
    let select = |of: &Array2<f64>| of.select(Axis(0), sites);
    let old = &problem.capture;
    let mut capture = old.clone();
    let rows: Vec<Vec<(u32, u32, f64)>> = (0..old.reach.zones())
        .map(|zone| {
            let entry = |at: usize| (place(old.reach.candidate[at]), old.reach.milli_minutes[at], old.reach.pull[at]);
            let mut row: Vec<_> = old.reach.row(zone).map(entry).collect();
            row.sort_by_key(|entry| entry.0);
            row
        })
        .collect();
    for (at, (site, time, pull)) in rows.into_iter().flatten().enumerate() {
        (capture.reach.candidate[at], capture.reach.milli_minutes[at], capture.reach.pull[at]) = (site, time, pull);
    }
    (capture.attraction, capture.alone) = (select(&old.attraction), select(&old.alone));
    let open_costs = sites.iter().map(|&site| problem.open_costs[site]).collect();
    let problem = Profit { capture, unit_values: select(&problem.unit_values), open_costs };
    let moved = |sites: &[Site]| {
        let mut sites: Vec<Site> = sites.iter().map(|&site| place(site)).collect();
        sites.sort_unstable();
        sites
    };
    let mut rules = Rules { require: moved(&rules.require), exclude: moved(&rules.exclude), ..rules.clone() };
    for row in &mut rules.rows {
        row.terms.iter_mut().for_each(|term| term.0 = place(term.0));
        row.terms.sort_unstable();
    }
    for (one, other) in &mut rules.conflicts {
        (*one, *other) = (place(*one).min(place(*other)), place(*one).max(place(*other)));
    }
    rules.conflicts.sort_unstable();
    (problem, rules)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn order_and_splits_change_nothing_and_the_rest_goes_the_right_way(seed in any::<u64>()) {
        let mut rng = Pcg64::seed_from_u64(seed);
        let (sites, count) = (rng.random_range(2..=8), rng.random_range(1..=10));
        for (shape, law) in SHAPES.into_iter().flat_map(|shape| LAWS.map(|law| (shape, law))) {
            let problem = small(shape, law, sites, count, 2, &mut rng);
            let rules = some_rules(sites, &mut rng);
            let best = optimum(&rules, &problem);

            let reversed: Vec<usize> = (0..count).rev().collect();
            let by_zone = optimum(&rules, &zones(&problem, &reversed, &vec![1.0; count]));
            prop_assert!(same(by_zone, best), "{shape:?} {law:?}: zones reversed: {by_zone}, {best}");
            let halves: Vec<usize> = (0..count).chain([0]).collect();
            let mut shares = vec![1.0; count + 1];
            (shares[0], shares[count]) = (0.7, 0.3);
            let split = optimum(&rules, &zones(&problem, &halves, &shares));
            prop_assert!(same(split, best), "{shape:?} {law:?}: a zone in two: {split}, {best}");
            let by = rng.random_range(0..sites);
            let order: Vec<usize> = (0..sites).map(|site| (site + by) % sites).collect();
            let (other, others) = turned(&problem, &rules, &order);
            let by_site = optimum(&others, &other);
            // Where two are equally near, the first is taken: there the order is part of the law.
            let tied = matches!((shape, law), (Shape::Grid, CaptureLaw::Nearest));
            prop_assert!(tied || same(by_site, best), "{shape:?} {law:?}: sites turned: {by_site}, {best}");

            // One candidate less, one store less, one pair or one budget more: never better.
            let mut less = rules.clone();
            less.exclude = (0..sites as Site).filter(|site| rules.exclude.contains(site) || *site as usize == by).collect();
            let mut fewer = rules.clone();
            fewer.open_max -= 1;
            let mut apart = rules.clone();
            apart.conflicts = with_pair(&rules.conflicts, (0, 1));
            for (what, rules) in [("a candidate less", less), ("a store less", fewer), ("a pair more", apart)] {
                let worse = optimum(&rules, &problem);
                prop_assert!(worse <= best || same(worse, best), "{shape:?} {law:?}: {what}: {worse}, {best}");
            }
        }
    }
}

/// The pairs with one more, ascending, each once.
fn with_pair(pairs: &[(Site, Site)], more: (Site, Site)) -> Vec<(Site, Site)> {
    let mut pairs = pairs.to_vec();
    pairs.push(more);
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}
