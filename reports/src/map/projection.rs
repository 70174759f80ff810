//! Albers' conic projection: equal areas, so that a crowd of dots means as many stores everywhere.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | phi_1, phi_2 | standard parallels, a sixth of the height from each edge | degrees |
//! | lambda_0 | `lon_0` | degrees |
//! | n | `n` = (sin phi_1 + sin phi_2) / 2 | |
//! | C | `c` = cos^2 phi_1 + 2 n sin phi_1 | |
//! | rho | R sqrt(C - 2 n sin phi) / n | km |
//!
//! x = rho sin(n (lambda - lambda_0)), y = rho_0 - rho cos(n (lambda - lambda_0)) [snyder1987].
//! Near the equator n vanishes and the cone becomes Lambert's cylinder, x = R (lambda - lambda_0)
//! cos phi_0, y = R sin phi / cos phi_0.

use domain::geo::{EARTH_RADIUS_KM, LatLon};

/// Below this n, the cone is a cylinder for every purpose of a map.
const FLAT: f64 = 0.05;

/// A projection of a part of the world onto a plane in km, x to the east and y to the south.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Albers {
    n: f64,
    c: f64,
    lon_0: f64,
    cos_0: f64,
}

impl Albers {
    /// The projection that suits a box of degrees: south, west, north, east.
    pub(crate) fn of([south, west, north, east]: [f64; 4]) -> Self {
        let sixth = (north - south) / 6.0;
        let (first, second) = ((south + sixth).to_radians(), (north - sixth).to_radians());
        let n = f64::midpoint(first.sin(), second.sin());
        Self {
            n,
            c: first.cos().powi(2) + 2.0 * n * first.sin(),
            lon_0: f64::midpoint(west, east),
            cos_0: f64::midpoint(first, second).cos().max(0.1),
        }
    }

    /// Where a place lies on the plane, in km.
    pub(crate) fn project(&self, at: LatLon) -> (f64, f64) {
        let east = (at.lon - self.lon_0 + 540.0).rem_euclid(360.0) - 180.0;
        let (phi, lambda) = (at.lat.to_radians(), east.to_radians());
        if self.n.abs() < FLAT {
            return (EARTH_RADIUS_KM * lambda * self.cos_0, -EARTH_RADIUS_KM * phi.sin() / self.cos_0);
        }
        let rho = EARTH_RADIUS_KM * (self.c - 2.0 * self.n * phi.sin()).max(0.0).sqrt() / self.n;
        let theta = self.n * lambda;
        (rho * theta.sin(), rho * theta.cos())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(projection: &Albers, lat: f64, lon: f64) -> f64 {
        let step = 0.01;
        let (a, b, c) = (
            projection.project(LatLon { lat, lon }),
            projection.project(LatLon { lat: lat + step, lon }),
            projection.project(LatLon { lat, lon: lon + step }),
        );
        ((b.0 - a.0) * (c.1 - a.1) - (c.0 - a.0) * (b.1 - a.1)).abs()
    }

    #[test]
    fn areas_are_equal_and_north_is_up() {
        for bounds in [[24.0, -125.0, 50.0, -67.0], [-44.0, 113.0, -10.0, 154.0], [-4.0, -80.0, 4.0, -60.0]] {
            let projection = Albers::of(bounds);
            let [south, west, north, east] = bounds;
            for (lat, lon) in [(south, west), (south, east - 0.02), (north - 0.02, west)] {
                // On the sphere, a small box of 0.01 degrees has R^2 d^2 cos(lat); 0.1 % allows for its size.
                let sphere = (EARTH_RADIUS_KM * 0.01_f64.to_radians()).powi(2) * (lat + 0.005).to_radians().cos();
                assert!((area(&projection, lat, lon) / sphere - 1.0).abs() < 1e-3, "{lat} {lon}");
            }
            let middle = |lat: f64| projection.project(LatLon { lat, lon: f64::midpoint(west, east) });
            assert!(middle(north).1 < middle(south).1);
            assert!(middle(north).0.abs() < 1e-6);
        }
    }

    #[test]
    fn the_date_line_does_not_tear_a_country() {
        let fiji = Albers::of([-20.0, 177.0, -16.0, 181.0]);
        let (a, b) =
            (fiji.project(LatLon { lat: -18.0, lon: 179.9 }), fiji.project(LatLon { lat: -18.0, lon: -179.9 }));
        assert!((b.0 - a.0).abs() < 30.0);
    }
}
