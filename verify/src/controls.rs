//! Controls: stores that the pilot's stores are compared with.
//!
//! A control must be of its pilot store's market, trade through the weeks that stores are matched on and
//! those that the pilot is watched, have no corner, not be chosen itself, serve one pilot store only,
//! and lie far enough from every chosen store. A pilot store goes without one only where none is left.

use std::collections::BTreeMap;

use domain::calendar::{Date, Days};
use domain::ids::Idx;
use domain::market::Store;
use domain::plan::Plan;

use crate::Failure;
use crate::facts::Facts;

/// What makes a store a control, apart from whom it serves.
struct Eligible<'a> {
    facts: &'a Facts<'a>,
    from: Date,
    until: Date,
    chosen: Vec<Idx<Store>>,
}

impl<'a> Eligible<'a> {
    fn new(facts: &'a Facts<'a>, plan: &Plan) -> Self {
        let (pilot, as_of) = (&facts.settings.pilot, facts.settings.as_of);
        let days = |weeks: u32| Days::new(7 * u64::from(weeks));
        Self {
            facts,
            from: as_of.checked_sub_days(days(pilot.match_weeks)).unwrap_or(Date::MIN),
            until: as_of.checked_add_days(days(pilot.watch_weeks)).unwrap_or(Date::MAX),
            chosen: plan.stores.iter().filter_map(|chosen| facts.market.store_ids.find(&chosen.store_id)).collect(),
        }
    }

    /// Why a store is no control; none where it could be one.
    fn against(&self, store: Idx<Store>) -> Option<String> {
        let (facts, here) = (self.facts, &self.facts.market.stores[store.at()]);
        if self.chosen.contains(&store) {
            return Some("is itself chosen".into());
        }
        if here.opened > self.from || here.closed.is_some_and(|closed| closed < self.until) {
            return Some(format!("is not open from {} to {}", self.from, self.until));
        }
        if facts.corners.binary_search(&store).is_ok() {
            return Some("has a corner already".into());
        }
        let least = facts.settings.pilot.spillover.km;
        let near = self.chosen.iter().map(|&chosen| (facts.km(store, chosen), chosen)).find(|near| near.0 < least);
        near.map(|(km, chosen)| {
            let name = facts.market.store_ids.name(chosen);
            format!("lies {km:.3} km from {name}, at least {least} km are asked for")
        })
    }
}

pub(crate) fn check(facts: &Facts<'_>, plan: &Plan, failures: &mut Vec<Failure>) {
    let market = facts.market;
    let asked = facts.settings.pilot.controls_per_store as usize;
    let mut wrong = |text: String| failures.push(Failure::new("E-VER-010", text));
    let eligible = Eligible::new(facts, plan);
    let mut used: BTreeMap<&str, &str> = BTreeMap::new();
    for chosen in &plan.stores {
        let store = &chosen.store_id;
        if chosen.controls.len() > asked {
            wrong(format!("{store} has {} controls, {asked} are asked for", chosen.controls.len()));
        }
        for control in &chosen.controls {
            if let Some(other) = used.insert(control, store) {
                wrong(format!("{control} is a control of {other} and of {store}"));
            }
            let Some(found) = market.store_ids.find(control) else {
                wrong(format!("control {control} of {store} is not known"));
                continue;
            };
            if market.market_ids.name(market.stores[found.at()].market) != chosen.market {
                wrong(format!("control {control} of {store} is in another market"));
            }
            if let Some(why) = eligible.against(found) {
                wrong(format!("control {control} of {store} {why}"));
            }
        }
    }
    for chosen in plan.stores.iter().filter(|chosen| chosen.controls.len() < asked) {
        let free = market.store_ids.iter().find(|&store| {
            market.market_ids.name(market.stores[store.at()].market) == chosen.market
                && !used.contains_key(market.store_ids.name(store))
                && eligible.against(store).is_none()
        });
        if let Some(free) = free {
            let (store, count) = (&chosen.store_id, chosen.controls.len());
            wrong(format!("{store} has {count} of {asked} controls, and {} is free", market.store_ids.name(free)));
        }
    }
}
