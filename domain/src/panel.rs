//! The panel: one series per store and product, one cell per week, with a mask.
//!
//! A cell says what kind of number it holds, so that a gap is never mistaken for a zero and a
//! stockout never for a lack of demand.

use crate::calendar::Week;
use crate::ids::Idx;
use crate::market::{Product, Store};

/// What a cell of the panel means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Cell {
    /// Units sold, as counted.
    Observed = 0,
    /// No row, and the scenario says absent rows are unknown.
    Missing = 1,
    /// Sold with the shelf empty for part of the week: a lower bound of demand.
    Censored = 2,
    /// The store was not open.
    Closed = 3,
}

/// What one series is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeriesKey {
    /// Where it was sold.
    pub store: Idx<Store>,
    /// What was sold.
    pub product: Idx<Product>,
}

/// Series x weeks, row-major.
#[derive(Debug, Clone)]
pub struct Panel {
    /// The first week of every series.
    pub first_week: Week,
    /// How many weeks each series has.
    pub weeks: usize,
    /// Ascending by store, then product.
    pub series: Vec<SeriesKey>,
    /// Units per cell, `series.len() * weeks`; 0 where the mask says there is no number.
    pub units: Vec<u32>,
    /// The mask, same shape as `units`.
    pub cells: Vec<Cell>,
    /// Mean price of the week in minor units of the store's currency, same shape as `units`;
    /// 0 where unknown. Empty if the table has no price.
    pub price_minor: Vec<u32>,
    /// Whether the product was promoted in the week. Empty if the table does not say.
    pub promo: Vec<bool>,
    /// Customers per store and week, `stores * weeks`; 0 where unknown. Empty if the table does not say.
    pub customers: Vec<u32>,
}

impl Panel {
    /// A panel without series.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            first_week: Week(0),
            weeks: 0,
            series: Vec::new(),
            units: Vec::new(),
            cells: Vec::new(),
            price_minor: Vec::new(),
            promo: Vec::new(),
            customers: Vec::new(),
        }
    }

    /// The units and the mask of series number `at`, each `weeks` long.
    #[must_use]
    pub fn row(&self, at: usize) -> (&[u32], &[Cell]) {
        let span = at * self.weeks..(at + 1) * self.weeks;
        (&self.units[span.clone()], &self.cells[span])
    }

    /// Which series, if any, is that of `store` and `product`.
    #[must_use]
    pub fn find(&self, store: Idx<Store>, product: Idx<Product>) -> Option<usize> {
        self.series.binary_search(&SeriesKey { store, product }).ok()
    }

    /// Mean units per week over the observed cells of the last `weeks` weeks; none if there are none.
    ///
    /// Censored cells count with what was sold: a lower bound, which the reader has to say.
    #[must_use]
    pub fn recent_mean(&self, at: usize, weeks: usize) -> Option<f64> {
        let (units, cells) = self.row(at);
        let from = self.weeks.saturating_sub(weeks);
        let (mut sum, mut count) = (0_u64, 0_u32);
        for (value, cell) in units[from..].iter().zip(&cells[from..]) {
            if matches!(cell, Cell::Observed | Cell::Censored) {
                sum += u64::from(*value);
                count += 1;
            }
        }
        (count > 0).then(|| sum as f64 / f64::from(count))
    }
}
