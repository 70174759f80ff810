//! How alike two stores are.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | l_j | `Look::level` | mean of ln(1 + units) over the window |
//! | s_jt | `Look::shape` | ln(1 + units) - l_j, by week |
//! | f_ja | `Look::attributes` | numeric attributes of the store |
//!
//! d_jc^2 = (l_j - l_c)^2 / var l + mean_t (s_jt - s_ct)^2 / var s + mean_a (f_ja - f_ca)^2 / var f_a:
//! level, shape and attributes count alike, each on the scale on which stores of the market differ
//! [stuart2010]. A store without history differs by two standard deviations from any that has one.

use std::ops::Range;

use domain::ids::Idx;
use domain::market::{Market, Store};

/// What a store looks like in a window of weeks.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    level: Option<f64>,
    shape: Vec<Option<f64>>,
    attributes: Vec<Option<f64>>,
}

impl Look {
    /// From the store's related sales (oldest first) and its attributes.
    #[must_use]
    pub fn of(market: &Market, store: Idx<Store>, units: &[Option<f64>], window: Range<usize>) -> Self {
        let logs: Vec<Option<f64>> =
            units[window].iter().map(|units| units.map(|units| units.max(0.0).ln_1p())).collect();
        let level = mean(logs.iter().flatten().copied());
        let shape = logs.iter().map(|log| log.zip(level).map(|(log, level)| log - level)).collect();
        let columns = market.store_attributes.names.len();
        let attributes = (0..columns).map(|column| market.store_attributes.get(store.at(), column)).collect();
        Self { level, shape, attributes }
    }
}

/// The scales on which the stores of a market differ.
#[derive(Debug, Clone, PartialEq)]
pub struct Scales {
    level: f64,
    shape: f64,
    attributes: Vec<f64>,
}

impl Scales {
    /// From the looks of all stores that are compared.
    #[must_use]
    pub fn of<'a>(looks: impl Iterator<Item = &'a Look> + Clone) -> Self {
        let columns = looks.clone().next().map_or(0, |look| look.attributes.len());
        Self {
            level: variance(looks.clone().filter_map(|look| look.level)),
            shape: variance(looks.clone().flat_map(|look| look.shape.iter().flatten().copied())),
            attributes: (0..columns)
                .map(|column| variance(looks.clone().filter_map(|look| look.attributes[column])))
                .collect(),
        }
    }

    /// d: 0 for stores that look the same.
    #[must_use]
    pub fn distance(&self, one: &Look, other: &Look) -> f64 {
        let level = match (one.level, other.level) {
            (Some(one), Some(other)) => part(one - other, self.level),
            (None, None) => 0.0,
            _ => 4.0,
        };
        let shape = mean(
            one.shape.iter().zip(&other.shape).filter_map(|(one, other)| Some(part((*one)? - (*other)?, self.shape))),
        );
        let attributes = mean(
            one.attributes
                .iter()
                .zip(&other.attributes)
                .zip(&self.attributes)
                .filter_map(|((one, other), scale)| Some(part((*one)? - (*other)?, *scale))),
        );
        (level + shape.unwrap_or(0.0) + attributes.unwrap_or(0.0)).sqrt()
    }
}

/// A squared difference on its scale; what does not vary does not count.
fn part(difference: f64, variance: f64) -> f64 {
    if variance > 0.0 { difference * difference / variance } else { 0.0 }
}

/// The mean; none of nothing.
pub(super) fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0_u32), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

/// The variance about the mean; 0 of fewer than two.
fn variance(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let Some(centre) = mean(values.clone()) else { return 0.0 };
    mean(values.map(|value| (value - centre) * (value - centre))).unwrap_or(0.0)
}
