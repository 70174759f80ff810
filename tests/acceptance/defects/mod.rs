//! Bad inputs, planted one at a time in the sample project: each ends with its exit code and a message
//! that names the file, the row and the column.

use crate::support::{Project, Told};

mod entities;
mod files;
mod health;
mod sales;
mod settings;
mod sound;

use entities::entities;
use files::files;
use health::health;
use sales::sales;
use settings::settings;
use sound::{harmless, warned};

/// One planted defect.
struct Case {
    /// What it is, with the number of the failure model it stands for.
    what: &'static str,
    /// How it is planted.
    plant: fn(&Project),
    /// The exit code due.
    exit: i32,
    /// What the message must hold.
    says: &'static [&'static str],
    /// Whether it shows only when a plan is made.
    plans: bool,
}

const SALES: &str = "data/sales.csv";
const STORES: &str = "data/stores.csv";
const ZONES: &str = "data/zones.csv";
const DEVICES: &str = "data/devices.csv";
const MARKETS: &str = "data/markets.csv";
const SCENARIO: &str = "scenarios/base.toml";

const fn data(what: &'static str, plant: fn(&Project), exit: i32, says: &'static [&'static str]) -> Case {
    Case { what, plant, exit, says, plans: false }
}

const fn plan(what: &'static str, plant: fn(&Project), exit: i32, says: &'static [&'static str]) -> Case {
    Case { what, plant, exit, says, plans: true }
}

/// The id of the store on a line of the table of stores.
fn store(project: &Project, line: usize) -> String {
    let text = project.read(STORES);
    text.lines().nth(line - 1).and_then(|line| line.split(',').next()).expect("a store").to_owned()
}

/// Names a table by a new section of the scenario.
fn add_table(project: &Project, role: &str, name: &str, text: &str) {
    project.write(&format!("data/{name}"), text);
    project.scenario("tables", &format!("{role} = \"../data/{name}\""));
}

/// Ids of the first zones.
fn zones(project: &Project, count: usize) -> Vec<String> {
    project
        .read(ZONES)
        .lines()
        .skip(1)
        .take(count)
        .map(|line| line.split(',').next().expect("an id").to_owned())
        .collect()
}

fn complaints(sample: &Project, cases: &[Case]) -> Vec<String> {
    let mut found = Vec::new();
    for case in cases {
        let project = sample.copy();
        (case.plant)(&project);
        let told: Told = if case.plans { project.plan() } else { project.check() };
        let missing: Vec<&&str> = case.says.iter().filter(|word| !told.err.contains(**word)).collect();
        if told.code != case.exit || !missing.is_empty() {
            let err: String = told.err.lines().take(6).collect::<Vec<_>>().join("\n    ");
            found
                .push(format!("{}: exit {} (due {}), missing {missing:?}\n    {err}", case.what, told.code, case.exit));
        }
        if case.exit > 0 && case.exit != 5 {
            assert!(!project.path("runs/CURRENT").exists(), "{}: nothing is published", case.what);
        }
        assert!(!told.err.contains("Canary"), "{}: a value of a health table was shown", case.what);
    }
    found
}

fn all_as_stated(cases: &[Case]) {
    let found = complaints(&Project::sample(), cases);
    assert!(found.is_empty(), "{} of {}:\n{}", found.len(), cases.len(), found.join("\n"));
}

#[test]
fn defects_of_files_end_as_stated() {
    all_as_stated(&files());
}

#[test]
fn defects_of_sales_end_as_stated() {
    all_as_stated(&sales());
}

#[test]
fn defects_of_entities_end_as_stated() {
    all_as_stated(&entities());
}

#[test]
fn defects_of_health_tables_end_as_stated() {
    all_as_stated(&health());
}

#[test]
fn defects_of_settings_end_as_stated() {
    all_as_stated(&settings());
}

#[test]
fn sound_inputs_are_not_complained_of() {
    all_as_stated(&harmless());
}

#[test]
fn warnings_leave_the_plan_standing() {
    all_as_stated(&warned());
}

#[test]
fn at_least_forty_defects_are_planted() {
    let planted = [files(), sales(), entities(), health(), settings()].iter().map(Vec::len).sum::<usize>();
    assert!(planted >= 40, "{planted}");
}
