//! What lies near what: a spatial index over unit vectors.
//!
//! On the unit sphere two points s km apart have a chord of 2 sin(s / 2R). The index is asked a little
//! farther than that, and each answer is measured again by the definition, so that the fringe is exact.

use domain::geo::{EARTH_RADIUS_KM, UnitVector};
use domain::ids::Idx;
use domain::market::{Market, Store, Travel, TravelTimes, Zone};
use rayon::prelude::*;
use rstar::RTree;
use rstar::primitives::GeomWithData;

/// Far above the rounding of a chord between unit vectors (about 1e-16), far below a metre (1.6e-7).
const CHORD_MARGIN: f64 = 1e-9;

/// Points that can be asked for their neighbours.
pub struct Near {
    tree: RTree<GeomWithData<[f64; 3], u32>>,
}

impl Near {
    /// An index over points; answers are positions in `points`.
    #[must_use]
    pub fn new(points: impl IntoIterator<Item = UnitVector>) -> Self {
        let points = points
            .into_iter()
            .enumerate()
            .map(|(at, point)| GeomWithData::new(point.0, u32::try_from(at).expect("entities are limited to 2^32")));
        Self { tree: RTree::bulk_load(points.collect()) }
    }

    /// Every position within `km` of `point`, in no order, and perhaps a few a hair beyond.
    pub fn within(&self, point: UnitVector, km: f64) -> impl Iterator<Item = u32> {
        let angle = (km / EARTH_RADIUS_KM / 2.0).min(std::f64::consts::FRAC_PI_2);
        let chord = 2.0 * angle.sin() + CHORD_MARGIN;
        self.tree.locate_within_distance(point.0, chord * chord).map(|found| found.data)
    }
}

/// Pairs of stores nearer to each other than `km`, as positions (lower, higher), ascending.
#[must_use]
pub fn pairs(places: &[UnitVector], km: f64) -> Vec<(u32, u32)> {
    let near = Near::new(places.iter().copied());
    let rows: Vec<Vec<(u32, u32)>> = places
        .par_iter()
        .enumerate()
        .map(|(at, &place)| {
            let one = u32::try_from(at).expect("entities are limited to 2^32");
            let mut row: Vec<(u32, u32)> = near
                .within(place, km)
                .filter(|&other| other > one && place.km_to(places[other as usize]) < km)
                .map(|other| (one, other))
                .collect();
            row.sort_unstable();
            row
        })
        .collect();
    rows.concat()
}

/// Per zone, the stores within `milli_minutes` of it: (position in `stores`, thousandths of a
/// minute), ascending by position.
#[must_use]
pub fn rows(
    market: &Market,
    times: &TravelTimes<'_>,
    stores: &[Idx<Store>],
    milli_minutes: u32,
) -> Vec<Vec<(u32, u32)>> {
    let zones: Vec<Idx<Zone>> = market.zone_ids.iter().collect();
    match &market.travel {
        Travel::Roads(roads) => {
            let near = Near::new(stores.iter().map(|&store| times.store_unit(store)));
            let km = roads.km_within(milli_minutes);
            zones
                .into_par_iter()
                .map(|zone| {
                    let mut row: Vec<(u32, u32)> = near
                        .within(times.zone_unit(zone), km)
                        .filter_map(|at| Some((at, times.milli_minutes(zone, stores[at as usize])?)))
                        .filter(|pair| pair.1 <= milli_minutes)
                        .collect();
                    row.sort_unstable();
                    row
                })
                .collect()
        }
        Travel::Table { starts, pairs } => {
            let mut position = vec![u32::MAX; market.stores.len()];
            for (at, store) in stores.iter().enumerate() {
                position[store.at()] = u32::try_from(at).expect("entities are limited to 2^32");
            }
            zones
                .into_par_iter()
                .map(|zone| {
                    // The table may list pairs across markets; the definition knows none of them.
                    pairs[starts[zone.at()]..starts[zone.at() + 1]]
                        .iter()
                        .filter(|(store, time)| {
                            position[store.at()] != u32::MAX
                                && *time <= milli_minutes
                                && market.stores[store.at()].market == market.zones[zone.at()].market
                        })
                        .map(|&(store, time)| (position[store.at()], time))
                        .collect()
                })
                .collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::geo::LatLon;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn pairs_are_those_of_measuring_every_pair(
            places in prop::collection::vec((-90.0..90.0_f64, -180.0..180.0_f64), 0..40),
            km in 0.0..9_000.0_f64,
        ) {
            let places: Vec<UnitVector> = places.iter().map(|&(lat, lon)| LatLon { lat, lon }.unit()).collect();
            let mut all = Vec::new();
            for one in 0..places.len() {
                for other in one + 1..places.len() {
                    if places[one].km_to(places[other]) < km {
                        all.push((one as u32, other as u32));
                    }
                }
            }
            prop_assert_eq!(pairs(&places, km), all);
        }
    }
}
