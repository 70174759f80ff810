//! Scalar functions over the columns of `sales`: text in, whole numbers out.
//!
//! A value that can't be read becomes the number of its fault (see `faults`), so that one GROUP BY
//! carries good and bad rows alike. Stores and products become numbers, and a cell's key packs
//! store, product and day into 64 bits, which groups several times faster than three columns.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, StringArray};
use arrow::datatypes::{DataType, Int64Type};
use datafusion::common::Result;
use datafusion::logical_expr::{ColumnarValue, Volatility, create_udf};
use datafusion::prelude::SessionContext;
use domain::calendar::{Week, Weekday, epoch_day, from_epoch_day};
use domain::settings::Settings;
use domain::units::Currency;

use super::faults::{Kind, PARTS, Part, RowFault};
use crate::date;
use crate::markets::Markets;
use crate::number::{self, NumberFault};
use crate::stores::Stores;

/// Bits of a key for the day or week, and for the product.
const DAY_BITS: u32 = 18;
const PRODUCT_BITS: u32 = 20;
/// Products of one table at the most.
pub(crate) const PRODUCTS_MAX: usize = 1 << PRODUCT_BITS;
/// The key of rows with a fault.
pub(crate) const FAULTED: i64 = -1;
/// Prices are carried in millionths of a major unit, up to a thousand million major units.
const PRICE_MAX: i64 = 1_000_000_000_000_000;
/// Days that a history may reach back from `as_of`: thirty years.
const PAST_DAYS_MAX: i32 = 10_958;

/// What the functions know.
#[derive(Debug)]
pub(crate) struct Known {
    /// None for a store whose own row was refused.
    stores: HashMap<String, Option<u32>>,
    week_starts: Vec<Weekday>,
    currencies: Vec<Currency>,
    products: RwLock<(HashMap<String, u32>, Vec<String>)>,
    as_of: i32,
    weekly: bool,
    returns: bool,
}

impl Known {
    /// From the tables read before.
    pub(crate) fn new(stores: &Stores, markets: &Markets, settings: &Settings, weekly: bool, returns: bool) -> Self {
        let number = |id: &str| stores.ids.find(id).and_then(|store| u32::try_from(store.at()).ok());
        let terms = |market: &domain::market::StoreFacts| &markets.terms[market.market.at()];
        Self {
            stores: stores.names.all().map(|id| (id.to_owned(), number(id))).collect(),
            week_starts: stores.facts.iter().map(|store| terms(store).week_start).collect(),
            currencies: stores.facts.iter().map(|store| terms(store).currency).collect(),
            products: RwLock::new((HashMap::new(), Vec::new())),
            as_of: epoch_day(settings.as_of),
            weekly,
            returns,
        }
    }

    /// Product ids by the numbers they were given, which depend on the order of reading.
    pub(crate) fn products(&self) -> Vec<String> {
        self.products.read().unwrap_or_else(PoisonError::into_inner).1.clone()
    }

    /// The week of a day in a store's market.
    pub(crate) fn week(&self, store: usize, day: i32) -> Week {
        from_epoch_day(day).map_or(Week(0), |date| Week::of(date, self.week_starts[store]))
    }

    fn product_numbers(&self, texts: &StringArray) -> Int64Array {
        let blank = RowFault { part: Part::Product, kind: Kind::Number(NumberFault::Blank) }.value();
        let mut out: Vec<i64> = Vec::with_capacity(texts.len());
        let mut new = Vec::new();
        {
            let known = self.products.read().unwrap_or_else(PoisonError::into_inner);
            let mut last: (&str, i64) = ("", blank);
            for row in 0..texts.len() {
                let text = if texts.is_null(row) { "" } else { texts.value(row) };
                if text != last.0 {
                    last = match known.0.get(text) {
                        _ if text.is_empty() => (text, blank),
                        Some(number) => (text, i64::from(*number)),
                        None => {
                            new.push(row);
                            out.push(0);
                            continue;
                        }
                    };
                }
                out.push(last.1);
            }
        }
        if !new.is_empty() {
            let mut known = self.products.write().unwrap_or_else(PoisonError::into_inner);
            for row in new {
                let text = texts.value(row);
                let next = u32::try_from(known.1.len()).unwrap_or(u32::MAX);
                let number = match known.0.get(text) {
                    Some(number) => *number,
                    None => {
                        known.0.insert(text.to_owned(), next);
                        known.1.push(text.to_owned());
                        next
                    }
                };
                out[row] = i64::from(number);
            }
        }
        Int64Array::from(out)
    }

