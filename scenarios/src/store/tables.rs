//! The plan's tables as Parquet: forecast, stock, reorder points, depots, controls.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Float64Array, RecordBatch, StringArray, UInt32Array};
use arrow::datatypes::{Field, Float64Type, Schema};
use domain::forecast::{Analog, Basis, Forecast, LEVELS, LevelSource};
use domain::market::Market;
use domain::plan::Plan;
use domain::plan::replenishment::ReorderLine;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use super::error::StoreError;

/// Writes one batch: Zstandard, a fixed writer's name, no clock, so that equal tables are equal bytes.
pub(super) fn encode(what: &'static str, batch: &RecordBatch) -> Result<Vec<u8>, StoreError> {
    let failed = |source| StoreError::Parquet { what, source };
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3).map_err(failed)?))
        .set_created_by("cornerstone".into())
        .build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).map_err(failed)?;
    writer.write(batch).map_err(failed)?;
    writer.close().map_err(failed)?;
    Ok(bytes)
}

/// A table from its columns.
fn table(what: &'static str, columns: Vec<(&str, ArrayRef)>) -> Result<Vec<u8>, StoreError> {
    encode(what, &batch(what, columns, &[])?)
}

/// Columns as one batch; every number has to be finite, and only columns of `optional` may have rows without a value.
fn batch(what: &'static str, columns: Vec<(&str, ArrayRef)>, optional: &[&str]) -> Result<RecordBatch, StoreError> {
    let finite = columns.iter().all(|(_, column)| {
        column
            .as_any()
            .downcast_ref::<Float64Array>()
            .is_none_or(|numbers| numbers.values().iter().all(|value| value.is_finite()))
    });
    if !finite {
        return Err(StoreError::NotFinite { what });
    }
    let field =
        |(name, column): &(&str, ArrayRef)| Field::new(*name, column.data_type().clone(), optional.contains(name));
    let fields: Vec<Field> = columns.iter().map(field).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns.into_iter().map(|(_, column)| column).collect())
        .map_err(|error| StoreError::Parquet { what, source: error.into() })
}

/// A batch of texts and numbers as CSV, with a header.
fn csv(what: &'static str, batch: &RecordBatch) -> Result<Vec<u8>, StoreError> {
    let failed = |source| StoreError::Csv { what, source };
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(batch.schema().fields().iter().map(|field| field.name())).map_err(failed)?;
    for row in 0..batch.num_rows() {
        for column in batch.columns() {
            match column.as_primitive_opt::<Float64Type>() {
                Some(numbers) => writer.write_field(numbers.value(row).to_string()),
                None => writer.write_field(column.as_string::<i32>().value(row)),
            }
            .map_err(failed)?;
        }
        writer.write_record(None::<&[u8]>).map_err(failed)?;
    }
    writer.into_inner().map_err(|error| failed(error.into_error().into()))
}

fn texts<'a>(values: impl Iterator<Item = &'a str>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

fn numbers(values: impl Iterator<Item = f64>) -> ArrayRef {
    Arc::new(Float64Array::from_iter_values(values))
}

/// forecast.parquet: per store and device the mean and the quantiles, units per week at full adoption, and what they
/// rest on.
///
/// # Errors
/// If a number is not finite.
pub fn forecast(market: &Market, forecast: &Forecast) -> Result<Vec<u8>, StoreError> {
    table("forecast.parquet", forecast_columns(market, forecast))
}

/// The same as CSV.
///
/// # Errors
/// If a number is not finite.
pub fn forecast_csv(market: &Market, forecast: &Forecast) -> Result<Vec<u8>, StoreError> {
    csv("forecast.csv", &batch("forecast.csv", forecast_columns(market, forecast), &[])?)
}

fn forecast_columns(market: &Market, forecast: &Forecast) -> Vec<(&'static str, ArrayRef)> {
    let pairs: Vec<(usize, usize)> = (0..forecast.stores.len())
        .flat_map(|store| (0..forecast.devices.len()).map(move |device| (store, device)))
        .collect();
    let mut columns = vec![
        ("store_id", texts(pairs.iter().map(|pair| market.store_ids.name(forecast.stores[pair.0])))),
        ("device", texts(pairs.iter().map(|pair| market.device_ids.name(forecast.devices[pair.1])))),
        ("mean", numbers(pairs.iter().map(|pair| forecast.mean[[pair.0, pair.1]]))),
    ];
    const NAMES: [&str; LEVELS.len()] = ["q025", "q10", "q25", "q50", "q75", "q90", "q975"];
    for (level, name) in NAMES.into_iter().enumerate() {
        columns.push((name, numbers(pairs.iter().map(|pair| forecast.quantiles[[pair.0, pair.1, level]]))));
    }
    columns.push((
        "level",
        texts(pairs.iter().map(|pair| match forecast.level_source[pair.0] {
            LevelSource::Observed => "observed",
            LevelSource::ColdStart => "cold-start",
        })),
    ));
    columns.push((
        "basis",
        texts(pairs.iter().map(|pair| match forecast.basis[pair.1] {
            Basis::Trained { .. } => "trained",
            Basis::Assumed => "assumed",
        })),
    ));
    let listed = |parts: Vec<String>| parts.join("; ");
    let methods: Vec<String> = forecast
        .methods
        .iter()
        .map(|methods| listed(methods.iter().map(|(name, weight)| format!("{name} {weight:.2}")).collect()))
        .collect();
    let analogs: Vec<String> = forecast
        .analogs
        .iter()
        .map(|analogs| {
            let analog = |analog: &Analog| format!("{} {:.2}", market.store_ids.name(analog.store), analog.weight);
            listed(analogs.iter().map(analog).collect())
        })
        .collect();
    let contributions: Vec<String> = forecast
        .contributions
        .iter()
        .map(|groups| listed(groups.iter().map(|group| format!("{} x{:.2}", group.group, group.factor)).collect()))
        .collect();
    columns.push(("methods", texts(pairs.iter().map(|pair| methods[pair.1].as_str()))));
    columns.push(("analogs", texts(pairs.iter().map(|pair| analogs[pair.0].as_str()))));
    columns.push(("contributions", texts(pairs.iter().map(|pair| contributions[pair.0].as_str()))));
    columns
}

