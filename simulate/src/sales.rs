//! Related-category sales: what the stores sell today.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | n_i | `Site::population` | people |
//! | c_ip | index of zone i for product p, from its demographics | 1 = usual |
//! | g_ij = exp(-0.15 t_ij) | | |
//! | A_j | size of store j, from its floor area, and luck | 1 = usual |
//! | X_jp = luck (sum_i n_i c_ip A_j g_ij / (1 + sum_l A_l g_il))^0.65, scaled | `Levels::units` | units per week |
//! | Y_jpt ~ NB(X_jp season_pt trend_jt common_pt promo_pt, r_p) | `Path::units` | units per week |
//!
//! Stores share people with each other and with competitors (the 1 in the denominator) [huff1963].
//! In a stockout week a part of the demand is lost, and the row says so.

use rand::RngExt;
use rand_pcg::Pcg64;
use rayon::prelude::*;

use crate::assortment::PRODUCTS;
use crate::catchment::Near;
use crate::chain::{People, Shop, Usual, usual};
use crate::geography::Geography;
use crate::random::{count, noise, normal, stream};

/// What a store sells in the long run.
#[derive(Debug, Clone)]
pub(crate) struct Levels {
    /// Units per week at the last week, season and promotions apart, by product.
    pub(crate) units: [f64; 3],
    /// Growth per week.
    pub(crate) trend: f64,
    /// Customers per week.
    pub(crate) customers: f64,
}

/// What happens to all stores of a market in a week: per product a factor on demand, and whether it
/// is promoted.
#[derive(Debug, Clone)]
pub(crate) struct Weather {
    /// `[market][product][week]`.
    pub(crate) factor: Vec<Vec<Vec<f64>>>,
    pub(crate) promo: Vec<Vec<Vec<bool>>>,
}

/// One store's rows of a product.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    pub(crate) week: usize,
    pub(crate) units: u32,
    pub(crate) price_minor: u32,
    pub(crate) promo: bool,
    pub(crate) stockout: bool,
    pub(crate) customers: u32,
}

fn indices(people: &People, usual: &Usual) -> [f64; 3] {
    let older = people.age50_share - usual.age50_share;
    [
        (people.diabetes_share / usual.diabetes_share).powf(0.9),
        (2.2 * older).exp(),
        (people.income / usual.income).powf(0.6) * (-0.8 * older).exp(),
    ]
}

/// Levels by store.
pub(crate) fn levels(
    geography: &Geography,
    people: &[People],
    shops: &[Shop],
    near: &[Vec<Near>],
    seed: u64,
) -> Vec<Levels> {
    let pull = |near: &Near| (-0.15 * near.minutes).exp();
    let luck: Vec<[f64; 6]> = (0..shops.len())
        .map(|store| {
            let mut rng = stream(seed, "level", store as u64);
            std::array::from_fn(|_| normal(&mut rng))
        })
        .collect();
    let size: Vec<f64> = (0..shops.len())
        .map(|store| (f64::from(shops[store].area_m2) / 300.0).powf(0.4) * (0.20 * luck[store][0]).exp())
        .collect();
    let mut around = vec![1.0; people.len()];
    for (store, zones) in near.iter().enumerate() {
        zones.iter().for_each(|entry| around[entry.zone as usize] += size[store] * pull(entry));
    }
    let raw: Vec<[f64; 4]> = near
        .par_iter()
        .enumerate()
        .map(|(store, zones)| {
            let usual = usual(geography.markets[geography.stores[store].market]);
            let mut sums = [0.0; 4];
            for entry in zones {
                let zone = entry.zone as usize;
                let visits = geography.zones[zone].population as f64 * size[store] * pull(entry) / around[zone];
                let index = indices(&people[zone], &usual);
                (0..3).for_each(|product| sums[product] += visits * index[product]);
                sums[3] += visits;
            }
            // A store without people around it lives on passers-by.
            sums.map(|sum| sum.max(50.0).powf(0.65))
        })
        .collect();
    // The typical store sells what the assortment says: scale by the geometric mean.
    let scale: [f64; 4] = std::array::from_fn(|at| {
        let logs: f64 = raw.iter().map(|sums| sums[at].ln()).sum();
        (-logs / raw.len().max(1) as f64).exp()
    });
    (0..shops.len())
        .map(|store| {
            let own = luck[store];
            Levels {
                units: std::array::from_fn(|product| {
                    PRODUCTS[product].units_per_week
                        * scale[product]
                        * raw[store][product]
                        * (0.18 * own[1] + 0.16 * own[2 + product]).exp()
                }),
                trend: (0.02 + 0.03 * own[5]) / 52.0,
                customers: 3_800.0 * scale[3] * raw[store][3] * (0.18 * own[1]).exp(),
            }
        })
        .collect()
}

