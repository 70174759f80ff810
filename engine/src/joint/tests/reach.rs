//! The joint decision under floors on people against every set of stores, each with every stock.

use std::sync::Arc;

use domain::problem::Site;
use domain::reach::{Cover, Floor};
use domain::stop::{Silent, Stop};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use rayon::prelude::*;

use super::{SITES, World, enumerated, solve, world};
use crate::formulate::bind::tighten;
use crate::formulate::feasible::cheapest;

/// The world of a seed with one or two floors, loose, tight or out of reach, and the rows that the scenario would have.
fn with_floors(seed: u64) -> World {
    let mut world = world(seed);
    let mut rng = Pcg64::seed_from_u64(seed + 50_000);
    for at in 0..rng.random_range(1..3) {
        let spread = rng.random_range(1..6);
        let zones: Vec<(i64, Vec<Site>)> = (0..24)
            .map(|_| {
                let sites = (0..SITES as Site).filter(|_| rng.random_range(0..20) < spread).collect();
                (rng.random_range(0..1_000), sites)
            })
            .collect();
        let already = if rng.random_bool(0.3) { rng.random_range(0..500) } else { 0 };
        let counted = already + zones.iter().map(|zone| zone.0).sum::<i64>();
        let cover = Arc::new(Cover::new(SITES, zones));
        let mut floor = Floor { name: format!("reach.{at}"), at_least: 0, already, counted, cover, points: Vec::new() };
        // What some sites reach together is a floor that binds more often than not.
        let some: Vec<Site> = (0..world.rules.open_max).map(|_| rng.random_range(0..SITES as Site)).collect();
        let most = (0..40).map(|_| rng.random_range(0..SITES as Site)).collect::<Vec<Site>>();
        floor.at_least = match rng.random_range(0..4) {
            0 => floor.value(&some) / 2,
            1 | 2 => floor.value(&some),
            _ => floor.value(&most[..2 * world.rules.open_max]),
        };
        world.plain.reach.push(floor.clone());
        world.rules.reach.push(floor);
    }
    let worths: Vec<f64> = (0..SITES).map(|_| rng.random::<f64>()).collect();
    // Some are searched without any row: the search has to know the floors by itself.
    if seed % 4 > 0 {
        tighten(&mut world.rules, &worths).expect("a program");
    }
    world
}

#[test]
fn nothing_that_keeps_the_floors_beats_the_joint_decision() {
    let told: Vec<(u64, Option<String>, [bool; 2])> = (0..400_u64)
        .into_par_iter()
        .map(|seed| {
            let world = with_floors(seed);
            let (placed, _) = solve(&world.joint(), None, 0.0, &Stop::default(), &Silent).expect("solved");
            let truth = enumerated(&world);
            let right = match (placed.open.as_ref(), truth) {
                (None, None) => true,
                (Some(open), Some(truth)) => {
                    // Stock is solved to a part of what it earns, of which the stores' costs are taken off.
                    let costs: f64 = open.iter().map(|&site| world.open_costs[site as usize]).sum();
                    let scale = (truth.abs() + costs).max(1.0);
                    world.plain.allow(open)
                        && (placed.value - truth).abs() < 2e-5 * scale
                        && placed.bound >= truth - 2e-5 * scale
                        && placed.bound - placed.value < 1e-5 * scale
                }
                _ => false,
            };
            let mut free = world.plain.clone();
            free.reach.clear();
            let binds = truth != enumerated(&World { plain: free, ..with_floors(seed) });
            let told = format!("seed {seed}: {:?} {} to {}, truth {truth:?}", placed.open, placed.value, placed.bound);
            (seed, (!right).then_some(told), [binds, truth.is_none()])
        })
        .collect();
    let wrong: Vec<&String> = told.iter().filter_map(|told| told.1.as_ref()).collect();
    assert!(wrong.is_empty(), "{} wrong, such as {:#?}", wrong.len(), &wrong[..wrong.len().min(5)]);
    let count = |which: usize| told.iter().filter(|told| told.2[which]).count();
    assert!(count(0) > 100 && count(1) > 20, "{} bind, {} leave no plan", count(0), count(1));
}

#[test]
fn rules_are_called_impossible_exactly_where_they_are() {
    let wrong: Vec<u64> = (0..400_u64)
        .into_par_iter()
        .filter(|&seed| {
            let world = with_floors(seed);
            let found = cheapest(&world.plain, None).expect("solved");
            let mut sets: Vec<Vec<Site>> = vec![Vec::new()];
            let mut at = 0;
            while at < sets.len() {
                if sets[at].len() < world.plain.open_max {
                    let next = sets[at].last().map_or(0, |last| last + 1);
                    let more = (next..SITES as Site).map(|site| [sets[at].as_slice(), &[site]].concat());
                    let more: Vec<Vec<Site>> = more.collect();
                    sets.extend(more);
                }
                at += 1;
            }
            let any = sets.iter().any(|open| world.plain.allow(open));
            any != found.is_some() || found.is_some_and(|open| !world.plain.allow(&open))
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}
