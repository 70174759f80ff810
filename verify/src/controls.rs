//! Controls: stores that the pilot's stores are compared with.
//!
//! A control must be of its pilot store's market, trade through the weeks that stores are matched on and
//! those that the pilot is watched, have no corner, not be chosen itself, serve one pilot store only,
//! and lie far enough from every chosen store. A pilot store goes without one only where none is left that sold in the same
//! weeks. What the comparison finds follows from its controls and kappa ([`crate::comparison`]).

use std::collections::BTreeMap;

use domain::calendar::{Date, Days};
use domain::ids::Idx;
use domain::market::Store;
use domain::plan::Plan;
use domain::settings::ObjectiveKind;

use crate::Failure;
use crate::comparison::{Comparison, RELATIVE};
use crate::facts::Facts;

/// What makes a store a control, apart from whom it serves.
pub(crate) struct Eligible<'a> {
    facts: &'a Facts<'a>,
    from: Date,
    until: Date,
    chosen: Vec<Idx<Store>>,
}

impl<'a> Eligible<'a> {
    pub(crate) fn new(facts: &'a Facts<'a>, plan: &Plan) -> Self {
        let (pilot, as_of) = (&facts.settings.pilot, facts.settings.as_of);
        let days = |weeks: u32| Days::new(7 * u64::from(weeks));
        Self {
            facts,
            from: as_of.checked_sub_days(days(pilot.match_weeks)).unwrap_or(Date::MIN),
            until: as_of.checked_add_days(days(pilot.watch_weeks)).unwrap_or(Date::MAX),
            chosen: plan.stores.iter().filter_map(|chosen| facts.market.store_ids.find(&chosen.store_id)).collect(),
        }
    }

    /// Whether a store could be a control if nobody were chosen.
    pub(crate) fn lasting(&self, store: Idx<Store>) -> bool {
        let here = &self.facts.market.stores[store.at()];
        here.opened <= self.from
            && here.closed.is_none_or(|closed| closed >= self.until)
            && self.facts.corners.binary_search(&store).is_err()
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

pub(crate) fn check(facts: &Facts<'_>, comparison: &Comparison<'_>, plan: &Plan, failures: &mut Vec<Failure>) {
    let market = facts.market;
    let asked = comparison.each;
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
                && market
                    .store_ids
                    .find(&chosen.store_id)
                    .is_some_and(|own| comparison.variance(own, store).is_finite())
                && eligible.against(store).is_none()
        });
        if let Some(free) = free {
            let (store, count) = (&chosen.store_id, chosen.controls.len());
            wrong(format!("{store} has {count} of {asked} controls, and {} is free", market.store_ids.name(free)));
        }
    }
    found(facts, comparison, plan, &mut wrong);
}

/// What the comparison is said to find, against what its controls give.
fn found(facts: &Facts<'_>, comparison: &Comparison<'_>, plan: &Plan, wrong: &mut impl FnMut(String)) {
    let (market, pilot, asked) = (facts.market, &plan.pilot, &facts.settings.pilot);
    let find = |id: &String| market.store_ids.find(id);
    let near = |one: f64, other: f64| (one - other).abs() <= RELATIVE * one.abs().max(other.abs());
    if pilot.detect != asked.detect.map(|detect| detect.fraction) {
        wrong(format!("the effect to be found is {:?} in the scenario, not {:?}", asked.detect, pilot.detect));
    }
    let (mut sum, mut count) = (0.0, 0.0);
    for chosen in plan.stores.iter().filter(|chosen| !chosen.controls.is_empty()) {
        let own = find(&chosen.store_id);
        let pairs = chosen.controls.iter().filter_map(|control| own.zip(find(control)));
        let variances: Vec<f64> = pairs.map(|(own, control)| comparison.variance(own, control)).collect();
        sum += variances.iter().sum::<f64>() / variances.len() as f64;
        count += 1.0;
    }
    let scale = sum.sqrt() / count;
    if let Some(stated) = pilot.scale.filter(|&stated| !near(stated, scale)) {
        wrong(format!("the comparison's scale is {scale}, not {stated}"));
    }
    match (pilot.scale, pilot.kappa, pilot.minimum_detectable_effect) {
        (Some(scale), Some(kappa), Some(effect)) if near(effect, (kappa * scale).exp_m1()) => {}
        (None, None, None) => {}
        (scale, kappa, effect) => {
            wrong(format!("an effect of {effect:?} is said to be found, at scale {scale:?} and kappa {kappa:?}"));
        }
    }
    if facts.settings.objective.kind != ObjectiveKind::Profit || plan.stores.is_empty() {
        return;
    }
    if let Some(detect) = asked.detect {
        let most = detect.fraction.ln_1p() * (1.0 + RELATIVE);
        let each = comparison.each;
        let complete = plan.stores.iter().all(|chosen| chosen.controls.len() == each);
        if !complete || !pilot.kappa.is_some_and(|kappa| kappa * scale <= most) {
            wrong(format!("pilot.detect: the plan finds {:?}, not {detect:?}", pilot.minimum_detectable_effect));
        }
    }
    for (name, values, within) in &comparison.balanced {
        let mut apart = 0.0;
        for chosen in &plan.stores {
            let of = |id: &String| find(id).map_or(f64::NAN, |store| values[store.at()]);
            let theirs: f64 = chosen.controls.iter().map(of).sum();
            apart += of(&chosen.store_id) - theirs / chosen.controls.len() as f64;
        }
        let room = within * count;
        // Sums of a few dozen numbers, in another order.
        if !(apart.abs()
            <= room
                + RELATIVE
                    * (room
                        + values
                            .iter()
                            .filter(|value| value.is_finite())
                            .fold(0.0, |most: f64, value| most.max(value.abs()))))
        {
            wrong(format!(
                "pilot.balanced.{name}: the means differ by {}, at most {within} is allowed",
                (apart / count).abs()
            ));
        }
    }
}
