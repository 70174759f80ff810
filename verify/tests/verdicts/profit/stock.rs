//! Stock that is not what it says, not whole, not within its limits or not the best.

use domain::plan::{Plan, StockLine};
use domain::settings::CaptureLaw;

use crate::world::*;

use super::{Case, line, rivals};

/// The codes of a plan after a change to its first stock line.
fn after(case: &Case, change: impl Fn(&mut StockLine)) -> Vec<&'static str> {
    let (open, value) = case.best();
    let mut plan = case.stocked(&open, value);
    change(&mut plan.stock[0]);
    let device = case.market.device_ids.find(&plan.stock[0].device).unwrap().at();
    let before = case.stocked(&open, value).stock[0].units;
    let each = case.market.device_terms[device].as_ref().unwrap().unit_cost.minor;
    plan.worth.stock_cost.minor += each * (i64::from(plan.stock[0].units) - i64::from(before));
    codes(&case.check(&plan).failures)
}

#[test]
fn wrong_stock_is_refused() {
    let case = rivals(CaptureLaw::Share);
    assert!(after(&case, |_| ()).is_empty());
    // Other stock earns other money, too.
    assert_eq!(after(&case, |line| line.units += 1), ["E-VER-005", "E-VER-009"]);
    assert_eq!(after(&case, |line| line.units -= 1), ["E-VER-005", "E-VER-009"]);
    assert_eq!(after(&case, |line| line.service_level += 1e-6), ["E-VER-009"]);
    assert_eq!(after(&case, |line| line.fill_rate -= 1e-6), ["E-VER-009"]);
    assert!(after(&case, |line| line.store_id = "s01x".into()).contains(&"E-VER-009"));
}

#[test]
fn a_line_left_out_is_missed() {
    let case = rivals(CaptureLaw::Share);
    let (open, value) = case.best();
    let mut plan = case.stocked(&open, value);
    let gone = plan.stock.remove(0);
    let device = case.market.device_ids.find(&gone.device).unwrap().at();
    let each = case.market.device_terms[device].as_ref().unwrap().unit_cost.minor;
    plan.worth.stock_cost.minor -= each * i64::from(gone.units);
    let part = case.capture.demand(&open)[[0, device]] / case.samples.mean()[[open[0], device]];
    let earned = case.level((open[0], device), part).1;
    assert_eq!(codes(&case.check(&plan).failures), ["E-VER-005", "E-VER-009"]);
    plan.objective.value -= earned;
    plan.objective.gap = domain::plan::gap(plan.objective.value, plan.objective.bound);
    plan.status = domain::plan::Status::Gap;
    let verdict = case.check(&plan);
    assert_eq!(codes(&verdict.failures), ["E-VER-009"]);
    assert!(verdict.failures[0].text.contains("would earn more than 0"), "{verdict:?}");
    // Unless the plan itself says that better stock may exist.
    let text = "The stock under its budgets is the best found, not proven to be the best.".into();
    plan.warnings = vec![domain::plan::Warning { code: "W-OPT-002".into(), text }];
    assert!(case.check(&plan).failures.is_empty());
}

#[test]
fn one_pack_off_does_not_pay() {
    // The right service level and fill rate of a wrong number of units.
    let case = rivals(CaptureLaw::Independent);
    let (open, value) = case.best();
    for (at, change) in [(0, 1_i64), (0, -1), (1, 4), (1, -4)] {
        let mut plan = case.stocked(&open, value);
        let device = at % 2;
        let units = (i64::from(plan.stock[at].units) + change) as u32;
        let (_, service, fill) = line(&case.market, &case.settings, &case.samples, (open[0], device), 1.0, units);
        plan.stock[at] = stock_line(&plan.stock[at].store_id, &plan.stock[at].device, units, service, fill);
        plan.worth.stock_cost.minor += change * case.market.device_terms[device].as_ref().unwrap().unit_cost.minor;
        let verdict = case.check(&plan);
        assert_eq!(codes(&verdict.failures), ["E-VER-005", "E-VER-009"], "{at} {change}");
        let stock = verdict.failures.iter().find(|failure| failure.code == "E-VER-009").unwrap();
        assert!(stock.text.contains("would earn more"), "{verdict:?}");
    }
}

#[test]
fn stock_limits_are_kept() {
    let mut case = rivals(CaptureLaw::Independent);
    let (open, value) = case.best();
    let plan = case.stocked(&open, value);
    let broken = |case: &Case, name: &str| {
        let verdict = case.check(&plan);
        let found =
            verdict.failures.iter().any(|failure| failure.code == "E-VER-009" && failure.text.starts_with(name));
        assert!(found, "{name}: {verdict:?}");
    };
    let units: u32 = plan.stock.iter().map(|line| line.units).sum();
    case.settings.budget.stock_units = Some(u64::from(units) - 1);
    broken(&case, "budget.stock_units");
    case.settings.budget.stock_units = None;
    case.settings.budget.stock = Some(money(plan.worth.stock_cost.minor - 1));
    broken(&case, "budget.stock");
    case.settings.budget.stock = Some(money(plan.worth.stock_cost.minor));
    assert!(case.check(&plan).failures.is_empty());
    case.market.stores[open[0]].shelf_units = Some(1);
    broken(&case, "stores.shelf_units");
    case.market.stores[open[0]].shelf_units = None;
    case.settings.stock.service_min = Some("99.9 %".parse().unwrap());
    broken(&case, "stock.service_min");
}

#[test]
fn numbers_that_contradict_each_other_are_refused() {
    let case = rivals(CaptureLaw::Independent);
    let (open, value) = case.best();
    let changed = |change: fn(&mut Plan)| {
        let mut plan = case.stocked(&open, value);
        change(&mut plan);
        codes(&case.check(&plan).failures)
    };
    assert!(changed(|_| ()).is_empty());
    assert_eq!(changed(|plan| plan.objective.gap = 0.5), ["E-VER-006"]);
    assert_eq!(changed(|plan| plan.objective.unit = "EUR".into()), ["E-VER-006"]);
    assert_eq!(changed(|plan| plan.stores[0].rank = 7), ["E-VER-006"]);
    assert_eq!(changed(|plan| plan.stores[0].lat += 0.1), ["E-VER-006"]);
    assert_eq!(changed(|plan| plan.stores[0].demand_units_per_week += 1e-6), ["E-VER-006"]);
    assert_eq!(changed(|plan| plan.stores[1].expected_profit.minor += 1), ["E-VER-006"]);
    assert_eq!(changed(|plan| plan.worth.open_cost.minor += 1), ["E-VER-006"]);
    assert_eq!(changed(|plan| plan.worth.stock_cost.minor += 1), ["E-VER-006"]);
    assert_eq!(changed(|plan| plan.objective.interval = [1.0, f64::NAN]), ["E-VER-006"]);
    // Proven with a bound a tenth higher.
    let loose = |plan: &mut Plan| {
        plan.objective.bound = plan.objective.value * 1.1;
        plan.objective.gap = domain::plan::gap(plan.objective.value, plan.objective.bound);
    };
    assert_eq!(changed(loose), ["E-VER-006"]);
}
