//! What an analyst runs the pilot's weeks by: reorder points of the plan's lines, and depots.

use domain::forecast::{DemandSamples, Rates};
use domain::ids::Idx;
use domain::market::{Country, Market};
use domain::plan::Warning;
use domain::plan::replenishment::{DepotLine, ReorderLine, Replenishment, SCHEMA};
use domain::settings::{Depot, Reorder, Settings};
use domain::units::Currency;
use rayon::prelude::*;

use super::depot::{Corner, Routes, Supplied, supplied};
use super::reorder::{Order, Policy, Upkeep, best};
use super::{Limit, Line, Stocked, Stocking};
use crate::EngineError;
use crate::formulate::money::rate;

/// A saving below this part of a line's cost is rounding.
const SAVING: f64 = 1e-9;

/// How the stock is kept up, and what a reader has to know of it.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// The plan's section; none where nothing was asked.
    pub section: Option<Replenishment>,
    /// What breaks or binds.
    pub warnings: Vec<Warning>,
    /// What was not modelled.
    pub remarks: Vec<String>,
}

/// A line that is held.
#[derive(Clone, Copy)]
struct Held<'a> {
    line: &'a Line,
    units: u32,
}

/// How one line is reordered.
struct Kept {
    policy: Policy,
    /// Whether it keeps the service that is asked for.
    served: bool,
    /// What one pack more would save because an order costs something: of what it saves, the part beyond what it would save if
    /// orders were free. Major units of the base currency per week.
    saving: f64,
}

/// How the stock of the chosen stores, whose samples alone are `samples`, is kept up.
///
/// # Errors
/// A currency without a rate, or demand too wide for a table.
pub fn replenish(
    market: &Market,
    settings: &Settings,
    base: Currency,
    samples: &DemandSamples,
    stocked: &Stocked,
) -> Result<Told, EngineError> {
    let asked = &settings.stock;
    if asked.reorder == Reorder::Levels && asked.depot.is_none() {
        return Ok(Told::default());
    }
    let lines = stocked.lines.iter().zip(&stocked.units);
    let held: Vec<Held<'_>> =
        lines.filter(|(_, units)| **units > 0).map(|(line, &units)| Held { line, units }).collect();
    let mut told = Told::default();
    let lines = match asked.reorder {
        Reorder::Levels => Vec::new(),
        Reorder::Points | Reorder::Lots => {
            let kept: Vec<Kept> =
                held.par_iter().map(|held| kept(settings, base, samples, *held)).collect::<Result<_, EngineError>>()?;
            told.warnings.extend(unserved(market, settings, samples, &held, &kept));
            let stocking = Stocking::of(market, settings, base, samples)?;
            dearer(market, base, samples, &stocking, stocked, &held, &kept, &mut told);
            told.remarks.push(
                "When to reorder is worked out for the horizon's mean demand, and as if customers wait for what is short; a \
                 corner that has just opened sells less. Expected profit is that of corners filled up at every review, by orders \
                 that cost nothing."
                    .into(),
            );
            held.iter().zip(&kept).map(|(held, kept)| line(market, settings, samples, *held, kept)).collect()
        }
    };
    let depot = match &asked.depot {
        None => Vec::new(),
        Some(depot) => {
            if asked.reorder != Reorder::Levels {
                let text = "Depots are sized for corners that order at every review: fewer and larger orders ask more of them.";
                told.remarks.push(text.into());
            }
            depots(market, settings, samples, &held, depot)?
        }
    };
    told.section = Some(Replenishment {
        schema: SCHEMA.into(),
        policy: asked.reorder,
        review_weeks: asked.review_weeks,
        currency: base.code().into(),
        lines,
        depot,
    });
    Ok(told)
}

