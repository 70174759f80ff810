//! Surveys all files of a table before any of it is read.

use std::path::{Path, PathBuf};

use domain::diagnostic::Place;

use crate::csv;
use crate::findings::{Findings, at};
use crate::load::InputFile;
use crate::locate::{Located, locate};
use crate::pq;
use crate::source::Surveyed;
use crate::tables::{Format, Role, Source};
use crate::text::list;

/// A table's files, ready to be read.
#[derive(Debug)]
pub(crate) struct Table<'a> {
    pub(crate) role: Role,
    pub(crate) source: &'a Source,
    pub(crate) files: Vec<(PathBuf, Surveyed)>,
    /// As the scenario names them.
    pub(crate) names: Vec<String>,
    pub(crate) inputs: Vec<InputFile>,
    pub(crate) delimiter: u8,
}

/// Surveys a table; none where a finding makes it unreadable.
pub(crate) fn survey<'a>(role: Role, source: &'a Source, base: &Path, findings: &mut Findings) -> Option<Table<'a>> {
    let mapped = source.mapped();
    let delimiter = mapped.and_then(|mapped| mapped.delimiter).unwrap_or(',');
    let delimiter = match u8::try_from(delimiter) {
        Ok(byte) if byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r' | 0) => byte,
        _ => {
            let cause = "the delimiter is not one ASCII character";
            findings.refuse("E-CSV-005", at(role.name()), cause, "state `delimiter` as `,`, `;`, `|` or a tab");
            return None;
        }
    };
    let located = locate(role, source, base, findings);
    let whole = !located.is_empty() && located.len() >= source.paths().len();
    let expected = mapped.and_then(|mapped| mapped.sha256.as_ref()).map_or(&[][..], |sums| sums.all());
    if !expected.is_empty() && whole && expected.len() != located.len() {
        let cause = format!("{} SHA-256 sums are stated for {} files", expected.len(), located.len());
        findings.refuse("E-PQ-002", at(role.name()), cause, "state one per file, in the order of the paths");
    }
    let mut table = Table { role, source, files: Vec::new(), names: Vec::new(), inputs: Vec::new(), delimiter };
    let mut sound = whole;
    for (number, file) in located.iter().enumerate() {
        match survey_file(role, file, delimiter, findings) {
            Some((surveyed, input)) => {
                if let Some(expected) = expected.get(number)
                    && !expected.eq_ignore_ascii_case(&input.sha256)
                {
                    let cause = format!("checksum mismatch: expected {expected}, actual {}", input.sha256);
                    findings.refuse("E-PQ-002", at(&file.named), cause, "fetch the file again, or state its new sum");
                    sound = false;
                }
                table.files.push((file.path.clone(), surveyed));
                table.names.push(file.named.clone());
                table.inputs.push(input);
            }
            None => sound = false,
        }
    }
    sound &= same_columns(&table, findings);
    let rows: u64 = table.inputs.iter().map(|input| input.rows).sum();
    // A chain may have no corner yet; every other table without rows is an export that failed.
    if sound && rows == 0 && role != Role::Corners {
        let what = if role == Role::Sales { "some weeks" } else { "at least 1" };
        let cause = format!("the table has 0 rows, expected {what}");
        findings.refuse("E-IN-003", at(&table.names[0]), cause, "export it again");
        sound = false;
    }
    sound.then_some(table)
}

fn survey_file(role: Role, file: &Located, delimiter: u8, findings: &mut Findings) -> Option<(Surveyed, InputFile)> {
    let (surveyed, rows, bytes, hash) = match file.format {
        Format::Csv => {
            let found = csv::survey(file, delimiter, findings)?;
            let (rows, bytes, hash) = (found.rows, found.bytes, found.hash);
            (Surveyed::Csv(found), rows, bytes, hash)
        }
        Format::Parquet => {
            let found = pq::survey(file, findings)?;
            let (rows, bytes, hash) = (found.rows, found.bytes, found.hash);
            (Surveyed::Parquet(found), rows, bytes, hash)
        }
    };
    let input = InputFile {
        role: role.name().to_owned(),
        path: file.named.clone(),
        located: file.path.clone(),
        sha256: hash.hex(),
        bytes,
        rows,
    };
    Some((surveyed, input))
}

/// Files of one table have the same columns, in any order, and the same format and types.
fn same_columns(table: &Table<'_>, findings: &mut Findings) -> bool {
    let Some((first, rest)) = table.files.split_first() else { return false };
    let columns = |surveyed: &Surveyed| {
        let mut columns = match surveyed {
            Surveyed::Csv(_) => surveyed.columns(),
            Surveyed::Parquet(file) => {
                file.schema.fields().iter().map(|field| format!("{}: {}", field.name(), field.data_type())).collect()
            }
        };
        columns.sort_unstable();
        columns
    };
    let expected = columns(&first.1);
    let mut same = true;
    for (number, (_, surveyed)) in rest.iter().enumerate() {
        let actual = columns(surveyed);
        if actual != expected {
            let place = Place { file: table.names[number + 1].clone(), line: Some(1), column: None, mark: None };
            let cause = format!(
                "the files of `{}` differ in columns: expected {}, found {}",
                table.role.name(),
                list(&expected),
                list(&actual)
            );
            findings.refuse("E-SCH-001", place, cause, "give all files of a table the same columns");
            same = false;
        }
    }
    same
}
