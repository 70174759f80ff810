//! A table of series, `unique_id, ds, y`, in any order: read strictly, and never held.
//!
//! | column | meaning |
//! |---|---|
//! | unique_id | which series; text or a whole number |
//! | ds | when: a whole number that counts periods, a date, or a date with a time; one kind in the whole table |
//! | y | how much, 0 or more; blank: nobody knows, a gap |
//! | declared columns | numbers (or true and false) that may explain y; blank: unknown |
//!
//! One pass over the rows finds every row that is none, and what a period is: the largest of hour, day, week, fortnight,
//! four weeks, month, quarter and year that is not above the least mean distance of the rows of a series, of those with
//! three rows or more where there are any. (Gaps only lengthen it.) Where `ds` is a number, a period is 1. Moments
//! with a time zone are refused: which day they fall on would be a guess.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use datafusion::catalog::streaming::StreamingTable;
use datafusion::error::DataFusionError;
use datafusion::prelude::SessionContext;
use domain::diagnostic::{Diagnostic, Place, Severity};
use domain::steps::{DAY_SECONDS, Step};

use crate::findings::{Findings, at, plainly};
use crate::frame::check_columns;
use crate::load::InputFile;
use crate::source::{self, FILE, LINE};
use crate::survey::{Table, survey};
use crate::tables::{Role, Source};
use crate::text::list;
use crate::{privacy, session};

pub(crate) const NEEDED: [&str; 3] = ["unique_id", "ds", "y"];

/// A table of series, checked and ready to be read again.
#[derive(Debug)]
pub struct SeriesTable {
    /// The raw rows; registered as [`SeriesTable::NAME`], [`SeriesTable::rows`] reads them.
    pub table: Arc<StreamingTable>,
    /// What a period is.
    pub step: Step,
    /// How many series there are.
    pub series: u64,
    /// How many rows.
    pub rows: u64,
    /// The files.
    pub inputs: Vec<InputFile>,
    /// Warnings and remarks.
    pub findings: Vec<Diagnostic>,
    ahead: bool,
    columns: Vec<String>,
    moment: Moment,
    first: i64,
}

/// What is read, and how.
#[derive(Debug, Clone, Default)]
pub struct Wanted<'a> {
    /// Columns that are declared to explain y.
    pub columns: &'a [String],
    /// What a period is, where it is not to be told from the rows.
    pub step: Option<Step>,
    /// Whether the rows lie ahead: they need no y.
    pub ahead: bool,
}

/// How `ds` becomes a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moment {
    /// It is one.
    Number,
    /// Seconds since 1970.
    Time,
}

impl Moment {
    /// As SQL: BIGINT, null where `ds` is something else.
    fn sql(self) -> &'static str {
        match self {
            Self::Number => "TRY_CAST(ds AS BIGINT)",
            Self::Time => "CAST(TRY_CAST(ds AS TIMESTAMP) AS BIGINT) / 1000000000",
        }
    }
}

const ID: &str = "NULLIF(CAST(unique_id AS VARCHAR), '')";

/// A column's name as SQL.
fn quoted(column: &str) -> String {
    format!("\"{}\"", column.replace('"', "\"\""))
}

/// A number as SQL: DOUBLE, null where the cell is blank or something else.
fn value(column: &str) -> String {
    let text = format!("NULLIF(CAST({} AS VARCHAR), '')", quoted(column));
    format!("CASE lower({text}) WHEN 'true' THEN 1.0 WHEN 'false' THEN 0.0 ELSE TRY_CAST({text} AS DOUBLE) END")
}

/// Whether a cell holds something, as SQL.
fn known(column: &str) -> String {
    format!("NULLIF(CAST({} AS VARCHAR), '') IS NOT NULL", quoted(column))
}

impl SeriesTable {
    /// The table's name in SQL.
    pub const NAME: &str = "series";