/// The best policy of a line.
fn kept(settings: &Settings, base: Currency, samples: &DemandSamples, held: Held<'_>) -> Result<Kept, EngineError> {
    let Held { line, units } = held;
    let (asked, terms) = (&settings.stock, &line.terms);
    let fixed = match asked.order_cost {
        Some(cost) => cost.major() * rate(settings, base, cost.currency)? / terms.rate,
        None => 0.0,
    };
    let rates = Rates { weights: None, ..samples.of(line.store, line.device) };
    let upkeep = Upkeep::of(rates, line.factor, terms, f64::from(asked.review_weeks), fixed)?;
    let floor = asked.service_min.map(|share| share.fraction);
    let policies = |level: u32| -> Result<Vec<Policy>, EngineError> {
        Ok(if asked.reorder == Reorder::Lots { upkeep.lots(level) } else { upkeep.points(level)? })
    };
    let nothing = models::inventory::Unsound::Empty { what: "the list of policies" };
    let (own, more) = (policies(units)?, policies(units + terms.pack)?);
    let (policy, served) = best(&own, floor).ok_or(nothing)?;
    let saving = if served { caused(&own, &more, fixed, floor).unwrap_or(0.0) } else { 0.0 };
    Ok(Kept { policy, served, saving: saving * terms.rate / f64::from(asked.review_weeks) })
}

/// What a level of the policies `more` saves beside that of `own` because an order costs `fixed`, per review: what it saves,
/// less what it would save if orders were free. That part is the level's own: what its shortages cost, and what budgets left.
fn caused(own: &[Policy], more: &[Policy], fixed: f64, floor: Option<f64>) -> Option<f64> {
    let least = |policies: &[Policy]| {
        let (policy, served) = best(policies, floor)?;
        served.then_some(policy.cost)
    };
    let free = |policies: &[Policy]| -> Vec<Policy> {
        policies.iter().map(|policy| Policy { cost: policy.cost - fixed * policy.orders, ..*policy }).collect()
    };
    let (cost, saved) = (least(own)?, least(own)? - least(more)?);
    let anyway = least(&free(own))? - least(&free(more))?;
    let caused = saved - anyway.max(0.0);
    Some(if caused > SAVING * cost.abs() { caused } else { 0.0 })
}

fn line(market: &Market, settings: &Settings, samples: &DemandSamples, held: Held<'_>, kept: &Kept) -> ReorderLine {
    let Policy { reorder, order, orders, cost, service, fill } = kept.policy;
    let (review, terms) = (f64::from(settings.stock.review_weeks), &held.line.terms);
    let (up_to, lot) = match order {
        Order::UpTo(level) => (Some(level), None),
        Order::Lots(lot) => (None, Some(lot)),
    };
    let (store_id, device) = names(market, samples, held.line);
    ReorderLine {
        store_id,
        device,
        reorder,
        up_to,
        lot,
        orders: orders * terms.weeks / review,
        cost_per_week: cost * terms.rate / review,
        service_level: service,
        fill_rate: fill,
    }
}

fn names(market: &Market, samples: &DemandSamples, line: &Line) -> (String, String) {
    let store = market.store_ids.name(samples.stores[line.store]).to_owned();
    (store, market.device_ids.name(samples.devices[line.device]).to_owned())
}

