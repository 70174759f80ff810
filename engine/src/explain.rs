//! Why a store is in the plan, or is not: what keeps it in, and what would bring it in.
//!
//! | symbol | here | unit |
//! |---|---|---|
//! | V+, V- | `Explained::with`, `Explained::without`: the best plans that hold the store, and that do not | the objective's |
//! | d = V+ - V- (V- - V+ where less is better) | `Explained::lead`: what it is ahead by | the objective's |
//!
//! Every plan either holds the store or does not, so the store belongs in the plan just where d >= 0, and a store that
//! were worth d less, or -d more, would be the other way. Both plans are solved for, to proof; d then is an interval as
//! narrow as their gaps. That it is the threshold is confirmed by solving twice more, with no say in the store, once it
//! is worth a little less than the threshold and once a little more. Of distance and coverage only more can be said as a
//! problem of their kind, so what a chosen store could lose rests on the two plans alone.

use domain::forecast::Forecast;
use domain::ids::Idx;
use domain::market::{Market, Store};
use domain::plan::ObjectiveValue;
use domain::problem::Site;
use domain::settings::{ObjectiveKind, Settings};
use domain::stop::{Event, Progress, Stop};

use crate::formulate::candidates::{Ineligible, ineligible};
use crate::formulate::stay::Stay;
use crate::formulate::{self, Formulated, Problem, Stated};
use crate::solve::{objective, place};
use crate::{Conflict, EngineError};

/// Profit is solved to this gap; distance and coverage, in whole numbers, to none.
const GAP: f64 = 5e-7;
/// How far from the threshold it is confirmed, as a share of it and of the objective: beyond what gaps blur.
const ASIDE: f64 = 1e-3;
const ASIDE_OBJECTIVE: f64 = 4e-6;

/// What was found out about a store.
#[derive(Debug, Clone, PartialEq)]
pub enum Explained {
    /// It can't have a corner.
    Ineligible(Ineligible),
    /// The rules settle it: with it (true) or without it no plan is left, and these say why.
    Settled(bool, Vec<Conflict>),
    /// It is a matter of worth.
    Weighed(Weighed),
}

/// A store that is in the plan, or not, for what it is worth.
#[derive(Debug, Clone, PartialEq)]
pub struct Weighed {
    /// The best plan that holds it.
    pub with: Side,
    /// The best plan that does not.
    pub without: Side,
    /// What the first is ahead by, at least and at most, in the objective's unit; below 0 where it is behind.
    pub lead: [f64; 2],
    /// The objective's unit.
    pub unit: String,
    /// What was solved beside the threshold; none where that is no problem of this kind.
    pub confirmed: Option<Confirmed>,
}

/// A plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Side {
    /// What it reaches, in the objective's unit.
    pub value: f64,
    /// What none of its kind reaches better.
    pub bound: f64,
    /// Its stores, ascending.
    pub stores: Vec<String>,
}

/// The plan beside the threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Confirmed {
    /// Worth added to the store (below 0: taken from it), and whether the best plan then holds it.
    pub below: (f64, bool),
    /// The same on the other side.
    pub above: (f64, bool),
}

impl Confirmed {
    /// Whether the store is out on the one side, and in on the other.
    #[must_use]
    pub fn holds(&self) -> bool {
        !self.below.1 && self.above.1
    }
}

