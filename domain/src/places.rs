//! Costs that are distances between places.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | u_i, v_j | `Places::zones`, `Places::sites` | that of the map, or 1 on the unit sphere |
//! | s_ij = abs(u_i - v_j) | the straight line | the same |
//! | l(s) = s, or 2 R asin(s / 2) | `Measure` | that of the map, or km |
//! | c_ij = floor(scale l(s_ij) + 1/2) | `Places::cost` | cost units |
//!
//! A country's pairs of zones and sites do not fit memory, and few of them are ever asked for. So a pair is
//! measured when it is, always by this one definition.

use crate::geo::{EARTH_RADIUS_KM, LatLon};

/// How the straight line between two places becomes a length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// On a map: the straight line itself.
    Plane,
    /// Between points of the unit sphere: kilometres along the great circle.
    Sphere,
}

/// Zones, sites and what it costs to get from one to the other.
#[derive(Debug, Clone, PartialEq)]
pub struct Places {
    /// By zone; finite.
    pub zones: Vec<[f64; 3]>,
    /// By site; finite.
    pub sites: Vec<[f64; 3]>,
    /// How lines become lengths.
    pub measure: Measure,
    /// Cost units per unit of length, above 0.
    pub scale: f64,
}

/// A point of a map.
#[must_use]
pub fn on_map(x: f64, y: f64) -> [f64; 3] {
    [x, y, 0.0]
}

/// A point of the unit sphere.
#[must_use]
pub fn on_earth(place: LatLon) -> [f64; 3] {
    place.unit().0
}

impl Measure {
    /// The length that a straight line stands for.
    #[must_use]
    pub fn length(self, straight: f64) -> f64 {
        match self {
            Self::Plane => straight,
            Self::Sphere => 2.0 * EARTH_RADIUS_KM * (0.5 * straight).min(1.0).asin(),
        }
    }

    /// The straight line under a length.
    #[must_use]
    pub fn straight(self, length: f64) -> f64 {
        match self {
            Self::Plane => length,
            Self::Sphere => 2.0 * (length / EARTH_RADIUS_KM / 2.0).min(std::f64::consts::FRAC_PI_2).sin(),
        }
    }
}

/// The straight line between two points.
#[must_use]
pub fn straight(one: [f64; 3], other: [f64; 3]) -> f64 {
    let d = [one[0] - other[0], one[1] - other[1], one[2] - other[2]];
    (d[0] * d[0] + d[1] * d[1] + d[2] * d[2]).sqrt()
}

impl Places {
    /// c of a zone and a site.
    #[must_use]
    pub fn cost(&self, zone: usize, site: u32) -> u32 {
        self.cost_of(straight(self.zones[zone], self.sites[site as usize]))
    }

    /// The cost of a straight line; saturates.
    #[must_use]
    pub fn cost_of(&self, straight: f64) -> u32 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "non-negative, and a cast saturates"
        )]
        let whole = (self.measure.length(straight) * self.scale + 0.5) as u32;
        whole
    }

    /// A straight line that no pair with a cost of `cost` or less is longer than.
    #[must_use]
    pub fn reach(&self, cost: u32) -> f64 {
        // Rounding to whole costs takes half a unit; the margin is far above the rounding of f64.
        self.measure.straight((f64::from(cost) + 1.0) / self.scale) * (1.0 + 1e-9) + 1e-9
    }

    /// A cost that no pair exceeds.
    #[must_use]
    pub fn dearest(&self) -> u32 {
        let mut box_of = [[f64::INFINITY, f64::NEG_INFINITY]; 3];
        for point in self.zones.iter().chain(&self.sites) {
            for (side, &at) in box_of.iter_mut().zip(point) {
                *side = [side[0].min(at), side[1].max(at)];
            }
        }
        let [x, y, z] = box_of;
        self.cost_of(straight([x[0], y[0], z[0]], [x[1], y[1], z[1]])).saturating_add(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_within_a_cost_is_within_its_reach(
            one in (-90.0..90.0_f64, -180.0..180.0_f64),
            other in (-90.0..90.0_f64, -180.0..180.0_f64),
            scale in 0.01..100_000.0_f64,
            on_sphere: bool,
        ) {
            let (point, measure): (fn((f64, f64)) -> [f64; 3], _) = if on_sphere {
                (|(lat, lon)| on_earth(LatLon { lat, lon }), Measure::Sphere)
            } else {
                (|(x, y)| on_map(x, y), Measure::Plane)
            };
            let places = Places { zones: vec![point(one)], sites: vec![point(other)], measure, scale };
            let cost = places.cost(0, 0);
            prop_assert!(straight(places.zones[0], places.sites[0]) <= places.reach(cost));
            prop_assert!(cost <= places.dearest());
        }
    }

    #[test]
    fn a_map_and_the_earth_measure_as_they_should() {
        let map = Places {
            zones: vec![on_map(0.0, 0.0)],
            sites: vec![on_map(3.0, 4.0)],
            measure: Measure::Plane,
            scale: 10.0,
        };
        assert_eq!(map.cost(0, 0), 50);
        let (london, paris) = (LatLon { lat: 51.5074, lon: -0.1278 }, LatLon { lat: 48.8566, lon: 2.3522 });
        let earth = Places {
            zones: vec![on_earth(london)],
            sites: vec![on_earth(paris)],
            measure: Measure::Sphere,
            scale: 1.0,
        };
        assert_eq!(earth.cost(0, 0), 344);
    }
}
