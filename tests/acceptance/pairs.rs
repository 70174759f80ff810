//! A randomised pilot: planned, verified, refused where it was changed, and read.

use serde_json::Value;

use crate::support::Project;

/// A sample whose stores lie as they are, with pairs asked for.
fn paired() -> Project {
    let project = Project::sample();
    project.key("controls_per_store", "1\ndesign = \"randomised\"");
    project.key("spillover", "\"0 km\"");
    project
}

fn document(project: &Project, name: &str) -> Value {
    let text = std::fs::read_to_string(project.current().join(name)).expect("a file of the run");
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn pairs_are_planned_and_every_coin_is_verified() {
    let project = paired();
    let planned = project.plan();
    assert!([0, 5].contains(&planned.code), "{planned:?}");
    let (plan, certificate) = (document(&project, "plan.json"), document(&project, "certificate.json"));
    let stores = plan["stores"].as_array().expect("stores");
    assert!(stores.len() >= 6, "{}", stores.len());
    assert!(stores.iter().all(|store| store["controls"].as_array().is_some_and(|one| one.len() == 1)));
    assert_eq!(plan["pilot"]["design"], "randomised");
    let assignments = certificate["assignments"].as_array().expect("assignments");
    assert_eq!(assignments.len(), 2 * stores.len().next_power_of_two());
    let again = project.run(&["verify", "p/runs"]);
    // Whether points show the bound depends on how much the members take from each other.
    assert!([0, 5].contains(&again.code) && again.out.contains("every claim is confirmed"), "{again:?}");
}
