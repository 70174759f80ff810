//! How demand varies from week to week and from year to year, learned from related sales.
//!
//! | symbol | result | |
//! |---|---|---|
//! | r | [`dispersion`] | size of the negative binomial per week |
//! | sigma_c, sigma_m | [`growth`] | of the log of the common and the market factor |
//!
//! *Dispersion.* Moments, pooled over series: half the squared difference of two weeks running is the
//! variance free of trend and season, so 1/r = sum (v - m) / sum m^2. A device that a fixed part of the
//! customers takes up has the same 1/r as the related sales [gelman2013]. Held within `SIZE_MIN` and
//! `SIZE_MAX`; above, it is Poisson.
//!
//! *Growth.* With two years of history: quarters against the same quarter a year before, over cells known in
//! both. The spread of the whole's log growth over quarters is sigma_c, of the markets' departures from it
//! sigma_m. With less: the log growth from the first half to the second, taken as one draw. A few quarters
//! can look calmer than the next year will be, so sigma_c is at least `COMMON_MIN` and, where there
//! are several markets, sigma_m at least `MARKET_MIN`; with one market, its factor is the common one.

use domain::ids::Idx;
use domain::market::{Market, Product};
use domain::panel::Cell;

/// Smallest size believed.
const SIZE_MIN: f64 = 0.5;
/// Size above which a count is as good as Poisson.
const SIZE_MAX: f64 = 1000.0;
/// Weeks in a quarter and a year.
const QUARTER: usize = 13;
const YEAR: usize = 52;
/// Floors and cap of the spreads.
const COMMON_MIN: f64 = 0.08;
const MARKET_MIN: f64 = 0.05;
const GROWTH_MAX: f64 = 0.4;

/// The size r from the weekly sales of `products`; infinite where they vary no more than a Poisson count.
/// Without any, 2: as dispersed as slow movers usually are.
pub(super) fn dispersion(market: &Market, products: &[Idx<Product>]) -> f64 {
    let panel = &market.sales;
    let (mut excess, mut squares) = (0.0, 0.0);
    for (at, key) in panel.series.iter().enumerate() {
        if !products.contains(&key.product) {
            continue;
        }
        let (units, cells) = panel.row(at);
        let (mut sum, mut weeks, mut variance, mut pairs) = (0.0, 0.0, 0.0, 0.0);
        for week in 0..units.len() {
            if cells[week] != Cell::Observed {
                continue;
            }
            sum += f64::from(units[week]);
            weeks += 1.0;
            if week > 0 && cells[week - 1] == Cell::Observed {
                variance += 0.5 * (f64::from(units[week]) - f64::from(units[week - 1])).powi(2);
                pairs += 1.0;
            }
        }
        if pairs > 0.0 {
            let mean: f64 = sum / weeks;
            excess += variance / pairs - mean;
            squares += mean * mean;
        }
    }
    if squares <= 0.0 {
        return 2.0;
    }
    let inverse = excess / squares;
    if inverse <= 1.0 / SIZE_MAX { f64::INFINITY } else { (1.0 / inverse).max(SIZE_MIN) }
}

/// (sigma_c, sigma_m) from the sales of `products`.
pub(super) fn growth(market: &Market, products: &[Idx<Product>]) -> (f64, f64) {
    let weeks = market.sales.weeks;
    let markets = market.markets.len();
    // (start, length, lag) of the periods compared.
    let periods: Vec<(usize, usize, usize)> = if weeks >= 2 * YEAR {
        (0..(weeks - YEAR) / QUARTER).map(|back| (weeks - (back + 1) * QUARTER, QUARTER, YEAR)).collect()
    } else if weeks >= 2 * QUARTER {
        vec![(weeks - weeks / 2, weeks / 2, weeks / 2)]
    } else {
        Vec::new()
    };
    // Per period and market: (before, now).
    let mut totals = vec![vec![(0_u64, 0_u64); markets]; periods.len()];
    for (at, key) in market.sales.series.iter().enumerate() {
        if !products.contains(&key.product) {
            continue;
        }
        let (units, cells) = market.sales.row(at);
        let country = market.stores[key.store.at()].market.at();
        for (period, &(start, length, lag)) in periods.iter().enumerate() {
            for week in start..start + length {
                if cells[week] == Cell::Observed && cells[week - lag] == Cell::Observed {
                    totals[period][country].0 += u64::from(units[week - lag]);
                    totals[period][country].1 += u64::from(units[week]);
                }
            }
        }
    }
    let log = |(before, now): (u64, u64)| (before > 0 && now > 0).then(|| (now as f64 / before as f64).ln());
    let mut common = Vec::new();
    let mut apart: Vec<Vec<f64>> = vec![Vec::new(); markets];
    for period in &totals {
        let whole = period.iter().fold((0, 0), |sum, part| (sum.0 + part.0, sum.1 + part.1));
        let Some(whole) = log(whole) else { continue };
        common.push(whole);
        for (country, &part) in period.iter().enumerate() {
            apart[country].extend(log(part).map(|growth| growth - whole));
        }
    }
    let spread = |values: &[f64]| match values.len() {
        0 => 2.0 * COMMON_MIN,
        1 => values[0].abs(),
        n => {
            let mean = values.iter().sum::<f64>() / n as f64;
            (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1) as f64).sqrt()
        }
    };
    let known: Vec<f64> =
        apart.iter().filter(|values| !values.is_empty()).map(|values| spread(values).powi(2)).collect();
    let market_sigma = if markets < 2 {
        0.0
    } else {
        (known.iter().sum::<f64>() / known.len().max(1) as f64).sqrt().clamp(MARKET_MIN, GROWTH_MAX)
    };
    (spread(&common).clamp(COMMON_MIN, GROWTH_MAX), market_sigma)
}