/// W-STK-001.
fn unserved(
    market: &Market,
    settings: &Settings,
    samples: &DemandSamples,
    held: &[Held<'_>],
    kept: &[Kept],
) -> Option<Warning> {
    let least = settings.stock.service_min?.fraction;
    let mut short = held.iter().zip(kept).filter(|(_, kept)| !kept.served);
    let (first, policy) = short.next()?;
    let (store, device) = names(market, samples, first.line);
    let text = format!(
        "{} of {} lines of stock keep no service level of {:.1} % when they are reordered in whole packs or lots below their \
         level; {device} at {store} keeps {:.1} % at most.",
        1 + short.count(),
        held.len(),
        100.0 * least,
        100.0 * policy.policy.service,
    );
    Some(Warning { code: "W-STK-001".into(), text })
}

/// Lines that a pack more would make cheaper to keep up because orders cost something: W-STK-002 where no room is left for it,
/// else a remark.
#[expect(clippy::too_many_arguments, reason = "each is one thing that is looked at")]
fn dearer(
    market: &Market,
    base: Currency,
    samples: &DemandSamples,
    stocking: &Stocking,
    stocked: &Stocked,
    held: &[Held<'_>],
    kept: &[Kept],
    told: &mut Told,
) {
    let rows: Vec<usize> = (0..samples.stores.len()).collect();
    let budgets = stocking.budgets(&rows, &stocked.lines);
    let packs: Vec<u32> =
        stocked.lines.iter().zip(&stocked.units).map(|(line, units)| units / line.terms.pack).collect();
    let binds = |held: &Held<'_>| -> Option<&'static str> {
        if held.units + held.line.terms.pack > stocking.units_max {
            return Some("stock.units_max");
        }
        let at = stocked.lines.iter().position(|line| std::ptr::eq(line, held.line))?;
        let mut more = packs.clone();
        more[at] += 1;
        budgets.iter().find(|(_, budget)| !budget.fits(&more)).map(|(limit, _)| match limit {
            Limit::Shelf(_) => "stores.shelf_units",
            Limit::Money => "budget.stock",
            Limit::Units => "budget.stock_units",
        })
    };
    let (mut bound, mut free) = (Vec::new(), Vec::new());
    for (held, kept) in held.iter().zip(kept).filter(|(_, kept)| kept.saving > 0.0) {
        match binds(held) {
            Some(limit) => bound.push((held, kept, limit)),
            None => free.push(kept.saving),
        }
    }
    if let Some((first, most, limit)) = bound.iter().max_by(|a, b| a.1.saving.total_cmp(&b.1.saving)) {
        let (store, device) = names(market, samples, first.line);
        let text = format!(
            "At {} of {} lines what an order costs makes a higher level pay more, and a budget leaves no room for it: {device} at \
             {store} would save {:.2} {base} a week of it with {} units in the place of {} ({limit}).",
            bound.len(),
            held.len(),
            most.saving,
            first.units + first.line.terms.pack,
            first.units,
        );
        told.warnings.push(Warning { code: "W-STK-002".into(), text });
    }
    if !free.is_empty() {
        told.remarks.push(format!(
            "What an order costs is not known to the choice of stores and levels: because of it, a pack more would save {:.2} {base} a \
             week at {} of {} lines.",
            free.iter().sum::<f64>(),
            free.len(),
            held.len(),
        ));
    }
}

/// A depot for each device of each market that holds any.
fn depots(
    market: &Market,
    settings: &Settings,
    samples: &DemandSamples,
    held: &[Held<'_>],
    depot: &Depot,
) -> Result<Vec<DepotLine>, EngineError> {
    let places: Vec<(Idx<Country>, usize)> = market
        .market_ids
        .iter()
        .flat_map(|country| (0..samples.devices.len()).map(move |device| (country, device)))
        .collect();
    let review = f64::from(settings.stock.review_weeks);
    let one = |(country, device): (Idx<Country>, usize)| -> Result<Option<DepotLine>, EngineError> {
        let here = |held: &&Held<'_>| {
            held.line.device == device && market.stores[samples.stores[held.line.store].at()].market == country
        };
        let lines: Vec<&Held<'_>> = held.iter().filter(here).collect();
        let Some(first) = lines.first() else { return Ok(None) };
        let terms = &first.line.terms;
        let corner = |held: &&Held<'_>| {
            let weekly = held.line.factor * terms.per_window() / terms.window;
            let rates = samples.of(held.line.store, device).values.iter().map(|rate| rate * weekly).collect();
            Corner { rates, level: held.units }
        };
        let corners: Vec<Corner> = lines.iter().map(corner).collect();
        let routes = Routes {
            to_depot: f64::from(depot.lead_time_weeks),
            to_corner: terms.window - review,
            review,
            held: depot.holding.fraction * terms.holding + terms.loss / terms.weeks,
        };
        let Supplied { base_stock, fill, fill_without, apart, saves } = supplied(&corners, terms, routes)?;
        Ok(Some(DepotLine {
            market: market.market_ids.name(country).to_owned(),
            device: market.device_ids.name(samples.devices[device]).to_owned(),
            base_stock,
            fill_rate: fill,
            fill_rate_without: fill_without,
            units_apart: apart,
            saves_per_week: saves * terms.rate,
        }))
    };
    let found: Vec<Option<DepotLine>> = places.into_par_iter().map(one).collect::<Result<_, EngineError>>()?;
    Ok(found.into_iter().flatten().collect())
}
