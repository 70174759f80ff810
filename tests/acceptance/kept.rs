//! `plan --incremental`: parameters of the histories, kept from plan to plan.

use std::fs;
use std::path::Path;

use crate::support::{Project, Told};

/// Weeks that the second plan has more than the first.
const LATER: u32 = 3;
const FIRST: &str = "2026-10-26";

fn plan(project: &Project, more: &[&str]) -> Told {
    let told = project.run(&[&["plan", "p/scenarios/base.toml", "--quiet"], more].concat());
    assert!(matches!(told.code, 0 | 5), "{told:?}");
    told
}

fn json(path: &Path) -> serde_json::Value {
    serde_json::from_str(&fs::read_to_string(path).expect("a file of the run")).expect("JSON")
}

/// The project as it was before its last weeks.
fn earlier(project: &Project) {
    project.lines("data/sales.csv", |lines| {
        let week = lines[0].split(',').position(|name| name == "week").expect("weeks");
        // Dates compare as their text does.
        lines.retain(|line| line.split(',').nth(week).is_some_and(|cell| cell == "week" || cell < FIRST));
    });
    project.key("as_of", &format!("\"{FIRST}\""));
}

#[test]
fn a_plan_goes_on_from_parameters_and_the_same_inputs_are_the_same_run() {
    let now = Project::sample();
    let then = now.copy();
    earlier(&then);
    // The first plan is what it would be without a file; once more, it is found.
    let alone = then.copy();
    plan(&alone, &[]);
    let kept = ["--incremental", "kept"];
    plan(&then, &kept);
    let first = then.current();
    assert_eq!(first.file_name(), alone.current().file_name());
    let bytes = |run: &Path, name: &str| fs::read(run.join(name)).expect("a file of the run");
    for name in ["plan.json", "forecast.parquet", "report.html", "study.json"] {
        assert_eq!(bytes(&first, name), bytes(&alone.current(), name), "{name}");
    }
    assert!(json(&first.join("run.json")).get("kept").is_none());
    assert!(plan(&then, &kept).out.contains("finished before, reused"));

    // Three weeks later.
    let fresh = now.copy();
    plan(&fresh, &[]);
    fs::copy(then.path("../kept"), now.path("../kept")).expect("a copy");
    plan(&now, &kept);
    let aged = now.current();
    assert_ne!(aged.file_name(), fresh.current().file_name(), "other forecasts are another run");
    let record = json(&aged.join("run.json"));
    let ages = record["kept"]["ages"].as_array().expect("ages");
    let old: u64 = ages.iter().filter(|run| run[0] == LATER).filter_map(|run| run[1].as_u64()).sum();
    let all: u64 = ages.iter().filter_map(|run| run[1].as_u64()).sum();
    assert!(all > 60 && 10 * old > 8 * all, "{old} of {all}: {ages:?}");
    let report = String::from_utf8(bytes(&aged, "report.html")).expect("text");
    assert!(report.contains(&format!("A new fit of {old} histories")));
    // They say nearly the same: as near as one series may be from parameters that old.
    let profit = |run: &Path| json(&run.join("plan.json"))["objective"]["value"].as_f64().expect("a value");
    let (with, without) = (profit(&aged), profit(&fresh.current()));
    assert!(with != without && (with / without - 1.0).abs() < 0.25, "{with} for {without}");

    // Once more, whatever the threads and the folder, and after what was kept since: the same run, the same bytes.
    assert!(plan(&now, &kept).out.contains("finished before, reused"));
    plan(&now, &["--incremental", "kept", "--threads", "1", "-o", "other"]);
    let name = fs::read_to_string(now.path("../other/CURRENT")).expect("a current run");
    let again = now.path("../other").join(name.trim_end());
    assert_eq!(again.file_name(), aged.file_name());
    for name in ["plan.json", "certificate.json", "forecast.parquet", "demand_samples.parquet"] {
        assert_eq!(bytes(&again, name), bytes(&aged, name), "{name}");
    }
    // What is asked of the run is answered from the same forecasts, and without the file.
    fs::remove_file(now.path("../kept")).expect("removed");
    assert_eq!(now.run(&["verify", "p/runs", "--quiet"]).code, 0);
    let store = json(&aged.join("plan.json"))["stores"][0]["store_id"].as_str().expect("a store").to_owned();
    let explained = now.run(&["explain", "p/runs", &store, "--quiet"]);
    assert_eq!(explained.code, 0, "{explained:?}");
}

#[test]
fn what_is_no_file_of_parameters_is_refused_before_anything_is_planned() {
    let project = Project::sample();
    project.write("text", "no parameters\n".repeat(400));
    let told = project.run(&["plan", "p/scenarios/base.toml", "--incremental", "p/text"]);
    assert_eq!(told.code, 11, "{told:?}");
    assert!(told.err.contains("E-IO-004"), "{}", told.err);
    assert!(!project.path("runs/CURRENT").exists());
    assert_eq!(project.read("text").len(), 14 * 400);
}
