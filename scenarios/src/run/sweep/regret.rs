//! What nature decides and what we do: regret is told for each of our choices by itself.
//!
//! Settings that describe the world ([`Decides::Nature`]) make worlds; those that we decide make choices. A choice is made
//! before the world is known, and with it the stores: so for each choice the plans of its worlds are weighed in all of
//! them, under the rules and budgets of that choice, and with them the plans of other choices, where those rules allow them.
//! Which choice is better is no matter of regret: the points themselves say what each earns.

use std::collections::BTreeMap;

use domain::comparison::{Choice, Weighed};
use domain::plan::Plan;
use domain::settings::ObjectiveKind;
use engine::robust::{Robust, Weighed as Found, World, robust};

use super::document::ids;
use super::{Came, Points};
use crate::run::RunError;
use crate::spec::sweep::Decides;

/// Worlds and choices; empty where nature decides nothing.
pub(super) fn regret(all: &Points<'_>, came: &[Came]) -> Result<Vec<Choice>, RunError> {
    let axes = &all.sweep.axes;
    let ours = |at: &[usize]| -> Vec<usize> {
        axes.iter().zip(at).filter(|(axis, _)| axis.decides == Decides::We).map(|(_, &value)| value).collect()
    };
    let mut choices: Vec<(Vec<usize>, Vec<usize>)> = Vec::new();
    for (at, point) in all.grid().iter().enumerate() {
        let key = ours(&point.at);
        match choices.iter_mut().find(|choice| choice.0 == key) {
            Some(choice) => choice.1.push(at),
            None => choices.push((key, vec![at])),
        }
    }
    let mut told = Vec::new();
    for (_, points) in choices {
        let seeks_profit = all.settings(points[0]).objective.kind == ObjectiveKind::Profit;
        if points.len() < 2 || !seeks_profit || all.context.stop.now(0).is_some() {
            continue;
        }
        told.extend(choice(all, came, &points)?);
    }
    Ok(told)
}

/// One choice, over the worlds of its points.
fn choice(all: &Points<'_>, came: &[Came], points: &[usize]) -> Result<Option<Choice>, RunError> {
    let plan = |at: usize| -> Option<&Plan> {
        match &came[at] {
            Came::Plan { plan, .. } => Some(plan),
            Came::None { .. } => None,
        }
    };
    let (worlds, left_out): (Vec<usize>, Vec<usize>) = points.iter().partition(|&&at| plan(at).is_some());
    if worlds.len() < 2 {
        return Ok(None);
    }
    let mut grounds = Vec::new();
    for &at in &worlds {
        let ground = all.grounds.of(all.settings(at))?;
        grounds.push((ground.tables, ground.foreseen(all.settings(at))?));
    }
    let framed: Vec<World<'_>> = worlds
        .iter()
        .zip(&grounds)
        .filter_map(|(&at, (tables, foreseen))| {
            let (market, forecast) = (&tables.loaded.market, &foreseen.forecast);
            Some(World { market, forecast, settings: all.settings(at), plan: plan(at)? })
        })
        .collect();
    // Of other choices, each set of stores once.
    let mut others: BTreeMap<Vec<String>, usize> = BTreeMap::new();
    for at in (0..came.len()).filter(|at| !points.contains(at) && plan(*at).is_some()) {
        others.entry(ids(&came[at])).or_insert(at);
    }
    let mut others: Vec<usize> = others.into_values().collect();
    others.sort_unstable();
    let given: Vec<&Plan> = others.iter().filter_map(|&at| plan(at)).collect();
    let Some(found) = robust(&framed, &given, all.context.stop, all.context.progress)? else { return Ok(None) };
    let axes = &all.sweep.axes;
    let ours = axes.iter().zip(&all.grid()[worlds[0]].at).filter(|(axis, _)| axis.decides == Decides::We);
    let at = ours.map(|(axis, &value)| (axis.key.clone(), axis.values[value].clone())).collect();
    let from: Vec<usize> = worlds.iter().chain(&others).copied().collect();
    let plans = found.plans.iter().map(|plan| weighed(&found, plan, &worlds, &from)).collect();
    Ok(Some(Choice {
        at,
        worlds,
        left_out,
        plans,
        robust: found.least_regret,
        best_mean: found.most_mean,
        best_worst: found.most_worst,
        unit: found.unit,
        stock_again: found.stock_again,
        best: found.best,
        regret_at_least: found.regret_at_least,
        searched: found.searched,
    }))
}

/// A plan with its regrets; `from` are the points of those that were given.
fn weighed(found: &Robust, plan: &Found, worlds: &[usize], from: &[usize]) -> Weighed {
    let values: Vec<Option<f64>> = plan.values.iter().map(|value| value.map(|[earned, _]| earned)).collect();
    let regrets = found.regrets(plan);
    let everywhere: Option<Vec<f64>> = values.iter().copied().collect();
    let greatest = |end: usize| -> Option<f64> {
        let ends: Option<Vec<f64>> = regrets.iter().map(|regret| regret.map(|regret| regret[end])).collect();
        Some(ends?.into_iter().fold(0.0, f64::max))
    };
    Weighed {
        points: plan.given.iter().map(|&at| from[at]).collect(),
        stores: plan.stores.clone(),
        stock_of: plan.stock_of.map(|at| worlds[at]),
        greatest: greatest(0).zip(greatest(1)).map(|(least, most)| [least, most]),
        mean: everywhere.as_ref().map(|values| values.iter().sum::<f64>() / values.len() as f64),
        worst: everywhere.map(|values| values.into_iter().fold(f64::INFINITY, f64::min)),
        values,
        regrets,
    }
}
