//! Reading scenarios: what merges, what is refused, and where the finger points.

use std::path::PathBuf;

use super::*;

pub(super) const BASE: &str = r#"
name = "base"
as_of = 2026-11-16
horizon_weeks = 26
zero_rows = "zero"
[tables]
markets = "../data/markets.csv"
stores = "../data/stores.csv"
sales = "../data/sales.csv"
devices = "../data/devices.csv"
zones = "../data/zones.csv"
[placement]
stores_max = 12
require = ["A", "B"]
[budget]
capex = "3.5 MUSD"
"#;

pub(super) fn folder(files: &[(&str, &str)]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).expect("write");
    }
    let first = folder.path().join(files[0].0);
    (folder, first)
}

pub(super) fn refusals(files: &[(&str, &str)]) -> Vec<Diagnostic> {
    let (_folder, first) = folder(files);
    read(&first).expect_err("should be refused")
}

#[test]
fn a_child_changes_what_it_names_and_keeps_the_rest() {
    let child = "name = \"child\"\nextends = \"base.toml\"\n[placement]\nrequire = [\"C\"]\n";
    let (_folder, first) = folder(&[("child.toml", child), ("base.toml", BASE)]);
    let scenario = read(&first).expect("valid");
    assert_eq!(scenario.settings.name, "child");
    assert_eq!(scenario.settings.placement.require, ["C"]);
    assert_eq!(scenario.settings.placement.stores_max(), 12);
    assert_eq!(scenario.settings.budget.capex.map(|money| money.minor), Some(350_000_000));
}

#[test]
fn an_unknown_key_is_named_with_its_line_and_the_nearest_key() {
    let found = refusals(&[("base.toml", &BASE.replace("stores_max = 12", "store_max = 12"))]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].code, found[0].place.line), ("E-CFG-001", Some(13)));
    assert!(found[0].action.contains("`stores_max`"), "{}", found[0].action);
}

#[test]
fn all_findings_are_collected() {
    let text = BASE
        .replace("horizon_weeks = 26", "horizon_weeks = 0")
        .replace("\"3.5 MUSD\"", "3.5")
        .replace("zero_rows = \"zero\"\n", "");
    let codes: Vec<&str> = refusals(&[("base.toml", &text)]).iter().map(|finding| finding.code).collect();
    assert!(codes.contains(&"E-CFG-004") && codes.contains(&"E-CFG-006"), "{codes:?}");
    let text = BASE.replace("horizon_weeks = 26", "horizon_weeks = 0").replace("stores_max = 12", "stores_max = 13");
    let codes: Vec<&str> = refusals(&[("base.toml", &text)]).iter().map(|finding| finding.code).collect();
    assert!(codes.contains(&"E-CFG-002") && codes.contains(&"E-CFG-003"), "{codes:?}");
}

#[test]
fn a_bare_number_where_a_unit_is_due_is_refused() {
    let found = refusals(&[("base.toml", &BASE.replace("stores_max = 12", "stores_max = 12\ndistance_min = \"5\""))]);
    assert_eq!(found[0].code, "E-CFG-006");
    assert!(found[0].cause.contains("km"), "{}", found[0].cause);
    assert_eq!(found[0].place.line, Some(14));
}

#[test]
fn contradictions_are_infeasible_before_any_table_is_read() {
    let found = refusals(&[("base.toml", &BASE.replace("[budget]", "exclude = [\"B\"]\n[budget]"))]);
    assert_eq!((found[0].code, found[0].refusal), ("E-INF-001", Some(Refusal::Infeasible)));
    let found = refusals(&[("base.toml", &BASE.replace("stores_max = 12", "stores_max = 1"))]);
    assert_eq!((found[0].code, found[0].refusal), ("E-INF-002", Some(Refusal::Infeasible)));
}

#[test]
fn a_circle_of_extends_is_refused() {
    let found = refusals(&[("a.toml", "extends = \"b.toml\""), ("b.toml", "extends = \"a.toml\"")]);
    assert_eq!(found[0].code, "E-CFG-008");
}

