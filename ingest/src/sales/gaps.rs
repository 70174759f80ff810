//! What is not in the table: missing weeks, hidden stockouts, short histories, series of zeros.

use domain::diagnostic::Diagnostic;
use domain::panel::{Cell, Panel};
use domain::settings::ZeroRows;

use super::Sales;
use super::panel::Built;
use crate::findings::{Findings, at};
use crate::text::shown;

/// Weeks that a series needs of its own.
const SERIES_WEEKS_MIN: usize = 8;
/// A hidden stockout: so many weeks of zeros in a series that else never falls below this.
const STEADY: (usize, u32, usize) = (2, 5, 20);
/// Rows of a week that make its neighbour without any row suspect.
const ROWS_BESIDE: u32 = 20;

impl Sales<'_> {
    /// Runs the checks of what is absent.
    pub(super) fn gaps(&self, built: &Built, findings: &mut Findings) {
        let panel = &built.panel;
        self.missing(built, findings);
        self.empty_weeks(built, findings);
        if !self.layout.stockout {
            self.hidden_stockouts(built, findings);
        }
        let needed = usize::try_from(self.settings.pilot.match_weeks).unwrap_or(0);
        if panel.weeks < needed {
            let cause = format!(
                "the history has {} weeks, fewer than the {needed} that controls are matched on; forecasts fall back to the recent mean",
                panel.weeks
            );
            findings.say(Diagnostic::warning(
                "W-HIST-001",
                at(self.file()),
                cause,
                "load a longer history, or lower pilot.match_weeks",
            ));
        }
        let zero: Vec<usize> =
            (0..panel.series.len()).filter(|&number| panel.row(number).0.iter().all(|units| *units == 0)).collect();
        if let Some(&first) = zero.first() {
            let cause = format!(
                "{} series sold nothing at all, such as {}; their forecast is 0",
                zero.len(),
                self.series(built, first)
            );
            findings.say(Diagnostic::info("I-ZERO", at(self.file()), cause, ""));
        }
    }

    fn series(&self, built: &Built, number: usize) -> String {
        let key = built.panel.series[number];
        format!("{} at {}", shown(built.products.name(key.product)), shown(self.stores.ids.name(key.store)))
    }

    /// Weeks without a row between the first and the last row of a series.
    fn missing(&self, built: &Built, findings: &mut Findings) {
        let panel = &built.panel;
        let explicit = self.settings.zero_rows == ZeroRows::Missing || writes_zeros(built);
        if !explicit {
            return;
        }
        let (mut gaps, mut weeks, mut short) = (Vec::new(), 0, Vec::new());
        for number in 0..panel.series.len() {
            let rows = &built.rows[number * panel.weeks..(number + 1) * panel.weeks];
            let cells = panel.row(number).1;
            let (Some(first), Some(last)) = (rows.iter().position(|row| *row), rows.iter().rposition(|row| *row))
            else {
                continue;
            };
            let inside = (first..=last).filter(|&week| !rows[week] && cells[week] != Cell::Closed).count();
            if inside > 0 {
                weeks += inside;
                gaps.push((number, inside));
            }
            let open = cells.iter().filter(|cell| **cell != Cell::Closed).count();
            if self.settings.zero_rows == ZeroRows::Missing
                && open >= 4 * SERIES_WEEKS_MIN
                && rows.iter().filter(|row| **row).count() < SERIES_WEEKS_MIN
            {
                short.push(number);
            }
        }
        if !gaps.is_empty() {
            let some: Vec<String> = gaps
                .iter()
                .take(3)
                .map(|(number, weeks)| format!("{} ({weeks} weeks)", self.series(built, *number)))
                .collect();
            let policy = match self.settings.zero_rows {
                ZeroRows::Missing => "they count as unknown, not as zero",
                ZeroRows::Zero => "they count as zero, as the scenario says, though the table writes its zeros",
            };
            let cause = format!(
                "{weeks} weeks are missing inside {} series, such as {}; {policy}",
                gaps.len(),
                some.join(", ")
            );
            findings.say(Diagnostic::warning("W-GAP-001", at(self.file()), cause, "complete the export"));
        }
        if let Some(&first) = short.first() {
            let cause = format!(
                "{} series have fewer than {SERIES_WEEKS_MIN} weeks, such as {}; their forecast is their recent mean",
                short.len(),
                self.series(built, first)
            );
            findings.say(Diagnostic::warning("W-HIST-001", at(self.file()), cause, "load a longer history"));
        }
    }

    /// Weeks in which no store has a row at all, between weeks in which many have.
    fn empty_weeks(&self, built: &Built, findings: &mut Findings) {
        let panel = &built.panel;
        if self.settings.zero_rows == ZeroRows::Missing {
            return;
        }
        let mut rows = vec![0_u32; panel.weeks];
        for series in built.rows.chunks(panel.weeks.max(1)) {
            series.iter().zip(&mut rows).for_each(|(row, sum)| *sum += u32::from(*row));
        }
        let empty: Vec<usize> = (1..panel.weeks.saturating_sub(1))
            .filter(|&week| {
                let before = rows[..week].iter().rev().find(|rows| **rows > 0);
                let after = rows[week..].iter().find(|rows| **rows > 0);
                rows[week] == 0
                    && before.is_some_and(|rows| *rows >= ROWS_BESIDE)
                    && after.is_some_and(|rows| *rows >= ROWS_BESIDE)
            })
            .collect();
        if let Some(&first) = empty.first() {
            let week = panel.first_week.plus(i32::try_from(first).unwrap_or(0));
            let date = week.first_day(self.markets.terms[0].week_start);
            let cause =
                format!("no store has a row in {} weeks, first in that of {date}; they count as zero", empty.len());
            findings.say(Diagnostic::warning("W-GAP-001", at(self.file()), cause, "complete the export"));
        }
    }

    /// Zeros that look like an empty shelf, where no column tells of stockouts.
    fn hidden_stockouts(&self, built: &Built, findings: &mut Findings) {
        let panel = &built.panel;
        let (run_min, low, weeks_min) = STEADY;
        let mut store_units = vec![0_u64; self.stores.facts.len() * panel.weeks];
        for (number, key) in panel.series.iter().enumerate() {
            for (week, units) in panel.row(number).0.iter().enumerate() {
                store_units[key.store.at() * panel.weeks + week] += u64::from(*units);
            }
        }
        let mut found = Vec::new();
        for (number, key) in panel.series.iter().enumerate() {
            let (units, cells) = panel.row(number);
            let sold: Vec<u32> = units.iter().copied().filter(|units| *units > 0).collect();
            if sold.len() < weeks_min || sold.iter().any(|units| *units < low) {
                continue;
            }
            let runs = zero_runs(units, cells);
            let open = |week: usize| store_units[key.store.at() * panel.weeks + week] > 0;
            let hidden: Vec<&(usize, usize)> =
                runs.iter().filter(|(from, length)| *length >= run_min && (*from..from + length).all(open)).collect();
            if !hidden.is_empty() && hidden.len() == runs.len() {
                found.push(number);
            }
        }
        if let Some(&first) = found.first() {
            let cause = format!(
                "{} steady series have weeks of zeros, such as {}: where the shelf was empty, demand is understated",
                found.len(),
                self.series(built, first)
            );
            findings.say(Diagnostic::warning("W-CENS-001", at(self.file()), cause, "add a column `stockout`"));
        }
    }
}

