//! The rows of many groups, and their forecasts when they are complete.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float64Builder, Int64Builder, ListArray, ListBuilder, StringBuilder,
    StructArray, UInt8Builder, UInt64Array,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::{DataType, Field, Float64Type, Int64Type, UInt8Type, UInt64Type};
use datafusion::common::{DataFusionError, Result, ScalarValue, exec_err, internal_err};
use datafusion::logical_expr::{Accumulator, EmitTo, GroupsAccumulator};
use domain::forecast::SeriesForecast;
use domain::panel::Cell;
use models::univariate::{Fitted, Methods};
use rayon::prelude::*;

use crate::aggregate::answer_fields;
use crate::states;
use crate::way::{Interrupted, Way, look};

/// A forecast, and the parameters that were fitted for it.
type Told = Option<(SeriesForecast, Option<Fitted>)>;

fn outside(error: impl Into<crate::StatesError>) -> DataFusionError {
    DataFusionError::External(Box::new(error.into()))
}

fn halted(interrupted: Interrupted) -> DataFusionError {
    DataFusionError::External(Box::new(interrupted))
}

/// Periods at most between a series' first and last row: a t in another unit is refused, not filled up.
const SPAN_MAX: i64 = 100_000;

/// One row of a series, in 16 bytes: there may be hundreds of millions.
#[derive(Debug, Clone, Copy)]
struct Row {
    t: i32,
    state: u8,
    y: f64,
}

/// The rows of many groups, in the order of their arrival.
#[derive(Debug)]
pub(crate) struct Groups {
    horizon: usize,
    season: usize,
    rows: Vec<Vec<Row>>,
    /// What the series of each group is known by, 0 as long as none of its rows came; without keys, none.
    keys: Option<Vec<u64>>,
    way: Way,
    /// Rows that `rows` has room for: what the memory is accounted by.
    room: usize,
}

impl Groups {
    /// `known`: keys are given.
    pub(crate) fn new(horizon: usize, season: usize, way: Way, known: bool) -> Self {
        Self { horizon, season, rows: Vec::new(), keys: known.then(Vec::new), way, room: 0 }
    }

    fn grow(&mut self, groups: usize) {
        if self.rows.len() < groups {
            self.rows.resize_with(groups, Vec::new);
        }
        if let Some(keys) = &mut self.keys {
            keys.resize(groups.max(keys.len()), 0);
        }
    }

    fn push(&mut self, group: usize, row: Row) {
        let rows = &mut self.rows[group];
        let before = rows.capacity();
        rows.push(row);
        self.room += rows.capacity() - before;
    }

    fn take(&mut self, emit_to: EmitTo) -> (Vec<Vec<Row>>, Option<Vec<u64>>) {
        let taken = emit_to.take_needed(&mut self.rows);
        self.room -= taken.iter().map(Vec::capacity).sum::<usize>();
        (taken, self.keys.as_mut().map(|keys| emit_to.take_needed(keys)))
    }

    /// Adds the rows `t, y, state`, giving each to the group that `group` names for its position.
    fn add(&mut self, columns: &[ArrayRef], group: impl Fn(usize) -> Option<usize>) -> Result<()> {
        let [t, y, state, ..] = columns else { return internal_err!("forecast got {} columns", columns.len()) };
        let (t, y) = (t.as_primitive::<Int64Type>(), y.as_primitive::<Float64Type>());
        let state = state.as_primitive::<UInt8Type>();
        if t.null_count() > 0 || state.null_count() > 0 {
            return exec_err!("forecast: t and state must not be null");
        }
        for at in 0..t.len() {
            let Some(group) = group(at) else { continue };
            // A null y is a number that nobody knows.
            let (y, state) = if y.is_valid(at) { (y.value(at), state.value(at)) } else { (0.0, Cell::Missing as u8) };
            let Ok(t) = i32::try_from(t.value(at)) else {
                return exec_err!("forecast: t = {} is far from 0; number its periods without such gaps", t.value(at));
            };
            self.push(group, Row { t, state, y });
        }
        Ok(())
    }

    /// Notes by what the groups' series are known, from a column of their ids, or of that itself.
    fn know(&mut self, ids: &ArrayRef, group: impl Fn(usize) -> Option<usize>) -> Result<()> {
        let Some(keys) = &mut self.keys else { return Ok(()) };
        let key = |at: usize| match ids.data_type() {
            DataType::UInt64 => ids.as_primitive::<UInt64Type>().value(at).max(1),
            DataType::Utf8View => states::key(ids.as_string_view().value(at)),
            _ => states::key(ids.as_string::<i32>().value(at)),
        };
        for at in 0..ids.len() {
            if let Some(group) = group(at).filter(|group| keys[*group] == 0 && ids.is_valid(at)) {
                keys[group] = key(at);
            }
        }
        Ok(())
    }
}

