//! Small markets, their settings and the plans over them.

use domain::calendar::{Date, Weekday};
use domain::certificate::{Assignment, Certificate, ProfitCertificate, StockPrices};
use domain::forecast::DemandSamples;
use domain::geo::{LatLon, Roads};
use domain::ids::{Ids, Idx};
use domain::market::{Attributes, DeviceTerms, Health, Labels, Market, MarketTerms, StoreFacts, Travel, ZoneFacts};
use domain::panel::Panel;
use domain::plan::{ChosenStore, ObjectiveValue, PilotDesign, Plan, SCHEMA, Status, StockLine, Worth, gap};
use domain::settings::*;
use domain::units::Money;
use ndarray::{Array2, Array3};

pub(crate) fn day(text: &str) -> Date {
    text.parse().unwrap()
}

pub(crate) fn money(minor: i64) -> Money {
    Money { minor, currency: "USD".parse().unwrap() }
}

/// A market of stores and zones (degrees from a corner of a quiet plain; people) and two devices.
pub(crate) fn market(stores: &[(f64, f64)], zones: &[(f64, f64, u64)]) -> Market {
    let place = |lat: f64, lon: f64| LatLon { lat: 40.0 + lat, lon: -100.0 + lon };
    let home = Idx::new(0);
    let device = |cost: i64, price: i64, pack: u32| DeviceTerms {
        unit_cost: money(cost),
        price: money(price),
        salvage: money(cost / 2),
        holding_cost_per_week: money(cost / 100),
        shelf_units: 1,
        lead_time_weeks: 2,
        pack_size: pack,
        launch: None,
        related_products: Vec::new(),
    };
    Market {
        market_ids: Ids::sorted(vec!["US".into()]),
        markets: vec![MarketTerms {
            currency: "USD".parse().unwrap(),
            country: "US".into(),
            language: None,
            week_start: Weekday::Mon,
            bounds: None,
        }],
        store_ids: Ids::sorted((0..stores.len()).map(|at| format!("s{at:02}")).collect()),
        stores: stores
            .iter()
            .enumerate()
            .map(|(at, &(lat, lon))| StoreFacts {
                market: home,
                place: place(lat, lon),
                opened: day("2020-01-06"),
                closed: None,
                open_cost: Some(money(1000 * (1 + at as i64 % 3))),
                shelf_units: None,
            })
            .collect(),
        store_attributes: Attributes::default(),
        store_labels: Labels::default(),
        device_ids: Ids::sorted(vec!["meter".into(), "patch".into()]),
        device_terms: vec![Some(device(4000, 9000, 1)), Some(device(1500, 2900, 4))],
        product_ids: Ids::default(),
        zone_ids: Ids::sorted((0..zones.len()).map(|at| format!("z{at:02}")).collect()),
        zones: zones
            .iter()
            .map(|&(lat, lon, population)| ZoneFacts { market: home, place: place(lat, lon), population })
            .collect(),
        zone_attributes: Attributes::default(),
        sales: Panel::empty(),
        corners: Vec::new(),
        travel: Travel::Roads(Roads { detour: 1.3, km_per_hour: 40.0 }),
        health: Health::default(),
    }
}

pub(crate) fn settings(kind: ObjectiveKind, stores_max: u32) -> Settings {
    Settings {
        name: "test".into(),
        as_of: day("2026-11-16"),
        horizon_weeks: 26,
        zero_rows: ZeroRows::Zero,
        seed: 1,
        stores_limit: 12,
        fx: Fx::default(),
        objective: Objective { kind, radius: None, risk: None },
        capture: Capture::default(),
        travel: TravelSettings::default(),
        placement: Placement { stores_max: Some(stores_max), ..Placement::default() },
        budget: Budget::default(),
        reach: Vec::new(),
        demand: Demand::default(),
        stock: Stock::default(),
        pilot: Pilot { controls_per_store: 0, spillover: "5 km".parse().unwrap(), ..Pilot::default() },
        solver: Solver::default(),
    }
}