    /// Its rows as SQL: `id` (text), `moment` and `t` (BIGINT), `y` (DOUBLE, 0 where unknown) and `state` (0 known, 1 unknown).
    #[must_use]
    pub fn rows(&self) -> String {
        format!(
            "SELECT id, moment, {} AS t, coalesce(y, 0.0) AS y, \
             arrow_cast(CASE WHEN y IS NULL THEN 1 ELSE 0 END, 'UInt8') AS state \
             FROM (SELECT {ID} AS id, ds, {} AS moment, {} AS y FROM {})",
            self.t(self.first),
            self.moment.sql(),
            value("y"),
            Self::NAME
        )
    }

    /// Its rows as SQL, for a panel: `id`, `moment`, `t`, and the numbers y (null where unknown, or where the rows lie
    /// ahead) and the declared columns; by id, then t. Periods count from where those of `of` do.
    #[must_use]
    pub fn panel_rows(&self, of: &Self) -> String {
        let numbers: Vec<String> =
            self.columns.iter().enumerate().map(|(at, name)| format!("{} AS c{at}", value(name))).collect();
        let numbers = numbers.iter().map(|number| format!(", {number}")).collect::<String>();
        let y = if self.ahead { "CAST(NULL AS DOUBLE)".to_owned() } else { value("y") };
        let names: String = (0..self.columns.len()).map(|at| format!(", c{at}")).collect();
        format!(
            "SELECT id, moment, {} AS t, y{names} FROM \
             (SELECT {ID} AS id, ds, {} AS moment, {y} AS y{numbers} FROM {}) ORDER BY id, t",
            self.t(of.first),
            self.moment.sql(),
            Self::NAME
        )
    }

    /// The declared columns.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Seconds or numbers as whole periods since `first`.
    fn t(&self, first: i64) -> String {
        match self.step {
            Step::Number(by) => format!("(moment - {first}) / {by}"),
            Step::Hours(hours) => format!("(moment - {first}) / {}", i64::from(hours) * 3600),
            Step::Days(days) => format!("(moment - {first}) / {}", i64::from(days) * DAY_SECONDS),
            Step::Months(months) => format!(
                "(CAST(date_part('year', CAST(ds AS TIMESTAMP)) AS BIGINT) * 12 + \
                 CAST(date_part('month', CAST(ds AS TIMESTAMP)) AS BIGINT)) / {months}"
            ),
        }
    }
}

/// Reads and checks the table in `paths`: files, globs, and folders for all their CSV and Parquet files; relative to
/// `base`.
///
/// # Errors
/// All findings, errors first, when any of them is an error.
pub fn series(paths: &[String], base: &Path, wanted: &Wanted<'_>) -> Result<SeriesTable, Vec<Diagnostic>> {
    let mut findings = Findings::default();
    let source = Source::Paths(paths.iter().flat_map(|path| unfold(path, base)).collect());
    // On a thread of its own, so that a caller that runs an executor itself is not in the way.
    let read = std::thread::scope(|scope| scope.spawn(|| read(&source, base, wanted, &mut findings)).join());
    let read = read.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    let mut findings = findings.finish(0, &[]);
    findings.iter_mut().for_each(plainly);
    match read {
        Some(mut table) if findings.iter().all(|finding| finding.severity != Severity::Error) => {
            table.findings = findings;
            Ok(table)
        }
        _ => Err(findings),
    }
}

/// A folder as the globs of what is read in it; anything else as it is.
fn unfold(path: &str, base: &Path) -> Vec<String> {
    if !base.join(path).is_dir() {
        return vec![path.to_owned()];
    }
    let holds = |ending: &str| {
        let entries = std::fs::read_dir(base.join(path));
        entries.into_iter().flatten().flatten().any(|entry| entry.path().extension().is_some_and(|own| own == ending))
    };
    let globs: Vec<String> = ["csv", "parquet"]
        .into_iter()
        .filter(|ending| holds(ending))
        .map(|ending| format!("{}/*.{ending}", path.trim_end_matches('/')))
        .collect();
    // An empty folder is named as it is, so that the finding names it.
    if globs.is_empty() { vec![format!("{}/*.csv", path.trim_end_matches('/'))] } else { globs }
}

