//! The SQL session: raw tables under their roles' names, and the scenario's mappings over them.

use std::sync::Arc;

use datafusion::arrow::datatypes::DataType;
use datafusion::catalog::streaming::StreamingTable;
use datafusion::common::{Column, SchemaError};
use datafusion::error::DataFusionError;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::logical_expr::{Cast, Expr, LogicalPlan, lit};
use datafusion::prelude::{DataFrame, SQLOptions, SessionConfig, SessionContext};
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{
    Expr as SqlExpr, GroupByExpr, Ident, SelectItem, SetExpr, Statement as SqlStatement,
};
use domain::diagnostic::{Diagnostic, Refusal};

use crate::findings::{Findings, at};
use crate::limits::MEMORY_MAX;
use crate::source::{BATCH_ROWS, FILE, LINE, SourceFault};
use crate::tables::{Role, Source};
use crate::text::{list, nearest, shown};

/// A session without tables.
pub(crate) fn open(partitions: usize) -> Result<SessionContext, DataFusionError> {
    let config = SessionConfig::new()
        .with_target_partitions(partitions)
        .with_batch_size(BATCH_ROWS)
        // Column names of a company's files keep their case: `SELECT ShopNo AS store_id` means what it says.
        .set_bool("datafusion.sql_parser.enable_ident_normalization", false);
    let runtime = RuntimeEnvBuilder::new().with_memory_limit(MEMORY_MAX, 1.0).build_arc()?;
    Ok(SessionContext::new_with_config_rt(config, runtime))
}

/// The table as the scenario maps it, every column as text beside `_file` and `_line` where those
/// can be carried along.
pub(crate) async fn mapped(
    context: &SessionContext,
    role: Role,
    source: &Source,
    findings: &mut Findings,
) -> Option<DataFrame> {
    let frame = match source.mapped().and_then(|mapped| mapped.sql.as_deref()) {
        None => context.table(role.name()).await,
        Some(sql) => plan(context, sql).await,
    };
    match frame.and_then(as_text) {
        Ok(frame) => Some(frame),
        Err(error) => {
            let (cause, action) = plan_words(&error);
            let mut place = at("scenario");
            place.column = Some(format!("tables.{}.sql", role.name()));
            findings.say(Diagnostic::error(Refusal::Usage, "E-SQL-001", place, cause, action));
            None
        }
    }
}

/// Plans a mapping; only queries are let through.
async fn plan(context: &SessionContext, sql: &str) -> Result<DataFrame, DataFusionError> {
    let state = context.state();
    let dialect = state.config().options().sql_parser.dialect;
    let statement = state.sql_to_statement(sql, &dialect)?;
    let options = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
    let run = |plan: LogicalPlan| -> Result<DataFrame, DataFusionError> {
        options.verify_plan(&plan)?;
        Ok(DataFrame::new(context.state(), plan))
    };
    if let Some(traced) = traced(&statement)
        && let Ok(plan) = state.statement_to_plan(traced).await
    {
        return run(plan);
    }
    run(state.statement_to_plan(statement).await?)
}

/// The same query with `_file` and `_line` carried along, where it takes row for row from one table.
fn traced(statement: &Statement) -> Option<Statement> {
    let mut statement = statement.clone();
    let Statement::Statement(inner) = &mut statement else { return None };
    let SqlStatement::Query(query) = inner.as_mut() else { return None };
    let SetExpr::Select(select) = query.body.as_mut() else { return None };
    let plain = select.distinct.is_none()
        && select.having.is_none()
        && matches!(&select.group_by, GroupByExpr::Expressions(by, _) if by.is_empty())
        && matches!(select.from.as_slice(), [only] if only.joins.is_empty());
    if !plain {
        return None;
    }
    for name in [FILE, LINE] {
        select.projection.push(SelectItem::UnnamedExpr(SqlExpr::Identifier(Ident::new(name))));
    }
    Some(statement)
}

