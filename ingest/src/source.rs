//! Tables as streams of record batches, one mechanism for both formats.
//!
//! A CSV column is text, a Parquet column has its own type. Two columns are added: `_file`, the
//! file's number in the table, and `_line`, the physical line (CSV) or row number (Parquet).

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int32Array, Int64Array, Int64Builder, RecordBatch, StringBuilder};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::catalog::streaming::StreamingTable;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::stream::RecordBatchReceiverStream;
use datafusion::physical_plan::streaming::PartitionStream;

use crate::csv::{Chunk, CsvFile};
use crate::pq::{GroupReader, ParquetFile};
use crate::scan::{Step, step};

/// Rows of a batch.
pub(crate) const BATCH_ROWS: usize = 8192;
/// The column that holds the file's number.
pub(crate) const FILE: &str = "_file";
/// The column that holds the line.
pub(crate) const LINE: &str = "_line";

/// What can go wrong between the survey of a file and its reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SourceFault {
    /// The file is not what the survey saw.
    #[error("file {file} changed while it was read")]
    Changed {
        /// Which of the table's files.
        file: usize,
    },
    /// The Parquet decoder failed.
    #[error("file {file} can't be decoded")]
    Decode {
        /// Which of the table's files.
        file: usize,
    },
}

/// A file that passed its survey.
#[derive(Debug)]
pub(crate) enum Surveyed {
    Csv(CsvFile),
    Parquet(ParquetFile),
}

impl Surveyed {
    /// Column names in the file's order.
    pub(crate) fn columns(&self) -> Vec<String> {
        match self {
            Self::Csv(file) => file.header.clone(),
            Self::Parquet(file) => file.schema.fields().iter().map(|field| field.name().clone()).collect(),
        }
    }
}

/// One piece of work: some records of one file.
#[derive(Debug, Clone)]
struct Piece {
    file: usize,
    path: PathBuf,
    what: What,
    /// Of each column of the table, its position in the file.
    order: Vec<usize>,
}

#[derive(Debug, Clone)]
enum What {
    Chunk { chunk: Chunk, header: bool, delimiter: u8 },
    Group { group: usize, first_row: u64, rows: u64 },
}

#[derive(Debug)]
struct Partition {
    schema: SchemaRef,
    pieces: Vec<Piece>,
}

/// The columns of a table and the pieces that it is read in, in the order of files and lines.
fn pieces(files: &[(PathBuf, Surveyed)], delimiter: u8) -> (SchemaRef, Vec<Piece>) {
    let columns = files[0].1.columns();
    let mut fields: Vec<Field> = match &files[0].1 {
        Surveyed::Csv(_) => columns.iter().map(|name| Field::new(name, DataType::Utf8, true)).collect(),
        Surveyed::Parquet(file) => {
            file.schema.fields().iter().map(|field| Field::new(field.name(), field.data_type().clone(), true)).collect()
        }
    };
    fields.push(Field::new(FILE, DataType::Int32, false));
    fields.push(Field::new(LINE, DataType::Int64, false));
    let mut pieces = Vec::new();
    for (number, (path, surveyed)) in files.iter().enumerate() {
        let own = surveyed.columns();
        let order: Vec<usize> =
            columns.iter().filter_map(|name| own.iter().position(|candidate| candidate == name)).collect();
        let piece = |what| Piece { file: number, path: path.clone(), what, order: order.clone() };
        match surveyed {
            Surveyed::Csv(file) => pieces.extend(
                file.chunks
                    .iter()
                    .enumerate()
                    .map(|(at, chunk)| piece(What::Chunk { chunk: *chunk, header: at == 0, delimiter })),
            ),
            Surveyed::Parquet(file) => {
                let mut first_row = 1;
                for (group, &rows) in file.groups.iter().enumerate() {
                    pieces.push(piece(What::Group { group, first_row, rows }));
                    first_row += rows;
                }
            }
        }
    }
    (Arc::new(Schema::new(fields)), pieces)
}

/// The columns `keep` of a small table as text, beside `_file` and `_line`, read at once and without a session.
pub(crate) fn texts(
    files: &[(PathBuf, Surveyed)],
    delimiter: u8,
    keep: &[&str],
) -> Result<(SchemaRef, Vec<RecordBatch>), SourceFault> {
    let (schema, pieces) = pieces(files, delimiter);
    let kept: Vec<usize> = (0..schema.fields().len())
        .filter(|&at| [FILE, LINE].iter().chain(keep).any(|name| schema.field(at).name() == name))
        .collect();
    let own = |name: &str| name == FILE || name == LINE;
    let fields: Vec<Field> = kept
        .iter()
        .map(|&at| schema.field(at))
        .map(|field| if own(field.name()) { field.clone() } else { Field::new(field.name(), DataType::Utf8, true) })
        .collect();
    let texts = Arc::new(Schema::new(fields));
    let mut batches = Vec::new();
    for piece in &pieces {
        let failed = SourceFault::Decode { file: piece.file };
        let mut whole = Ok(());
        piece.read(&schema, &mut |batch| {
            let columns: Result<Vec<ArrayRef>, SourceFault> = kept
                .iter()
                .map(|&at| match batch.column(at) {
                    column if own(schema.field(at).name()) => Ok(column.clone()),
                    column => cast(column, &DataType::Utf8).map_err(|_| failed),
                })
                .collect();
            let cut = columns.and_then(|columns| RecordBatch::try_new(texts.clone(), columns).map_err(|_| failed));
            match cut {
                Ok(cut) => batches.push(cut),
                Err(fault) => whole = Err(fault),
            }
            whole.is_ok()
        })?;
        whole?;
    }
    Ok((texts, batches))
}

