//! Table `health`: counts by zone and measure, under disclosure control.
//!
//! A suppressed cell is an interval, never a zero. A count below the threshold that was not
//! suppressed is refused. No value of this table appears in a message.

use std::collections::BTreeMap;

use domain::diagnostic::{Diagnostic, Refusal};
use domain::market::{Health, HealthCount};

use crate::findings::{Findings, at};
use crate::frame::Frame;
use crate::number;
use crate::privacy::looks_personal;
use crate::zones::Zones;

pub(crate) const NEEDED: [&str; 3] = ["zone_id", "measure", "count"];

/// Counts from 1 up to below this could point at persons (the threshold k).
const THRESHOLD: u64 = 11;

/// Reads the table.
pub(crate) fn read(frame: &Frame, zones: &Zones, findings: &mut Findings) -> Health {
    let mut cells: BTreeMap<(usize, String), HealthCount> = BTreeMap::new();
    let mut small: Vec<usize> = Vec::new();
    let (mut suppressed, mut personal) = (0_u64, Vec::new());
    for row_number in 0..frame.len() {
        let mut row = frame.read(row_number, findings);
        for column in ["zone_id", "measure"] {
            if looks_personal(row.raw(column)) {
                personal.push((row_number, column));
            }
        }
        let measure = row.text("measure");
        let zone = zones.of_row(&mut row);
        let count = match row.raw("count") {
            "*" | "<11" | "< 11" => {
                suppressed += 1;
                Some(HealthCount::Suppressed { low: 1, high: THRESHOLD - 1 })
            }
            text => match number::count(text, i64::MAX) {
                Ok(value) => {
                    let value = value.unsigned_abs();
                    if (1..THRESHOLD).contains(&value) {
                        small.push(row_number);
                    }
                    Some(HealthCount::Known(value))
                }
                Err(fault) => {
                    row.wrong(
                        fault.code(),
                        "count",
                        fault.words(),
                        "give a whole number, or `*` for a suppressed cell",
                    );
                    None
                }
            },
        };
        if let (Some(zone), Some(measure), Some(count)) = (zone, measure, count)
            && cells.insert((zone.at(), measure), count).is_some()
        {
            let what = "the zone and measure stand twice";
            findings.refuse("E-KEY-001", frame.place(row_number, "zone_id"), what, "keep one row per zone and measure");
        }
    }
    refuse(frame, &small, &personal, findings);
    if suppressed > 0 {
        let cause = format!("{suppressed} suppressed cells are read as 1 to {}", THRESHOLD - 1);
        findings.say(Diagnostic::info("I-PRV-SUP", at(frame.file(0)), cause, ""));
    }
    let mut measures: Vec<String> = cells.keys().map(|(_, measure)| measure.clone()).collect();
    measures.sort_unstable();
    measures.dedup();
    let mut counts = vec![None; zones.ids.len() * measures.len()];
    for ((zone, measure), count) in cells {
        if let Ok(position) = measures.binary_search(&measure) {
            counts[zone * measures.len() + position] = Some(count);
        }
    }
    Health { measures, counts }
}

fn refuse(frame: &Frame, small: &[usize], personal: &[(usize, &str)], findings: &mut Findings) {
    if let Some(&first) = small.first() {
        findings.say(Diagnostic::error(
            Refusal::Privacy,
            "E-PRV-002",
            frame.place(first, "count"),
            format!("{} cells below {THRESHOLD} are not suppressed", small.len()),
            "suppress them at the source as `*`",
        ));
    }
    if let Some(&(first, column)) = personal.first() {
        findings.say(Diagnostic::error(
            Refusal::Privacy,
            "E-PRV-001",
            frame.place(first, column),
            format!("{} cells of column {column} have the form of a person's identifier", personal.len()),
            "give zone-level counts only",
        ));
    }
}
