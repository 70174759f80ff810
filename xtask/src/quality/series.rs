//! The benchmark series: M3 by its periods, and M4 weekly, as they lie beside the project.
//!
//! M4 weekly stands here twice, as a user may ask: with the year as its season, and without any. Its measures
//! use m = 1, as the competition's did.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use arrow::array::{ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::QualityError;

/// One series.
#[derive(Debug, Clone)]
pub struct Case {
    /// Its name in the competition.
    pub id: String,
    /// The training part, oldest first.
    pub train: Vec<f64>,
    /// The part held out, `horizon` values.
    pub test: Vec<f64>,
}

/// Series of one kind.
#[derive(Debug, Clone)]
pub struct Set {
    /// What a person calls it.
    pub name: &'static str,
    /// Periods to forecast.
    pub horizon: usize,
    /// Periods per season in MASE and Naive2.
    pub period: usize,
    /// Periods per season that the forecasters are told.
    pub season: usize,
    /// The series, by name.
    pub cases: Vec<Case>,
}

impl Set {
    /// The same series, each `horizons` horizons earlier: what was held out then lies within the training part.
    #[must_use]
    pub fn earlier(&self, horizons: usize) -> Self {
        let cut = |case: &Case| {
            let end = case.train.len().checked_sub(horizons * self.horizon)?;
            // As short as the shortest series of the competitions' yearly data, less one horizon.
            (end >= 8).then(|| Case {
                id: case.id.clone(),
                train: case.train[..end].to_vec(),
                test: case.train[end..end + self.horizon].to_vec(),
            })
        };
        Self { cases: self.cases.iter().filter_map(cut).collect(), ..*self }
    }
}

/// (name, value of `period` in M3's table, horizon, periods per season) of M3's kinds.
const M3: [(&str, &str, usize, usize); 4] = [
    ("M3 yearly", "yearly", 6, 1),
    ("M3 quarterly", "quarterly", 8, 4),
    ("M3 monthly", "monthly", 18, 12),
    ("M3 other", "other", 8, 1),
];

/// All sets; none where the benchmark data are not beside the project.
///
/// # Errors
/// Where a file can't be read.
pub fn sets(root: &Path) -> Result<Option<Vec<Set>>, QualityError> {
    let folder = root.join("../shared/data/forecasting");
    if !folder.exists() {
        return Ok(None);
    }
    let mut all = Vec::new();
    let mut m3 = read(&folder.join("m3_all.parquet"), Some("period"))?;
    for (name, key, horizon, period) in M3 {
        let cases = m3.remove(key).unwrap_or_default();
        all.push(Set { name, horizon, period, season: period, cases });
    }
    let cases = read(&folder.join("m4_weekly.parquet"), None)?.remove("").unwrap_or_default();
    all.push(Set { name: "M4 weekly, season 52", horizon: 13, period: 1, season: 52, cases: cases.clone() });
    all.push(Set { name: "M4 weekly, no season", horizon: 13, period: 1, season: 1, cases });
    Ok(Some(all))
}

/// The series of a file, by the column `kind` (without one, all under an empty name).
fn read(path: &Path, kind: Option<&str>) -> Result<BTreeMap<String, Vec<Case>>, QualityError> {
    let wrong = |what: String| QualityError::Data { file: path.display().to_string(), what };
    let file = File::open(path).map_err(|error| wrong(error.to_string()))?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file)
        .and_then(ParquetRecordBatchReaderBuilder::build)
        .map_err(|error| wrong(error.to_string()))?;
    // By kind and name: (t, value, whether held out).
    let mut rows: BTreeMap<(String, String), Vec<(i64, f64, bool)>> = BTreeMap::new();
    for batch in reader {
        let batch = batch.map_err(|error| wrong(error.to_string()))?;
        let column = |name: &str, kind: &DataType| -> Result<ArrayRef, QualityError> {
            let column = batch.column_by_name(name).ok_or_else(|| wrong(format!("no column {name}")))?;
            cast(column, kind).map_err(|error| wrong(error.to_string()))
        };
        let (id, split) = (column("series_id", &DataType::Utf8)?, column("split", &DataType::Utf8)?);
        let (t, value) = (column("t", &DataType::Int64)?, column("value", &DataType::Float64)?);
        let kinds = kind.map(|name| column(name, &DataType::Utf8)).transpose()?;
        let (id, split) = (id.as_string::<i32>(), split.as_string::<i32>());
        let (t, value) = (t.as_primitive::<Int64Type>(), value.as_primitive::<Float64Type>());
        for at in 0..batch.num_rows() {
            let kind = kinds.as_ref().map_or("", |kinds| kinds.as_string::<i32>().value(at));
            let key = (kind.to_lowercase(), id.value(at).to_owned());
            rows.entry(key).or_default().push((t.value(at), value.value(at), split.value(at) == "test"));
        }
    }
    let mut cases: BTreeMap<String, Vec<Case>> = BTreeMap::new();
    for ((kind, id), mut rows) in rows {
        rows.sort_unstable_by_key(|row| row.0);
        let part = |held: bool| rows.iter().filter(|row| row.2 == held).map(|row| row.1).collect();
        cases.entry(kind).or_default().push(Case { id, train: part(false), test: part(true) });
    }
    Ok(cases)
}
