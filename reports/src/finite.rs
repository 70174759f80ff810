//! Refuses a study with a number that is not finite: Excel would store it as text, and a sentence
//! made of it would be nonsense.

use domain::comparison::Comparison;
use domain::study::Study;

use crate::ReportError;

/// Looks at every `f64` and `f32` of the study, in the order of its fields.
///
/// # Errors
/// The first NaN or infinity, with its place; or a candidate of an unknown market.
pub(crate) fn check(study: &Study) -> Result<(), ReportError> {
    let plan = &study.plan;
    let worth = &plan.worth;
    one("objective.value", plan.objective.value)?;
    one("objective.bound", plan.objective.bound)?;
    one("objective.gap", plan.objective.gap)?;
    maybe("objective.reached", plan.objective.reached)?;
    one("objective.stay_bonus", plan.objective.stay_bonus)?;
    if let Some(risk) = plan.objective.risk {
        one("objective.risk.cvar", risk.cvar)?;
        one("objective.risk.mean", risk.mean)?;
    }
    each("objective.interval", &plan.objective.interval)?;
    for store in &plan.stores {
        let at = |field: &str| format!("stores[{}].{field}", store.store_id);
        one(&at("lat"), store.lat)?;
        one(&at("lon"), store.lon)?;
        one(&at("demand_units_per_week"), store.demand_units_per_week)?;
        one(&at("share_of_scenarios"), store.share_of_scenarios)?;
    }
    for line in &plan.stock {
        let at = |field: &str| format!("stock[{}, {}].{field}", line.store_id, line.device);
        one(&at("service_level"), line.service_level)?;
        one(&at("fill_rate"), line.fill_rate)?;
    }
    for line in plan.replenishment.iter().flat_map(|kept| &kept.lines) {
        let at = |field: &str| format!("replenishment[{}, {}].{field}", line.store_id, line.device);
        one(&at("orders"), line.orders)?;
        one(&at("cost_per_week"), line.cost_per_week)?;
        one(&at("service_level"), line.service_level)?;
        one(&at("fill_rate"), line.fill_rate)?;
    }
    for line in plan.replenishment.iter().flat_map(|kept| &kept.depot) {
        let at = |field: &str| format!("depot[{}, {}].{field}", line.market, line.device);
        one(&at("fill_rate"), line.fill_rate)?;
        one(&at("fill_rate_without"), line.fill_rate_without)?;
        one(&at("saves_per_week"), line.saves_per_week)?;
    }
    for missed in &plan.not_chosen {
        one(&format!("not_chosen[{}].swap_cost", missed.store_id), missed.swap_cost)?;
    }
    for threshold in &plan.thresholds {
        each(&format!("thresholds[{}].worth", threshold.store_id), &threshold.worth)?;
    }
    one("worth.selection_factor", worth.selection_factor)?;
    one("worth.chance_of_loss", worth.chance_of_loss)?;
    maybe("worth.payback_weeks", worth.payback_weeks)?;
    maybe("worth.next_store_value", worth.next_store_value)?;
    maybe("worth.last_store_value", worth.last_store_value)?;
    maybe("worth.break_even_demand", worth.break_even_demand)?;
    maybe("pilot.minimum_detectable_effect", plan.pilot.minimum_detectable_effect)?;
    maybe("pilot.minimum_detectable_effect_store", plan.pilot.minimum_detectable_effect_store)?;
    maybe("pilot.detect", plan.pilot.detect)?;
    maybe("pilot.scale", plan.pilot.scale)?;
    maybe("pilot.kappa", plan.pilot.kappa)?;
    maybe("pilot.drawn", plan.pilot.drawn)?;
    one("travel.reach_minutes", study.travel.reach_minutes)?;
    maybe("travel.radius_minutes", study.travel.radius_minutes)?;
    for note in &study.stores {
        let at = |field: &str| format!("stores[{}].{field}", note.store_id);
        one(&at("cannibalised"), note.cannibalised)?;
        one(&at("open_cost"), note.open_cost)?;
        for (name, weight) in &note.analogs {
            one(&at(&format!("analogs[{name}]")), *weight)?;
        }
        for (name, factor) in &note.contributions {
            one(&at(&format!("contributions[{name}]")), *factor)?;
        }
    }
    for (candidate, &(market, lat, lon)) in study.candidates.iter().enumerate() {
        if usize::from(market) >= study.markets.len() {
            return Err(ReportError::Market { candidate, market, markets: study.markets.len() });
        }
        if !(lat.is_finite() && lon.is_finite()) {
            let value = f64::from(if lat.is_finite() { lon } else { lat });
            return Err(ReportError::NotFinite { field: format!("candidates[{candidate}]"), value });
        }
    }
    each("outlook.history", &study.outlook.history)?;
    each("outlook.mean", &study.outlook.mean)?;
    for (week, quantiles) in study.outlook.quantiles.iter().enumerate() {
        each(&format!("outlook.quantiles[{week}]"), quantiles)?;
    }
    for device in &study.devices {
        for (name, weight) in &device.methods {
            one(&format!("devices[{}].methods[{name}]", device.device), *weight)?;
        }
    }
    maybe("forecast.wape", study.forecast.wape)?;
    maybe("forecast.coverage_80", study.forecast.coverage_80)?;
    maybe("forecast.coverage_80_top", study.forecast.coverage_80_top)?;
    maybe("forecast.history_coverage_80", study.forecast.history_coverage_80)
}

/// Looks at every number of a comparison.
///
/// # Errors
/// The first NaN or infinity, with its place.
pub(crate) fn comparison(of: &Comparison) -> Result<(), ReportError> {
    for (at, reached) in of.points.iter().enumerate().filter_map(|(at, point)| Some((at, point.objective.as_ref()?))) {
        let at = |field: &str| format!("points[{at}].objective.{field}");
        one(&at("value"), reached.value)?;
        one(&at("bound"), reached.bound)?;
        one(&at("gap"), reached.gap)?;
        one(&at("expected_profit"), reached.expected_profit)?;
        each(&at("interval"), &reached.interval)?;
    }
    for (at, choice) in of.regret.iter().enumerate() {
        let at = |field: &str| format!("regret[{at}].{field}");
        one(&at("regret_at_least"), choice.regret_at_least)?;
        choice.best.iter().try_for_each(|best| each(&at("best"), best))?;
        for plan in &choice.plans {
            plan.values.iter().try_for_each(|&value| maybe(&at("plans.values"), value))?;
            plan.regrets.iter().flatten().try_for_each(|regret| each(&at("plans.regrets"), regret))?;
            plan.greatest.iter().try_for_each(|ends| each(&at("plans.greatest"), ends))?;
            maybe(&at("plans.mean"), plan.mean)?;
            maybe(&at("plans.worst"), plan.worst)?;
        }
    }
    Ok(())
}

fn one(field: &str, value: f64) -> Result<(), ReportError> {
    if value.is_finite() { Ok(()) } else { Err(ReportError::NotFinite { field: field.into(), value }) }
}

fn maybe(field: &str, value: Option<f64>) -> Result<(), ReportError> {
    value.map_or(Ok(()), |value| one(field, value))
}

fn each(field: &str, values: &[f64]) -> Result<(), ReportError> {
    values.iter().enumerate().try_for_each(|(at, &value)| one(&format!("{field}[{at}]"), value))
}
