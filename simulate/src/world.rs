//! A world: a chain with its tables and its truth.

use domain::calendar::{Date, Datelike, Days};
use domain::geo::LatLon;

use crate::assortment::DEVICES;
use crate::catchment::{Near, catchments};
use crate::chain::{People, Shop, people, shops};
use crate::geography::{Country, Geography, given, scatter};
use crate::sales::{Levels, Weather, levels, weather};
use crate::truth::Truth;

/// What a question about a world got wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SimulateError {
    /// No such store.
    #[error("the simulated chain has no store `{0}`")]
    UnknownStore(String),
    /// No such device.
    #[error("the simulated chain sells no device `{0}`")]
    UnknownDevice(String),
    /// Stock at a store where no corner opens.
    #[error("stock is planned for store `{0}`, where no corner opens")]
    StockWithoutCorner(String),
}

/// How large a world is.
#[derive(Debug, Clone, PartialEq)]
pub struct WorldSize {
    /// Stores in all.
    pub stores: usize,
    /// Zones in all, never fewer than stores; four per store unless given.
    pub zones: Option<usize>,
    /// Weeks of sales before [`World::as_of`].
    pub weeks: usize,
    /// The markets and their shares of the stores.
    pub markets: Vec<(Country, f64)>,
    /// How many of the four devices the corners sell.
    pub devices: usize,
    /// How many stores the scenario asks for at most.
    pub stores_max: u32,
}

impl WorldSize {
    /// Two thirds of the stores in the United States, one third in Great Britain, 104 weeks, four
    /// devices: what `cornerstone demo` plans.
    #[must_use]
    pub fn demo(stores: usize) -> Self {
        Self {
            stores,
            zones: None,
            weeks: 104,
            markets: vec![(Country::Us, 2.0), (Country::Gb, 1.0)],
            devices: DEVICES.len(),
            stores_max: 12,
        }
    }

    /// 60 stores of one market with 60 weeks and two devices: what `cornerstone init --sample` writes.
    #[must_use]
    pub fn sample() -> Self {
        Self { stores: 60, zones: Some(240), weeks: 60, markets: vec![(Country::Gb, 1.0)], devices: 2, stores_max: 6 }
    }
}

/// A chain with its tables and its truth.
#[derive(Debug)]
pub struct World {
    pub(crate) seed: u64,
    pub(crate) weeks: usize,
    pub(crate) device_count: usize,
    pub(crate) stores_max: u32,
    pub(crate) geography: Geography,
    pub(crate) people: Vec<People>,
    pub(crate) shops: Vec<Shop>,
    pub(crate) near: Vec<Vec<Near>>,
    pub(crate) levels: Vec<Levels>,
    pub(crate) weather: Weather,
    pub(crate) truth: Truth,
}

/// Weeks that plans look ahead.
pub(crate) const HORIZON_WEEKS: usize = 26;
/// Weeks between two orders.
pub(crate) const REVIEW_WEEKS: usize = 2;

impl World {
    /// A world drawn from `seed`, in real towns.
    #[must_use]
    pub fn new(size: &WorldSize, seed: u64) -> Self {
        let zones = size.zones.unwrap_or(4 * size.stores);
        Self::built(scatter(&size.markets, size.stores, zones, seed), size, seed)
    }

    /// A world over given places: stores as (id, place), zones as (id, place, people; those without
    /// people are left out). The first market of `size` is theirs; its other counts but `weeks`,
    /// `devices` and `stores_max` are ignored.
    #[must_use]
    pub fn on(stores: &[(String, LatLon)], zones: &[(String, LatLon, u64)], size: &WorldSize, seed: u64) -> Self {
        let country = size.markets.first().map_or(Country::Us, |market| market.0);
        Self::built(given(country, stores, zones), size, seed)
    }

    fn built(geography: Geography, size: &WorldSize, seed: u64) -> Self {
        let first_week = Self::as_of() - Days::new(7 * size.weeks as u64);
        let people = people(&geography, seed);
        let shops = shops(&geography, Self::as_of(), first_week, seed);
        let car_share: Vec<f64> = people.iter().map(|people| people.car_share).collect();
        let near = catchments(&geography.stores, &geography.zones, &car_share);
        let levels = levels(&geography, &people, &shops, &near, seed);
        let weather = weather(geography.markets.len(), size.weeks, f64::from(first_week.ordinal()) / 7.0, seed);
        let device_count = size.devices.clamp(1, DEVICES.len());
        let truth = Truth::drawn(&geography, &people, &near, &levels, device_count, seed);
        let stores_max = size.stores_max;
        Self {
            seed,
            weeks: size.weeks,
            device_count,
            stores_max,
            geography,
            people,
            shops,
            near,
            levels,
            weather,
            truth,
        }
    }

    /// The date that counts as today in every simulated world, a Monday.
    #[must_use]
    pub fn as_of() -> Date {
        Date::from_ymd_opt(2026, 11, 16).expect("a date of the calendar")
    }

    /// The first day of week number `week` of the tables.
    pub(crate) fn week_start(&self, week: usize) -> Date {
        Self::as_of() - Days::new(7 * (self.weeks - week) as u64)
    }

    /// The first week of the tables in which a store has no row: a new store has none at all, a closed
    /// one none from the week of its closing.
    pub(crate) fn rows_upto(&self, store: usize) -> usize {
        let shop = &self.shops[store];
        if shop.opened > self.week_start(0) {
            return 0;
        }
        let closed =
            |last: Date| (0..self.weeks).take_while(|&week| self.week_start(week) + Days::new(6) <= last).count();
        shop.closed.map_or(self.weeks, closed)
    }

    /// Ids of the stores where a corner may open, ascending.
    #[must_use]
    pub fn candidates(&self) -> Vec<String> {
        self.candidate_positions().into_iter().map(|store| self.geography.stores[store].id.clone()).collect()
    }

    pub(crate) fn candidate_positions(&self) -> Vec<usize> {
        (0..self.shops.len()).filter(|&store| self.shops[store].is_candidate(Self::as_of())).collect()
    }

    /// The capture law that holds in truth, as a word; no table tells it.
    #[must_use]
    pub fn true_law(&self) -> &'static str {
        self.truth.law.name()
    }

    pub(crate) fn position(&self, store_id: &str) -> Result<usize, SimulateError> {
        self.geography
            .stores
            .binary_search_by(|site| site.id.as_str().cmp(store_id))
            .map_err(|_| SimulateError::UnknownStore(store_id.to_owned()))
    }

    /// US dollars per unit of a market's currency, the same as the scenario's fixed rate where the
    /// world has two markets; 1 in a world of one.
    pub(crate) fn rate(&self, market: usize) -> f64 {
        match (self.geography.markets.len(), self.geography.markets[market]) {
            (1, _) | (_, Country::Us) => 1.0,
            (_, Country::Gb) => POUND_IN_DOLLARS,
        }
    }
}

/// The fixed rate of the scenario.
pub(crate) const POUND_IN_DOLLARS: f64 = 1.27;
