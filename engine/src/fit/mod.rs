//! From histories to the demand of devices in corners that do not exist yet.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | L_jk = sum of weight x level over related products | `history` | units per week |
//! | u_k | uptake ([`uptake`]) | units of the device per unit of L |
//! | F_jk | `Forecast::mean` | units per week at full adoption |
//!
//! - *Trained* ([`Basis::Trained`]): where at least `demand.trained_stores_min` stores sell the device, the cold
//!   start learns F from what they sell, with L among the features.
//!   A store that sells it is updated by its own weeks ([`opened`]).
//! - *Assumed* ([`Basis::Assumed`]): else F_jk = L_jk E[u_k], u updated by the weeks of the first corners. L is the mean of the related histories' forecasts
//!   over the horizon; a store without one is cold-started from stores that have ([`level`]).
//!
//! What is uncertain about a store follows from how its level is known: see [`models::sampler`]. Of a device
//! launched later in some markets than in others, `adoption` is the earliest curve, and F in a later market
//! is scaled so that its sum over the horizon is right.
//!
//! Stores' features: [`features`], their trade areas: [`trade`]; zones' rates: [`zones`]; the spread of
//! weeks and years: [`spread`].

use domain::forecast::{Basis, Forecast, LevelSource, PanelForecast, Uncertainty};
use domain::ids::Idx;
use domain::market::{Device, Market, Product};
use domain::settings::Settings;
use models::coldstart::ColdStartError;
use models::opening::Adoption;
use models::sampler::TRANSLATION_SIGMA;
use ndarray::Array2;

mod cold;
mod features;
mod history;
mod launch;
mod level;
mod opened;
mod quantiles;
mod spread;
#[cfg(test)]
mod tests;
mod trade;
pub mod uptake;
mod zones;

use history::History;
use level::Level;
use opened::Opened;

/// Why there is no forecast.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FitError {
    /// `demand.devices` names what the table of devices does not have.
    #[error("`demand.devices` names `{device}`, which is not in the table of devices")]
    UnknownDevice {
        /// The name.
        device: String,
    },
    /// An uptake that is no distribution.
    #[error("the uptake of `{device}` needs 0 < low <= mode <= high; it is low {low}, mode {mode}, high {high}")]
    Uptake {
        /// The device.
        device: String,
        /// Its low value.
        low: f64,
        /// Its mode.
        mode: f64,
        /// Its high value.
        high: f64,
    },
    /// The forecasts of the histories are not of this market's panel.
    #[error("{forecasts} forecasts do not match the panel's {panel} series")]
    Histories {
        /// Series of the panel.
        panel: usize,
        /// Forecasts given.
        forecasts: usize,
    },
    /// Nothing tells how much of a device a store would sell.
    #[error(
        "nothing tells how much of `{device}` would sell: give it `related_products` with sales, or sales of its own \
         in at least {needed} stores"
    )]
    NoEvidence {
        /// The device.
        device: String,
        /// Stores that would have to sell it.
        needed: usize,
    },
    /// The cold start failed.
    #[error("the cold start of `{device}`: {source}")]
    ColdStart {
        /// The device.
        device: String,
        /// Why.
        source: ColdStartError,
    },
}

