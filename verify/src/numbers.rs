//! Numbers of the plan that must agree with each other, with the Market and with the settings.

use std::collections::BTreeSet;

use domain::plan::{Plan, SCHEMA, Status};
use domain::settings::ObjectiveKind;
use domain::units::Money;

use crate::facts::Facts;
use crate::{Failure, money};

/// The gap at which a plan counts as proven (design, section 4).
const PROVEN: f64 = 1e-6;

pub(crate) fn check(facts: &Facts<'_>, plan: &Plan, failures: &mut Vec<Failure>) {
    let mut wrong = |text: String| failures.push(Failure::new("E-VER-006", text));
    if plan.schema != SCHEMA {
        wrong(format!("the plan's schema is {}, not {SCHEMA}", plan.schema));
    }
    objective(facts, plan, &mut wrong);
    stores(facts, plan, &mut wrong);
    worth(facts, plan, &mut wrong);
}

fn objective(facts: &Facts<'_>, plan: &Plan, wrong: &mut impl FnMut(String)) {
    let (stated, settings) = (&plan.objective, facts.settings);
    if stated.kind != settings.objective.kind || stated.law != settings.capture.law {
        wrong("the plan's objective or capture law is not the settings'".into());
    }
    let unit = match settings.objective.kind {
        ObjectiveKind::Profit => facts.base.code(),
        ObjectiveKind::Distance => "people x minutes",
        ObjectiveKind::Coverage => "people",
    };
    if stated.unit != unit {
        wrong(format!("the objective's unit is {unit}, not {}", stated.unit));
    }
    let gap = (stated.value - stated.bound).abs() / stated.value.abs().max(1.0);
    // Three operations on the same numbers: only the last digits may differ.
    if !((gap - stated.gap).abs() <= 1e-12 * gap.max(1.0)) {
        wrong(format!("the gap of {} and {} is {gap}, not {}", stated.value, stated.bound, stated.gap));
    }
    if plan.status == Status::Proven && !(gap <= PROVEN) {
        wrong(format!("the plan is called proven with a gap of {gap}"));
    }
    if !(stated.interval[0] <= stated.interval[1]) {
        wrong("the objective's interval ends before it begins".into());
    }
}

fn stores(facts: &Facts<'_>, plan: &Plan, wrong: &mut impl FnMut(String)) {
    for (rank, chosen) in (1_u32..).zip(&plan.stores) {
        let id = &chosen.store_id;
        if chosen.rank != rank {
            wrong(format!("{id} stands at place {rank} with rank {}", chosen.rank));
        }
        let Some(store) = facts.market.store_ids.find(id) else { continue };
        let here = &facts.market.stores[store.at()];
        let place = (here.place.lat, here.place.lon);
        if chosen.market != facts.market.market_ids.name(here.market) || (chosen.lat, chosen.lon) != place {
            wrong(format!("{id} does not lie where the plan says"));
        }
        let [low, high] = chosen.interval;
        if [low, high, chosen.expected_profit].iter().any(|amount| amount.currency != facts.base)
            || low.minor > high.minor
        {
            wrong(format!("the profit of {id} is not in {}, or its interval ends before it begins", facts.base));
        }
        if !(0.0..=1.0).contains(&chosen.share_of_scenarios) {
            wrong(format!("{id} is chosen in a share of {} of the scenarios", chosen.share_of_scenarios));
        }
    }
    if !plan.stores.is_sorted_by(|a, b| a.expected_profit.minor >= b.expected_profit.minor) {
        wrong("the ranks are not in order of expected profit".into());
    }
    for miss in &plan.not_chosen {
        let chosen = |id: &str| plan.stores.iter().any(|chosen| chosen.store_id == id);
        if facts.find(&miss.store_id).is_none() || chosen(&miss.store_id) || !chosen(&miss.instead_of) {
            wrong(format!("{} is no candidate left out, or {} is not chosen", miss.store_id, miss.instead_of));
        }
    }
    if !plan.not_chosen.is_sorted_by(|a, b| a.swap_cost <= b.swap_cost) {
        wrong("the nearest misses are not in order of their swap cost".into());
    }
}

