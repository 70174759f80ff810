//! Prices of rows and pairs are as large as objectives are: none may be cut off because numbers are.

use super::*;

/// A chain of towns on a grid, its sites with costs, and what a budget and a distance rule leave.
fn town(scale: u64, capex: i64) -> (Rules, Assignment) {
    let (sites, zones) = (60_u32, 300_u32);
    let mut draw = 7_u64;
    let mut next = |below: u64| {
        draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (draw >> 33) % below
    };
    let places: Vec<(i64, i64)> = (0..sites).map(|_| (next(1_000) as i64, next(1_000) as i64)).collect();
    let mut costs = Vec::new();
    let mut weights = Vec::new();
    for _ in 0..zones {
        let (x, y) = (next(1_000) as i64, next(1_000) as i64);
        weights.push((1 + next(90)) * scale);
        costs.extend(
            places.iter().map(|place| (place.0 - x).unsigned_abs() as u32 + (place.1 - y).unsigned_abs() as u32),
        );
    }
    let terms = (0..sites).map(|site| (site, 20 + next(80) as i64)).collect();
    let near = |one: u32, other: u32| {
        let (one, other) = (places[one as usize], places[other as usize]);
        (one.0 - other.0).abs() + (one.1 - other.1).abs() < 120
    };
    let conflicts =
        (0..sites).flat_map(|one| (one + 1..sites).map(move |other| (one, other))).filter(|pair| near(pair.0, pair.1));
    let rules = Rules {
        sites: sites as usize,
        open_min: 0,
        open_max: 6,
        require: vec![],
        exclude: vec![],
        rows: vec![Row { name: "capex".into(), terms, min: None, max: Some(capex) }],
        conflicts: conflicts.collect(),
        reach: Vec::new(),
    };
    let problem = Assignment {
        weights,
        fallback: vec![4_000; zones as usize],
        costs: CostRows::Dense { sites: sites as usize, costs },
    };
    (rules, problem)
}

#[test]
fn a_billion_people_take_no_more_nodes() {
    for capex in [200, 250, 300] {
        let solved = |scale: u64| {
            let (rules, problem) = town(scale, capex);
            solve(&rules, &problem, 0.0, &Stop::default(), &Silent).expect("a well-formed problem")
        };
        let (small, large) = (solved(1), solved(1 << 16));
        assert_eq!(small.open, large.open);
        assert_eq!(large.value, large.bound);
        // Small numbers are proven sooner, since a bound may be rounded up to a whole one.
        assert!(large.nodes <= small.nodes + 25, "{} nodes, then {}", small.nodes, large.nodes);
    }
}