#[test]
fn a_missing_as_of_is_refused() {
    let found = refusals(&[("base.toml", &BASE.replace("as_of = 2026-11-16\n", ""))]);
    assert_eq!(found.iter().map(|finding| finding.code).collect::<Vec<_>>(), ["E-CFG-005"]);
}

#[test]
fn what_a_pilot_must_show_makes_sense_or_is_refused() {
    let with = |lines: &str| refusals(&[("base.toml", &format!("{BASE}\n[pilot]\n{lines}\n"))]);
    let key = |found: Vec<Diagnostic>| {
        assert_eq!(found.len(), 1, "{found:?}");
        (found[0].code, found[0].place.column.clone().expect("a key"), found[0].place.line)
    };
    assert_eq!(key(with("detect = \"0 %\"")), ("E-CFG-003", "pilot.detect".into(), Some(19)));
    assert_eq!(key(with("balanced = { area_m2 = -1.0 }")).0, "E-CFG-003");
    assert_eq!(key(with("controls_per_store = 0\ndetect = \"5 %\"")).0, "E-CFG-002");
    assert_eq!(key(with("design = \"randomised\"")).1, "placement.require");
    let free = BASE.replace("require = [\"A\", \"B\"]\n", "");
    let coined = |base: &str| refusals(&[("base.toml", &format!("{base}\n[pilot]\ndesign = \"randomised\"\n"))]);
    assert_eq!(key(coined(&free.replace("stores_max = 12", "stores_max = 5"))).1, "placement.stores_max");
    assert_eq!(key(coined(&format!("{free}\n[objective]\nkind = \"distance\"\n"))).1, "pilot.design");
}

#[test]
fn risk_is_read_and_nonsense_is_refused_at_its_key() {
    let with = |risk: &str| BASE.replace("[placement]", &format!("[objective]\nrisk = {risk}\n[placement]"));
    let (_folder, first) = folder(&[("base.toml", &with("{ tail = \"10 %\", at_least = \"-50 kUSD\" }"))]);
    let risk = read(&first).expect("valid").settings.objective.risk.expect("asked for");
    assert_eq!((risk.tail.fraction, risk.at_least.map(|floor| floor.minor)), (0.1, Some(-5_000_000)));
    for (risk, code) in [
        ("{ tail = \"10 %\" }", "E-CFG-002"),
        ("{ tail = \"10 %\", weight = 0.5, at_least = \"50 kUSD\" }", "E-CFG-002"),
        ("{ tail = \"0 %\", weight = 0.5 }", "E-CFG-003"),
        ("{ tail = \"110 %\", weight = 0.5 }", "E-CFG-006"),
        ("{ tail = \"10 %\", weight = 1.5 }", "E-CFG-003"),
        ("{ tail = \"10 %\", weight = 0.3 }\nkind = \"coverage\"", "E-CFG-002"),
    ] {
        let found = refusals(&[("base.toml", &with(risk))]);
        assert_eq!((found.len(), found[0].code), (1, code), "{risk}: {found:?}");
        assert!(found[0].place.line.is_some_and(|line| (12..=14).contains(&line)), "{risk}: {:?}", found[0].place);
    }
    for risk in ["{ tail = 10, weight = 0.5 }", "{ tail = \"10 %\", at_least = 50000 }", "{ weight = 0.5 }"] {
        assert!(!refusals(&[("base.toml", &with(risk))]).is_empty(), "{risk}");
    }
    // Without risk, or with stores that are matched, nothing is wrong.
    let design = |risk: &str, design: &str| {
        let text = if risk.is_empty() { BASE.to_owned() } else { with(risk) };
        format!("{}\n[pilot]\ndesign = \"{design}\"\n", text.replace("require = [\"A\", \"B\"]\n", ""))
    };
    let risk = "{ tail = \"10 %\", weight = 0.3 }";
    for fine in [design(risk, "matched"), design("", "randomised")] {
        let (_folder, first) = folder(&[("base.toml", &fine)]);
        assert!(read(&first).is_ok(), "{fine}");
    }
    let found = refusals(&[("base.toml", &design(risk, "randomised"))]);
    assert_eq!((found.len(), found[0].code, found[0].place.line), (1, "E-CFG-002", Some(13)), "{found:?}");
    assert!(found[0].cause.contains("pairs") && found[0].action.contains("matched"), "{found:?}");
}

