//! The worst outcomes against every set of stores, each with every stock.

use domain::forecast::Rates;
use domain::problem::Site;
use domain::settings::{Aim, Measure};
use domain::stop::{Silent, Stop};
use ndarray::Axis;
use rayon::prelude::*;

use super::super::tests::{REACH, World, ways, with_samples};
use super::{Answer, Found, Joint, solve};
use crate::joint::guard::Guard;
use crate::pilot;
use crate::stock::factors;
use crate::stock::ledger::Score;
use crate::stock::terms::Terms;
use crate::stock::window::Window;

const SITES: Site = 9;
const SAMPLES: usize = 7;
const UNITS: u32 = 4;
/// The solver of the stock keeps 1e-6 of values scaled to 1.
const CLOSE: f64 = 2e-5;

/// Few enough stores and units that every plan can be looked at.
fn world(seed: u64) -> World {
    let mut world = with_samples(seed, SAMPLES, REACH);
    world.stocking.units_max = UNITS;
    for rules in [&mut world.rules, &mut world.plain] {
        rules.open_max = rules.open_max.min(3);
        rules.open_min = rules.open_min.min(rules.open_max);
        rules.require.retain(|&site| site < SITES);
        rules.exclude.extend(SITES..20);
        rules.exclude.sort_unstable();
        rules.exclude.dedup();
    }
    world
}

/// (money, units, earned by sample) of a way to stock a store, or several.
type Way = (i64, i64, [f64; SAMPLES]);

fn sum(one: &[f64; SAMPLES], other: &[f64; SAMPLES]) -> [f64; SAMPLES] {
    std::array::from_fn(|at| one[at] + other[at])
}

/// What 0, 1, .. units earn, by sample.
fn by_sample(rates: Rates<'_>, factor: f64, terms: &Terms) -> Vec<[f64; SAMPLES]> {
    let window = |&rate: &f64| Window::of(Rates::alike(&[rate]), factor, terms, UNITS as usize + 1);
    let windows: Vec<Window> = rates.values.iter().map(window).collect();
    (0..=UNITS).map(|units| std::array::from_fn(|at| windows[at].profit(units, terms))).collect()
}

/// Outcomes of every plan, seen one by one.
fn each_plan(world: &World, mut see: impl FnMut(&[f64; SAMPLES])) {
    let mut sets: Vec<Vec<Site>> = vec![Vec::new()];
    let mut at = 0;
    while at < sets.len() {
        if sets[at].len() < world.rules.open_max {
            let next = sets[at].last().map_or(0, |last| last + 1);
            sets.extend((next..SITES).map(|site| [sets[at].as_slice(), &[site]].concat()).collect::<Vec<_>>());
        }
        at += 1;
    }
    let allowed = |open: &Vec<Site>| world.plain.allow(open) && pilot::tests::has_controls(&world.comparison, open);
    for open in sets.into_iter().filter(allowed) {
        let rows: Vec<usize> = open.iter().map(|&site| site as usize).collect();
        let factors = factors(&world.capture.demand(&rows), &world.capture.alone.select(Axis(0), &rows));
        let cost: f64 = rows.iter().map(|&row| world.open_costs[row]).sum();
        let mut sums: Vec<Way> = vec![(0, 0, [-cost; SAMPLES])];
        for (&row, factors) in rows.iter().zip(factors.outer_iter()) {
            let here = ways(world, row, &factors.to_vec(), [0.0; SAMPLES], by_sample, sum);
            let fits = |way: &Way| {
                world.stocking.money_max.is_none_or(|max| way.0 <= max)
                    && world.stocking.stock_max.is_none_or(|max| way.1 <= max)
            };
            let with = |one: &Way, way: &Way| (one.0 + way.0, one.1 + way.1, sum(&one.2, &way.2));
            let all = sums.iter().flat_map(|one| here.iter().map(move |way| with(one, way)));
            sums = all.filter(fits).collect();
        }
        sums.iter().for_each(|way| see(&way.2));
    }
}

