//! Fits a part of the world into a frame, and draws it: land, dots, and lines to displaced pins.

use std::fmt::Write as _;

use domain::geo::LatLon;

use super::outlines::Outline;
use super::projection::Albers;
use super::projection_of;
use crate::number;

/// The picture's units in a pixel of the page: dots lie on a grid of half pixels.
const FINE: f64 = 2.0;
/// Room around land and dots, as a part of the larger side.
const ROOM: f64 = 0.015;
/// Stores within less than this part of their country, both ways, get a map of that part.
const ZOOM: f64 = 0.3;
/// The narrowest and widest map, width over height.
const ASPECT: (f64, f64) = (0.45, 2.4);

/// A part of a projected plane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Area {
    projection: Albers,
    /// Left, upper, right, lower, in km.
    edges: [f64; 4],
    /// Whether it is a part of the outline only.
    pub(super) zoomed: bool,
}

impl Area {
    /// The part that shows an outline, what lies beside it and all stores; or the stores alone where they lie close.
    pub(super) fn fit(outline: Option<&Outline>, beside: Option<&Outline>, stores: &[LatLon]) -> Self {
        let land = || outline.into_iter().chain(beside).flat_map(|outline| outline.rings.iter().flatten().copied());
        let centre = LatLon { lat: 0.0, lon: 0.0 };
        let projection = projection_of(land())
            .or_else(|| projection_of(stores.iter().copied()))
            .or_else(|| projection_of(std::iter::once(centre)))
            .unwrap_or_else(|| Albers::of([-60.0, -180.0, 75.0, 180.0]));
        let of_land = edges(&projection, land());
        let of_stores = edges(&projection, stores.iter().copied());
        let (edges, zoomed) = match (of_land, of_stores) {
            (Some(land), Some(stores)) => {
                let part = |low: usize| (stores[low + 2] - stores[low]) / (land[low + 2] - land[low]).max(1.0);
                if part(0) < ZOOM && part(1) < ZOOM {
                    (padded(stores, 0.2), true)
                } else {
                    let all = [
                        land[0].min(stores[0]),
                        land[1].min(stores[1]),
                        land[2].max(stores[2]),
                        land[3].max(stores[3]),
                    ];
                    (padded(all, ROOM), false)
                }
            }
            (Some(land), None) => (padded(land, ROOM), false),
            (None, Some(stores)) => (padded(stores, 0.1), false),
            (None, None) => ([-1.0, -1.0, 1.0, 1.0], false),
        };
        Self { projection, edges: shaped(edges), zoomed }
    }

    /// Width over height.
    pub(super) fn aspect(&self) -> f64 {
        (self.edges[2] - self.edges[0]) / (self.edges[3] - self.edges[1])
    }
}

fn edges(projection: &Albers, places: impl Iterator<Item = LatLon>) -> Option<[f64; 4]> {
    places.map(|at| projection.project(at)).fold(None, |edges, (x, y)| {
        let [left, upper, right, lower] = edges.unwrap_or([x, y, x, y]);
        Some([left.min(x), upper.min(y), right.max(x), lower.max(y)])
    })
}

/// Room on all sides; a single place gets 5 km.
fn padded([left, upper, right, lower]: [f64; 4], part: f64) -> [f64; 4] {
    let room = ((right - left).max(lower - upper) * part).max(5.0);
    [left - room, upper - room, right + room, lower + room]
}

/// Widened or heightened to a shape that a page can hold.
fn shaped([left, upper, right, lower]: [f64; 4]) -> [f64; 4] {
    let (width, height) = (right - left, lower - upper);
    let more_width = (height * ASPECT.0 - width).max(0.0) / 2.0;
    let more_height = (width / ASPECT.1 - height).max(0.0) / 2.0;
    [left - more_width, upper - more_height, right + more_width, lower + more_height]
}

/// An area in its place on the map, in pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    area: Area,
    left: f64,
    top: f64,
    width: f64,
    pixels_per_km: f64,
}

impl Frame {
    /// The area in the middle of a box.
    pub(super) fn new(area: Area, left: f64, top: f64, width: f64, height: f64) -> Self {
        let (w, h) = (area.edges[2] - area.edges[0], area.edges[3] - area.edges[1]);
        let pixels_per_km = (width / w).min(height / h);
        let (spare_x, spare_y) = (width - w * pixels_per_km, height - h * pixels_per_km);
        Self { area, left: left + spare_x / 2.0, top: top + spare_y / 2.0, width, pixels_per_km }
    }

    /// Where a place lies on the map, in pixels.
    pub(super) fn put(&self, at: LatLon) -> (f64, f64) {
        let (x, y) = self.area.projection.project(at);
        (
            self.left + (x - self.area.edges[0]) * self.pixels_per_km,
            self.top + (y - self.area.edges[1]) * self.pixels_per_km,
        )
    }

    /// A round length, at most a quarter of the width: percent of the width, and words.
    pub(super) fn scale(&self) -> (f64, String) {
        let quarter = self.width * 0.25 / self.pixels_per_km;
        let power = 10_f64.powf(quarter.log10().floor());
        let km = [5.0, 2.0, 1.0].into_iter().map(|m| m * power).find(|km| *km <= quarter).unwrap_or(power);
        let words = if km < 1.0 { format!("{:.0} m", km * 1000.0) } else { format!("{} km", number::units(km)) };
        (km * self.pixels_per_km / self.width * 100.0, words)
    }
}

/// A point of the picture's grid.
type Point = (i64, i64);

#[expect(clippy::cast_possible_truncation, reason = "a map is a few thousand units wide; a cast saturates")]
fn grid((x, y): (f64, f64)) -> Point {
    ((x * FINE).round() as i64, (y * FINE).round() as i64)
}

