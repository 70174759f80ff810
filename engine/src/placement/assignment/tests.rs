//! Against enumeration of all open sets, with a checker of proofs that shares no code with the search.

use std::sync::Arc;

use domain::places::{Measure, Places, on_map};
use domain::problem::{Assignment, CostRows, Row, Rules, Site};
use domain::reach::{Cover, Floor, Point, WHOLE};
use domain::stop::{Cut, Silent, Stop};
use proptest::prelude::*;

use super::search::Sizes;
use super::{Warm, solve, solve_by};
use crate::placement::{Placed, PlacementError, Proof, ProofFixing};

mod large;

/// Every open set, as bits.
fn subsets(rules: &Rules) -> impl Iterator<Item = Vec<Site>> {
    let sites = rules.sites as u32;
    (0_u32..1 << sites).map(move |set| (0..sites).filter(|site| set >> site & 1 == 1).collect())
}

fn cost(problem: &Assignment, zone: usize, site: Site) -> u32 {
    match &problem.costs {
        CostRows::Dense { sites, costs } => costs[zone * sites + site as usize],
        CostRows::Sparse { starts, site: listed, cost } => {
            let entry = (starts[zone]..starts[zone + 1]).find(|entry| listed[*entry] == site);
            entry.map_or(u32::MAX, |entry| cost[entry])
        }
        CostRows::Places(places) => places.cost(zone, site),
    }
}

/// Whether the rules allow an open set and every zone that must be served is.
fn possible(rules: &Rules, problem: &Assignment, open: &[Site]) -> bool {
    let served = |zone: usize| {
        problem.weights[zone] == 0
            || problem.fallback[zone] != u32::MAX
            || open.iter().any(|&site| cost(problem, zone, site) != u32::MAX)
    };
    rules.allow(open) && (0..problem.zones()).all(served)
}

fn best(rules: &Rules, problem: &Assignment) -> Option<i128> {
    subsets(rules).filter(|open| possible(rules, problem, open)).map(|open| problem.value(&open)).min()
}

/// Checks a proof by enumeration: each step's prices over every open set that the step speaks of.
fn confirm(rules: &Rules, problem: &Assignment, proof: &Proof) -> Result<(), String> {
    let counted = |open: &[Site]| {
        (rules.open_min..=rules.open_max).contains(&open.len())
            && rules.require.iter().all(|site| open.contains(site))
            && !rules.exclude.iter().any(|site| open.contains(site))
    };
    // What the prices say that an open set costs at least, whole.
    let least = |position: usize, open: &[Site]| -> Result<i128, String> {
        let prices = &proof.prices[position];
        let mut sum = 0_i128;
        for (zone, &price) in prices.zones.iter().enumerate() {
            let highest = i128::from(problem.fallback[zone]) << proof.price_bits;
            if i128::from(price) < 0 || (problem.weights[zone] > 0 && i128::from(price) > highest) {
                return Err(format!("price {price} of zone {zone}"));
            }
            let saved =
                |&site: &Site| (i128::from(price) - (i128::from(cost(problem, zone, site)) << proof.price_bits)).max(0);
            sum += i128::from(problem.weights[zone]) * (i128::from(price) - open.iter().map(saved).sum::<i128>());
        }
        for &(row, upper, lower) in &prices.rows {
            let rule = &rules.rows[row];
            if upper < 0 || lower < 0 || (upper > 0 && rule.max.is_none()) || (lower > 0 && rule.min.is_none()) {
                return Err(format!("prices of row {row}"));
            }
            let value = i128::from(rule.value(open));
            sum += i128::from(upper) * (value - i128::from(rule.max.unwrap_or(0)));
            sum -= i128::from(lower) * (value - i128::from(rule.min.unwrap_or(0)));
        }
        for &(one, other, price) in &prices.pairs {
            if price < 0 || !rules.conflicts.contains(&(one, other)) {
                return Err(format!("price of pair {one} {other}"));
            }
            let both = i128::from(open.contains(&one)) + i128::from(open.contains(&other));
            sum += i128::from(price) * (both - 1);
        }
        // Costs are whole: anything above B - 1 is at least B.
        let unit = 1_i128 << proof.price_bits;
        Ok(sum.div_euclid(unit) + i128::from(sum.rem_euclid(unit) > 0))
    };
    let within = |open: &[Site], fixing: &ProofFixing| {
        fixing.open.iter().all(|site| open.contains(site)) && !fixing.shut.iter().any(|site| open.contains(site))
    };
    // Plans that the steps so far have shown to cost the bound or more.
    let mut shown: Vec<Vec<Site>> = Vec::new();
    for fixing in &proof.fixings {
        for open in subsets(rules) {
            let speaks = within(&open, fixing) && open.iter().any(|site| fixing.closed.contains(site));
            if counted(&open) && speaks && !shown.contains(&open) {
                if least(fixing.prices, &open)? < proof.bound {
                    return Err(format!("{fixing:?} at {open:?}"));
                }
                shown.push(open);
            }
        }
    }
    let agrees = |open: &[Site], leaf: &(Vec<Site>, Vec<Site>, Option<usize>)| {
        leaf.0.iter().all(|site| open.contains(site)) && !leaf.1.iter().any(|site| open.contains(site))
    };
    for open in subsets(rules).filter(|open| counted(open) && !shown.contains(open)) {
        let mut covered = false;
        for leaf in proof.leaves.iter().filter(|leaf| agrees(&open, leaf)) {
            covered = true;
            match leaf.2 {
                Some(position) if least(position, &open)? < proof.bound => return Err(format!("{leaf:?} at {open:?}")),
                None if rules.allow(&open) => return Err(format!("{leaf:?} is not empty: {open:?}")),
                _ => {}
            }
        }
        if !covered {
            return Err(format!("{open:?} is in no leaf"));
        }
    }
    Ok(())
}

