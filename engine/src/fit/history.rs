//! What the histories say: forecast levels by store and product, and what stores sold of a device.

use domain::calendar::epoch_day;
use domain::forecast::PanelForecast;
use domain::ids::Idx;
use domain::market::{Country, Device, Market, Product, Store};
use domain::panel::Cell;
use domain::settings::Settings;
use models::bass;
use models::opening::{Series, Week};

use super::FitError;

/// Weeks without which a store does not count as selling a device.
const WEEKS_MIN: usize = 8;

/// Share of full adoption below which early sales say nothing of the full level.
const SHARE_MIN: f64 = 0.1;

/// What a store has sold of a device since its corner opened.
#[derive(Debug, Clone)]
pub(super) struct Sales {
    /// Weeks with sales on record, those with a stockout too.
    pub(super) weeks: Vec<Week>,
    /// Their shares of full adoption by the scenario's curve.
    shares: Vec<f64>,
    /// Whether it has a corner on record, so that it is still being taken up.
    pub(super) young: bool,
}

impl Sales {
    /// Units over the sum of the shares of their weeks, of weeks late enough to tell; none where those are few.
    pub(super) fn level(&self) -> Option<f64> {
        let (mut sum, mut shares, mut weeks) = (0.0, 0.0, 0);
        for (week, share) in self.weeks.iter().zip(&self.shares).filter(|(_, share)| **share >= SHARE_MIN) {
            sum += week.units;
            shares += share;
            weeks += 1;
        }
        (weeks >= WEEKS_MIN && sum > 0.0).then(|| sum / shares)
    }

    /// Weeks late enough to tell, their exposure the share of full adoption.
    pub(super) fn exposed(&self) -> Vec<Week> {
        let known = self.weeks.iter().zip(&self.shares).filter(|(_, share)| **share >= SHARE_MIN);
        known.map(|(week, &exposure)| Week { exposure, ..*week }).collect()
    }

    /// Weeks without a stockout at full adoption.
    pub(super) fn adopted(&self) -> Series {
        let known = self.weeks.iter().zip(&self.shares);
        known.map(|(week, share)| (!week.censored && *share >= SHARE_MIN).then(|| week.units / share)).collect()
    }
}

/// Forecast levels, by series of the panel.
#[derive(Debug)]
pub(super) struct History<'a> {
    market: &'a Market,
    /// Mean units per week over the horizon; none where the series has no forecast.
    levels: Vec<Option<f64>>,
}

impl<'a> History<'a> {
    /// Checks that the forecasts are the panel's.
    pub(super) fn new(market: &'a Market, histories: &PanelForecast) -> Result<Self, FitError> {
        let panel = &market.sales;
        let same = panel.series.len() == histories.series.len()
            && histories.forecasts.len() == histories.series.len()
            && panel.series.iter().zip(&histories.series).all(|(key, series)| (key.store, key.product) == *series);
        if !same {
            return Err(FitError::Histories { panel: panel.series.len(), forecasts: histories.forecasts.len() });
        }
        let levels = histories
            .forecasts
            .iter()
            .map(|forecast| {
                let mean = &forecast.as_ref()?.mean;
                (!mean.is_empty()).then(|| mean.iter().sum::<f64>() / mean.len() as f64)
            })
            .collect();
        Ok(Self { market, levels })
    }

    /// Related sales of a store: sum of weight x level over those products that have one; none if none has.
    pub(super) fn related(&self, store: usize, products: &[(Idx<Product>, f64)]) -> Option<f64> {
        let mut sum = None;
        for &(product, weight) in products {
            let level = self.market.sales.find(Idx::<Store>::new(store), product).and_then(|at| self.levels[at]);
            if let Some(level) = level {
                sum = Some(sum.unwrap_or(0.0) + weight * level);
            }
        }
        sum
    }

    /// Sales of all products but `without`, by store; NaN where there are none.
    pub(super) fn others(&self, without: &[Idx<Product>]) -> Vec<f64> {
        let mut sums = vec![f64::NAN; self.market.stores.len()];
        for (key, level) in self.market.sales.series.iter().zip(&self.levels) {
            if let (Some(level), false) = (level, without.contains(&key.product)) {
                let slot = &mut sums[key.store.at()];
                *slot = if slot.is_nan() { *level } else { *slot + level };
            }
        }
        sums
    }

    /// What each store has sold of a device, counted from the opening of its corner; none where it does not sell it. A
    /// store that sells it without a corner on record is taken as fully adopted.
    pub(super) fn sales(&self, device: Idx<Device>, settings: &Settings) -> Vec<Option<Sales>> {
        let panel = &self.market.sales;
        let Some(product) = self.market.device_product(device) else { return vec![None; self.market.stores.len()] };
        let adoption = settings.demand.adoption;
        (0..self.market.stores.len())
            .map(|store| {
                let (units, cells) = panel.row(panel.find(Idx::new(store), product)?);
                let opened = self.market.corners.iter().find(|corner| corner.store.at() == store);
                let opened = opened.map(|corner| epoch_day(corner.opened));
                let week_start = self.market.markets[self.market.stores[store].market.at()].week_start;
                let first_day = epoch_day(panel.first_week.first_day(week_start));
                let mut sales = Sales { weeks: Vec::new(), shares: Vec::new(), young: opened.is_some() };
                for (week, (&units, &cell)) in units.iter().zip(cells).enumerate() {
                    if !matches!(cell, Cell::Observed | Cell::Censored) {
                        continue;
                    }
                    let years = opened.map_or(f64::INFINITY, |opened| {
                        (f64::from(first_day - opened) + 7.0 * week as f64 + 3.5) / 365.25
                    });
                    let share =
                        opened.map_or(1.0, |_| bass::cumulative(adoption.innovation, adoption.imitation, years));
                    if share > 0.0 {
                        let censored = cell == Cell::Censored;
                        sales.weeks.push(Week { units: f64::from(units), exposure: 1.0, years, censored });
                        sales.shares.push(share);
                    }
                }
                Some(sales)
            })
            .collect()
    }

    /// Customers per week over the last `weeks` weeks that know them, by store; NaN where unknown.
    pub(super) fn customers(&self, weeks: usize) -> Vec<f64> {
        let panel = &self.market.sales;
        (0..self.market.stores.len())
            .map(|store| {
                let row = panel.customers.get(store * panel.weeks..(store + 1) * panel.weeks).unwrap_or(&[]);
                let known: Vec<f64> =
                    row.iter().rev().take(weeks).filter(|&&count| count > 0).map(|&count| f64::from(count)).collect();
                if known.is_empty() { f64::NAN } else { known.iter().sum::<f64>() / known.len() as f64 }
            })
            .collect()
    }
}

/// The related products of a device in a store's market; none where it is not sold.
pub(super) fn related_products(
    market: &Market,
    device: Idx<Device>,
    country: Idx<Country>,
) -> Option<&[(Idx<Product>, f64)]> {
    market.terms(device, country).map(|terms| terms.related_products.as_slice())
}