    fn day(&self, text: &str) -> i64 {
        let fault = |kind| RowFault { part: Part::Day, kind }.value();
        match date::day(text) {
            Ok(day) if day > self.as_of => fault(Kind::Future),
            Ok(day) if day < self.as_of - PAST_DAYS_MAX => fault(Kind::Date(date::DateFault::Impossible)),
            Ok(day) => i64::from(day),
            Err(error) => fault(Kind::Date(error)),
        }
    }

    fn units(&self, text: &str) -> Result<i64, NumberFault> {
        // A cell of the panel holds 32 bits.
        let most = i64::from(u32::MAX);
        match number::decimal(text)?.whole()? {
            units if units < 0 && !self.returns => Err(NumberFault::Negative),
            units if units.abs() > most => Err(NumberFault::Range),
            units => Ok(units),
        }
    }

    /// The number of a row's first fault, 0 for none. Arguments in the order of `PARTS`.
    fn row_fault(&self, row: [Option<i64>; 9]) -> i64 {
        if let Some(fault) = row.iter().flatten().map(|value| RowFault::of_value(*value)).find(|fault| *fault != 0) {
            return fault;
        }
        let [Some(store), Some(_), Some(day), Some(units), price, .., currency] = row else { return 0 };
        let store = usize::try_from(store).unwrap_or(0);
        let fault = |part, kind| RowFault { part, kind }.number();
        if self.weekly
            && let Ok(day) = i32::try_from(day)
            && self.week(store, day).first_day(self.week_starts[store]) != from_epoch_day(day).unwrap_or_default()
        {
            return fault(Part::Day, Kind::Misaligned);
        }
        if price.is_some_and(|price| price <= 0) && units > 0 {
            return fault(Part::Price, Kind::NotPositive);
        }
        if currency.is_some_and(|currency| currency != packed(self.currencies[store].code())) {
            return fault(Part::Currency, Kind::Currency);
        }
        0
    }
}

/// A text of up to seven bytes as a number.
fn packed(text: &str) -> i64 {
    text.bytes().take(7).fold(1, |sum, byte| (sum << 8) | i64::from(byte))
}

/// Store, product and day (or week) in one number.
fn key(store: i64, product: i64, day: i64) -> i64 {
    (store << (PRODUCT_BITS + DAY_BITS)) | (product << DAY_BITS) | day
}

/// Store, product and day (or week) from a key.
pub(crate) fn unpack(key: i64) -> (usize, usize, i32) {
    let part = |shift: u32, bits: u32| usize::try_from((key >> shift) & ((1 << bits) - 1)).unwrap_or(0);
    (part(PRODUCT_BITS + DAY_BITS, 25), part(DAY_BITS, PRODUCT_BITS), i32::try_from(part(0, DAY_BITS)).unwrap_or(0))
}

fn count(text: &str) -> Result<i64, NumberFault> {
    number::count(text, i64::from(u32::MAX))
}

fn price(text: &str) -> Result<i64, NumberFault> {
    match number::decimal(text)?.millionths()? {
        price if price < 0 => Err(NumberFault::Negative),
        price if price > PRICE_MAX => Err(NumberFault::Range),
        price => Ok(price),
    }
}

fn flag(text: &str) -> Option<i64> {
    match text {
        "0" | "false" | "False" | "FALSE" | "no" | "No" | "NO" | "n" | "N" | "f" | "F" | "0.0" => Some(0),
        "1" | "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "y" | "Y" | "t" | "T" | "1.0" => Some(1),
        _ => None,
    }
}

type Kernel = Arc<dyn Fn(&[ColumnarValue]) -> Result<ColumnarValue> + Send + Sync>;

/// A function of one text column; a blank that may be one becomes null.
fn of_text(read: impl Fn(&str) -> Option<i64> + Send + Sync + 'static) -> Kernel {
    Arc::new(move |arguments| {
        let arrays = ColumnarValue::values_to_arrays(arguments)?;
        let texts = arrays[0].as_string::<i32>();
        let out: Int64Array =
            (0..texts.len()).map(|row| read(if texts.is_null(row) { "" } else { texts.value(row) })).collect();
        Ok(ColumnarValue::Array(Arc::new(out)))
    })
}

