//! Grids: their order, relative values, and what is refused where.

use super::super::tests::{BASE, folder, refusals};
use super::super::{Scenario, read};
use super::*;

fn scenario(lines: &str) -> Scenario {
    let (_folder, first) = folder(&[("base.toml", &with(lines))]);
    read(&first).expect("valid")
}

fn with(lines: &str) -> String {
    format!("{BASE}[demand]\nuptake = {{ low = 0.02, mode = 0.04, high = 0.08 }}\n[sweep]\n{lines}\n")
}

fn refused(lines: &str) -> Diagnostic {
    let found = refusals(&[("base.toml", &with(lines))]);
    assert_eq!(found.len(), 1, "{found:?}");
    found[0].clone()
}

#[test]
fn the_grid_is_in_the_order_of_the_file_with_the_last_key_fastest() {
    let scenario =
        scenario("\"placement.stores_max\" = [6, 12]\n\"demand.uptake\" = [\"-20 %\", \"0 %\"]\nseed = [1, 2]");
    let sweep = scenario.sweep.as_ref().expect("a sweep");
    let keys: Vec<_> = sweep.axes.iter().map(|axis| axis.key.as_str()).collect();
    assert_eq!(keys, ["placement.stores_max", "demand.uptake", "seed"]);
    assert_eq!([0, 1, 2].map(|at| sweep.axes[at].decides), [Decides::We, Decides::Nature, Decides::Nature]);
    let grid: Vec<_> = sweep.points.iter().map(|point| sweep.values(&point.at).join(" ")).collect();
    assert_eq!(grid[..3], ["6 -20 % 1", "6 -20 % 2", "6 0 % 1"]);
    assert_eq!((grid.len(), grid[7].as_str()), (8, "12 0 % 2"));
    assert_eq!(sweep.points[0].settings.placement.stores_max(), 6);
    // A point that changes nothing is the scenario itself, to the last digit: it is the same run.
    assert_eq!(sweep.points[6].settings, scenario.settings);
}

#[test]
fn relative_values_change_numbers_with_their_units_and_priors_whole() {
    let sweep = |lines| scenario(lines).sweep.expect("a sweep").points;
    let points = sweep(
        "\"demand.uptake\" = [\"+10 %\"]\n\"budget.capex\" = [\"-50%\", \"2 MUSD\"]\n\"travel.speed\" = [\"+10 %\"]",
    );
    let uptake = points[0].settings.demand.uptake;
    assert_eq!([uptake.low, uptake.mode, uptake.high], [0.022, 0.044, 0.088]);
    let capex = |at: usize| points[at].settings.budget.capex.map(|money| money.minor);
    assert_eq!((capex(0), capex(1)), (Some(175_000_000), Some(200_000_000)));
    assert_eq!(points[0].settings.travel.speed.km_per_hour, 44.0);
    let points = sweep("\"placement.stores_max\" = [\"-20 %\"]\n\"capture.share_max\" = [\"20 %\", \"+20 %\"]");
    assert_eq!(points[0].settings.placement.stores_max(), 10);
    // A share without a sign is a share.
    assert_eq!([0, 1].map(|at: usize| points[at].settings.capture.share_max.fraction), [0.2, 0.6]);
}

#[test]
fn a_relative_uptake_moves_the_priors_of_devices_that_have_their_own() {
    let text = with("\"demand.uptake\" = [\"+20 %\"]")
        .replace("[sweep]", "uptake_by_device.scale = { low = 0.012, mode = 0.022, high = 0.042 }\n[sweep]");
    let (_folder, first) = folder(&[("base.toml", &text)]);
    let sweep = read(&first).expect("valid").sweep.expect("a sweep");
    assert_eq!(sweep.points[0].settings.uptake("scale").mode, 0.0264);
    assert_eq!(sweep.points[0].settings.uptake("other").mode, 0.048);
    let twice = text.replace("[\"+20 %\"]", "[\"+20 %\"]\n\"demand.uptake_by_device.scale.low\" = [0.01]");
    assert_eq!(refusals(&[("base.toml", &twice)])[0].code, "E-SWP-001");
}