/// Explains a store's part in a scenario's plan.
///
/// # Errors
/// As [`crate::solve::solve`].
pub fn explain(
    market: &Market,
    forecast: &Forecast,
    settings: &Settings,
    store: Idx<Store>,
    stop: &Stop,
    progress: &dyn Progress,
) -> Result<Explained, EngineError> {
    if let Some(why) = ineligible(market, settings, store) {
        return Ok(Explained::Ineligible(why));
    }
    let id = market.store_ids.name(store).to_owned();
    let solved = |held: bool| -> Result<Result<(Side, ObjectiveValue), Vec<Conflict>>, EngineError> {
        let name = if held { "best plan with it" } else { "best plan without it" };
        progress.say(Event::Stage { name });
        let mut other = settings.clone();
        let list = if held { &mut other.placement.require } else { &mut other.placement.exclude };
        if !list.contains(&id) {
            list.push(id.clone());
        }
        match formulate::formulate(market, forecast, &other)? {
            Formulated::Infeasible(conflicts) => Ok(Err(conflicts)),
            Formulated::Stated(stated) => side(market, &other, &stated, stop, progress).map(Ok),
        }
    };
    let (with, of) = match solved(true)? {
        Ok(found) => found,
        Err(conflicts) => return Ok(Explained::Settled(true, conflicts)),
    };
    let without = match solved(false)? {
        Ok(found) => found.0,
        Err(conflicts) => return Ok(Explained::Settled(false, conflicts)),
    };
    let sign = if settings.objective.kind == ObjectiveKind::Distance { -1.0 } else { 1.0 };
    let lead = [sign * (with.value - without.bound), sign * (with.bound - without.value)];
    let confirmed = match formulate::formulate(market, forecast, settings)? {
        Formulated::Infeasible(_) => None,
        Formulated::Stated(stated) => confirm(settings, &stated, store, lead, &with, stop, progress)?,
    };
    Ok(Explained::Weighed(Weighed { with, without, lead, unit: of.unit, confirmed }))
}

/// The best plan of a problem.
fn side(
    market: &Market,
    settings: &Settings,
    stated: &Stated,
    stop: &Stop,
    progress: &dyn Progress,
) -> Result<(Side, ObjectiveValue), EngineError> {
    let gap = if matches!(stated.problem, Problem::Profit { .. }) { GAP } else { 0.0 };
    let (placed, _) = place(stated, gap, settings.solver.nodes_max, stop, progress)?;
    let open = placed.open.clone().ok_or(EngineError::NothingFound)?;
    let of = objective(stated, settings, &placed, [0.0; 2]);
    let name = |site: &Site| market.store_ids.name(stated.candidates[*site as usize]).to_owned();
    Ok((Side { value: of.value, bound: of.bound, stores: open.iter().map(name).collect() }, of))
}

/// Solves on both sides of the threshold, with no say in the store.
fn confirm(
    settings: &Settings,
    stated: &Stated,
    store: Idx<Store>,
    lead: [f64; 2],
    with: &Side,
    stop: &Stop,
    progress: &dyn Progress,
) -> Result<Option<Confirmed>, EngineError> {
    let Ok(site) = stated.candidates.binary_search(&store) else { return Ok(None) };
    let site = Site::try_from(site).expect("sites are 32 bits");
    let threshold = -0.5 * (lead[0] + lead[1]);
    let aside = (ASIDE * threshold.abs()).max(ASIDE_OBJECTIVE * with.value.abs()).max(1.0) + (lead[1] - lead[0]);
    let holds = |bonus: f64, name: &'static str| -> Result<bool, EngineError> {
        progress.say(Event::Stage { name });
        let mut other = stated.clone();
        match &mut other.problem {
            Problem::Profit { problem, .. } => Stay { sites: vec![site], bonus }.take_off(&mut problem.open_costs),
            Problem::Assignment(problem) => {
                let unit = if settings.objective.kind == ObjectiveKind::Distance { 1000.0 } else { 1.0 };
                Stay { sites: vec![site], bonus: (bonus * unit).round() }.add_zones(problem);
            }
        }
        let gap = if matches!(other.problem, Problem::Profit { .. }) { GAP } else { 0.0 };
        let (placed, _) = place(&other, gap, settings.solver.nodes_max, stop, progress)?;
        Ok(placed.open.ok_or(EngineError::NothingFound)?.binary_search(&site).is_ok())
    };
    let (below, above) = (threshold - aside, threshold + aside);
    if matches!(stated.problem, Problem::Assignment(_)) && below < 0.0 {
        return Ok(None);
    }
    Ok(Some(Confirmed {
        below: (below, holds(below, "a little below the threshold")?),
        above: (above, holds(above, "a little above the threshold")?),
    }))
}
