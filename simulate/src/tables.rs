//! The tables of a world, as CSV text: the columns of the design's section 3 and nothing hidden.
//!
//! The same world writes the same bytes, whatever the threads: stores are rendered side by side, a
//! block at a time, and written in their order.

use std::fmt;
use std::io::{self, Write};

use rayon::prelude::*;

use crate::assortment::{DEVICES, PRODUCTS};
use crate::geography::Country;
use crate::sales::rows;
use crate::world::World;

/// A table that a world writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    /// Markets and their currencies.
    Markets,
    /// Stores.
    Stores,
    /// Related-category sales by store, product and week.
    Sales,
    /// Devices and their terms by market.
    Devices,
    /// Zones and their demographics.
    Zones,
}

impl Table {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Markets, Self::Stores, Self::Sales, Self::Devices, Self::Zones];

    /// Its key under `[tables]` in a scenario.
    #[must_use]
    pub fn role(self) -> &'static str {
        match self {
            Self::Markets => "markets",
            Self::Stores => "stores",
            Self::Sales => "sales",
            Self::Devices => "devices",
            Self::Zones => "zones",
        }
    }

    /// The file that the scenario of [`World::scenario_toml`] looks for in `../data`.
    #[must_use]
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Markets => "markets.csv",
            Self::Stores => "stores.csv",
            Self::Sales => "sales.csv",
            Self::Devices => "devices.csv",
            Self::Zones => "zones.csv",
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.role())
    }
}

/// Minor units as a decimal number of major units.
struct Cents(i64);

impl fmt::Display for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

/// Stores rendered at once: enough to keep the threads busy, little to hold.
const BLOCK: usize = 256;

impl World {
    /// The tables and their file names.
    pub fn tables(&self) -> impl Iterator<Item = (Table, &'static str)> + use<> {
        Table::ALL.into_iter().map(|table| (table, table.file_name()))
    }

    /// Writes a table as CSV: a header line, LF line ends, decimal points.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_csv(&self, table: Table, out: &mut impl Write) -> io::Result<()> {
        match table {
            Table::Markets => self.markets(out),
            Table::Stores => self.stores(out),
            Table::Sales => self.sales(out),
            Table::Devices => self.devices(out),
            Table::Zones => self.zones(out),
        }
    }

    fn markets(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "market,currency,country,week_start,lat_min,lat_max,lon_min,lon_max")?;
        for (market, country) in self.geography.markets.iter().enumerate() {
            let (terms, mut bounds): (_, [f64; 4]) = match country {
                Country::Us => ("US,USD,United States,Monday", [24.4, 49.4, -125.0, -66.9]),
                Country::Gb => ("GB,GBP,United Kingdom,Monday", [49.8, 60.9, -8.7, 1.8]),
            };
            // Given places may lie beyond the usual box, such as in Alaska: a tenth of a degree around them.
            for site in self.geography.stores.iter().chain(&self.geography.zones).filter(|site| site.market == market) {
                let (lat, lon) = (site.place.lat * 10.0, site.place.lon * 10.0);
                let [south, north, west, east] = bounds;
                bounds = [
                    south.min(lat.floor() / 10.0),
                    north.max(lat.ceil() / 10.0),
                    west.min(lon.floor() / 10.0),
                    east.max(lon.ceil() / 10.0),
                ];
            }
            let [south, north, west, east] = bounds;
            writeln!(out, "{terms},{south},{north},{west},{east}")?;
        }
        Ok(())
    }

    fn stores(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "store_id,market,name,format,lat,lon,opened,closed,area_m2,open_cost,shelf_units")?;
        for (site, shop) in self.geography.stores.iter().zip(&self.shops) {
            let closed = shop.closed.map(|date| date.to_string()).unwrap_or_default();
            writeln!(
                out,
                "{},{},{},{},{:.5},{:.5},{},{closed},{},{},{}",
                site.id,
                self.geography.markets[site.market].id(),
                site.name,
                site.format.name(),
                site.place.lat,
                site.place.lon,
                shop.opened,
                shop.area_m2,
                Cents(shop.open_cost_minor),
                shop.shelf_units,
            )?;
        }
        Ok(())
    }

    fn zones(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "zone_id,market,lat,lon,population,age50_share,car_share,diabetes_share,income")?;
        for (zone, people) in self.geography.zones.iter().zip(&self.people) {
            writeln!(
                out,
                "{},{},{:.5},{:.5},{},{:.3},{:.3},{:.4},{:.0}",
                zone.id,
                self.geography.markets[zone.market].id(),
                zone.place.lat,
                zone.place.lon,
                zone.population,
                people.age50_share,
                people.car_share,
                people.diabetes_share,
                people.income,
            )?;
        }
        Ok(())
    }

    fn devices(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(
            out,
            "device,market,unit_cost,price,salvage,holding_cost_per_week,shelf_units,lead_time_weeks,pack_size,related_products"
        )?;
        for device in &DEVICES[..self.device_count] {
            let related: Vec<String> = (PRODUCTS.iter().zip(device.related))
                .filter(|(_, weight)| *weight > 0.0)
                .map(|(product, weight)| format!("{}:{weight}", product.id))
                .collect();
            for country in &self.geography.markets {
                let terms = device.terms(*country);
                let cents = |minor: u32| Cents(i64::from(minor));
                writeln!(
                    out,
                    "{},{},{},{},{},{},{},{},{},{}",
                    device.id,
                    country.id(),
                    cents(terms.cost),
                    cents(terms.price),
                    cents(terms.salvage),
                    cents(terms.holding),
                    device.shelf_units,
                    device.lead_time_weeks,
                    device.pack_size,
                    related.join(";"),
                )?;
            }
        }
        Ok(())
    }

    fn sales(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "store_id,product,week,units,price,promo,stockout,customers")?;
        let weeks: Vec<String> = (0..self.weeks).map(|week| self.week_start(week).to_string()).collect();
        let stores: Vec<usize> = (0..self.shops.len()).collect();
        for block in stores.chunks(BLOCK) {
            let texts: Vec<Vec<u8>> = block.par_iter().map(|&store| self.sales_of(store, &weeks)).collect();
            for text in texts {
                out.write_all(&text)?;
            }
        }
        Ok(())
    }

    fn sales_of(&self, store: usize, weeks: &[String]) -> Vec<u8> {
        let market = self.market_of(store);
        let pound = self.geography.markets[market] == Country::Gb;
        let rows = rows(store, market, pound, &self.levels[store], &self.weather, self.rows_upto(store), self.seed);
        let id = &self.geography.stores[store].id;
        let mut text = Vec::with_capacity(64 * weeks.len() * rows.len());
        for (product, rows) in PRODUCTS.iter().zip(&rows) {
            for row in rows {
                let price = Cents(i64::from(row.price_minor));
                // A vector never refuses bytes, so there is no error to pass on.
                let _ = writeln!(
                    text,
                    "{id},{},{},{},{price},{},{},{}",
                    product.id, weeks[row.week], row.units, row.promo, row.stockout, row.customers
                );
            }
        }
        text
    }
}
