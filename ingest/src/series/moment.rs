//! What `ds` holds, and what a period of it is.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type};
use datafusion::error::DataFusionError;
use datafusion::prelude::SessionContext;
use domain::diagnostic::Place;
use domain::steps::{DAY_SECONDS, Step};

use super::SeriesTable;
use crate::findings::Findings;
use crate::source::{FILE, LINE};
use crate::survey::Table;

/// How `ds` becomes a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// It is one.
    Number,
    /// Seconds since 1970.
    Time,
}

impl Moment {
    /// As SQL: BIGINT, null where `ds` is something else.
    pub(super) fn sql(self) -> &'static str {
        match self {
            Self::Number => "TRY_CAST(ds AS BIGINT)",
            Self::Time => "CAST(TRY_CAST(ds AS TIMESTAMP) AS BIGINT) / 1000000000",
        }
    }
}

/// The largest period that is not above the least mean distance.
pub(super) fn told(moment: Moment, apart: Option<f64>) -> Step {
    if moment == Moment::Number {
        return Step::Number(1);
    }
    // Two months in a row have 59 days or more, a quarter 89, a retail year 364.
    match apart.map_or(7.0, |seconds| seconds / DAY_SECONDS as f64) {
        days if days >= 364.0 => Step::Months(12),
        days if days >= 89.0 => Step::Months(3),
        days if days >= 29.0 => Step::Months(1),
        days if days >= 28.0 => Step::Days(28),
        days if days >= 14.0 => Step::Days(14),
        days if days >= 7.0 => Step::Days(7),
        days if days >= 1.0 => Step::Days(1),
        _ => Step::Hours(1),
    }
}

/// Whether numbers from `first` to `last` are days or months of about our time, written together.
pub(super) fn written_as_dates(first: i64, last: i64) -> bool {
    let within = |low: i64, high: i64| low <= first && last <= high;
    within(19_000_101, 21_001_231) || within(190_001, 210_012)
}

/// Whether `ds` holds numbers or times: by its type, or by its first cell where it is text.
pub(super) async fn moment(
    context: &SessionContext,
    table: &Table<'_>,
    findings: &mut Findings,
) -> Result<Option<Moment>, DataFusionError> {
    let frame = context.sql(&format!("SELECT ds FROM {} LIMIT 0", SeriesTable::NAME)).await?;
    let kind = frame.schema().field(0).data_type().clone();
    Ok(match kind {
        DataType::Date32 | DataType::Date64 | DataType::Timestamp(_, None) => Some(Moment::Time),
        kind if kind.is_integer() => Some(Moment::Number),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
            let sql = format!(
                "SELECT TRY_CAST(ds AS BIGINT) AS number FROM {} WHERE NULLIF(ds, '') IS NOT NULL ORDER BY \"{FILE}\", \"{LINE}\" LIMIT 1",
                SeriesTable::NAME
            );
            let batches = context.sql(&sql).await?.collect().await?;
            Some(if number(&batches, 0).is_some() { Moment::Number } else { Moment::Time })
        }
        kind => {
            let place = Place { file: table.names[0].clone(), line: None, column: Some("ds".into()), mark: None };
            let cause =
                format!("the column is of type {kind}, neither a date (without a time zone) nor a whole number");
            findings.refuse("E-DATE-004", place, cause, "write it as YYYY-MM-DD, or as a whole number");
            None
        }
    })
}

/// The first value of a column, as a whole number.
pub(super) fn number(batches: &[RecordBatch], column: usize) -> Option<i64> {
    let batch = batches.iter().find(|batch| batch.num_rows() > 0)?;
    let whole: ArrayRef = cast(batch.column(column), &DataType::Int64).ok()?;
    let whole = whole.as_primitive_opt::<Int64Type>()?;
    whole.is_valid(0).then(|| whole.value(0))
}
