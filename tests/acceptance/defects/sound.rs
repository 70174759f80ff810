//! What is no defect, and what is said without standing in the way.

use super::{Case, SALES, STORES, ZONES, add_table, data, plan, zones};
use crate::support::Project;

/// Edits that leave the input sound: the plan comes out, with exit 0.
pub(super) fn harmless() -> Vec<Case> {
    vec![
        data("nothing is planted", |_| (), 0, &[]),
        data("F011 a byte order mark", |p| p.edit(ZONES, |text| format!("\u{feff}{text}")), 0, &[]),
        data("F013 CRLF", |p| p.edit(SALES, |text| text.replace('\n', "\r\n")), 0, &[]),
        data("F014 a comma in quotes", |p| p.set(STORES, 3, "name", "\"High Street; \"\"The Corner\"\"\""), 0, &[]),
        data("columns in another order", reversed_columns, 0, &[]),
        data(
            "F071 suppressed counts",
            |p| {
                let ids = zones(p, 2);
                add_table(
                    p,
                    "health",
                    "health.csv",
                    &format!("zone_id,measure,count\n{},diabetes,*\n{},diabetes,44\n", ids[0], ids[1]),
                );
            },
            0,
            &[],
        ),
        plan("F081 no store at all", |p| p.key("stores_max", "0"), 0, &[]),
        plan(
            "F122, F123 a name that is code",
            |p| p.set(STORES, 3, "name", "=cmd|' /C calc'!A0 <script>alert(1)</script>"),
            0,
            &[],
        ),
    ]
}

fn reversed_columns(project: &Project) {
    project.lines(ZONES, |lines| {
        for line in lines.iter_mut() {
            *line = line.split(',').rev().collect::<Vec<_>>().join(",");
        }
    });
}

/// Two stores at one place: a warning, and the plan stands.
pub(super) fn warned() -> Vec<Case> {
    vec![data(
        "F056 two stores at one place",
        |p| {
            let text = p.read(STORES);
            let header: Vec<&str> = text.lines().next().expect("a header").split(',').collect();
            let at = |name: &str| header.iter().position(|known| *known == name).expect("a column");
            let row: Vec<&str> = text.lines().nth(3).expect("line 4").split(',').collect();
            p.set(STORES, 5, "lat", row[at("lat")]);
            p.set(STORES, 5, "lon", row[at("lon")]);
        },
        5,
        &["W-GEO-002", "stores.csv"],
    )]
}
