//! The hidden distribution of what corners sell. No table states any of it.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | R_jk | weighted related level of store j | units per week |
//! | u_k | `DeviceTruth::uptake` | device units per related unit |
//! | gamma_k | exponent of the related level | |
//! | z_j | trade area: age, income, diabetes, against the usual | standard steps |
//! | Lbar_jk = u_k m_k (R_jk / m_k)^gamma_k exp(tau_k . z_j), m_k the mean of R | `Truth::mean` | units per week at full adoption |
//! | L_jk = Lbar_jk x doubt_k x common x market_r x luck_jk, each lognormal with mean 1 | | per draw |
//! | alpha_t = 1 - exp(-(t / T)^kappa) | `DeviceTruth::ramp` | share of full adoption, week t |
//! | r_k | `DeviceTruth::dispersion` | size of the negative binomial per week |
//!
//! u_k is drawn from a lognormal around the scenario's prior, but wider than it: a prior is an
//! opinion. Adoption is a Weibull curve, not the Bass curve that plans assume.

use rand::RngExt;

use crate::assortment::{DEVICES, Device};
use crate::catchment::Near;
use crate::chain::{People, Usual, usual};
use crate::geography::Geography;
use crate::random::{normal, stream};
use crate::sales::Levels;

/// Who goes where, in truth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Law {
    Independent,
    Nearest,
    Share,
    /// This part of the demand is loyal to its store, the rest is shared.
    Mix {
        loyal: f64,
    },
}

impl Law {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Independent => "independent",
            Self::Nearest => "nearest",
            Self::Share => "share",
            Self::Mix { .. } => "mix",
        }
    }
}

/// How attraction falls with travel time.
#[derive(Debug, Clone, Copy)]
enum Decay {
    Exponential { per_minute: f64 },
    Power { half_minutes: f64 },
}

impl Decay {
    fn pull(self, minutes: f64) -> f64 {
        match self {
            Self::Exponential { per_minute } => (-per_minute * minutes).exp(),
            Self::Power { half_minutes } => 1.0 / (1.0 + (minutes / half_minutes).powi(2)),
        }
    }
}

/// What is true of a device.
#[derive(Debug, Clone)]
pub(crate) struct DeviceTruth {
    uptake: f64,
    gamma: f64,
    taste: [f64; 3],
    /// Standard deviation of the log of a store's luck.
    pub(crate) luck_sigma: f64,
    /// Share of full adoption times the season, by week of the horizon.
    pub(crate) ramp: Vec<f64>,
    pub(crate) dispersion: f64,
}

/// The hidden distribution.
#[derive(Debug, Clone)]
pub(crate) struct Truth {
    pub(crate) law: Law,
    pub(crate) devices: Vec<DeviceTruth>,
    pub(crate) doubt_sigma: f64,
    pub(crate) common_sigma: f64,
    pub(crate) market_sigma: f64,
    /// Lbar, by store, then device.
    pub(crate) mean: Vec<Vec<f64>>,
    /// By zone, then device: people x how much they like it.
    pub(crate) appetite: Vec<Vec<f64>>,
    /// By store: per entry of its catchment, then device, the part of the store's level that comes
    /// from there; adds up to 1.
    pub(crate) portions: Vec<Vec<f64>>,
    /// By device: units per week and unit of appetite at which a zone is half saturated.
    pub(crate) saturation: Vec<f64>,
}

fn steps(people: &People, usual: &Usual) -> [f64; 3] {
    [
        (people.age50_share - usual.age50_share) / 0.06,
        (people.income / usual.income).ln() / 0.25,
        (people.diabetes_share / usual.diabetes_share).ln() / 0.20,
    ]
}

fn dot(one: &[f64; 3], other: &[f64; 3]) -> f64 {
    one[0] * other[0] + one[1] * other[1] + one[2] * other[2]
}

impl DeviceTruth {
    fn drawn(at: usize, device: &Device, general: f64, weeks: usize, seed: u64) -> Self {
        let mut rng = stream(seed, "device-truth", at as u64);
        let [low, _, high] = device.uptake;
        // 10 % and 90 % points lie 2.563 standard deviations apart; the truth is 1.3 times as wide,
        // half of its variance common to all devices.
        let sigma = 1.3 * (high / low).ln() / 2.563;
        let shift = (0.5_f64.sqrt() * (general + normal(&mut rng))).clamp(-1.8, 1.8);
        let taste = match at {
            0 => [rng.random_range(0.0..0.15), 0.0, rng.random_range(0.0..0.05)],
            1 => [0.0, 0.0, rng.random_range(0.0..0.20)],
            2 => [rng.random_range(0.0..0.12), rng.random_range(0.0..0.20), 0.0],
            _ => [rng.random_range(-0.10..0.0), rng.random_range(0.0..0.15), 0.0],
        };
        let (time, shape) = (rng.random_range(9.0..20.0), rng.random_range(0.9..1.5));
        let (amplitude, peak) = (rng.random_range(0.0..0.12), rng.random_range(0.0..weeks as f64));
        let ramp = (0..weeks)
            .map(|week| {
                let adopted = 1.0 - (-((week as f64 + 0.5) / time).powf(shape)).exp();
                adopted * (1.0 + amplitude * ((week as f64 - peak) / 52.18 * std::f64::consts::TAU).cos())
            })
            .collect();
        Self {
            uptake: (low * high).sqrt() * (sigma * shift).exp(),
            gamma: rng.random_range(0.75..1.10),
            taste,
            luck_sigma: rng.random_range(0.20..0.40),
            ramp,
            dispersion: rng.random_range(2.0..8.0),
        }
    }
}

