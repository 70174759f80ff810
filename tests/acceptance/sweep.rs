//! `cornerstone sweep`: a grid of runs that can be ended and gone on with, and what is to be regretted.

use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::{Project, Told};

const GRID: &str = "name = \"base\"\nextends = \"base.toml\"\n[sweep]\n\"demand.uptake\" = [\"-30 %\", \"0 %\", \"+30 %\"]\n\"placement.stores_max\" = [2, 6]\n";

fn grid(text: &str) -> Project {
    let project = Project::sample();
    project.write("scenarios/grid.toml", text);
    project
}

fn sweep(project: &Project, more: &[&str]) -> Told {
    project.run(&[&["sweep", "p/scenarios/grid.toml", "--quiet"], more].concat())
}

/// Folders of a project's runs whose names say so.
fn folders(project: &Project, sweeps: bool) -> BTreeSet<String> {
    let Ok(entries) = fs::read_dir(project.path("runs")) else { return BTreeSet::new() };
    let names = entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
    names.filter(|name| !name.starts_with('.') && name.contains('-') && name.starts_with("sweep-") == sweeps).collect()
}

/// The folder of the only sweep.
fn only(project: &Project) -> String {
    let sweeps = folders(project, true);
    assert_eq!(sweeps.len(), 1, "{sweeps:?}");
    format!("runs/{}", sweeps.first().expect("a sweep"))
}

fn bytes(project: &Project) -> String {
    project.read(&format!("{}/sweep.json", only(project)))
}

fn page(project: &Project) -> String {
    project.read(&format!("{}/sweep.html", only(project)))
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).expect("JSON")
}

