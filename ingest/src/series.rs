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

mod checks;
mod moment;

use std::path::Path;
use std::sync::Arc;

use datafusion::catalog::streaming::StreamingTable;
use datafusion::error::DataFusionError;
use domain::diagnostic::{Diagnostic, Place, Severity};
use domain::steps::{DAY_SECONDS, Step};

use crate::findings::{Findings, at, plainly};
use crate::frame::check_columns;
use crate::load::InputFile;
use crate::source;
use crate::survey::{Table, survey};
use crate::tables::{Role, Source};
use crate::text::list;
use crate::{privacy, session};

use self::checks::{ID, checks, facts, report, value};
use self::moment::{Moment, moment, told, written_as_dates};

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
            let place = Place { file: table.names[0].clone(), line: None, column: Some("ds".into()), mark: None };
            let holds = if moment == Moment::Number { "numbers" } else { "dates" };
            let cause = format!("the column holds {holds}, and a period is said to be {}", step.name());
            findings.refuse("E-DATE-006", place, cause, "say another `--freq`, or leave it out");
            return Ok(None);
        }
        None => told(moment, facts.apart),
    };
    let refuse = |cause: String, action: &str, findings: &mut Findings| {
        let place = Place { file: table.names[0].clone(), line: None, column: Some("ds".into()), mark: None };
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
