//! The chain as its tables will state it: zones with their demographics, stores with their terms.
//!
//! | field | unit |
//! |---|---|
//! | `People::age50_share`, `diabetes_share`, `car_share` | fraction of people |
//! | `People::income` | median household per year, currency of the market |
//! | `Shop::open_cost_minor` | minor units, currency of the market |

use domain::calendar::{Date, Days, epoch_day, from_epoch_day};
use rand::RngExt;
use rand_pcg::Pcg64;

use crate::geography::{Country, Format, Geography, Site};
use crate::random::{normal, stream};

/// The demographics of a zone, rounded as its table states them: the truth knows no more digits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct People {
    pub(crate) age50_share: f64,
    pub(crate) car_share: f64,
    pub(crate) diabetes_share: f64,
    pub(crate) income: f64,
}

/// What is usual in a market.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Usual {
    pub(crate) age50_share: f64,
    pub(crate) car_share: f64,
    pub(crate) diabetes_share: f64,
    pub(crate) income: f64,
}

pub(crate) fn usual(country: Country) -> Usual {
    match country {
        Country::Us => Usual { age50_share: 0.36, car_share: 0.78, diabetes_share: 0.105, income: 68_000.0 },
        Country::Gb => Usual { age50_share: 0.38, car_share: 0.68, diabetes_share: 0.07, income: 36_000.0 },
    }
}

/// What the table of stores says beside the place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shop {
    pub(crate) opened: Date,
    pub(crate) closed: Option<Date>,
    pub(crate) area_m2: u32,
    pub(crate) open_cost_minor: i64,
    pub(crate) shelf_units: u32,
}

impl Shop {
    /// Whether a corner may open here: in business on `as_of` and not about to close.
    pub(crate) fn is_candidate(&self, as_of: Date) -> bool {
        self.opened <= as_of && self.closed.is_none()
    }
}

fn rounded(value: f64, decimals: i32) -> f64 {
    let scale = 10.0_f64.powi(decimals);
    (value * scale).round() / scale
}

/// A town's own deviations, the same for all its zones.
fn town_mood(seed: u64, market: usize, town: usize) -> [f64; 3] {
    let mut rng = stream(seed, "town", ((market as u64) << 32) | town as u64);
    [normal(&mut rng), normal(&mut rng), normal(&mut rng)]
}

/// Demographics by zone.
pub(crate) fn people(geography: &Geography, seed: u64) -> Vec<People> {
    let one = |at: usize, zone: &Site| {
        let usual = usual(geography.markets[zone.market]);
        let [age_mood, income_mood, health_mood] = town_mood(seed, zone.market, zone.town);
        let mut rng = stream(seed, "people", at as u64);
        let age = usual.age50_share + zone.format.pick(-0.05, 0.0, 0.05) + 0.025 * age_mood + 0.04 * normal(&mut rng);
        let age50_share = rounded(age.clamp(0.12, 0.70), 3);
        let log_income = zone.format.pick(0.0, 0.12, -0.10) + 0.10 * income_mood + 0.20 * normal(&mut rng);
        let log_health =
            1.4 * (age50_share - usual.age50_share) - 0.35 * log_income + 0.08 * health_mood + 0.10 * normal(&mut rng);
        let cars = usual.car_share + zone.format.pick(-0.28, 0.0, 0.12) + 0.06 * normal(&mut rng);
        People {
            age50_share,
            car_share: rounded(cars.clamp(0.05, 0.98), 3),
            diabetes_share: rounded((usual.diabetes_share * log_health.exp()).clamp(0.01, 0.35), 4),
            income: rounded(usual.income * log_income.exp(), -2),
        }
    };
    geography.zones.iter().enumerate().map(|(at, zone)| one(at, zone)).collect()
}

/// Terms by store. A few stores opened in the week of `as_of`, so that they have no whole week of
/// sales; a few have closed, each a town store, so that its zones keep another shop.
pub(crate) fn shops(geography: &Geography, as_of: Date, first_week: Date, seed: u64) -> Vec<Shop> {
    let mut shops: Vec<Shop> = (0..geography.stores.len())
        .map(|at| {
            let mut rng = stream(seed, "shop", at as u64);
            shop(&geography.stores[at], geography.markets[geography.stores[at].market], first_week, &mut rng)
        })
        .collect();
    let mut rng = stream(seed, "openings", 0);
    let mut pick = |of: &dyn Fn(&Site, &Shop) -> bool, shops: &[Shop]| {
        let able: Vec<usize> = (0..shops.len()).filter(|&at| of(&geography.stores[at], &shops[at])).collect();
        (!able.is_empty()).then(|| able[rng.random_range(0..able.len())])
    };
    let few = if shops.len() >= 50 { (shops.len() / 200).max(1) } else { 0 };
    for at in 0..few {
        if let Some(new) = pick(&|_, shop| shop.opened < first_week, &shops) {
            shops[new].opened = as_of - Days::new(at as u64 % 6);
        }
        let in_business =
            |site: &Site, shop: &Shop| site.format == Format::City && shop.opened < first_week && shop.closed.is_none();
        if let Some(old) = pick(&in_business, &shops) {
            shops[old].closed = Some(as_of - Days::new(60 + 35 * (at as u64 % 8)));
        }
    }
    shops
}

fn shop(site: &Site, country: Country, first_week: Date, rng: &mut Pcg64) -> Shop {
    let area = site.format.pick(260.0, 420.0, 230.0) * (0.30 * normal(rng)).exp();
    let area = f64::clamp(area, 80.0, 1_500.0).round();
    let level = match country {
        Country::Us => 1.0,
        Country::Gb => 0.78,
    };
    let cost = level * site.format.pick(8_000.0, 6_500.0, 5_000.0) * (0.12 * normal(rng)).exp();
    // Every older store opened at least a year before the first week of the tables.
    let latest = epoch_day(first_week) - 365;
    let opened = from_epoch_day(rng.random_range(latest - 11_000..latest)).unwrap_or(first_week);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small positive quantities")]
    Shop {
        opened,
        closed: None,
        area_m2: area as u32,
        open_cost_minor: (cost / 50.0).round() as i64 * 5_000,
        shelf_units: (1.6 * area).clamp(200.0, 1_200.0) as u32,
    }
}
