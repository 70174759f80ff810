//! The joint decision against every set of stores, each with every stock.

use domain::capture::{CaptureModel, Reach};
use domain::forecast::{DemandSamples, Rates};
use domain::ids::Idx;
use domain::problem::{Row, Rules, Site};
use domain::settings::CaptureLaw;
use domain::stop::{Silent, Stop};
use ndarray::{Array2, Array3, Axis};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use rayon::prelude::*;

mod pairs;
mod reach;

use super::curve::Curves;
use super::prices::Prices;
use super::{Joint, kept, solve};
use crate::pilot::{self, Comparison};
use crate::stock::terms::Terms;
use crate::stock::window::Window;
use crate::stock::{Stocking, factors};

const LAWS: [CaptureLaw; 3] = [CaptureLaw::Independent, CaptureLaw::Nearest, CaptureLaw::Share];
const SITES: usize = 20;

/// A problem with all it borrows.
pub(super) struct World {
    pub(super) rules: Rules,
    /// Without what the comparison adds.
    pub(super) plain: Rules,
    pub(super) comparison: Comparison,
    pub(super) capture: CaptureModel,
    pub(super) open_costs: Vec<f64>,
    pub(super) stocking: Stocking,
    pub(super) samples: DemandSamples,
}

impl World {
    pub(super) fn joint(&self) -> Joint<'_> {
        Joint {
            rules: &self.rules,
            capture: &self.capture,
            open_costs: &self.open_costs,
            stocking: &self.stocking,
            samples: &self.samples,
            comparison: &self.comparison,
            guard: None,
        }
    }
}

fn world(seed: u64) -> World {
    with_samples(seed, 3, REACH)
}

/// Thousandths of a minute that people go, of twelve minutes from end to end.
pub(super) const REACH: u32 = 6_000;

/// The same with so many samples, and people who go so far.
pub(super) fn with_samples(seed: u64, count: usize, far: u32) -> World {
    let mut rng = Pcg64::seed_from_u64(seed);
    let law = LAWS[seed as usize % 3];
    let (devices, zones) = (rng.random_range(1..3_usize), 16);
    let mut point = || (12.0 * rng.random::<f64>(), 12.0 * rng.random::<f64>());
    let at: Vec<(f64, f64)> = (0..SITES).map(|_| point()).collect();
    let rows: Vec<Vec<(u32, u32)>> = (0..zones)
        .map(|zone| {
            let here = point();
            let time = |site: &(f64, f64)| (1000.0 * (site.0 - here.0).hypot(site.1 - here.1)) as u32;
            let near = |pair: &(u32, u32)| pair.1 < far || pair.0 as usize % zones == zone;
            at.iter().enumerate().map(|(j, site)| (j as u32, time(site))).filter(near).collect()
        })
        .collect();
    let rates =
        Array3::from_shape_fn(
            (count, SITES, devices),
            |_| if rng.random_bool(0.1) { 0.0 } else { rng.random::<f64>() },
        );
    let alone = rates.mean_axis(Axis(0)).unwrap_or_default();
    let reach = Reach::from_rows(&rows, 0.3);
    let outside = Array2::from_elem((zones, devices), 0.1 + rng.random::<f64>());
    let people = vec![10.0; zones];
    let capture = CaptureModel::calibrated(law, reach, &people, &vec![0; zones], &[0; SITES], outside, alone, 0.5)
        .expect("everyone is reached");
    let terms: Vec<Option<Terms>> = (0..devices)
        .map(|_| {
            let cost: u32 = rng.random_range(2..7);
            Some(Terms {
                margin: 1.0 + 9.0 * rng.random::<f64>(),
                loss: f64::from(cost) * rng.random::<f64>(),
                holding: 0.1 * rng.random::<f64>(),
                cost: f64::from(cost),
                cost_base_minor: i64::from(cost),
                pack: rng.random_range(1..4),
                shelf: rng.random_range(1..3),
                rate: 1.0,
                weeks: 26.0,
                window: 3.0,
                adopted: 18.0,
                size: if rng.random_bool(0.3) { f64::INFINITY } else { 1.0 + 5.0 * rng.random::<f64>() },
            })
        })
        .collect();
    let mut sometimes = |part: f64, low: i64, high: i64| rng.random_bool(part).then(|| rng.random_range(low..high));
    let stocking = Stocking {
        terms: vec![terms; SITES],
        shelf: (0..SITES).map(|_| sometimes(0.5, 1, 14).map(|shelf| shelf as u32)).collect(),
        money_max: sometimes(0.6, 0, 60),
        stock_max: sometimes(0.4, 0, 16),
        service_min: sometimes(0.3, 50, 95).map(|level| level as f64 / 100.0),
        units_max: 6,
        gap: 1e-7,
    };
    let mut rules = Rules { sites: SITES, open_max: rng.random_range(1..5), ..Rules::default() };
    if rng.random_bool(0.2) {
        rules.open_min = rules.open_max;
    }
    if rng.random_bool(0.2) {
        rules.require = vec![rng.random_range(0..20)];
    }
    if rng.random_bool(0.3) {
        let terms = (0..SITES as Site).map(|site| (site, rng.random_range(1..9))).collect();
        rules.rows.push(Row { name: "budget.capex".into(), terms, min: None, max: Some(rng.random_range(4..20)) });
    }
    if rng.random_bool(0.3) {
        rules.conflicts = vec![(0, 1), (2, 9), (3, 4)];
    }
    let open_costs = (0..SITES).map(|_| 20.0 * rng.random::<f64>()).collect();
    let samples = DemandSamples {
        stores: (0..SITES).map(Idx::new).collect(),
        devices: (0..devices).map(Idx::new).collect(),
        rates,
        adoption: Array2::ones((devices, 26)),
        dispersion: vec![1.0; devices],
        zone_rate: vec![1.0; zones],
        weights: None,
    };
    let comparison = pilot::tests::random(&mut rng, SITES, rules.open_max);
    let plain = rules.clone();
    if let Some((row, never)) = comparison.row() {
        rules.rows.push(row);
        rules.exclude.extend(never);
    }
    rules.exclude.extend(comparison.lacking());
    rules.exclude.sort_unstable();
    rules.exclude.dedup();
    World { rules, plain, comparison, capture, open_costs, stocking, samples }
}

