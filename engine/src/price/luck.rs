//! What it is worth to have looked at uncertain demand, and what knowing demand would be [birge1982].
//!
//! | symbol | here | unit |
//! |---|---|---|
//! | S, s | samples, one of them | |
//! | V | the best plan over all samples | base-currency major units |
//! | E | [`MeanDemand::value`]: what stores and stock decided on mean demand earn over all samples | the same |
//! | V - E | [`MeanDemand::lost`], the value of the stochastic solution (VSS) | the same |
//! | W_s, P_s | what the best plan for s alone earns in s, and what the run's plan earns in s | the same |
//! | mean_s (W_s - P_s) | [`Foresight`], the expected value of perfect information (EVPI) | the same |
//!
//! Mean demand: one sample, the mean of all, with counts that scatter as little as counts do (Poisson). The law's capture is
//! calibrated to means, and is the same throughout.
//!
//! P_s is paired with W_s, since its mean over all samples is what the plan earns: what luck moves in both is not taken for
//! doubt. Who knows the sample needs no service level, so W_s has none, and W_s >= P_s. With bounds in the place of W_s the
//! mean is an upper bound, but for having decided some samples and not all: those in the middle of equal parts by total.

use domain::forecast::DemandSamples;
use domain::ids::Idx;
use domain::market::Store;
use domain::plan::Plan;
use domain::problem::Site;
use domain::settings::Settings;
use domain::stop::{Silent, Stop};
use domain::units::Share;
use ndarray::{Array2, Axis, s};

use super::{Best, Case, shared, sites};
use crate::EngineError;
use crate::formulate::{Problem, Stated};
use crate::joint::{self, Joint};
use crate::stock::decide::{Decided, decide};
use crate::stock::window::Window;
use crate::stock::{Line, Stocking, factors};

/// The gap of a sample decided by itself: the scatter of samples is far wider.
const GAP_FORESIGHT: f64 = 5e-3;

/// Deciding on mean demand.
#[derive(Debug, Clone, PartialEq)]
pub struct MeanDemand {
    /// Its stores, ascending.
    pub stores: Vec<Idx<Store>>,
    /// What its stores and stock earn over the samples.
    pub value: f64,
    /// What is lost by it, at least and at most; none where its stock does not keep the service level over the samples.
    pub lost: Option<[f64; 2]>,
    /// What is lost where only the stores are decided on mean demand, and their stock over the samples; none where no
    /// stock of theirs obeys the rules.
    pub lost_by_stores: Option<[f64; 2]>,
    /// Whether the plan is as good as was asked for, and the search on mean demand came to its end.
    pub settled: bool,
}

/// Deciding once demand is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Foresight {
    /// Samples decided each by itself.
    pub samples: usize,
    /// Samples that there are.
    pub of: usize,
    /// The mean of what the run's plan earns in them.
    pub plan: f64,
    /// The mean of what was found, beyond the plan.
    pub found: f64,
    /// The mean of what none exceeds, beyond the plan: the upper bound.
    pub at_most: f64,
    /// The standard error of that mean, as of samples drawn independently.
    pub standard_error: f64,
    /// Whether the samples together reached their gap.
    pub settled: bool,
}

/// What is lost where uncertain demand is taken for its mean.
pub(super) fn mean_demand(
    case: Case<'_>,
    stated: &Stated,
    with: &Best,
    stop: &Stop,
) -> Result<Option<MeanDemand>, EngineError> {
    let Problem::Profit { samples, stocking, .. } = &stated.problem else { return Ok(None) };
    let Some(whole) = crate::solve::joint(stated) else { return Ok(None) };
    let mean = DemandSamples {
        rates: samples.mean().insert_axis(Axis(0)),
        dispersion: vec![f64::INFINITY; samples.dispersion.len()],
        ..samples.clone()
    };
    let told = Stocking::of(case.market, case.settings, stated.base, &mean)?;
    let joint = Joint { stocking: &told, samples: &mean, guard: None, ..whole };
    let stop = Stop { nodes_max: stop.nodes_max.min(case.settings.solver.nodes_max), ..stop.clone() };
    let (placed, _) = joint::solve(&joint, None, case.settings.gap(), &stop, &Silent)?;
    let Some(open) = placed.open else { return Ok(None) };
    let (rows, kept) = beside(&whole, &open);
    let decided = decide(case.market, case.settings, stated.base, &mean.select(&rows), &kept)?;
    let Decided::Stocked(stocked) = decided else { return Ok(None) };
    let mut units = Array2::zeros(kept.dim());
    for (line, &held) in stocked.lines.iter().zip(&stocked.units) {
        units[[line.store, line.device]] = held;
    }
    let value = earned(&whole, samples, &open, &units);
    let serves = stocking.service_min.is_none_or(|level| {
        let short = |line: &Line| {
            let held = units[[line.store, line.device]];
            let rates = samples.of(rows[line.store], line.device);
            Window::of(rates, line.factor, &line.terms, held as usize + 1).service_level(held) < level
        };
        !stocking.lines(samples, &rows, &kept).iter().any(short)
    });
    let beyond = |least: f64, most: f64| [with.value - most, with.bound - least].map(|lost| lost.max(0.0));
    Ok(Some(MeanDemand {
        stores: open.iter().map(|&site| stated.candidates[site as usize]).collect(),
        value,
        lost: serves.then(|| beyond(value, value)),
        lost_by_stores: whole.value(&open)?.map(|(least, most)| beyond(least, most)),
        settled: with.settled && placed.cut.is_none(),
    }))
}

