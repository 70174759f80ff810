//! From nothing to a decision, and what holds on the way.

use std::fs;
use std::path::Path;

use crate::support::{Project, cornerstone};

/// Files of a run that depend on nothing but what went in.
const SAME: [&str; 8] = [
    "plan.json",
    "study.json",
    "certificate.json",
    "demand_samples.parquet",
    "forecast.parquet",
    "stock.parquet",
    "controls.parquet",
    "plan.xlsx",
];

fn same_bytes(one: &Path, other: &Path) {
    for name in SAME {
        let (a, b) = (fs::read(one.join(name)).expect(name), fs::read(other.join(name)).expect(name));
        assert!(a == b, "{name} differs between {} and {}", one.display(), other.display());
    }
}

#[test]
fn the_sample_plans_to_proof_and_stays_provable() {
    let project = Project::sample();
    let checked = project.run(&["check", "p/scenarios/base.toml", "--strict"]);
    assert_eq!(checked.code, 0, "clean tables are not complained of: {checked:?}");
    let planned = project.run(&["plan", "p/scenarios/base.toml"]);
    assert_eq!(planned.code, 0, "{planned:?}");
    let run = project.current();
    assert!(planned.out.contains("report.html"), "{}", planned.out);
    assert!(
        planned.err.contains("1/7 reading tables") && planned.err.contains("7/7 writing the run"),
        "{}",
        planned.err
    );
    let plan: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(run.join("plan.json")).expect("plan.json")).expect("JSON");
    assert_eq!(plan["status"], "proven");
    assert_eq!(plan["bound_verified"], true);
    assert!((1..=12).contains(&plan["stores"].as_array().map_or(0, Vec::len)), "{}", plan["stores"]);

    let verified = project.run(&["verify", "p/runs"]);
    assert_eq!(verified.code, 0, "{verified:?}");
    let again = project.plan();
    assert_eq!(again.code, 0, "{again:?}");
    assert!(again.out.contains("reused"), "the same inputs find their run: {}", again.out);
    assert_eq!(project.current(), run);

    let rendered = project.run(&["report", "p/runs", "-o", "again.html"]);
    assert_eq!(rendered.code, 0, "{rendered:?}");
    let (first, second) = (fs::read(run.join("report.html")), fs::read(project.root().join("../again.html")));
    assert_eq!(first.expect("report"), second.expect("report"), "rendered again, the report is the same");
    assert_eq!(project.run(&["report", "p/runs", "-o", "again.html"]).code, 2, "nothing is overwritten");
}

#[test]
fn a_run_is_made_again_byte_for_byte() {
    let project = Project::sample();
    assert_eq!(project.plan().code, 0);
    let replayed = project.run(&["replay", "p/runs", "--threads", "1"]);
    assert_eq!(replayed.code, 0, "{replayed:?}");
    assert!(replayed.err.contains("5/5 rendering"), "{}", replayed.err);
    assert!(replayed.out.contains("all 9 files came out the same"), "{}", replayed.out);
    // A page that says something else, whatever the manifest.
    project.forge("report.html", |page| page.replacen("corners", "corner", 1));
    let replayed = project.run(&["replay", "p/runs"]);
    assert_eq!(
        (replayed.code, replayed.err.contains("1 of 9 files came out otherwise: report.html")),
        (9, true),
        "{replayed:?}"
    );
    // What the clock cut, or another version made, can't be made again.
    for (old, new, says) in [
        ("\"cut\": null", "\"cut\": \"deadline\"", "cut by the clock"),
        ("\"version\": \"", "\"version\": \"0.0.", "made by cornerstone 0.0."),
    ] {
        project.forge("run.json", |text| text.replacen(old, new, 1));
        let refused = project.run(&["replay", "p/runs"]);
        assert_eq!((refused.code, refused.err.contains(says)), (2, true), "{refused:?}");
    }
}

#[test]
fn a_bound_that_takes_a_mixture_of_points_is_shown_by_it() {
    let project = Project::sample();
    project.key("law", "\"nearest\"");
    let planned = project.plan();
    assert_eq!(planned.code, 0, "{planned:?}");
    let file = |name: &str| -> serde_json::Value {
        serde_json::from_str(&fs::read_to_string(project.current().join(name)).expect(name)).expect("JSON")
    };
    assert_eq!((&file("plan.json")["status"], &file("plan.json")["bound_verified"]), (&"proven".into(), &true.into()));
    let function = &file("certificate.json")["proof"]["parts"][0]["functions"][0];
    let count = |of: &serde_json::Value| of.as_array().map_or(0, Vec::len);
    assert!(count(&function["points"]) > 1, "{function}");
    let mixed = function["weights"].as_array().expect("weights").iter().filter(|group| count(group) > 1);
    assert!(mixed.count() > 0, "{function}");
}

