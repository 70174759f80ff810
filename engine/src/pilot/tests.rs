//! Controls against every way to choose them.

use std::sync::Arc;

use domain::geo::LatLon;
use domain::problem::Site;
use models::trial::History;
use ndarray::Array2;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use super::{Balance, Comparison};

/// Stores that are no sites.
const OTHERS: usize = 10;

/// A comparison of `sites` sites and ten stores more, with random sales; some of it rules out plans.
pub(crate) fn random(rng: &mut Pcg64, sites: usize, stores_max: usize) -> Comparison {
    let (stores, weeks) = (sites + OTHERS, 12);
    let sales = Array2::from_shape_fn((stores, weeks), |_| {
        if rng.random_bool(0.05) { f64::NAN } else { 5.0 + 10.0 * rng.random::<f64>() }
    });
    let group = (0..stores).map(|store| u32::from(store % 5 == 0)).collect();
    let history = History::grouped(sales.view(), group).expect("sales");
    let place = |rng: &mut Pcg64| LatLon { lat: rng.random::<f64>(), lon: rng.random::<f64>() }.unit();
    let mut comparison = Comparison {
        rivals: Vec::new(),
        randomised: false,
        each: if stores_max <= 2 { rng.random_range(1..3) } else { 1 },
        stores_max,
        store_of: (0..sites).collect(),
        eligible: (0..stores).map(|_| rng.random_bool(0.8)).collect(),
        places: (0..stores).map(|_| place(rng)).collect(),
        spillover_km: if rng.random_bool(0.5) { 25.0 * rng.random::<f64>() } else { 0.0 },
        history: Arc::new(history),
        weeks: 0..weeks,
        limit: None,
        balanced: Vec::new(),
        nearest: Vec::new(),
    };
    if rng.random_bool(0.3) {
        let values = (0..stores).map(|_| if rng.random_bool(0.05) { f64::NAN } else { rng.random::<f64>() }).collect();
        comparison.balanced = vec![Balance { name: "area".into(), values, within: 0.15 * rng.random::<f64>() }];
    }
    if rng.random_bool(0.6) {
        // Of the order of what controls cost.
        comparison.limit = Some((0.02 + 0.1 * rng.random::<f64>()) / stores_max as f64);
    }
    comparison.ready()
}

/// Whether the open sites have controls that obey every rule, by trying all.
pub(crate) fn has_controls(comparison: &Comparison, open: &[Site]) -> bool {
    if !comparison.rules_out() || open.is_empty() {
        return true;
    }
    let stores: Vec<usize> = open.iter().map(|&site| comparison.store_of[site as usize]).collect();
    let most = comparison.limit.map_or(f64::INFINITY, |limit| limit * (open.len() * open.len()) as f64);
    let known = |store: usize| comparison.balanced.iter().all(|balance| balance.values[store].is_finite());
    if !stores.iter().all(|&store| known(store)) {
        return false;
    }
    let may = |store: usize| {
        let apart =
            |chosen: &usize| comparison.places[*chosen].km_to(comparison.places[store]) >= comparison.spillover_km;
        comparison.eligible[store] && known(store) && !stores.contains(&store) && stores.iter().all(apart)
    };
    let pool: Vec<usize> = (0..comparison.eligible.len()).filter(|&store| may(store)).collect();
    let rows: Vec<usize> = stores.iter().flat_map(|&store| std::iter::repeat_n(store, comparison.each)).collect();
    place(comparison, &rows, &pool, most * comparison.each as f64, &mut Vec::new())
}

fn place(comparison: &Comparison, rows: &[usize], pool: &[usize], left: f64, taken: &mut Vec<usize>) -> bool {
    if taken.len() == rows.len() {
        let count = rows.len() as f64;
        return comparison.balanced.iter().all(|balance| {
            let mean = |stores: &[usize]| stores.iter().map(|&store| balance.values[store]).sum::<f64>() / count;
            (mean(rows) - mean(taken)).abs() <= balance.within
        });
    }
    let own = rows[taken.len()];
    // Controls of one store come in ascending order: their order makes no difference.
    let from = (taken.len() % comparison.each > 0).then(|| taken[taken.len() - 1] + 1).unwrap_or(0);
    for &control in pool.iter().filter(|&&control| control >= from) {
        let cost = comparison.history.variance(own, control, comparison.weeks.clone());
        if !cost.is_finite() || cost > left || taken.contains(&control) {
            continue;
        }
        taken.push(control);
        let found = place(comparison, rows, pool, left - cost, taken);
        taken.pop();
        if found {
            return true;
        }
    }
    false
}

#[test]
fn controls_are_found_where_there_are_any() {
    let (mut with, mut without) = (0, 0);
    for seed in 0..400 {
        let mut rng = Pcg64::seed_from_u64(seed);
        let stores_max = rng.random_range(1..4);
        let comparison = random(&mut rng, 14, stores_max);
        for _ in 0..10 {
            let mut open: Vec<Site> = (0..stores_max).map(|_| rng.random_range(0..14)).collect();
            open.sort_unstable();
            open.dedup();
            let (found, truth) = (comparison.allows(&open).expect("solved"), has_controls(&comparison, &open));
            assert_eq!(found, truth, "seed {seed}: {open:?}");
            if let Some((row, never)) = comparison.row().filter(|_| truth) {
                assert!(row.allows(&open), "seed {seed}: the row cuts off {open:?}");
                assert!(!open.iter().any(|site| never.contains(site)), "seed {seed}");
            }
            *if truth { &mut with } else { &mut without } += 1;
        }
    }
    assert!(with > 500 && without > 500, "{with} {without}");
}

#[test]
fn a_short_list_of_controls_is_looked_at_again() {
    let mut rng = Pcg64::seed_from_u64(3);
    let mut comparison = Comparison { limit: Some(1.0), ..random(&mut rng, 14, 3) }.ready();
    let open = [1, 2, 3];
    let whole = comparison.controls(&open).expect("found");
    for near in &mut comparison.nearest {
        near.first.truncate(1);
        near.more = true;
    }
    assert_eq!(comparison.controls(&open).expect("found"), whole);
}