fn problems(sites: usize) -> impl Strategy<Value = Assignment> {
    let zone = (0_u64..9, prop_oneof![2 => 0_u32..25, 1 => Just(u32::MAX)]);
    let costs = prop_oneof![0_u32..30, 0_u32..2];
    let point = || (0_u8..12, 0_u8..12).prop_map(|(x, y)| on_map(f64::from(x), f64::from(y)));
    let measured = (prop::collection::vec((0_u64..9, point()), 1..9), prop::collection::vec(point(), sites)).prop_map(
        |(zones, sites)| {
            let weights: Vec<u64> = zones.iter().map(|zone| zone.0).collect();
            let places = Places {
                zones: zones.into_iter().map(|zone| zone.1).collect(),
                sites,
                measure: Measure::Plane,
                scale: 2.0,
            };
            Assignment { fallback: vec![u32::MAX; weights.len()], weights, costs: CostRows::Places(places) }
        },
    );
    let listed = (prop::collection::vec((zone, prop::collection::vec((costs, 0_u8..4), sites)), 1..9), any::<bool>())
        .prop_map(move |(rows, dense)| {
            let weights = rows.iter().map(|row| row.0.0).collect();
            let fallback = rows.iter().map(|row| row.0.1).collect();
            let costs = if dense {
                CostRows::Dense { sites, costs: rows.iter().flat_map(|row| row.1.iter().map(|pair| pair.0)).collect() }
            } else {
                let (mut starts, mut site, mut cost) = (vec![0], Vec::new(), Vec::new());
                for (_, row) in &rows {
                    for (at, &(value, listed)) in (0..).zip(row) {
                        if listed > 0 {
                            site.push(at);
                            cost.push(value);
                        }
                    }
                    starts.push(site.len());
                }
                CostRows::Sparse { starts, site, cost }
            };
            Assignment { weights, fallback, costs }
        });
    prop_oneof![2 => listed, 1 => measured]
}