/// The weeks' common fate, by market.
pub(crate) fn weather(markets: usize, weeks: usize, first_week_of_year: f64, seed: u64) -> Weather {
    let mut weather = Weather { factor: Vec::new(), promo: Vec::new() };
    for market in 0..markets {
        let (mut factors, mut promos) = (Vec::new(), Vec::new());
        for (at, product) in PRODUCTS.iter().enumerate() {
            let mut rng = stream(seed, "weather", (market * PRODUCTS.len() + at) as u64);
            let lift = rng.random_range(1.20..1.45);
            let promo: Vec<bool> = (0..weeks).map(|_| rng.random_range(0.0..1.0) < 0.10).collect();
            let (amplitude, peak) = product.season;
            factors.push(
                (0..weeks)
                    .map(|week| {
                        let angle = (first_week_of_year + week as f64 - peak) / 52.18 * std::f64::consts::TAU;
                        let season = 1.0 + amplitude * angle.cos();
                        season * noise(0.03, &mut rng) * if promo[week] { lift } else { 1.0 }
                    })
                    .collect(),
            );
            promos.push(promo);
        }
        weather.factor.push(factors);
        weather.promo.push(promos);
    }
    weather
}

/// The rows of one store, by product; `upto` is the first week without any.
pub(crate) fn rows(
    store: usize,
    market: usize,
    pound: bool,
    level: &Levels,
    weather: &Weather,
    upto: usize,
    seed: u64,
) -> [Vec<Row>; 3] {
    let mut rng = stream(seed, "sales", store as u64);
    let weeks = weather.factor[market][0].len();
    let dear = rng.random_range(0.97..1.03);
    let careless = rng.random_range(0.004..0.030);
    let customers: Vec<u32> = (0..upto).map(|_| customers(level.customers, &mut rng)).collect();
    std::array::from_fn(|product| {
        let goods = &PRODUCTS[product];
        (0..upto)
            .map(|week| {
                let past = weeks as f64 - 1.0 - week as f64;
                let mean = level.units[product] * (-level.trend * past).exp() * weather.factor[market][product][week];
                let demand = count(mean, goods.dispersion, &mut rng);
                let stockout = rng.random_range(0.0..1.0) < careless;
                let kept = if stockout { rng.random_range(0.35..0.90) } else { 1.0 };
                let promo = weather.promo[market][product][week];
                let price = f64::from(goods.price_minor)
                    * dear
                    * if pound { 0.8 } else { 1.0 }
                    * (-0.03 * past / 52.0).exp()
                    * if promo { 0.85 } else { 1.0 };
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small positive numbers")]
                Row {
                    week,
                    units: (f64::from(demand) * kept).round() as u32,
                    price_minor: price.round() as u32,
                    promo,
                    stockout,
                    customers: customers[week],
                }
            })
            .collect()
    })
}

fn customers(level: f64, rng: &mut Pcg64) -> u32 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "thousands at most")]
    let whole = (level * noise(0.05, rng)).round() as u32;
    whole
}
