//! The capture law of a scenario, calibrated to stores and their forecasts.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | people_i | population x zone rate (x attribute / its mean in the market) | people |
//! | b_i | `capture.outside` + sum over existing corners in reach of exp(-beta t) | on the scale of a |
//! | reach | pairs with t_ij <= `travel.minutes_max`, else 30 min | |

use domain::capture::{CaptureModel, Reach, Unreachable};
use domain::ids::Idx;
use domain::market::{Market, Store, TravelTimes};
use domain::settings::{CaptureLaw, Settings};
use ndarray::Array2;
use rayon::prelude::*;

use super::assignment::milli;
use super::candidates::open_corners;
use super::near;
use crate::EngineError;

/// What a capture law knows of the market before it is calibrated to any forecast.
#[derive(Debug, Clone, PartialEq)]
pub struct Ground {
    /// The law.
    pub law: CaptureLaw,
    /// Rows of (position in the stores, thousandths of a minute) by zone; empty under `independent`.
    pub rows: Vec<Vec<(u32, u32)>>,
    /// Rows of times to the existing corners in reach, by zone.
    pub corners: Vec<Vec<u32>>,
    /// People with their potential, by zone.
    pub people: Vec<f64>,
    /// Market of each zone.
    pub zone_market: Vec<usize>,
    /// Market of each store.
    pub store_market: Vec<usize>,
}

impl Ground {
    /// The ground for `stores` (ascending).
    ///
    /// # Errors
    /// Where `demand.potential_attribute` names no column of the zones.
    pub fn of(
        market: &Market,
        settings: &Settings,
        times: &TravelTimes<'_>,
        stores: &[Idx<Store>],
        zone_rate: &[f64],
    ) -> Result<Self, EngineError> {
        let law = settings.capture.law;
        let store_market = stores.iter().map(|store| market.stores[store.at()].market.at()).collect();
        let zone_market: Vec<usize> = market.zones.iter().map(|zone| zone.market.at()).collect();
        if law == CaptureLaw::Independent {
            let (rows, corners, people) = (Vec::new(), Vec::new(), Vec::new());
            return Ok(Self { law, rows, corners, people, zone_market, store_market });
        }
        let reach = milli(settings.travel.reach_minutes());
        let existing: Vec<Idx<Store>> = open_corners(market, settings).map(|corner| corner.store).collect();
        let corners = market
            .zone_ids
            .iter()
            .map(|zone| {
                existing
                    .iter()
                    .filter_map(|&store| times.milli_minutes(zone, store))
                    .filter(|&time| time <= reach)
                    .collect()
            })
            .collect();
        Ok(Self {
            law,
            rows: near::rows(market, times, stores, reach),
            corners,
            people: people(market, settings, zone_rate)?,
            zone_market,
            store_market,
        })
    }

    /// Positions of stores that no zone with potential reaches; none under `independent`.
    #[must_use]
    pub fn unreachable(&self) -> Vec<usize> {
        if self.law == CaptureLaw::Independent {
            return Vec::new();
        }
        let mut reached = vec![false; self.store_market.len()];
        for (row, &people) in self.rows.iter().zip(&self.people) {
            if people > 0.0 {
                row.iter().for_each(|&(at, _)| reached[at as usize] = true);
            }
        }
        (0..reached.len()).filter(|&at| !reached[at]).collect()
    }

    /// By position, the other stores that a zone with potential reaches too (ascending): what one of them sells there the
    /// other may lose. Nobody under `independent`.
    #[must_use]
    pub fn rivals(&self) -> Vec<Vec<u32>> {
        let mut zones_of: Vec<Vec<usize>> = vec![Vec::new(); self.store_market.len()];
        for (zone, row) in self.rows.iter().enumerate().filter(|(zone, _)| self.people[*zone] > 0.0) {
            row.iter().for_each(|&(at, _)| zones_of[at as usize].push(zone));
        }
        let found = |(at, zones): (usize, &Vec<usize>)| {
            let mut met = vec![false; self.store_market.len()];
            zones.iter().flat_map(|&zone| &self.rows[zone]).for_each(|&(other, _)| met[other as usize] = true);
            (0..).zip(met).filter(|&(other, met)| met && other as usize != at).map(|(other, _)| other).collect()
        };
        zones_of.par_iter().enumerate().map(found).collect()
    }

    /// The law, calibrated so that each store alone sells `alone`, with a decay of `beta` per minute.
    ///
    /// # Errors
    /// A store with a forecast that no potential can reach.
    pub fn calibrated(&self, settings: &Settings, alone: Array2<f64>, beta: f64) -> Result<CaptureModel, Unreachable> {
        if self.law == CaptureLaw::Independent {
            return Ok(CaptureModel::independent(alone));
        }
        let outside: Vec<f64> = self
            .corners
            .iter()
            .map(|times| {
                let pulls: f64 = times.iter().map(|&time| (-beta * f64::from(time) / 1000.0).exp()).sum();
                settings.capture.outside + pulls
            })
            .collect();
        let devices = alone.ncols();
        CaptureModel::calibrated(
            self.law,
            Reach::from_rows(&self.rows, beta),
            &self.people,
            &self.zone_market,
            &self.store_market,
            Array2::from_shape_fn((outside.len(), devices), |(zone, _)| outside[zone]),
            alone,
            settings.capture.share_max.fraction,
        )
    }
}

/// People with their potential: population x rate, x the attribute over its mean in the market. A
/// zone whose attribute is blank counts as the mean.
fn people(market: &Market, settings: &Settings, zone_rate: &[f64]) -> Result<Vec<f64>, EngineError> {
    let mut people: Vec<f64> =
        market.zones.iter().zip(zone_rate).map(|(zone, rate)| zone.population as f64 * rate).collect();
    let Some(name) = &settings.demand.potential_attribute else { return Ok(people) };
    let column =
        market.zone_attributes.find(name).ok_or_else(|| EngineError::NoSuchAttribute { column: name.clone() })?;
    let mut sums = vec![(0.0, 0.0); market.markets.len()];
    for (at, zone) in market.zones.iter().enumerate() {
        if let Some(value) = market.zone_attributes.get(at, column) {
            let sum = &mut sums[zone.market.at()];
            sum.0 += value * zone.population as f64;
            sum.1 += zone.population as f64;
        }
    }
    for (at, zone) in market.zones.iter().enumerate() {
        let (sum, population) = sums[zone.market.at()];
        if let Some(value) = market.zone_attributes.get(at, column).filter(|_| sum > 0.0) {
            people[at] *= value / (sum / population);
        }
    }
    Ok(people)
}