/// The forecast of one group's rows, whatever order they came in, going on from `earlier` parameters.
fn forecast(
    mut rows: Vec<Row>,
    (horizon, season): (usize, usize),
    methods: Methods,
    earlier: Option<Fitted>,
) -> Result<Told> {
    rows.sort_unstable_by_key(|row| row.t);
    let (Some(first), Some(last)) = (rows.first().map(|row| row.t), rows.last().map(|row| row.t)) else {
        return Ok(None);
    };
    let Some(span) = i64::from(last).checked_sub(i64::from(first)).filter(|span| *span < SPAN_MAX) else {
        return exec_err!("forecast: a series has t from {first} to {last}; number its periods without such gaps");
    };
    let length = usize::try_from(span).unwrap_or(0) + 1;
    let (mut units, mut cells) = (vec![0.0; length], vec![Cell::Missing; length]);
    for pair in rows.windows(2) {
        if pair[0].t == pair[1].t {
            return Err(DataFusionError::External(Box::new(crate::Repeated { t: i64::from(pair[0].t) })));
        }
    }
    for row in rows {
        let at = usize::try_from(i64::from(row.t) - i64::from(first)).unwrap_or(0);
        units[at] = row.y;
        cells[at] = match row.state {
            0 => Cell::Observed,
            1 => Cell::Missing,
            2 => Cell::Censored,
            3 => Cell::Closed,
            other => return exec_err!("forecast: {other} is no state; 0 to 3 are"),
        };
    }
    Ok(models::univariate::forecast_series_from(methods, earlier, &units, &cells, horizon, season))
}

/// Forecasts as an array of structs, null where there is none.
fn answer(forecasts: &[Option<SeriesForecast>]) -> Result<ArrayRef> {
    let mut method = StringBuilder::new();
    let item = Arc::new(Field::new_list_field(DataType::Float64, false));
    let mut mean = ListBuilder::new(Float64Builder::new()).with_field(Arc::clone(&item));
    let mut quantiles = ListBuilder::new(Float64Builder::new()).with_field(item);
    for forecast in forecasts {
        if let Some(forecast) = forecast {
            method.append_value(forecast.method);
            mean.values().append_slice(&forecast.mean);
            forecast.quantiles.iter().for_each(|levels| quantiles.values().append_slice(levels));
        } else {
            method.append_value("");
        }
        mean.append(true);
        quantiles.append(true);
    }
    let known: NullBuffer = forecasts.iter().map(Option::is_some).collect::<Vec<bool>>().into();
    let columns: Vec<ArrayRef> = vec![Arc::new(method.finish()), Arc::new(mean.finish()), Arc::new(quantiles.finish())];
    Ok(Arc::new(StructArray::try_new(answer_fields(), columns, Some(known))?))
}

/// Groups of rows as three columns of lists.
fn lists(groups: &[Vec<Row>]) -> Result<Vec<ArrayRef>> {
    let rows: usize = groups.iter().map(Vec::len).sum();
    let mut t = Int64Builder::with_capacity(rows);
    let mut y = Float64Builder::with_capacity(rows);
    let mut state = UInt8Builder::with_capacity(rows);
    for row in groups.iter().flatten() {
        t.append_value(i64::from(row.t));
        y.append_value(row.y);
        state.append_value(row.state);
    }
    let offsets = OffsetBuffer::from_lengths(groups.iter().map(Vec::len));
    let columns: [ArrayRef; 3] = [Arc::new(t.finish()), Arc::new(y.finish()), Arc::new(state.finish())];
    columns.into_iter().map(|values| list(offsets.clone(), values)).collect()
}

fn list(offsets: OffsetBuffer<i32>, values: ArrayRef) -> Result<ArrayRef> {
    let field = Arc::new(Field::new_list_field(values.data_type().clone(), false));
    Ok(Arc::new(ListArray::try_new(field, offsets, values, None)?))
}

