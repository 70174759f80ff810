//! What is known of a store, as columns of numbers.
//!
//! Amounts (people, customers, sales, attributes that never fall below 0 and reach far above their
//! mean) enter by ln(1 + x): levels are forecast on the log scale, and twice the customers should be
//! worth the same everywhere. Unknown values are NaN. A column that the stores to be forecast mostly lack
//! is left out: learning from it would only weaken what both have.

use domain::market::Market;
use ndarray::Array2;

use super::history::History;
use super::trade::TradeArea;

/// Weeks of customers that make the footfall.
const FOOTFALL_WEEKS: usize = 26;
/// Stores below which a format or a market gets no column of its own.
const LABELLED_MIN: usize = 3;

/// What a column describes, as far as zones can be described by it too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Describes {
    /// The mean of this zone attribute.
    ZoneAttribute(usize),
    /// The rate of this health measure.
    HealthMeasure(usize),
    /// Something of the store itself.
    Store,
}

/// One feature of all stores.
#[derive(Debug, Clone)]
pub(super) struct Column {
    /// The group that its contribution is told in, as a person would say it.
    pub(super) group: &'static str,
    /// What it describes.
    pub(super) describes: Describes,
    /// By store; NaN where unknown.
    pub(super) values: Vec<f64>,
}

/// ln(1 + x) of an amount.
fn amount(value: f64) -> f64 {
    value.max(0.0).ln_1p()
}

/// The columns of all stores, without sales of other products.
pub(super) fn columns(market: &Market, areas: &[TradeArea], history: &History<'_>) -> Vec<Column> {
    let mut columns = Vec::new();
    let mut push = |group, describes, values: Vec<f64>| columns.push(Column { group, describes, values });
    if !market.zones.is_empty() {
        push("people nearby", Describes::Store, areas.iter().map(|area| amount(area.people)).collect());
    }
    for attribute in 0..market.zone_attributes.names.len() {
        let values = areas.iter().map(|area| area.attributes[attribute]).collect();
        push("demographics nearby", Describes::ZoneAttribute(attribute), values);
    }
    for measure in 0..market.health.measures.len() {
        let values = areas.iter().map(|area| area.health[measure]).collect();
        push("health nearby", Describes::HealthMeasure(measure), values);
    }
    push("footfall", Describes::Store, history.customers(FOOTFALL_WEEKS).into_iter().map(amount_known).collect());
    for attribute in 0..market.store_attributes.names.len() {
        let raw: Vec<f64> = (0..market.stores.len())
            .map(|store| market.store_attributes.get(store, attribute).unwrap_or(f64::NAN))
            .collect();
        push("the store itself", Describes::Store, straightened(raw));
    }
    let formats: Vec<&str> =
        (0..market.stores.len()).map(|store| market.store_labels.get(store, "format").unwrap_or("")).collect();
    for values in indicators(&formats) {
        push("format", Describes::Store, values);
    }
    let countries: Vec<&str> = market.stores.iter().map(|store| market.market_ids.name(store.market)).collect();
    for values in indicators(&countries) {
        push("market", Describes::Store, values);
    }
    columns
}

/// A column of amounts, such as the sales of other products.
pub(super) fn amounts(group: &'static str, values: Vec<f64>) -> Column {
    Column { group, describes: Describes::Store, values: values.into_iter().map(amount_known).collect() }
}

/// ln(1 + x), NaN kept.
fn amount_known(value: f64) -> f64 {
    if value.is_nan() { value } else { amount(value) }
}

/// The column by ln(1 + x) if it is an amount that reaches far above its mean.
fn straightened(values: Vec<f64>) -> Vec<f64> {
    let known = || values.iter().copied().filter(|value| value.is_finite());
    let (count, sum) = known().fold((0.0, 0.0), |(count, sum), value| (count + 1.0, sum + value));
    let (least, most) = known().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), value| (a.min(value), b.max(value)));
    if least >= 0.0 && most > 4.0 * sum / count { values.into_iter().map(amount_known).collect() } else { values }
}

/// One 0/1 column per label that enough stores have, in the labels' order; none if all have the same.
fn indicators(labels: &[&str]) -> Vec<Vec<f64>> {
    let mut known: Vec<&str> = labels.iter().copied().filter(|label| !label.is_empty()).collect();
    known.sort_unstable();
    known.dedup();
    if known.len() < 2 {
        return Vec::new();
    }
    known
        .into_iter()
        .filter(|label| labels.iter().filter(|other| *other == label).count() >= LABELLED_MIN)
        .map(|label| labels.iter().map(|other| f64::from(u8::from(*other == label))).collect())
        .collect()
}

/// The columns that are known for four in five of the stores to `forecast` and for half of those to `train` on.
pub(super) fn usable(columns: Vec<Column>, train: &[usize], forecast: &[usize]) -> Vec<Column> {
    let known = |column: &Column, stores: &[usize]| {
        let count = stores.iter().filter(|&&store| column.values[store].is_finite()).count();
        count as f64 / stores.len().max(1) as f64
    };
    columns
        .into_iter()
        .filter(|column| known(column, train) >= 0.5 && (forecast.is_empty() || known(column, forecast) >= 0.8))
        .collect()
}

/// The columns as `stores x columns`.
pub(super) fn matrix(columns: &[Column], stores: usize) -> Array2<f64> {
    Array2::from_shape_fn((stores, columns.len()), |(store, column)| columns[column].values[store])
}
