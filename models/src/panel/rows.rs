//! What goes in, and why there may be no forecast.

use ndarray::Array2;

/// Rows of a panel: in any order of the series, ascending in t within each.
#[derive(Debug, Clone, PartialEq)]
pub struct PanelRows {
    /// The caller's number of the series.
    pub series: Vec<usize>,
    /// The period, on one clock for all series.
    pub t: Vec<i64>,
    /// Units; NaN (or below 0): nobody knows.
    pub y: Vec<f64>,
    /// Whether it was, or will be, closed: y does not count.
    pub closed: Vec<bool>,
    /// `rows x columns` of what is known ahead: prices, promotions, holidays; NaN: unknown.
    pub columns: Array2<f64>,
    /// Days since 1970-01-01 that the periods begin on, for the calendar; none where periods are no dates.
    pub days: Option<Vec<i64>>,
}

/// Why there is no forecast.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PanelError {
    /// It was asked to stop.
    #[error("interrupted")]
    Interrupted,
    /// The fields of the rows are not equally long.
    #[error("series, t, y, closed, columns and days hold {lengths:?} rows")]
    Shape {
        /// Rows of each.
        lengths: [usize; 6],
    },
    /// Past and future hold different columns.
    #[error("{past} columns in the past, {ahead} ahead")]
    Columns {
        /// Of the past.
        past: usize,
        /// Of the future.
        ahead: usize,
    },
    /// Only one of past and future has days.
    #[error("days are given for one of past and future only")]
    Days,
    /// Periods of a series do not ascend.
    #[error("period {t} of series {series} does not come after the one before")]
    Order {
        /// The series.
        series: usize,
        /// Its period.
        t: i64,
    },
    /// There is no past row.
    #[error("there are no rows of the past")]
    Nothing,
    /// Too little is known to learn from.
    #[error("{rows} known rows seen from the past are too few to learn from")]
    TooFew {
        /// How many there are.
        rows: usize,
    },
}

impl PanelRows {
    /// Rows `keep` says so of, in their order.
    #[must_use]
    pub fn select(&self, keep: impl Fn(usize) -> bool) -> Self {
        let rows: Vec<usize> = (0..self.series.len()).filter(|&row| keep(row)).collect();
        Self {
            series: rows.iter().map(|&row| self.series[row]).collect(),
            t: rows.iter().map(|&row| self.t[row]).collect(),
            y: rows.iter().map(|&row| self.y[row]).collect(),
            closed: rows.iter().map(|&row| self.closed[row]).collect(),
            columns: self.columns.select(ndarray::Axis(0), &rows),
            days: self.days.as_ref().map(|days| rows.iter().map(|&row| days[row]).collect()),
        }
    }

    pub(super) fn check(&self) -> Result<(), PanelError> {
        let rows = self.series.len();
        let days = self.days.as_ref().map_or(rows, Vec::len);
        let lengths = [rows, self.t.len(), self.y.len(), self.closed.len(), self.columns.nrows(), days];
        if lengths.iter().any(|&length| length != rows) {
            return Err(PanelError::Shape { lengths });
        }
        let mut last: std::collections::BTreeMap<usize, i64> = std::collections::BTreeMap::new();
        for (&series, &t) in self.series.iter().zip(&self.t) {
            if last.insert(series, t).is_some_and(|before| before >= t) {
                return Err(PanelError::Order { series, t });
            }
        }
        Ok(())
    }
}
