//! demand_samples.parquet: the joint samples a decision was made over, written and read back.
//!
//! One row per store, device and sample, in that order; what else a checker needs of the forecast
//! (adoption, dispersion, zone rates) lies in the file's metadata.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, Float64Array, RecordBatch, StringArray, UInt32Array};
use arrow::datatypes::{DataType, Field, Schema};
use domain::forecast::DemandSamples;
use domain::market::Market;
use ndarray::{Array2, Array3};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::errors::ParquetError;
use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::tables::encode;

const WHAT: &str = "demand_samples.parquet";
const KEY: &str = "cornerstone";

/// The metadata: names in order, and what is not per sample.
#[derive(Serialize, Deserialize)]
struct Shape {
    stores: Vec<String>,
    devices: Vec<String>,
    samples: usize,
    weeks: usize,
    adoption: Vec<f64>,
    /// None is Poisson.
    dispersion: Vec<Option<f64>>,
    zone_rate: Vec<f64>,
}

/// The bytes of the file.
///
/// # Errors
/// If a rate is not finite.
pub fn write(market: &Market, samples: &DemandSamples) -> Result<Vec<u8>, StoreError> {
    let (count, stores, devices) = samples.rates.dim();
    if samples.rates.iter().any(|rate| !rate.is_finite()) {
        return Err(StoreError::NotFinite { what: WHAT });
    }
    let shape = Shape {
        stores: samples.stores.iter().map(|store| market.store_ids.name(*store).to_owned()).collect(),
        devices: samples.devices.iter().map(|device| market.device_ids.name(*device).to_owned()).collect(),
        samples: count,
        weeks: samples.adoption.ncols(),
        adoption: samples.adoption.iter().copied().collect(),
        dispersion: samples.dispersion.iter().map(|size| size.is_finite().then_some(*size)).collect(),
        zone_rate: samples.zone_rate.clone(),
    };
    let (mut store_ids, mut device_ids) = (Vec::new(), Vec::new());
    let (mut numbers, mut rates) = (Vec::new(), Vec::new());
    for store in 0..stores {
        for device in 0..devices {
            for sample in 0..count {
                store_ids.push(shape.stores[store].as_str());
                device_ids.push(shape.devices[device].as_str());
                numbers.push(u32::try_from(sample).unwrap_or(u32::MAX));
                rates.push(samples.rates[[sample, store, device]]);
            }
        }
    }
    let metadata = serde_json::to_string(&shape).map_err(|source| StoreError::Json { what: WHAT, source })?;
    let schema = Schema::new_with_metadata(
        vec![
            Field::new("store_id", DataType::Utf8, false),
            Field::new("device", DataType::Utf8, false),
            Field::new("sample", DataType::UInt32, false),
            Field::new("units_per_week", DataType::Float64, false),
        ],
        std::collections::HashMap::from([(KEY.to_owned(), metadata)]),
    );
    let batch = RecordBatch::try_new(
        Arc::new(schema),
        vec![
            Arc::new(StringArray::from(store_ids)),
            Arc::new(StringArray::from(device_ids)),
            Arc::new(UInt32Array::from(numbers)),
            Arc::new(Float64Array::from(rates)),
        ],
    )
    .map_err(|error| StoreError::Parquet { what: WHAT, source: error.into() })?;
    encode(WHAT, &batch)
}

/// Reads the file back for the Market it was made from.
///
/// # Errors
/// If it can't be read, or does not fit the Market.
pub fn read(path: &Path, market: &Market) -> Result<DemandSamples, StoreError> {
    let damaged = |why: &str| StoreError::Damaged { path: path.to_path_buf(), why: why.to_owned() };
    let failed = |source: ParquetError| StoreError::Parquet { what: WHAT, source };
    let file = std::fs::File::open(path).map_err(|source| StoreError::io(path, source))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(failed)?;
    let metadata = builder.schema().metadata().get(KEY).ok_or_else(|| damaged("its metadata is missing"))?.clone();
    let shape: Shape = serde_json::from_str(&metadata).map_err(|source| StoreError::Json { what: WHAT, source })?;
    let find_stores: Option<Vec<_>> = shape.stores.iter().map(|id| market.store_ids.find(id)).collect();
    let find_devices: Option<Vec<_>> = shape.devices.iter().map(|id| market.device_ids.find(id)).collect();
    let (Some(stores), Some(devices)) = (find_stores, find_devices) else {
        return Err(damaged("it names stores or devices that the tables do not have"));
    };
    let mut flat: Vec<f64> = Vec::new();
    for batch in builder.build().map_err(failed)? {
        let batch = batch.map_err(|error| failed(error.into()))?;
        let column = batch.column_by_name("units_per_week").ok_or_else(|| damaged("a column is missing"))?;
        let column =
            column.as_any().downcast_ref::<Float64Array>().ok_or_else(|| damaged("a column has another type"))?;
        flat.extend(column.values());
    }
    let by_store = Array3::from_shape_vec((stores.len(), devices.len(), shape.samples), flat)
        .map_err(|_| damaged("it has too few or too many rows"))?;
    let rates = by_store.permuted_axes([2, 0, 1]).as_standard_layout().into_owned();
    let adoption = Array2::from_shape_vec((devices.len(), shape.weeks), shape.adoption)
        .map_err(|_| damaged("its adoption has another shape"))?;
    if shape.dispersion.len() != devices.len() || shape.zone_rate.len() != market.zones.len() {
        return Err(damaged("it does not fit the tables"));
    }
    let dispersion = shape.dispersion.iter().map(|size| size.unwrap_or(f64::INFINITY)).collect();
    Ok(DemandSamples { stores, devices, rates, adoption, dispersion, zone_rate: shape.zone_rate, weights: None })
}