/// The mean of all outcomes and of the worst ones.
fn fares(tail: f64, profits: &[f64; SAMPLES]) -> (f64, f64) {
    let mut sorted = *profits;
    sorted.sort_unstable_by(f64::total_cmp);
    let (mut left, mut worst) = (tail * SAMPLES as f64, 0.0);
    for profit in sorted {
        worst += left.clamp(0.0, 1.0) * profit;
        left -= 1.0;
    }
    (profits.iter().sum::<f64>() / SAMPLES as f64, worst / (tail * SAMPLES as f64))
}

/// (E, CVaR) of every plan that no other beats in both.
fn enumerated(world: &World, tail: f64) -> Vec<(f64, f64)> {
    let mut best: Vec<(f64, f64)> = Vec::new();
    each_plan(world, |profits| {
        let (mean, worst) = fares(tail, profits);
        if !best.iter().any(|other| other.0 >= mean && other.1 >= worst) {
            best.retain(|other| other.0 > mean || other.1 > worst);
            best.push((mean, worst));
        }
    });
    best
}

/// The most of all; none of none.
fn most(values: impl Iterator<Item = f64>) -> Option<f64> {
    values.reduce(f64::max)
}

fn decided(world: &World, measure: Measure, gap: f64) -> Answer {
    let joint = Joint { guard: Some(Guard::new(measure)), ..world.joint() };
    solve(&joint, measure, None, gap, &Stop::default(), &Silent).expect("solved")
}

/// What is wrong with a plan beside the truth; whether its gap is closed.
fn judged(world: &World, measure: &Measure, found: &Found, truth: f64) -> Result<bool, String> {
    let scale = truth.abs().max(1.0);
    let (value, bound) = (found.placed.value, found.placed.bound);
    let open = found.placed.open.clone().unwrap_or_default();
    let closed = bound - value < 1e-4 * scale;
    let right = world.rules.allow(&open)
        && found.hedged.score.kept
        && (found.hedged.score.value(measure) - value).abs() < 1e-9 * scale
        && (measure.cvar(&found.hedged.profits) - found.hedged.score.cvar).abs() < 1e-9 * scale
        && value <= truth + CLOSE * scale
        && value <= bound
        // What was proved, before it is lifted to what was found.
        && found.bounded.bound >= truth - CLOSE * scale
        && (!closed || value >= truth - 1.2e-4 * scale);
    if right {
        Ok(closed)
    } else {
        Err(format!("{open:?} {value} to {bound} from {}, truth {truth}", found.bounded.bound))
    }
}

/// Fails where anything is wrong; the share of closed gaps.
fn all_right(answers: Vec<Result<bool, String>>) -> f64 {
    let (right, wrong): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    let wrong: Vec<String> = wrong.into_iter().filter_map(Result::err).collect();
    assert!(wrong.is_empty(), "{} wrong, such as {:#?}", wrong.len(), &wrong[..wrong.len().min(5)]);
    right.iter().filter(|closed| **closed == Ok(true)).count() as f64 / right.len() as f64
}

const TAILS: [f64; 4] = [0.1, 0.25, 0.4, 0.8];

#[test]
fn nothing_beats_the_weighted_decision_in_two_hundred_problems() {
    let answers = (0..200_u64).into_par_iter().map(|seed| {
        let world = world(seed);
        let weight = [0.3, 0.7, 1.0][seed as usize / 3 % 3];
        let measure = Measure { tail: TAILS[seed as usize % 4], aim: Aim::Weight(weight) };
        let all = enumerated(&world, measure.tail);
        let truth = most(all.iter().map(|(mean, worst)| (1.0 - weight) * mean + weight * worst));
        match (decided(&world, measure, 1e-6), truth) {
            (Answer::Nothing(placed), None) if placed.cut.is_none() => Ok(true),
            (Answer::Found(found), Some(truth)) => {
                judged(&world, &measure, &found, truth).map_err(|wrong| format!("seed {seed}: {wrong}"))
            }
            (answer, truth) => Err(format!("seed {seed}: {answer:?}, truth {truth:?}")),
        }
    });
    let closed = all_right(answers.collect());
    println!("closed: {closed}");
    assert!(closed > 0.62, "{closed}");
}

