//! Health tables: what must never be shown.

use super::{Case, add_table, data, zones};

pub(super) fn health() -> Vec<Case> {
    vec![
        data(
            "F067 rows about people",
            |p| {
                let zone = zones(p, 1).remove(0);
                add_table(
                    p,
                    "health",
                    "health.csv",
                    &format!("zone_id,measure,count,patient_name\n{zone},diabetes,40,Canary Quicksilver\n"),
                );
            },
            8,
            &["E-PRV-001", "health.csv", "patient_name"],
        ),
        data(
            "F068 a small cell",
            |p| {
                let zone = zones(p, 1).remove(0);
                add_table(p, "health", "health.csv", &format!("zone_id,measure,count\n{zone},diabetes,4\n"));
            },
            8,
            &["E-PRV-002", "health.csv"],
        ),
    ]
}
