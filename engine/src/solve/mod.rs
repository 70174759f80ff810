//! The whole decision: formulate, place, stock, design the pilot, and say what it is worth.

use domain::certificate::Certificate;
use domain::forecast::{DemandSamples, Forecast};
use domain::ids::Idx;
use domain::market::{Market, Store};
use domain::plan::{self, ObjectiveValue, Plan, Status};
use domain::problem::Site;
use domain::settings::Settings;
use domain::stop::{Cut, Event, Progress, Stop};
use ndarray::{Array2, Axis};

mod certify;
mod lines;
mod place;

use certify::certificate;
use lines::{cautions, chosen, nothing_fits, reached, risk_value, stock_lines};
use place::unstocked;

pub(crate) use lines::objective;
pub(crate) use place::{joined, joint, place};

use crate::coin;
use crate::formulate::capture::Ground;
use crate::formulate::{self, DECISION, Formulated, Problem, Stated};
use crate::notes::{Sources, notes};
use crate::pilot::series::Related;
use crate::stock::decide::{Decided, decide};
use crate::stock::replenish::replenish;
use crate::worth::threshold::thresholds;
use crate::worth::{Choice, Valued};
use crate::{EngineError, Outcome, Solved, stock, worth};

pub(crate) use domain::plan::PROVEN;

/// Decides: which stores, how much stock, which controls, and what it is worth.
///
/// # Errors
/// Where amounts lack a rate, the forecast lacks a candidate, a solver fails, or the search was stopped
/// before it had any plan.
pub fn solve(
    market: &Market,
    forecast: &Forecast,
    settings: &Settings,
    stop: &Stop,
    progress: &dyn Progress,
) -> Result<Outcome, EngineError> {
    let stage = |name| progress.say(Event::Stage { name });
    stage("stating the problem");
    let mut stated = match formulate::formulate(market, forecast, settings)? {
        Formulated::Stated(stated) => *stated,
        Formulated::Infeasible(conflicts) => return Ok(Outcome::Infeasible(conflicts)),
    };
    stage("choosing stores");
    let (placed, touching) = place(&stated, settings.gap(), settings.solver.nodes_max, stop, progress)?;
    if let Some(below) = &touching.below {
        return Ok(Outcome::Infeasible(vec![below.conflict(settings)?]));
    }
    // What is asked of other plans from here on is asked at the weights that this one was decided at.
    if let (Some(hedge), Problem::Profit { samples, .. }) = (&touching.hedge, &mut stated.problem) {
        samples.weights.clone_from(&hedge.bounded.weights);
        stated.guard = Some(hedge.bounded.guard);
    }
    let found = placed.open.clone().filter(|open| !open.is_empty());
    let found = found.or_else(|| unstocked(&stated, &placed, &touching));
    let Some(decided) = found.or_else(|| placed.open.clone()) else {
        let timed = placed.cut.is_some_and(|cut| cut != Cut::Nodes);
        if stated.pilot.comparison.randomised && !timed {
            return Ok(Outcome::Infeasible(vec![coin::without_pairs(settings)]));
        }
        return Err(EngineError::NothingFound);
    };
    let tossed = coin::tossed(&stated, settings, &decided)?;
    let open = tossed.as_ref().map_or(decided, |tossed| tossed.open.clone());
    if matches!(stated.problem, Problem::Profit { .. }) && tossed.is_none() {
        let against = stated.pilot.against(settings, &open)?;
        if !against.is_empty() {
            return Ok(Outcome::Infeasible(against));
        }
    }
    let stores: Vec<Idx<Store>> = open.iter().map(|&site| stated.candidates[site as usize]).collect();
    stage("stocking them");
    let (samples, captured) = captured(market, forecast, settings, &stated, &open, &stores)?;
    let decided = match &touching.hedge {
        Some(hedge) => Decided::Stocked(hedge.hedged.stocked()),
        None => decide(market, settings, stated.base, &samples, &captured.factors)?,
    };
    let stocked = match decided {
        Decided::Stocked(stocked) => stocked,
        Decided::Infeasible(conflicts) => return Ok(Outcome::Infeasible(conflicts)),
    };
    stage("finding controls");
    let related = Related::new(market, settings, &forecast.devices);
    let mut design = match &tossed {
        Some(tossed) => stated.pilot.paired(market, settings, related, &tossed.pairs, &tossed.partners)?,
        None => stated.pilot.design(market, settings, related, &open)?,
    };
    if let (Some(joint), true) = (joint(&stated), tossed.is_some()) {
        design.design.drawn = joint.stocked(&open, joint.stocking.gap)?.map(|(value, _)| value);
    }
    stage("working out what it is worth");
    let choice = Choice {
        market,
        forecast,
        settings,
        stated: &stated,
        open: &open,
        samples: &samples,
        demand: &captured.demand,
        stocked: &stocked,
    };
    let valued = worth::value(&choice, stop)?;
    let objective = ObjectiveValue {
        risk: touching.hedge.as_ref().and_then(|hedge| risk_value(settings, &stated, &open, hedge)),
        ..objective(&stated, settings, &placed, valued.interval)
    };
    let kept = replenish(market, settings, stated.base, &samples, &stocked)?;
    let mut warnings = stated.warnings.clone();
    warnings.extend(kept.warnings);
    warnings.extend(design.warnings.iter().cloned());
    warnings.extend(cautions(settings, &objective, &stocked));
    if open.is_empty() {
        warnings.extend(nothing_fits(market, settings, &stated)?);
    }
    warnings.sort();
    let find = |id: &String| market.store_ids.find(id);
    let others = design
        .controls
        .concat()
        .into_iter()
        .chain(valued.misses.iter().filter_map(|miss| find(&miss.store_id)))
        .collect();
    let mut notes = notes(&Sources {
        market,
        forecast,
        settings,
        stated: &stated,
        chosen: &stores,
        cannibalised: &captured.cannibalised,
        others,
        book: &valued.book,
    })?;
    notes.remarks.clone_from(&valued.remarks);
    notes.remarks.extend(kept.remarks);
    let chosen = chosen(market, &stores, &captured.demand, &design, &valued);
    // The book of fresh samples looks at the problem, which is now asked again with other rules.
    let Valued { worth, misses, .. } = valued;
    stage("finding what the choice hangs on");
    let nearest = misses.first().filter(|_| placed.cut.is_none());
    let thresholds = match nearest {
        Some(nearest) => {
            let site = |id: &str| stated.candidates.binary_search(&market.store_ids.find(id)?).ok()?.try_into().ok();
            let pair = [&nearest.instead_of, &nearest.store_id].map(|id| site(id).map(|site| (id.clone(), site)));
            thresholds(settings, &mut stated, &open, &objective, pair, stop, progress)?
        }
        None => Vec::new(),
    };
    let plan = Plan {
        schema: plan::SCHEMA.into(),
        run_id: String::new(),
        scenario: settings.name.clone(),
        status: if objective.gap <= PROVEN { Status::Proven } else { Status::Gap },
        objective,
        stores: chosen,
        stock: stock_lines(market, &samples, &stocked),
        replenishment: kept.section,
        reach: reached(&stated, settings, &open),
        not_chosen: misses,
        thresholds,
        worth,
        pilot: design.design,
        bound_verified: false,
        warnings,
    };
    let mut certificate = certificate(market, &stated, &placed, &touching);
    if let (Certificate::Profit { assignments, .. }, Some(tossed)) = (&mut certificate, &tossed) {
        *assignments = coin::stocked(market, settings, &stated, &tossed.pairs)?;
    }
    let samples = match &mut stated.problem {
        // Kept whole: what is verified for profit is verified over all candidates.
        Problem::Profit { samples: all, .. } => std::mem::replace(all, empty(&samples)),
        Problem::Assignment(_) => samples.clone(),
    };
    Ok(Outcome::Solved(Box::new(Solved { plan, certificate, samples, notes, cut: placed.cut, nodes: placed.nodes })))
}

