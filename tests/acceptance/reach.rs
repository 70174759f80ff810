//! Floors on people: access, equity and affordability, from the scenario to the checked plan and the report.

use std::fs;

use serde_json::Value;

use crate::support::Project;

/// The three kinds; what they ask binds in the sample.
const FLOORS: &str = r#"
[[reach]]                       # access
name = "everyone"
within = "20 min"
at_least = "53 %"

[[reach]]                       # equity
name = "low income"
within = "15 min"
where = { column = "income", at_most = 30000 }
at_least = "67 %"

[[reach]]                       # affordability
name = "can pay"
afford = { device = "bp-monitor", income = "income", part = "0.12 %" }
market = "GB"
at_least = "300000 people"
"#;

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

fn plan(project: &Project) -> Value {
    json(&fs::read_to_string(project.current().join("plan.json")).expect("a plan"))
}

fn value(plan: &Value) -> f64 {
    plan["objective"]["value"].as_f64().expect("a value")
}

/// The zones of the sample: people and income, by id.
fn zones(project: &Project) -> Vec<(i64, f64)> {
    let text = project.read("data/zones.csv");
    let header: Vec<&str> = text.lines().next().expect("a header").split(',').collect();
    let at = |name: &str| header.iter().position(|known| *known == name).expect("a column");
    let (people, income) = (at("population"), at("income"));
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        (cells[people].parse().expect("people"), cells[income].parse().expect("an income"))
    };
    text.lines().skip(1).map(row).collect()
}

#[test]
fn access_equity_and_affordability_are_planned_verified_and_told() {
    let project = Project::sample();
    assert_eq!(project.plan().code, 0);
    let free = plan(&project);
    assert!(free["reach"].is_null(), "nothing is said where nothing is asked");
    project.edit("scenarios/base.toml", |text| text + FLOORS);
    let planned = project.plan();
    assert_eq!(planned.code, 0, "{planned:?}");
    let run = project.current();
    let plan = plan(&project);
    assert!(plan["bound_verified"] == true && plan["status"] == "proven", "{}", plan["objective"]);
    assert!(value(&plan) < value(&free) - 1.0, "the floors bind: {} of {}", value(&plan), value(&free));
    let certificate = json(&fs::read_to_string(run.join("certificate.json")).expect("a certificate"));
    assert!(certificate["reach"].as_array().is_some_and(|rows| !rows.is_empty()), "rows are named");

    // Who counts is known from the table alone: a monitor costs 44.99.
    let zones = zones(&project);
    let count =
        |passes: &dyn Fn(f64) -> bool| -> i64 { zones.iter().filter(|zone| passes(zone.1)).map(|zone| zone.0).sum() };
    let counted = [count(&|_| true), count(&|income| income <= 30_000.0), count(&|income| 44.99 <= 0.0012 * income)];
    let lines = plan["reach"].as_array().expect("lines");
    let number = |line: &Value, key: &str| line[key].as_i64().expect("a number");
    let html = fs::read_to_string(run.join("report.html")).expect("a report");
    let spaced = |number: i64| {
        let digits = number.to_string();
        let parts: Vec<&str> =
            digits.as_bytes().rchunks(3).rev().map(|part| std::str::from_utf8(part).expect("digits")).collect();
        parts.join(",")
    };
    for ((line, counted), name) in lines.iter().zip(counted).zip(["everyone", "low income", "can pay"]) {
        assert_eq!((line["name"].as_str(), number(line, "counted")), (Some(name), counted));
        assert!(number(line, "people") >= number(line, "at_least"), "{line}");
        for key in ["people", "counted", "at_least"] {
            assert!(html.contains(&spaced(number(line, key))), "the report has the {key} of {name}");
        }
    }
    assert_eq!(number(&lines[0], "at_least"), (counted[0] * 53 + 99) / 100);
    assert_eq!((number(&lines[2], "at_least"), lines[2]["within_minutes"].as_f64()), (300_000, Some(30.0)));

    let verified = project.run(&["verify", "p/runs"]);
    assert_eq!(verified.code, 0, "{verified:?}");
    let text = fs::read_to_string(run.join("plan.json")).expect("a plan");
    let people = number(&lines[1], "people");
    fs::write(run.join("plan.json"), text.replace(&people.to_string(), &(people + 1).to_string())).expect("written");
    let forged = project.run(&["verify", "p/runs"]);
    assert!(forged.code != 0 && forged.code != 5, "{forged:?}");
}

#[test]
fn a_floor_has_a_price_and_a_store_its_reasons() {
    let project = Project::sample();
    project.edit("scenarios/base.toml", |text| text + FLOORS);
    assert_eq!(project.plan().code, 0);
    let with = plan(&project);
    let told = project.run(&["worth", "p/runs", "--quiet", "--samples-evpi", "2", "--output", "p/worth.json"]);
    assert_eq!(told.code, 0, "{told:?}");
    let worth = json(&project.read("worth.json"));
    let rules = worth["rules"].as_array().expect("rules");
    let price = rules.iter().find(|rule| rule["rule"] == "reach.everyone").expect("it is stated");
    let ends = [0, 1].map(|at| price["price"][at].as_f64().expect("a price"));
    let without = project.copy();
    without.edit("scenarios/base.toml", |text| text.replace("at_least = \"53 %\"", "at_least = \"0 %\""));
    assert_eq!(without.plan().code, 0);
    let difference = value(&plan(&without)) - value(&with);
    let blur = 1e-5 * value(&with);
    assert!(ends[0] - blur <= difference && difference <= ends[1] + blur, "{difference} is not in {price}");
    // A store that is not chosen: with it, the floors are kept as well.
    let other = with["not_chosen"][0]["store_id"].as_str().expect("a miss").to_owned();
    let explained = project.run(&["explain", "p/runs", &other, "--quiet"]);
    assert_eq!(explained.code, 0, "{explained:?}");
}

#[test]
fn distance_and_coverage_keep_floors_with_a_proof() {
    for kind in ["distance", "coverage"] {
        let project = Project::sample();
        project.key("kind", &format!("\"{kind}\""));
        project.edit("scenarios/base.toml", |text| text + FLOORS);
        let planned = project.plan();
        assert_eq!(planned.code, 0, "{kind}: {planned:?}");
        let plan = plan(&project);
        assert!(plan["bound_verified"] == true && plan["status"] == "proven", "{kind}: {}", plan["objective"]);
        for line in plan["reach"].as_array().expect("lines") {
            assert!(line["people"].as_i64() >= line["at_least"].as_i64(), "{kind}: {line}");
        }
    }
}
