//! Content hashes: SHA-256 over a canonical form.
//!
//! A run is named by what went in, so the hash is taken of the checked, sorted Market and not of the
//! files: shuffled rows are the same input.

use sha2::{Digest, Sha256};

use crate::calendar::epoch_day;
use crate::market::{HealthCount, Market, Travel};

/// A SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentHash(pub [u8; 32]);

impl ContentHash {
    /// Sixty-four lower-case hexadecimal digits.
    #[must_use]
    pub fn hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The hash of some bytes as they are.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl std::fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.hex())
    }
}

/// Feeds typed values, each of a fixed or announced length, so that no two inputs read alike.
pub struct Hasher(Sha256);

impl std::fmt::Debug for Hasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hasher")
    }
}

impl Hasher {
    /// Starts with the name and version of what is hashed.
    #[must_use]
    pub fn new(what: &str) -> Self {
        let mut hasher = Self(Sha256::new());
        hasher.text(what);
        hasher
    }
    /// A text.
    pub fn text(&mut self, value: &str) {
        self.count(value.len());
        self.0.update(value.as_bytes());
    }
    /// A length or count.
    pub fn count(&mut self, value: usize) {
        self.0.update((value as u64).to_le_bytes());
    }
    /// A whole number.
    pub fn whole(&mut self, value: i64) {
        self.0.update(value.to_le_bytes());
    }
    /// A real number, by its bits.
    pub fn real(&mut self, value: f64) {
        self.0.update(value.to_bits().to_le_bytes());
    }
    /// A value or its absence.
    pub fn maybe<T>(&mut self, value: Option<T>, feed: impl FnOnce(&mut Self, T)) {
        self.0.update([u8::from(value.is_some())]);
        if let Some(value) = value {
            feed(self, value);
        }
    }
    /// Whole numbers of 32 bits, with their count.
    pub fn words(&mut self, values: &[u32]) {
        self.count(values.len());
        for chunk in values.chunks(4096) {
            let bytes: Vec<u8> = chunk.iter().flat_map(|value| value.to_le_bytes()).collect();
            self.0.update(&bytes);
        }
    }
    /// The hash of all that was fed.
    #[must_use]
    pub fn finish(self) -> ContentHash {
        ContentHash(self.0.finalize().into())
    }
}

/// Feeds a whole Market in its canonical order.
pub fn market(market: &Market, hasher: &mut Hasher) {
    let names = |hasher: &mut Hasher, names: &[String]| {
        hasher.count(names.len());
        names.iter().for_each(|name| hasher.text(name));
    };
    names(hasher, market.market_ids.names());
    for terms in &market.markets {
        hasher.text(terms.currency.code());
        hasher.text(&terms.country);
        hasher.maybe(terms.language.as_deref(), Hasher::text);
        hasher.whole(i64::from(terms.week_start.num_days_from_monday()));
        hasher.maybe(terms.bounds, |hasher, bounds| bounds.iter().for_each(|value| hasher.real(*value)));
    }
    names(hasher, market.store_ids.names());
    for store in &market.stores {
        hasher.count(store.market.at());
        hasher.real(store.place.lat);
        hasher.real(store.place.lon);
        hasher.whole(i64::from(epoch_day(store.opened)));
        hasher.maybe(store.closed, |hasher, date| hasher.whole(i64::from(epoch_day(date))));
        hasher.maybe(store.open_cost, |hasher, cost| hasher.whole(cost.minor));
        hasher.maybe(store.shelf_units, |hasher, units| hasher.whole(i64::from(units)));
    }
    for attributes in [&market.store_attributes, &market.zone_attributes] {
        names(hasher, &attributes.names);
        hasher.count(attributes.values.len());
        attributes.values.iter().for_each(|value| hasher.maybe(*value, Hasher::real));
    }
    names(hasher, &market.store_labels.names);
    names(hasher, &market.store_labels.values);
    names(hasher, market.device_ids.names());
    for terms in &market.device_terms {
        hasher.maybe(terms.as_ref(), |hasher, terms| {
            for money in [terms.unit_cost, terms.price, terms.salvage, terms.holding_cost_per_week] {
                hasher.whole(money.minor);
            }
            for count in [terms.shelf_units, terms.lead_time_weeks, terms.pack_size] {
                hasher.whole(i64::from(count));
            }
            hasher.maybe(terms.launch, |hasher, date| hasher.whole(i64::from(epoch_day(date))));
            hasher.count(terms.related_products.len());
            for (product, weight) in &terms.related_products {
                hasher.count(product.at());
                hasher.real(*weight);
            }
        });
    }
    names(hasher, market.product_ids.names());
    names(hasher, market.zone_ids.names());
    for zone in &market.zones {
        hasher.count(zone.market.at());
        hasher.real(zone.place.lat);
        hasher.real(zone.place.lon);
        hasher.whole(i64::try_from(zone.population).unwrap_or(i64::MAX));
    }
    let panel = &market.sales;
    hasher.whole(i64::from(panel.first_week.0));
    hasher.count(panel.weeks);
    hasher.count(panel.series.len());
    for key in &panel.series {
        hasher.count(key.store.at());
        hasher.count(key.product.at());
    }
    hasher.words(&panel.units);
    hasher.words(&panel.cells.iter().map(|cell| *cell as u32).collect::<Vec<_>>());
    hasher.words(&panel.price_minor);
    hasher.words(&panel.promo.iter().map(|promo| u32::from(*promo)).collect::<Vec<_>>());
    hasher.words(&panel.customers);
    hasher.count(market.corners.len());
    for corner in &market.corners {
        hasher.count(corner.store.at());
        hasher.whole(i64::from(epoch_day(corner.opened)));
        hasher.maybe(corner.closed, |hasher, date| hasher.whole(i64::from(epoch_day(date))));
    }
    match &market.travel {
        Travel::Roads(roads) => {
            hasher.text("roads");
            hasher.real(roads.detour);
            hasher.real(roads.km_per_hour);
        }
        Travel::Table { starts, pairs } => {
            hasher.text("table");
            starts.iter().for_each(|start| hasher.count(*start));
            for (store, time) in pairs {
                hasher.count(store.at());
                hasher.whole(i64::from(*time));
            }
        }
    }
    names(hasher, &market.health.measures);
    for count in &market.health.counts {
        hasher.maybe(*count, |hasher, count| match count {
            HealthCount::Known(value) => hasher.count(usize::try_from(value).unwrap_or(usize::MAX)),
            HealthCount::Suppressed { low, high } => {
                hasher.text("suppressed");
                hasher.count(usize::try_from(low).unwrap_or(usize::MAX));
                hasher.count(usize::try_from(high).unwrap_or(usize::MAX));
            }
        });
    }
}
