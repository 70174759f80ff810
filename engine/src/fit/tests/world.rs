//! A small market whose truth is known: levels follow people and age nearby, with noise of 0.2 in the log.

use domain::calendar::{Date, Week, Weekday};
use domain::forecast::{PanelForecast, SeriesForecast};
use domain::geo::{LatLon, Roads};
use domain::ids::{Ids, Idx};
use domain::market::{Attributes, DeviceTerms, Health, Labels, Market, MarketTerms, StoreFacts, Travel, ZoneFacts};
use domain::panel::{Cell, Panel, SeriesKey};
use domain::settings::{Demand, Settings, ZeroRows};
use domain::units::{Currency, Money};
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Gamma, Poisson, StandardNormal};
use rand_pcg::Pcg64;

pub(super) struct World {
    pub(super) market: Market,
    pub(super) histories: PanelForecast,
    /// True weekly related sales by store.
    pub(super) levels: Vec<f64>,
}

/// As of 2026-11-16, 26 weeks ahead, everything else as given by default.
pub(super) fn settings() -> Settings {
    Settings {
        name: "test".into(),
        as_of: Date::from_ymd_opt(2026, 11, 16).expect("a date"),
        horizon_weeks: 26,
        zero_rows: ZeroRows::Zero,
        seed: 1,
        stores_limit: 12,
        fx: domain::settings::Fx::default(),
        objective: domain::settings::Objective::default(),
        capture: domain::settings::Capture::default(),
        travel: domain::settings::TravelSettings::default(),
        placement: domain::settings::Placement::default(),
        budget: domain::settings::Budget::default(),
        reach: Vec::new(),
        demand: Demand::default(),
        stock: domain::settings::Stock::default(),
        pilot: domain::settings::Pilot::default(),
        solver: domain::settings::Solver::default(),
    }
}

impl World {
    pub(super) const WEEKS: usize = 104;

    /// `stores` stores; those that `known` names have a history of strips.
    pub(super) fn new(stores: usize, known: impl Fn(usize) -> bool) -> Self {
        let mut random = Pcg64::seed_from_u64(42);
        let usd: Currency = "USD".parse().expect("a code");
        let money = |minor| Money { minor, currency: usd };
        // One zone per store, around it; each with its own people and mean age.
        let mut levels = Vec::new();
        let (mut facts, mut zones, mut ages) = (Vec::new(), Vec::new(), Vec::new());
        for store in 0..stores {
            let place = LatLon { lat: 40.0 + 0.5 * (store / 20) as f64, lon: -100.0 + 0.5 * (store % 20) as f64 };
            let people = (3000.0 * (0.6 * random.sample::<f64, _>(StandardNormal)).exp()).round();
            let age = 40.0 + 6.0 * random.sample::<f64, _>(StandardNormal);
            let noise = 0.2 * random.sample::<f64, _>(StandardNormal);
            levels.push((3.0 + 0.7 * (people / 3000.0).ln() + 0.05 * (age - 40.0) + noise).exp());
            facts.push(StoreFacts {
                market: Idx::new(0),
                place,
                opened: Date::from_ymd_opt(2000, 1, 1).expect("a date"),
                closed: None,
                open_cost: None,
                shelf_units: None,
            });
            zones.push(ZoneFacts {
                market: Idx::new(0),
                place: LatLon { lat: place.lat + 0.01, lon: place.lon },
                population: people as u64,
            });
            ages.push(Some(age));
        }
        let names = |prefix: &str| (0..stores).map(|at| format!("{prefix}{at:04}")).collect::<Vec<_>>();
        let mut panel = Panel { first_week: Week(2861), weeks: Self::WEEKS, ..Panel::empty() };
        let strips = Idx::new(1);
        for (store, &level) in levels.iter().enumerate().filter(|(store, _)| known(*store)) {
            panel.series.push(SeriesKey { store: Idx::new(store), product: strips });
            let rate = Gamma::new(8.0, level / 8.0).expect("positive");
            for _ in 0..Self::WEEKS {
                let units: f64 = Poisson::new(rate.sample(&mut random)).expect("positive").sample(&mut random);
                panel.units.push(units as u32);
                panel.cells.push(Cell::Observed);
            }
        }
        let market = Market {
            market_ids: Ids::sorted(vec!["US".into()]),
            markets: vec![MarketTerms {
                currency: usd,
                country: "US".into(),
                language: None,
                week_start: Weekday::Mon,
                bounds: None,
            }],
            store_ids: Ids::sorted(names("S")),
            stores: facts,
            store_attributes: Attributes::default(),
            store_labels: Labels::default(),
            device_ids: Ids::sorted(vec!["meter".into()]),
            device_terms: vec![Some(DeviceTerms {
                unit_cost: money(2000),
                price: money(5000),
                salvage: money(500),
                holding_cost_per_week: money(10),
                shelf_units: 1,
                lead_time_weeks: 1,
                pack_size: 1,
                launch: None,
                related_products: vec![(strips, 0.5)],
            })],
            product_ids: Ids::sorted(vec!["meter".into(), "strips".into()]),
            zone_ids: Ids::sorted(names("Z")),
            zones,
            zone_attributes: Attributes { names: vec!["age".into()], values: ages },
            sales: panel,
            corners: Vec::new(),
            travel: Travel::Roads(Roads { detour: 1.3, km_per_hour: 40.0 }),
            health: Health::default(),
        };
        let mut world = Self {
            market,
            histories: PanelForecast { series: Vec::new(), forecasts: Vec::new(), coverage_80: None },
            levels,
        };
        world.forecast();
        world
    }

    /// Forecasts every series of strips by its true level, and of the meter by its own last week.
    fn forecast(&mut self) {
        let panel = &self.market.sales;
        self.histories.series = panel.series.iter().map(|key| (key.store, key.product)).collect();
        self.histories.forecasts = (0..panel.series.len())
            .map(|at| {
                let key = panel.series[at];
                let level = if key.product.at() == 1 {
                    self.levels[key.store.at()]
                } else {
                    f64::from(panel.row(at).0[Self::WEEKS - 1])
                };
                Some(SeriesForecast { mean: vec![level; 26], quantiles: vec![[level; 7]; 26], method: "the truth" })
            })
            .collect();
    }

    /// Gives the meter a history of `share` times the true level, every week the same, in some stores.
    pub(super) fn sell_device(&mut self, sells: impl Fn(usize) -> bool, share: f64) {
        let old = self.market.sales.clone();
        let panel = &mut self.market.sales;
        (panel.series, panel.units, panel.cells) = (Vec::new(), Vec::new(), Vec::new());
        for store in 0..self.levels.len() {
            if sells(store) {
                panel.series.push(SeriesKey { store: Idx::new(store), product: Idx::new(0) });
                panel.units.extend(vec![(share * self.levels[store]).round() as u32; Self::WEEKS]);
                panel.cells.extend(vec![Cell::Observed; Self::WEEKS]);
            }
            if let Some(at) = old.find(Idx::new(store), Idx::new(1)) {
                panel.series.push(old.series[at]);
                let (units, cells) = old.row(at);
                panel.units.extend_from_slice(units);
                panel.cells.extend_from_slice(cells);
            }
        }
        self.forecast();
    }
}