impl Truth {
    pub(crate) fn drawn(
        geography: &Geography,
        people: &[People],
        near: &[Vec<Near>],
        levels: &[Levels],
        device_count: usize,
        seed: u64,
    ) -> Self {
        let mut rng = stream(seed, "truth", 0);
        let kind: f64 = rng.random_range(0.0..1.0);
        let loyal = rng.random_range(0.2..0.7);
        let law = match kind {
            ..0.20 => Law::Independent,
            ..0.45 => Law::Nearest,
            ..0.85 => Law::Share,
            _ => Law::Mix { loyal },
        };
        let (per_minute, half_minutes) = (rng.random_range(0.06..0.20), rng.random_range(5.0..12.0));
        let decay = if rng.random_range(0.0..1.0) < 0.7 {
            Decay::Exponential { per_minute }
        } else {
            Decay::Power { half_minutes }
        };
        let general = normal(&mut rng);
        let devices: Vec<DeviceTruth> = (0..device_count)
            .map(|at| DeviceTruth::drawn(at, &DEVICES[at], general, crate::world::HORIZON_WEEKS, seed))
            .collect();
        let tightness: Vec<f64> = devices.iter().map(|_| rng.random_range(1.0..3.0)).collect();

        let zone_steps: Vec<[f64; 3]> = (people.iter().zip(&geography.zones))
            .map(|(people, zone)| steps(people, &usual(geography.markets[zone.market])))
            .collect();
        let pull: Vec<Vec<f64>> =
            near.iter().map(|zones| zones.iter().map(|entry| decay.pull(entry.minutes)).collect()).collect();
        let appetite: Vec<Vec<f64>> = (zone_steps.iter().zip(&geography.zones))
            .map(|(steps, zone)| {
                let likes = |device: &DeviceTruth| zone.population as f64 * (0.5 * dot(&device.taste, steps)).exp();
                devices.iter().map(likes).collect()
            })
            .collect();
        let mut mean = vec![vec![0.0; device_count]; near.len()];
        let mut drawn_from = mean.clone();
        for (store, zones) in near.iter().enumerate() {
            let (mut area, mut weight) = ([0.0; 3], 0.0);
            for (entry, pull) in zones.iter().zip(&pull[store]) {
                let zone = entry.zone as usize;
                let part = geography.zones[zone].population as f64 * pull;
                weight += part;
                (0..3).for_each(|at| area[at] += part * zone_steps[zone][at]);
                (0..device_count).for_each(|device| drawn_from[store][device] += appetite[zone][device] * pull);
            }
            let area = area.map(|sum| sum / f64::max(weight, 1.0));
            for (device, truth) in devices.iter().enumerate() {
                mean[store][device] =
                    related(device, &levels[store]).powf(truth.gamma) * dot(&truth.taste, &area).exp();
            }
        }
        for (device, truth) in devices.iter().enumerate() {
            let typical = levels.iter().map(|level| related(device, level)).sum::<f64>() / levels.len().max(1) as f64;
            let scale = truth.uptake * typical.powf(1.0 - truth.gamma);
            mean.iter_mut().for_each(|row| row[device] *= scale);
        }
        let portions = (near.iter().zip(&pull).zip(&drawn_from))
            .map(|((zones, pull), sum)| {
                let part = |(entry, pull): (&Near, &f64)| -> Vec<f64> {
                    let appetite = &appetite[entry.zone as usize];
                    appetite.iter().zip(sum).map(|(appetite, sum)| appetite * pull / sum).collect()
                };
                zones.iter().zip(pull).flat_map(part).collect()
            })
            .collect();
        let saturation = (0..device_count)
            .map(|device| {
                let mut rates: Vec<f64> = (mean.iter().zip(&drawn_from))
                    .filter(|(_, from)| from[device] > 0.0)
                    .map(|(mean, from)| mean[device] / from[device])
                    .collect();
                rates.sort_by(f64::total_cmp);
                tightness[device] * rates.get(rates.len() / 2).copied().unwrap_or(1.0)
            })
            .collect();
        Self {
            law,
            devices,
            doubt_sigma: 0.20,
            common_sigma: 0.10,
            market_sigma: 0.08,
            mean,
            appetite,
            portions,
            saturation,
        }
    }
}

/// R_jk.
fn related(device: usize, level: &Levels) -> f64 {
    DEVICES[device].related.iter().zip(&level.units).map(|(weight, units)| weight * units).sum()
}