/// A line or ring as a path of steps, without steps of no length.
fn trace(frame: &Frame, places: &[LatLon], closed: bool) -> String {
    let mut points: Vec<Point> = places.iter().map(|&at| grid(frame.put(at))).collect();
    points.dedup();
    if points.len() < 2 {
        return String::new();
    }
    let mut path = format!("M{} {}l", points[0].0, points[0].1);
    for pair in points.windows(2) {
        step(&mut path, pair[1].0 - pair[0].0);
        step(&mut path, pair[1].1 - pair[0].1);
    }
    if closed {
        path.push('z');
    }
    path
}

/// A number of a path; a minus sign parts it from the one before, else a blank does.
fn step(path: &mut String, value: i64) {
    if value >= 0 && path.ends_with(|last: char| last.is_ascii_digit()) {
        path.push(' ');
    }
    let _ = write!(path, "{value}");
}

/// All dots as one path of lines without length, drawn by their round caps; each place once.
pub(super) fn dots(places: &[(f64, f64)]) -> String {
    let mut points: Vec<(i64, i64)> = places.iter().map(|&at| grid(at)).map(|(x, y)| (y, x)).collect();
    points.sort_unstable();
    points.dedup();
    let (mut path, mut last) = (String::with_capacity(points.len() * 8), (0, 0));
    for (y, x) in points {
        path.push('m');
        step(&mut path, x - last.0);
        step(&mut path, y - last.1);
        path.push_str("h0");
        last = (x, y);
    }
    path
}

/// The beginning of a picture with a name.
pub(super) fn open(label: &str, size: (f64, f64)) -> String {
    let (w, h) = grid(size);
    format!("<svg viewBox=\"0 0 {w} {h}\" role=\"img\" aria-label=\"{}\">", escape(label))
}

/// The picture of a map.
#[expect(clippy::too_many_arguments, reason = "the layers of one picture, drawn from below")]
pub(super) fn svg(
    label: &str,
    (width, height): (f64, f64),
    frame: &Frame,
    beside: Option<&Outline>,
    land: &[(&Frame, Option<&Outline>)],
    others: &[(f64, f64)],
    stores: &[(f64, f64)],
    pins: &[(f64, f64)],
) -> String {
    let mut out = open(label, (width, height));
    let rings = |frame: &Frame, outline: &Outline| -> String {
        outline.rings.iter().map(|ring| trace(frame, ring, true)).collect()
    };
    if let Some(outline) = beside {
        let _ = write!(out, "<path class=\"beside\" d=\"{}\"/>", rings(frame, outline));
    }
    for (frame, outline) in land.iter().filter_map(|(frame, outline)| outline.map(|outline| (frame, outline))) {
        let _ = write!(out, "<path class=\"land\" d=\"{}\"/>", rings(frame, outline));
        if !outline.lines.is_empty() {
            let lines: String = outline.lines.iter().map(|line| trace(frame, line, false)).collect();
            let _ = write!(out, "<path class=\"lines\" d=\"{lines}\"/>");
        }
    }
    if !others.is_empty() {
        let size = if others.len() > 3000 { "small" } else { "large" };
        let _ = write!(out, "<path class=\"dots {size}\" d=\"{}\"/>", dots(others));
    }
    let mut leaders = String::new();
    for (&store, &pin) in stores.iter().zip(pins) {
        if (store.0 - pin.0).hypot(store.1 - pin.1) > 3.0 {
            let (a, b) = (grid(store), grid(pin));
            let _ = write!(leaders, "M{} {}L{} {}", a.0, a.1, b.0, b.1);
        }
    }
    if !leaders.is_empty() {
        let _ = write!(out, "<path class=\"leader\" d=\"{leaders}\"/>");
    }
    let _ = write!(out, "<path class=\"spot\" d=\"{}\"/></svg>", dots(stores));
    out
}

/// A text as an attribute's value.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_of_one_place_are_one_dot() {
        assert_eq!(dots(&[(1.0, 1.0), (1.1, 1.1), (3.0, 1.0)]), "m2 2h0m4 0h0");
        assert_eq!(dots(&[(5.0, 0.0), (1.0, 1.0)]), "m10 0h0m-8 2h0");
        assert_eq!(dots(&[]), "");
    }

    #[test]
    fn a_country_without_outline_is_fitted_to_its_stores() {
        let stores = [LatLon { lat: 50.0, lon: 8.0 }, LatLon { lat: 52.0, lon: 11.0 }];
        let area = Area::fit(None, None, &stores);
        let frame = Frame::new(area, 0.0, 0.0, 100.0 * area.aspect(), 100.0);
        for at in stores {
            let (x, y) = frame.put(at);
            assert!(x > 0.0 && x < 100.0 * area.aspect() && y > 0.0 && y < 100.0, "{x} {y}");
        }
        assert!(!area.zoomed);
        let one = Area::fit(None, None, &stores[..1]);
        assert!(one.aspect().is_finite() && one.aspect() > 0.0);
    }

    #[test]
    fn the_scale_is_round_and_fits() {
        let area = Area::fit(None, None, &[LatLon { lat: 50.0, lon: 8.0 }, LatLon { lat: 52.0, lon: 11.0 }]);
        let (percent, words) = Frame::new(area, 0.0, 0.0, 300.0, 300.0).scale();
        assert!(percent > 2.0 && percent <= 25.0);
        assert!(["50 km", "100 km", "20 km"].contains(&words.as_str()), "{words}");
    }

    #[test]
    fn names_can_not_leave_their_attribute() {
        assert_eq!(escape("<a b=\"c\">'&"), "&lt;a b=&quot;c&quot;&gt;&#39;&amp;");
    }
}
