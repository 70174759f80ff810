//! Rows of sales.

use super::{Case, SALES, data};
use crate::support::Project;

pub(super) fn sales() -> Vec<Case> {
    vec![
        data("F028 not a number", |p| p.set(SALES, 7, "units", "NaN"), 3, &["E-VAL-001", "sales.csv:7", "[units]"]),
        data("F028 infinite", |p| p.set(SALES, 7, "units", "-inf"), 3, &["E-VAL-001", "sales.csv:7", "[units]"]),
        data(
            "F029 beyond any number",
            |p| p.set(SALES, 8, "units", "1e400"),
            3,
            &["E-VAL-002", "sales.csv:8", "[units]"],
        ),
        data("F030 negative units", |p| p.set(SALES, 9, "units", "-3"), 3, &["E-VAL-003", "sales.csv:9", "[units]"]),
        data("F031 half a unit", |p| p.set(SALES, 10, "units", "2.5"), 3, &["E-VAL-004", "sales.csv:10", "[units]"]),
        data("F032 a row twice", |p| p.lines(SALES, |l| l.push(l[10].clone())), 3, &["E-KEY-001", "sales.csv"]),
        data(
            "F033 a key with two values",
            |p| {
                p.lines(SALES, |lines| lines.push(lines[10].clone()));
                let last = p.read(SALES).lines().count();
                p.cell(SALES, last, "units", |value| format!("{value}1"));
            },
            3,
            &["E-KEY-002", "sales.csv"],
        ),
        data(
            "F034 a file loaded twice",
            |p| p.lines(SALES, |l| l.extend_from_within(1..)),
            3,
            &["E-KEY-003", "sales.csv"],
        ),
        data(
            "F037 a row from the future",
            |p| p.set(SALES, 4, "week", "2027-01-04"),
            3,
            &["E-DATE-001", "sales.csv:4", "[week]"],
        ),
        data("F038 a stale feed", |p| p.key("as_of", "\"2028-11-20\""), 3, &["E-DATE-002", "sales.csv"]),
        data(
            "F039 a date that never was",
            |p| p.set(SALES, 6, "week", "2026-02-30"),
            3,
            &["E-DATE-003", "sales.csv:6", "[week]"],
        ),
        data(
            "F039 a spreadsheet's serial",
            |p| p.set(SALES, 6, "week", "45292"),
            3,
            &["E-DATE-003", "sales.csv:6", "[week]"],
        ),
        data(
            "F040 an ambiguous date",
            |p| p.set(SALES, 6, "week", "01/06/2026"),
            3,
            &["E-DATE-004", "sales.csv:6", "[week]"],
        ),
        data(
            "F041 a timestamp",
            |p| p.cell(SALES, 6, "week", |v| format!("{v}T23:30:00Z")),
            3,
            &["E-TZ-001", "sales.csv:6", "[week]"],
        ),
        data(
            "F042 a week that begins mid-week",
            |p| p.set(SALES, 6, "week", "2026-08-05"),
            3,
            &["E-CAL-001", "sales.csv:6", "[week]"],
        ),
        data("F043 a change of unit", packs_become_tablets, 3, &["E-UOM-001", "sales.csv"]),
        data("F046 sold for nothing", |p| p.set(SALES, 11, "price", "0"), 3, &["E-VAL-005", "sales.csv:11", "[price]"]),
        data("F048 nothing sold anywhere", nothing_sold, 3, &["E-VAL-006", "sales.csv"]),
        data(
            "F052 a padded id",
            |p| p.cell(SALES, 12, "store_id", |v| format!("{v} ")),
            3,
            &["E-ID-001", "sales.csv:12", "[store_id]"],
        ),
        data(
            "F053 a store nobody knows",
            |p| p.set(SALES, 12, "store_id", "NOWHERE-1"),
            3,
            &["E-REF-001", "sales.csv:12", "[store_id]"],
        ),
    ]
}

/// From one week on, every store counts in units 28 times smaller.
fn packs_become_tablets(project: &Project) {
    project.lines(SALES, |lines| {
        let header: Vec<&str> = lines[0].split(',').collect();
        let at = |name: &str| header.iter().position(|known| *known == name).expect("a column");
        let (week, units) = (at("week"), at("units"));
        let mut weeks: Vec<String> =
            lines[1..].iter().map(|line| line.split(',').nth(week).expect("a week").to_owned()).collect();
        weeks.sort_unstable();
        weeks.dedup();
        let from = weeks[weeks.len() / 2].clone();
        for line in &mut lines[1..] {
            let mut cells: Vec<String> = line.split(',').map(ToOwned::to_owned).collect();
            if cells[week] >= from {
                let value: u64 = cells[units].parse().expect("units");
                cells[units] = (value * 28).to_string();
                *line = cells.join(",");
            }
        }
    });
}

fn nothing_sold(project: &Project) {
    project.lines(SALES, |lines| {
        let at = lines[0].split(',').position(|known| known == "units").expect("a column");
        for line in &mut lines[1..] {
            let mut cells: Vec<&str> = line.split(',').collect();
            cells[at] = "0";
            *line = cells.join(",");
        }
    });
}
