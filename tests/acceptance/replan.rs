//! `cornerstone replan`: what stays, what changes and why, and what is not decided again.

use crate::support::{Project, Told};

fn replan(project: &Project, more: &[&str]) -> Told {
    project.run(&[&["replan", "p/scenarios/base.toml", "--quiet"], more].concat())
}

fn plan(project: &Project) -> serde_json::Value {
    serde_json::from_str(&project.read_current("plan.json")).expect("JSON")
}

fn stores(project: &Project) -> Vec<String> {
    let ids = plan(project)["stores"].as_array().expect("stores").clone();
    let mut ids: Vec<String> = ids.iter().map(|store| store["store_id"].as_str().expect("an id").to_owned()).collect();
    ids.sort_unstable();
    ids
}

/// Moves the sales of a store's weeks far up or down, so that another plan is best.
fn demand(project: &Project, factor: f64, of: &[String]) {
    project.lines("data/sales.csv", |lines| {
        let header: Vec<&str> = lines[0].split(',').collect();
        let at = |name: &str| header.iter().position(|column| *column == name).expect("a column");
        let (store, units) = (at("store_id"), at("units"));
        for line in &mut lines[1..] {
            let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
            if of.contains(&cells[store]) {
                let sold: f64 = cells[units].parse().expect("units");
                cells[units] = format!("{}", (sold * factor).round());
                *line = cells.join(",");
            }
        }
    });
}

#[test]
fn what_is_open_stays_unless_changing_it_pays_and_the_change_is_said_with_its_cause() {
    let project = Project::sample();
    // The first time there is nothing to stay.
    let first = replan(&project, &[]);
    assert!(first.code == 0 && !first.out.contains("Since "), "{first:?}");
    assert!(project.path("runs/parameters.redb").is_file());
    let before = stores(&project);
    // Then what staying is worth has to be said.
    let asked = replan(&project, &[]);
    assert!(asked.code == 2 && asked.err.contains("placement.stay_bonus"), "{asked:?}");
    project.scenario("placement", "stay_bonus = \"900 kGBP\"");
    let weak = &before[..1];
    demand(&project, 0.2, weak);
    let held = replan(&project, &[]);
    assert_eq!(held.code, 0, "{held:?}");
    assert_eq!(stores(&project), before, "nothing pays so much");
    let since = held.out.lines().find(|line| line.starts_with("Since ")).expect("what changed");
    assert!(since.contains(&format!("all {} stores stay", before.len())), "{since}");
    assert!(since.contains("the table sales") && since.contains("placement.stay_bonus"), "{since}");
    assert!(!since.contains("the table stores"), "{since}");
    // A bonus of next to nothing lets it go.
    project.key("stay_bonus", "\"1 GBP\"");
    let moved = replan(&project, &[]);
    assert_eq!(moved.code, 0, "{moved:?}");
    assert!(!stores(&project).contains(&weak[0]), "a fifth of its sales are left");
    assert!(moved.out.contains(&format!("take the place of {}", weak[0])), "{}", moved.out);
    // The run is one like any other.
    let verified = project.run(&["verify", "p/runs"]);
    assert_eq!(verified.code, 0, "{verified:?}");
    let replayed = project.run(&["replay", "p/runs"]);
    assert_eq!(replayed.code, 0, "{replayed:?}");
}

#[test]
fn nothing_is_decided_again_where_nothing_has_changed() {
    let project = Project::sample();
    project.scenario("placement", "stay_bonus = \"500 GBP\"");
    assert_eq!(replan(&project, &["--skip-unchanged"]).code, 0, "there is no run yet");
    let current = project.read("runs/CURRENT");
    let same = replan(&project, &["--skip-unchanged"]);
    assert!(same.code == 99 && same.out.contains(current.trim_end()), "{same:?}");
    assert!(project.read("runs/status.json").contains("\"exit_code\": 99"));
    // Other words for the same tables are no change, nor is another day; a cell is one.
    project.edit("data/stores.csv", |text| {
        let mut lines: Vec<&str> = text.lines().collect();
        lines[1..].reverse();
        lines.join("\n") + "\n"
    });
    assert_eq!(replan(&project, &["--skip-unchanged"]).code, 99);
    assert_eq!(replan(&project, &["--skip-unchanged", "--as-of", "2026-11-23"]).code, 99, "a day brings no rows");
    assert_eq!(project.read("runs/CURRENT"), current);
    let later = replan(&project, &["--as-of", "2026-11-23"]);
    assert!(later.code == 0 && later.out.contains("before that: as_of"), "{later:?}");
    assert_eq!(replan(&project, &["--as-of", "soon"]).code, 2);
    project.cell("data/stores.csv", 2, "lat", |lat| format!("{lat}1"));
    let moved = replan(&project, &["--skip-unchanged", "--as-of", "2026-11-23"]);
    assert!(moved.code == 0 && moved.out.contains("before that: the table stores."), "{moved:?}");
}
