//! Where things are, and how long it takes to get from one to the other.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | (phi, lambda) | `LatLon` | degrees |
//! | R | `EARTH_RADIUS_KM` | km, mean radius |
//! | t_ij | `travel_minutes` | thousandths of a minute, whole |
//!
//! t_ij = great-circle distance x detour / speed, rounded to a whole thousandth of a minute, so that
//! every sum of people x minutes is exact. The great circle is measured through the chord between
//! unit vectors, 2 R asin(|u - v| / 2), which is accurate for near points and cheap for many.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Mean Earth radius (IUGG).
pub const EARTH_RADIUS_KM: f64 = 6_371.008_8;

/// A place in degrees: latitude -90 to 90, longitude -180 to 180.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LatLon {
    /// Degrees north.
    pub lat: f64,
    /// Degrees east.
    pub lon: f64,
}

/// A point of the unit sphere.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UnitVector(pub [f64; 3]);

impl LatLon {
    /// The same place on the unit sphere.
    #[must_use]
    pub fn unit(self) -> UnitVector {
        let (lat, lon) = (self.lat.to_radians(), self.lon.to_radians());
        UnitVector([lat.cos() * lon.cos(), lat.cos() * lon.sin(), lat.sin()])
    }

    /// Great-circle distance.
    #[must_use]
    pub fn km_to(self, other: Self) -> f64 {
        self.unit().km_to(other.unit())
    }
}

impl UnitVector {
    /// Great-circle distance.
    #[must_use]
    pub fn km_to(self, other: Self) -> f64 {
        let d = [self.0[0] - other.0[0], self.0[1] - other.0[1], self.0[2] - other.0[2]];
        let half_chord = 0.5 * (d[0] * d[0] + d[1] * d[1] + d[2] * d[2]).sqrt();
        2.0 * EARTH_RADIUS_KM * half_chord.min(1.0).asin()
    }
}

/// How kilometres become minutes where no travel table says so.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Roads {
    /// Road length over great-circle length.
    pub detour: f64,
    /// Mean speed, km/h.
    pub km_per_hour: f64,
}

impl Roads {
    /// Travel time over `km` great-circle kilometres, in whole thousandths of a minute.
    #[must_use]
    pub fn milli_minutes(&self, km: f64) -> u32 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "non-negative, and a cast saturates"
        )]
        let whole = (km * self.detour / self.km_per_hour * 60_000.0).round() as u32;
        whole
    }

    /// The great-circle kilometres that `milli_minutes` reach at the most (outward: never too few).
    #[must_use]
    pub fn km_within(&self, milli_minutes: u32) -> f64 {
        (f64::from(milli_minutes) + 1.0) / 60_000.0 * self.km_per_hour / self.detour
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn london_to_paris_is_344_km() {
        let km = LatLon { lat: 51.5074, lon: -0.1278 }.km_to(LatLon { lat: 48.8566, lon: 2.3522 });
        assert!((km - 343.6).abs() < 0.5, "{km}");
    }

    #[test]
    fn antipodes_are_half_a_circumference_apart() {
        let km = LatLon { lat: 0.0, lon: 0.0 }.km_to(LatLon { lat: 0.0, lon: 180.0 });
        assert!((km - std::f64::consts::PI * EARTH_RADIUS_KM).abs() < 1e-3);
    }
}