/// Registers the functions.
pub(crate) fn register(context: &SessionContext, known: &Arc<Known>) {
    let add = |name: &str, arguments: Vec<DataType>, kernel: Kernel| {
        // Volatile, so that no rewrite evaluates a column twice.
        context.register_udf(create_udf(name, arguments, DataType::Int64, Volatility::Volatile, kernel));
    };
    let text = || vec![DataType::Utf8];
    let store = known.clone();
    let orphan = RowFault { part: Part::Store, kind: Kind::Orphan }.value();
    let refused = RowFault { part: Part::Store, kind: Kind::Refused }.value();
    let blank = RowFault { part: Part::Store, kind: Kind::Number(NumberFault::Blank) }.value();
    let find = move |text: &str| match store.stores.get(text) {
        _ if text.is_empty() => Some(blank),
        Some(Some(number)) => Some(i64::from(*number)),
        Some(None) => Some(refused),
        None => Some(orphan),
    };
    add("store_number", text(), of_text(find));
    let products = known.clone();
    add(
        "product_number",
        text(),
        Arc::new(move |arguments| {
            let arrays = ColumnarValue::values_to_arrays(arguments)?;
            Ok(ColumnarValue::Array(Arc::new(products.product_numbers(arrays[0].as_string::<i32>()))))
        }),
    );
    let days = known.clone();
    add("day_number", text(), of_text(move |text| Some(days.day(text))));
    let number = |part: Part, fault: NumberFault| RowFault { part, kind: Kind::Number(fault) }.value();
    let units = known.clone();
    add(
        "units_number",
        text(),
        of_text(move |text| Some(units.units(text).unwrap_or_else(|fault| number(Part::Units, fault)))),
    );
    let optional = move |part: Part, read: fn(&str) -> Result<i64, NumberFault>| {
        of_text(move |text| (!text.is_empty()).then(|| read(text).unwrap_or_else(|fault| number(part, fault))))
    };
    add("price_number", text(), optional(Part::Price, price));
    add("customers_number", text(), optional(Part::Customers, count));
    for (name, part) in [("promo_number", Part::Promo), ("stockout_number", Part::Stockout)] {
        let wrong = RowFault { part, kind: Kind::Word }.value();
        add(name, text(), of_text(move |text| (!text.is_empty()).then(|| flag(text).unwrap_or(wrong))));
    }
    add("currency_number", text(), of_text(|text| (!text.is_empty()).then(|| packed(text))));
    let rows = known.clone();
    add("row_fault", vec![DataType::Int64; PARTS.len()], of_numbers(move |row| rows.row_fault(row)));
    add(
        "cell_key",
        vec![DataType::Int64; 4],
        of_numbers(|[store, product, day, fault]| match (store, product, day, fault) {
            (Some(store), Some(product), Some(day), Some(0)) => key(store, product, day),
            _ => FAULTED,
        }),
    );
    let weeks = known.clone();
    add(
        "week_key",
        vec![DataType::Int64],
        of_numbers(move |[cell]| match cell {
            Some(cell) if cell != FAULTED => {
                let (store, product, day) = unpack(cell);
                let widen = |value: usize| i64::try_from(value).unwrap_or(0);
                key(widen(store), widen(product), i64::from(weeks.week(store, day).0))
            }
            _ => FAULTED,
        }),
    );
}

/// A function of `N` columns of whole numbers.
fn of_numbers<const N: usize>(read: impl Fn([Option<i64>; N]) -> i64 + Send + Sync + 'static) -> Kernel {
    Arc::new(move |arguments| {
        let arrays = ColumnarValue::values_to_arrays(arguments)?;
        let columns: Vec<&Int64Array> = arrays.iter().map(|array| array.as_primitive::<Int64Type>()).collect();
        let cell = |column: &Int64Array, row: usize| (!column.is_null(row)).then(|| column.value(row));
        let rows = columns.first().map_or(0, |column| column.len());
        let out: Int64Array =
            (0..rows).map(|row| Some(read(std::array::from_fn(|at| cell(columns[at], row))))).collect();
        Ok(ColumnarValue::Array(Arc::new(out) as ArrayRef))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_hold_their_parts() {
        for (store, product, day) in [(0, 0, 0), (9_999, 1_048_575, 84_000), (33_554_431, 7, 262_143)] {
            assert_eq!(unpack(key(store, product, day)), (store as usize, product as usize, day as i32));
        }
    }
}