#[test]
fn nothing_beats_the_decision_above_a_floor_in_two_hundred_problems() {
    let answers = (0..200_u64).into_par_iter().map(|seed| {
        let world = world(seed);
        let tail = TAILS[seed as usize % 4];
        let all = enumerated(&world, tail);
        let plain = all.iter().max_by(|one, other| one.0.total_cmp(&other.0));
        let (Some(best), Some(plain)) = (most(all.iter().map(|plan| plan.1)), plain) else { return Ok(true) };
        // From what the plain plan reaches to a little more than any does.
        let part = [0.2, 0.5, 0.9, 1.05][seed as usize / 4 % 4];
        let floor = plain.1 + part * (best - plain.1) + if part > 1.0 { 0.01 } else { 0.0 };
        let measure = Measure { tail, aim: Aim::Floor(floor) };
        let truth = most(all.iter().filter(|plan| plan.1 >= floor).map(|plan| plan.0));
        let scale = best.abs().max(1.0);
        match (decided(&world, measure, 1e-6), truth) {
            (Answer::Below { most, bound }, truth) => {
                let right = most <= best + CLOSE * scale && bound >= best - CLOSE * scale && most < floor;
                // That none was found where there is one is allowed where the bound does not deny it.
                let honest = truth.is_none() || bound >= floor;
                if right && honest {
                    Ok(truth.is_none() && bound < floor)
                } else {
                    Err(format!("seed {seed}: {most} to {bound} below {floor}, truth {best:?}"))
                }
            }
            (Answer::Found(found), Some(truth)) => {
                judged(&world, &measure, &found, truth).map_err(|wrong| format!("seed {seed}: {wrong}"))
            }
            (answer, truth) => Err(format!("seed {seed}: {answer:?}, truth {truth:?}")),
        }
    });
    let closed = all_right(answers.collect());
    println!("closed: {closed}");
    assert!(closed > 0.5, "{closed}");
}

#[test]
fn all_outcomes_and_no_weight_are_the_plain_problem() {
    for seed in 0..40 {
        let world = world(seed);
        let (placed, _) = super::super::solve(&world.joint(), None, 1e-6, &Stop::default(), &Silent).expect("solved");
        for (tail, weight) in [(1.0, 1.0), (1.0, 0.4), (0.2, 0.0)] {
            match decided(&world, Measure { tail, aim: Aim::Weight(weight) }, 1e-6) {
                Answer::Found(found) => {
                    let scale = placed.value.abs().max(1.0);
                    assert_eq!(found.bounded.weights, None, "seed {seed}");
                    assert!((found.placed.value - placed.value).abs() < CLOSE * scale, "seed {seed}");
                    assert!((found.placed.bound - placed.bound).abs() < CLOSE * scale, "seed {seed}");
                }
                Answer::Nothing(_) => assert_eq!(placed.open, None, "seed {seed}"),
                answer => panic!("seed {seed}: {answer:?}"),
            }
        }
    }
}

#[test]
fn more_weight_never_raises_the_mean_nor_lowers_the_worst() {
    let mut compared = 0;
    for seed in 0..24 {
        let world = world(seed);
        let mut last: Option<(f64, Score)> = None;
        for weight in [0.0, 0.25, 0.5, 0.75] {
            let measure = Measure { tail: 0.3, aim: Aim::Weight(weight) };
            let Answer::Found(found) = decided(&world, measure, 1e-6) else { break };
            if found.placed.bound - found.placed.value > 1e-5 * found.placed.value.abs().max(1.0) {
                continue;
            }
            let here = found.hedged.score;
            if let Some((before, there)) = last {
                // Two plans that are each best to within the gap may differ by the gap over the step in weight.
                let slack = 1e-4 * here.mean.abs().max(here.cvar.abs()).max(1.0) / (weight - before);
                assert!(here.mean <= there.mean + slack, "seed {seed}: {here:?} after {there:?}");
                assert!(here.cvar >= there.cvar - slack, "seed {seed}: {here:?} after {there:?}");
                compared += 1;
            }
            last = Some((weight, here));
        }
    }
    println!("compared: {compared}");
    assert!(compared > 20, "{compared}");
}
