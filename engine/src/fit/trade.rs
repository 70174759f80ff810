//! Trade areas: who lives within reach of a store, weighted as the capture law weighs them.
//!
//! | symbol | here | unit |
//! |---|---|---|
//! | n_i | population of zone i | people |
//! | e_ij = exp(-beta t_ij) | pull, t_ij up to the reach | |
//! | P_j = sum_i n_i e_ij | `TradeArea::people` | people next door, so to speak |
//! | X_ja = sum_i n_i e_ij x_ia / sum_i n_i e_ij | `TradeArea::attributes`, over zones where x_ia is known | as given |
//! | R_jm = sum_i e_ij c_im / sum_i n_i e_ij | `TradeArea::health`, likewise | counts per person |
//!
//! A suppressed count c is an interval and stands at its middle. Zones are found by an R*-tree over points
//! of the unit sphere, so that 14,000 stores and 33,000 zones take about a second, not half a billion pairs.

use domain::geo::Roads;
use domain::ids::Idx;
use domain::market::{HealthCount, Market, Store, Travel, TravelTimes, Zone};
use domain::settings::Settings;
use rayon::prelude::*;
use rstar::RTree;
use rstar::primitives::GeomWithData;

/// What a store's surroundings are like; NaN where nothing is known.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TradeArea {
    /// People within reach, weighted by their pull.
    pub(super) people: f64,
    /// Means of the zones' numeric attributes.
    pub(super) attributes: Vec<f64>,
    /// Rates of the health measures.
    pub(super) health: Vec<f64>,
}

/// The count of a health measure in a zone, suppressed ones at the middle of their interval.
pub(super) fn health_count(market: &Market, zone: usize, measure: usize) -> Option<f64> {
    let health = &market.health;
    match *health.counts.get(zone * health.measures.len() + measure)? {
        None => None,
        Some(HealthCount::Known(count)) => Some(count as f64),
        Some(HealthCount::Suppressed { low, high }) => Some(0.5 * (low as f64 + high as f64)),
    }
}

/// The trade area of every store.
pub(super) fn areas(market: &Market, settings: &Settings) -> Vec<TradeArea> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most 70,000 minutes")]
    let reach = (settings.travel.reach_minutes() * 1000.0).round() as u32;
    let times = market.travel_times();
    let beta = settings.capture.beta_per_minute;
    match &market.travel {
        Travel::Roads(roads) => {
            let near = Near::new(market, &times, roads, reach);
            (0..market.stores.len()).into_par_iter().map(|store| area(market, &near.zones(store), beta)).collect()
        }
        Travel::Table { starts, pairs } => {
            let mut zones: Vec<Vec<(usize, u32)>> = vec![Vec::new(); market.stores.len()];
            for zone in 0..market.zones.len() {
                for &(store, time) in &pairs[starts[zone]..starts[zone + 1]] {
                    if time <= reach {
                        zones[store.at()].push((zone, time));
                    }
                }
            }
            zones.par_iter().map(|zones| area(market, zones, beta)).collect()
        }
    }
}

/// Zones around a store, where roads say how far they are.
struct Near<'a> {
    market: &'a Market,
    times: &'a TravelTimes<'a>,
    tree: RTree<GeomWithData<[f64; 3], usize>>,
    reach: u32,
    chord_squared: f64,
}

impl<'a> Near<'a> {
    fn new(market: &'a Market, times: &'a TravelTimes<'a>, roads: &Roads, reach: u32) -> Self {
        let points = (0..market.zones.len())
            .map(|zone| GeomWithData::new(times.zone_unit(Idx::<Zone>::new(zone)).0, zone))
            .collect();
        let angle = roads.km_within(reach) / domain::geo::EARTH_RADIUS_KM;
        // A thousandth more than the chord, so that rounding loses nobody; the exact time decides.
        let chord = 2.0 * (0.5 * angle).min(std::f64::consts::FRAC_PI_2).sin() * 1.001;
        Self { market, times, tree: RTree::bulk_load(points), reach, chord_squared: chord * chord }
    }

    /// (zone, thousandths of a minute), ascending by zone.
    fn zones(&self, store: usize) -> Vec<(usize, u32)> {
        let store = Idx::<Store>::new(store);
        let mut zones: Vec<(usize, u32)> = self
            .tree
            .locate_within_distance(self.times.store_unit(store).0, self.chord_squared)
            .filter(|point| self.market.zones[point.data].population > 0)
            .filter_map(|point| {
                let time = self.times.milli_minutes(Idx::new(point.data), store)?;
                (time <= self.reach).then_some((point.data, time))
            })
            .collect();
        zones.sort_unstable();
        zones
    }
}

/// Sums over a store's zones, in their order.
fn area(market: &Market, zones: &[(usize, u32)], beta: f64) -> TradeArea {
    let (attributes, measures) = (market.zone_attributes.names.len(), market.health.measures.len());
    let mut people = 0.0;
    // (weighted sum, weight) of what is known.
    let mut sums = vec![(0.0, 0.0); attributes + measures];
    for &(zone, time) in zones {
        let pull = (-beta * f64::from(time) / 1000.0).exp();
        let weight = market.zones[zone].population as f64 * pull;
        people += weight;
        for attribute in 0..attributes {
            if let Some(value) = market.zone_attributes.get(zone, attribute) {
                sums[attribute].0 += weight * value;
                sums[attribute].1 += weight;
            }
        }
        for measure in 0..measures {
            if let Some(count) = health_count(market, zone, measure) {
                sums[attributes + measure].0 += pull * count;
                sums[attributes + measure].1 += weight;
            }
        }
    }
    let means: Vec<f64> =
        sums.iter().map(|&(sum, weight)| if weight > 0.0 { sum / weight } else { f64::NAN }).collect();
    TradeArea { people, attributes: means[..attributes].to_vec(), health: means[attributes..].to_vec() }
}
