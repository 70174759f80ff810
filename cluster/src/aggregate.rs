//! `forecast(t, y, state, horizon, season)`: an aggregate over the rows of one series.
//!
//! | argument | type | |
//! |---|---|---|
//! | t | BIGINT | period of the row; gaps count as missing |
//! | y | DOUBLE | units |
//! | state | TINYINT UNSIGNED | 0 observed, 1 missing, 2 censored, 3 closed |
//! | horizon, season | BIGINT literals | periods |
//!
//! It answers a struct `{method, mean, quantiles}`, null where the series has no observed row; the
//! quantiles are row-major, `horizon x levels`. It asks for no order: rows are kept as they come, in any
//! number of partial states, and sorted by t when the group is complete. (An aggregate that asks the
//! planner for an order with a hard requirement was given none under a partial / final split.)

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

/// The aggregate.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct Forecast {
    signature: Signature,
}

impl Default for Forecast {
    fn default() -> Self {
        use DataType::{Float64, Int64, UInt8};
        let exact = TypeSignature::Exact(vec![Int64, Float64, UInt8, Int64, Int64]);
        // Immutable: the same rows have the same forecast.
        Self { signature: Signature::new(exact, Volatility::Immutable) }
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

/// The fields of a partial state: the rows so far, as three lists of one length.
pub(crate) fn state_fields() -> Vec<FieldRef> {
    let field = |name: &str, of| Arc::new(Field::new(name, list(of), false));
    vec![field("t", DataType::Int64), field("y", DataType::Float64), field("state", DataType::UInt8)]
}

impl Forecast {
    fn groups(args: &AccumulatorArgs<'_>) -> Result<Groups> {
        let [_, _, _, horizon, season] = args.exprs else {
            return exec_err!("forecast takes t, y, state, horizon and season");
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
        Ok(Groups::new(literal(horizon, "horizon")?, literal(season, "season")?))
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
        Ok(state_fields().into_iter().map(named).collect())
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(Single(Self::groups(&args)?)))
    }

    fn groups_accumulator_supported(&self, _: AccumulatorArgs<'_>) -> bool {
        true
    }

    fn create_groups_accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(Self::groups(&args)?))
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Insensitive
    }
}
