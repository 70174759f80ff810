//! Who lives near which store: coded apart from `domain::geo`, since the truth is not the plan's.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | d_ij | haversine distance | km |
//! | v_i | speed, faster where more people have cars | km/h |
//! | t_ij = 1.35 d_ij / v_i | `Near::minutes` | minutes |

use std::collections::BTreeMap;

use domain::geo::LatLon;
use rayon::prelude::*;

use crate::geography::Site;

const RADIUS_KM: f64 = 6_371.0;
/// Nobody goes farther than this for a related product or a device.
pub(crate) const KM_MAX: f64 = 22.0;
const CELL_DEGREES: f64 = 0.2;

/// Haversine distance.
pub(crate) fn km(one: LatLon, other: LatLon) -> f64 {
    let (phi, psi) = (one.lat.to_radians(), other.lat.to_radians());
    let (dphi, dlambda) = (psi - phi, (other.lon - one.lon).to_radians());
    let h = (dphi / 2.0).sin().powi(2) + phi.cos() * psi.cos() * (dlambda / 2.0).sin().powi(2);
    2.0 * RADIUS_KM * h.sqrt().min(1.0).asin()
}

/// Places in cells, to find the near ones quickly.
pub(crate) struct Grid {
    cells: BTreeMap<(i32, i32), Vec<u32>>,
    places: Vec<LatLon>,
}

#[expect(clippy::cast_possible_truncation, reason = "at most 1,800 cells each way")]
fn cell(degrees: f64) -> i32 {
    (degrees / CELL_DEGREES).floor() as i32
}

impl Grid {
    pub(crate) fn of(sites: &[Site]) -> Self {
        let places: Vec<LatLon> = sites.iter().map(|site| site.place).collect();
        let mut cells: BTreeMap<(i32, i32), Vec<u32>> = BTreeMap::new();
        for (at, place) in (0_u32..).zip(&places) {
            cells.entry((cell(place.lat), cell(place.lon))).or_default().push(at);
        }
        Self { cells, places }
    }

    /// Places within `km_max`, ascending, with their distances.
    pub(crate) fn within(&self, place: LatLon, km_max: f64) -> Vec<(u32, f64)> {
        let lat = km_max / 111.0;
        let lon = lat / place.lat.to_radians().cos().max(0.05);
        let mut near = Vec::new();
        for row in cell(place.lat - lat)..=cell(place.lat + lat) {
            let columns = (row, cell(place.lon - lon))..=(row, cell(place.lon + lon));
            for at in self.cells.range(columns).flat_map(|(_, members)| members) {
                let away = km(place, self.places[*at as usize]);
                if away <= km_max {
                    near.push((*at, away));
                }
            }
        }
        near.sort_unstable_by_key(|entry| entry.0);
        near
    }
}

/// A zone near a store.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Near {
    pub(crate) zone: u32,
    pub(crate) minutes: f64,
}

/// Per store the zones near it, ascending.
pub(crate) fn catchments(stores: &[Site], zones: &[Site], car_share: &[f64]) -> Vec<Vec<Near>> {
    let grid = Grid::of(zones);
    stores
        .par_iter()
        .map(|store| {
            grid.within(store.place, KM_MAX)
                .into_iter()
                .filter(|&(zone, _)| zones[zone as usize].market == store.market)
                .map(|(zone, away)| {
                    let km_per_hour = 24.0 + 26.0 * car_share[zone as usize];
                    Near { zone, minutes: away * 1.35 / km_per_hour * 60.0 }
                })
                .collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geography::{Country, scatter};

    #[test]
    fn the_grid_finds_what_a_full_search_finds() {
        let geography = scatter(&[(Country::Gb, 1.0)], 80, 400, 9);
        let grid = Grid::of(&geography.zones);
        for store in &geography.stores {
            let all: Vec<u32> = (0_u32..)
                .zip(&geography.zones)
                .filter(|(_, zone)| km(store.place, zone.place) <= KM_MAX)
                .map(|(at, _)| at)
                .collect();
            let found: Vec<u32> = grid.within(store.place, KM_MAX).into_iter().map(|(at, _)| at).collect();
            assert_eq!(found, all);
            assert!(!found.is_empty());
        }
    }
}