/// Compares the demand stated for each chosen store with D, by open site and device.
pub(crate) fn demand(facts: &Facts<'_>, plan: &Plan, open: &[u32], demand: &[Vec<f64>], failures: &mut Vec<Failure>) {
    for chosen in &plan.stores {
        let slot = facts.find(&chosen.store_id).and_then(|site| open.binary_search(&site).ok());
        let Some(slot) = slot else { continue };
        let (found, said) = (demand[slot].iter().sum::<f64>(), chosen.demand_units_per_week);
        // Two evaluations of a capture law agree to about 1e-12.
        if !((said - found).abs() <= 1e-9 * found.max(1.0)) {
            let text = format!("{} sells {found} units per week, not {said}", chosen.store_id);
            failures.push(Failure::new("E-VER-006", text));
        }
    }
}

fn worth(facts: &Facts<'_>, plan: &Plan, wrong: &mut impl FnMut(String)) {
    let worth = &plan.worth;
    if !(0.0..=1.0).contains(&worth.chance_of_loss) {
        wrong(format!("the chance of loss is {}", worth.chance_of_loss));
    }
    let in_base = |minor| Money { minor, currency: facts.base };
    let opened = plan.stores.iter().map(|chosen| facts.find(&chosen.store_id));
    let open_cost = opened.map(|site| Some(facts.open_cost[site? as usize])).sum::<Option<i64>>();
    // A store that is no candidate is told elsewhere.
    if let Some(found) = open_cost.map(in_base)
        && worth.open_cost != found
    {
        wrong(format!("opening costs {found}, not {}", worth.open_cost));
    }
    let stock_cost = plan.stock.iter().map(|line| {
        let store = facts.market.store_ids.find(&line.store_id)?;
        let device = facts.market.device_ids.find(&line.device)?;
        let terms = facts.market.terms(device, facts.market.stores[store.at()].market)?;
        Some(money::convert(facts.settings, terms.unit_cost, facts.base).saturating_mul(i64::from(line.units)))
    });
    // A line of an unknown store or device is told with the stock.
    if let Some(found) = stock_cost.sum::<Option<i64>>().map(in_base)
        && worth.stock_cost != found
    {
        wrong(format!("the opening stock costs {found}, not {}", worth.stock_cost));
    }
    markets(facts, plan, wrong);
}

/// What is said of each market, against the tables: stores, and costs in its own currency; profit against the stores' own.
fn markets(facts: &Facts<'_>, plan: &Plan, wrong: &mut impl FnMut(String)) {
    let known = &facts.market.markets;
    let several = known.len() > 1 || known.iter().any(|terms| terms.currency != facts.base);
    let chosen: BTreeSet<&str> = plan.stores.iter().map(|chosen| chosen.market.as_str()).collect();
    let said: Vec<&str> = plan.worth.markets.iter().map(|said| said.market.as_str()).collect();
    if said != Vec::from_iter(chosen.into_iter().filter(|_| several)) {
        wrong(format!("amounts by market are of {said:?}, and not of the markets with a chosen store"));
        return;
    }
    for said in &plan.worth.markets {
        let Some(country) = facts.market.market_ids.find(&said.market) else {
            wrong(format!("there is no market {}", said.market));
            continue;
        };
        let currency = known[country.at()].currency;
        let here = || plan.stores.iter().filter(|chosen| chosen.market == said.market);
        let find = |id: &str| facts.market.store_ids.find(id);
        let opening = here().filter_map(|chosen| find(&chosen.store_id));
        let opening = opening.map(|store| money::open_cost(facts.market, facts.settings, store, currency)).sum();
        let lines = plan.stock.iter().filter(|line| here().any(|chosen| chosen.store_id == line.store_id));
        let stock = lines.map(|line| {
            let terms = facts.market.terms(facts.market.device_ids.find(&line.device)?, country)?;
            Some(terms.unit_cost.minor.saturating_mul(i64::from(line.units)))
        });
        let profit = Money { minor: here().map(|chosen| chosen.expected_profit.minor).sum(), currency: facts.base };
        let profit = money::convert(facts.settings, profit, currency);
        // A line of an unknown device is told with the stock.
        let stock = stock.sum::<Option<i64>>().unwrap_or(said.stock_cost.minor);
        let found = [profit, opening, stock].map(|minor| Money { minor, currency });
        let stated = [said.expected_profit, said.open_cost, said.stock_cost];
        if (stated, said.stores as usize) != (found, here().count()) {
            let of = |amounts: [Money; 3]| amounts.map(|amount| amount.to_string()).join(", ");
            wrong(format!(
                "{} has {} stores with profit, opening costs and stock of {}, not {} with {}",
                said.market,
                here().count(),
                of(found),
                said.stores,
                of(stated)
            ));
        }
    }
}