#[test]
fn a_previous_plan_stays_with_its_bonus_and_is_verified() {
    let project = Project::sample();
    assert_eq!(project.plan().code, 0);
    let stores = |name: &str| -> Vec<String> {
        let text = fs::read_to_string(project.current().join("plan.json")).expect(name);
        let plan: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(plan["bound_verified"], true, "{name}");
        let ids = plan["stores"].as_array().expect("stores").iter();
        let mut ids: Vec<String> = ids.map(|store| store["store_id"].as_str().expect("an id").to_owned()).collect();
        ids.sort_unstable();
        ids
    };
    let best = stores("the best plan");
    project.scenario("placement", &format!("exclude = [\"{}\"]", best[0]));
    assert_eq!(project.plan().code, 0);
    let previous = stores("the plan without one");
    assert_ne!(best, previous);
    project.edit("scenarios/base.toml", |text| text.replace("exclude = [", "stay = [\"nobody\", "));
    let refused = project.plan();
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(refused.err.contains("stay_bonus"), "{}", refused.err);
    let ids: Vec<String> = previous.iter().map(|id| format!("\"{id}\"")).collect();
    project.edit("scenarios/base.toml", |text| {
        let line = text.lines().find(|line| line.starts_with("stay = ")).expect("the line").to_owned();
        text.replace(&line, &format!("stay = [{}]\nstay_bonus = \"5 people\"", ids.join(", ")))
    });
    let refused = project.plan();
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(refused.err.contains("unit of the objective"), "{}", refused.err);
    project.edit("scenarios/base.toml", |text| text.replace("5 people", "900 kJPY"));
    let refused = project.plan();
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(refused.err.contains("E-CFG-007"), "{}", refused.err);
    project.edit("scenarios/base.toml", |text| text.replace("900 kJPY", "900 kGBP"));
    let planned = project.plan();
    assert_eq!(planned.code, 0, "{planned:?}");
    assert_eq!(stores("the plan that stays"), previous);
}

#[test]
fn sha256sum_agrees_with_the_manifest_and_an_edit_is_seen() {
    let project = Project::sample();
    assert_eq!(project.plan().code, 0);
    let run = project.current();
    let checked =
        std::process::Command::new("sha256sum").args(["--check", "--quiet", "MANIFEST"]).current_dir(&run).status();
    assert!(checked.expect("sha256sum runs").success());
    let path = run.join("plan.json");
    let text = fs::read_to_string(&path).expect("plan.json");
    fs::write(&path, text.replacen("\"units\": ", "\"units\": 1", 1)).expect("write");
    let verified = project.run(&["verify", "p/runs"]);
    assert_eq!(verified.code, 9, "{verified:?}");
    assert!(verified.err.contains("plan.json"), "{}", verified.err);
}

#[test]
fn neither_the_order_of_rows_nor_the_number_of_threads_reaches_the_plan() {
    let project = Project::sample();
    let shuffled = project.copy();
    for table in ["stores", "sales", "devices", "zones"] {
        shuffled.lines(&format!("data/{table}.csv"), |lines| {
            let body = &mut lines[1..];
            body.reverse();
            let half = body.len() / 3;
            body.rotate_left(half);
        });
    }
    for objective in ["profit", "distance", "coverage"] {
        for copy in [&project, &shuffled] {
            copy.key("kind", &format!("\"{objective}\""));
        }
        let one = project.run(&["plan", "p/scenarios/base.toml", "--quiet", "--threads", "1"]);
        let two = shuffled.run(&["plan", "p/scenarios/base.toml", "--quiet", "--threads", "2"]);
        assert_eq!((one.code, two.code), (0, 0), "{objective}: {one:?} {two:?}");
        same_bytes(&project.current(), &shuffled.current());
    }
}

#[test]
fn a_demo_is_made_once_and_found_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = cornerstone(folder.path(), &["demo", "d", "--stores", "60", "--seed", "4", "--quiet"]);
    assert_eq!(first.code, 0, "{first:?}");
    let second = cornerstone(folder.path(), &["demo", "d", "--stores", "60", "--seed", "4", "--quiet"]);
    assert_eq!(second.code, 0, "{second:?}");
    assert!(second.out.contains("reused"), "{}", second.out);
    let other = cornerstone(folder.path(), &["demo", "d", "--stores", "61", "--seed", "4"]);
    assert_eq!(other.code, 2, "another demo does not overwrite it: {other:?}");
    assert!(other.err.contains("E-CLI-002"), "{}", other.err);
}

#[test]
fn init_overwrites_nothing_and_its_scenario_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    assert_eq!(cornerstone(folder.path(), &["init", "p"]).code, 0);
    assert_eq!(cornerstone(folder.path(), &["init", "p"]).code, 2);
    let checked = cornerstone(folder.path(), &["check", "p/scenarios/base.toml"]);
    assert_eq!(checked.code, 3, "the scenario is sound, the tables are missing: {checked:?}");
    assert!(checked.err.contains("E-IN-001") && !checked.err.contains("E-CFG"), "{}", checked.err);
}

#[test]
fn a_failed_run_leaves_the_last_plan_current() {
    let project = Project::sample();
    assert_eq!(project.plan().code, 0);
    let before = project.current();
    project.set("data/sales.csv", 2, "units", "-1");
    let failed = project.plan();
    assert_eq!(failed.code, 3, "{failed:?}");
    assert_eq!(project.current(), before);
    let status: serde_json::Value = serde_json::from_str(&project.read("runs/status.json")).expect("JSON");
    assert_eq!(status["exit_code"], 3);
    let leftovers: Vec<_> =
        fs::read_dir(project.path("runs")).expect("runs").flatten().map(|entry| entry.file_name()).collect();
    assert!(!leftovers.iter().any(|name| name.to_string_lossy().starts_with(".staging")), "{leftovers:?}");
}

#[test]
fn help_teaches_and_usage_errors_exit_with_2() {
    let folder = tempfile::tempdir().expect("a folder");
    let help = cornerstone(folder.path(), &["--help"]);
    assert_eq!(help.code, 0);
    for word in ["demo", "init", "check", "plan", "solve", "verify", "report", "Exit codes"] {
        assert!(help.out.contains(word), "--help speaks of {word}");
    }
    assert_eq!(cornerstone(folder.path(), &["plan"]).code, 2);
    assert_eq!(cornerstone(folder.path(), &["no-such-verb"]).code, 2);
    assert_eq!(cornerstone(folder.path(), &["plan", "absent.toml"]).code, 2);
}
