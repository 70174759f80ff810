//! Many series at once: forecasting as a SQL aggregate.
//!
//! The series of a panel are rows `(series, t, y, state)` of a streaming table; one query,
//! `SELECT series, forecast(t, y, state, H, M) … GROUP BY series`, forecasts them all. The aggregate is
//! the same wherever the session runs it; only [`session`] knows where that is.
//!
//! How they are forecast is a [`Way`]: by which methods, from which parameters of an earlier run, and until when.
//!
//! Memory is bounded by a bucket of series, not by the panel: each bucket is one query.

mod again;
mod aggregate;
mod backtest;
mod decode;
mod groups;
pub mod series;
mod session;
mod states;
mod table;
mod way;

use datafusion::error::DataFusionError;
use domain::diagnostic::Diagnostic;
use domain::forecast::{PanelForecast, SeriesForecast};
use domain::panel::Panel;
use domain::stop::Stop;
use rayon::prelude::*;

pub use again::forecast_again;
pub use backtest::backtest;
pub use session::session;
pub use states::{States, StatesError, keys};
pub use table::Bucket;
pub use way::{Interrupted, Way};

/// Series per query: some 50 MB of rows for two years of weeks.
const BUCKET: usize = 16_384;

/// Series at most on which coverage is measured: 300 x 2 origins x the horizon say it to about a
/// hundredth, and measuring costs as much as forecasting.
const COVERAGE_SERIES: usize = 300;

