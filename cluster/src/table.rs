//! The panel as a streaming table: rows exist only while a batch of them is under way.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, UInt8Array, UInt32Array, UInt64Array};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::catalog::streaming::StreamingTable;
use datafusion::error::DataFusionError;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::stream::RecordBatchReceiverStream;
use datafusion::physical_plan::streaming::PartitionStream;
use domain::panel::{Cell, Panel};

/// Rows per batch, about: DataFusion's own default.
const BATCH_ROWS: usize = 8_192;

/// Some series of a panel, as they are.
#[derive(Debug)]
pub struct Bucket {
    first_week: i64,
    weeks: usize,
    series: usize,
    units: Vec<u32>,
    cells: Vec<Cell>,
    /// What the series are known by from run to run; nothing where none is kept.
    keys: Vec<u64>,
}

impl Bucket {
    /// The series `rows` of `panel`; they are numbered from 0 in the table.
    #[must_use]
    pub fn of(panel: &Panel, rows: Range<usize>) -> Self {
        let span = rows.start * panel.weeks..rows.end * panel.weeks;
        Self {
            first_week: i64::from(panel.first_week.0),
            weeks: panel.weeks,
            series: rows.len(),
            units: panel.units[span.clone()].to_vec(),
            cells: panel.cells[span].to_vec(),
            keys: Vec::new(),
        }
    }

    /// The same with what its series are known by, one each, or nothing.
    #[must_use]
    pub(crate) fn known_by(self, keys: &[u64]) -> Self {
        Self { keys: if keys.len() == self.series { keys.to_vec() } else { Vec::new() }, ..self }
    }

    /// Whether it says by what its series are known.
    pub(crate) fn is_known(&self) -> bool {
        !self.keys.is_empty()
    }

    /// A table `(series, t, y, state[, key])` in `partitions` parts.
    ///
    /// # Errors
    /// Where the data engine refuses the schema.
    pub fn table(self, partitions: usize) -> Result<Arc<StreamingTable>, DataFusionError> {
        let field = |name, of| Field::new(name, of, false);
        let mut fields = vec![
            field("series", DataType::UInt32),
            field("t", DataType::Int64),
            field("y", DataType::Float64),
            field("state", DataType::UInt8),
        ];
        if self.is_known() {
            fields.push(field("key", DataType::UInt64));
        }
        let schema: SchemaRef = Arc::new(Schema::new(fields));
        let (bucket, partitions) = (Arc::new(self), partitions.max(1));
        let parts = (0..partitions).map(|part| {
            let series = bucket.series * part / partitions..bucket.series * (part + 1) / partitions;
            let part = Part { schema: Arc::clone(&schema), bucket: Arc::clone(&bucket), series };
            Arc::new(part) as Arc<dyn PartitionStream>
        });
        Ok(Arc::new(StreamingTable::try_new(Arc::clone(&schema), parts.collect())?))
    }

    /// The rows of some series.
    fn batch(&self, schema: &SchemaRef, series: Range<usize>) -> Result<RecordBatch, DataFusionError> {
        let span = series.start * self.weeks..series.end * self.weeks;
        let each = || series.clone().flat_map(|at| (0..self.weeks).map(move |week| (at, week)));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_possible_wrap,
            reason = "a bucket is far smaller than 2^31"
        )]
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(UInt32Array::from_iter_values(each().map(|(at, _)| at as u32))),
            Arc::new(Int64Array::from_iter_values(each().map(|(_, week)| self.first_week + week as i64))),
            Arc::new(Float64Array::from_iter_values(self.units[span.clone()].iter().map(|&units| f64::from(units)))),
            Arc::new(UInt8Array::from_iter_values(self.cells[span].iter().map(|&cell| cell as u8))),
        ];
        if self.is_known() {
            columns.push(Arc::new(UInt64Array::from_iter_values(each().map(|(at, _)| self.keys[at]))));
        }
        Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
    }
}

/// One part of the table.
#[derive(Debug)]
struct Part {
    schema: SchemaRef,
    bucket: Arc<Bucket>,
    series: Range<usize>,
}

impl PartitionStream for Part {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        // Two batches under way: one being made while the other is read.
        let mut stream = RecordBatchReceiverStream::builder(Arc::clone(&self.schema), 2);
        let (sender, schema) = (stream.tx(), Arc::clone(&self.schema));
        let (bucket, series) = (Arc::clone(&self.bucket), self.series.clone());
        stream.spawn_blocking(move || {
            let step = (BATCH_ROWS / bucket.weeks.max(1)).max(1);
            for first in series.clone().step_by(step) {
                let batch = bucket.batch(&schema, first..(first + step).min(series.end));
                // A reader that has left wants no more.
                if sender.blocking_send(batch).is_err() {
                    break;
                }
            }
            Ok(())
        });
        stream.build()
    }
}
