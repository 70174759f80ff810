//! Rows as SQL, what no row may be, and what one pass over all of them says.

use arrow::array::{Array, AsArray};
use arrow::datatypes::Float64Type;
use datafusion::error::DataFusionError;
use datafusion::prelude::SessionContext;
use domain::diagnostic::{Diagnostic, Place, Refusal};

use super::moment::{Moment, number};
use super::{SeriesTable, Wanted};
use crate::findings::Findings;
use crate::source::{FILE, LINE};

pub(super) const ID: &str = "NULLIF(CAST(unique_id AS VARCHAR), '')";

/// A column's name as SQL.
pub(super) fn quoted(column: &str) -> String {
    format!("\"{}\"", column.replace('"', "\"\""))
}

/// A number as SQL: DOUBLE, null where the cell is blank or something else.
pub(super) fn value(column: &str) -> String {
    let text = format!("NULLIF(CAST({} AS VARCHAR), '')", quoted(column));
    format!("CASE lower({text}) WHEN 'true' THEN 1.0 WHEN 'false' THEN 0.0 ELSE TRY_CAST({text} AS DOUBLE) END")
}

/// Whether a cell holds something, as SQL.
pub(super) fn known(column: &str) -> String {
    format!("NULLIF(CAST({} AS VARCHAR), '') IS NOT NULL", quoted(column))
}

/// What one pass over the rows says.
pub(super) struct Facts {
    pub(super) rows: i64,
    pub(super) series: i64,
    /// Rows that fail each check.
    pub(super) faults: Vec<i64>,
    pub(super) first: i64,
    pub(super) last: i64,
    /// The longest way from a series' first row to its last.
    pub(super) span: i64,
    /// The least mean distance of a series' rows; none where no series has two.
    pub(super) apart: Option<f64>,
}

/// What no row may be.
pub(super) struct Check {
    /// SQL that is true of a row that is.
    pub(super) condition: String,
    pub(super) code: &'static str,
    pub(super) column: String,
    pub(super) cause: &'static str,
    pub(super) action: &'static str,
}

pub(super) fn checks(moment: Moment, wanted: &Wanted<'_>) -> Vec<Check> {
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

pub(super) async fn facts(
    context: &SessionContext,
    moment: Moment,
    checks: &[Check],
) -> Result<Facts, DataFusionError> {
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
pub(super) async fn report(
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
            mark: None,
        };
        let finding = Diagnostic::error(Refusal::Data, check.code, place, check.cause, check.action);
        findings.rows(finding, count.unsigned_abs() - 1);
    }
    Ok(())
}
