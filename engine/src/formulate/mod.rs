//! From a Market, its forecast and a scenario's settings to a problem as a value.
//!
//! Sites are positions among the [`candidates`], which ascend by store id. Rules and problems hold no
//! solver type; what makes the rules impossible is named by [`conflicts`] before any search begins.

use domain::forecast::{DemandSamples, Forecast};
use domain::ids::Idx;
use domain::market::{Market, Store, Zone};
use domain::plan::Warning;
use domain::problem::{Assignment, Profit, Rules, Site};
use domain::seed::Seed;
use domain::settings::{ObjectiveKind, Risk, Settings};
use domain::units::{Currency, Money};

pub mod assignment;
pub mod bind;
pub mod candidates;
pub mod capture;
pub mod conflicts;
pub mod feasible;
pub mod money;
pub mod near;
pub mod profit;
pub mod reach;
pub mod rules;
pub mod stay;

use crate::joint::guard::Guard;
use crate::pilot::{Stage, limits, pairs};
use crate::stock::Stocking;
use crate::{Conflict, EngineError};

/// The stream of the samples that a plan is decided over.
pub const DECISION: &str = "decision";

/// A scenario's problem.
#[derive(Debug, Clone)]
pub enum Problem {
    /// Distance or coverage.
    Assignment(Assignment),
    /// Profit, with the samples that it is stated over (all candidates) and its ground.
    Profit {
        /// The problem.
        problem: Profit,
        /// The samples of all candidates.
        samples: DemandSamples,
        /// What the law knows before it is calibrated.
        ground: capture::Ground,
        /// What the stock of the candidates must obey.
        stocking: Stocking,
    },
}

/// A scenario, stated as a problem.
#[derive(Debug, Clone)]
pub struct Stated {
    /// Stores by site.
    pub candidates: Vec<Idx<Store>>,
    /// The base currency.
    pub base: Currency,
    /// What opening costs, by site, in the base currency.
    pub open_costs: Vec<Money>,
    /// The rules.
    pub rules: Rules,
    /// Who stays, and what that is worth.
    pub stay: stay::Stay,
    /// What is sought.
    pub problem: Problem,
    /// How the pilot's stores can be compared.
    pub pilot: Stage,
    /// What the worst outcomes count, beside the weights of the problem's samples.
    pub guard: Option<Guard>,
    /// What a reader has to know of the formulation.
    pub warnings: Vec<Warning>,
}

/// What came of formulating.
#[derive(Debug, Clone)]
pub enum Formulated {
    /// A problem with at least one plan.
    Stated(Box<Stated>),
    /// Rules that no plan meets.
    Infeasible(Vec<Conflict>),
}

/// States the problem of a scenario.
///
/// # Errors
/// Where amounts lack a rate, the forecast lacks a candidate, or the solver fails.
pub fn formulate(market: &Market, forecast: &Forecast, settings: &Settings) -> Result<Formulated, EngineError> {
    let base = money::base_currency(market, settings)?;
    let candidates = candidates::candidates(market, settings);
    let early = conflicts::early(market, settings, &candidates);
    if !early.is_empty() {
        return Ok(Formulated::Infeasible(early));
    }
    let times = market.travel_times();
    let places: Vec<_> = candidates.iter().map(|&store| times.store_unit(store)).collect();
    let mut rules = rules::rules(market, settings, base, &candidates, &places)?;
    rules.reach =
        reach::floors(market, settings, &times, &candidates).map_err(|(name, why)| EngineError::Reach { name, why })?;
    let open_costs: Vec<Money> = candidates
        .iter()
        .map(|&store| money::open_cost(market, settings, base, store, base))
        .collect::<Result<_, _>>()?;
    let mut ground = None;
    let mut closed: Vec<Site> = Vec::new();
    if settings.objective.kind == ObjectiveKind::Profit {
        let here = capture::Ground::of(market, settings, &times, &candidates, &forecast.zone_rate)?;
        closed = here.unreachable().into_iter().map(|at| Site::try_from(at).expect("sites are 32 bits")).collect();
        ground = Some(here);
    }
    let mut pilot = Stage::of(market, forecast, settings, &candidates)?;
    if let Some(ground) = ground.as_ref().filter(|_| pilot.comparison.randomised) {
        pilot.comparison.rivals = ground.rivals();
    }
    let (rows, unknown) = limits::representative(market, settings, &candidates)?;
    rules.rows.extend(rows);
    closed.extend(unknown);
    if pilot.comparison.randomised {
        let before = rules.exclude.clone();
        rules = pairs::members(rules, &pilot.comparison, settings);
        closed.extend(rules.exclude.iter().filter(|site| before.binary_search(site).is_err()));
    }
    if settings.objective.kind == ObjectiveKind::Profit {
        // Elsewhere stores are decided first, and controls are then the best there are.
        if let Some((row, never)) = pilot.comparison.row() {
            rules.rows.push(row);
            closed.extend(never);
        }
        closed.extend(pilot.comparison.lacking());
    }
    closed.sort_unstable();
    closed.dedup();
    rules.exclude.extend(&closed);
    rules.exclude.sort_unstable();
    rules.exclude.dedup();
    if let Some(conflict) = pilot.impossible(settings, &closed) {
        return Ok(Formulated::Infeasible(vec![conflict]));
    }
    let conflicts = conflicts::explain(market, settings, base, &candidates, &rules, &closed)?;
    if !conflicts.is_empty() {
        return Ok(Formulated::Infeasible(conflicts));
    }
    if let Some(conflict) = undetected(settings, &rules)? {
        return Ok(Formulated::Infeasible(vec![conflict]));
    }
    let stay = stay::Stay::of(market, settings, base, &candidates)?;
    let mut warnings = Vec::new();
    let problem = match ground {
        Some(ground) => {
            let samples = samples(market, forecast, settings, &candidates, DECISION, settings.demand.samples)?;
            let (mut problem, unreachable) = profit::profit(market, settings, base, &ground, &samples, &open_costs)?;
            if !unreachable.is_empty() {
                warnings.push(unreachable_stores(market, &candidates, &unreachable));
            }
            stay.take_off(&mut problem.open_costs);
            Problem::Profit { problem, stocking: Stocking::of(market, settings, base, &samples)?, samples, ground }
        }
        None => {
            let mut assigned = match settings.objective.kind {
                ObjectiveKind::Coverage => assignment::coverage(market, settings, &times, &candidates),
                _ => assignment::distance(market, settings, &times, &candidates),
            };
            if !assigned.unserved.is_empty() {
                warnings.push(unserved_zones(market, &assigned.unserved));
            }
            stay.add_zones(&mut assigned.problem);
            Problem::Assignment(assigned.problem)
        }
    };
    let worths = match &problem {
        Problem::Profit { problem, .. } => crate::placement::profit::alone(problem),
        Problem::Assignment(problem) => problem.alone(candidates.len()),
    };
    // The rules have a plan, as the search for conflicts has shown: what is asked here is which rows matter.
    bind::tighten(&mut rules, &worths)?;
    let measure = settings.objective.risk.as_ref().and_then(Risk::measure);
    let guard = measure.filter(|_| matches!(problem, Problem::Profit { .. })).map(Guard::new);
    Ok(Formulated::Stated(Box::new(Stated {
        candidates,
        base,
        open_costs,
        rules,
        stay,
        problem,
        pilot,
        guard,
        warnings,
    })))
}

