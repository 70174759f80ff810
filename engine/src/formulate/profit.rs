//! Profit as a problem: what a captured unit earns at each candidate, and who captures it.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | F-bar_jk | `CaptureModel::alone` | units per week at full adoption, mean over the samples |
//! | Pi_jk(q*) | [`crate::stock::window::best_alone`] | major units of the market's currency |
//! | v_jk = max(0, Pi_jk(q*)) rate / F-bar_jk | `Profit::unit_values` | base-currency major units per unit of weekly demand |
//! | o_j | `Profit::open_costs` | base-currency major units |
//!
//! v_jk D_jk(y) is what a device earns alone, scaled with what it still captures: what comparisons of many plans at once use
//! ([`crate::worth`]). The plan itself is decided with its stock ([`crate::joint`]).

use domain::forecast::{DemandSamples, Rates};
use domain::ids::Idx;
use domain::market::{Market, Store};
use domain::problem::Profit;
use domain::settings::Settings;
use domain::units::{Currency, Money};
use ndarray::{Array2, Axis, s};
use rayon::prelude::*;

use super::capture::Ground;
use crate::EngineError;
use crate::stock::terms::Terms;
use crate::stock::window::best_alone;

/// The terms of every store and device of `samples`; none where the device is not sold.
///
/// # Errors
/// Where a market's currency has no rate.
pub fn all_terms(
    market: &Market,
    settings: &Settings,
    base: Currency,
    samples: &DemandSamples,
) -> Result<Vec<Vec<Option<Terms>>>, EngineError> {
    // Terms differ by market and device only.
    let by_market: Vec<Vec<Option<Terms>>> = market
        .market_ids
        .iter()
        .map(|country| {
            samples
                .devices
                .iter()
                .enumerate()
                .map(|(at, &device)| {
                    let adoption = samples.adoption.row(at).to_vec().into_iter();
                    Terms::of(market, settings, base, device, country, adoption, samples.dispersion[at])
                })
                .collect()
        })
        .collect::<Result<_, EngineError>>()?;
    Ok(samples.stores.iter().map(|store| by_market[market.stores[store.at()].market.at()].clone()).collect())
}

/// v, `stores x devices`, from samples and terms.
#[must_use]
pub fn unit_values(samples: &DemandSamples, terms: &[Vec<Option<Terms>>], units_max: u32) -> Array2<f64> {
    let (count, stores, devices) = samples.rates.dim();
    let rows: Vec<Vec<f64>> = (0..stores)
        .into_par_iter()
        .map(|store| {
            let here = samples.rates.slice(s![.., store, ..]).to_owned();
            (0..devices)
                .map(|device| {
                    let rates = here.index_axis(Axis(1), device);
                    let mean = rates.iter().sum::<f64>() / (count.max(1) as f64);
                    match &terms[store][device] {
                        Some(terms) if mean > 0.0 => {
                            let rates = Rates { values: rates, weights: None };
                            let (_, profit) = best_alone(rates, terms, units_max);
                            profit.max(0.0) * terms.rate / mean
                        }
                        _ => 0.0,
                    }
                })
                .collect()
        })
        .collect();
    Array2::from_shape_fn((stores, devices), |(store, device)| rows[store][device])
}

/// The problem of `profit` over the candidates, and the positions of those that nobody can reach: they
/// sell nothing and have to be closed by a rule.
///
/// # Errors
/// Where a currency has no rate or the law can't be calibrated.
pub fn profit(
    market: &Market,
    settings: &Settings,
    base: Currency,
    ground: &Ground,
    samples: &DemandSamples,
    open_costs: &[Money],
) -> Result<(Profit, Vec<usize>), EngineError> {
    let unreachable = ground.unreachable();
    let mut alone = samples.mean();
    for &at in &unreachable {
        alone.row_mut(at).fill(0.0);
    }
    let terms = all_terms(market, settings, base, samples)?;
    let mut unit_values = unit_values(samples, &terms, settings.stock.units_max);
    for &at in &unreachable {
        unit_values.row_mut(at).fill(0.0);
    }
    let capture = ground.calibrated(settings, alone, settings.capture.beta_per_minute)?;
    let open_costs = open_costs.iter().map(Money::major).collect();
    Ok((Profit { capture, unit_values, open_costs }, unreachable))
}

/// Rows of the forecast for `stores`, so that only their demand is drawn.
///
/// # Errors
/// A store that the forecast does not know.
pub fn rows_of(market: &Market, known: &[Idx<Store>], stores: &[Idx<Store>]) -> Result<Vec<usize>, EngineError> {
    stores
        .iter()
        .map(|store| {
            known
                .binary_search(store)
                .map_err(|_| EngineError::NotForecast { store: market.store_ids.name(*store).to_owned() })
        })
        .collect()
}
