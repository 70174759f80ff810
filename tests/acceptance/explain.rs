//! `cornerstone explain`: thresholds, held against plans made with and without a store.

use crate::support::{Project, Told};

fn plan(project: &Project) -> serde_json::Value {
    let text = std::fs::read_to_string(project.current().join("plan.json")).expect("a plan");
    serde_json::from_str(&text).expect("JSON")
}

fn explain(project: &Project, store: &str) -> Told {
    project.run(&["explain", "p/runs", store, "--quiet"])
}

/// The whole number after some words.
fn number(text: &str, after: &str) -> f64 {
    let rest = text.split_once(after).unwrap_or_else(|| panic!("`{after}` is not in {text}")).1;
    rest.split_whitespace().next().and_then(|word| word.parse().ok()).unwrap_or_else(|| panic!("no number: {rest}"))
}

#[test]
fn a_threshold_is_the_difference_between_the_best_plans_with_and_without() {
    for kind in ["profit", "distance", "coverage"] {
        let project = Project::sample();
        project.key("kind", &format!("\"{kind}\""));
        assert_eq!(project.plan().code, 0);
        let best = plan(&project);
        let chosen = best["stores"][0]["store_id"].as_str().expect("an id").to_owned();
        let other = best["not_chosen"][0]["store_id"].as_str().expect("an id").to_owned();

        let stays = explain(&project, &chosen);
        assert_eq!(stays.code, 0, "{kind}: {stays:?}");
        let same = "It makes no difference";
        if [&chosen, &other].iter().any(|store| explain(&project, store).out.contains(same)) {
            // Among plans that cover the same, one is chosen by the order of ids.
            assert_eq!(kind, "coverage");
            continue;
        }
        let lead = number(&stays.out, "It stays in until it is worth ");
        let (with, without) = (number(&stays.out, "plan with it reaches "), number(&stays.out, "without it reaches "));
        assert!((lead - (with - without).abs()).abs() <= 1.0, "{}", stays.out);
        if kind == "profit" {
            assert!(stays.out.contains(" it is out, ") && stays.out.trim_end().ends_with("it is in."), "{}", stays.out);
        }
        let comes = explain(&project, &other);
        assert_eq!(comes.code, 0, "{kind}: {comes:?}");
        let lag = number(&comes.out, "It comes in once it is worth ");
        assert!(comes.out.contains(" it is out, ") && comes.out.trim_end().ends_with("it is in."), "{}", comes.out);

        // What a plan without the one reaches, and a bonus on both sides of the other's threshold.
        let without_it = project.copy();
        without_it.scenario("placement", &format!("exclude = [\"{chosen}\"]"));
        assert_eq!(without_it.plan().code, 0);
        let reached = plan(&without_it)["objective"]["value"].as_f64().expect("a value");
        assert!((reached - without).abs() <= 0.5 + 1e-3 * without.abs(), "{kind}: {reached}, not {without}");
        let unit = best["objective"]["unit"].as_str().expect("a unit");
        for (share, comes_in) in [(0.5, false), (2.0, true)] {
            let bonus = (share * lag).round().max(1.0);
            let sided = project.copy();
            sided.scenario("placement", &format!("stay = [\"{other}\"]\nstay_bonus = \"{bonus} {unit}\""));
            sided.key("gap", "\"0 %\"");
            let planned = sided.plan();
            assert_eq!(planned.code, 0, "{kind}: {planned:?}");
            let plan = plan(&sided);
            let held =
                plan["stores"].as_array().expect("stores").iter().any(|store| store["store_id"] == other.as_str());
            assert_eq!(held, comes_in, "{kind} {bonus} of {lag}");
        }
    }
}

#[test]
fn what_a_plan_says_that_it_hangs_on_is_what_explaining_finds() {
    for kind in ["profit", "distance"] {
        let project = Project::sample();
        project.key("kind", &format!("\"{kind}\""));
        assert_eq!(project.plan().code, 0);
        let best = plan(&project);
        let thresholds = best["thresholds"].as_array().expect("thresholds");
        assert_eq!(thresholds.len(), 2, "{kind}: {best}");
        for (threshold, words) in
            thresholds.iter().zip(["It stays in until it is worth ", "It comes in once it is worth "])
        {
            let store = threshold["store_id"].as_str().expect("an id");
            let lead = number(&explain(&project, store).out, words);
            let [least, most] = [0, 1].map(|end| threshold["worth"][end].as_f64().expect("a number"));
            // Explaining solves to a narrower gap, and tells whole units.
            assert!(least - 1.0 <= lead && lead <= most + 1.0, "{kind}: {lead} is not within {least} to {most}");
        }
    }
}

#[test]
fn a_store_is_known_by_its_name_and_what_is_no_one_name_is_said() {
    let project = Project::sample();
    assert_eq!(project.plan().code, 0);
    let chosen = plan(&project)["stores"][0]["store_id"].as_str().expect("an id").to_owned();
    let stores = project.read("data/stores.csv");
    let header: Vec<&str> = stores.lines().next().expect("a header").split(',').collect();
    let cell = |row: &str, column: &str| {
        let at = header.iter().position(|name| *name == column).expect("a column");
        row.split(',').nth(at).expect("a cell").to_owned()
    };
    let row = stores.lines().find(|row| row.starts_with(&format!("{chosen},"))).expect("its row");
    let name = cell(row, "name");
    let told = explain(&project, &name);
    assert!(told.code == 0 && told.out.starts_with(&format!("{name} ({chosen}) is in the plan")), "{told:?}");
    assert_eq!(told.out, explain(&project, &chosen).out);
}

#[test]
fn a_budget_that_nothing_fits_is_not_called_a_want_of_worth() {
    let project = Project::sample();
    project.key("capex", "\"10 GBP\"");
    let planned = project.plan();
    let plan = plan(&project);
    assert!(plan["stores"].as_array().is_some_and(Vec::is_empty), "{plan}");
    let warning = plan["warnings"].as_array().and_then(|all| all.iter().find(|one| one["code"] == "W-OPT-003"));
    let text = warning.expect("a warning")["text"].as_str().expect("a text");
    assert!(text.contains("budget.capex: opening may cost 10.00 GBP at most; the cheapest plan"), "{text}");
    assert!(planned.code == 5 && planned.out.starts_with("Open no corner: the rules leave none;"), "{planned:?}");
    assert!(project.read_current("report.html").contains("Open no corner: the rules leave none"));
}

#[test]
fn what_rules_settle_is_said_with_the_rules() {
    let project = Project::sample();
    assert_eq!(project.plan().code, 0);
    let best = plan(&project);
    let chosen = best["stores"][0]["store_id"].as_str().expect("an id").to_owned();
    let unknown = explain(&project, "nobody");
    assert!(unknown.code == 2 && unknown.err.contains("E-CFG-010"), "{unknown:?}");
    project.scenario("placement", &format!("require = [\"{chosen}\"]"));
    assert_eq!(project.plan().code, 0);
    let held = explain(&project, &chosen);
    assert_eq!(held.code, 0, "{held:?}");
    assert!(held.out.contains("without it no plan is left") && held.out.contains("placement.require"), "{}", held.out);
    // Tables that changed are not those of the run.
    project.cell("data/stores.csv", 2, "lat", |lat| format!("{lat}1"));
    let changed = explain(&project, &chosen);
    assert!(changed.code == 3 && changed.err.contains("E-RUN-002"), "{changed:?}");
}