fn read(source: &Source, base: &Path, wanted: &Wanted<'_>, findings: &mut Findings) -> Option<SeriesTable> {
    let table = survey(Role::Series, source, base, findings)?;
    let (file, names) = (table.names[0].clone(), table.files[0].1.columns());
    let clean = privacy::check(Role::Series, &file, &names, findings);
    let own = if wanted.ahead { &NEEDED[..2] } else { &NEEDED[..] };
    let needed: Vec<&str> = own.iter().copied().chain(wanted.columns.iter().map(String::as_str)).collect();
    if !check_columns(Role::Series, &file, &names, &needed, &[], findings) || !clean {
        return None;
    }
    let ignored: Vec<String> = names.iter().filter(|name| !needed.contains(&name.as_str())).cloned().collect();
    if !ignored.is_empty() {
        let cause = format!("columns are not used: {}", list(&ignored));
        findings.say(Diagnostic::info("I-SCH-005", at(&file), cause, ""));
    }
    let threads = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).build().ok()?;
    match runtime.block_on(checked(&table, threads, wanted, findings)) {
        Ok(found) => found,
        Err(error) => {
            session::run_fault(Role::Series, &table.names, &error, findings);
            None
        }
    }
}

/// What one pass over the rows says.
struct Facts {
    rows: i64,
    series: i64,
    /// Rows that fail each check.
    faults: Vec<i64>,
    first: i64,
    last: i64,
    /// The longest way from a series' first row to its last.
    span: i64,
    /// The least mean distance of a series' rows; none where no series has two.
    apart: Option<f64>,
}

/// Periods at the most between a series' first row and its last.
const SPAN_MAX: i64 = 100_000;

async fn checked(
    table: &Table<'_>,
    threads: usize,
    wanted: &Wanted<'_>,
    findings: &mut Findings,
) -> Result<Option<SeriesTable>, DataFusionError> {
    let context = session::open(threads)?;
    let streaming = Arc::new(source::table(&table.files, table.delimiter, threads)?);
    context.register_table(SeriesTable::NAME, Arc::clone(&streaming) as _)?;
    let Some(moment) = moment(&context, table, findings).await? else { return Ok(None) };
    let checks = checks(moment, wanted);
    let facts = facts(&context, moment, &checks).await?;
    if facts.faults.iter().any(|&count| count > 0) {
        report(&context, &checks, &facts, &table.names, findings).await?;
        return Ok(None);
    }
    let own = |step: &Step| (moment == Moment::Number) == matches!(step, Step::Number(_));
    let step = match wanted.step {
        Some(step) if own(&step) => step,
        Some(step) => {
            let place = Place { file: table.names[0].clone(), line: None, column: Some("ds".into()) };
            let holds = if moment == Moment::Number { "numbers" } else { "dates" };
            let cause = format!("the column holds {holds}, and a period is said to be {}", step.name());
            findings.refuse("E-DATE-006", place, cause, "say another `--freq`, or leave it out");
            return Ok(None);
        }
        None => told(moment, facts.apart),
    };
    let refuse = |cause: String, action: &str, findings: &mut Findings| {
        let place = Place { file: table.names[0].clone(), line: None, column: Some("ds".into()) };
        findings.refuse("E-DATE-004", place, cause, action);
    };
    if moment == Moment::Number && written_as_dates(facts.first, facts.last) {
        let cause =
            format!("the numbers {} to {} look like dates, and would be counted as periods", facts.first, facts.last);
        refuse(cause, "write dates as YYYY-MM-DD, or number the periods", findings);
        return Ok(None);
    }
    let period = match step {
        Step::Number(by) => by,
        Step::Hours(hours) => i64::from(hours) * 3600,
        Step::Days(days) => i64::from(days) * DAY_SECONDS,
        Step::Months(months) => i64::from(months) * 28 * DAY_SECONDS,
    };
    if facts.span / period.max(1) >= SPAN_MAX {
        let cause =
            format!("a series spans {} times {}, more than {SPAN_MAX}", facts.span / period.max(1), step.name());
        refuse(cause, "number the periods without such gaps, or say a longer `--freq`", findings);
        return Ok(None);
    }
    Ok(Some(SeriesTable {
        table: streaming,
        step,
        series: facts.series.unsigned_abs(),
        rows: facts.rows.unsigned_abs(),
        inputs: table.inputs.clone(),
        findings: Vec::new(),
        ahead: wanted.ahead,
        columns: wanted.columns.to_vec(),
        moment,
        first: facts.first,
    }))
}

