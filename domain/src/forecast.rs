//! Forecasts: predictive distributions, never one number alone.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | F_jk | `Forecast::mean` | units per week at full adoption, of device k in a corner at store j alone |
//! | F_sjk | `DemandSamples::rates` | the same, in sample s |
//! | pi_s = 1/S | | |
//! | lambda_s | `DemandSamples::weights` | adding up to 1 |
//! | alpha_kt | `Forecast::adoption` | share of full adoption in week t of the horizon |
//! | r_k | `Forecast::dispersion` | size of the negative binomial per week: variance = m + m^2 / r |

use ndarray::{Array2, Array3, ArrayView1, s};

use crate::ids::Idx;
use crate::market::{Device, Product, Store};

/// Quantile levels that every forecast states, ascending.
pub const LEVELS: [f64; 7] = [0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975];

/// What a device's forecast rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// Trained on stores that sell it.
    Trained {
        /// How many.
        stores: usize,
    },
    /// The store's related sales times an assumed uptake.
    Assumed,
}

/// How a store's related sales were known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LevelSource {
    /// From its own history.
    Observed,
    /// Forecast from stores like it.
    ColdStart,
}

/// A store that a forecast resembles, and how near it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Analog {
    /// The store.
    pub store: Idx<Store>,
    /// Its weight among the analogs, adding up to 1.
    pub weight: f64,
}

/// What a group of features adds to a forecast, as a factor on its level (1 = nothing).
#[derive(Debug, Clone, PartialEq)]
pub struct Contribution {
    /// The group, as a person would say it.
    pub group: String,
    /// The factor.
    pub factor: f64,
}

/// The fitted shape of the uncertainty; samples are drawn from it, and fresh ones later.
///
/// A rate in sample s is F_jk x uptake_sk x common_s x market_sr x store_sj: each factor has mean 1
/// and is lognormal, but the store factor, which is drawn from the cross-conformal residuals: exp(`store_scale` x
/// residual), divided by its mean.
#[derive(Debug, Clone, PartialEq)]
pub struct Uncertainty {
    /// Standard deviation of the log of the common factor.
    pub common_sigma: f64,
    /// Of each market's factor.
    pub market_sigma: f64,
    /// By device: of the uptake factor (0 where trained).
    pub uptake_sigma: Vec<f64>,
    /// By device: log residuals of held-out stores, centred so that the mean of their exp is 1; ascending.
    pub store_residuals: Vec<Vec<f64>>,
    /// What a store's log residuals are multiplied by, `stores x devices`: 1 for a store as hard to forecast as
    /// others, more for harder ones and noisier markets, less where its own sales tell.
    pub store_scale: Array2<f64>,
}

/// Measured on held-out stores.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ColdStartQuality {
    /// Stores held out in turn.
    pub stores: usize,
    /// sum |y - f| / sum y.
    pub wape: f64,
    /// How many in 1 of the central 80 % intervals held the truth.
    pub coverage_80: f64,
    /// The same among the best-looking tenth, which is what a plan picks from.
    pub coverage_80_top: f64,
    /// Truth over forecast among the best-looking tenth: below 1 where the best look better than they are.
    pub top_ratio: f64,
}

/// The demand of devices in corners that do not exist yet.
#[derive(Debug, Clone)]
pub struct Forecast {
    /// The stores forecast, ascending; rows of all arrays.
    pub stores: Vec<Idx<Store>>,
    /// The devices forecast, ascending; columns of all arrays.
    pub devices: Vec<Idx<Device>>,
    /// F, `stores x devices`; 0 where the device is not sold in the store's market.
    pub mean: Array2<f64>,
    /// Quantiles of F at [`LEVELS`], `stores x devices x levels`: conformal, non-negative, non-crossing.
    pub quantiles: Array3<f64>,
    /// Share of full adoption, `devices x horizon weeks`.
    pub adoption: Array2<f64>,
    /// Size r of the negative binomial per device and week; infinite for Poisson.
    pub dispersion: Vec<f64>,
    /// What each device's forecast rests on.
    pub basis: Vec<Basis>,
    /// How each store's related sales were known.
    pub level_source: Vec<LevelSource>,
    /// The methods blended, with their weights, by device.
    pub methods: Vec<Vec<(String, f64)>>,
    /// The analogs of each store.
    pub analogs: Vec<Vec<Analog>>,
    /// What each group of features adds, by store.
    pub contributions: Vec<Vec<Contribution>>,
    /// The shape of the uncertainty.
    pub uncertainty: Uncertainty,
    /// Measured on held-out stores; none where there were too few.
    pub quality: Option<ColdStartQuality>,
    /// Relative potential per person of each zone, from what the demographics drive; by zone, mean about 1.
    pub zone_rate: Vec<f64>,
}