/// (money, units, earned) of every way to stock a store with units up to `units_max`; none where no level keeps the
/// service on the shelf. What 0, 1, .. units of a device earn, and how that adds up, is for the caller to say.
pub(super) fn ways<T: Copy>(
    world: &World,
    row: usize,
    factors: &[f64],
    nothing: T,
    earned: impl Fn(Rates<'_>, f64, &Terms) -> Vec<T>,
    add: impl Fn(&T, &T) -> T,
) -> Vec<(i64, i64, T)> {
    let stocking = &world.stocking;
    let most = stocking.units_max;
    let mut ways = vec![(0_i64, 0_i64, nothing, 0_u32)];
    for (device, &factor) in factors.iter().enumerate() {
        let Some(terms) = &stocking.terms[row][device] else { continue };
        let rates = world.samples.of(row, device);
        let levels: Vec<u32> = (0..=most).filter(|units| units % terms.pack == 0).collect();
        let alone = Window::of(rates, 1.0, terms, most as usize + 1);
        if !levels.iter().any(|&units| alone.profit(units, terms) > 0.0) {
            continue;
        }
        let here = Window::of(rates, factor, terms, most as usize + 1);
        let kept = |units: &u32| stocking.service_min.is_none_or(|level| here.service_level(*units) >= level);
        let earned = earned(rates, factor, terms);
        let levels: Vec<(u32, T)> =
            levels.into_iter().filter(kept).map(|units| (units, earned[units as usize])).collect();
        let with = |way: &(i64, i64, T, u32), (units, earned): &(u32, T)| {
            let money = i64::from(*units) * terms.cost_base_minor;
            (way.0 + money, way.1 + i64::from(*units), add(&way.2, earned), way.3 + units * terms.shelf)
        };
        let all = ways.iter().flat_map(|way| levels.iter().map(move |level| with(way, level)));
        ways = all.filter(|way| stocking.shelf[row].is_none_or(|most| way.3 <= most)).collect();
    }
    ways.into_iter().map(|way| (way.0, way.1, way.2)).collect()
}

/// The ways to stock a store that may be part of a best plan.
fn good_ways(world: &World, row: usize, factors: &[f64]) -> Option<Vec<(i64, i64, f64)>> {
    let most = world.stocking.units_max;
    let earned = |rates: Rates<'_>, factor: f64, terms: &Terms| {
        let window = Window::of(rates, factor, terms, most as usize + 1);
        (0..=most).map(|units| window.profit(units, terms)).collect()
    };
    let mut ways = ways(world, row, factors, 0.0, earned, |one, other| one + other);
    pareto(&mut ways);
    (!ways.is_empty()).then_some(ways)
}

/// Leaves what no other beats in every respect.
fn pareto(ways: &mut Vec<(i64, i64, f64)>) {
    ways.sort_by(|a, b| b.2.total_cmp(&a.2).then((a.0, a.1).cmp(&(b.0, b.1))));
    let mut kept: Vec<(i64, i64, f64)> = Vec::new();
    for way in ways.drain(..) {
        if !kept.iter().any(|other| other.0 <= way.0 && other.1 <= way.1) {
            kept.push(way);
        }
    }
    *ways = kept;
}

/// The best value of any set of stores with any stock.
fn enumerated(world: &World) -> Option<f64> {
    let mut best: Option<f64> = None;
    let mut sets: Vec<Vec<Site>> = vec![Vec::new()];
    let mut at = 0;
    while at < sets.len() {
        if sets[at].len() < world.rules.open_max {
            let next = sets[at].last().map_or(0, |last| last + 1);
            for site in next..SITES as Site {
                let more = [sets[at].as_slice(), &[site]].concat();
                sets.push(more);
            }
        }
        at += 1;
    }
    for open in sets.into_iter().filter(|open| world.plain.allow(open)) {
        let value = value_of(world, &open, best).filter(|value| best.is_none_or(|best| *value > best));
        if let Some(value) = value.filter(|_| pilot::tests::has_controls(&world.comparison, &open)) {
            best = Some(value);
        }
    }
    best
}