fn rules(sites: usize) -> impl Strategy<Value = Rules> {
    let all = sites as Site;
    let some = |chance: f64| prop::collection::vec(prop::bool::weighted(chance), sites);
    let chosen =
        |marks: Vec<bool>| (0_u32..).zip(marks).filter(|(_, mark)| *mark).map(|(site, _)| site).collect::<Vec<_>>();
    let row = (
        prop::collection::vec((prop::bool::weighted(0.7), -3_i64..9), sites),
        prop::option::of(-2_i64..12),
        prop::option::of(0_i64..20),
    );
    let row = row.prop_map(|(terms, min, max)| Row {
        name: "row".into(),
        terms: (0_u32..).zip(terms).filter(|(_, (on, _))| *on).map(|(site, (_, term))| (site, term)).collect(),
        min,
        max,
    });
    let conflicts = prop::collection::btree_set((0..all, 0..all), 0..5)
        .prop_map(|pairs| pairs.into_iter().filter(|(one, other)| one < other).collect::<Vec<_>>());
    // Half of them with counts alone, which the search has a way of its own for.
    let sides = prop_oneof![
        Just((Vec::new(), Vec::new(), Vec::new())),
        (prop::collection::vec(row, 0..3), conflicts, prop::collection::vec(floor(sites), 0..3)),
    ];
    ((0_usize..3, 0_usize..4), some(0.1), some(0.15), sides).prop_map(
        move |((open_min, more), require, exclude, (rows, conflicts, floors))| {
            let mut rules = Rules {
                sites,
                open_min,
                open_max: (open_min + more).min(sites),
                require: chosen(require),
                exclude: chosen(exclude),
                rows,
                conflicts,
                reach: Vec::new(),
            };
            for (at, (floor, points)) in (0..).zip(floors) {
                rules.reach.push(Floor { name: format!("reach.{at}"), ..floor });
                for point in points {
                    rules.bind(at, point);
                }
            }
            rules
        },
    )
}

/// A floor on people, loose, tight or out of reach, and points at which it has rows.
fn floor(sites: usize) -> impl Strategy<Value = (Floor, Vec<Point>)> {
    let all = sites as Site;
    let zones = prop::collection::vec((0_i64..50, prop::collection::btree_set(0..all, 0..=sites.min(3))), 1..7);
    let shares = prop::collection::vec(prop_oneof![Just(0), Just(WHOLE), 0..=WHOLE], sites);
    let points = prop::collection::vec(shares, 0..4);
    (zones, 0_i64..20, 0.0..0.9_f64, points).prop_map(move |(zones, already, part, points)| {
        let counted = already + zones.iter().map(|zone| zone.0).sum::<i64>();
        let zones = zones.into_iter().map(|(weight, sites)| (weight, sites.into_iter().collect()));
        let cover = Arc::new(Cover::new(sites, zones));
        let at_least = (part * counted as f64) as i64;
        let floor = Floor { name: String::new(), at_least, already, counted, cover, points: Vec::new() };
        (floor, points.into_iter().map(|shares| (0..).zip(shares).filter(|part| part.1 > 0).collect()).collect())
    })
}

/// Ways through the search that a small problem would not take by its size.
fn ways() -> impl Strategy<Value = Sizes> {
    let few = || prop_oneof![Just(0_usize), Just(usize::MAX)];
    (few(), few(), 1_usize..4, 1_usize..6, few(), few()).prop_map(
        |(sites_few, pairs_few, core, sample, volume, pairs_lp)| Sizes {
            sites_few,
            pairs_few,
            core,
            sample,
            volume,
            pairs_lp,
        },
    )
}

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

/// Towns on a line, far more zones than sites.
fn towns(sites: usize, zones: usize) -> Assignment {
    let place = |at: usize, of: usize| (at * at * 7919 + at * 104_729) % (of * 1000);
    let costs = (0..zones).flat_map(|zone| {
        (0..sites).map(move |site| {
            let (one, other) = (place(zone + 1, 97), place(site + 3, 97));
            u32::try_from(one.abs_diff(other)).expect("short")
        })
    });
    Assignment {
        weights: (0..zones as u64).map(|zone| zone * zone % 89).collect(),
        fallback: vec![40_000; zones],
        costs: CostRows::Dense { sites, costs: costs.collect() },
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
