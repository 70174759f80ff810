//! Pages of real runs in a real browser: at desktop and phone width, in print, and with nothing to fetch.

#[path = "../../reports/tests/chromium/mod.rs"]
mod chromium;

use std::fs;

use serde_json::json;

use self::chromium::{Chromium, pages};
use crate::support::Project;

#[test]
fn the_report_reads_well_on_a_desk_on_a_phone_and_on_paper() {
    let Some(chromium) = Chromium::find() else { return };
    let project = Project::sample();
    assert_eq!(project.plan().code, 0);
    let html = fs::read_to_string(project.current().join("report.html")).expect("report");
    for width in [360, 768, 1280] {
        let seen = chromium.look(&html, width, false);
        assert!(seen["wider"].as_i64().is_some_and(|wider| wider <= 0), "at {width} px it scrolls sideways: {seen}");
        assert!(width == 360 || seen["clipped"] == json!([]), "at {width} px a table is wider than the page: {seen}");
        assert_eq!(seen["headings"], 1, "{seen}");
        assert!(seen["tables"].as_u64() >= Some(4) && seen["pictures"].as_u64() >= Some(2), "{seen}");
        assert_eq!(seen["away"], json!([]), "the page asks for nothing: {seen}");
        assert_eq!(seen["unnamed"], 0, "every picture has a name: {seen}");
        assert!(seen["title"].as_str().is_some_and(|title| title.contains("corner")), "{seen}");
    }
    let pdf = chromium.print(&html);
    assert!((1..=3).contains(&pages(&pdf)), "{} pages", pages(&pdf));
    assert!(String::from_utf8_lossy(&pdf).contains("/StructTreeRoot"), "the PDF is tagged");
}

#[test]
fn the_comparison_of_a_sweep_reads_well_at_every_width() {
    let Some(chromium) = Chromium::find() else { return };
    let project = Project::sample();
    let grid = "extends = \"base.toml\"\nname = \"grid\"\n[sweep]\n\"demand.uptake\" = [\"-30 %\", \"0 %\"]\n\"placement.stores_max\" = [2, 6]\n";
    project.write("scenarios/grid.toml", grid);
    let told = project.run(&["sweep", "p/scenarios/grid.toml", "--quiet"]);
    assert_eq!(told.code, 0, "{told:?}");
    let json = told.out.lines().last().expect("a path").to_owned();
    let path = project.root().parent().expect("a parent").join(json);
    let html = fs::read_to_string(path.with_extension("html")).expect("the page");
    for width in [360, 768, 1280] {
        let seen = chromium.look(&html, width, false);
        assert!(seen["wider"].as_i64().is_some_and(|wider| wider <= 0), "at {width} px it scrolls sideways: {seen}");
        assert!(width == 360 || seen["clipped"] == json!([]), "at {width} px: {seen}");
        assert_eq!((&seen["headings"], &seen["unnamed"]), (&json!(1), &json!(0)), "{seen}");
        // Four reports and sweep.json.
        let away = seen["away"].as_array().expect("links");
        let beside = |link: &&serde_json::Value| link.as_str().is_some_and(|link| link.ends_with("/report.html"));
        assert_eq!((away.len(), away.iter().filter(beside).count()), (5, 4), "{seen}");
    }
    if let Some(violations) = chromium.audit(&html) {
        assert_eq!(violations, json!([]));
    }
}
