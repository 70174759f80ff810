//! What a simulated chain sells: its related products, and the devices of a corner.
//!
//! Prices and costs are of the size that such goods have in shops; none is a quotation.

use crate::geography::Country;

/// A related product.
pub(crate) struct Product {
    pub(crate) id: &'static str,
    /// Weekly units of the typical store.
    pub(crate) units_per_week: f64,
    /// US dollars, cents; pounds are four fifths of it.
    pub(crate) price_minor: u32,
    /// The season's amplitude and its week of the year at the peak.
    pub(crate) season: (f64, f64),
    /// Size of the negative binomial per week.
    pub(crate) dispersion: f64,
}

/// The related products, ascending by id.
pub(crate) const PRODUCTS: [Product; 3] = [
    Product { id: "diabetes-care", units_per_week: 220.0, price_minor: 1_499, season: (0.04, 6.0), dispersion: 40.0 },
    Product { id: "heart-health", units_per_week: 330.0, price_minor: 1_149, season: (0.10, 3.0), dispersion: 45.0 },
    Product { id: "wellness", units_per_week: 520.0, price_minor: 999, season: (0.18, 2.0), dispersion: 30.0 },
];

/// A device's terms in one market, money in minor units.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terms {
    pub(crate) cost: u32,
    pub(crate) price: u32,
    pub(crate) salvage: u32,
    pub(crate) holding: u32,
}

/// A device of the corner.
pub(crate) struct Device {
    pub(crate) id: &'static str,
    us: Terms,
    gb: Terms,
    pub(crate) shelf_units: u32,
    pub(crate) lead_time_weeks: u32,
    pub(crate) pack_size: u32,
    /// Weight of each of [`PRODUCTS`].
    pub(crate) related: [f64; 3],
    /// The prior that the scenario states: low, mode, high (one in ten below, one in ten above).
    pub(crate) uptake: [f64; 3],
}

impl Device {
    pub(crate) fn terms(&self, country: Country) -> Terms {
        match country {
            Country::Us => self.us,
            Country::Gb => self.gb,
        }
    }
}

const fn terms(cost: u32, price: u32, salvage: u32, holding: u32) -> Terms {
    Terms { cost, price, salvage, holding }
}

/// The devices; a smaller world sells the first few of them.
pub(crate) const DEVICES: [Device; 4] = [
    Device {
        id: "bp-monitor",
        us: terms(3_100, 5_999, 1_600, 12),
        gb: terms(2_400, 4_499, 1_200, 9),
        shelf_units: 2,
        lead_time_weeks: 2,
        pack_size: 2,
        related: [0.0, 0.8, 0.2],
        uptake: [0.01, 0.02, 0.04],
    },
    Device {
        id: "glucose-meter",
        us: terms(1_750, 3_999, 800, 7),
        gb: terms(1_400, 2_999, 600, 5),
        shelf_units: 1,
        lead_time_weeks: 1,
        pack_size: 4,
        related: [1.0, 0.0, 0.0],
        uptake: [0.012, 0.022, 0.042],
    },
    Device {
        id: "ecg-1lead",
        us: terms(7_400, 12_900, 3_800, 28),
        gb: terms(6_200, 9_900, 3_000, 22),
        shelf_units: 1,
        lead_time_weeks: 3,
        pack_size: 1,
        related: [0.1, 0.9, 0.0],
        uptake: [0.003, 0.006, 0.012],
    },
    Device {
        id: "body-scale",
        us: terms(4_200, 7_999, 2_000, 18),
        gb: terms(3_400, 6_499, 1_600, 14),
        shelf_units: 3,
        lead_time_weeks: 3,
        pack_size: 1,
        related: [0.2, 0.0, 0.8],
        uptake: [0.005, 0.01, 0.02],
    },
];
