//! Mends that are offered, each written into the scenario and read again.

use domain::diagnostic::Diagnostic;

use super::super::read;
use super::super::tests::{BASE, folder, refusals};

/// A base with these lines in the place of its own, or behind it.
fn with(lines: &str) -> String {
    let key = lines.split('=').next().map(str::trim).unwrap_or_default();
    let own = BASE.lines().find(|line| line.split('=').next().is_some_and(|known| known.trim() == key));
    own.map_or_else(|| format!("{BASE}{lines}\n"), |own| BASE.replace(own, lines))
}

fn told(text: &str) -> Diagnostic {
    let found = refusals(&[("base.toml", text)]);
    assert_eq!(found.len(), 1, "{text}\n{found:?}");
    found[0].clone()
}

/// What stands behind each `key = ` of a mend.
fn offered(action: &str, key: &str) -> Vec<String> {
    let begins = format!("{key} = ");
    let behind = action.split(&begins).skip(1);
    let value = |rest: &str| match rest.chars().next() {
        Some('"') => rest.split('"').nth(1).map(|text| format!("\"{text}\"")),
        Some('[') => rest.split(']').next().map(|text| format!("{text}]")),
        _ => rest.split([',', ' ']).next().map(ToOwned::to_owned),
    };
    behind.filter_map(value).collect()
}

/// Each line with what is offered for it; all of it is taken when it is written.
#[test]
fn what_is_offered_keeps_what_was_written_and_is_taken() {
    let cases: [(&str, &str, &[&str]); 27] = [
        ("[stock]\nservice_min = 0.95", "service_min", &["\"95 %\"", "\"0.95 %\""]),
        ("[stock]\nservice_min = 1", "service_min", &["\"1 %\""]),
        ("[stock]\nservice_min = \"0.07\"", "service_min", &["\"7 %\"", "\"0.07 %\""]),
        ("[capture]\nshare_max = 0.5", "share_max", &["\"50 %\"", "\"0.5 %\""]),
        ("[capture]\nshare_max = 40", "share_max", &["\"40 %\""]),
        ("[solver]\ngap = 0.001", "gap", &["\"0.1 %\"", "\"0.001 %\""]),
        ("[solver]\ngap = 0", "gap", &["\"0 %\""]),
        ("[solver]\ngap = \"150 %\"", "gap", &[]),
        ("[solver]\ngap = \"5 percent\"", "gap", &["\"5 %\""]),
        ("[solver]\ntime_limit = 60", "time_limit", &["\"60 min\"", "\"60 h\"", "\"60 s\""]),
        ("[solver]\ntime_limit = \"2 hours\"", "time_limit", &["\"2 h\""]),
        ("[objective]\nrisk = { tail = 0.1, weight = 0.3 }", "tail", &["\"10 %\"", "\"0.1 %\""]),
        ("[pilot]\nspillover = 5000", "spillover", &["\"5000 km\"", "\"5000 m\"", "\"5000 mi\""]),
        ("[pilot]\nspillover = 0", "spillover", &["\"0 km\""]),
        ("[pilot]\nspillover = \"3 miles\"", "spillover", &["\"3 mi\""]),
        ("[pilot]\nspillover = \"3 KM\"", "spillover", &["\"3 km\""]),
        ("[pilot]\nspillover = \"far\"", "spillover", &["\"5 km\""]),
        ("[pilot]\nspillover = -3", "spillover", &["\"5 km\""]),
        ("[travel]\nspeed = 40", "speed", &["\"40 km/h\"", "\"40 mph\""]),
        ("[budget]\nstock = 40000", "stock", &[]),
        ("[placement]\nstores_min = \"6\"", "stores_min", &["6"]),
        ("[placement]\nstores_min = 2.5", "stores_min", &["2", "3"]),
        ("[placement]\nexclude = \"C\"", "exclude", &["[\"C\"]"]),
        ("as_of = \"16/11/2026\"", "as_of", &["\"2026-11-16\""]),
        ("as_of = \"5/11/2026\"", "as_of", &["\"2026-11-05\"", "\"2026-05-11\""]),
        ("as_of = \"2026-11-31\"", "as_of", &["\"2026-11-30\""]),
        ("as_of = \"soon\"", "as_of", &["\"2026-11-16\""]),
    ];
    for (lines, key, mends) in cases {
        // Sections of the base are filled, not opened twice.
        let (section, line) = lines.split_once('\n').unwrap_or(("", lines));
        let text = match BASE.contains(section) && !section.is_empty() {
            true => BASE.replace(section, lines),
            false => with(lines),
        };
        let found = told(&text);
        assert_eq!(offered(&found.action, key), mends, "{lines}: {}", found.action);
        let wrong = line.split_once('=').map_or(line, |(_, wrong)| wrong.trim());
        for mend in mends {
            let wrong = if key == "tail" { "0.1" } else { wrong };
            let mended = text.replacen(&format!("{key} = {wrong}"), &format!("{key} = {mend}"), 1);
            assert_ne!(mended, text, "{lines}");
            let (_folder, first) = folder(&[("base.toml", &mended)]);
            assert!(read(&first).is_ok(), "{lines}: {mend} is refused: {:?}", read(&first).err());
        }
    }
}

