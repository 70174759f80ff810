//! Reorder points and a depot, from the scenario to the checked plan, its tables and the report.

use std::fs;

use serde_json::Value;

use crate::support::{Project, Told};

/// A project whose stock is kept up as `lines` ask.
fn asked(lines: &str) -> Project {
    let project = Project::sample();
    if !lines.is_empty() {
        project.scenario("stock", lines);
    }
    let planned = project.plan();
    assert!(planned.code == 0 || planned.code == 5, "{planned:?}");
    project
}

fn plan(project: &Project) -> Value {
    serde_json::from_str(&fs::read_to_string(project.current().join("plan.json")).expect("a plan")).expect("JSON")
}

fn units(line: &Value, key: &str) -> u64 {
    line[key].as_u64().unwrap_or_else(|| panic!("{key} of {line}"))
}

fn names(line: &Value) -> (String, String) {
    let text = |key: &str| line[key].as_str().expect("a text").to_owned();
    (text("store_id"), text("device"))
}

#[test]
fn nothing_is_told_where_nothing_is_asked() {
    let project = asked("");
    assert!(plan(&project)["replenishment"].is_null());
    for name in ["reorder.parquet", "depot.parquet"] {
        assert!(!project.current().join(name).exists(), "{name}");
    }
    // Written out, the default makes the same run.
    let same = asked("reorder = \"levels\"");
    assert_eq!(project.current().file_name(), same.current().file_name());
    assert_eq!(plan(&project), plan(&same));
}

#[test]
fn each_policy_is_planned_verified_told_and_the_same_twice() {
    let free = plan(&asked(""));
    for policy in ["points", "lots"] {
        let lines = format!(
            "reorder = \"{policy}\"\norder_cost = \"9 GBP\"\ndepot = {{ lead_time_weeks = 3, holding = \"60 %\" }}"
        );
        let project = asked(&lines);
        let run = project.current();
        let plan = plan(&project);
        assert_eq!(plan["stock"], free["stock"], "levels stay what they were");
        assert_eq!(plan["objective"], free["objective"]);
        let kept = &plan["replenishment"];
        assert_eq!((kept["policy"].as_str(), kept["currency"].as_str()), (Some(policy), Some("GBP")));
        let (told, stock) = (kept["lines"].as_array().expect("lines"), plan["stock"].as_array().expect("stock"));
        assert_eq!(told.len(), stock.len());
        for (line, held) in told.iter().zip(stock) {
            assert_eq!(names(line), names(held));
            let reorder = units(line, "reorder");
            if policy == "points" {
                assert!(units(line, "up_to") == units(held, "units") && line["lot"].is_null(), "{line}");
                assert!(reorder < units(line, "up_to"));
            } else {
                assert!(reorder + units(line, "lot") <= units(held, "units") && line["up_to"].is_null(), "{line}");
            }
        }
        let depot = kept["depot"].as_array().expect("a depot");
        assert!(!depot.is_empty() && depot.iter().all(|line| line["market"] == "GB"), "{depot:?}");

        let sound = verified(&project);
        assert_eq!(sound.code, 0, "{sound:?}");
        let html = fs::read_to_string(run.join("report.html")).expect("a report");
        assert!(html.contains("When to reorder") && html.contains("A depot should hold"));
        let again = asked(&lines);
        assert_eq!(again.current().file_name(), run.file_name());
        for name in ["plan.json", "certificate.json", "report.html", "reorder.parquet", "depot.parquet", "plan.xlsx"] {
            let (one, other) =
                (fs::read(run.join(name)).expect(name), fs::read(again.current().join(name)).expect(name));
            assert!(one == other, "{policy}: {name} differs");
        }

        // A point that was edited is found out.
        let figure = told[0]["orders"].to_string();
        project.forge("plan.json", |text| text.replacen(&figure, "0.125", 1));
        let refused = verified(&project);
        assert_eq!(refused.code, 9, "{refused:?}");
        assert!((refused.out + &refused.err).contains("E-VER-011"));
    }
}

/// Numbers that no plan has are refused before anything is worked out for them.
#[test]
fn absurd_units_are_refused_at_once() {
    let lines = "reorder = \"points\"\norder_cost = \"9 GBP\"\ndepot = { lead_time_weeks = 3, holding = \"60 %\" }";
    let project = asked(lines);
    let whole = project.read_current("plan.json");
    let value = plan(&project);
    let edits = [
        ("base_stock", &value["replenishment"]["depot"][0]["base_stock"]),
        ("units", &value["stock"][0]["units"]),
        ("reorder", &value["replenishment"]["lines"][0]["reorder"]),
        ("up_to", &value["replenishment"]["lines"][0]["up_to"]),
    ];
    for (key, own) in edits {
        let line = format!("\"{key}\": {own}");
        assert!(whole.contains(&line), "{line}");
        project.forge("plan.json", |_| whole.replacen(&line, &format!("\"{key}\": 4000000000"), 1));
        let refused = verified(&project);
        assert_eq!(refused.code, 9, "{key}: {refused:?}");
        assert!((refused.out + &refused.err).contains("E-VER-0"), "{key}");
    }
    // Nor where stock is filled up at each review.
    let project = asked("");
    let units = plan(&project)["stock"][0]["units"].to_string();
    project.forge("plan.json", |text| text.replacen(&format!("\"units\": {units}"), "\"units\": 4000000000", 1));
    assert_eq!(verified(&project).code, 9);
}

fn verified(project: &Project) -> Told {
    project.run(&["verify", project.current().to_str().expect("a path")])
}

#[test]
fn runs_that_reorder_otherwise_differ_and_a_gate_sees_it() {
    let project = asked("reorder = \"points\"\norder_cost = \"1 GBP\"\ndepot = { lead_time_weeks = 2 }");
    let before = project.current();
    let run = |project: &Project, gate: &str| {
        project.run(&["diff", before.to_str().expect("a path"), "p/runs", "--fail-on", gate])
    };
    assert_eq!(run(&project, "reorder-changed>0").code, 0);
    project.key("order_cost", "\"60 GBP\"");
    let text = project.read("scenarios/base.toml").replace("lead_time_weeks = 2 ", "lead_time_weeks = 6 ");
    project.write("scenarios/base.toml", text);
    let planned = project.plan();
    assert!(planned.code == 0 || planned.code == 5, "{planned:?}");
    let shut = run(&project, "reorder-changed>0");
    assert!(shut.code == 6 && shut.err.contains("reorder-changed>0"), "{shut:?}");
    assert!(
        shut.out.contains("  reorder  ") && shut.out.contains(" up to ") && shut.out.contains("  depot  "),
        "{shut:?}"
    );
    assert_eq!(run(&project, "stock-changed>0").code, 0, "the levels are the same");
}

#[test]
fn a_certificate_of_another_version_is_told_as_such() {
    let project = asked("");
    let whole = project.read_current("certificate.json");
    let own = "\"schema\": \"cornerstone/certificate/1\"";
    assert!(whole.contains(own));
    for other in
        [whole.replacen(own, "\"schema\": \"cornerstone/certificate/9\"", 1), whole.replacen("schema", "scheme", 1)]
    {
        project.forge("certificate.json", |_| other.clone());
        let refused = verified(&project);
        assert_eq!(refused.code, 3, "{refused:?}");
        assert!(refused.err.contains("E-SCH-003") && refused.err.contains("certificate.json"), "{refused:?}");
    }
    project.forge("certificate.json", |_| whole.clone());
    assert_eq!(verified(&project).code, 0);
}
