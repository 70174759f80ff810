//! The workbook: one sheet per table, typed cells, ids as text.
//!
//! Every text is written as a text, so that one beginning with `=` is no formula. The creation date
//! is the study's `as_of` and the zip's times are fixed, so that the same study has the same bytes.

mod sheets;

use domain::study::Study;
use domain::units::Money;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use crate::{ReportError, sentences};

/// UTF-16 units that a cell holds at most.
const CELL_MAX: usize = 32_767;

/// A typed cell.
enum Cell {
    /// A text or an id, never a formula.
    Text(String),
    /// A whole count.
    Whole(f64),
    /// A number with decimals.
    Number(f64),
    /// A share, shown as percent.
    Share(f64),
    /// Major units of the study's currency.
    Amount(f64),
    /// Degrees.
    Place(f64),
    Empty,
}

impl Cell {
    fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
    fn money(money: &Money) -> Self {
        Self::Amount(money.major())
    }
    fn maybe(value: Option<f64>, of: fn(f64) -> Self) -> Self {
        value.map_or(Self::Empty, of)
    }
}

/// A table of the workbook: its columns with their widths in characters, and its rows.
struct Sheet {
    name: &'static str,
    columns: Vec<(String, f64)>,
    rows: Vec<Vec<Cell>>,
}

impl Sheet {
    fn new(name: &'static str, columns: &[(&str, f64)]) -> Self {
        Self { name, columns: columns.iter().map(|(title, width)| ((*title).into(), *width)).collect(), rows: vec![] }
    }
}

/// The formats that cells share.
struct Formats {
    head: Format,
    text: Format,
    whole: Format,
    number: Format,
    share: Format,
    amount: Format,
    place: Format,
}

impl Formats {
    fn new(decimals: u32) -> Self {
        let amount = match decimals {
            0 => "#,##0".to_owned(),
            decimals => format!("#,##0.{}", "0".repeat(decimals as usize)),
        };
        Self {
            head: Format::new().set_bold().set_text_wrap().set_background_color("F3F6F9"),
            text: Format::new().set_num_format("@"),
            whole: Format::new().set_num_format("#,##0"),
            number: Format::new().set_num_format("#,##0.00"),
            share: Format::new().set_num_format("0.0%"),
            amount: Format::new().set_num_format(amount),
            place: Format::new().set_num_format("0.0000"),
        }
    }
}

/// The workbook's bytes.
///
/// # Errors
/// A text too long for a cell, or what the writer refuses.
pub(crate) fn write(study: &Study) -> Result<Vec<u8>, ReportError> {
    let mut workbook = Workbook::new();
    workbook.set_properties(
        &DocProperties::new()
            .set_title(sentences::title(study))
            .set_creation_datetime(&ExcelDateTime::parse_from_str(&study.provenance.as_of)?),
    );
    let formats = Formats::new(study.currency.decimals());
    for sheet in &sheets::all(study) {
        fill(workbook.add_worksheet(), sheet, &formats)?;
    }
    Ok(workbook.save_to_buffer()?)
}

fn fill(to: &mut Worksheet, sheet: &Sheet, formats: &Formats) -> Result<(), ReportError> {
    to.set_name(sheet.name)?;
    to.set_freeze_panes(1, 0)?;
    to.set_landscape();
    to.set_print_fit_to_pages(1, 0);
    to.set_repeat_rows(0, 0)?;
    for (column, (title, width)) in (0_u16..).zip(&sheet.columns) {
        to.set_column_width(column, *width)?;
        to.write_string_with_format(0, column, title, &formats.head)?;
    }
    for (row, cells) in (1_u32..).zip(&sheet.rows) {
        for (column, cell) in (0_u16..).zip(cells) {
            put(to, row, column, cell, formats).map_err(|error| match (cell, error) {
                (Cell::Text(text), XlsxError::MaxStringLengthExceeded) => ReportError::TooLong {
                    field: format!("{}, row {row}, {}", sheet.name, sheet.columns[usize::from(column)].0),
                    length: text.encode_utf16().count(),
                },
                (_, error) => error.into(),
            })?;
        }
    }
    Ok(())
}

fn put(to: &mut Worksheet, row: u32, column: u16, cell: &Cell, formats: &Formats) -> Result<(), XlsxError> {
    match cell {
        Cell::Text(text) if text.encode_utf16().count() > CELL_MAX => {
            return Err(XlsxError::MaxStringLengthExceeded);
        }
        Cell::Text(text) => to.write_string_with_format(row, column, text, &formats.text)?,
        Cell::Whole(value) => to.write_number_with_format(row, column, *value, &formats.whole)?,
        Cell::Number(value) => to.write_number_with_format(row, column, *value, &formats.number)?,
        Cell::Share(value) => to.write_number_with_format(row, column, *value, &formats.share)?,
        Cell::Amount(value) => to.write_number_with_format(row, column, *value, &formats.amount)?,
        Cell::Place(value) => to.write_number_with_format(row, column, *value, &formats.place)?,
        Cell::Empty => to,
    };
    Ok(())
}