/// The files of a table as one streaming table of `partitions` partitions.
pub(crate) fn table(files: &[(PathBuf, Surveyed)], delimiter: u8, partitions: usize) -> Result<StreamingTable> {
    let (schema, pieces) = pieces(files, delimiter);
    // Dealt in turn, so that partitions are alike in size whatever the files are.
    let count = partitions.clamp(1, pieces.len().max(1));
    let mut dealt = vec![Vec::new(); count];
    for (at, piece) in pieces.into_iter().enumerate() {
        dealt[at % count].push(piece);
    }
    let streams = dealt
        .into_iter()
        .map(|pieces| Arc::new(Partition { schema: schema.clone(), pieces }) as Arc<dyn PartitionStream>)
        .collect();
    StreamingTable::try_new(schema, streams)
}

impl PartitionStream for Partition {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let mut builder = RecordBatchReceiverStream::builder(self.schema.clone(), 4);
        let sender = builder.tx();
        let (schema, pieces) = (self.schema.clone(), self.pieces.clone());
        builder.spawn_blocking(move || {
            for piece in &pieces {
                let mut open = true;
                let sent = piece.read(&schema, &mut |batch| {
                    open = sender.blocking_send(Ok(batch)).is_ok();
                    open
                });
                sent.map_err(|fault| DataFusionError::External(Box::new(fault)))?;
                if !open {
                    break;
                }
            }
            Ok(())
        });
        builder.build()
    }
}

impl Piece {
    /// Hands the batches over until `take` says that none is wanted any more.
    fn read(&self, schema: &SchemaRef, take: &mut dyn FnMut(RecordBatch) -> bool) -> Result<(), SourceFault> {
        match &self.what {
            What::Chunk { chunk, header, delimiter } => self.read_chunk(schema, *chunk, *header, *delimiter, take),
            What::Group { group, first_row, rows } => self.read_group(schema, *group, *first_row, *rows, take),
        }
    }

    fn read_chunk(
        &self,
        schema: &SchemaRef,
        chunk: Chunk,
        header: bool,
        delimiter: u8,
        take: &mut dyn FnMut(RecordBatch) -> bool,
    ) -> Result<(), SourceFault> {
        let changed = SourceFault::Changed { file: self.file };
        let mut bytes = vec![0; chunk.bytes];
        let file = File::open(&self.path).map_err(|_| changed)?;
        file.read_exact_at(&mut bytes, chunk.offset).map_err(|_| changed)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| changed)?;
        let width = self.order.len();
        let mut columns: Vec<StringBuilder> = Vec::new();
        let mut lines = Int64Builder::new();
        let refill = |columns: &mut Vec<StringBuilder>| {
            *columns = (0..width).map(|_| StringBuilder::with_capacity(BATCH_ROWS, BATCH_ROWS * 8)).collect();
        };
        refill(&mut columns);
        let (mut fields, mut scratch) = (Vec::new(), String::new());
        let (mut at, mut line, mut rows, mut header) = (0, chunk.line, 0, header);
        while at < bytes.len() {
            match step(&bytes, at, delimiter, &mut fields) {
                Step::Record { next, lines: spanned } => {
                    // Rows of another width were found by the survey; in quarantine they are left out.
                    if header {
                        header = false;
                    } else if fields.len() == width {
                        for (column, from) in columns.iter_mut().zip(&self.order) {
                            column.append_value(fields[*from].text(text, &mut scratch));
                        }
                        lines.append_value(i64::try_from(line).unwrap_or(i64::MAX));
                        rows += 1;
                    }
                    line += spanned;
                    at = next;
                }
                Step::Blank { next } => {
                    line += 1;
                    at = next;
                }
                Step::Incomplete { .. } | Step::Fault(_) => return Err(changed),
            }
            if rows == BATCH_ROWS || (at >= bytes.len() && rows > 0) {
                let mut arrays: Vec<ArrayRef> =
                    columns.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef).collect();
                refill(&mut columns);
                arrays.push(Arc::new(Int32Array::from(vec![i32::try_from(self.file).unwrap_or(i32::MAX); rows])));
                arrays.push(Arc::new(lines.finish()));
                rows = 0;
                let batch = RecordBatch::try_new(schema.clone(), arrays).map_err(|_| changed)?;
                if !take(batch) {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn read_group(
        &self,
        schema: &SchemaRef,
        group: usize,
        first_row: u64,
        rows: u64,
        take: &mut dyn FnMut(RecordBatch) -> bool,
    ) -> Result<(), SourceFault> {
        let failed = SourceFault::Decode { file: self.file };
        let mut reader = GroupReader::open(&self.path, group, BATCH_ROWS).map_err(|_| failed)?;
        let mut row = i64::try_from(first_row).unwrap_or(i64::MAX);
        let end = row.saturating_add(i64::try_from(rows).unwrap_or(i64::MAX));
        while let Some(batch) = reader.next().map_err(|_| failed)? {
            let count = batch.num_rows();
            let mut arrays: Vec<ArrayRef> = self.order.iter().map(|from| batch.column(*from).clone()).collect();
            arrays.push(Arc::new(Int32Array::from(vec![i32::try_from(self.file).unwrap_or(i32::MAX); count])));
            let next = row.saturating_add(i64::try_from(count).unwrap_or(i64::MAX));
            arrays.push(Arc::new((row..next).collect::<Int64Array>()));
            row = next;
            let batch = RecordBatch::try_new(schema.clone(), arrays).map_err(|_| failed)?;
            if row > end {
                return Err(failed);
            }
            if !take(batch) {
                return Ok(());
            }
        }
        // Fewer rows than declared are a decoder that gave up without saying so.
        if row == end { Ok(()) } else { Err(failed) }
    }
}
