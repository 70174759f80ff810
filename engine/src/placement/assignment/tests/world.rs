//! Small problems of many kinds, and their best open set by looking at all of them.

use std::sync::Arc;

use domain::places::{Measure, Places, on_map};
use domain::problem::{Assignment, CostRows, Row, Rules, Site};
use domain::reach::{Cover, Floor, Point, WHOLE};
use proptest::prelude::*;

use crate::placement::assignment::search::Sizes;

/// Every open set, as bits.
pub(super) fn subsets(rules: &Rules) -> impl Iterator<Item = Vec<Site>> {
    let sites = rules.sites as u32;
    (0_u32..1 << sites).map(move |set| (0..sites).filter(|site| set >> site & 1 == 1).collect())
}

pub(super) fn cost(problem: &Assignment, zone: usize, site: Site) -> u32 {
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
pub(super) fn possible(rules: &Rules, problem: &Assignment, open: &[Site]) -> bool {
    let served = |zone: usize| {
        problem.weights[zone] == 0
            || problem.fallback[zone] != u32::MAX
            || open.iter().any(|&site| cost(problem, zone, site) != u32::MAX)
    };
    rules.allow(open) && (0..problem.zones()).all(served)
}

pub(super) fn best(rules: &Rules, problem: &Assignment) -> Option<i128> {
    subsets(rules).filter(|open| possible(rules, problem, open)).map(|open| problem.value(&open)).min()
}

pub(super) fn problems(sites: usize) -> impl Strategy<Value = Assignment> {
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

pub(super) fn rules(sites: usize) -> impl Strategy<Value = Rules> {
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
pub(super) fn ways() -> impl Strategy<Value = Sizes> {
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

/// Towns on a line, far more zones than sites.
pub(super) fn towns(sites: usize, zones: usize) -> Assignment {
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
