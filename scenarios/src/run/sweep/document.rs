//! From points that are finished to the comparison of them.

use std::collections::{BTreeMap, BTreeSet};

use domain::comparison::{AxisNote, Base, By, Choice, Comparison, PointNote, Reached, SCHEMA, Status, Survivor};
use domain::market::Market;
use domain::plan;

use super::{Came, Points};
use crate::spec::sweep::Decides;

/// Exit codes of points from the most serious: privacy, a plan that failed verification, a fault of ours, limits, disks, what
/// may be tried again, the scenario, the data, no plan, warnings.
const SERIOUS: [u8; 10] = [8, 9, 1, 10, 11, 7, 2, 3, 4, 5];

/// The document of a sweep.
pub(super) fn document(
    all: &Points<'_>,
    market: &Market,
    came: &[Came],
    sweep_id: &str,
    regret: Vec<Choice>,
) -> Comparison {
    let own = all.grid().iter().position(|point| point.settings == all.scenario.settings);
    let base = Base { point: own.unwrap_or(0), scenario: own.is_some() };
    let stores: Vec<Vec<String>> = came.iter().map(ids).collect();
    let mut points: Vec<PointNote> = Vec::new();
    for (at, came) in came.iter().enumerate() {
        let values = all.sweep.values(&all.grid()[at].at).into_iter().map(ToOwned::to_owned).collect();
        let (status, exit_code, objective, why) = match came {
            Came::Plan { plan, exit_code } => {
                let status = if plan.status == plan::Status::Proven { Status::Proven } else { Status::Gap };
                (status, *exit_code, Some(reached(plan)), Vec::new())
            }
            Came::None { infeasible, why, exit_code } => {
                let status = if *infeasible { Status::Infeasible } else { Status::Error };
                (status, *exit_code, None, why.clone())
            }
        };
        points.push(PointNote {
            at: values,
            run_id: all.ids[at].clone(),
            status,
            exit_code,
            objective,
            stores: stores[at].clone(),
            stores_in_base: stores[at].iter().filter(|id| stores[base.point].binary_search(id).is_ok()).count(),
            why,
        });
    }
    let codes: Vec<u8> = points.iter().map(|point| point.exit_code).collect();
    let survivors = survivors(came, &stores);
    Comparison {
        schema: SCHEMA.into(),
        sweep_id: sweep_id.to_owned(),
        scenario: all.scenario.settings.name.clone(),
        as_of: all.scenario.settings.as_of.to_string(),
        version: all.context.version.to_owned(),
        synthetic: all.scenario.synthetic,
        exit_code: SERIOUS.into_iter().find(|code| codes.contains(code)).unwrap_or(0),
        axes: all.sweep.axes.iter().map(axis).collect(),
        base,
        names: names(market, &survivors, &regret),
        stores: survivors,
        points,
        regret,
    }
}

/// What people call the stores of any plan, where the tables have a name for them.
fn names(market: &Market, survivors: &[Survivor], regret: &[Choice]) -> BTreeMap<String, String> {
    let planned = survivors.iter().map(|survivor| &survivor.store_id);
    let weighed = regret.iter().flat_map(|choice| &choice.plans).flat_map(|plan| &plan.stores);
    let ids: BTreeSet<&String> = planned.chain(weighed).collect();
    let named = |id: &String| {
        let store = market.store_ids.find(id)?;
        Some((id.clone(), market.store_labels.get(store.at(), "name")?.to_owned()))
    };
    ids.into_iter().filter_map(named).collect()
}

fn axis(axis: &crate::spec::sweep::Axis) -> AxisNote {
    let decided_by = if axis.decides == Decides::We { By::We } else { By::Nature };
    AxisNote { key: axis.key.clone(), decided_by, values: axis.values.clone() }
}

/// Ids of a plan's stores, ascending.
pub(super) fn ids(came: &Came) -> Vec<String> {
    let Came::Plan { plan, .. } = came else { return Vec::new() };
    let mut ids: Vec<String> = plan.stores.iter().map(|store| store.store_id.clone()).collect();
    ids.sort_unstable();
    ids
}

fn reached(plan: &plan::Plan) -> Reached {
    Reached {
        unit: plan.objective.unit.clone(),
        value: plan.objective.value,
        bound: plan.objective.bound,
        gap: plan.objective.gap,
        bound_verified: plan.bound_verified,
        currency: plan.worth.expected_profit.currency,
        expected_profit: plan.worth.expected_profit.major(),
        interval: plan.objective.interval,
        stock_units: plan.stock.iter().map(|line| u64::from(line.units)).sum(),
    }
}

fn survivors(came: &[Came], stores: &[Vec<String>]) -> Vec<Survivor> {
    let of = came.iter().filter(|came| matches!(came, Came::Plan { .. })).count();
    let mut counts: BTreeMap<&String, usize> = BTreeMap::new();
    stores.iter().flatten().for_each(|id| *counts.entry(id).or_default() += 1);
    let mut survivors: Vec<Survivor> =
        counts.into_iter().map(|(id, points)| Survivor { store_id: id.clone(), points, of }).collect();
    survivors.sort_by_key(|survivor| std::cmp::Reverse(survivor.points));
    survivors
}
