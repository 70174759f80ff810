//! Against enumeration of all open sets, with a checker of proofs that shares no code with the search.

use domain::problem::{Assignment, CostRows, Row, Rules, Site};
use domain::stop::{Cut, Silent, Stop};
use proptest::prelude::*;

use super::search::Sizes;
use super::{Warm, solve, solve_by};
use crate::placement::{Placed, PlacementError};

mod confirm;
mod large;
mod world;

use confirm::confirm;
use world::*;

fn checked(sizes: Sizes, rules: &Rules, problem: &Assignment, gap: f64, stop: &Stop) -> Placed {
    let placed = solve_by(sizes, rules, problem, None, gap, stop, &Silent).expect("a problem in shape");
    if let Some(proof) = &placed.proof {
        confirm(rules, problem, proof).expect("a proof");
    }
    if let Some(open) = &placed.open {
        let (value, bound) = placed.exact.expect("whole numbers");
        assert!(possible(rules, problem, open), "{open:?}");
        assert_eq!(problem.value(open), value);
        assert_eq!(placed.proof.as_ref().map(|proof| proof.bound), Some(bound));
        assert!(bound <= value);
    }
    placed
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn the_best_of_all_open_sets_is_found_and_proven(
        (rules, problem) in (1_usize..8).prop_flat_map(|sites| (rules(sites), problems(sites))),
        sizes in ways(),
    ) {
        let placed = checked(sizes, &rules, &problem, 0.0, &Stop::default());
        let best = best(&rules, &problem);
        prop_assert_eq!(placed.open.is_some(), best.is_some());
        if let Some(best) = best {
            prop_assert_eq!(placed.exact, Some((best, best)));
        }
        prop_assert_eq!(placed.cut, None);
    }

    #[test]
    fn a_search_that_stops_early_still_proves_its_bound(
        (rules, problem) in (4_usize..9).prop_flat_map(|sites| (rules(sites), problems(sites))),
        gap in prop_oneof![Just(0.0), 0.01..0.5],
        nodes_max in 0_u64..4,
        sizes in ways(),
    ) {
        let stop = Stop { nodes_max, ..Stop::default() };
        let placed = checked(sizes, &rules, &problem, gap, &stop);
        if let (Some((value, bound)), Some(best)) = (placed.exact, best(&rules, &problem)) {
            prop_assert!(bound <= best && best <= value);
            if placed.cut.is_none() {
                prop_assert!((value - bound) as f64 <= gap * value.max(1) as f64);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn an_earlier_answer_changes_no_answer(
        (before, rules, problem) in
            (2_usize..8).prop_flat_map(|sites| (rules(sites), rules(sites), problems(sites))),
        sizes in ways(),
    ) {
        let placed = solve_by(sizes, &before, &problem, None, 0.0, &Stop::default(), &Silent).expect("in shape");
        if let Some(warm) = Warm::of(&placed) {
            let again = solve_by(sizes, &rules, &problem, Some(&warm), 0.0, &Stop::default(), &Silent);
            let again = again.expect("in shape");
            if let Some(proof) = &again.proof {
                confirm(&rules, &problem, proof).expect("a proof");
            }
            let best = best(&rules, &problem);
            prop_assert_eq!(again.exact, best.map(|best| (best, best)));
        }
    }
}

/// The problem as listed rows, zones in the order `zones`, and site j of it the old `sites[j]`.
fn rearranged(problem: &Assignment, zones: &[usize], sites: &[usize]) -> Assignment {
    let (mut starts, mut site, mut cost) = (vec![0], Vec::new(), Vec::new());
    for &zone in zones {
        for (at, &old) in (0_u32..).zip(sites) {
            let value = cost_of(problem, zone, old);
            if value != u32::MAX {
                site.push(at);
                cost.push(value);
            }
        }
        starts.push(site.len());
    }
    Assignment {
        weights: zones.iter().map(|&zone| problem.weights[zone]).collect(),
        fallback: zones.iter().map(|&zone| problem.fallback[zone]).collect(),
        costs: CostRows::Sparse { starts, site, cost },
    }
}

fn cost_of(problem: &Assignment, zone: usize, site: usize) -> u32 {
    cost(problem, zone, u32::try_from(site).expect("few sites"))
}

/// The proven value; the largest number where no plan is possible.
fn optimum(sizes: Sizes, rules: &Rules, problem: &Assignment) -> i128 {
    let placed = checked(sizes, rules, problem, 0.0, &Stop::default());
    placed.exact.map_or(i128::MAX, |(value, _)| value)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn what_should_change_nothing_changes_nothing_and_the_rest_goes_the_right_way(
        (rules, problem) in (2_usize..8).prop_flat_map(|sites| (rules(sites), problems(sites))),
        sizes in ways(),
        turn in 0_usize..8,
    ) {
        // Sites are numbered anew below, those of floors are not.
        let rules = Rules { reach: Vec::new(), ..rules };
        let sites = rules.sites;
        let best = optimum(sizes, &rules, &problem);
        let (zones, all): (Vec<usize>, Vec<usize>) = ((0..problem.zones()).collect(), (0..sites).collect());
        // Zones in another order; a zone in two parts.
        let reversed: Vec<usize> = zones.iter().rev().copied().collect();
        prop_assert_eq!(optimum(sizes, &rules, &rearranged(&problem, &reversed, &all)), best);
        let mut split = rearranged(&problem, &[&zones[..], &zones[..1]].concat(), &all);
        split.weights[0] -= problem.weights[0] / 3;
        *split.weights.last_mut().expect("zones") = problem.weights[0] / 3;
        prop_assert_eq!(optimum(sizes, &rules, &split), best);
        // Sites in another order.
        let turned: Vec<usize> = (0..sites).map(|site| (site + turn) % sites).collect();
        let place = |site: Site| turned.iter().position(|&old| old == site as usize).expect("a site") as Site;
        let placed = |list: &[Site]| {
            let mut list: Vec<Site> = list.iter().map(|&site| place(site)).collect();
            list.sort_unstable();
            list
        };
        let mut conflicts: Vec<(Site, Site)> = rules
            .conflicts
            .iter()
            .map(|&(one, other)| (place(one).min(place(other)), place(one).max(place(other))))
            .collect();
        conflicts.sort_unstable();
        let rows = rules.rows.iter().map(|row| {
            let mut terms: Vec<(Site, i64)> = row.terms.iter().map(|&(site, term)| (place(site), term)).collect();
            terms.sort_unstable();
            Row { terms, ..row.clone() }
        });
        let other = Rules {
            require: placed(&rules.require),
            exclude: placed(&rules.exclude),
            rows: rows.collect(),
            conflicts,
            ..rules.clone()
        };
        prop_assert_eq!(optimum(sizes, &other, &rearranged(&problem, &zones, &turned)), best);
        // One more candidate never worsens; one more rule never improves.
        let fewer = Rules { exclude: (0..sites as Site).filter(|site| *site as usize == turn % sites || rules.exclude.contains(site)).collect(), ..rules.clone() };
        prop_assert!(optimum(sizes, &fewer, &problem) >= best);
        let more = Rules { open_max: rules.open_max.saturating_sub(1), ..rules.clone() };
        prop_assert!(optimum(sizes, &more, &problem) >= best);
    }
}

#[test]
fn the_same_bytes_whatever_the_threads() {
    let problem = towns(60, 700);
    let rules = Rules {
        sites: 60,
        open_min: 2,
        open_max: 6,
        conflicts: vec![(0, 1), (2, 9), (5, 17)],
        rows: vec![Row {
            name: "capex".into(),
            terms: (0..60).map(|site| (site, i64::from(site % 7) + 1)).collect(),
            min: None,
            max: Some(15),
        }],
        ..Rules::default()
    };
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        // Rows and pairs that bind make a long tree: a part of it shows as much.
        let stop = Stop { nodes_max: 40, ..Stop::default() };
        pool.install(|| solve(&rules, &problem, 0.0, &stop, &Silent)).expect("solved")
    };
    let one = run(1);
    assert!(one.open.is_some());
    assert_eq!(one, run(2));
}

#[test]
fn a_limit_of_nodes_is_told() {
    let placed = solve(
        &Rules { sites: 60, open_max: 6, ..Rules::default() },
        &towns(60, 700),
        0.0,
        &Stop { nodes_max: 0, ..Stop::default() },
        &Silent,
    );
    assert_eq!(placed.expect("a problem in shape").cut, Some(Cut::Nodes));
}

#[test]
fn what_is_out_of_shape_is_refused() {
    let solve = |rules: &Rules, problem: &Assignment| solve(rules, problem, 0.0, &Stop::default(), &Silent);
    let rules = Rules { sites: 2, open_max: 1, ..Rules::default() };
    let problem =
        Assignment { weights: vec![1], fallback: vec![9], costs: CostRows::Dense { sites: 2, costs: vec![3, 4] } };
    assert_eq!(solve(&rules, &problem).expect("in shape").exact, Some((3, 3)));
    let three = Rules { sites: 3, ..rules.clone() };
    assert!(matches!(solve(&three, &problem), Err(PlacementError::Shape { .. })));
    let short = Assignment { costs: CostRows::Dense { sites: 2, costs: vec![3] }, ..problem.clone() };
    assert!(matches!(solve(&rules, &short), Err(PlacementError::Shape { .. })));
    let unknown = Rules { require: vec![7], ..rules.clone() };
    assert!(matches!(solve(&unknown, &problem), Err(PlacementError::NoSuchSite { site: 7, .. })));
    let heavy = Assignment { weights: vec![u64::MAX], ..problem };
    assert!(matches!(solve(&rules, &heavy), Err(PlacementError::TooLarge { .. })));
}

/// The text of a file of the measuring data, if it is there.
fn data(path: &str) -> Option<String> {
    let path = format!("{}/../../shared/data/placement/{path}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).ok();
    if text.is_none() {
        eprintln!("skipped: {path} is not there");
    }
    text
}

fn proven(instance: &crate::instances::Instance, p: usize) -> Option<(i128, i128)> {
    let rules = Rules { sites: instance.sites, open_min: p, open_max: p, ..Rules::default() };
    solve(&rules, &instance.assignment, 0.0, &Stop::default(), &Silent).expect("solved").exact
}

#[test]
fn orlib_medians_are_proven() {
    let Some(optima) = data("orlib_pmed/optima.csv") else { return };
    for line in optima.lines().skip(1) {
        let (name, optimum) = line.split_once(',').expect("two columns");
        let optimum: i128 = optimum.trim().parse().expect("a number");
        let Some(text) = data(&format!("orlib_pmed/{name}.txt")) else { continue };
        let instance = crate::instances::pmed(&text).expect("a graph");
        let p = instance.default_p.expect("the file says");
        assert_eq!(proven(&instance, p), Some((optimum, optimum)), "{name}");
    }
}

#[test]
fn tsplib_medians_are_proven() {
    let Some(known) = data("tsplib/best_known.csv") else { return };
    let Some(text) = data("tsplib/rl1304.tsp") else { return };
    let instance = crate::instances::tsplib(&text).expect("points");
    for line in known.lines().filter(|line| line.starts_with("rl1304,")) {
        let mut columns = line.split(',').skip(2).map(|column| column.parse::<i128>().unwrap_or(0));
        let (p, value) = (columns.next().expect("p"), columns.next().expect("a value"));
        if [5, 20, 300].contains(&p) {
            assert_eq!(proven(&instance, p as usize), Some((value, value)), "p = {p}");
        }
    }
}