/// Joint samples of demand at full adoption, with all that a checker needs to know of the forecast.
/// Each happens as often as any other; a bound on risk lets what is earned in some of them count for more.
#[derive(Debug, Clone, PartialEq)]
pub struct DemandSamples {
    /// The stores, ascending.
    pub stores: Vec<Idx<Store>>,
    /// The devices, ascending.
    pub devices: Vec<Idx<Device>>,
    /// Units per week, `samples x stores x devices`; finite and non-negative.
    pub rates: Array3<f64>,
    /// Share of full adoption, `devices x horizon weeks`, as in [`Forecast::adoption`].
    pub adoption: Array2<f64>,
    /// Size of the negative binomial per device and week, as in [`Forecast::dispersion`].
    pub dispersion: Vec<f64>,
    /// Relative potential per person of each zone, as in [`Forecast::zone_rate`].
    pub zone_rate: Vec<f64>,
    /// lambda: what the money earned in each sample counts, 0 or more and adding up to 1; none where all count the same.
    /// Mean demand and service levels never ask for it.
    pub weights: Option<Vec<f64>>,
}

/// The rates of one device at one store, one per sample, and what the samples count.
#[derive(Debug, Clone, Copy)]
pub struct Rates<'a> {
    /// Units per week at full adoption.
    pub values: ArrayView1<'a, f64>,
    /// lambda; none where all count the same.
    pub weights: Option<&'a [f64]>,
}

impl<'a> Rates<'a> {
    /// Rates that all count the same.
    #[must_use]
    pub fn alike(values: &'a [f64]) -> Self {
        Self { values: ArrayView1::from(values), weights: None }
    }
}

impl DemandSamples {
    /// How many samples there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rates.dim().0
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rates of a device at a store, by their positions.
    #[must_use]
    pub fn of(&self, store: usize, device: usize) -> Rates<'_> {
        Rates { values: self.rates.slice(s![.., store, device]), weights: self.weights.as_deref() }
    }

    /// The mean over the samples, `stores x devices`; whatever they count.
    #[must_use]
    pub fn mean(&self) -> Array2<f64> {
        let (samples, stores, devices) = self.rates.dim();
        let mut mean = Array2::zeros((stores, devices));
        // Samples in their order, so that the sum has the same bits whatever the threads.
        for sample in self.rates.outer_iter() {
            mean += &sample;
        }
        mean / (samples.max(1) as f64)
    }

    /// The samples of some stores alone (positions in `stores`, ascending).
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Self {
        Self {
            stores: rows.iter().map(|&row| self.stores[row]).collect(),
            devices: self.devices.clone(),
            rates: self.rates.select(ndarray::Axis(1), rows),
            adoption: self.adoption.clone(),
            dispersion: self.dispersion.clone(),
            zone_rate: self.zone_rate.clone(),
            weights: self.weights.clone(),
        }
    }
}

/// The forecast of one existing series.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesForecast {
    /// Mean units per week of the horizon.
    pub mean: Vec<f64>,
    /// Quantiles at [`LEVELS`] per week of the horizon: conformal, non-negative, non-crossing.
    pub quantiles: Vec<[f64; LEVELS.len()]>,
    /// The method that was used, as a person would say it.
    pub method: &'static str,
}

/// Forecasts of the panel's series, in the panel's order.
#[derive(Debug, Clone)]
pub struct PanelForecast {
    /// Store and product of each series.
    pub series: Vec<(Idx<Store>, Idx<Product>)>,
    /// One forecast each; none where the series has no observed cell.
    pub forecasts: Vec<Option<SeriesForecast>>,
    /// Measured coverage of the 80 % intervals over rolling origins, all series together.
    pub coverage_80: Option<f64>,
}