/// The largest period that is not above the least mean distance.
fn told(moment: Moment, apart: Option<f64>) -> Step {
    if moment == Moment::Number {
        return Step::Number(1);
    }
    // Two months in a row have 59 days or more, a quarter 89, a retail year 364.
    match apart.map_or(7.0, |seconds| seconds / DAY_SECONDS as f64) {
        days if days >= 364.0 => Step::Months(12),
        days if days >= 89.0 => Step::Months(3),
        days if days >= 29.0 => Step::Months(1),
        days if days >= 28.0 => Step::Days(28),
        days if days >= 14.0 => Step::Days(14),
        days if days >= 7.0 => Step::Days(7),
        days if days >= 1.0 => Step::Days(1),
        _ => Step::Hours(1),
    }
}

/// Whether numbers from `first` to `last` are days or months of about our time, written together.
fn written_as_dates(first: i64, last: i64) -> bool {
    let within = |low: i64, high: i64| low <= first && last <= high;
    within(19_000_101, 21_001_231) || within(190_001, 210_012)
}

/// Whether `ds` holds numbers or times: by its type, or by its first cell where it is text.
async fn moment(
    context: &SessionContext,
    table: &Table<'_>,
    findings: &mut Findings,
) -> Result<Option<Moment>, DataFusionError> {
    let frame = context.sql(&format!("SELECT ds FROM {} LIMIT 0", SeriesTable::NAME)).await?;
    let kind = frame.schema().field(0).data_type().clone();
    Ok(match kind {
        DataType::Date32 | DataType::Date64 | DataType::Timestamp(_, None) => Some(Moment::Time),
        kind if kind.is_integer() => Some(Moment::Number),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
            let sql = format!(
                "SELECT TRY_CAST(ds AS BIGINT) AS number FROM {} WHERE NULLIF(ds, '') IS NOT NULL ORDER BY \"{FILE}\", \"{LINE}\" LIMIT 1",
                SeriesTable::NAME
            );
            let batches = context.sql(&sql).await?.collect().await?;
            Some(if number(&batches, 0).is_some() { Moment::Number } else { Moment::Time })
        }
        kind => {
            let place = Place { file: table.names[0].clone(), line: None, column: Some("ds".into()) };
            let cause =
                format!("the column is of type {kind}, neither a date (without a time zone) nor a whole number");
            findings.refuse("E-DATE-004", place, cause, "write it as YYYY-MM-DD, or as a whole number");
            None
        }
    })
}

/// What no row may be.
struct Check {
    /// SQL that is true of a row that is.
    condition: String,
    code: &'static str,
    column: String,
    cause: &'static str,
    action: &'static str,
}

fn checks(moment: Moment, wanted: &Wanted<'_>) -> Vec<Check> {
    let check = |condition: String, code, column: &str, cause, action| Check {
        condition,
        code,
        column: column.to_owned(),
        cause,
        action,
    };
    let blank = "leave the cell blank for a gap";
    let mut checks = vec![
        check(
            format!("{ID} IS NULL"),
            "E-VAL-009",
            "unique_id",
            "the cell is blank",
            "name the series, or take the row out",
        ),
        check(
            match moment {
                Moment::Number => format!("{} IS NULL", moment.sql()),
                Moment::Time => format!(
                    "{} IS NULL OR regexp_like(CAST(ds AS VARCHAR), '[T ].*(Z|[+-][0-9]{{2}}:?[0-9]{{2}})$')",
                    moment.sql()
                ),
            },
            "E-DATE-004",
            "ds",
            "the cell is no moment of the column's kind, or has a time zone",
            "write dates as YYYY-MM-DD, or whole numbers everywhere",
        ),
    ];
    let y = (!wanted.ahead).then_some("y");
    for column in y.into_iter().chain(wanted.columns.iter().map(String::as_str)) {
        let (value, known) = (value(column), known(column));
        let action = "write a number with a point, or leave the cell blank";
        checks.push(check(
            format!("{known} AND {value} IS NULL"),
            "E-VAL-001",
            column,
            "the cell is no number",
            action,
        ));
        let infinite = format!("isnan({value}) OR abs({value}) > 1e100");
        checks.push(check(infinite, "E-VAL-001", column, "the number is not finite, or above 1e100", blank));
    }
    if !wanted.ahead {
        let action = "forecasts are of amounts: net returns out, or leave the cell blank";
        checks.push(check(format!("{} + 0.0 < 0", value("y")), "E-VAL-003", "y", "the number is negative", action));
    }
    checks
}

