//! From the batches of the cells' query to the panel, with what only the whole table shows.

use arrow::array::RecordBatch;
use domain::calendar::epoch_day;
use domain::diagnostic::{Diagnostic, Refusal};

use super::Sales;
use super::kernels::{FAULTED, Known, unpack};
use super::panel::{self, Built, WeekCell};
use super::query::numbers;
use crate::findings::{Findings, at};
use crate::text::shown;

/// The cells, how many rows had a fault, and whether any key stood more than once.
pub(super) fn cells(batches: &[RecordBatch], known: &Known, weekly: bool) -> (Vec<WeekCell>, u64, bool) {
    let rows = batches.iter().map(RecordBatch::num_rows).sum();
    let mut cells = Vec::with_capacity(rows);
    let (mut faulted, mut repeated) = (0, false);
    for batch in batches {
        let batch = std::slice::from_ref(batch);
        let mut columns: [_; 9] = std::array::from_fn(|column| numbers(batch, column));
        for _ in 0..batch[0].num_rows() {
            let row: [i64; 9] = std::array::from_fn(|column| columns[column].next().flatten().unwrap_or(0));
            let [key, rows, units, prices, priced, promo, stockout, first, last] = row;
            if key == FAULTED {
                faulted += rows.unsigned_abs();
                continue;
            }
            repeated |= rows > 1;
            let (store, product, day) = unpack(key);
            let whole = |value: usize| u32::try_from(value).unwrap_or(0);
            cells.push(WeekCell {
                store: whole(store),
                product: whole(product),
                week: if weekly { known.week(store, day) } else { domain::calendar::Week(day) },
                units,
                price: (priced > 0).then(|| prices / priced),
                promo: promo > 0,
                stockout: stockout > 0,
                days: (unpack(first).2, unpack(last).2),
            });
        }
    }
    (cells, faulted, repeated)
}

impl Sales<'_> {
    /// The file of the table, where a finding is about all of it.
    pub(super) fn file(&self) -> &str {
        self.files.first().map_or("sales", String::as_str)
    }

    pub(super) fn too_large(&self, what: &str, findings: &mut Findings) {
        let cause = format!("`sales` holds more {what} than can be held");
        findings.say(Diagnostic::error(
            Refusal::Limit,
            "E-LIM-003",
            at(self.file()),
            cause,
            "leave old weeks or rare products out with `sql`",
        ));
    }

    /// Builds the panel and says what is wrong with the table as a whole.
    pub(super) fn build(&self, cells: Vec<WeekCell>, names: &[String], findings: &mut Findings) -> Option<Built> {
        let place = |column: &str| {
            let mut place = at(self.file());
            place.column = Some(column.to_owned());
            place
        };
        if cells.is_empty() {
            if !findings.any_error() {
                findings.refuse(
                    "E-IN-003",
                    at(self.file()),
                    "the table has 0 rows, expected some weeks",
                    "export it again",
                );
            }
            return None;
        }
        if cells.iter().all(|cell| cell.units <= 0) {
            let cause = "no row sold anything: there is no demand to forecast";
            findings.refuse("E-VAL-006", place("units"), cause, "check the export's column of units");
            return None;
        }
        let latest = cells.iter().map(|cell| cell.days.1 + if self.layout.weekly() { 6 } else { 0 }).max()?;
        let as_of = epoch_day(self.settings.as_of);
        let age = as_of - latest;
        if i64::from(age) > 7 * i64::from(self.tables.sales_age_weeks_max) {
            let latest = domain::calendar::from_epoch_day(latest).unwrap_or_default();
            let cause = format!(
                "the latest sales are of {latest}, {} weeks before as_of {}; at most {} are accepted",
                age / 7,
                self.settings.as_of,
                self.tables.sales_age_weeks_max
            );
            findings.screen(
                "E-DATE-002",
                place(self.layout.day),
                cause,
                "load a fresh export, set as_of, or acknowledge E-DATE-002",
                0,
            );
        }
        let total = cells.len();
        let Some(built) = panel::build(cells, names, &self.layout, self.stores, self.markets, self.settings) else {
            if total > 1_000_000 {
                self.too_large("weeks and series", findings);
            } else {
                findings.refuse(
                    "E-IN-003",
                    at(self.file()),
                    "the table has no complete week up to as_of",
                    "load at least one full week",
                );
            }
            return None;
        };
        self.say_built(&built, findings);
        Some(built)
    }

    fn say_built(&self, built: &Built, findings: &mut Findings) {
        let file = at(self.file());
        if !built.partial.is_empty() {
            let weeks: Vec<String> = built
                .partial
                .iter()
                .map(|(market, week)| {
                    let start = self.markets.terms[*market].week_start;
                    format!("{} to {}", week.first_day(start), panel::last_day(*week, start))
                })
                .collect();
            let cause = format!("incomplete weeks are left out: {}", weeks.join(", "));
            findings.say(Diagnostic::info("I-WEEK-001", file.clone(), cause, ""));
        }
        for (&store, &(week, rows)) in &built.outside {
            let start = self.markets.terms[self.stores.facts[store].market.at()].week_start;
            findings.say(Diagnostic::warning(
                "W-REF-004",
                file.clone(),
                format!(
                    "{rows} cells of store {} sold units outside its open dates, first in the week of {}; they are left out",
                    shown(&self.stores.ids.names()[store]),
                    week.first_day(start)
                ),
                "correct `opened` or `closed` in `stores`",
            ));
        }
        for &(store, product, week) in &built.overflow {
            let start = self.markets.terms[self.stores.facts[store].market.at()].week_start;
            let cause = format!(
                "the units of {} at {} in the week of {} are out of range",
                shown(&built.products.names()[product as usize]),
                shown(&self.stores.ids.names()[store]),
                week.first_day(start)
            );
            findings.refuse("E-VAL-002", file.clone(), cause, "correct the values");
        }
        if built.negative > 0 {
            let cause = format!("in {} cells returns exceed sales; they count as 0", built.negative);
            findings.say(Diagnostic::info("I-RET-001", file, cause, ""));
        }
    }
}