#[test]
fn a_child_adds_to_its_parents_grid() {
    let child = "name = \"child\"\nextends = \"base.toml\"\n[sweep]\nseed = [4, 5]\n\"placement.stores_max\" = [3]\n";
    let base = with("\"placement.stores_max\" = [6, 12]\nhorizon_weeks = [13]");
    let (_folder, first) = folder(&[("child.toml", child), ("base.toml", &base)]);
    let sweep = read(&first).expect("valid").sweep.expect("a sweep");
    let keys: Vec<_> = sweep.axes.iter().map(|axis| axis.key.as_str()).collect();
    assert_eq!(keys, ["placement.stores_max", "horizon_weeks", "seed"]);
    assert_eq!(sweep.points.iter().map(|point| point.settings.seed).collect::<Vec<_>>(), [4, 5]);
    assert_eq!(sweep.points[0].settings.placement.stores_max(), 3);
}

#[test]
fn tables_move_several_settings_as_one() {
    let scenario = scenario("budget = [{ capex = \"1 MUSD\" }, { capex = \"2 MUSD\", stock_units = 70 }]");
    let points = scenario.sweep.expect("a sweep").points;
    let told =
        |at: usize| (points[at].settings.budget.capex.map(|money| money.minor), points[at].settings.budget.stock_units);
    assert_eq!([told(0), told(1)], [(Some(100_000_000), None), (Some(200_000_000), Some(70))]);
}

#[test]
fn what_is_wrong_is_told_where_the_sweep_says_it() {
    let told = |lines| {
        let found = refused(lines);
        (found.code, found.place.line, found.place.column.unwrap_or_default())
    };
    let line = Some(20);
    assert_eq!(told("\"placement.store_max\" = [6]"), ("E-CFG-001", line, "sweep.placement.store_max".into()));
    assert!(refused("\"placement.store_max\" = [6]").action.contains("`stores_max`"));
    assert_eq!(
        told("\"placement.stores_max\" = [6, \"many\"]"),
        ("E-CFG-006", line, "sweep.placement.stores_max".into())
    );
    assert!(refused("\"placement.stores_max\" = [6, \"many\"]").cause.starts_with("`many`"));
    assert_eq!(told("\"budget.capex\" = [\"3\"]").0, "E-CFG-006");
    assert_eq!(told("seed = 4"), ("E-SWP-001", line, "sweep.seed".into()));
    assert_eq!(told("seed = []").0, "E-SWP-001");
    assert_eq!(told("seed = [4, 4]").0, "E-SWP-001");
    assert_eq!(told("\"tables.stores\" = [\"a.csv\"]").0, "E-SWP-001");
    assert_eq!(
        told("\"demand.uptake\" = [\"+1 %\"]\n\"demand.uptake.low\" = [0.01]"),
        ("E-SWP-001", Some(21), "sweep.demand.uptake.low".into())
    );
    assert_eq!(told("\"budget.stock\" = [\"+1 %\"]"), ("E-SWP-002", line, "sweep.budget.stock".into()));
    assert_eq!(told("\"capture.law\" = [\"+1 %\"]").0, "E-SWP-002");
    assert_eq!(told("\"fx.rates.GBP\" = [\"+1 %\"]").0, "E-SWP-002");
    assert_eq!(told("").0, "E-SWP-001");
    let many: Vec<String> = (1..=101).map(|seed| seed.to_string()).collect();
    let many = many.join(", ");
    assert_eq!(told(&format!("seed = [{many}]\n\"solver.nodes_max\" = [{many}]")).0, "E-SWP-001");
}

#[test]
fn values_that_contradict_each_other_are_told_once_with_their_point() {
    let lines = "\"placement.stores_min\" = [2, 7]\n\"placement.stores_max\" = [6, 12]\nseed = [1, 2]";
    let found = refused(lines);
    assert_eq!((found.code, found.place.line), ("E-CFG-002", Some(20)));
    assert!(found.cause.contains("stores_min 7, placement.stores_max 6, seed 1, and 1 more points"), "{}", found.cause);
}

#[test]
fn rules_that_no_plan_meets_are_a_point_and_no_fault() {
    let sweep = scenario("\"placement.stores_max\" = [1, 6]").sweep.expect("a sweep");
    assert_eq!(sweep.points[0].refused[0].code, "E-INF-002");
    assert!(sweep.points[1].refused.is_empty());
}
