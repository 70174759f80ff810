//! Parquet files: the survey of a footer before anything is decoded, and reading behind a wall.
//!
//! The decoder may panic on bytes that are no Parquet; it is called where a panic becomes a finding.
//! Pages with a checksum are checked against it.

use std::fs::File;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use domain::diagnostic::{Diagnostic, Refusal};
use domain::hash::ContentHash;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::basic::Compression;
use sha2::{Digest, Sha256};

use crate::findings::{Findings, at};
use crate::limits::{GROUP_BYTES_MAX, ROWS_MAX, UNPACKED_BYTES_MAX};
use crate::locate::Located;

/// What the survey found.
#[derive(Debug)]
pub(crate) struct ParquetFile {
    pub(crate) schema: SchemaRef,
    /// Rows of each row group.
    pub(crate) groups: Vec<u64>,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    pub(crate) hash: ContentHash,
}

/// The SHA-256 and length of a file.
pub(crate) fn hash(path: &Path) -> std::io::Result<(ContentHash, u64)> {
    let mut source = File::open(path)?;
    let mut digest = Sha256::new();
    let mut held = vec![0; 1 << 20];
    let mut bytes = 0;
    loop {
        match source.read(&mut held) {
            Ok(0) => return Ok((ContentHash(digest.finalize().into()), bytes)),
            Ok(got) => {
                digest.update(&held[..got]);
                bytes += got as u64;
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Surveys a file; none where a finding makes it unreadable.
pub(crate) fn survey(file: &Located, findings: &mut Findings) -> Option<ParquetFile> {
    let place = || at(&file.named);
    let Ok((hash, bytes)) = hash(&file.path) else {
        findings.say(Diagnostic::error(Refusal::Transient, "E-IN-008", place(), "reading failed", "try again"));
        return None;
    };
    if bytes == 0 {
        findings.refuse("E-IN-002", place(), "the file is empty", "export it again");
        return None;
    }
    let opened = File::open(&file.path).ok()?;
    let builder = match catch_unwind(AssertUnwindSafe(|| ParquetRecordBatchReaderBuilder::try_new(opened))) {
        Ok(Ok(builder)) => builder,
        Ok(Err(_)) => {
            let cause = "the footer is missing or broken: the file is cut off or no Parquet";
            findings.refuse("E-PQ-001", place(), cause, "export it again");
            return None;
        }
        Err(_) => {
            findings.refuse("E-PQ-003", place(), "the decoder failed on the footer", "export it again");
            return None;
        }
    };
    let metadata = builder.metadata();
    let declared = metadata.file_metadata().num_rows();
    let groups: Vec<i64> = metadata.row_groups().iter().map(|group| group.num_rows()).collect();
    let sizes: Vec<i64> = metadata.row_groups().iter().map(|group| group.total_byte_size()).collect();
    let total = groups.iter().fold(0_i64, |sum, rows| sum.saturating_add((*rows).max(0)));
    let unpacked = sizes.iter().fold(0_i64, |sum, size| sum.saturating_add((*size).max(0)));
    let limit = |findings: &mut Findings, cause: String| {
        findings.say(Diagnostic::error(Refusal::Limit, "E-LIM-001", place(), cause, "split or correct the file"));
    };
    let most = declared.max(total);
    if u64::try_from(most).is_ok_and(|rows| rows > ROWS_MAX) {
        limit(findings, format!("declared {most} rows > limit {ROWS_MAX}"));
        return None;
    }
    if unpacked > UNPACKED_BYTES_MAX || sizes.iter().any(|size| *size > GROUP_BYTES_MAX) {
        limit(
            findings,
            format!("declared {unpacked} bytes > limit {UNPACKED_BYTES_MAX} in all, {GROUP_BYTES_MAX} a group"),
        );
        return None;
    }
    // Every value of a flat column takes one row, so a footer that says otherwise is forged or broken.
    let flat = metadata.row_groups().iter().all(|group| {
        group
            .columns()
            .iter()
            .all(|column| column.column_descr().max_rep_level() > 0 || column.num_values() == group.num_rows())
    });
    if declared != total || groups.iter().any(|rows| *rows < 0) || !flat {
        findings.refuse("E-PQ-001", place(), "the footer contradicts itself on the number of rows", "export it again");
        return None;
    }
    let known =
        |codec: Compression| matches!(codec, Compression::UNCOMPRESSED | Compression::SNAPPY | Compression::ZSTD(_));
    if metadata.row_groups().iter().any(|group| group.columns().iter().any(|column| !known(column.compression()))) {
        let cause = "the pages are compressed in a way that is not read";
        findings.refuse("E-PQ-004", place(), cause, "write it with snappy, zstd or no compression");
        return None;
    }
    let schema = builder.schema().clone();
    let mut names: Vec<&String> = schema.fields().iter().map(|field| field.name()).collect();
    names.sort_unstable();
    if names.windows(2).any(|pair| pair[0] == pair[1]) {
        findings.refuse("E-SCH-001", place(), "the file has two columns of one name", "give each column one name");
        return None;
    }
    Some(ParquetFile {
        schema,
        groups: groups.into_iter().map(|rows| u64::try_from(rows).unwrap_or(0)).collect(),
        rows: u64::try_from(total).unwrap_or(0),
        bytes,
        hash,
    })
}

/// Reads one row group in batches, its columns in the order of `columns`.
#[derive(Debug)]
pub(crate) struct GroupReader {
    reader: ParquetRecordBatchReader,
}

/// The decoder failed, or the file is not what the survey saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DecoderFailed;

impl GroupReader {
    /// Opens a row group.
    pub(crate) fn open(path: &Path, group: usize, batch_rows: usize) -> Result<Self, DecoderFailed> {
        let file = File::open(path).map_err(|_| DecoderFailed)?;
        catch_unwind(AssertUnwindSafe(|| {
            let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|_| DecoderFailed)?;
            let mask = ProjectionMask::all();
            let reader = builder.with_row_groups(vec![group]).with_projection(mask).with_batch_size(batch_rows).build();
            reader.map(|reader| Self { reader }).map_err(|_| DecoderFailed)
        }))
        .unwrap_or(Err(DecoderFailed))
    }

    /// The next batch, if there is one.
    pub(crate) fn next(&mut self) -> Result<Option<RecordBatch>, DecoderFailed> {
        catch_unwind(AssertUnwindSafe(|| self.reader.next().transpose().map_err(|_| DecoderFailed)))
            .unwrap_or(Err(DecoderFailed))
    }
}
