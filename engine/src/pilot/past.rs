//! The past that stores are compared on: weekly sales of every store, on the log scale, by market.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | y_jt | related products' units, or all products' | units |
//! | T_0 | `Past::start` | weeks of history before the plan's date |
//!
//! Markets may begin their weeks on different days; their histories are laid end to end at the plan's date, which is
//! week T_0 of each.

use domain::ids::Idx;
use domain::market::Market;
use models::trial::{History, TrialError};
use ndarray::Array2;
use rayon::prelude::*;

use super::series::Related;

/// Sales of every store, before the plan's date and, where there are any, after it.
#[derive(Debug, Clone)]
pub struct Past {
    /// By store of the market, grouped by its market.
    pub history: History,
    /// T_0.
    pub start: usize,
}

impl Past {
    /// Of the sales that `related` knows.
    ///
    /// # Errors
    /// Sales that are negative or infinite.
    pub fn of(market: &Market, related: &Related<'_>) -> Result<Self, TrialError> {
        let countries = || market.market_ids.iter().filter(|&country| related.weeks(country) > 0);
        let start = countries().map(|country| related.before(country)).min().unwrap_or(0);
        let after = countries().map(|country| related.weeks(country) - related.before(country)).min().unwrap_or(0);
        let rows: Vec<Vec<f64>> = (0..market.stores.len())
            .into_par_iter()
            .map(|at| {
                let store = Idx::new(at);
                let country = market.stores[at].market;
                let Some(first) = related.before(country).checked_sub(start) else {
                    return vec![f64::NAN; start + after];
                };
                let units = related.units(store).into_iter().skip(first).take(start + after);
                units.map(|units| units.unwrap_or(f64::NAN)).collect()
            })
            .collect();
        let mut sales = Array2::from_elem((rows.len(), start + after), f64::NAN);
        for (mut to, from) in sales.rows_mut().into_iter().zip(rows) {
            to.iter_mut().zip(from).for_each(|(to, from)| *to = from);
        }
        #[expect(clippy::cast_possible_truncation, reason = "markets are few")]
        let group = market.stores.iter().map(|store| store.market.at() as u32).collect();
        Ok(Self { history: History::grouped(sales.view(), group)?, start })
    }
}