/// Why the series could not be forecast.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// A signal came first.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
    /// The data engine refused or failed.
    #[error("the data engine could not run the forecasts: {0}")]
    Engine(#[source] DataFusionError),
    /// The threads of the data engine could not be started, or a file could not be written.
    #[error("the system refused: {0}")]
    System(#[from] std::io::Error),
    /// The answer could not be written as CSV.
    #[error("the forecasts could not be written: {0}")]
    Csv(#[source] Box<csv::Error>),
    /// The answer could not be written as Parquet.
    #[error("the forecasts could not be written: {0}")]
    Parquet(#[source] Box<parquet::errors::ParquetError>),
    /// A series has two rows of one period.
    #[error("{what}; take one of them out, or say another `--freq`")]
    Repeated {
        /// Which period of which series, as far as the aggregate knows.
        what: String,
    },
    /// What an earlier run kept of a series can't be read, or what this one keeps can't be written.
    #[error("{what}")]
    Kept {
        /// Why.
        what: String,
    },
    /// The files are no longer what was checked.
    #[error("{}", .0.cause)]
    Changed(Box<Diagnostic>),
    /// Parameters could not be kept from one run to the next.
    #[error(transparent)]
    States(#[from] StatesError),
    /// A panel can't be learnt from.
    #[error(transparent)]
    Panel(#[from] models::panel::PanelError),
    /// The memory that was given does not do.
    #[error("the memory given is too little even with files to help out; allow more")]
    Memory,
    /// The horizon of a series lies beyond the calendar.
    #[error("the horizon of series `{id}` lies beyond the calendar")]
    Calendar {
        /// Its id.
        id: String,
    },
    /// The answer is not of the shape that the aggregate declares.
    #[error("the forecast aggregate answered in another shape than it declares: {what}")]
    Shape {
        /// What was found.
        what: &'static str,
    },
}

impl From<DataFusionError> for ClusterError {
    fn from(error: DataFusionError) -> Self {
        match error.find_root() {
            DataFusionError::ResourcesExhausted(_) => Self::Memory,
            DataFusionError::IoError(system) => Self::System(std::io::Error::new(system.kind(), system.to_string())),
            DataFusionError::External(inner) if inner.is::<Interrupted>() => Self::Interrupted(Interrupted),
            DataFusionError::External(inner) if inner.is::<Repeated>() => Self::Repeated { what: inner.to_string() },
            DataFusionError::External(inner) if inner.is::<StatesError>() => Self::Kept { what: inner.to_string() },
            _ => Self::Engine(error),
        }
    }
}

/// What the aggregate finds wrong with a series.
#[derive(Debug, thiserror::Error)]
#[error("a series has two rows of one period (number {t})")]
pub(crate) struct Repeated {
    pub(crate) t: i64,
}

impl ClusterError {
    fn csv(error: csv::Error) -> Self {
        Self::Csv(Box::new(error))
    }

    fn parquet(error: parquet::errors::ParquetError) -> Self {
        Self::Parquet(Box::new(error))
    }
}

/// Forecasts every series of `panel` over `horizon` weeks, with `season` weeks per season, and measures
/// the coverage of the 80 % intervals over rolling origins on up to 300 of them, evenly spaced.
///
/// The result has the panel's order; a series without an observed cell has no forecast. It is the same
/// whatever the threads, and the same as `models::univariate::forecast_series` gives series by series.
///
/// # Errors
/// Where the data engine fails, such as for want of memory.
pub fn forecast_panel(panel: &Panel, horizon: usize, season: usize) -> Result<PanelForecast, ClusterError> {
    forecast_panel_by(panel, &[], horizon, season, &Way::default())
}

/// The same in a way of one's own. Series are known in `way.kept` by their `keys` ([`keys`]); without keys, nothing is
/// gone on from and nothing kept.
///
/// # Errors
/// An interrupt; and as [`forecast_panel`].
pub fn forecast_panel_by(
    panel: &Panel,
    keys: &[u64],
    horizon: usize,
    season: usize,
    way: &Way,
) -> Result<PanelForecast, ClusterError> {
    forecast_with(panel, keys, (horizon, season), way, rayon::current_num_threads(), BUCKET)
}

fn forecast_with(
    panel: &Panel,
    keys: &[u64],
    (horizon, season): (usize, usize),
    way: &Way,
    threads: usize,
    bucket: usize,
) -> Result<PanelForecast, ClusterError> {
    let keys = if way.kept.is_some() { keys } else { &[] };
    let count = panel.series.len();
    let mut forecasts: Vec<Option<SeriesForecast>> = Vec::with_capacity(count);
    if count > 0 {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads.max(1)).build()?;
        for first in (0..count).step_by(bucket) {
            let rows = first..(first + bucket).min(count);
            let bucket = Bucket::of(panel, rows.clone()).known_by(keys.get(rows.clone()).unwrap_or_default());
            forecasts.extend(runtime.block_on(run(bucket, (horizon, season), way, threads, rows.len()))?);
        }
    }
    Ok(PanelForecast {
        series: panel.series.iter().map(|key| (key.store, key.product)).collect(),
        forecasts,
        coverage_80: coverage(panel, horizon, season, &way.stop)?,
    })
}

/// One query: the forecasts of a bucket, in its order.
async fn run(
    bucket: Bucket,
    (horizon, season): (usize, usize),
    way: &Way,
    threads: usize,
    count: usize,
) -> Result<Vec<Option<SeriesForecast>>, ClusterError> {
    let session = session::session_within(threads, session::MEMORY, way.clone())?;
    let key = if bucket.is_known() { ", key" } else { "" };
    session.register_table("panel", bucket.table(threads)?)?;
    let sql = format!("SELECT series, forecast(t, y, state, {horizon}, {season}{key}) FROM panel GROUP BY series");
    decode::forecasts(&session.sql(&sql).await?.collect().await?, count)
}

/// How many in 1 of the central 80 % intervals held the truth; none where no series is long enough.
fn coverage(panel: &Panel, horizon: usize, season: usize, stop: &Stop) -> Result<Option<f64>, Interrupted> {
    let count = panel.series.len();
    let sample = count.min(COVERAGE_SERIES);
    let measured: Result<Vec<Option<(u32, u32)>>, Interrupted> = (0..sample)
        .into_par_iter()
        .map(|at| {
            way::look(stop)?;
            let (units, cells) = panel.row(at * count / sample);
            let units: Vec<f64> = units.iter().map(|&units| f64::from(units)).collect();
            Ok(models::univariate::coverage_80(&units, cells, horizon, season))
        })
        .collect();
    let measured = measured?;
    let sum = |pick: fn((u32, u32)) -> u32| measured.iter().flatten().map(|&pair| u64::from(pick(pair))).sum::<u64>();
    let (hits, total) = (sum(|pair| pair.0), sum(|pair| pair.1));
    Ok((total > 0).then(|| hits as f64 / total as f64))
}

#[cfg(test)]
mod tests;