/// Where no plan but the empty one could detect what is asked for.
fn undetected(settings: &Settings, rules: &Rules) -> Result<Option<Conflict>, EngineError> {
    if !rules.rows.iter().any(|row| row.name == limits::DETECT) {
        return Ok(None);
    }
    let some = Rules { open_min: rules.open_min.max(1), ..rules.clone() };
    let mut without = some.clone();
    without.rows.retain(|row| row.name != limits::DETECT);
    if feasible::cheapest(&some, None)?.is_some() || feasible::cheapest(&without, None)?.is_none() {
        return Ok(None);
    }
    let (words, most) = (limits::words(settings, limits::DETECT), rules.open_max);
    let why = format!("{words}, and no choice of up to {most} stores has controls that good");
    Ok(Some(Conflict { rule: limits::DETECT.into(), why, code: "E-INF-007" }))
}

/// Draws `count` joint samples of `stores` (ascending) from the stream of that name.
///
/// # Errors
/// A store that the forecast does not know.
pub fn samples(
    market: &Market,
    forecast: &Forecast,
    settings: &Settings,
    stores: &[Idx<Store>],
    stream: &str,
    count: u32,
) -> Result<DemandSamples, EngineError> {
    let rows = profit::rows_of(market, &forecast.stores, stores)?;
    let here = select(forecast, &rows);
    let store_market: Vec<usize> = stores.iter().map(|store| market.stores[store.at()].market.at()).collect();
    Ok(models::sampler::draw(&here, &store_market, count as usize, stream, Seed(settings.seed)))
}

/// The forecast of some of its stores (positions in `forecast.stores`, ascending).
#[must_use]
pub fn select(forecast: &Forecast, rows: &[usize]) -> Forecast {
    use ndarray::Axis;
    Forecast {
        stores: rows.iter().map(|&row| forecast.stores[row]).collect(),
        devices: forecast.devices.clone(),
        mean: forecast.mean.select(Axis(0), rows),
        quantiles: forecast.quantiles.select(Axis(0), rows),
        adoption: forecast.adoption.clone(),
        dispersion: forecast.dispersion.clone(),
        basis: forecast.basis.clone(),
        level_source: rows.iter().map(|&row| forecast.level_source[row]).collect(),
        methods: forecast.methods.clone(),
        analogs: rows.iter().map(|&row| forecast.analogs[row].clone()).collect(),
        contributions: rows.iter().map(|&row| forecast.contributions[row].clone()).collect(),
        uncertainty: forecast.uncertainty.clone(),
        quality: forecast.quality,
        zone_rate: forecast.zone_rate.clone(),
    }
}

/// W-REF-003 for stores.
fn unreachable_stores(market: &Market, candidates: &[Idx<Store>], unreachable: &[usize]) -> Warning {
    let ids: Vec<&str> = unreachable.iter().map(|&at| market.store_ids.name(candidates[at])).collect();
    let text = format!(
        "{} of {} candidates can't be chosen, because no zone with people lies within reach: {}.",
        ids.len(),
        candidates.len(),
        conflicts::list(&ids)
    );
    Warning { code: "W-REF-003".into(), text }
}

/// W-REF-003 for zones.
fn unserved_zones(market: &Market, unserved: &[Idx<Zone>]) -> Warning {
    let ids: Vec<&str> = unserved.iter().map(|&zone| market.zone_ids.name(zone)).collect();
    let people: u64 = unserved.iter().map(|zone| market.zones[zone.at()].population).sum();
    let text = format!(
        "{} zones with {people} people have no candidate that they could go to, and count nothing: {}.",
        ids.len(),
        conflicts::list(&ids)
    );
    Warning { code: "W-REF-003".into(), text }
}
