//! `cornerstone readout`: an effect put into the sales, none put there, and looks that can't be had.

use crate::support::{Project, Told};

/// The day on which the pilot begins; the sample's sales end eight weeks later.
const START: &str = "2026-09-21";

/// A project planned at [`START`], with the sales since in `all.csv` and those of chosen stores raised in `raised.csv`.
fn piloted() -> Project {
    let project = designed(|_| ());
    let text = std::fs::read_to_string(project.current().join("plan.json")).expect("a plan");
    assert!(text.contains("\"matched\""));
    project
}

/// The same, with the scenario changed first.
fn designed(change: impl Fn(&Project)) -> Project {
    let project = Project::sample();
    change(&project);
    let sales = project.read("data/sales.csv");
    let (header, rows) = sales.split_once('\n').expect("a header");
    let of = |row: &str, column: usize| row.split(',').nth(column).expect("a cell").to_owned();
    let before = rows.lines().filter(|row| of(row, 2).as_str() < START);
    project.write("data/all.csv", &sales);
    project.write(
        "data/sales.csv",
        std::iter::once(header).chain(before).map(|row| format!("{row}\n")).collect::<String>(),
    );
    project.key("as_of", &format!("\"{START}\""));
    project.key("match_weeks", "13");
    project.key("watch_weeks", "8");
    let planned = project.plan();
    assert!([0, 5].contains(&planned.code), "{planned:?}");
    let text = std::fs::read_to_string(project.current().join("plan.json")).expect("a plan");
    let plan: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let chosen: Vec<&str> =
        plan["stores"].as_array().expect("stores").iter().filter_map(|store| store["store_id"].as_str()).collect();
    let raised = rows.lines().map(|row| {
        let mut cells: Vec<String> = row.split(',').map(ToOwned::to_owned).collect();
        if cells[2].as_str() >= START && chosen.contains(&cells[0].as_str()) {
            let units: f64 = cells[3].parse().expect("units");
            cells[3] = format!("{:.0}", 1.25 * units);
        }
        cells.join(",")
    });
    let raised = std::iter::once(header.to_owned()).chain(raised).map(|row| row + "\n").collect::<String>();
    project.write("data/raised.csv", raised);
    project
}

/// A look at the day `as_of` into the sales of `table`.
fn look(project: &Project, as_of: &str, table: &str, threshold: &str, more: &[&str]) -> Told {
    let scenario = project.read("scenarios/base.toml").replace(START, as_of).replace("sales.csv", table);
    project.write("scenarios/later.toml", scenario);
    let args = ["readout", "p/scenarios/later.toml", "--run", "p/runs", "--threshold", threshold, "--quiet"];
    project.run(&[&args, more].concat())
}

#[test]
fn a_pilot_is_read_against_its_controls() {
    let project = piloted();
    let with = look(&project, "2026-11-16", "raised.csv", "5 %", &["-o", "p/readout.json"]);
    assert_eq!(with.code, 0, "{with:?}");
    assert!(with.out.contains("8 weeks") && with.out.contains("Go:"), "{}", with.out);
    let told: serde_json::Value = serde_json::from_str(&project.read("readout.json")).expect("JSON");
    let without = look(&project, "2026-11-16", "all.csv", "5 %", &["-o", "p/without.json"]);
    assert_eq!(without.code, 0, "{without:?}");
    let base: serde_json::Value = serde_json::from_str(&project.read("without.json")).expect("JSON");
    let effect = |told: &serde_json::Value| told["related"]["effect"].as_f64().expect("a number");
    // Units are whole, so a raise by a quarter is one but for rounding.
    let factor = (1.0 + effect(&told)) / (1.0 + effect(&base));
    assert!((factor - 1.25).abs() < 0.003, "{factor}");
    let interval: Vec<f64> =
        base["related"]["interval"].as_array().expect("two").iter().filter_map(serde_json::Value::as_f64).collect();
    assert!(interval[0] < 0.0 && 0.0 < interval[1], "nothing was put there: {interval:?}");
    assert_eq!(told["related"]["verdict"], "go");
    let strict = look(&project, "2026-11-16", "raised.csv", "60 %", &[]);
    assert!(strict.out.contains("No go:"), "{}", strict.out);
}

#[test]
fn a_randomised_pilot_is_read_by_its_coins() {
    let project = designed(|project| {
        project.key("controls_per_store", "1\ndesign = \"randomised\"");
        project.key("spillover", "\"0 km\"");
    });
    let read = |table: &str, name: &str| -> serde_json::Value {
        let told = look(&project, "2026-11-16", table, "5 %", &["-o", &format!("p/{name}")]);
        assert_eq!(told.code, 0, "{told:?}");
        serde_json::from_str(&project.read(name)).expect("JSON")
    };
    let (with, without) = (read("raised.csv", "with.json"), read("all.csv", "without.json"));
    let number = |told: &serde_json::Value, of: &str| told["related"][of].as_f64().expect("a number");
    let factor = (1.0 + number(&with, "effect")) / (1.0 + number(&without, "effect"));
    assert!((factor - 1.25).abs() < 0.003, "{factor}");
    // Six pairs have 64 ways to fall: no p-value is below 1/32.
    assert!(number(&with, "p_value") >= 1.0 / 32.0 && number(&without, "p_value") > 0.05, "{with} {without}");
}

#[test]
fn looks_that_can_not_be_had_are_refused() {
    let project = piloted();
    let early = look(&project, START, "sales.csv", "5 %", &[]);
    assert_eq!(early.code, 3, "{early:?}");
    assert!(early.err.contains("E-RUN-006") && early.err.contains("as_of"), "{}", early.err);
    let bare = piloted();
    bare.key("controls_per_store", "0");
    assert_eq!(bare.plan().code, 0);
    let none = look(&bare, "2026-11-16", "all.csv", "5 %", &[]);
    assert_eq!(none.code, 3, "{none:?}");
    assert!(none.err.contains("E-RUN-006") && none.err.contains("no controls"), "{}", none.err);
}
