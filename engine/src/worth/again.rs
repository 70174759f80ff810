//! The decision taken again: one store more, one fewer, other luck.
//!
//! A MIP's duals are no prices, so the value of one more store is that of solving again. Profit is
//! solved again by local search over the promising candidates, from the plan and from nothing; small
//! assignment problems exactly, large ones by adding or dropping and swapping from the plan.

use domain::forecast::{DemandSamples, Forecast};
use domain::problem::{Assignment, Profit, Rules, Site};
use domain::stop::{Silent, Stop};
use ndarray::Array2;
use rayon::prelude::*;

use super::legal::Legal;
use super::narrow::Narrow;
use super::swaps;
use crate::EngineError;
use crate::placement;
use crate::placement::profit::local_search;

/// Zones times sites up to which an assignment is solved again to proof.
const EXACT_MAX: usize = 2_000_000;
/// Nodes of such a solve; replayable.
const NODES_MAX: u64 = 300;
/// Swaps of a climb at most: each costs a pass over all pairs of zones and sites.
const SWAPS_MAX: usize = 20;
/// Perturbed problems.
pub const PERTURBED: usize = 24;

/// The better of climbing from the plan and from nothing; the plan's own where they tie.
#[must_use]
pub fn profit(rules: &Rules, problem: &Profit, open: &[Site]) -> Option<Vec<Site>> {
    let near = local_search(rules, problem, Some(open));
    let far = local_search(rules, problem, None);
    let value = |open: &Option<Vec<Site>>| open.as_ref().map_or(f64::NEG_INFINITY, |open| problem.value(open));
    let (one, other) = (value(&near), value(&far));
    // Less than a part in 10^9 is rounding.
    if other > one + 1e-9 * one.abs().max(1.0) { far } else { near }
}

/// The value of the best plan found with at most `open_max` stores.
#[must_use]
pub fn profit_value(narrow: &Narrow, open: &[Site], open_max: usize) -> Option<f64> {
    let rules = Rules { open_max: open_max.min(narrow.rules.sites), ..narrow.rules.clone() };
    profit(&rules, &narrow.problem, open).map(|open| narrow.problem.value(&open))
}

/// In how many of [`PERTURBED`] problems each open narrow site is chosen again. In each, what a store
/// earns per captured unit is multiplied by the luck that its forecast leaves open.
#[must_use]
pub fn chosen_again(narrow: &Narrow, open: &[Site], luck: &[Array2<f64>]) -> Vec<u32> {
    let plans: Vec<Vec<Site>> = luck
        .par_iter()
        .map(|luck| {
            let problem = Profit { unit_values: &narrow.problem.unit_values * luck, ..narrow.problem.clone() };
            profit(&narrow.rules, &problem, open).unwrap_or_default()
        })
        .collect();
    open.iter().map(|site| plans.iter().map(|plan| u32::from(plan.binary_search(site).is_ok())).sum()).collect()
}

/// The forecast with only what is uncertain about each store by itself.
#[must_use]
pub fn own_luck(forecast: &Forecast) -> Forecast {
    let mut own = forecast.clone();
    own.uncertainty.common_sigma = 0.0;
    own.uncertainty.market_sigma = 0.0;
    own.uncertainty.uptake_sigma.fill(0.0);
    own
}

/// Factors by sample, `stores x devices`: what was drawn over what was forecast.
#[must_use]
pub fn factors(samples: &DemandSamples, mean: &Array2<f64>) -> Vec<Array2<f64>> {
    samples
        .rates
        .outer_iter()
        .map(|rates| Array2::from_shape_fn(mean.dim(), |at| if mean[at] > 0.0 { rates[at] / mean[at] } else { 1.0 }))
        .collect()
}

/// The least cost found with at most `open_max` stores, and whether it is proven; none where the rules
/// leave no plan.
///
/// # Errors
/// Where the search fails.
pub fn assignment(
    rules: &Rules,
    problem: &Assignment,
    open: &[Site],
    open_max: usize,
    stop: &Stop,
) -> Result<Option<(i128, bool)>, EngineError> {
    let rules = Rules { open_max: open_max.min(rules.sites), ..rules.clone() };
    if rules.sites * problem.zones() <= EXACT_MAX && rules.open_max > 0 {
        let stop = Stop { nodes_max: NODES_MAX, ..stop.clone() };
        let placed = placement::assignment::solve(&rules, problem, 0.0, &stop, &Silent)?;
        if placed.cut.is_none() {
            return Ok(placed.open.map(|open| (problem.value(&open), true)));
        }
    }
    Ok(climb(&rules, problem, open).map(|open| (problem.value(&open), false)))
}

/// From a plan: add or drop until the count fits, then swap as long as that pays.
fn climb(rules: &Rules, problem: &Assignment, open: &[Site]) -> Option<Vec<Site>> {
    let mut open = open.to_vec();
    while open.len() > rules.open_max {
        let closable = open.iter().filter(|site| rules.require.binary_search(site).is_err());
        let without = |site: Site| open.iter().copied().filter(|&other| other != site).collect::<Vec<Site>>();
        open = closable.map(|&site| without(site)).min_by_key(|open| (problem.value(open), open.clone()))?;
    }
    let by_loss =
        |a: &(f64, Site, usize), b: &(f64, Site, usize)| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2)));
    while open.len() < rules.open_max {
        let losses = swaps::assignment(problem, rules.sites, &open);
        let legal = Legal::new(rules, &open);
        let sites = (0..).take(rules.sites).filter(|&site| legal.allows(site, None));
        let best = sites.map(|site| (losses.add[site as usize], site, 0)).min_by(by_loss);
        let Some((_, site, _)) = best.filter(|best| best.0 < 0.0) else { break };
        let at = open.partition_point(|&other| other < site);
        open.insert(at, site);
    }
    for _ in 0..SWAPS_MAX {
        let losses = swaps::assignment(problem, rules.sites, &open);
        let legal = Legal::new(rules, &open);
        let best = losses
            .swap
            .indexed_iter()
            .filter(|(_, loss)| **loss < 0.0)
            .map(|((site, at), &loss)| (loss, Site::try_from(site).expect("sites are 32 bits"), at))
            .filter(|&(_, site, at)| legal.allows(site, Some(open[at])))
            .min_by(by_loss);
        let Some((_, site, at)) = best else { break };
        open.remove(at);
        let at = open.partition_point(|&other| other < site);
        open.insert(at, site);
    }
    rules.allow(&open).then_some(open)
}