#[test]
fn a_sweep_that_was_ended_goes_on_and_comes_to_the_same() {
    let whole = grid(GRID);
    let project = whole.copy();
    let told = sweep(&whole, &["--jobs", "2"]);
    assert_eq!(told.code, 0, "{told:?}");
    let cut = sweep(&project, &["--points-max", "2"]);
    assert_eq!((cut.code, folders(&project, false).len(), folders(&project, true).len()), (5, 2, 0), "{cut:?}");
    // Ended by force, with a point or two more.
    let mut child = Command::new(env!("CARGO_BIN_EXE_cornerstone"))
        .args(["sweep", "p/scenarios/grid.toml", "--quiet", "--jobs", "1"])
        .current_dir(project.root().parent().expect("a parent"))
        .env("CORNERSTONE_BROWSER", "/nonexistent")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary starts");
    for _ in 0..600 {
        if folders(&project, false).len() > 2 {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().expect("ended, by its id");
    child.wait().expect("it is over");
    let before = folders(&project, false);
    assert!(before.len() > 2, "{before:?}");
    let resumed = sweep(&project, &["--jobs", "1"]);
    assert_eq!(resumed.code, 0, "{resumed:?}");
    assert_eq!(bytes(&project), bytes(&whole));
    assert_eq!(page(&project), page(&whole));
    assert_eq!((resumed.out.clone(), folders(&project, false)), (told.out.clone(), folders(&whole, false)));
    // Once more, it is found; and no run was made current.
    let again = sweep(&project, &[]);
    assert_eq!((again.code, again.out), (0, told.out));
    assert!(!project.path("runs/CURRENT").exists());
    // The point that is the scenario as it stands is the run that `plan` makes.
    assert_eq!(project.plan().code, 0);
    let found = json(&bytes(&project));
    assert_eq!(folders(&project, false).len(), 6);
    let base = &found["points"][3];
    assert_eq!((&found["base"]["point"], &found["base"]["scenario"]), (&json("3"), &json("true")));
    assert_eq!(base["run_id"].as_str(), project.current().file_name().and_then(|name| name.to_str()));
    // Each point's numbers are its plan's, and it verifies.
    for point in found["points"].as_array().expect("points") {
        let run = format!("runs/{}", point["run_id"].as_str().expect("an id"));
        let plan = json(&project.read(&format!("{run}/plan.json")));
        assert_eq!(point["objective"]["value"], plan["objective"]["value"]);
        assert_eq!(point["stores"].as_array().map(Vec::len), plan["stores"].as_array().map(Vec::len));
    }
    // The page leads to each point's report, and is rendered again as it was.
    let folder = only(&project);
    for point in found["points"].as_array().expect("points") {
        let link = format!("../{}/report.html", point["run_id"].as_str().expect("an id"));
        assert!(page(&project).contains(&format!("href=\"{link}\"")) && project.path(&folder).join(&link).is_file());
    }
    let again = project.run(&["report", &format!("p/{folder}"), "--quiet"]);
    assert_eq!((again.code, again.out), (0, page(&project)));
    let run = format!("p/runs/{}", found["points"][0]["run_id"].as_str().expect("an id"));
    assert_eq!(project.run(&["verify", &run, "--quiet"]).code, 0);
}

#[test]
fn regret_is_what_a_plan_lacks_to_the_best_of_each_world() {
    let text = GRID.replace(
        "\"demand.uptake\" = [\"-30 %\", \"0 %\", \"+30 %\"]",
        "\"capture.outside\" = [0.1, 3.0]\n\"budget.open_cost\" = [\"1 kGBP\"]",
    );
    let project = grid(&text);
    let told = sweep(&project, &[]);
    assert_eq!(told.code, 0, "{told:?}");
    let found = json(&bytes(&project));
    let choices = found["regret"].as_array().expect("regret");
    assert_eq!(choices.len(), 2);
    for choice in choices {
        assert!(told.out.contains("Robust choice with placement.stores_max "), "{}", told.out);
        let best = choice["best"].as_array().expect("best");
        for plan in choice["plans"].as_array().expect("plans") {
            for ((value, regret), best) in [0, 1].map(|at| ((&plan["values"][at], &plan["regrets"][at]), &best[at])) {
                let Some(value) = value.as_f64() else { continue };
                let (most, known) = (best[1].as_f64().expect("a bound"), best[0].as_f64().expect("a value"));
                assert!(value <= known && known <= most, "{value} {known} {most}");
                assert!((regret[1].as_f64().expect("regret") - (most - value)).abs() < 1e-6 * most);
            }
        }
        // A plan is worth at home what it was found to be worth.
        for (at, world) in choice["worlds"].as_array().expect("worlds").iter().enumerate() {
            let plans = choice["plans"].as_array().expect("plans");
            let own = plans.iter().find(|plan| plan["points"].as_array().is_some_and(|points| points.contains(world)));
            let value = own.expect("its plan")["values"][at].as_f64().expect("allowed at home");
            let point = &found["points"][usize::try_from(world.as_u64().expect("a point")).expect("small")];
            let reached = point["objective"]["value"].as_f64().expect("reached");
            assert!((value - reached).abs() < 1e-6 * reached.abs(), "{value} {reached}");
        }
        let robust = &choice["plans"][usize::try_from(choice["robust"].as_u64().expect("robust")).expect("small")];
        assert!(choice["regret_at_least"].as_f64() <= robust["greatest"][1].as_f64());
    }
}

#[test]
fn a_point_without_a_plan_is_a_row_and_not_the_end() {
    let text = "extends = \"base.toml\"\nname = \"base\"\n[placement]\nrequire = [\"GB-00005\", \"GB-00006\", \"GB-00016\"]\n[sweep]\n\"placement.stores_max\" = [2, 6]\n\"budget.capex\" = [\"40 kGBP\", \"1 GBP\"]\n";
    let project = grid(text);
    let told = sweep(&project, &[]);
    assert_eq!(told.code, 4, "{told:?}");
    let found = json(&bytes(&project));
    let status: Vec<&str> =
        found["points"].as_array().expect("points").iter().filter_map(|point| point["status"].as_str()).collect();
    assert_eq!(status, ["infeasible", "infeasible", "proven", "infeasible"]);
    // In the sweep's own words.
    let why = found["points"][3]["why"].to_string();
    assert!(why.contains("budget.capex = 1 GBP"), "{why}");
    assert!(found["points"][0]["why"].to_string().contains("E-INF-002"), "{found:#}");
    assert!(page(&project).contains("3 scenarios have no plan; why is said below."));
    assert!(told.out.contains("infeasible") && told.out.contains("Nothing to regret"), "{}", told.out);
}

#[test]
fn a_grid_is_checked_before_anything_is_planned() {
    let project = grid(&GRID.replace("stores_max", "store_max"));
    for command in ["check", "sweep", "plan"] {
        let told = project.run(&[command, "p/scenarios/grid.toml", "--quiet"]);
        assert!(told.code == 2 && told.err.contains("E-CFG-001") && told.err.contains("grid.toml:5"), "{told:?}");
        assert!(told.err.contains("did you mean `stores_max`?"), "{told:?}");
    }
    project.write(
        "scenarios/grid.toml",
        GRID.replace("\"placement.stores_max\" = [2, 6]", "\"placement.exclude\" = [[], [\"NOBODY\"]]"),
    );
    for command in ["check", "sweep"] {
        let told = project.run(&[command, "p/scenarios/grid.toml", "--quiet"]);
        assert!(told.code == 2 && told.err.contains("E-CFG-010") && told.err.contains("grid.toml:5"), "{told:?}");
    }
    let without = project.run(&["sweep", "p/scenarios/base.toml", "--quiet"]);
    assert!(without.code == 2 && without.err.contains("E-SWP-003"), "{without:?}");
    assert!(folders(&project, false).is_empty());
}
