//! The Market: everything known about the chain, checked at birth and never changed.
//!
//! Entities are sorted by id, so that neither the order of rows nor that of files can reach a plan.

use crate::calendar::{Date, Weekday};
use crate::geo::{LatLon, Roads, UnitVector};
use crate::hash::{ContentHash, Hasher};
use crate::ids::{Ids, Idx};
use crate::panel::Panel;
use crate::units::{Currency, Money};

/// Kind: a country or region with its own currency.
#[derive(Debug)]
pub enum Country {}
/// Kind: a store.
#[derive(Debug)]
pub enum Store {}
/// Kind: a zone, a small area where people live.
#[derive(Debug)]
pub enum Zone {}
/// Kind: a product a corner sells.
#[derive(Debug)]
pub enum Device {}
/// Kind: a product that the sales table knows; a device may be one of them.
#[derive(Debug)]
pub enum Product {}

/// One row of `markets`.
#[derive(Debug, Clone, PartialEq)]
pub struct MarketTerms {
    /// The currency of every amount in this market.
    pub currency: Currency,
    /// ISO 3166 code or name, as given.
    pub country: String,
    /// The language that its people read numbers and dates in (BCP 47), where the table gives it.
    pub language: Option<String>,
    /// The first day of its weeks.
    pub week_start: Weekday,
    /// (south, north, west, east) in degrees, where the table gives them.
    pub bounds: Option<[f64; 4]>,
}

/// One row of `stores`.
#[derive(Debug, Clone, PartialEq)]
pub struct StoreFacts {
    /// Which market it is in.
    pub market: Idx<Country>,
    /// Where it stands.
    pub place: LatLon,
    /// First day of business.
    pub opened: Date,
    /// Last day of business, if it closed or will.
    pub closed: Option<Date>,
    /// What opening a corner costs here, if the table says.
    pub open_cost: Option<Money>,
    /// Shelf space for devices, if the table says.
    pub shelf_units: Option<u32>,
}

/// One row of `zones`.
#[derive(Debug, Clone, PartialEq)]
pub struct ZoneFacts {
    /// Which market it is in.
    pub market: Idx<Country>,
    /// Its centre.
    pub place: LatLon,
    /// People living there.
    pub population: u64,
}

/// One row of `devices`: the terms of a device in one market.
#[derive(Debug, Clone, PartialEq)]
pub struct DeviceTerms {
    /// What one unit costs the chain.
    pub unit_cost: Money,
    /// What a customer pays for one.
    pub price: Money,
    /// What an unsold unit brings at the end; at most the price. 0 unless given.
    pub salvage: Money,
    /// Holding one unit for one week.
    pub holding_cost_per_week: Money,
    /// Shelf space one unit takes.
    pub shelf_units: u32,
    /// Weeks from order to arrival.
    pub lead_time_weeks: u32,
    /// Units per pack; 1 unless given.
    pub pack_size: u32,
    /// When the device can first be sold; from the start unless given.
    pub launch: Option<Date>,
    /// Products whose sales tell of this device's, with their weights.
    pub related_products: Vec<(Idx<Product>, f64)>,
}

/// Numeric attributes of entities: `values[entity * names.len() + attribute]`, none where blank.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Attributes {
    /// Column names, ascending.
    pub names: Vec<String>,
    /// Row-major values.
    pub values: Vec<Option<f64>>,
}

impl Attributes {
    /// The value of attribute number `attribute` for entity number `entity`.
    #[must_use]
    pub fn get(&self, entity: usize, attribute: usize) -> Option<f64> {
        self.values[entity * self.names.len() + attribute]
    }

    /// The position of a column.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| known == name)
    }
}

/// Text attributes of entities, same layout as [`Attributes`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labels {
    /// Column names, ascending.
    pub names: Vec<String>,
    /// Row-major values; empty where blank.
    pub values: Vec<String>,
}

impl Labels {
    /// The value of column `name` for entity number `entity`; none where there is no such column or it is blank.
    #[must_use]
    pub fn get(&self, entity: usize, name: &str) -> Option<&str> {
        let column = self.names.iter().position(|known| known == name)?;
        Some(self.values[entity * self.names.len() + column].as_str()).filter(|text| !text.is_empty())
    }
}

/// A corner that exists already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Corner {
    /// Where.
    pub store: Idx<Store>,
    /// Since when.
    pub opened: Date,
    /// Until when.
    pub closed: Option<Date>,
}

/// How long it takes from a zone to a store.
#[derive(Debug, Clone)]
pub enum Travel {
    /// Great circle x detour / speed, between any zone and store of the same market.
    Roads(Roads),
    /// A table: per zone its reachable stores, ascending by store, in thousandths of a minute.
    Table {
        /// `pairs[starts[zone]..starts[zone + 1]]` are the zone's.
        starts: Vec<usize>,
        /// (store, thousandths of a minute).
        pairs: Vec<(Idx<Store>, u32)>,
    },
}

