//! Why no plan meets the rules: a smallest set of rules that can't hold together.
//!
//! Deletion filter [chinneck1991]: drop each rule in turn; where the rest is still infeasible, leave it
//! out for good. What remains is minimal: without any one of them a plan exists, which is shown once
//! more for each before it is said.

use domain::ids::Idx;
use domain::market::{Market, Store};
use domain::problem::{Assignment, CostRows, Rules, Site};
use domain::reach::Floor;
use domain::settings::Settings;
use domain::stop::{Silent, Stop};
use domain::units::{Currency, Money};

use super::candidates::ineligible;
use super::feasible::cheapest;
use super::reach::within_minutes;
use super::rules::CAPEX;
use crate::{Conflict, EngineError, placement};

/// Nodes that the most people within reach are sought in: what is said of them is a bound in any case.
const NODES_MAX: u64 = 2_000;

/// What the scenario contradicts before anything is formulated: E-INF-001, -002 and -003.
#[must_use]
pub fn early(market: &Market, settings: &Settings, candidates: &[Idx<Store>]) -> Vec<Conflict> {
    let placement = &settings.placement;
    let mut require: Vec<&str> = placement.require.iter().map(String::as_str).collect();
    require.sort_unstable();
    require.dedup();
    let mut found = Vec::new();
    let both: Vec<&str> = require.iter().copied().filter(|id| placement.exclude.iter().any(|out| out == id)).collect();
    if !both.is_empty() {
        for rule in ["placement.exclude", "placement.require"] {
            let why = format!("{} must and must not be chosen", list(&both));
            found.push(Conflict { rule: rule.into(), why, code: "E-INF-001" });
        }
    }
    if require.len() > placement.stores_max() as usize {
        let why = format!("{} stores must be chosen: {}", require.len(), list(&require));
        found.push(Conflict { rule: "placement.require".into(), why, code: "E-INF-002" });
        let why = format!("at most {} may be chosen", placement.stores_max());
        found.push(Conflict { rule: "placement.stores_max".into(), why, code: "E-INF-002" });
    }
    for id in require {
        let why = match market.store_ids.find(id) {
            None => format!("{id} must be chosen, but the table of stores does not know it"),
            Some(store) if candidates.binary_search(&store).is_err() => match ineligible(market, settings, store) {
                Some(reason) => format!("{id} must be chosen, but it {reason}"),
                None => format!("{id} must be chosen, but it is no candidate"),
            },
            Some(_) => continue,
        };
        found.push(Conflict { rule: "placement.require".into(), why, code: "E-INF-003" });
    }
    found.sort();
    found
}

/// A rule that can be dropped on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Exclude,
    DistanceMin,
    StoresMin,
    Row(usize),
    Reach(usize),
    StoresMax,
    Require(Site),
}

/// Why the rules have no plan: empty where they have one. `closed` are sites that no plan may open
/// whatever the scenario says (ascending).
///
/// # Errors
/// Where the solver fails.
pub fn explain(
    market: &Market,
    settings: &Settings,
    base: Currency,
    candidates: &[Idx<Store>],
    rules: &Rules,
    closed: &[Site],
) -> Result<Vec<Conflict>, EngineError> {
    if cheapest(rules, None)?.is_some() {
        return Ok(Vec::new());
    }
    let mut parts = vec![Part::Exclude, Part::DistanceMin, Part::StoresMin];
    parts.extend(rules.own_rows().map(|(at, _)| Part::Row(at)));
    parts.extend((0..rules.reach.len()).map(Part::Reach));
    parts.push(Part::StoresMax);
    parts.extend(rules.require.iter().copied().map(Part::Require));
    let minimal = minimal(rules, closed, parts)?;
    // A budget that alone is in the way gets the amount that would do.
    let mut needed = None;
    for &part in &minimal {
        if let Part::Row(at) = part {
            let row = &rules.rows[at];
            let money = row.name == CAPEX || row.name.ends_with(".capex");
            let mut others = rules.clone();
            others.rows.remove(at);
            if let Some(open) = cheapest(&others, Some(&row.terms))?.filter(|_| money) {
                needed = Some((at, row.value(&open)));
                break;
            }
        }
    }
    let code = if needed.is_some() { "E-INF-004" } else { "E-INF-005" };
    let id = |site: &Site| market.store_ids.name(candidates[*site as usize]);
    let mut found: Vec<Conflict> = Vec::new();
    let mut say = |rule: &str, why: String| found.push(Conflict { rule: rule.into(), why, code });
    let required: Vec<&str> =
        rules.require.iter().filter(|&&site| minimal.contains(&Part::Require(site))).map(id).collect();
    if !required.is_empty() {
        let dead: Vec<&str> = rules.require.iter().filter(|site| closed.binary_search(site).is_ok()).map(id).collect();
        let mut why = format!("{} must be chosen", list(&required));
        if !dead.is_empty() {
            why += &format!("; no zone with people lies within reach of {}", list(&dead));
        }
        say("placement.require", why);
    }
    for &part in &minimal {
        match part {
            Part::Exclude => say("placement.exclude", format!("{} stores must not be chosen", rules.exclude.len())),
            Part::DistanceMin => {
                let km = settings.placement.distance_min.map_or(0.0, |length| length.km);
                say("placement.distance_min", format!("chosen stores have to lie {km} km apart"));
            }
            Part::StoresMin => say("placement.stores_min", format!("at least {} stores are asked for", rules.open_min)),
            Part::StoresMax => say("placement.stores_max", format!("at most {} stores may be chosen", rules.open_max)),
            Part::Row(at) => {
                let row = &rules.rows[at];
                let needs = needed.filter(|needed| needed.0 == at).map(|needed| needed.1);
                say(&row.name, row_words(market, settings, base, row, needs));
            }
            Part::Reach(at) => {
                let others: Vec<Part> = minimal.iter().copied().filter(|other| *other != part).collect();
                let floor = &rules.reach[at];
                let most = most(&keep(rules, closed, &others), floor)?;
                say(&format!("{}.at_least", floor.name), reach_words(settings, floor, most));
            }
            Part::Require(_) => {}
        }
    }
    found.sort();
    Ok(found)
}

