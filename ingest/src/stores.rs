//! Table `stores`: where they stand, when they are open, what a corner in them costs and holds.

use std::collections::HashMap;

use domain::diagnostic::Diagnostic;
use domain::ids::{Ids, Idx};
use domain::market::{Attributes, Labels, Store, StoreFacts};

use crate::attributes;
use crate::findings::Findings;
use crate::frame::{Frame, Row};
use crate::markets::Markets;
use crate::names::Names;
use crate::places;
use crate::text::shown;

pub(crate) const NEEDED: [&str; 5] = ["store_id", "market", "lat", "lon", "opened"];
pub(crate) const OPTIONAL: [&str; 4] = ["closed", "open_cost", "shelf_units", "currency"];

/// The stores, by id.
#[derive(Debug)]
pub(crate) struct Stores {
    pub(crate) ids: Ids<Store>,
    pub(crate) facts: Vec<StoreFacts>,
    pub(crate) attributes: Attributes,
    pub(crate) labels: Labels,
    pub(crate) names: Names,
}

/// Reads the table.
pub(crate) fn read(frame: &Frame, markets: &Markets, findings: &mut Findings) -> Stores {
    let mut names = Names::default();
    let mut rows: Vec<(String, usize, StoreFacts)> = Vec::new();
    let mut first: HashMap<String, usize> = HashMap::new();
    for at in 0..frame.len() {
        let mut row = frame.read(at, findings);
        let id = row.text("store_id");
        let market = markets.of_row(&mut row);
        let place =
            places::read(&mut row, id.as_deref().unwrap_or(""), market.and_then(|market| markets.bounds(market)));
        let opened = row.date("opened");
        let closed = row.date_or_blank("closed");
        if let (Some(opened), Some(closed)) = (opened, closed)
            && closed < opened
        {
            row.wrong("E-DATE-005", "closed", "lies before `opened`", "correct the dates");
        }
        let open_cost = match market {
            Some(market) if !row.raw("open_cost").is_empty() => {
                row.amount("open_cost", markets.terms[market.at()].currency)
            }
            _ => None,
        };
        let shelf_units = match row.raw("shelf_units") {
            "" => None,
            _ => row.count("shelf_units", i64::from(u32::MAX), Some("E-VAL-007")),
        };
        if let Some(market) = market {
            markets.check_currency(market, &mut row);
        }
        let sound = row.sound();
        let Some(id) = id else { continue };
        names.note(&id, || frame.place(at, "store_id"));
        if let Some(&before) = first.get(&id) {
            repeated(frame, before, at, &id, findings);
            continue;
        }
        first.insert(id.clone(), at);
        let (true, Some(market), Some(place), Some(opened)) = (sound, market, place, opened) else { continue };
        let shelf_units = shelf_units.and_then(|units| u32::try_from(units).ok());
        rows.push((id, at, StoreFacts { market, place, opened, closed, open_cost, shelf_units }));
    }
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    same_place(frame, &rows, findings);
    let kept: Vec<usize> = rows.iter().map(|row| row.1).collect();
    let known: Vec<&str> = NEEDED.iter().chain(&OPTIONAL).copied().collect();
    let (attributes, labels) = attributes::read(frame, &known, &kept, findings);
    let mut ids = Vec::with_capacity(rows.len());
    let mut facts = Vec::with_capacity(rows.len());
    for (id, _, fact) in rows {
        ids.push(id);
        facts.push(fact);
    }
    Stores { ids: Ids::sorted(ids), facts, attributes, labels, names }
}

/// An id that stands twice: the same row again, or a store that moved and kept its number.
fn repeated(frame: &Frame, before: usize, at: usize, id: &str, findings: &mut Findings) {
    let cell = |row: usize, column: &str| frame.text(row, frame.find(column)).to_owned();
    let moved = ["opened", "closed", "lat", "lon"].iter().any(|column| cell(before, column) != cell(at, column));
    let earlier = frame.place(before, "store_id").line.map_or(String::new(), |line| format!(" (first on line {line})"));
    if moved {
        let cause = format!("the store {}{earlier} stands again with other dates or another place", shown(id));
        findings.refuse("E-ID-002", frame.place(at, "store_id"), cause, "give a store that moved or merged a new id");
    } else if !frame.same(before, at) {
        let cause = format!("the store {}{earlier} stands again with other values", shown(id));
        findings.refuse("E-KEY-002", frame.place(at, "store_id"), cause, "keep the row that holds");
    } else {
        let cause = format!("the store {} stands twice{earlier}", shown(id));
        findings.row("E-KEY-001", frame.place(at, "store_id"), cause, "keep one row per store");
    }
}

/// Warns of stores at one spot: distances of 0 are allowed, but rarely meant.
fn same_place(frame: &Frame, rows: &[(String, usize, StoreFacts)], findings: &mut Findings) {
    let mut spots: HashMap<(u64, u64), usize> = HashMap::new();
    for (number, (id, at, facts)) in rows.iter().enumerate() {
        let spot = (facts.place.lat.to_bits(), facts.place.lon.to_bits());
        if let Some(&other) = spots.get(&spot) {
            findings.say(Diagnostic::warning(
                "W-GEO-002",
                frame.place(*at, "lat"),
                format!("the stores {} and {} have the same coordinates", shown(&rows[other].0), shown(id)),
                "check that both exist; their distance counts as 0",
            ));
        } else {
            spots.insert(spot, number);
        }
    }
}

impl Stores {
    /// Reads the column `store_id` of a row; a store whose own row was refused is left out quietly.
    pub(crate) fn of_row(&self, row: &mut Row<'_>) -> Option<Idx<Store>> {
        let id = row.text("store_id")?;
        let found = self.ids.find(&id);
        if found.is_none() {
            if self.names.has(&id) {
                row.leave_out();
            } else if let Some(known) = self.names.look_alike(&id) {
                let what = format!("is not in `stores`, where {} looks like it", shown(known));
                row.wrong("E-ID-001", "store_id", &what, "write each id the same way in every table");
            } else {
                row.wrong("E-REF-001", "store_id", "is not in `stores`", "add the store, or correct its id");
            }
        }
        found
    }
}
