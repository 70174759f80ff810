//! A small table in memory: text cells with their places, and readers that report what is wrong.

use std::collections::HashMap;

use arrow::array::{Array, AsArray, Int32Array, Int64Array, RecordBatch, StringArray};
use arrow::compute::concat_batches;
use arrow::datatypes::{Int32Type, Int64Type, SchemaRef};
use domain::calendar::Date;
use domain::diagnostic::Place;
use domain::units::{Currency, Money};

use crate::date::date;
use crate::findings::Findings;
use crate::number::{self, NumberFault};
use crate::source::{FILE, LINE};
use crate::tables::Role;
use crate::text::{list, nearest, shown};

/// The rows of a table, in the order of files and lines.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) role: Role,
    files: Vec<String>,
    /// Column names, without `_file` and `_line`.
    pub(crate) names: Vec<String>,
    by_name: HashMap<String, usize>,
    columns: Vec<StringArray>,
    file: Option<Int32Array>,
    line: Option<Int64Array>,
    order: Vec<usize>,
}

impl Frame {
    /// From the batches of a mapped table.
    pub(crate) fn new(role: Role, files: Vec<String>, schema: &SchemaRef, batches: &[RecordBatch]) -> Option<Self> {
        let batch = concat_batches(schema, batches).ok()?;
        let mut frame = Self {
            role,
            files,
            names: Vec::new(),
            by_name: HashMap::new(),
            columns: Vec::new(),
            file: None,
            line: None,
            order: (0..batch.num_rows()).collect(),
        };
        for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
            match field.name().as_str() {
                FILE => frame.file = column.as_primitive_opt::<Int32Type>().cloned(),
                LINE => frame.line = column.as_primitive_opt::<Int64Type>().cloned(),
                name => {
                    frame.by_name.insert(name.to_owned(), frame.columns.len());
                    frame.names.push(name.to_owned());
                    frame.columns.push(column.as_string_opt::<i32>()?.clone());
                }
            }
        }
        let mut order = std::mem::take(&mut frame.order);
        match (&frame.file, &frame.line) {
            (Some(file), Some(line)) => order.sort_by_key(|&row| (file.value(row), line.value(row))),
            // A mapping that joins or groups has no lines: its rows come in any order.
            _ => order.sort_by(|&a, &b| {
                let cells = |row: usize| frame.columns.iter().map(move |column| cell(column, row));
                cells(a).cmp(cells(b))
            }),
        }
        frame.order = order;
        Some(frame)
    }

    /// How many rows it has.
    pub(crate) fn len(&self) -> usize {
        self.order.len()
    }

    /// The position of a column.
    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    /// A cell; empty where it is null or there is no such column.
    pub(crate) fn text(&self, row: usize, column: Option<usize>) -> &str {
        column.map_or("", |column| cell(&self.columns[column], self.order[row]))
    }

    /// Whether two rows have the same cells.
    pub(crate) fn same(&self, a: usize, b: usize) -> bool {
        (0..self.columns.len()).all(|column| self.text(a, Some(column)) == self.text(b, Some(column)))
    }

    /// The file of a row, or of the table where it can't be told.
    pub(crate) fn file(&self, row: usize) -> &str {
        let number = match &self.file {
            Some(file) if row < self.order.len() => usize::try_from(file.value(self.order[row])).unwrap_or(0),
            _ => 0,
        };
        self.files.get(number).map_or(self.role.name(), String::as_str)
    }

    /// Where a cell stands.
    pub(crate) fn place(&self, row: usize, column: &str) -> Place {
        let line = self.line.as_ref().and_then(|line| u64::try_from(line.value(self.order[row])).ok());
        Place { file: self.file(row).to_owned(), line, column: Some(column.to_owned()), mark: None }
    }

    /// The table as a whole.
    pub(crate) fn whole(&self, column: &str) -> Place {
        let file = self.files.first().map_or(self.role.name(), String::as_str);
        let line = self.line.is_some().then_some(1);
        Place { file: file.to_owned(), line, column: Some(column.to_owned()), mark: None }
    }

    /// A reader of one row.
    pub(crate) fn read<'a>(&'a self, row: usize, findings: &'a mut Findings) -> Row<'a> {
        Row { frame: self, findings, row, sound: true }
    }
}

fn cell(column: &StringArray, row: usize) -> &str {
    if column.is_null(row) { "" } else { column.value(row) }
}