/// A zone-level health count: known, or hidden by disclosure control within an interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HealthCount {
    /// The count.
    Known(u64),
    /// Suppressed: it lies between these, both included; never a zero in disguise.
    Suppressed {
        /// At least.
        low: u64,
        /// At most.
        high: u64,
    },
}

/// Consented, aggregated health counts: per zone and measure.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Health {
    /// Measure names, ascending.
    pub measures: Vec<String>,
    /// `counts[zone * measures.len() + measure]`, none where the table has no row.
    pub counts: Vec<Option<HealthCount>>,
}

/// Everything known about the chain.
#[derive(Debug, Clone)]
pub struct Market {
    /// Market ids.
    pub market_ids: Ids<Country>,
    /// Terms, by market.
    pub markets: Vec<MarketTerms>,
    /// Store ids.
    pub store_ids: Ids<Store>,
    /// Facts, by store.
    pub stores: Vec<StoreFacts>,
    /// Further numeric columns of `stores`.
    pub store_attributes: Attributes,
    /// Further text columns of `stores` (such as `name`, `format`).
    pub store_labels: Labels,
    /// Device ids.
    pub device_ids: Ids<Device>,
    /// `terms[device * markets + market]`; none where the device is not sold.
    pub device_terms: Vec<Option<DeviceTerms>>,
    /// Product ids.
    pub product_ids: Ids<Product>,
    /// Zone ids.
    pub zone_ids: Ids<Zone>,
    /// Facts, by zone.
    pub zones: Vec<ZoneFacts>,
    /// Further numeric columns of `zones`.
    pub zone_attributes: Attributes,
    /// Sales.
    pub sales: Panel,
    /// Existing corners, by store.
    pub corners: Vec<Corner>,
    /// Travel times.
    pub travel: Travel,
    /// Health counts by zone.
    pub health: Health,
}

impl Market {
    /// The terms of a device in a market, if it is sold there.
    #[must_use]
    pub fn terms(&self, device: Idx<Device>, market: Idx<Country>) -> Option<&DeviceTerms> {
        self.device_terms[device.at() * self.markets.len() + market.at()].as_ref()
    }

    /// The name a person knows a store by: its `name` column, else its id.
    #[must_use]
    pub fn store_name(&self, store: Idx<Store>) -> &str {
        self.store_labels.get(store.at(), "name").unwrap_or_else(|| self.store_ids.name(store))
    }

    /// The product that is this device, if the sales table has it under the same id.
    #[must_use]
    pub fn device_product(&self, device: Idx<Device>) -> Option<Idx<Product>> {
        self.product_ids.find(self.device_ids.name(device))
    }

    /// A view that answers travel times quickly.
    #[must_use]
    pub fn travel_times(&self) -> TravelTimes<'_> {
        TravelTimes {
            market: self,
            stores: self.stores.iter().map(|store| store.place.unit()).collect(),
            zones: self.zones.iter().map(|zone| zone.place.unit()).collect(),
        }
    }

    /// The hash of all content, the same whatever the order of rows and files it came from.
    #[must_use]
    pub fn content_hash(&self) -> ContentHash {
        let mut hasher = Hasher::new("market-1");
        crate::hash::market(self, &mut hasher);
        hasher.finish()
    }
}

/// Travel times between zones and stores, with unit vectors at hand.
#[derive(Debug)]
pub struct TravelTimes<'a> {
    market: &'a Market,
    stores: Vec<UnitVector>,
    zones: Vec<UnitVector>,
}

impl TravelTimes<'_> {
    /// From a zone to a store in thousandths of a minute; none across markets and, where a table
    /// was given, none for pairs that are not in it.
    #[must_use]
    pub fn milli_minutes(&self, zone: Idx<Zone>, store: Idx<Store>) -> Option<u32> {
        let market = self.market;
        if market.zones[zone.at()].market != market.stores[store.at()].market {
            return None;
        }
        match &market.travel {
            Travel::Roads(roads) => Some(roads.milli_minutes(self.zones[zone.at()].km_to(self.stores[store.at()]))),
            Travel::Table { starts, pairs } => {
                let row = &pairs[starts[zone.at()]..starts[zone.at() + 1]];
                row.binary_search_by_key(&store, |pair| pair.0).ok().map(|at| row[at].1)
            }
        }
    }

    /// Where a zone lies on the unit sphere.
    #[must_use]
    pub fn zone_unit(&self, zone: Idx<Zone>) -> UnitVector {
        self.zones[zone.at()]
    }

    /// Where a store lies on the unit sphere.
    #[must_use]
    pub fn store_unit(&self, store: Idx<Store>) -> UnitVector {
        self.stores[store.at()]
    }
}