/// What a set of stores earns with its best stock; none where no stock obeys the rules, or it can't be above `above`.
fn value_of(world: &World, open: &[Site], above: Option<f64>) -> Option<f64> {
    let rows: Vec<usize> = open.iter().map(|&site| site as usize).collect();
    let factors = factors(&world.capture.demand(&rows), &world.capture.alone.select(Axis(0), &rows));
    let cost: f64 = rows.iter().map(|&row| world.open_costs[row]).sum();
    let stores: Option<Vec<_>> =
        rows.iter().zip(factors.outer_iter()).map(|(&row, factors)| good_ways(world, row, &factors.to_vec())).collect();
    let stores = stores?;
    let most: f64 = stores.iter().map(|ways| ways[0].2).sum::<f64>() - cost;
    if above.is_some_and(|above| most <= above) {
        return None;
    }
    let mut sums = vec![(0_i64, 0_i64, 0.0)];
    for ways in stores {
        let all = sums.iter().flat_map(|sum| ways.iter().map(move |way| (sum.0 + way.0, sum.1 + way.1, sum.2 + way.2)));
        let fits = |sum: &(i64, i64, f64)| {
            world.stocking.money_max.is_none_or(|max| sum.0 <= max)
                && world.stocking.stock_max.is_none_or(|max| sum.1 <= max)
        };
        let mut all: Vec<_> = all.filter(fits).collect();
        pareto(&mut all);
        sums = all;
    }
    sums.first().map(|sum| sum.2 - cost)
}

#[test]
fn nothing_beats_the_joint_decision_in_a_thousand_problems() {
    let wrong: Vec<String> = (0..1_000_u64)
        .into_par_iter()
        .filter_map(|seed| {
            let world = world(seed);
            let (placed, _) = solve(&world.joint(), None, 0.0, &Stop::default(), &Silent).expect("solved");
            let truth = enumerated(&world);
            let right = match (placed.open.as_ref(), truth) {
                (None, None) => true,
                (Some(open), Some(truth)) => {
                    let scale = truth.abs().max(1.0);
                    let value = world.joint().value(open).expect("stocked").map_or(f64::NAN, |value| value.0);
                    // The solver of the stock keeps 1e-6 of values scaled to 1.
                    world.rules.allow(open)
                        && (value - placed.value).abs() < 1e-9 * scale
                        && (value - truth).abs() < 2e-5 * scale
                        && placed.bound >= truth - 2e-5 * scale
                        && placed.bound - placed.value < 1e-5 * scale
                }
                _ => false,
            };
            (!right).then(|| {
                format!("seed {seed}: {:?} {} to {}, truth {truth:?}", placed.open, placed.value, placed.bound)
            })
        })
        .collect();
    assert!(wrong.is_empty(), "{} wrong, such as {:#?}", wrong.len(), &wrong[..wrong.len().min(5)]);
}

#[test]
fn the_relaxation_is_never_below_a_plan() {
    for seed in 0..300 {
        let world = world(seed);
        let joint = world.joint();
        let curves = Curves::of(&joint);
        let mut rng = Pcg64::seed_from_u64(seed + 7_000);
        let mut prices = Prices::found(&joint, &curves).expect("priced");
        if rng.random_bool(0.5) {
            prices = Prices { money: prices.money + rng.random::<f64>(), units: prices.units * rng.random::<f64>() };
            prices.money *= f64::from(u8::from(world.stocking.money_max.is_some()));
        }
        let mut draw = || {
            let mut open: Vec<Site> = (0..world.rules.open_max).map(|_| rng.random_range(0..20)).collect();
            open.sort_unstable();
            open.dedup();
            open
        };
        let relaxation = joint.relaxed(&curves, &prices, &draw());
        for _ in 0..30 {
            let open = draw();
            if let Some((value, _)) = joint.value(&open).expect("stocked") {
                let above = relaxation.problem.value(&open) + relaxation.constant;
                assert!(above >= value - 1e-9 * value.abs().max(1.0), "seed {seed}: {open:?} {value} above {above}");
            }
        }
    }
}

#[test]
fn no_corner_keeps_less_than_the_least() {
    for seed in 0..60 {
        let world = world(seed);
        let least = kept::least(&world.capture, 4);
        let mut rng = Pcg64::seed_from_u64(seed);
        for _ in 0..40 {
            let mut open: Vec<usize> = (0..4).map(|_| rng.random_range(0..SITES)).collect();
            open.sort_unstable();
            open.dedup();
            let factors = factors(&world.capture.demand(&open), &world.capture.alone.select(Axis(0), &open));
            let sites: Vec<Site> = open.iter().map(|&row| row as Site).collect();
            let beside = kept::beside(&world.capture, &sites);
            for (at, &row) in open.iter().enumerate() {
                for device in 0..factors.ncols() {
                    let factor = factors[[at, device]];
                    assert!(factor >= least[[row, device]], "seed {seed}");
                    assert!((beside[[row, device]] - factor.min(1.0)).abs() < 1e-9, "seed {seed}");
                }
            }
        }
    }
}