/// Checks that the needed columns are there; `names` are those of the mapped table.
pub(crate) fn check_columns(
    role: Role,
    file: &str,
    names: &[String],
    needed: &[&str],
    optional: &[&str],
    findings: &mut Findings,
) -> bool {
    let missing: Vec<&&str> = needed.iter().filter(|name| !names.iter().any(|own| own == *name)).collect();
    let extra: Vec<&String> =
        names.iter().filter(|name| !needed.contains(&name.as_str()) && !optional.contains(&name.as_str())).collect();
    let place = Place { file: file.to_owned(), line: Some(1), column: None, mark: None };
    if missing.is_empty() {
        // A misspelt optional column would be lost in silence.
        for name in optional {
            let near = extra.iter().find(|own| {
                strsim::damerau_levenshtein(&own.trim().to_lowercase(), name) <= usize::from(name.len() > 4)
            });
            if let Some(near) = near
                && !names.iter().any(|own| own == name)
            {
                let mut place = place.clone();
                place.column = Some((*near).clone());
                findings.say(domain::diagnostic::Diagnostic::warning(
                    "W-SCH-002",
                    place,
                    format!("the column {} is not known to `{}`", shown(near), role.name()),
                    format!("did you mean `{name}`?"),
                ));
            }
        }
        return true;
    }
    if missing.len() == needed.len()
        && names.iter().any(|name| name.is_empty() || number::decimal(name).is_ok() || date(name).is_ok())
    {
        let cause = format!(
            "the first line is not the header of `{}`: expected {}, found {}",
            role.name(),
            list(needed),
            list(names)
        );
        findings.refuse("E-SCH-004", place, cause, "write the column names on the first line");
        return false;
    }
    let hints: Vec<String> = missing
        .iter()
        .filter_map(|name| nearest(name, &extra).map(|near| format!("did you mean {} for `{name}`?", shown(near))))
        .collect();
    let cause = format!("`{}` lacks {}: expected {}, found {}", role.name(), list(&missing), list(needed), list(names));
    let action =
        if hints.is_empty() { "rename the columns, or map them with `sql`".to_owned() } else { hints.join(" ") };
    let mut place = place;
    place.column = missing.first().map(|name| (**name).to_owned());
    findings.refuse("E-SCH-001", place, cause, &action);
    false
}

/// Reads cells of one row; a fault is reported at its place and makes the row unsound.
#[derive(Debug)]
pub(crate) struct Row<'a> {
    frame: &'a Frame,
    findings: &'a mut Findings,
    row: usize,
    sound: bool,
}

impl Row<'_> {
    /// Whether nothing was wrong so far.
    pub(crate) fn sound(&self) -> bool {
        self.sound
    }

    /// The cell as it is.
    pub(crate) fn raw(&self, column: &str) -> &str {
        self.frame.text(self.row, self.frame.find(column))
    }

    /// Leaves the row out without a word: what it refers to was refused, and that was said.
    pub(crate) fn leave_out(&mut self) {
        self.sound = false;
    }

    /// Reports a doubt about a cell; the row is kept.
    pub(crate) fn doubt(&mut self, code: &'static str, column: &str, what: &str, action: &str) {
        let cause = format!("{column} {} {what}", shown(self.raw(column)));
        self.findings.screen(code, self.frame.place(self.row, column), cause, action, 0);
    }

    /// Reports something wrong with a cell.
    pub(crate) fn wrong(&mut self, code: &'static str, column: &str, what: &str, action: &str) {
        self.sound = false;
        let cause = if self.frame.role.quotable() && !self.raw(column).is_empty() {
            format!("{column} {} {what}", shown(self.raw(column)))
        } else {
            format!("{column} {what}")
        };
        self.findings.row(code, self.frame.place(self.row, column), cause, action);
    }

    fn number<T>(
        &mut self,
        column: &str,
        code: Option<&'static str>,
        read: impl Fn(&str) -> Result<T, NumberFault>,
    ) -> Option<T> {
        match read(self.raw(column)) {
            Ok(value) => Some(value),
            Err(fault) => {
                let lexical = matches!(
                    fault,
                    NumberFault::Padded | NumberFault::Comma | NumberFault::Blank | NumberFault::Decimals
                );
                let code = code.filter(|_| !lexical).unwrap_or(fault.code());
                self.wrong(code, column, fault.words(), fault.mend());
                None
            }
        }
    }

    /// A text that must be there.
    pub(crate) fn text(&mut self, column: &str) -> Option<String> {
        let text = self.raw(column).to_owned();
        if text.is_empty() {
            self.wrong("E-VAL-009", column, "is blank, but a value is needed", "fill the cell");
            return None;
        }
        Some(text)
    }

    /// A finite number that must be there.
    pub(crate) fn real(&mut self, column: &str, code: Option<&'static str>) -> Option<f64> {
        self.number(column, code, number::real)
    }

    /// A whole number of zero or more that must be there; faults but lexical ones bear `code`.
    pub(crate) fn count(&mut self, column: &str, max: i64, code: Option<&'static str>) -> Option<i64> {
        self.number(column, code, |text| number::count(text, max))
    }

    /// As [`Row::count`], where blank means `default`.
    pub(crate) fn count_or(&mut self, column: &str, max: i64, default: i64, code: Option<&'static str>) -> Option<i64> {
        if self.raw(column).is_empty() { Some(default) } else { self.count(column, max, code) }
    }

    /// An amount of zero or more that must be there.
    pub(crate) fn amount(&mut self, column: &str, currency: Currency) -> Option<Money> {
        let minor = self.number(column, Some("E-VAL-007"), |text| match number::minor(text, currency)? {
            minor if minor < 0 => Err(NumberFault::Negative),
            minor => Ok(minor),
        });
        minor.map(|minor| Money { minor, currency })
    }

    /// A date that must be there.
    pub(crate) fn date(&mut self, column: &str) -> Option<Date> {
        match date(self.raw(column)) {
            Ok(date) => Some(date),
            Err(fault) => {
                self.wrong(fault.code(), column, fault.words(), fault.mend());
                None
            }
        }
    }

    /// A date that may be blank: none, once for blank and once for wrong.
    pub(crate) fn date_or_blank(&mut self, column: &str) -> Option<Date> {
        if self.raw(column).is_empty() { None } else { self.date(column) }
    }
}
