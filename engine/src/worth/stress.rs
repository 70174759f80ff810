//! The same plan, and the decision taken again, under other assumptions.
//!
//! | case | demand | unit cost | open cost | decay |
//! |---|---|---|---|---|
//! | uptake 20 % lower | x 0.8 | | | |
//! | uptake 20 % higher | x 1.2 | | | |
//! | devices cost 15 % more | | x 1.15 | | |
//! | opening costs 20 % more | | | x 1.2 | |
//! | people travel less | | | | x 1.5 |
//!
//! The plan keeps its stores and its stock. The best plan under a case is sought by local search over
//! the promising candidates, with budgets of capex as they are and open costs as the case has them.
//! Stores that were chosen for distance or coverage would be chosen again: there only the money changes.

use domain::market::Market;
use domain::plan::Stress;
use domain::problem::{Rules, Site};
use domain::settings::{CaptureLaw, Settings};
use domain::units::Money;
use ndarray::{Array2, Axis};

use super::narrow::{self, Narrow};
use super::outcomes::{Book, Change, quantile};
use super::{Choice, again};
use crate::EngineError;
use crate::formulate::capture::Ground;
use crate::formulate::profit::{all_terms, unit_values};
use crate::formulate::{Problem, Stated};
use crate::stock::factors;

/// One changed assumption.
#[derive(Debug, Clone, Copy)]
struct Case {
    name: &'static str,
    demand: f64,
    device_cost: f64,
    open_cost: f64,
    decay: f64,
}

const CASES: [Case; 5] = [
    Case { name: "Uptake 20 % lower", demand: 0.8, device_cost: 1.0, open_cost: 1.0, decay: 1.0 },
    Case { name: "Uptake 20 % higher", demand: 1.2, device_cost: 1.0, open_cost: 1.0, decay: 1.0 },
    Case { name: "Devices cost 15 % more", demand: 1.0, device_cost: 1.15, open_cost: 1.0, decay: 1.0 },
    Case { name: "Opening costs 20 % more", demand: 1.0, device_cost: 1.0, open_cost: 1.2, decay: 1.0 },
    Case { name: "People travel a third less far", demand: 1.0, device_cost: 1.0, open_cost: 1.0, decay: 1.5 },
];

/// The plan under every case that its law knows.
///
/// # Errors
/// Where a currency has no rate or the law can't be calibrated.
pub fn stress(choice: &Choice<'_>, book: &Book<'_>, narrow: Option<&Narrow>) -> Result<Vec<Stress>, EngineError> {
    let law = choice.settings.capture.law;
    CASES
        .iter()
        .filter(|case| case.decay == 1.0 || law != CaptureLaw::Independent)
        .map(|case| one(choice, book, narrow, case))
        .collect()
}

fn one(choice: &Choice<'_>, book: &Book<'_>, narrow: Option<&Narrow>, case: &Case) -> Result<Stress, EngineError> {
    let settings = choice.settings;
    let mut change =
        Change { demand: case.demand, device_cost: case.device_cost, open_cost: case.open_cost, factors: None };
    let mut best = choice.open.to_vec();
    let beta = settings.capture.beta_per_minute * case.decay;
    match (&choice.stated.problem, narrow) {
        (Problem::Profit { problem, ground, .. }, Some(narrow)) => {
            let mut changed = narrow.problem.clone();
            if case.decay != 1.0 {
                let whole = ground.calibrated(settings, problem.capture.alone.clone(), beta)?;
                let open: Vec<usize> = choice.open.iter().map(|&site| site as usize).collect();
                let alone = problem.capture.alone.select(Axis(0), &open);
                change.factors = Some(factors(&whole.demand(&open), &alone));
                let steep = domain::problem::Profit { capture: whole, ..problem.clone() };
                changed.capture = narrow::problem(&steep, &narrow.sites).capture;
            }
            if case.demand != 1.0 || case.device_cost != 1.0 {
                changed.unit_values = values(choice.market, settings, choice.stated, narrow, case)?;
                // Potential is calibrated to demand, so both scale together and attraction stays.
                changed.capture.alone *= case.demand;
                changed.capture.potential *= case.demand;
            }
            for (cost, &site) in changed.open_costs.iter_mut().zip(&narrow.sites) {
                *cost += (case.open_cost - 1.0) * choice.stated.open_costs[site as usize].major();
            }
            let rules = dearer(&narrow.rules, case.open_cost);
            best = again::profit(&rules, &changed, &narrow.inwards(choice.open))
                .map_or_else(Vec::new, |open| narrow.outwards(&open));
        }
        _ if case.decay != 1.0 => {
            let times = choice.market.travel_times();
            let ground =
                Ground::of(choice.market, settings, &times, &choice.samples.stores, &choice.samples.zone_rate)?;
            let mut alone = choice.samples.mean();
            ground.unreachable().into_iter().for_each(|at| alone.row_mut(at).fill(0.0));
            let steep = ground.calibrated(settings, alone.clone(), beta)?;
            let all: Vec<usize> = (0..choice.open.len()).collect();
            change.factors = Some(factors(&steep.demand(&all), &alone));
        }
        _ => {}
    }
    let outcomes = book.outcomes(&change);
    let totals = outcomes.totals();
    let id = |site: &Site| choice.market.store_ids.name(choice.stated.candidates[*site as usize]).to_owned();
    let kept = choice.open.iter().filter(|site| best.binary_search(site).is_ok()).count();
    let money = |major| Money::from_major(major, choice.stated.base);
    Ok(Stress {
        name: case.name.into(),
        expected_profit: money(outcomes.expected.iter().sum()),
        interval: [0.1, 0.9].map(|level| money(quantile(&totals, level))),
        stores_kept: u32::try_from(kept).unwrap_or(u32::MAX),
        enters: best.iter().filter(|site| choice.open.binary_search(site).is_err()).map(id).collect(),
        leaves: choice.open.iter().filter(|site| best.binary_search(site).is_err()).map(id).collect(),
    })
}

/// What a unit earns at the narrow sites when demand and unit costs are as the case has them.
fn values(
    market: &Market,
    settings: &Settings,
    stated: &Stated,
    narrow: &Narrow,
    case: &Case,
) -> Result<Array2<f64>, EngineError> {
    let Problem::Profit { samples, problem, .. } = &stated.problem else {
        return Ok(narrow.problem.unit_values.clone());
    };
    let rows: Vec<usize> = narrow.sites.iter().map(|&site| site as usize).collect();
    let mut here = samples.select(&rows);
    here.rates *= case.demand;
    let mut terms = all_terms(market, settings, stated.base, &here)?;
    for terms in terms.iter_mut().flatten().flatten() {
        *terms = terms.with_cost(case.device_cost);
    }
    let mut values = unit_values(&here, &terms, settings.stock.units_max);
    // A candidate that nobody reaches stays worthless.
    for (at, &row) in rows.iter().enumerate() {
        if problem.capture.alone.row(row).iter().all(|alone| *alone == 0.0) {
            values.row_mut(at).fill(0.0);
        }
    }
    Ok(values)
}

/// The rules when opening costs more: budgets stay, their terms grow.
fn dearer(rules: &Rules, factor: f64) -> Rules {
    let mut rules = rules.clone();
    for row in rules.rows.iter_mut().filter(|row| row.name.ends_with("capex")) {
        for term in &mut row.terms {
            #[expect(clippy::cast_possible_truncation, reason = "amounts are far below 2^53 minor units")]
            let dearer = (term.1 as f64 * factor).round() as i64;
            term.1 = dearer;
        }
    }
    rules
}