/// What knowing demand would add to the run's plan.
pub(super) fn foresight(
    case: Case<'_>,
    stated: &Stated,
    plan: &Plan,
    stores: &[Idx<Store>],
    samples_max: usize,
    stop: &Stop,
) -> Result<Option<Foresight>, EngineError> {
    let Problem::Profit { samples, .. } = &stated.problem else { return Ok(None) };
    let (Some(whole), Some(open)) = (crate::solve::joint(stated), sites(stated, stores)) else { return Ok(None) };
    let units = held(case, samples, plan, stores);
    let mut looser: Settings = case.settings.clone();
    looser.solver.gap = Some(Share { fraction: GAP_FORESIGHT });
    looser.stock.service_min = None;
    let stocking = Stocking::of(case.market, &looser, stated.base, samples)?;
    let picked = spread(samples, samples_max);
    let (mut of_plan, mut found, mut most, mut of_best) = (Vec::new(), Vec::new(), Vec::new(), 0.0);
    for (at, &sample) in picked.iter().enumerate() {
        let alone = DemandSamples {
            stores: samples.stores.clone(),
            rates: samples.rates.slice(s![sample..=sample, .., ..]).to_owned(),
            ..samples.select(&[])
        };
        let joint = Joint { stocking: &stocking, samples: &alone, guard: None, ..whole };
        let left = u32::try_from(picked.len() - at).unwrap_or(u32::MAX);
        let stop = Stop { nodes_max: looser.solver.nodes_max.min(stop.nodes_max), ..shared(stop, left) };
        let (placed, _) = joint::solve(&joint, None, GAP_FORESIGHT, &stop, &Silent)?;
        let here = earned(&whole, &alone, &open, &units);
        // The plan itself is one of the plans for this sample.
        let value = if placed.open.is_some() { placed.value.max(here) } else { here };
        let bound = placed.bound.max(value);
        of_best += value.abs();
        of_plan.push(here);
        found.push(value - here);
        most.push(bound - here);
    }
    if picked.is_empty() {
        return Ok(None);
    }
    // A sample that earns next to nothing has a wide gap of its own, and no say in the mean.
    let blur: f64 = most.iter().zip(&found).map(|(most, found)| most - found).sum();
    let (found, (at_most, standard_error)) = (mean_and_error(&found).0, mean_and_error(&most));
    let settled = blur <= GAP_FORESIGHT * of_best;
    let plan = mean_and_error(&of_plan).0;
    Ok(Some(Foresight { samples: picked.len(), of: samples.len(), plan, found, at_most, standard_error, settled }))
}

/// The samples in the middle of `count` equal parts, by total.
fn spread(samples: &DemandSamples, count: usize) -> Vec<usize> {
    let totals: Vec<f64> = samples.rates.outer_iter().map(|rates| rates.sum()).collect();
    let mut order: Vec<usize> = (0..totals.len()).collect();
    order.sort_by(|&a, &b| totals[a].total_cmp(&totals[b]).then(a.cmp(&b)));
    let count = count.min(order.len());
    (0..count).map(|part| order[(2 * part + 1) * order.len() / (2 * count)]).collect()
}

/// The run's stock, `stores x devices`.
fn held(case: Case<'_>, samples: &DemandSamples, plan: &Plan, stores: &[Idx<Store>]) -> Array2<u32> {
    let mut units = Array2::zeros((stores.len(), samples.devices.len()));
    for line in &plan.stock {
        let store = case.market.store_ids.find(&line.store_id).and_then(|store| stores.binary_search(&store).ok());
        let device = case.market.device_ids.find(&line.device);
        let device = device.and_then(|device| samples.devices.binary_search(&device).ok());
        if let (Some(store), Some(device)) = (store, device) {
            units[[store, device]] = line.units;
        }
    }
    units
}

/// Rows of the open sites, and what they keep of their demand beside each other.
fn beside(joint: &Joint<'_>, open: &[Site]) -> (Vec<usize>, Array2<f64>) {
    let rows: Vec<usize> = open.iter().map(|&site| site as usize).collect();
    let kept = factors(&joint.capture.demand(&rows), &joint.capture.alone.select(Axis(0), &rows));
    (rows, kept)
}

/// What open sites with this stock earn over samples, in base-currency major units.
fn earned(joint: &Joint<'_>, samples: &DemandSamples, open: &[Site], units: &Array2<u32>) -> f64 {
    let (rows, kept) = beside(joint, open);
    let mut earned = 0.0;
    for ((store, device), &held) in units.indexed_iter().filter(|(_, held)| **held > 0) {
        let Some(terms) = &joint.stocking.terms[rows[store]][device] else { continue };
        let rates = samples.of(rows[store], device);
        let window = Window::of(rates, kept[[store, device]], terms, held as usize);
        earned += window.profit(held, terms) * terms.rate;
    }
    earned - rows.iter().map(|&row| joint.open_costs[row]).sum::<f64>()
}

/// The mean, and its standard error; 0 of one alone.
pub(super) fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count.max(1.0);
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, if values.len() > 1 { (squares / (count - 1.0) / count).sqrt() } else { 0.0 })
}