/// Casts every column but `_file` and `_line` to text, so that one set of checks serves both formats.
fn as_text(frame: DataFrame) -> Result<DataFrame, DataFusionError> {
    let schema = frame.schema().clone();
    let columns: Vec<Expr> = schema
        .iter()
        .map(|(qualifier, field)| {
            let column = Expr::Column(Column::new(qualifier.cloned(), field.name()));
            let text = |expr: Expr| Expr::Cast(Cast::new(Box::new(expr), DataType::Utf8));
            let read = match field.data_type() {
                _ if field.name() == FILE || field.name() == LINE => column,
                DataType::Utf8 => column,
                // A typed point in time at midnight without an offset is how a date is often stored.
                DataType::Timestamp(_, None) => {
                    text(datafusion::functions::expr_fn::replace(text(column), lit("T00:00:00"), lit("")))
                }
                _ => text(column),
            };
            read.alias(field.name())
        })
        .collect();
    frame.select(columns)
}

/// Says in our words why a mapping can't be planned. A planner sees the query and no row.
fn plan_words(error: &DataFusionError) -> (String, String) {
    match error.find_root() {
        DataFusionError::SchemaError(problem, _) => {
            if let SchemaError::FieldNotFound { field, valid_fields } = problem.as_ref() {
                let known: Vec<&str> = valid_fields
                    .iter()
                    .map(|field| field.name())
                    .filter(|name| *name != FILE && *name != LINE)
                    .collect();
                let hint = nearest(field.name(), &known)
                    .map_or(String::new(), |near| format!("did you mean {}?", shown(near)));
                return (
                    format!("the query asks for column {}, the table has {}", shown(field.name()), list(&known)),
                    hint,
                );
            }
            ("the query names a column twice or ambiguously".to_owned(), "give each column one name".to_owned())
        }
        DataFusionError::SQL(problem, _) => {
            (format!("the query is not SQL: {problem}"), "correct the query".to_owned())
        }
        DataFusionError::Plan(problem) => {
            let first = problem.lines().next().unwrap_or_default();
            (format!("the query can't be planned: {first}"), "correct the query; only SELECT is allowed".to_owned())
        }
        _ => ("the query can't be planned".to_owned(), "correct the query".to_owned()),
    }
}

/// Says why a query failed while it ran, without a word of the row it failed on.
pub(crate) fn run_fault(role: Role, files: &[String], error: &DataFusionError, findings: &mut Findings) {
    let file = |number: usize| at(files.get(number).map_or(role.name(), String::as_str));
    let root = error.find_root();
    if let DataFusionError::External(inner) = root
        && let Some(fault) = inner.downcast_ref::<SourceFault>()
    {
        match *fault {
            SourceFault::Changed { file: number } => findings.say(changed(file(number))),
            SourceFault::Decode { file: number } => {
                findings.refuse("E-PQ-003", file(number), "the decoder failed: the file is damaged", "export it again");
            }
        }
        return;
    }
    if matches!(root, DataFusionError::ResourcesExhausted(_)) {
        let cause = format!("reading table `{}` takes more than the memory budget of {MEMORY_MAX} bytes", role.name());
        findings.say(Diagnostic::error(Refusal::Limit, "E-LIM-004", at(role.name()), cause, "aggregate it with `sql`"));
        return;
    }
    let cause = format!("the query over table `{}` failed on one of its rows", role.name());
    findings.refuse("E-SQL-002", at(role.name()), cause, "use TRY_CAST or a WHERE clause in `sql`");
}

/// The finding that a file is not what it was.
pub(crate) fn changed(place: domain::diagnostic::Place) -> Diagnostic {
    Diagnostic::error(
        Refusal::Transient,
        "E-IN-005",
        place,
        "the input changed during the run",
        "run again when the export is complete",
    )
}

/// Registers a raw table under its role's name.
pub(crate) fn register(context: &SessionContext, role: Role, table: StreamingTable) -> Result<(), DataFusionError> {
    context.register_table(role.name(), Arc::new(table)).map(drop)
}