#[test]
fn what_nobody_knows_but_the_writer_is_described_and_not_made_up() {
    let uptake = told(&with("[demand.uptake]\nlow = 0.01\nhigh = 0.04"));
    assert_eq!(uptake.cause, "`mode` is missing");
    assert_eq!(uptake.action, "write mode, a number: the most likely value");
    let weeks = told(&with("horizon_weeks = \"half a year\""));
    assert!(weeks.action.contains("whole number") && offered(&weeks.action, "horizon_weeks").is_empty(), "{weeks:?}");
    let money = told(&with("[stock]\norder_cost = 12"));
    assert_eq!(money.action, "write a number with its currency");
    // All stock is as good a reading of 1, and refused by a rule: the other is no more than a possibility.
    let all = told(&with("[stock]\nservice_min = 1"));
    assert_eq!(all.action, "write service_min = \"1 %\", if that is meant");
    let far = told(&with("[solver]\ngap = \"150 %\""));
    assert_eq!(far.action, "write a value within 0 to 100 %");
    assert!(told(&with("as_of = \"16/11/2026\"")).cause.contains("is a day, but not written as year-month-day"));
    assert!(told(&with("as_of = \"2026-11-31\"")).cause.contains("is no day of the calendar"));
    // Without quotation marks they are no TOML, and quotation marks alone would not mend them.
    for (bare, mend) in [("2026-11-31", "write as_of = \"2026-11-30\""), ("16/11/2026", "write as_of = \"2026-11-16\"")]
    {
        let found = told(&with(&format!("as_of = {bare}")));
        assert_eq!(found.action, mend, "{found:?}");
    }
}

/// A table is a text, a list or a table, in what is refused, in what is said and in the reference.
#[test]
fn a_place_of_several_kinds_is_told_with_all_of_them() {
    let zones = |value: &str| with(&format!("zones = {value}"));
    let found = told(&zones("5"));
    assert_eq!(found.cause, "the number 5 where a text, a list or a table is due");
    let slip = told(&zones("{ path = \"z.csv\", delimeter = \";\" }"));
    assert!(slip.code == "E-CFG-001" && slip.action.contains("`delimiter`"), "{slip:?}");
    let format = told(&zones("{ path = \"z.csv\", format = \"parket\" }"));
    assert!(format.action.contains("did you mean `parquet`?"), "{format:?}");
    for fine in ["\"z.csv\"", "[\"a.csv\", \"b.csv\"]", "{ path = [\"a.csv\"], returns = true }"] {
        let (_folder, first) = folder(&[("base.toml", &zones(fine))]);
        assert!(read(&first).is_ok(), "{fine}");
    }
    let reference = super::super::reference::scenario();
    assert!(reference.contains("## `[tables.NAME]`"));
    for key in ["path", "sql", "format", "delimiter", "sha256", "returns"] {
        assert!(reference.contains(&format!("\n| `{key}` | ")), "{key} is not told");
    }
    assert!(reference.contains("| `zones` | a text, a list or a table |"));
}

/// Every heading of the reference is TOML, and the scenario has such a section.
#[test]
fn headings_of_the_reference_are_sections() {
    let text = super::super::reference::scenario();
    let heads: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("## `")?.strip_suffix('`')).collect();
    assert!(heads.contains(&"[[reach]]") && heads.contains(&"[reach.where]") && heads.contains(&"[reach.afford]"));
    for head in heads {
        toml::from_str::<toml::Table>(head).unwrap_or_else(|error| panic!("{head}: {error}"));
    }
    assert!(text.contains("Below its `[[reach]]`."));
}
