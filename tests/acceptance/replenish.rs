//! Reorder points and a depot, from the scenario to the checked plan, its tables and the report.

use std::fs;

use serde_json::Value;

use crate::support::Project;

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

        let verified = project.run(&["verify", run.to_str().expect("a path")]);
        assert_eq!(verified.code, 0, "{verified:?}");
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
        let text = fs::read_to_string(run.join("plan.json")).expect("a plan");
        let figure = told[0]["orders"].to_string();
        assert!(text.contains(&figure), "{figure}");
        fs::write(run.join("plan.json"), text.replacen(&figure, "0.125", 1)).expect("written");
        let manifest = fs::read_to_string(run.join("MANIFEST")).expect("a manifest");
        let sum = |bytes: &[u8]| domain::hash::ContentHash::of_bytes(bytes).hex();
        let (old, new) = (sum(text.as_bytes()), sum(&fs::read(run.join("plan.json")).expect("a plan")));
        assert!(manifest.contains(&old), "the manifest holds the plan's sum");
        fs::write(run.join("MANIFEST"), manifest.replace(&old, &new)).expect("written");
        let refused = project.run(&["verify", run.to_str().expect("a path")]);
        assert_eq!(refused.code, 9, "{refused:?}");
        assert!((refused.out + &refused.err).contains("E-VER-011"));
    }
}
