//! A small chain with a forecast made up for it, so that deciding is tested without fitting.

use domain::calendar::{Date, Week, Weekday};
use domain::forecast::{Analog, Basis, ColdStartQuality, Contribution, Forecast, LEVELS, LevelSource, Uncertainty};
use domain::geo::{LatLon, Roads};
use domain::ids::{Ids, Idx};
use domain::market::{
    Attributes, Corner, DeviceTerms, Health, Labels, Market, MarketTerms, StoreFacts, Travel, ZoneFacts,
};
use domain::panel::{Cell, Panel, SeriesKey};
use domain::seed::Seed;
use domain::settings::{CaptureLaw, ObjectiveKind, Settings, ZeroRows};
use domain::units::{Currency, Money};
use ndarray::{Array2, Array3};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

/// Weeks of history.
pub(crate) const WEEKS: usize = 70;

pub(crate) fn date(year: i32, month: u32, day: u32) -> Date {
    Date::from_ymd_opt(year, month, day).expect("a date")
}

pub(crate) fn currency(code: &str) -> Currency {
    code.parse().expect("a currency")
}

/// Settings that leave every default alone.
pub(crate) fn settings(kind: ObjectiveKind, law: CaptureLaw) -> Settings {
    let mut settings = Settings {
        name: "test".into(),
        as_of: date(2026, 11, 16),
        horizon_weeks: 26,
        zero_rows: ZeroRows::Zero,
        seed: 7,
        stores_limit: 12,
        fx: domain::settings::Fx::default(),
        objective: domain::settings::Objective::default(),
        capture: domain::settings::Capture::default(),
        travel: domain::settings::TravelSettings::default(),
        placement: domain::settings::Placement::default(),
        budget: domain::settings::Budget::default(),
        reach: Vec::new(),
        demand: domain::settings::Demand::default(),
        stock: domain::settings::Stock::default(),
        pilot: domain::settings::Pilot::default(),
        solver: domain::settings::Solver::default(),
    };
    settings.objective.kind = kind;
    settings.capture.law = law;
    settings.fx.base = Some(currency("USD"));
    settings.fx.rates.insert(currency("GBP"), 1.25);
    settings.placement.stores_max = Some(4);
    settings.demand.samples = 60;
    settings.pilot.match_weeks = 20;
    settings.pilot.watch_weeks = 8;
    settings.pilot.spillover.km = 1.0;
    settings
}

