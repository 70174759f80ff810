//! Answers of the aggregate back into forecasts.

use std::collections::BTreeSet;
use std::sync::Mutex;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Float64Type, UInt32Type};
use domain::forecast::{LEVELS, SeriesForecast};

use crate::ClusterError;

/// The forecasts of series 0 to `count`, from batches `(series, forecast)` in any order.
pub(crate) fn forecasts(batches: &[RecordBatch], count: usize) -> Result<Vec<Option<SeriesForecast>>, ClusterError> {
    let shape = |what| ClusterError::Shape { what };
    let mut found: Vec<Option<SeriesForecast>> = (0..count).map(|_| None).collect();
    for batch in batches {
        let [series, answer] = batch.columns() else { return Err(shape("not two columns")) };
        let series = series.as_primitive_opt::<UInt32Type>().ok_or(shape("the series is no number"))?;
        let answer = answer.as_struct_opt().ok_or(shape("the forecast is no struct"))?;
        let [method, mean, quantiles] = answer.columns() else { return Err(shape("not three fields")) };
        let method = method.as_string_opt::<i32>().ok_or(shape("the method is no text"))?;
        let (Some(mean), Some(quantiles)) = (mean.as_list_opt::<i32>(), quantiles.as_list_opt::<i32>()) else {
            return Err(shape("the mean or the quantiles are no list"));
        };
        for at in (0..batch.num_rows()).filter(|&at| answer.is_valid(at)) {
            let slot = found.get_mut(series.value(at) as usize).ok_or(shape("an unknown series"))?;
            let (mean, quantiles) = (mean.value(at), quantiles.value(at));
            let numbers = |list: &dyn Array| list.as_primitive_opt::<Float64Type>().map(|list| list.values().to_vec());
            let (Some(mean), Some(quantiles)) = (numbers(&mean), numbers(&quantiles)) else {
                return Err(shape("the mean or the quantiles are no numbers"));
            };
            let (levels, rest) = quantiles.as_chunks::<{ LEVELS.len() }>();
            if levels.len() != mean.len() || !rest.is_empty() {
                return Err(shape("not every week has all its quantiles"));
            }
            *slot = Some(SeriesForecast { mean, quantiles: levels.to_vec(), method: known(method.value(at)) });
        }
    }
    Ok(found)
}

/// The one copy of a method's name. The methods are a closed set of a dozen names, so that keeping
/// each for good costs nothing.
fn known(name: &str) -> &'static str {
    static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut names = NAMES.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(&known) = names.get(name) {
        return known;
    }
    let kept: &'static str = Box::leak(name.to_owned().into_boxed_str());
    names.insert(kept);
    kept
}
