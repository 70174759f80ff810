//! What stores sold of the products that tell of the devices, week by week.

use std::collections::BTreeMap;

use domain::calendar::{Date, Week};
use domain::ids::Idx;
use domain::market::{Country, Device, Market, Product, Store};
use domain::panel::Cell;
use domain::settings::Settings;

/// Related sales up to a date.
#[derive(Debug, Clone)]
pub struct Related<'a> {
    market: &'a Market,
    /// Products with their weights, by market; empty where the devices name none: then all sales count.
    weights: Vec<Vec<(Idx<Product>, f64)>>,
    /// Weeks before the plan's date, by market.
    before: Vec<usize>,
    /// Weeks that are over at the date that is looked from, by market.
    weeks: Vec<usize>,
}

impl<'a> Related<'a> {
    /// Of the devices that are planned, before the plan's date.
    #[must_use]
    pub fn new(market: &'a Market, settings: &Settings, devices: &[Idx<Device>]) -> Self {
        let weights = market
            .market_ids
            .iter()
            .map(|country| {
                let mut weights = BTreeMap::new();
                for terms in devices.iter().filter_map(|&device| market.terms(device, country)) {
                    for &(product, weight) in &terms.related_products {
                        *weights.entry(product).or_insert(0.0) += weight;
                    }
                }
                weights.into_iter().collect()
            })
            .collect();
        let before = over(market, settings.as_of);
        Self { market, weights, weeks: before.clone(), before }
    }

    /// All that the stores sold.
    #[must_use]
    pub fn everything(self) -> Self {
        Self { weights: vec![Vec::new(); self.weights.len()], ..self }
    }

    /// With the weeks that are over at `date`, on or after the plan's.
    #[must_use]
    pub fn until(self, date: Date) -> Self {
        let weeks = over(self.market, date).into_iter().zip(&self.before).map(|(weeks, &before)| weeks.max(before));
        Self { weeks: weeks.collect(), ..self }
    }

    /// How many weeks of history a market has.
    #[must_use]
    pub fn weeks(&self, country: Idx<Country>) -> usize {
        self.weeks[country.at()]
    }

    /// How many of them lie before the plan's date.
    #[must_use]
    pub fn before(&self, country: Idx<Country>) -> usize {
        self.before[country.at()]
    }

    /// Units per week of the related products of a store, by weight, oldest first; none where no
    /// series has a number for the week.
    #[must_use]
    pub fn units(&self, store: Idx<Store>) -> Vec<Option<f64>> {
        let panel = &self.market.sales;
        let country = self.market.stores[store.at()].market;
        let mut units = vec![None; self.weeks(country)];
        let mut add = |series: usize, weight: f64| {
            let (values, cells) = panel.row(series);
            for (slot, (&value, cell)) in units.iter_mut().zip(values.iter().zip(cells)) {
                if matches!(cell, Cell::Observed | Cell::Censored) {
                    *slot = Some(slot.unwrap_or(0.0) + weight * f64::from(value));
                }
            }
        };
        let weights = &self.weights[country.at()];
        for &(product, weight) in weights {
            if let Some(series) = panel.find(store, product) {
                add(series, weight);
            }
        }
        if weights.is_empty() {
            let first = panel.series.partition_point(|key| key.store < store);
            for series in (first..panel.series.len()).take_while(|&at| panel.series[at].store == store) {
                add(series, 1.0);
            }
        }
        units
    }
}

/// Weeks of sales that are over at `date`, by market: the week that holds it is not.
fn over(market: &Market, date: Date) -> Vec<usize> {
    let of = |week_start| Week::of(date, week_start).0 - market.sales.first_week.0;
    let weeks = market.markets.iter().map(|terms| usize::try_from(of(terms.week_start)).unwrap_or(0));
    weeks.map(|weeks| weeks.min(market.sales.weeks)).collect()
}
