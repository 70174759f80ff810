//! A table of series of one's own: forecast as one query, answered as rows in the order of their ids.
//!
//! The rows stream through the aggregate; under [`Request::memory`] bytes it keeps them in memory, beyond that in
//! files of the data engine. What comes out is written as it comes ([`write`]).

mod panel;
mod write;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Float64Type, Int64Type};
use domain::forecast::LEVELS;
use domain::stop::Stop;
use futures::StreamExt;
use ingest::SeriesTable;
use models::univariate::Methods;

use crate::ClusterError;
use crate::session::session_within;
use crate::states::States;
use crate::way::{Way, look};

pub use panel::forecast_panel_table;
pub use write::Format;

/// What is asked of a table of series.
#[derive(Debug, Clone)]
pub struct Request {
    /// Periods ahead, 1 to 10,000.
    pub horizon: usize,
    /// Periods per season; 1 for none.
    pub season: usize,
    /// Central intervals, in percent: of 50, 80 and 95.
    pub levels: Vec<u8>,
    /// Threads.
    pub threads: usize,
    /// Bytes that the rows may take before they go to files.
    pub memory: usize,
    /// By which methods a series with a history is forecast, where no columns explain it.
    pub methods: Methods,
    /// Where fitted parameters are kept from run to run.
    pub incremental: Option<PathBuf>,
    /// Whether a signal came is looked at between series.
    pub stop: Stop,
}

/// What was forecast.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Told {
    /// Series with a forecast.
    pub series: u64,
    /// Series without a known value: they have none.
    pub empty: u64,
    /// Rows written.
    pub rows: u64,
    /// Rows of the table of what is known ahead that are of no series, or of no period that is forecast.
    pub unused: u64,
}

/// The lower and the upper quantile of a central interval, as positions in [`LEVELS`]; none for other levels.
#[must_use]
pub fn interval(percent: u8) -> Option<(usize, usize)> {
    let tail = (100.0 - f64::from(percent)) / 200.0;
    let at = |level: f64| LEVELS.iter().position(|own| (own - level).abs() < 1e-9);
    Some((at(tail)?, at(1.0 - tail)?)).filter(|(low, high)| low < high)
}

/// One series' answer.
pub(crate) struct Answer<'a> {
    id: &'a str,
    last: i64,
    method: &'a str,
    mean: &'a [f64],
    /// `horizon x LEVELS`.
    quantiles: &'a [f64],
}

/// Forecasts the table and writes the answer to `path`, or to standard output as CSV where there is none: whole or not at all.
///
/// # Errors
/// Where the data engine fails, such as on two rows of one series and period, or the answer can't be written; and where a
/// signal came: a file is not there then, and nothing is kept. What went to standard output before, went.
pub fn forecast_table(table: &SeriesTable, request: &Request, path: Option<&Path>) -> Result<Told, ClusterError> {
    // An answer: a mean and its quantiles, in the data engine and on its way out.
    let answers = table.series.saturating_mul(request.horizon as u64).saturating_mul(8 * (1 + LEVELS.len() as u64));
    if usize::try_from(answers).map_or(true, |bytes| bytes > request.memory) {
        return Err(ClusterError::Memory);
    }
    let states = request.incremental.as_deref().map(States::open).transpose()?.map(Arc::new);
    let mut out = write::Out::new(path, &levels(request))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(request.threads.max(1)).build()?;
    let told = runtime.block_on(run(table, request, states.clone(), &mut out));
    look(&request.stop)?;
    unchanged(&[table])?;
    let told = match told {
        Err(ClusterError::Repeated { what }) => {
            return Err(ClusterError::Repeated { what: runtime.block_on(repeated(table, request)).unwrap_or(what) });
        }
        told => told?,
    };
    out.finish()?;
    // Only what was published is gone on from.
    states.map_or(Ok(()), |states| states.commit())?;
    Ok(told)
}

/// Whether the files are what was checked: what is said of others is published by nobody, and what failed may have
/// failed because of that.
fn unchanged(tables: &[&SeriesTable]) -> Result<(), ClusterError> {
    for table in tables {
        ingest::recheck(&table.inputs).map_err(|finding| ClusterError::Changed(Box::new(finding)))?;
    }
    Ok(())
}

/// The intervals asked for, with their quantiles.
fn levels(request: &Request) -> Vec<(u8, usize, usize)> {
    request.levels.iter().filter_map(|&level| interval(level).map(|(low, high)| (level, low, high))).collect()
}