async fn facts(context: &SessionContext, moment: Moment, checks: &[Check]) -> Result<Facts, DataFusionError> {
    let each: Vec<String> = (0..checks.len()).map(|at| format!("sum(f{at}) AS f{at}")).collect();
    let count = |(at, check): (usize, &Check)| format!("count(*) FILTER (WHERE {}) AS f{at}", check.condition);
    let counted: Vec<String> = checks.iter().enumerate().map(count).collect();
    let sql = format!(
        "SELECT sum(n) AS n, count(*) AS series, min(low) AS low, max(high) AS high, max(high - low) AS span, \
         coalesce(min(CASE WHEN n > 2 THEN {mean} END), min(CASE WHEN n > 1 THEN {mean} END)) AS apart, {} FROM \
         (SELECT {ID} AS id, count(*) AS n, min({moment}) AS low, max({moment}) AS high, {} FROM {} GROUP BY 1)",
        each.join(", "),
        counted.join(", "),
        SeriesTable::NAME,
        moment = moment.sql(),
        mean = "CAST(high - low AS DOUBLE) / CAST(n - 1 AS DOUBLE)",
    );
    let batches = context.sql(&sql).await?.collect().await?;
    let whole = |column| number(&batches, column).unwrap_or(0);
    let apart = batches.first().and_then(|batch| {
        let column = batch.column(5).as_primitive_opt::<Float64Type>()?;
        (!column.is_empty() && column.is_valid(0)).then(|| column.value(0))
    });
    let faults = (0..checks.len()).map(|at| whole(6 + at)).collect();
    Ok(Facts { rows: whole(0), series: whole(1), faults, first: whole(2), last: whole(3), span: whole(4), apart })
}

/// The first row that fails each check, with how many more there are.
async fn report(
    context: &SessionContext,
    checks: &[Check],
    facts: &Facts,
    files: &[String],
    findings: &mut Findings,
) -> Result<(), DataFusionError> {
    for (check, &count) in checks.iter().zip(&facts.faults).filter(|(_, count)| **count > 0) {
        let sql = format!(
            "SELECT CAST(\"{FILE}\" AS BIGINT), \"{LINE}\" FROM {} WHERE {} ORDER BY 1, 2 LIMIT 1",
            SeriesTable::NAME,
            check.condition
        );
        let batches = context.sql(&sql).await?.collect().await?;
        let file = number(&batches, 0).and_then(|file| usize::try_from(file).ok()).and_then(|file| files.get(file));
        let place = Place {
            file: file.map_or("series", String::as_str).to_owned(),
            line: number(&batches, 1).map(i64::unsigned_abs),
            column: Some(check.column.clone()),
        };
        let finding =
            Diagnostic::error(domain::diagnostic::Refusal::Data, check.code, place, check.cause, check.action);
        findings.rows(finding, count.unsigned_abs() - 1);
    }
    Ok(())
}

/// The first value of a column, as a whole number.
fn number(batches: &[RecordBatch], column: usize) -> Option<i64> {
    let batch = batches.iter().find(|batch| batch.num_rows() > 0)?;
    let whole: ArrayRef = cast(batch.column(column), &DataType::Int64).ok()?;
    let whole = whole.as_primitive_opt::<Int64Type>()?;
    whole.is_valid(0).then(|| whole.value(0))
}