/// What chosen stores capture beside each other.
struct Captured {
    /// D, `chosen x devices`.
    demand: Array2<f64>,
    /// D / F.
    factors: Array2<f64>,
    /// 1 - sum D / sum F, by store.
    cannibalised: Vec<f64>,
}

/// The samples of the chosen stores alone, and what they capture.
fn captured(
    market: &Market,
    forecast: &Forecast,
    settings: &Settings,
    stated: &Stated,
    open: &[Site],
    stores: &[Idx<Store>],
) -> Result<(DemandSamples, Captured), EngineError> {
    let rows: Vec<usize> = open.iter().map(|&site| site as usize).collect();
    let (samples, demand, alone) = match &stated.problem {
        Problem::Profit { problem, samples, .. } => {
            let alone = problem.capture.alone.select(Axis(0), &rows);
            (samples.select(&rows), problem.capture.demand(&rows), alone)
        }
        Problem::Assignment(_) => {
            let samples = formulate::samples(market, forecast, settings, stores, DECISION, settings.demand.samples)?;
            let ground = Ground::of(market, settings, &market.travel_times(), stores, &samples.zone_rate)?;
            let mut alone = samples.mean();
            ground.unreachable().into_iter().for_each(|at| alone.row_mut(at).fill(0.0));
            let model = ground.calibrated(settings, alone.clone(), settings.capture.beta_per_minute)?;
            let all: Vec<usize> = (0..stores.len()).collect();
            (samples, model.demand(&all), alone)
        }
    };
    let cannibalised = (0..stores.len())
        .map(|at| {
            let (left, whole) = (demand.row(at).sum(), alone.row(at).sum());
            if whole > 0.0 { (1.0 - left / whole).max(0.0) } else { 0.0 }
        })
        .collect();
    let factors = stock::factors(&demand, &alone);
    Ok((samples, Captured { demand, factors, cannibalised }))
}

/// No samples, of the same devices.
fn empty(samples: &DemandSamples) -> DemandSamples {
    samples.select(&[])
}