/// Samples for all stores: rates that differ by sample, store and device.
pub(crate) fn samples(market: &Market, count: usize, level: f64) -> DemandSamples {
    let (stores, weeks) = (market.stores.len(), 26);
    DemandSamples {
        stores: market.store_ids.iter().collect(),
        devices: market.device_ids.iter().collect(),
        rates: Array3::from_shape_fn((count, stores, 2), |(s, j, k)| {
            level * (1.0 + 0.3 * s as f64) * (1.0 + ((7 * j + 3 * k) % 5) as f64) / (1.0 + 2.0 * k as f64)
        }),
        adoption: Array2::from_shape_fn((2, weeks), |(_, t)| (0.2 + t as f64 / 13.0).min(1.0)),
        dispersion: vec![2.5, f64::INFINITY],
        zone_rate: vec![1.0; market.zones.len()],
        weights: None,
    }
}

/// A plan that opens `open`, states `value` and `bound`, stocks nothing and compares with nobody.
pub(crate) fn plan(market: &Market, settings: &Settings, open: &[usize], value: f64, bound: f64) -> Plan {
    let unit = match settings.objective.kind {
        ObjectiveKind::Profit => "USD",
        ObjectiveKind::Distance => "people x minutes",
        ObjectiveKind::Coverage => "people",
    };
    let open_cost = open.iter().map(|&at| market.stores[at].open_cost.unwrap().minor).sum();
    Plan {
        schema: SCHEMA.into(),
        run_id: String::new(),
        scenario: settings.name.clone(),
        status: if gap(value, bound) <= 1e-6 { Status::Proven } else { Status::Gap },
        objective: ObjectiveValue {
            kind: settings.objective.kind,
            law: settings.capture.law,
            unit: unit.into(),
            value,
            bound,
            gap: gap(value, bound),
            reached: None,
            stay_bonus: 0.0,
            interval: [0.0, 1.0],
            risk: None,
        },
        stores: open
            .iter()
            .enumerate()
            .map(|(at, &store)| ChosenStore {
                store_id: market.store_ids.names()[store].clone(),
                market: "US".into(),
                lat: market.stores[store].place.lat,
                lon: market.stores[store].place.lon,
                rank: at as u32 + 1,
                expected_profit: money(0),
                interval: [money(0), money(0)],
                demand_units_per_week: 0.0,
                share_of_scenarios: 1.0,
                controls: Vec::new(),
            })
            .collect(),
        stock: Vec::new(),
        replenishment: None,
        reach: Vec::new(),
        not_chosen: Vec::new(),
        thresholds: Vec::new(),
        worth: Worth {
            expected_profit: money(0),
            selection_factor: 1.0,
            chance_of_loss: 0.0,
            open_cost: money(open_cost),
            stock_cost: money(0),
            payback_weeks: None,
            next_store_value: None,
            last_store_value: None,
            break_even_demand: None,
            stress: Vec::new(),
            markets: Vec::new(),
        },
        pilot: PilotDesign {
            design: "none".into(),
            controls_per_store: 0,
            match_weeks: 26,
            watch_weeks: 13,
            judged_on: None,
            minimum_detectable_effect: None,
            drawn: None,
            placebo_windows: 0,
            detect: None,
            estimator: None,
            scale: None,
            kappa: None,
            minimum_detectable_effect_store: None,
            placebos: 0,
        },
        bound_verified: false,
        warnings: Vec::new(),
    }
}

pub(crate) fn stock_line(store: &str, device: &str, units: u32, service_level: f64, fill_rate: f64) -> StockLine {
    StockLine { store_id: store.into(), device: device.into(), units, service_level, fill_rate }
}

/// The codes of some findings, each once.
/// What a run without budgets of stock states about its bound.
pub(crate) fn certificate(bound: f64, proof: Option<ProfitCertificate>, assignments: Vec<Assignment>) -> Certificate {
    Certificate::Profit {
        bound,
        nodes: 1,
        stock: StockPrices::default(),
        proof,
        risk: None,
        assignments,
        reach: Vec::new(),
    }
}

pub(crate) fn codes(findings: &[verify::Failure]) -> Vec<&'static str> {
    let mut codes: Vec<&str> = findings.iter().map(|finding| finding.code).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// All subsets of `0..count`, as ascending lists.
pub(crate) fn subsets(count: usize) -> impl Iterator<Item = Vec<usize>> {
    (0_u32..1 << count).map(move |set| (0..count).filter(|at| set >> at & 1 == 1).collect())
}
