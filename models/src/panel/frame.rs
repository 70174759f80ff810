//! The rows, brought into order: series ascending, their periods ascending, past before future.
//!
//! | symbol | here | |
//! |---|---|---|
//! | c_s | `Series::unit` | a twentieth of the mean of the series' known values above 0, units |
//! | z = asinh(y / 2c) | `Frame::z` | ln(y / c) up to (c/y)^2 where y is well above c; 0 at 0 |
//!
//! z has no unit: a series sold in pieces and one sold in pallets look alike, and multiplying y by a number changes no z.

use std::collections::BTreeMap;

use super::{KNOWN_MIN, PanelError, PanelRows};

/// One series.
#[derive(Debug, Clone)]
pub(super) struct Series {
    /// The caller's number.
    pub(super) id: usize,
    /// Its rows in the frame: past first, from `ahead` on the future ones.
    pub(super) start: usize,
    pub(super) ahead: usize,
    pub(super) end: usize,
    /// c: the unit of its z.
    pub(super) unit: f64,
    /// Known past rows.
    pub(super) known: usize,
    /// Known past rows above 0.
    pub(super) sold: usize,
    /// Past rows that were closed.
    pub(super) closed: usize,
    /// Periods between its first and last past row that nobody knows.
    pub(super) gaps: usize,
    /// Future rows with a column carried on.
    pub(super) carried: usize,
}

impl Series {
    /// Whether it is too short to have a level of its own.
    pub(super) fn is_short(&self) -> bool {
        self.known < KNOWN_MIN || self.sold == 0
    }
}

/// Rounds to a grid: the last bits differ when sales are scaled, and where two cuts of a tree are alike they would
/// decide. A step is a factor of 1 + 6e-8 on sales.
fn snap(z: f64) -> f64 {
    const STEPS: f64 = (1_u64 << 24) as f64;
    (z * STEPS).round() / STEPS
}

/// All rows.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    pub(super) series: Vec<Series>,
    pub(super) t: Vec<i64>,
    pub(super) z: Vec<f64>,
    pub(super) closed: Vec<bool>,
    /// Days since 1970; empty where the caller has none.
    pub(super) days: Vec<i64>,
    /// Row-major; known, but for columns that a series knows nothing of.
    pub(super) columns: Vec<f64>,
    pub(super) width: usize,
    /// The row of the caller's future rows; `usize::MAX` in the past.
    pub(super) source: Vec<usize>,
    /// The last period of the past, over all series.
    pub(super) origin: i64,
}

impl Frame {
    /// Orders and checks `past` and `ahead`.
    pub(super) fn new(past: &PanelRows, ahead: &PanelRows) -> Result<Self, PanelError> {
        past.check()?;
        ahead.check()?;
        if past.columns.ncols() != ahead.columns.ncols() {
            return Err(PanelError::Columns { past: past.columns.ncols(), ahead: ahead.columns.ncols() });
        }
        if past.days.is_some() != ahead.days.is_some() {
            return Err(PanelError::Days);
        }
        let mut groups: BTreeMap<usize, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
        past.series.iter().enumerate().for_each(|(row, &id)| groups.entry(id).or_default().0.push(row));
        ahead.series.iter().enumerate().for_each(|(row, &id)| groups.entry(id).or_default().1.push(row));
        let rows = past.series.len() + ahead.series.len();
        let mut frame = Self {
            series: Vec::with_capacity(groups.len()),
            t: Vec::with_capacity(rows),
            z: Vec::with_capacity(rows),
            closed: Vec::with_capacity(rows),
            days: Vec::with_capacity(if past.days.is_some() { rows } else { 0 }),
            columns: Vec::with_capacity(rows * past.columns.ncols()),
            width: past.columns.ncols(),
            source: Vec::with_capacity(rows),
            origin: past.t.iter().copied().max().ok_or(PanelError::Nothing)?,
        };
        for (id, (before, after)) in groups {
            if let (Some(&last), Some(&first)) = (before.last(), after.first())
                && ahead.t[first] <= past.t[last]
            {
                return Err(PanelError::Order { series: id, t: ahead.t[first] });
            }
            frame.push(id, past, &before, ahead, &after);
        }
        frame.units();
        Ok(frame)
    }

    fn push(&mut self, id: usize, past: &PanelRows, before: &[usize], ahead: &PanelRows, after: &[usize]) {
        let start = self.t.len();
        for (rows, order, is_past) in [(past, before, true), (ahead, after, false)] {
            for &row in order {
                let known = is_past && !rows.closed[row] && rows.y[row].is_finite() && rows.y[row] >= 0.0;
                self.t.push(rows.t[row]);
                self.z.push(if known { rows.y[row] } else { f64::NAN });
                self.closed.push(rows.closed[row]);
                self.columns.extend(rows.columns.row(row));
                self.source.push(if is_past { usize::MAX } else { row });
                if let Some(days) = &rows.days {
                    self.days.push(days[row]);
                }
            }
        }
        let (ahead, end) = (start + before.len(), self.t.len());
        let closed = (start..ahead).filter(|&row| self.closed[row]).count();
        let known: Vec<f64> = self.z[start..ahead].iter().copied().filter(|y| y.is_finite()).collect();
        let sold = known.iter().filter(|&&y| y > 0.0).count();
        let span = if ahead > start { (self.t[ahead - 1] - self.t[start] + 1) as usize } else { 0 };
        let carried = self.carry(start, ahead, end);
        self.series.push(Series {
            id,
            start,
            ahead,
            end,
            unit: known.iter().sum::<f64>() / sold.max(1) as f64 / 20.0,
            known: known.len(),
            sold,
            closed,
            gaps: span.saturating_sub(known.len() + closed),
            carried,
        });
    }

    /// Unknown columns take the series' last known value, or before the first known one that; returns the future rows
    /// that needed it.
    fn carry(&mut self, start: usize, ahead: usize, end: usize) -> usize {
        let mut carried = vec![false; end - start];
        for column in 0..self.width {
            let at = |row: usize| row * self.width + column;
            let mut last = (start..end).map(|row| self.columns[at(row)]).find(|value| value.is_finite());
            for row in start..end {
                let value = self.columns[at(row)];
                if value.is_finite() {
                    last = Some(value);
                } else {
                    // A closed row has no forecast that a column could sway.
                    carried[row - start] |= row >= ahead && !self.closed[row];
                    self.columns[at(row)] = last.unwrap_or(f64::NAN);
                }
            }
        }
        carried.iter().filter(|&&row| row).count()
    }

    /// Series too short for a unit of their own take the median of the others'; then y becomes z.
    fn units(&mut self) {
        let mut units: Vec<f64> =
            self.series.iter().filter(|series| !series.is_short()).map(|series| series.unit).collect();
        units.sort_unstable_by(f64::total_cmp);
        let middle = units.get(units.len() / 2).copied();
        for series in &mut self.series {
            if let (true, Some(middle)) = (series.is_short(), middle) {
                series.unit = middle;
            }
            for z in &mut self.z[series.start..series.end] {
                *z = if series.unit > 0.0 { snap((*z / (2.0 * series.unit)).asinh()) } else { f64::NAN };
            }
        }
    }

    /// The columns of a row.
    pub(super) fn column(&self, row: usize, column: usize) -> f64 {
        self.columns[row * self.width + column]
    }
}
