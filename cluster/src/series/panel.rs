//! A table with columns that explain y: all its series by one model, held in memory.
//!
//! What is declared to be known ahead comes from a second table; where that says nothing, a column keeps its last known
//! value, and the method's name says so ([`models::panel`]). A declared column `closed` says where nothing could be sold;
//! where it says nothing, it was, or will be, open. All series are forecast over the periods after the table's last, also
//! those that end before it.

use std::collections::HashMap;
use std::path::Path;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use domain::steps::Step;
use ingest::SeriesTable;
use models::panel::{PanelError, PanelRows, forecast_panel};
use ndarray::Array2;

use super::{Answer, Request, Told, levels, unchanged, write};
use crate::session::session_within;
use crate::way::{Interrupted, Way, look};
use crate::{ClusterError, Repeated};

/// The declared column that is no explanation but a mask.
const CLOSED: &str = "closed";

/// Forecasts `table` by its declared columns, with what `ahead` knows of them, and writes the answer as
/// [`super::forecast_table`] does.
///
/// # Errors
/// As there; and where too little is known to learn from, or the rows take more than [`Request::memory`].
pub fn forecast_panel_table(
    table: &SeriesTable,
    ahead: Option<&SeriesTable>,
    request: &Request,
    path: Option<&Path>,
) -> Result<Told, ClusterError> {
    // id, moment, t, y and the columns, with what the model makes of each row besides.
    let row = 16 * (8 + table.columns().len());
    let future_rows = table.series.saturating_mul(request.horizon as u64);
    let rows = table.rows.saturating_add(future_rows).saturating_add(ahead.map_or(0, |ahead| ahead.rows));
    if usize::try_from(rows).map_or(true, |rows| rows.saturating_mul(row) > request.memory) {
        return Err(ClusterError::Memory);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(request.threads.max(1)).build()?;
    let past = Rows::of(&runtime.block_on(read(table, table, request))?, table)?;
    let known = match ahead {
        Some(ahead) => Rows::of(&runtime.block_on(read(ahead, table, request))?, ahead)?,
        None => Rows::default(),
    };
    let mut out = write::Out::new(path, &levels(request))?;
    let mut told = Told::default();
    let (future, lasts, used) = past.future(&known, table, request.horizon)?;
    told.unused = known.t.len() as u64 - used;
    let panel = forecast_panel(&past.panel(table), &future.panel(table), request.season, &request.stop);
    let panel = panel.map_err(|error| match error {
        PanelError::Interrupted => ClusterError::Interrupted(Interrupted),
        error => ClusterError::Panel(error),
    })?;
    for one in &panel.series {
        look(&request.stop)?;
        let quantiles: Vec<f64> = one.forecast.quantiles.concat();
        let answer = Answer {
            id: &past.ids[one.series],
            last: lasts[one.series],
            method: one.forecast.method,
            mean: &one.forecast.mean,
            quantiles: &quantiles,
        };
        told.rows += write::series(&mut out, &answer, table.step)?;
        told.series += 1;
    }
    unchanged(&[&[table][..], ahead.as_slice()].concat())?;
    told.empty = past.ids.len() as u64 - told.series;
    out.finish()?;
    Ok(told)
}

async fn read(table: &SeriesTable, of: &SeriesTable, request: &Request) -> Result<Vec<RecordBatch>, ClusterError> {
    let context = session_within(request.threads, request.memory, Way::default())?;
    context.register_table(SeriesTable::NAME, std::sync::Arc::clone(&table.table) as _)?;
    Ok(context.sql(&table.panel_rows(of)).await?.collect().await?)
}

/// Rows by series, then t.
#[derive(Debug, Default)]
struct Rows {
    /// Ascending.
    ids: Vec<String>,
    series: Vec<usize>,
    moments: Vec<i64>,
    t: Vec<i64>,
    y: Vec<f64>,
    /// Row-major.
    columns: Vec<f64>,
}

impl Rows {
    fn of(batches: &[RecordBatch], table: &SeriesTable) -> Result<Self, ClusterError> {
        let shape = || ClusterError::Shape { what: "a panel's rows are not as they were asked for" };
        let mut rows = Self::default();
        for batch in batches {
            let ids = arrow::compute::cast(batch.column(0), &DataType::Utf8).map_err(|_| shape())?;
            let ids = ids.as_string_opt::<i32>().ok_or_else(shape)?;
            let whole = |at: usize| batch.column(at).as_primitive_opt::<Int64Type>().ok_or_else(shape);
            let (moments, t) = (whole(1)?, whole(2)?);
            let numbers = (3..4 + table.columns().len())
                .map(|at| batch.column(at).as_primitive_opt::<Float64Type>().ok_or_else(shape))
                .collect::<Result<Vec<_>, _>>()?;
            for row in 0..batch.num_rows() {
                let same = rows.ids.last().is_some_and(|last| last == ids.value(row));
                if !same {
                    rows.ids.push(ids.value(row).to_owned());
                } else if rows.t.last() == Some(&t.value(row)) {
                    return Err(ClusterError::Repeated { what: Repeated { t: t.value(row) }.to_string() });
                }
                rows.series.push(rows.ids.len() - 1);
                rows.moments.push(moments.value(row));
                rows.t.push(t.value(row));
                let value = |at: usize| if numbers[at].is_valid(row) { numbers[at].value(row) } else { f64::NAN };
                rows.y.push(value(0));
                rows.columns.extend((1..numbers.len()).map(value));
            }
        }
        Ok(rows)
    }

    /// The `horizon` rows after the table's last, by series, with what is known of them; and, by series, the moment of the
    /// table's last period; and how many rows of `known` are among them.
    fn future(&self, known: &Self, table: &SeriesTable, horizon: usize) -> Result<(Self, Vec<i64>, u64), ClusterError> {
        let (width, step): (usize, Step) = (table.columns().len(), table.step);
        let of: HashMap<(&str, i64), usize> =
            (0..known.t.len()).map(|row| ((known.ids[known.series[row]].as_str(), known.t[row]), row)).collect();
        let mut future = Self::default();
        let mut lasts = Vec::with_capacity(self.ids.len());
        let mut used = 0;
        let end = self.t.iter().copied().max().unwrap_or(0);
        for row in (0..self.t.len()).filter(|&row| self.series.get(row + 1) != Some(&self.series[row])) {
            let series = self.series[row];
            let id = self.ids[series].as_str();
            let beyond = || ClusterError::Calendar { id: id.to_owned() };
            let late = u32::try_from(end - self.t[row]).map_err(|_| beyond())?;
            let last = step.moment_after(self.moments[row], late).ok_or_else(beyond)?;
            lasts.push(last);
            for h in 1..=horizon {
                let t = end + i64::try_from(h).unwrap_or(i64::MAX);
                let moment = u32::try_from(h).ok().and_then(|h| step.moment_after(last, h)).ok_or_else(beyond)?;
                future.series.push(series);
                future.moments.push(moment);
                future.t.push(t);
                future.y.push(f64::NAN);
                match of.get(&(id, t)) {
                    Some(&row) => {
                        used += 1;
                        future.columns.extend_from_slice(&known.columns[row * width..(row + 1) * width]);
                    }
                    None => future.columns.extend(std::iter::repeat_n(f64::NAN, width)),
                }
            }
        }
        Ok((future, lasts, used))
    }

    /// As the model takes them.
    fn panel(&self, table: &SeriesTable) -> PanelRows {
        let (names, rows) = (table.columns(), self.t.len());
        let kept: Vec<usize> = (0..names.len()).filter(|&at| names[at] != CLOSED).collect();
        let closed = names.iter().position(|name| name == CLOSED);
        let cell = |row: usize, at: usize| self.columns[row * names.len() + at];
        PanelRows {
            series: self.series.clone(),
            t: self.t.clone(),
            y: self.y.clone(),
            closed: (0..rows).map(|row| closed.is_some_and(|at| cell(row, at) > 0.0)).collect(),
            columns: Array2::from_shape_fn((rows, kept.len()), |(row, at)| cell(row, kept[at])),
            days: self.moments.iter().map(|&moment| table.step.day(moment)).collect(),
        }
    }
}
