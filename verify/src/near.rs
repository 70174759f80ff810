//! Travel times from one zone to the candidates, a row at a time: the matrix is never held.
//!
//! Under `Travel::Roads` a row is first measured by squared chords, |u - v|^2, which cost a few
//! multiplications; only pairs that may lie within the limit get their exact time. The squared chord
//! of a limit is taken outward (`MARGIN`), so no pair is lost to rounding.

use domain::geo::{EARTH_RADIUS_KM, Roads};
use domain::ids::Idx;
use domain::market::{Travel, Zone};

use crate::facts::{Facts, NOWHERE};

/// Relative slack on squared chords: thousands of times the rounding of the seven operations behind
/// one, and still far below the step of a thousandth of a minute for all but the nearest pairs,
/// which a surplus of candidates does not harm.
const MARGIN: f64 = 1e-9;

/// The candidates of one market, with coordinates in columns.
#[derive(Default)]
struct Cloud {
    sites: Vec<u32>,
    x: Vec<f64>,
    y: Vec<f64>,
    z: Vec<f64>,
}

/// Answers rows of travel times.
pub(crate) struct Near<'a> {
    facts: &'a Facts<'a>,
    clouds: Vec<Cloud>,
}

/// Scratch space of one thread.
#[derive(Default)]
pub(crate) struct Scratch {
    chords: Vec<f64>,
    /// (site, thousandths of a minute) of the last row asked for.
    pub(crate) row: Vec<(u32, u32)>,
}

impl<'a> Near<'a> {
    pub(crate) fn new(facts: &'a Facts<'a>) -> Self {
        let mut clouds: Vec<Cloud> = facts.market.markets.iter().map(|_| Cloud::default()).collect();
        for (site, &store) in (0_u32..).zip(&facts.candidates) {
            let cloud = &mut clouds[facts.market_of(site)];
            let [x, y, z] = facts.travel.store_unit(store).0;
            cloud.sites.push(site);
            cloud.x.push(x);
            cloud.y.push(y);
            cloud.z.push(z);
        }
        Self { facts, clouds }
    }

    /// Fills `scratch.row` with the candidates within `limit` thousandths of a minute of the zone.
    pub(crate) fn row(&self, zone: Idx<Zone>, limit: u32, scratch: &mut Scratch) {
        scratch.row.clear();
        match &self.facts.market.travel {
            Travel::Roads(roads) => {
                let cloud = &self.clouds[self.facts.market.zones[zone.at()].market.at()];
                self.chords(zone, cloud, scratch);
                let within = squared_chord_within(roads, limit);
                for (at, _) in scratch.chords.iter().enumerate().filter(|&(_, &chord)| chord <= within) {
                    let site = cloud.sites[at];
                    if let Some(time) = self.facts.travel.milli_minutes(zone, self.facts.candidates[site as usize])
                        && time <= limit
                    {
                        scratch.row.push((site, time));
                    }
                }
            }
            Travel::Table { starts, pairs } => {
                let home = self.facts.market.zones[zone.at()].market;
                for &(store, time) in &pairs[starts[zone.at()]..starts[zone.at() + 1]] {
                    let site = self.facts.site[store.at()];
                    if site != NOWHERE && time <= limit && self.facts.market.stores[store.at()].market == home {
                        scratch.row.push((site, time));
                    }
                }
            }
        }
    }

    /// The time to the candidate that is farthest from the zone; none if it has no pair.
    pub(crate) fn farthest(&self, zone: Idx<Zone>, scratch: &mut Scratch) -> Option<u32> {
        if let Travel::Table { .. } = self.facts.market.travel {
            self.row(zone, u32::MAX, scratch);
            return scratch.row.iter().map(|pair| pair.1).max();
        }
        let cloud = &self.clouds[self.facts.market.zones[zone.at()].market.at()];
        self.chords(zone, cloud, scratch);
        let largest = scratch.chords.iter().fold(0.0_f64, |most, &chord| most.max(chord));
        let time = |at: usize| self.facts.travel.milli_minutes(zone, self.facts.candidates[cloud.sites[at] as usize]);
        let near_largest = scratch.chords.iter().enumerate().filter(|&(_, &chord)| chord >= largest * (1.0 - MARGIN));
        near_largest.filter_map(|(at, _)| time(at)).max()
    }

    fn chords(&self, zone: Idx<Zone>, cloud: &Cloud, scratch: &mut Scratch) {
        let [x, y, z] = self.facts.travel.zone_unit(zone).0;
        scratch.chords.clear();
        scratch.chords.extend(cloud.x.iter().zip(&cloud.y).zip(&cloud.z).map(|((cx, cy), cz)| {
            let d = [cx - x, cy - y, cz - z];
            d[0] * d[0] + d[1] * d[1] + d[2] * d[2]
        }));
    }
}

/// No pair within `limit` has a larger squared chord.
fn squared_chord_within(roads: &Roads, limit: u32) -> f64 {
    let half_angle = roads.km_within(limit) / (2.0 * EARTH_RADIUS_KM);
    if half_angle >= std::f64::consts::FRAC_PI_2 {
        return f64::INFINITY;
    }
    // The absolute term covers pairs so near that the margin vanishes beside the rounding of unit vectors.
    (2.0 * half_angle.sin()).powi(2) * (1.0 + MARGIN) + 1e-24
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_outward_chord_loses_no_pair(lat in -80.0..80.0_f64, lon in -170.0..170.0_f64, dlat in -2.0..2.0_f64, dlon in -2.0..2.0_f64) {
            use domain::geo::LatLon;
            let roads = Roads { detour: 1.3, km_per_hour: 40.0 };
            let (a, b) = (LatLon { lat, lon }.unit(), LatLon { lat: lat + dlat, lon: lon + dlon }.unit());
            let time = roads.milli_minutes(a.km_to(b));
            let chord: f64 = (0..3).map(|axis| (a.0[axis] - b.0[axis]).powi(2)).sum();
            prop_assert!(chord <= squared_chord_within(&roads, time));
        }
    }
}
