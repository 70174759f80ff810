//! Distance and coverage as assignment problems: people, and what it costs to serve them.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | w_i | `Assignment::weights` | people of zone i |
//! | c_ij | `CostRows` | thousandths of a minute; for coverage 0 within the radius |
//! | c_i0 | `Assignment::fallback` | the same; for coverage 1, a person uncovered |
//!
//! `distance` is the p-median [hakimi1964]: minimise sum_i w_i min(c_i0, min over open j of t_ij), where c_i0 is
//! `travel.minutes_max`, else the farthest candidate's time, and never more than the way to a corner
//! that exists. `coverage` is maximal covering [church1974] said the other way round: minimise the
//! people with no open corner within the radius.

use domain::ids::Idx;
use domain::market::{Market, Store, TravelTimes, Zone};
use domain::problem::{Assignment, CostRows, Site};
use domain::settings::Settings;
use rayon::prelude::*;

use super::candidates::open_corners;
use super::near;

/// An assignment problem, with the zones that it can say nothing about.
#[derive(Debug, Clone, PartialEq)]
pub struct Assigned {
    /// The problem.
    pub problem: Assignment,
    /// Zones with people that count nothing, because there is neither a candidate that they could go to
    /// nor a `travel.minutes_max` to count them with; ascending.
    pub unserved: Vec<Idx<Zone>>,
}

/// `minutes` in whole thousandths.
#[must_use]
pub fn milli(minutes: f64) -> u32 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "non-negative; a cast saturates")]
    let whole = (minutes * 1000.0).round() as u32;
    whole
}

/// The radius of coverage in thousandths of a minute: the scenario's, else 10 minutes.
#[must_use]
pub fn radius(settings: &Settings) -> u32 {
    milli(settings.objective.radius.map_or(10.0, |radius| radius.minutes))
}

/// Per zone, the time to the nearest corner that exists; `u32::MAX` where there is none.
pub(super) fn to_corners(market: &Market, settings: &Settings, times: &TravelTimes<'_>) -> Vec<u32> {
    let corners: Vec<Idx<Store>> = open_corners(market, settings).map(|corner| corner.store).collect();
    market
        .zone_ids
        .iter()
        .map(|zone| corners.iter().filter_map(|&store| times.milli_minutes(zone, store)).min().unwrap_or(u32::MAX))
        .collect()
}

/// The problem of `distance` over the candidates.
#[must_use]
pub fn distance(market: &Market, settings: &Settings, times: &TravelTimes<'_>, candidates: &[Idx<Store>]) -> Assigned {
    let existing = to_corners(market, settings, times);
    let weights: Vec<u64> = market.zones.iter().map(|zone| zone.population).collect();
    match settings.travel.minutes_max {
        Some(minutes) => {
            let farthest = milli(minutes.minutes);
            let fallback: Vec<u32> = existing.iter().map(|&time| time.min(farthest)).collect();
            let rows = near::rows(market, times, candidates, farthest);
            let costs = sparse(&rows, |zone, time| (time < fallback[zone]).then_some(time));
            Assigned { problem: Assignment { weights, fallback, costs }, unserved: Vec::new() }
        }
        None => dense(market, times, candidates, weights, &existing),
    }
}

/// The problem of `coverage` over the candidates.
#[must_use]
pub fn coverage(market: &Market, settings: &Settings, times: &TravelTimes<'_>, candidates: &[Idx<Store>]) -> Assigned {
    let radius = radius(settings);
    let existing = to_corners(market, settings, times);
    let weights: Vec<u64> = market.zones.iter().map(|zone| zone.population).collect();
    let fallback: Vec<u32> = existing.iter().map(|&time| u32::from(time > radius)).collect();
    let rows = near::rows(market, times, candidates, radius);
    let costs = sparse(&rows, |zone, _| (fallback[zone] > 0).then_some(0));
    Assigned { problem: Assignment { weights, fallback, costs }, unserved: Vec::new() }
}

/// Every pair's time, capped at the zone's farthest candidate and at the nearest existing corner.
fn dense(
    market: &Market,
    times: &TravelTimes<'_>,
    candidates: &[Idx<Store>],
    mut weights: Vec<u64>,
    existing: &[u32],
) -> Assigned {
    let (sites, zones) = (candidates.len(), market.zones.len());
    let mut costs = vec![0_u32; sites * zones];
    let mut fallback = vec![0_u32; zones];
    let mut served = vec![true; zones];
    costs.par_chunks_mut(sites.max(1)).zip(fallback.par_iter_mut()).zip(served.par_iter_mut()).enumerate().for_each(
        |(at, ((row, fallback), served))| {
            let zone = Idx::new(at);
            let mut farthest = None;
            for (cost, &store) in row.iter_mut().zip(candidates) {
                let time = times.milli_minutes(zone, store);
                farthest = farthest.max(time);
                *cost = time.unwrap_or(u32::MAX);
            }
            *served = farthest.is_some();
            *fallback = farthest.unwrap_or(0).min(existing[at]);
            row.iter_mut().for_each(|cost| *cost = (*cost).min(*fallback));
        },
    );
    if sites == 0 {
        served.fill(false);
    }
    let unserved = (0..zones).filter(|&zone| weights[zone] > 0 && !served[zone]).map(Idx::new).collect();
    weights.iter_mut().zip(&served).filter(|(_, served)| !**served).for_each(|(weight, _)| *weight = 0);
    Assigned { problem: Assignment { weights, fallback, costs: CostRows::Dense { sites, costs } }, unserved }
}

/// The pairs that can matter: those for which `cost` has an answer.
fn sparse(rows: &[Vec<(u32, u32)>], cost: impl Fn(usize, u32) -> Option<u32>) -> CostRows {
    let (mut starts, mut site, mut costs) = (vec![0], Vec::<Site>::new(), Vec::new());
    for (zone, row) in rows.iter().enumerate() {
        for &(at, time) in row {
            if let Some(cost) = cost(zone, time) {
                site.push(at);
                costs.push(cost);
            }
        }
        starts.push(site.len());
    }
    CostRows::Sparse { starts, site, cost: costs }
}