impl GroupsAccumulator for Groups {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        look(&self.way.stop).map_err(halted)?;
        self.grow(total_num_groups);
        let passes = |at: usize| opt_filter.is_none_or(|filter| filter.is_valid(at) && filter.value(at));
        let group = |at: usize| passes(at).then(|| group_indices[at]);
        if let [.., ids] = values {
            self.know(ids, group)?;
        }
        self.add(values, group)
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let asked = (self.horizon, self.season);
        let (groups, keys) = self.take(emit_to);
        let way = &self.way;
        let (Some(keys), Some(states)) = (keys, &way.kept) else {
            let one = |rows| {
                look(&way.stop).map_err(halted)?;
                forecast(rows, asked, way.methods, None)
            };
            let told: Vec<Result<Told>> = groups.into_par_iter().map(one).collect();
            // The first error in the order of groups, so that it is the same one whatever the threads.
            let told = told.into_iter().collect::<Result<Vec<_>>>()?;
            return answer(&told.into_iter().map(|told| told.map(|told| told.0)).collect::<Vec<_>>());
        };
        let went_on = |(rows, &key): (Vec<Row>, &u64)| -> Result<(Option<SeriesForecast>, Option<Vec<u8>>)> {
            look(&way.stop).map_err(halted)?;
            let earlier = states.get(key).map_err(outside)?;
            let Some((told, fitted)) = forecast(rows, asked, way.methods, earlier)? else { return Ok((None, None)) };
            let bytes = fitted.map(|fitted| postcard::to_allocvec(&fitted)).transpose().map_err(outside)?;
            Ok((Some(told), bytes))
        };
        let told: Vec<_> = groups.into_par_iter().zip(&keys).map(went_on).collect();
        let (told, fitted): (Vec<_>, Vec<_>) = told.into_iter().collect::<Result<Vec<_>>>()?.into_iter().unzip();
        let fitted = keys.iter().zip(fitted).filter_map(|(&key, bytes)| Some((key, bytes?)));
        states.put(fitted).map_err(outside)?;
        answer(&told)
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let (groups, keys) = self.take(emit_to);
        let mut columns = lists(&groups)?;
        columns.extend(keys.map(|keys| Arc::new(UInt64Array::from(keys)) as ArrayRef));
        Ok(columns)
    }

    fn merge_batch(&mut self, values: &[ArrayRef], group_indices: &[usize], total_num_groups: usize) -> Result<()> {
        look(&self.way.stop).map_err(halted)?;
        self.grow(total_num_groups);
        let [t, y, state, keys @ ..] = values else {
            return internal_err!("a state of forecast has {} columns", values.len());
        };
        if let (Some(own), [keys]) = (&mut self.keys, keys) {
            let keys = keys.as_primitive::<UInt64Type>();
            group_indices.iter().enumerate().for_each(|(at, &group)| own[group] = own[group].max(keys.value(at)));
        }
        let (t, y, state) = (t.as_list::<i32>(), y.as_list::<i32>(), state.as_list::<i32>());
        for (at, &group) in group_indices.iter().enumerate() {
            self.add(&[t.value(at), y.value(at), state.value(at)], |_| Some(group))?;
        }
        Ok(())
    }

    fn convert_to_state(&self, values: &[ArrayRef], opt_filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        let count = values.first().map_or(0, |column| column.len());
        let mut each = Self::new(self.horizon, self.season, self.way.clone(), self.keys.is_some());
        let indices: Vec<usize> = (0..count).collect();
        each.update_batch(values, &indices, opt_filter, count)?;
        each.state(EmitTo::All)
    }

    fn size(&self) -> usize {
        size_of::<Self>()
            + self.rows.capacity() * (size_of::<Vec<Row>>() + size_of::<u64>())
            + self.room * size_of::<Row>()
    }
}

/// The same for a query without groups.
#[derive(Debug)]
pub(crate) struct Single(pub(crate) Groups);

impl Accumulator for Single {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.0.grow(1);
        if let [.., ids] = values {
            self.0.know(ids, |_| Some(0))?;
        }
        self.0.add(values, |_| Some(0))
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        self.0.grow(1);
        ScalarValue::try_from_array(&GroupsAccumulator::evaluate(&mut self.0, EmitTo::All)?, 0)
    }

    fn size(&self) -> usize {
        GroupsAccumulator::size(&self.0)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.0.grow(1);
        let columns = GroupsAccumulator::state(&mut self.0, EmitTo::All)?;
        columns.iter().map(|column| ScalarValue::try_from_array(column, 0)).collect()
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let rows = states.first().map_or(0, |column| column.len());
        GroupsAccumulator::merge_batch(&mut self.0, states, &vec![0; rows], 1)
    }
}