/// Two floors, the second with what is put in.
fn floors(second: &str) -> String {
    format!("{BASE}[[reach]]\nname = \"all\"\nat_least = \"30 %\"\n\n[[reach]]\n{second}\n")
}

#[test]
fn floors_on_people_are_read_and_placed_by_number_and_by_name() {
    let text =
        floors("name = \"low income\"\nwhere = { column = \"income\", at_most = 28000 }\nat_least = \"120000 people\"");
    let (_folder, first) = folder(&[("base.toml", &text)]);
    let scenario = read(&first).expect("valid");
    let named: Vec<&str> = scenario.settings.reach.iter().map(|floor| floor.name.as_str()).collect();
    assert_eq!(named, ["all", "low income"]);
    let line = |of: &str| text.lines().position(|line| line.starts_with(of)).map(|at| at as u64 + 1);
    assert_eq!(scenario.place("reach[1].where.column").line, line("where"));
    assert_eq!(scenario.place("reach[1].at_least").line, line("at_least = \"120000"));
    assert_eq!(scenario.place("reach.low income.at_least").line, line("at_least = \"120000"));
    assert_eq!(scenario.place("reach[0].at_least").line, line("at_least = \"30 %"));
    let conflict = Conflict { rule: "reach.low income.at_least".into(), why: "too much".into(), code: "E-INF-005" };
    let told = &scenario.conflicts(&[conflict])[0];
    assert_eq!(told.cause, "`at_least = \"120000 people\"`: too much");
}

#[test]
fn bad_floors_on_people_are_told_with_their_line_and_mend() {
    let cases = [
        ("name = \"low\"\nat_leest = \"3 %\"\nat_least = \"3 %\"", "E-CFG-001", "at_leest", "`at_least`"),
        ("name = \"low\"\nat_least = \"130 %\"", "E-CFG-006", "at_least", "out of range (0 to 100 %)"),
        ("name = \"low\"\nat_least = \"30\"", "E-CFG-006", "at_least", "%, people"),
        ("name = \"low\"\nat_least = \"3 %\"\nwithin = 20", "E-CFG-006", "within", "within = \"20 min\""),
        (
            "name = \"low\"\nat_least = \"3 %\"\nwhere = { column = \"income\" }",
            "E-CFG-002",
            "where",
            "neither at_least nor at_most",
        ),
        (
            "name = \"low\"\nat_least = \"3 %\"\nwhere = { column = \"x\", at_least = 2, at_most = 1 }",
            "E-CFG-002",
            "where",
            "more than at_most",
        ),
        ("name = \"all\"\nat_least = \"3 %\"", "E-CFG-002", "name = \"all\"", "two floors are called `all`"),
        ("name = \"a.b\"\nat_least = \"3 %\"", "E-CFG-003", "name = \"a.b\"", "without dots"),
        ("name = \"low\"", "E-CFG-006", "[[reach]]", "`at_least` is missing"),
    ];
    for (second, code, at, says) in cases {
        let text = floors(second);
        let found = refusals(&[("base.toml", &text)]);
        let line =
            text.lines().enumerate().filter(|(_, line)| line.starts_with(at)).last().map(|(at, _)| at as u64 + 1);
        let told = found.iter().find(|found| found.code == code);
        let told = told.unwrap_or_else(|| panic!("{second}: {found:?}"));
        assert_eq!(told.place.line, line, "{second}: {told:?}");
        assert!(format!("{} {}", told.cause, told.action).contains(says), "{second}: {told:?}");
    }
}

#[test]
fn floors_on_people_and_a_coin_are_refused_together() {
    let text = BASE.replace("require = [\"A\", \"B\"]\n", "");
    let text = format!("{text}[pilot]\ndesign = \"randomised\"\n[[reach]]\nname = \"all\"\nat_least = \"3 %\"\n");
    let found = refusals(&[("base.toml", &text)]);
    assert!(found.len() == 1 && found[0].code == "E-CFG-002" && found[0].cause.contains("coins"), "{found:?}");
}
