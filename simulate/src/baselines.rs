//! What a chain does without a planner.

use rand::RngExt;

use crate::geography::Country;
use crate::random::stream;
use crate::sales::rows;
use crate::world::World;

/// How far people count as a store's own in [`World::most_populous`].
const REACH_MINUTES: f64 = 15.0;

impl World {
    /// The `p` candidates with the highest related-category sales in the tables, in base currency.
    #[must_use]
    pub fn top_sales(&self, p: usize) -> Vec<String> {
        self.top(p, |store| {
            let market = self.market_of(store);
            let pound = self.geography.markets[market] == Country::Gb;
            let rows = rows(store, market, pound, &self.levels[store], &self.weather, self.rows_upto(store), self.seed);
            let takings = |row: &crate::sales::Row| f64::from(row.units) * f64::from(row.price_minor);
            rows.iter().flatten().map(takings).sum::<f64>() * self.rate(market)
        })
    }

    /// The `p` candidates with the most people within a quarter of an hour.
    #[must_use]
    pub fn most_populous(&self, p: usize) -> Vec<String> {
        self.top(p, |store| {
            let reached = self.near[store].iter().filter(|near| near.minutes <= REACH_MINUTES);
            reached.map(|near| self.geography.zones[near.zone as usize].population as f64).sum()
        })
    }

    /// `p` candidates by lot number `at`.
    #[must_use]
    pub fn random(&self, p: usize, at: u64) -> Vec<String> {
        let mut rng = stream(self.seed, "lot", at);
        let lots: Vec<f64> = (0..self.shops.len()).map(|_| rng.random_range(0.0..1.0)).collect();
        self.top(p, |store| lots[store])
    }

    /// The `p` candidates with the highest score, equals by id; ascending by id.
    fn top(&self, p: usize, score: impl Fn(usize) -> f64) -> Vec<String> {
        let mut scored: Vec<(f64, usize)> =
            self.candidate_positions().into_iter().map(|store| (score(store), store)).collect();
        scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut ids: Vec<String> =
            scored.into_iter().take(p).map(|(_, store)| self.geography.stores[store].id.clone()).collect();
        ids.sort_unstable();
        ids
    }
}