/// What a row asks, in words.
fn row_words(
    market: &Market,
    settings: &Settings,
    base: Currency,
    row: &domain::problem::Row,
    needed: Option<i64>,
) -> String {
    if row.name.starts_with("pilot.") {
        return crate::pilot::limits::words(settings, &row.name);
    }
    let place = settings.placement.by_market.keys().find(|key| row.name == format!("placement.by_market.{key}.capex"));
    let currency = place
        .and_then(|name| market.market_ids.find(name))
        .map_or(base, |country| market.markets[country.at()].currency);
    let amount = |minor| Money { minor, currency };
    match (row.name.ends_with("capex"), row.min, row.max, needed) {
        (true, _, Some(max), Some(needed)) => format!(
            "opening may cost {} at most; the cheapest plan that obeys every other rule costs {}",
            amount(max),
            amount(needed)
        ),
        (true, _, Some(max), None) => format!("opening may cost {} at most", amount(max)),
        (_, Some(min), _, _) => format!("at least {min} stores are asked for, of {} candidates", row.terms.len()),
        (_, None, Some(max), _) => format!("at most {max} stores may be chosen"),
        (_, None, None, _) => "asks nothing".into(),
    }
}

/// The most people of a floor that a plan within the rules reaches: maximal covering, solved to proof or to the bound that
/// [`NODES_MAX`] nodes leave.
fn most(rules: &Rules, floor: &Floor) -> Result<i64, EngineError> {
    let cover = &floor.cover;
    let mut rows: Vec<Vec<Site>> = vec![Vec::new(); cover.weights().len()];
    for site in (0..).take(rules.sites) {
        cover.zones(site).iter().for_each(|&zone| rows[zone as usize].push(site));
    }
    let mut starts = vec![0];
    starts.extend(rows.iter().scan(0, |sum, sites| {
        *sum += sites.len();
        Some(*sum)
    }));
    let site = rows.concat();
    let problem = Assignment {
        weights: cover.weights().iter().map(|weight| weight.unsigned_abs()).collect(),
        fallback: vec![1; rows.len()],
        costs: CostRows::Sparse { starts, cost: vec![0; site.len()], site },
    };
    let stop = Stop { nodes_max: NODES_MAX, ..Stop::default() };
    let placed = placement::assignment::solve(rules, &problem, 0.0, &stop, &Silent)?;
    let people: i64 = cover.weights().iter().sum();
    let missed = placed.exact.map_or(0, |(_, bound)| i64::try_from(bound.max(0)).unwrap_or(people));
    Ok(floor.already + people - missed)
}

/// What a floor on people asks, and the `most` that the other rules of the conflict leave, in words.
fn reach_words(settings: &Settings, floor: &Floor, most: i64) -> String {
    let asked = settings.reach.iter().find(|asked| asked.key() == floor.name);
    let minutes = asked.map_or_else(|| settings.travel.reach_minutes(), |asked| within_minutes(settings, asked));
    let already = match floor.already {
        0 => String::new(),
        already => format!(", as {already} have already"),
    };
    format!(
        "at least {} of the {} people who count must have a corner within {minutes} min{already}; the other rules named here leave \
         at most {most} of them one",
        floor.at_least, floor.counted
    )
}

/// The rules with only some of their parts.
fn keep(rules: &Rules, closed: &[Site], parts: &[Part]) -> Rules {
    let has = |part: Part| parts.contains(&part);
    Rules {
        sites: rules.sites,
        open_min: if has(Part::StoresMin) { rules.open_min } else { 0 },
        open_max: if has(Part::StoresMax) { rules.open_max } else { rules.sites },
        require: rules.require.iter().copied().filter(|&site| has(Part::Require(site))).collect(),
        exclude: if has(Part::Exclude) { rules.exclude.clone() } else { closed.to_vec() },
        rows: rules.own_rows().filter(|(at, _)| has(Part::Row(*at))).map(|(_, row)| row.clone()).collect(),
        conflicts: if has(Part::DistanceMin) { rules.conflicts.clone() } else { Vec::new() },
        reach: (0..)
            .zip(&rules.reach)
            .filter(|(at, _)| has(Part::Reach(*at)))
            .map(|(_, floor)| Floor { points: Vec::new(), ..floor.clone() })
            .collect(),
    }
}

/// A minimal infeasible part of `parts`.
fn minimal(rules: &Rules, closed: &[Site], parts: Vec<Part>) -> Result<Vec<Part>, EngineError> {
    let mut kept = parts;
    let mut at = 0;
    while at < kept.len() {
        let mut without = kept.clone();
        without.remove(at);
        let plan = cheapest(&keep(rules, closed, &without), None)?;
        // A plan counts only where the rules themselves confirm it.
        if plan.is_some_and(|open| keep(rules, closed, &without).allow(&open)) {
            at += 1;
        } else {
            kept = without;
        }
    }
    Ok(kept)
}

/// Ids as a phrase: "A", "A and B", "A, B and 3 more".
pub(crate) fn list(ids: &[&str]) -> String {
    match ids {
        [] => "none".into(),
        [one] => (*one).into(),
        [one, other] => format!("{one} and {other}"),
        [one, two, three] => format!("{one}, {two} and {three}"),
        [one, two, rest @ ..] => format!("{one}, {two} and {} more", rest.len()),
    }
}