async fn run(
    table: &SeriesTable,
    request: &Request,
    states: Option<Arc<States>>,
    out: &mut write::Out,
) -> Result<Told, ClusterError> {
    let id = if states.is_some() { ", id" } else { "" };
    let way = Way { methods: request.methods, kept: states, stop: request.stop.clone() };
    let context = session_within(request.threads, request.memory, way)?;
    context.register_table(SeriesTable::NAME, Arc::clone(&table.table) as _)?;
    let sql = format!(
        "SELECT id, max(moment) AS last, forecast(t, y, state, {}, {}{id}) AS answer FROM ({}) GROUP BY id ORDER BY id",
        request.horizon,
        request.season,
        table.rows()
    );
    let mut stream = context.sql(&sql).await?.execute_stream().await?;
    let mut told = Told::default();
    while let Some(batch) = stream.next().await {
        look(&request.stop)?;
        each(&batch?, &mut told, |answer| write::series(out, answer, table.step))?;
    }
    Ok(told)
}

/// Which period of which series stands twice, the first of them.
async fn repeated(table: &SeriesTable, request: &Request) -> Option<String> {
    let context = session_within(request.threads, request.memory, Way::default()).ok()?;
    context.register_table(SeriesTable::NAME, Arc::clone(&table.table) as _).ok()?;
    let sql = format!(
        "SELECT id, max(moment) AS moment, count(*) AS n FROM ({}) GROUP BY id, t HAVING count(*) > 1 ORDER BY id, t LIMIT 1",
        table.rows()
    );
    let batches = context.sql(&sql).await.ok()?.collect().await.ok()?;
    let batch = batches.iter().find(|batch| batch.num_rows() > 0)?;
    let ids = arrow::compute::cast(batch.column(0), &arrow::datatypes::DataType::Utf8).ok()?;
    let (id, moment) =
        (ids.as_string_opt::<i32>()?.value(0), batch.column(1).as_primitive_opt::<Int64Type>()?.value(0));
    let count = batch.column(2).as_primitive_opt::<Int64Type>()?.value(0);
    let when = table.step.after(moment, 0)?;
    Some(format!("series `{id}` has {count} rows in the period of {when}, and a period is {}", table.step.name()))
}

/// Visits the answers of a batch.
fn each(
    batch: &RecordBatch,
    told: &mut Told,
    mut visit: impl FnMut(&Answer<'_>) -> Result<u64, ClusterError>,
) -> Result<(), ClusterError> {
    let shape = |what| ClusterError::Shape { what };
    let [ids, lasts, answers] = batch.columns() else { return Err(shape("not three columns")) };
    let ids = arrow::compute::cast(ids, &arrow::datatypes::DataType::Utf8).map_err(|_| shape("the id is no text"))?;
    let ids = ids.as_string_opt::<i32>().ok_or(shape("the id is no text"))?;
    let lasts = lasts.as_primitive_opt::<Int64Type>().ok_or(shape("the last moment is no number"))?;
    let answers = answers.as_struct_opt().ok_or(shape("the forecast is no struct"))?;
    let [method, mean, quantiles] = answers.columns() else { return Err(shape("not three fields")) };
    let method = method.as_string_opt::<i32>().ok_or(shape("the method is no text"))?;
    let (Some(mean), Some(quantiles)) = (mean.as_list_opt::<i32>(), quantiles.as_list_opt::<i32>()) else {
        return Err(shape("the mean or the quantiles are no list"));
    };
    for at in 0..batch.num_rows() {
        if !answers.is_valid(at) {
            told.empty += 1;
            continue;
        }
        let (mean, quantiles) = (mean.value(at), quantiles.value(at));
        let (Some(mean), Some(quantiles)) =
            (mean.as_primitive_opt::<Float64Type>(), quantiles.as_primitive_opt::<Float64Type>())
        else {
            return Err(shape("the mean or the quantiles are no numbers"));
        };
        if quantiles.len() != mean.len() * LEVELS.len() {
            return Err(shape("not every period has all its quantiles"));
        }
        let answer = Answer {
            id: ids.value(at),
            last: lasts.value(at),
            method: method.value(at),
            mean: mean.values(),
            quantiles: quantiles.values(),
        };
        told.rows += visit(&answer)?;
        told.series += 1;
    }
    Ok(())
}
