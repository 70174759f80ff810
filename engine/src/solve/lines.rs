//! What a decision says: the lines of the plan.

use domain::forecast::DemandSamples;
use domain::ids::Idx;
use domain::market::{Market, Store};
use domain::plan::{self, ChosenStore, ObjectiveValue, Reached, RiskValue, StockLine, Warning};
use domain::problem::{Rules, Site};
use domain::settings::{ObjectiveKind, Settings};
use ndarray::Array2;

use super::PROVEN;
use crate::EngineError;
use crate::formulate::conflicts;
use crate::formulate::reach::within_minutes;
use crate::formulate::{Problem, Stated};
use crate::joint::hedge::Found;
use crate::pilot::design::Design;
use crate::placement::Placed;
use crate::stock::Stocked;
use crate::worth::Valued;

/// The objective in the unit that a person reads.
pub(crate) fn objective(stated: &Stated, settings: &Settings, placed: &Placed, interval: [f64; 2]) -> ObjectiveValue {
    let kind = settings.objective.kind;
    let (value, bound) =
        placed.exact.map_or((placed.value, placed.bound), |(value, bound)| (value as f64, bound as f64));
    let open = placed.open.as_deref().unwrap_or_default();
    let (unit, value, bound, reached, stay_bonus) = match &stated.problem {
        Problem::Profit { .. } => {
            // Of pairs, half the members are open at a time.
            let part = if stated.pilot.comparison.randomised { 0.5 } else { 1.0 };
            (stated.base.code().to_owned(), value, bound, None, part * stated.stay.kept(open))
        }
        Problem::Assignment(problem) => {
            // Zones of stores that stay come last and hold no people.
            let zones = problem.zones() - stated.stay.sites.len();
            let people: u64 = problem.weights[..zones].iter().sum();
            let people = people as f64;
            if kind == ObjectiveKind::Coverage {
                let (most, kept) = (people + stated.stay.kept(open) + stated.stay.lost(open), stated.stay.kept(open));
                ("people".into(), most - value, most - bound, Some(most - value - kept), kept)
            } else {
                let (value, bound, lost) = (value / 1000.0, bound / 1000.0, stated.stay.lost(open) / 1000.0);
                let reached = (people > 0.0).then(|| (value - lost) / people);
                ("people x minutes".into(), value, bound, reached, lost)
            }
        }
    };
    let gap = plan::gap(value, bound);
    ObjectiveValue {
        kind,
        law: settings.capture.law,
        unit,
        value,
        bound,
        gap,
        reached,
        stay_bonus,
        interval,
        risk: None,
    }
}

/// How the plan fares in its worst outcomes; bonuses are no money.
pub(super) fn risk_value(settings: &Settings, stated: &Stated, open: &[Site], found: &Found) -> Option<RiskValue> {
    let (risk, bonus) = (settings.objective.risk.as_ref()?, stated.stay.kept(open));
    Some(RiskValue {
        tail: risk.tail.fraction,
        weight: risk.weight,
        at_least: risk.at_least.map(|floor| floor.major()),
        cvar: found.hedged.score.cvar - bonus,
        mean: found.hedged.score.mean - bonus,
    })
}

/// What a reader has to know of the search and the stock.
pub(super) fn cautions(settings: &Settings, objective: &ObjectiveValue, stocked: &Stocked) -> Vec<Warning> {
    let mut cautions = Vec::new();
    if objective.gap > settings.gap().max(PROVEN) {
        let text = format!(
            "The search ended with a gap of {:.2} %: this plan reaches {:.0} {unit}, and none reaches better than {:.0} {unit}.",
            100.0 * objective.gap,
            objective.value,
            objective.bound,
            unit = objective.unit,
        );
        cautions.push(Warning { code: "W-OPT-001".into(), text });
    }
    if !stocked.exact {
        let text = "The stock under its budgets is the best found, not proven to be the best.".to_owned();
        cautions.push(Warning { code: "W-OPT-002".into(), text });
    }
    cautions
}

/// Chosen stores by rank.
pub(super) fn chosen(
    market: &Market,
    stores: &[Idx<Store>],
    demand: &Array2<f64>,
    design: &Design,
    valued: &Valued<'_>,
) -> Vec<ChosenStore> {
    let mut order: Vec<usize> = (0..stores.len()).collect();
    order.sort_by_key(|&at| (std::cmp::Reverse(valued.expected[at].minor), at));
    order
        .into_iter()
        .zip(1..)
        .map(|(at, rank)| {
            let facts = &market.stores[stores[at].at()];
            ChosenStore {
                store_id: market.store_ids.name(stores[at]).to_owned(),
                market: market.market_ids.name(facts.market).to_owned(),
                lat: facts.place.lat,
                lon: facts.place.lon,
                rank,
                expected_profit: valued.expected[at],
                interval: valued.intervals[at],
                demand_units_per_week: demand.row(at).sum(),
                share_of_scenarios: valued.shares[at],
                controls: design.controls[at].iter().map(|&store| market.store_ids.name(store).to_owned()).collect(),
            }
        })
        .collect()
}

/// Whom the plan reaches, by floor, in the scenario's order.
pub(super) fn reached(stated: &Stated, settings: &Settings, open: &[Site]) -> Vec<Reached> {
    let floors = settings.reach.iter().zip(&stated.rules.reach);
    floors
        .map(|(asked, floor)| Reached {
            name: asked.name.clone(),
            within_minutes: within_minutes(settings, asked),
            people: floor.value(open),
            counted: floor.counted,
            at_least: floor.at_least,
        })
        .collect()
}

/// Opening stock by store id, then device; what is not held is not listed.
pub(super) fn stock_lines(market: &Market, samples: &DemandSamples, stocked: &Stocked) -> Vec<StockLine> {
    stocked
        .lines
        .iter()
        .zip(&stocked.units)
        .filter(|(_, units)| **units > 0)
        .map(|(line, &units)| StockLine {
            store_id: market.store_ids.name(samples.stores[line.store]).to_owned(),
            device: market.device_ids.name(samples.devices[line.device]).to_owned(),
            units,
            service_level: line.window.service_level(units),
            fill_rate: line.window.alike().fill_rate(units),
        })
        .collect()
}

/// W-OPT-003, where the rules leave no plan that opens anything: then it is not for want of worth that none does.
///
/// # Errors
/// Where the solver fails.
pub(super) fn nothing_fits(
    market: &Market,
    settings: &Settings,
    stated: &Stated,
) -> Result<Option<Warning>, EngineError> {
    if settings.placement.stores_max() == 0 {
        return Ok(None);
    }
    let one = Rules { open_min: 1, ..stated.rules.clone() };
    let conflicts = conflicts::explain(market, settings, stated.base, &stated.candidates, &one, &[])?;
    let asked = conflicts.iter().filter(|conflict| conflict.rule != "placement.stores_min");
    let asked: Vec<String> = asked.map(|conflict| format!("{}: {}", conflict.rule, conflict.why)).collect();
    let text = format!("The rules leave no plan that opens a store. {}.", asked.join("; "));
    Ok((!asked.is_empty()).then(|| Warning { code: "W-OPT-003".into(), text }))
}
