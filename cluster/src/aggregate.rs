//! `forecast(t, y, state, horizon, season[, key])`: an aggregate over the rows of one series.
//!
//! | argument | type | |
//! |---|---|---|
//! | t | BIGINT | period of the row; gaps count as missing |
//! | y | DOUBLE | units |
//! | state | TINYINT UNSIGNED | 0 observed, 1 missing, 2 censored, 3 closed |
//! | horizon, season | BIGINT literals | periods |
//! | key | text, or BIGINT UNSIGNED | the series' id or what it is known by, where parameters are kept from run to run ([`crate::States`]) |
//!
//! It answers a struct `{method, mean, quantiles}`, null where the series has no observed row; the
//! quantiles are row-major, `horizon x levels`. It asks for no order: rows are kept as they come, in any
//! number of partial states, and sorted by t when the group is complete. (An aggregate that asks the
//! planner for an order with a hard requirement was given none under a partial / final split.)

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema};
use datafusion::common::{Result, exec_err};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::AggregateOrderSensitivity;
use datafusion::logical_expr::{
    Accumulator, AggregateUDFImpl, ColumnarValue, GroupsAccumulator, Signature, TypeSignature, Volatility,
};
use datafusion::scalar::ScalarValue;

use crate::groups::{Groups, Single};
use crate::way::Way;

/// Arguments, with the key.
const ARGUMENTS_MAX: usize = 6;

/// The aggregate.
#[derive(Debug)]
pub(crate) struct Forecast {
    signature: Signature,
    way: Way,
}

// A session knows one: its way does not tell it from others.
impl PartialEq for Forecast {
    fn eq(&self, other: &Self) -> bool {
        self.signature == other.signature
    }
}

impl Eq for Forecast {}

impl Hash for Forecast {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.signature.hash(hasher);
    }
}

impl Forecast {
    /// Going on from the parameters that `way` brings, where it is given the keys of the series.
    pub(crate) fn new(way: Way) -> Self {
        use DataType::{Float64, Int64, UInt8, UInt64, Utf8, Utf8View};
        let with = |more: &[DataType]| TypeSignature::Exact([&[Int64, Float64, UInt8, Int64, Int64], more].concat());
        let any = TypeSignature::OneOf(vec![with(&[]), with(&[Utf8]), with(&[Utf8View]), with(&[UInt64])]);
        // Immutable: the same rows have the same forecast.
        Self { signature: Signature::new(any, Volatility::Immutable), way }
    }
}

/// A list of a type, without nulls in it.
fn list(of: DataType) -> DataType {
    DataType::List(Arc::new(Field::new_list_field(of, false)))
}

/// The fields of the answer.
pub(crate) fn answer_fields() -> Fields {
    Fields::from(vec![
        Field::new("method", DataType::Utf8, false),
        Field::new("mean", list(DataType::Float64), false),
        Field::new("quantiles", list(DataType::Float64), false),
    ])
}

/// The fields of a partial state: the rows so far, as three lists of one length, and what the series is known by, where
/// its key is given.
pub(crate) fn state_fields(known: bool) -> Vec<FieldRef> {
    let field = |name: &str, of| Arc::new(Field::new(name, of, false));
    let mut fields = vec![
        field("t", list(DataType::Int64)),
        field("y", list(DataType::Float64)),
        field("state", list(DataType::UInt8)),
    ];
    if known {
        fields.push(field("key", DataType::UInt64));
    }
    fields
}

impl Forecast {
    fn groups(&self, args: &AccumulatorArgs<'_>) -> Result<Groups> {
        let ([_, _, _, horizon, season] | [_, _, _, horizon, season, _]) = args.exprs else {
            return exec_err!("forecast takes t, y, state, horizon and season, and perhaps a key");
        };
        let literal = |expr: &Arc<dyn datafusion::physical_expr::PhysicalExpr>, name: &str| -> Result<usize> {
            let empty = RecordBatch::new_empty(Arc::new(Schema::empty()));
            match expr.evaluate(&empty) {
                Ok(ColumnarValue::Scalar(ScalarValue::Int64(Some(value)))) if (1..=10_000).contains(&value) => {
                    Ok(usize::try_from(value).unwrap_or(1))
                }
                _ => exec_err!("the {name} of forecast must be a whole number from 1 to 10,000"),
            }
        };
        let known = args.exprs.len() == ARGUMENTS_MAX;
        Ok(Groups::new(literal(horizon, "horizon")?, literal(season, "season")?, self.way.clone(), known))
    }
}

impl AggregateUDFImpl for Forecast {
    fn name(&self) -> &str {
        "forecast"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Struct(answer_fields()))
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        let named =
            |field: FieldRef| Arc::new(field.as_ref().clone().with_name(format!("{}[{}]", args.name, field.name())));
        Ok(state_fields(args.input_fields.len() == ARGUMENTS_MAX).into_iter().map(named).collect())
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(Single(self.groups(&args)?)))
    }

    fn groups_accumulator_supported(&self, _: AccumulatorArgs<'_>) -> bool {
        true
    }

    fn create_groups_accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(self.groups(&args)?))
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Insensitive
    }
}
