//! What the choice hangs on: by how much the store that is replaced most cheaply stays in, and by how much the one that
//! would replace it stays out.
//!
//! | symbol | here | unit |
//! |---|---|---|
//! | V, B | value and bound of the plan | the objective's |
//! | V', B' | of the best plan without the chosen store, or with the other one | the same |
//! | worth | [V - B', B - V'] | the same; the other way round where less is better |
//!
//! Every plan holds a store or does not, so this is where the two kinds change places, as in [`crate::explain`]; it is as
//! narrow as the gaps of the two searches.

use domain::plan::{ObjectiveValue, Threshold};
use domain::problem::Site;
use domain::settings::{ObjectiveKind, Settings};
use domain::stop::{Progress, Stop};

use crate::EngineError;
use crate::formulate::Stated;
use crate::solve::{objective, place};

/// Of a pair of stores, with their sites: the chosen one that is replaced most cheaply, and its nearest miss. None of one
/// whose search is cut short, or whose change leaves no plan.
///
/// # Errors
/// Where a search fails.
pub(crate) fn thresholds(
    settings: &Settings,
    stated: &mut Stated,
    open: &[Site],
    reached: &ObjectiveValue,
    pair: [Option<(String, Site)>; 2],
    stop: &Stop,
    progress: &dyn Progress,
) -> Result<Vec<Threshold>, EngineError> {
    let mut found = Vec::new();
    for (store_id, site) in pair.into_iter().flatten() {
        let chosen = open.binary_search(&site).is_ok();
        let rules = stated.rules.clone();
        let list = if chosen { &mut stated.rules.exclude } else { &mut stated.rules.require };
        if let Err(at) = list.binary_search(&site) {
            list.insert(at, site);
        }
        let placed = place(stated, settings.gap(), settings.solver.nodes_max, stop, progress);
        stated.rules = rules;
        let (placed, touching) = placed?;
        // A plan that no rule allows has no worth; a search that was cut has no bound to speak of.
        if placed.open.is_none() || placed.cut.is_some() || touching.below.is_some() {
            continue;
        }
        let turned = objective(stated, settings, &placed, [0.0; 2]);
        let sign = if settings.objective.kind == ObjectiveKind::Distance { -1.0 } else { 1.0 };
        let worth = [sign * (reached.value - turned.bound), sign * (reached.bound - turned.value)];
        found.push(Threshold { store_id, chosen, worth });
    }
    Ok(found)
}