/// Runs of zeros between sales: start and length.
fn zero_runs(units: &[u32], cells: &[Cell]) -> Vec<(usize, usize)> {
    let (mut runs, mut start) = (Vec::new(), None);
    for (week, (units, cell)) in units.iter().zip(cells).enumerate() {
        if *units == 0 && *cell == Cell::Observed {
            start = start.or(Some(week));
        } else {
            if let Some(from) = start.take()
                && from > 0
                && *cell == Cell::Observed
            {
                runs.push((from, week - from));
            }
            start = None;
        }
    }
    runs
}

/// Whether the table itself writes its zeros: nearly every week of a series has a row, and some of
/// these rows say 0 without a stockout.
fn writes_zeros(built: &Built) -> bool {
    let panel: &Panel = &built.panel;
    let (mut inside, mut rows, mut zeros) = (0_u64, 0_u64, 0_u64);
    for number in 0..panel.series.len() {
        let own = &built.rows[number * panel.weeks..(number + 1) * panel.weeks];
        let (units, cells) = panel.row(number);
        let (Some(first), Some(last)) = (own.iter().position(|row| *row), own.iter().rposition(|row| *row)) else {
            continue;
        };
        for week in first..=last {
            inside += u64::from(cells[week] != Cell::Closed);
            rows += u64::from(own[week]);
            zeros += u64::from(own[week] && units[week] == 0 && cells[week] == Cell::Observed);
        }
    }
    rows * 100 >= inside * 95 && zeros * 100 >= rows
}