/// Forecasts every device in a corner at every store of `market`.
///
/// `histories` are the forecasts of the panel's series, in its order. Rows of the result are all stores, columns
/// the devices of `demand.devices` (all unless given). The same bytes whatever the threads.
///
/// # Errors
/// A device that is unknown, has no evidence or an uptake that is no distribution; histories of another panel.
pub fn fit(market: &Market, histories: &PanelForecast, settings: &Settings) -> Result<Forecast, FitError> {
    let devices = devices(market, settings)?;
    let history = History::new(market, histories)?;
    let areas = trade::areas(market, settings);
    let base = features::columns(market, &areas, &history);
    let mut levels: Vec<Level> = Vec::new();
    // Devices with the same related sales share a level.
    let mut of_device: Vec<usize> = Vec::new();
    let context = level::Context { market, settings, history: &history, base: &base };
    for &device in &devices {
        let level = context.level(device, &levels)?;
        of_device.push(match level {
            level::Found::Known(at) => at,
            level::Found::New(level) => {
                levels.push(*level);
                levels.len() - 1
            }
        });
    }
    let chosen: Vec<&Level> = of_device.iter().map(|&at| &levels[at]).collect();
    let level_source = sources(market, &devices, &chosen);
    let related = related_union(market, &devices);
    let (common_sigma, market_sigma) = spread::growth(market, &related);
    // What was sold of each device so far.
    let opened: Vec<Opened> = devices.iter().map(|&device| Opened::new(&context, device)).collect();
    let rates: Vec<Adoption> = opened.iter().map(Opened::adoption).collect();
    let (adoption, later) = launch::adoption(market, &devices, &rates, settings);
    let (stores, count) = (market.stores.len(), devices.len());
    let mut mean = Array2::zeros((stores, count));
    let mut uptake_sigma = vec![0.0; count];
    for (column, (&device, level)) in devices.iter().zip(&chosen).enumerate() {
        let mut scale = 1.0;
        let mut own = vec![None; stores];
        if level.basis == Basis::Assumed {
            let name = market.device_ids.name(device);
            let prior = settings.uptake(name);
            let (low, mode, high) = (prior.low, prior.mode, prior.high);
            let (mean, sigma) =
                uptake::prior(prior).ok_or_else(|| FitError::Uptake { device: name.to_owned(), low, mode, high })?;
            // The first corners teach how much of it is true.
            let before = mean.ln() - 0.5 * sigma * sigma;
            let (after, sigma) = opened[column].uptake(&level.values, before, sigma);
            (scale, uptake_sigma[column]) = ((after + 0.5 * sigma * sigma).exp(), sigma);
            let spread = sigma.hypot(TRANSLATION_SIGMA);
            own = opened[column].posteriors(|store| (level.values[store].ln() + after, spread));
        }
        for store in 0..stores {
            let country = market.stores[store].market.at();
            let full = match own[store] {
                Some(posterior) => posterior.level,
                None => level.values[store] * scale,
            };
            mean[[store, column]] = full * later[[column, country]];
        }
    }
    let uncertainty = Uncertainty {
        common_sigma,
        market_sigma,
        uptake_sigma,
        store_residuals: chosen.iter().map(|level| quantiles::thinned(&level.residuals)).collect(),
        store_scale: Array2::from_shape_fn((stores, count), |(store, column)| chosen[column].scales[store]),
    };
    let quantiles = quantiles::by_store(&mean, &uncertainty, &chosen, &level_source);
    let dispersion = devices
        .iter()
        .zip(&chosen)
        .map(|(&device, level)| match (level.basis, market.device_product(device)) {
            (Basis::Trained { .. }, Some(product)) => spread::dispersion(market, &[product]),
            _ => spread::dispersion(market, &related_union(market, &[device])),
        })
        .collect();
    let told = chosen.iter().find(|level| level.cold.is_some());
    let cold = told.and_then(|level| level.cold.as_ref());
    Ok(Forecast {
        stores: market.store_ids.iter().collect(),
        basis: chosen.iter().map(|level| level.basis).collect(),
        methods: chosen.iter().map(|level| level.methods.clone()).collect(),
        analogs: cold.map_or_else(|| vec![Vec::new(); stores], |cold| cold.analogs(stores)),
        contributions: told.map_or_else(|| vec![Vec::new(); stores], |level| level.contributions(stores)),
        quality: cold.map(|cold| cold.fitted.quality()),
        zone_rate: zones::rates(market, cold.map(|cold| (&cold.fitted, cold.columns.as_slice()))),
        devices,
        mean,
        quantiles,
        adoption,
        dispersion,
        level_source,
        uncertainty,
    })
}

/// The devices asked for, ascending.
fn devices(market: &Market, settings: &Settings) -> Result<Vec<Idx<Device>>, FitError> {
    if settings.demand.devices.is_empty() {
        return Ok(market.device_ids.iter().collect());
    }
    let found: Result<Vec<_>, _> = settings
        .demand
        .devices
        .iter()
        .map(|name| market.device_ids.find(name).ok_or_else(|| FitError::UnknownDevice { device: name.clone() }))
        .collect();
    let mut devices = found?;
    devices.sort_unstable();
    devices.dedup();
    Ok(devices)
}

/// All related products of some devices, in any market, ascending.
fn related_union(market: &Market, devices: &[Idx<Device>]) -> Vec<Idx<Product>> {
    let mut products: Vec<Idx<Product>> = devices
        .iter()
        .flat_map(|&device| market.market_ids.iter().filter_map(move |country| market.terms(device, country)))
        .flat_map(|terms| terms.related_products.iter().map(|related| related.0))
        .collect();
    products.sort_unstable();
    products.dedup();
    products
}

/// A store counts as observed if every device that is sold there and assumed rests on its own related sales.
/// (What a trained device's level rests on does not hang on that.)
fn sources(market: &Market, devices: &[Idx<Device>], levels: &[&Level]) -> Vec<LevelSource> {
    let any_assumed = levels.iter().any(|level| level.basis == Basis::Assumed);
    (0..market.stores.len())
        .map(|store| {
            let country = market.stores[store].market;
            let cold = devices.iter().zip(levels).any(|(&device, level)| {
                level.source[store] == LevelSource::ColdStart
                    && (level.basis == Basis::Assumed || !any_assumed)
                    && market.terms(device, country).is_some()
            });
            if cold { LevelSource::ColdStart } else { LevelSource::Observed }
        })
        .collect()
}