/// stock.parquet: opening stock per store and device.
///
/// # Errors
/// If a number is not finite.
pub fn stock(plan: &Plan) -> Result<Vec<u8>, StoreError> {
    let lines = || plan.stock.iter();
    table(
        "stock.parquet",
        vec![
            ("store_id", texts(lines().map(|line| line.store_id.as_str()))),
            ("device", texts(lines().map(|line| line.device.as_str()))),
            ("units", Arc::new(UInt32Array::from_iter_values(lines().map(|line| line.units)))),
            ("service_level", numbers(lines().map(|line| line.service_level))),
            ("fill_rate", numbers(lines().map(|line| line.fill_rate))),
        ],
    )
}

/// reorder.parquet: when each line of stock is reordered and how much; none where nothing was asked. `up_to` has no value where
/// lots are ordered, and `lot` none where points are.
///
/// # Errors
/// If a number is not finite.
pub fn reorder(plan: &Plan) -> Result<Option<Vec<u8>>, StoreError> {
    let Some(kept) = plan.replenishment.as_ref().filter(|kept| !kept.lines.is_empty()) else { return Ok(None) };
    encode("reorder.parquet", &reordered(&kept.lines)?).map(Some)
}

fn reordered(all: &[ReorderLine]) -> Result<RecordBatch, StoreError> {
    let lines = || all.iter();
    let units =
        |of: &dyn Fn(&ReorderLine) -> Option<u32>| -> ArrayRef { Arc::new(UInt32Array::from_iter(lines().map(of))) };
    let columns = vec![
        ("store_id", texts(lines().map(|line| line.store_id.as_str()))),
        ("device", texts(lines().map(|line| line.device.as_str()))),
        ("reorder", units(&|line| Some(line.reorder))),
        ("up_to", units(&|line| line.up_to)),
        ("lot", units(&|line| line.lot)),
        ("orders", numbers(lines().map(|line| line.orders))),
        ("cost_per_week", numbers(lines().map(|line| line.cost_per_week))),
        ("service_level", numbers(lines().map(|line| line.service_level))),
        ("fill_rate", numbers(lines().map(|line| line.fill_rate))),
    ];
    batch("reorder.parquet", columns, &["up_to", "lot"])
}

/// depot.parquet: what each market's depot holds of each device; none where nothing was asked.
///
/// # Errors
/// If a number is not finite.
pub fn depot(plan: &Plan) -> Result<Option<Vec<u8>>, StoreError> {
    let Some(kept) = plan.replenishment.as_ref().filter(|kept| !kept.depot.is_empty()) else { return Ok(None) };
    let lines = || kept.depot.iter();
    let columns = vec![
        ("market", texts(lines().map(|line| line.market.as_str()))),
        ("device", texts(lines().map(|line| line.device.as_str()))),
        ("base_stock", Arc::new(UInt32Array::from_iter_values(lines().map(|line| line.base_stock))) as ArrayRef),
        ("fill_rate", numbers(lines().map(|line| line.fill_rate))),
        ("fill_rate_without", numbers(lines().map(|line| line.fill_rate_without))),
        ("units_apart", Arc::new(UInt32Array::from_iter_values(lines().map(|line| line.units_apart)))),
        ("saves_per_week", numbers(lines().map(|line| line.saves_per_week))),
    ];
    table("depot.parquet", columns).map(Some)
}

/// controls.parquet: the controls of each chosen store, best match first.
///
/// # Errors
/// None but the writer's own.
pub fn controls(plan: &Plan) -> Result<Vec<u8>, StoreError> {
    let pairs: Vec<(&str, &str, u32)> = plan
        .stores
        .iter()
        .flat_map(|store| {
            (1..).zip(&store.controls).map(|(place, control)| (store.store_id.as_str(), control.as_str(), place))
        })
        .collect();
    table(
        "controls.parquet",
        vec![
            ("store_id", texts(pairs.iter().map(|pair| pair.0))),
            ("control_id", texts(pairs.iter().map(|pair| pair.1))),
            ("match_rank", Arc::new(UInt32Array::from_iter_values(pairs.iter().map(|pair| pair.2)))),
        ],
    )
}

#[cfg(test)]
mod tests {
    use arrow::array::Array;

    use super::*;

    #[test]
    fn what_a_policy_has_not_is_no_number() {
        let line = |up_to, lot| ReorderLine {
            store_id: "GB-00001".into(),
            device: "scale".into(),
            reorder: 3,
            up_to,
            lot,
            orders: 2.5,
            cost_per_week: 4.0,
            service_level: 0.9,
            fill_rate: 0.95,
        };
        let batch = reordered(&[line(Some(8), None), line(None, Some(4))]).expect("a table");
        for (name, values) in [("reorder", [Some(3), Some(3)]), ("up_to", [Some(8), None]), ("lot", [None, Some(4)])] {
            let column = batch.column_by_name(name).expect(name);
            let found: Vec<Option<u32>> = column.as_primitive::<arrow::datatypes::UInt32Type>().iter().collect();
            assert_eq!(found, values, "{name}");
            assert_eq!(batch.schema().field_with_name(name).expect(name).is_nullable(), column.null_count() > 0);
        }
    }
}
