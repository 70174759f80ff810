//! Controls: stores that the pilot's stores are compared with.
//!
//! A control must trade through the time that the pilot is watched, have no corner, not be chosen
//! itself, serve one pilot store only, and lie far enough from every chosen store.

use std::collections::BTreeMap;

use domain::calendar::Days;
use domain::plan::Plan;

use crate::Failure;
use crate::facts::Facts;

pub(crate) fn check(facts: &Facts<'_>, plan: &Plan, failures: &mut Vec<Failure>) {
    let (market, pilot) = (facts.market, &facts.settings.pilot);
    let mut wrong = |text: String| failures.push(Failure::new("E-VER-010", text));
    let watched = facts.settings.as_of.checked_add_days(Days::new(7 * u64::from(pilot.watch_weeks)));
    let mut used: BTreeMap<&str, &str> = BTreeMap::new();
    for chosen in &plan.stores {
        let store = &chosen.store_id;
        if chosen.controls.len() > pilot.controls_per_store as usize {
            wrong(format!(
                "{store} has {} controls, {} are asked for",
                chosen.controls.len(),
                pilot.controls_per_store
            ));
        }
        for control in &chosen.controls {
            if let Some(other) = used.insert(control, store) {
                wrong(format!("{control} is a control of {other} and of {store}"));
            }
            let Some(found) = market.store_ids.find(control) else {
                wrong(format!("control {control} of {store} is not known"));
                continue;
            };
            let here = &market.stores[found.at()];
            if here.opened > facts.settings.as_of
                || here.closed.is_some_and(|closed| watched.is_some_and(|watched| closed < watched))
            {
                wrong(format!("control {control} of {store} is not open while the pilot is watched"));
            }
            if facts.corners.binary_search(&found).is_ok() {
                wrong(format!("control {control} of {store} has a corner already"));
            }
            for pilot_store in &plan.stores {
                if pilot_store.store_id == *control {
                    wrong(format!("control {control} of {store} is itself chosen"));
                } else if let Some(near) = market.store_ids.find(&pilot_store.store_id) {
                    let km = facts.km(found, near);
                    if km < pilot.spillover.km {
                        let least = pilot.spillover.km;
                        let text = format!("control {control} lies {km:.3} km from {}", pilot_store.store_id);
                        wrong(format!("{text}, at least {least} km are asked for"));
                    }
                }
            }
        }
    }
}
