//! The surroundings of one corner: a map of so much of the country as holds its nearest stores.
//!
//! Outlines are too coarse at this scale, so that the picture has stores alone: the corner itself, the other corners and
//! the candidates that were not chosen. Controls stand too far away on purpose to be marked.

use std::fmt::Write as _;

use domain::geo::LatLon;
use domain::study::Study;

use super::draw::{self, Area, Frame};

/// The picture's side, in pixels.
const SIDE: f64 = 240.0;
/// So many of the nearest stores are shown at least.
const NEAREST: usize = 8;
/// The least and the greatest distance from the corner to the picture's edge, in km.
const EDGE: (f64, f64) = (3.0, 150.0);
/// Kilometres of a degree of latitude.
const KM_PER_DEGREE: f64 = 111.2;

/// The map around a corner.
pub(crate) struct Near {
    /// The picture.
    pub(crate) svg: String,
    /// A length on the ground: in percent of the width, and in words.
    pub(crate) scale: (f64, String),
}

/// The map around the chosen store at this position of the plan.
pub(crate) fn near(study: &Study, store: usize, label: &str) -> Near {
    let place = |at: usize| LatLon { lat: study.plan.stores[at].lat, lon: study.plan.stores[at].lon };
    let centre = place(store);
    let corners: Vec<LatLon> = (0..study.plan.stores.len()).filter(|&at| at != store).map(place).collect();
    let candidates = study.candidates.iter();
    let others: Vec<LatLon> =
        candidates.map(|&(_, lat, lon)| LatLon { lat: f64::from(lat), lon: f64::from(lon) }).collect();
    let narrow = centre.lat.to_radians().cos().max(0.05);
    // Of a square the larger of the two ways counts; east and west of the date line are neighbours.
    let away = |at: &LatLon| {
        let east = (at.lon - centre.lon + 540.0).rem_euclid(360.0) - 180.0;
        (at.lat - centre.lat).abs().max(east.abs() * narrow) * KM_PER_DEGREE
    };
    let mut distances: Vec<f64> = corners.iter().chain(&others).map(away).collect();
    distances.sort_by(f64::total_cmp);
    let farthest = distances.get(NEAREST - 1).or(distances.last()).copied().unwrap_or(EDGE.0);
    let edge = (farthest * 1.05).clamp(EDGE.0, EDGE.1);
    let (north, east) = (edge / KM_PER_DEGREE, edge / KM_PER_DEGREE / narrow);
    let bounds = [(-north, -east), (north, east), (-north, east), (north, -east)]
        .map(|(north, east)| LatLon { lat: centre.lat + north, lon: centre.lon + east });
    let frame = Frame::new(Area::fit(None, None, &bounds), 0.0, 0.0, SIDE, SIDE);
    let within = |places: &[LatLon]| -> Vec<(f64, f64)> {
        let shown = places.iter().filter(|at| away(at) <= edge).map(|&at| frame.put(at));
        shown.filter(|(x, y)| (0.0..=SIDE).contains(x) && (0.0..=SIDE).contains(y)).collect()
    };
    let mut svg = draw::open(label, (SIDE, SIDE));
    for (class, places) in [("dots large", within(&others)), ("spot", within(&corners))] {
        if !places.is_empty() {
            let _ = write!(svg, "<path class=\"{class}\" d=\"{}\"/>", draw::dots(&places));
        }
    }
    let _ = write!(svg, "<path class=\"spot own\" d=\"{}\"/></svg>", draw::dots(&[frame.put(centre)]));
    Near { svg, scale: frame.scale() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn the_corner_stands_in_the_middle_among_its_nearest() {
        let mut study = fixture::study(900);
        let seen = near(&study, 0, "Around <it>");
        // The middle of a picture of half pixels.
        assert!(seen.svg.contains("class=\"spot own\" d=\"m240 24"), "{}", seen.svg);
        assert!(seen.svg.contains("Around &lt;it&gt;") && seen.svg.contains("dots large"));
        let dots = |svg: &str| {
            svg.split("dots large\" d=\"")
                .nth(1)
                .map_or(0, |rest| rest.split('"').next().unwrap_or_default().matches("h0").count())
        };
        assert!((2..80).contains(&dots(&seen.svg)), "{}", dots(&seen.svg));
        // Another corner beside it is shown as one.
        assert_eq!(seen.svg.matches("class=\"spot").count(), 1);
        (study.plan.stores[1].lat, study.plan.stores[1].lon) =
            (study.plan.stores[0].lat + 0.005, study.plan.stores[0].lon);
        assert_eq!(near(&study, 0, "").svg.matches("class=\"spot").count(), 2);
        // Alone in the world, and across the date line.
        study.candidates.clear();
        study.plan.stores.truncate(1);
        assert!(!near(&study, 0, "").svg.contains("NaN"));
        study.plan.stores[0].lon = 179.999;
        study.candidates.push((1, study.plan.stores[0].lat as f32, -179.999));
        assert!(near(&study, 0, "").svg.contains("dots large"));
    }
}
