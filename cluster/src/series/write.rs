//! The answer's rows: `unique_id, ds, mean, lo-80, hi-80, …, method`, as CSV or Parquet.
//!
//! A file is staged beside its place and renamed when it is whole. The same answer has the same bytes.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Builder, RecordBatch, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use domain::forecast::LEVELS;
use domain::steps::Step;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use super::Answer;
use crate::ClusterError;

/// Rows of a batch at the least.
const BATCH_ROWS: usize = 65_536;

/// How the answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Text, with a header.
    Csv,
    /// Parquet, Zstandard.
    Parquet,
}

impl Format {
    /// By the ending of a file's name; none for any other.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()? {
            "csv" => Some(Self::Csv),
            "parquet" => Some(Self::Parquet),
            _ => None,
        }
    }
}

enum Sink {
    Csv(csv::Writer<Box<dyn Write + Send>>),
    Parquet(Box<ArrowWriter<File>>),
}

/// Rows on their way out.
pub(super) struct Out {
    levels: Vec<(u8, usize, usize)>,
    schema: SchemaRef,
    rows: Columns,
    sink: Sink,
    headed: bool,
    /// The staged file and its place.
    staged: Option<(PathBuf, PathBuf)>,
}

#[derive(Default)]
struct Columns {
    count: usize,
    ids: StringBuilder,
    moments: StringBuilder,
    /// Mean, then low and high of each level.
    numbers: Vec<Float64Builder>,
    methods: StringBuilder,
}

impl Out {
    /// Opens the file's staged twin, or standard output.
    pub(super) fn new(path: Option<&Path>, levels: &[(u8, usize, usize)]) -> Result<Self, ClusterError> {
        let mut names = vec!["unique_id".to_owned(), "ds".to_owned(), "mean".to_owned()];
        names.extend(levels.iter().flat_map(|(level, ..)| [format!("lo-{level}"), format!("hi-{level}")]));
        names.push("method".to_owned());
        let text = |name: &str| ["unique_id", "ds", "method"].contains(&name);
        let kind = |name: &str| if text(name) { DataType::Utf8 } else { DataType::Float64 };
        let fields: Vec<Field> = names.iter().map(|name| Field::new(name, kind(name), false)).collect();
        let schema: SchemaRef = Arc::new(Schema::new(fields));
        let staged = path.map(|path| {
            let mut name = path.file_name().unwrap_or_default().to_owned();
            name.push(format!(".staged-{}", std::process::id()));
            (path.with_file_name(name), path.to_path_buf())
        });
        let sink = match (&staged, path.and_then(Format::of)) {
            (Some((staged, _)), Some(Format::Parquet)) => {
                let properties = WriterProperties::builder()
                    .set_compression(Compression::ZSTD(ZstdLevel::try_new(3).map_err(ClusterError::parquet)?))
                    .set_created_by("cornerstone".into())
                    .build();
                let file = File::create(staged)?;
                let writer = ArrowWriter::try_new(file, Arc::clone(&schema), Some(properties));
                Sink::Parquet(Box::new(writer.map_err(ClusterError::parquet)?))
            }
            (staged, _) => {
                let plain: Box<dyn Write + Send> = match staged {
                    Some((staged, _)) => Box::new(BufWriter::new(File::create(staged)?)),
                    None => Box::new(BufWriter::new(io::stdout())),
                };
                Sink::Csv(csv::Writer::from_writer(plain))
            }
        };
        let numbers = (0..1 + 2 * levels.len()).map(|_| Float64Builder::new()).collect();
        let rows = Columns { numbers, ..Columns::default() };
        Ok(Self { levels: levels.to_vec(), schema, rows, sink, headed: false, staged })
    }

    /// Writes the header of a text before its first row: what fails before has said nothing.
    fn head(&mut self) -> Result<(), ClusterError> {
        if let (false, Sink::Csv(writer)) = (std::mem::replace(&mut self.headed, true), &mut self.sink) {
            writer.write_record(self.schema.fields().iter().map(|field| field.name())).map_err(ClusterError::csv)?;
        }
        Ok(())
    }

    /// Writes what is left, and gives the file its name.
    pub(super) fn finish(mut self) -> Result<(), ClusterError> {
        self.head()?;
        self.flush()?;
        match &mut self.sink {
            Sink::Csv(writer) => writer.flush()?,
            Sink::Parquet(writer) => drop(writer.finish().map_err(ClusterError::parquet)?),
        }
        if let Some((staged, path)) = &self.staged {
            File::open(staged)?.sync_all()?;
            // A link, unlike a rename, overwrites nothing that has come since; the staged name goes with the drop.
            match fs::hard_link(staged, path) {
                // Not every file system has links.
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists && !path.exists() => {
                    fs::rename(staged, path)?
                }
                linked => linked?,
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), ClusterError> {
        let rows = &mut self.rows;
        if std::mem::take(&mut rows.count) == 0 {
            return Ok(());
        }
        let mut columns: Vec<ArrayRef> = vec![Arc::new(rows.ids.finish()), Arc::new(rows.moments.finish())];
        columns.extend(rows.numbers.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef));
        columns.push(Arc::new(rows.methods.finish()));
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns)
            .map_err(|_| ClusterError::Shape { what: "the answer's columns differ in length" })?;
        match &mut self.sink {
            Sink::Parquet(writer) => writer.write(&batch).map_err(ClusterError::parquet)?,
            Sink::Csv(_) => {}
        }
        Ok(())
    }
}

impl Drop for Out {
    fn drop(&mut self) {
        if let Some((staged, _)) = &self.staged {
            // Published, it has its name; what is not whole is nobody's. That it may be gone already is no second problem.
            fs::remove_file(staged).ok();
        }
    }
}

/// Writes the rows of one series; gives how many.
pub(super) fn series(out: &mut Out, answer: &Answer<'_>, step: Step) -> Result<u64, ClusterError> {
    if !answer.mean.iter().chain(answer.quantiles).all(|number| number.is_finite()) {
        return Err(ClusterError::Shape { what: "a forecast is no finite number" });
    }
    out.head()?;
    let beyond = || ClusterError::Calendar { id: answer.id.to_owned() };
    for (h, &mean) in answer.mean.iter().enumerate() {
        let ahead = u32::try_from(h + 1).map_err(|_| beyond())?;
        let moment = step.after(answer.last, ahead).ok_or_else(beyond)?;
        let quantiles = &answer.quantiles[h * LEVELS.len()..(h + 1) * LEVELS.len()];
        let bounds = out.levels.iter().flat_map(|&(_, low, high)| [quantiles[low], quantiles[high]]);
        match &mut out.sink {
            Sink::Csv(writer) => {
                writer.write_field(answer.id).map_err(ClusterError::csv)?;
                writer.write_field(&moment).map_err(ClusterError::csv)?;
                for number in std::iter::once(mean).chain(bounds) {
                    writer.write_field(number.to_string()).map_err(ClusterError::csv)?;
                }
                writer.write_field(answer.method).map_err(ClusterError::csv)?;
                writer.write_record(None::<&[u8]>).map_err(ClusterError::csv)?;
            }
            Sink::Parquet(_) => {
                let rows = &mut out.rows;
                rows.ids.append_value(answer.id);
                rows.moments.append_value(&moment);
                for (column, number) in rows.numbers.iter_mut().zip(std::iter::once(mean).chain(bounds)) {
                    column.append_value(number);
                }
                rows.methods.append_value(answer.method);
                rows.count += 1;
            }
        }
    }
    if out.rows.count >= BATCH_ROWS {
        out.flush()?;
    }
    Ok(answer.mean.len() as u64)
}