/// `stores` stores and twice as many zones, in two countries, with history.
pub(crate) fn market(stores: usize, seed: u64) -> Market {
    let mut random = Pcg64::seed_from_u64(Seed(seed).stream("world", 0));
    let mut uniform = |low: f64, high: f64| low + (high - low) * random.random::<f64>();
    let home = |at: usize| Idx::new(usize::from(at % 3 == 0));
    let centre = |at: usize| if at % 3 == 0 { (40.0, -75.0) } else { (51.5, -0.1) };
    let mut place = |at: usize| {
        let (lat, lon) = centre(at);
        LatLon { lat: lat + uniform(-0.2, 0.2), lon: lon + uniform(-0.3, 0.3) }
    };
    let store_facts: Vec<StoreFacts> = (0..stores)
        .map(|at| StoreFacts {
            market: home(at),
            place: place(at),
            opened: date(2015, 1, 1),
            closed: None,
            open_cost: (at % 5 != 0).then(|| Money {
                minor: 100_000 + 9_000 * (at as i64 % 7),
                currency: currency(if at % 3 == 0 { "USD" } else { "GBP" }),
            }),
            shelf_units: (at % 4 == 0).then_some(400),
        })
        .collect();
    let zones: Vec<ZoneFacts> = (0..2 * stores)
        .map(|at| ZoneFacts { market: home(at), place: place(at), population: 500 + 137 * (at as u64 % 41) })
        .collect();
    let mut panel = Panel::empty();
    panel.first_week = Week::of(date(2026, 11, 16), Weekday::Mon).plus(-(WEEKS as i32));
    panel.weeks = WEEKS;
    for store in 0..stores {
        let level = uniform(20.0, 200.0);
        panel.series.push(SeriesKey { store: Idx::new(store), product: Idx::new(0) });
        for week in 0..WEEKS {
            panel.units.push((level * (1.0 + 0.2 * (week as f64 / 8.0).sin()) * uniform(0.8, 1.2)) as u32);
            panel.cells.push(Cell::Observed);
        }
    }
    let terms = |code: &str, cost: i64, price: i64, pack: u32| {
        let money = |minor| Money { minor, currency: currency(code) };
        Some(DeviceTerms {
            unit_cost: money(cost),
            price: money(price),
            salvage: money(cost / 2),
            holding_cost_per_week: money(20),
            shelf_units: 2,
            lead_time_weeks: 2,
            pack_size: pack,
            launch: None,
            related_products: vec![(Idx::new(0), 1.0)],
        })
    };
    Market {
        market_ids: Ids::sorted(vec!["GB".into(), "US".into()]),
        markets: ["GBP", "USD"]
            .map(|code| MarketTerms {
                currency: currency(code),
                country: code[..2].into(),
                language: None,
                week_start: Weekday::Mon,
                bounds: None,
            })
            .to_vec(),
        store_ids: Ids::sorted((0..stores).map(|at| format!("S{at:04}")).collect()),
        stores: store_facts,
        store_attributes: Attributes {
            names: vec!["area".into()],
            values: (0..stores).map(|_| Some(uniform(50.0, 500.0))).collect(),
        },
        store_labels: Labels::default(),
        device_ids: Ids::sorted(vec!["meter".into(), "patch".into()]),
        // The patch is not sold in the first market.
        device_terms: vec![
            terms("GBP", 3_000, 5_500, 1),
            terms("USD", 4_000, 7_000, 3),
            None,
            terms("USD", 1_000, 2_600, 2),
        ],
        product_ids: Ids::sorted(vec!["strips".into()]),
        zone_ids: Ids::sorted((0..2 * stores).map(|at| format!("Z{at:04}")).collect()),
        zones,
        zone_attributes: Attributes::default(),
        sales: panel,
        corners: vec![Corner { store: Idx::new(1), opened: date(2020, 1, 1), closed: None }],
        travel: Travel::Roads(Roads { detour: 1.3, km_per_hour: 40.0 }),
        health: Health::default(),
    }
}

/// A forecast of every store: a few units a week, a tenth or so of what it sells of the related product.
pub(crate) fn forecast(market: &Market, settings: &Settings) -> Forecast {
    let (stores, devices) = (market.stores.len(), market.device_ids.len());
    let mean = Array2::from_shape_fn((stores, devices), |(store, device)| {
        let sold = market.terms(Idx::new(device), market.stores[store].market).is_some();
        let level = market.sales.recent_mean(store, 52).unwrap_or(0.0);
        if sold { level * if device == 0 { 0.05 } else { 0.11 } } else { 0.0 }
    });
    let weeks = settings.horizon_weeks as usize;
    Forecast {
        stores: market.store_ids.iter().collect(),
        devices: market.device_ids.iter().collect(),
        quantiles: Array3::zeros((stores, devices, LEVELS.len())),
        mean,
        adoption: Array2::from_shape_fn((devices, weeks), |(_, week)| (0.2 + 0.05 * week as f64).min(1.0)),
        dispersion: vec![4.0, f64::INFINITY],
        basis: vec![Basis::Trained { stores: 40 }; devices],
        level_source: vec![LevelSource::Observed; stores],
        methods: vec![vec![("ridge".into(), 1.0)]; devices],
        analogs: vec![vec![Analog { store: Idx::new(0), weight: 1.0 }]; stores],
        contributions: vec![
            vec![
                Contribution { group: "people nearby".into(), factor: 1.1 },
                Contribution { group: "related sales".into(), factor: 0.6 },
            ];
            stores
        ],
        uncertainty: Uncertainty {
            common_sigma: 0.15,
            market_sigma: 0.1,
            uptake_sigma: vec![0.0; devices],
            store_residuals: vec![vec![-0.4, -0.2, 0.0, 0.1, 0.3]; devices],
            store_scale: Array2::ones((stores, devices)),
        },
        quality: Some(ColdStartQuality {
            stores: 60,
            wape: 0.2,
            coverage_80: 0.8,
            coverage_80_top: 0.7,
            top_ratio: 0.9,
        }),
        zone_rate: vec![1.0; market.zones.len()],
    }
}
