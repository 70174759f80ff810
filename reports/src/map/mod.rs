//! Where: one map per country, side by side, each at its own scale.
//!
//! All candidates of a country that were not chosen are one path of round dots. Pins are links of
//! the page and not of the picture, so that they keep their size on a narrow screen and can be
//! reached by keyboard; this module says where they stand, in percent.

mod draw;
mod near;
mod outlines;
mod pins;
mod projection;

use domain::geo::LatLon;
use domain::study::Study;

use crate::number;
use crate::sentences::store_name;
pub(crate) use draw::escape;
use draw::{Area, Frame};
pub(crate) use near::{Near, near};
use outlines::Outline;
use projection::Albers;

/// The page's width, and the gap between two maps, in pixels.
const PAGE: f64 = 980.0;
const GAP: f64 = 28.0;
/// Maps of a row are as high as fits, and no higher than this.
const HEIGHT_MAX: f64 = 430.0;
/// Rows are filled until the maps would be lower than about this.
const HEIGHT_MIN: f64 = 230.0;

/// Maps that stand side by side.
pub(crate) struct Row {
    /// How wide the row is at most, in pixels.
    pub(crate) width: f64,
    /// Its maps.
    pub(crate) panels: Vec<Panel>,
}

/// The map of one country, or of one market whose country has no outline.
pub(crate) struct Panel {
    /// Its name.
    pub(crate) label: String,
    /// How many stores are chosen, of how many candidates.
    pub(crate) said: String,
    /// Width over height.
    pub(crate) aspect: f64,
    /// The picture.
    pub(crate) svg: String,
    /// Where the pins stand.
    pub(crate) pins: Vec<Pin>,
    /// A length on the ground: in percent of the width, and in words.
    pub(crate) scale: (f64, String),
    /// Whether the map shows a part of its country only.
    pub(crate) zoomed: bool,
}

/// A numbered pin.
pub(crate) struct Pin {
    /// The chosen store's rank.
    pub(crate) rank: u32,
    /// Its name.
    pub(crate) name: String,
    /// Percent from the left edge.
    pub(crate) left: f64,
    /// Percent from the upper edge.
    pub(crate) top: f64,
}

/// What is drawn in one panel.
struct Country {
    label: String,
    outline: Option<Outline>,
    beside: Option<Outline>,
    chosen: Vec<(usize, LatLon)>,
    others: Vec<LatLon>,
}

/// How a market is called on the page: by its country, unless two markets share one.
pub(crate) fn market_labels(study: &Study) -> Vec<String> {
    let countries: Vec<Option<Outline>> = study.markets.iter().map(|note| outlines::find(&note.country)).collect();
    let code = |at: usize| countries[at].as_ref().map(|outline| outline.code);
    (0..countries.len())
        .map(|at| match &countries[at] {
            Some(outline) if (0..countries.len()).filter(|&other| code(other) == code(at)).count() == 1 => {
                outline.name.to_owned()
            }
            _ => study.markets[at].market.clone(),
        })
        .collect()
}

/// The code of two letters of a country given by its code or its name; none for what is no country.
pub(crate) fn country_code(country: &str) -> Option<&'static str> {
    outlines::find(country).map(|outline| outline.code)
}

/// The maps of a study, rows from above.
pub(crate) fn rows(study: &Study) -> Vec<Row> {
    let mut countries = countries(study);
    // The country with most candidates stands first; then by name.
    countries.sort_by(|a, b| {
        let size = |country: &Country| country.others.len() + country.chosen.len();
        size(b).cmp(&size(a)).then_with(|| a.label.cmp(&b.label))
    });
    let areas: Vec<(Country, Area)> = countries
        .into_iter()
        .map(|country| {
            let area = area(&country);
            (country, area)
        })
        .collect();
    let mut rows: Vec<Vec<(Country, Area)>> = Vec::new();
    for item in areas {
        let fits = rows.last().is_some_and(|row| {
            let aspects: f64 = row.iter().map(|(_, area)| area.aspect()).sum::<f64>() + item.1.aspect();
            (PAGE - GAP * row.len() as f64) / aspects >= HEIGHT_MIN
        });
        match rows.last_mut() {
            Some(row) if fits => row.push(item),
            _ => rows.push(vec![item]),
        }
    }
    rows.into_iter().map(|items| row(study, items)).collect()
}

fn row(study: &Study, items: Vec<(Country, Area)>) -> Row {
    let aspects: f64 = items.iter().map(|(_, area)| area.aspect()).sum();
    let gaps = GAP * (items.len() - 1) as f64;
    let height = ((PAGE - gaps) / aspects).min(HEIGHT_MAX);
    Row {
        width: height * aspects + gaps,
        panels: items.into_iter().map(|(c, area)| panel(study, c, &area, height)).collect(),
    }
}

/// Chosen and other candidates by country, in the order of the markets.
fn countries(study: &Study) -> Vec<Country> {
    let mut countries: Vec<Country> = Vec::new();
    let mut of_market = Vec::with_capacity(study.markets.len());
    for note in &study.markets {
        let outline = outlines::find(&note.country);
        let same = outline.as_ref().and_then(|found| {
            countries.iter().position(|country| country.outline.as_ref().is_some_and(|o| o.code == found.code))
        });
        of_market.push(same.unwrap_or(countries.len()));
        if same.is_none() {
            let label = outline.as_ref().map_or_else(|| note.market.clone(), |outline| outline.name.to_owned());
            let beside = outline.as_ref().and_then(|outline| beside(outline.code)).and_then(outlines::find);
            countries.push(Country { label, outline, beside, chosen: Vec::new(), others: Vec::new() });
        }
    }
    for &(market, lat, lon) in &study.candidates {
        let at = LatLon { lat: f64::from(lat), lon: f64::from(lon) };
        countries[of_market[usize::from(market)]].others.push(at);
    }
    for (store, chosen) in study.plan.stores.iter().enumerate() {
        if let Some(market) = study.markets.iter().position(|note| note.market == chosen.market) {
            countries[of_market[market]].chosen.push((store, LatLon { lat: chosen.lat, lon: chosen.lon }));
        }
    }
    countries.retain(|country| !(country.chosen.is_empty() && country.others.is_empty()));
    countries
}

/// The part of the plane that a country's map shows.
fn area(country: &Country) -> Area {
    let is_us = country.outline.as_ref().is_some_and(|outline| outline.code == "US");
    let stores: Vec<LatLon> = country.chosen.iter().map(|&(_, at)| at).chain(country.others.iter().copied()).collect();
    let main: Vec<LatLon> = stores.iter().copied().filter(|&at| !is_us || inset(at).is_none()).collect();
    // A map of Alaska's or Hawaii's stores alone needs no inset.
    let main = if main.is_empty() { stores } else { main };
    Area::fit(country.outline.as_ref(), country.beside.as_ref(), &main)
}

/// Which of the two far states a place of the United States lies in.
fn inset(at: LatLon) -> Option<&'static str> {
    if at.lat > 50.5 && (at.lon < -129.0 || at.lon > 160.0) {
        Some("US-AK")
    } else if at.lat < 24.0 && (-162.0..-154.0).contains(&at.lon) {
        Some("US-HI")
    } else {
        None
    }
}

fn panel(study: &Study, country: Country, area: &Area, height: f64) -> Panel {
    let width = height * area.aspect();
    let frame = Frame::new(*area, 0.0, 0.0, width, height);
    let far = country.outline.as_ref().is_some_and(|outline| outline.code == "US") && !area.zoomed;
    let mut insets: Vec<(&str, Frame, Outline)> = Vec::new();
    if far {
        for (code, left, top, w, h) in [("US-AK", 0.0, 0.77, 0.20, 0.23), ("US-HI", 0.21, 0.86, 0.11, 0.14)] {
            let used = country.chosen.iter().map(|&(_, at)| at).chain(country.others.iter().copied());
            if !used.into_iter().any(|at| inset(at) == Some(code)) {
                continue;
            }
            if let Some(outline) = outlines::find(code) {
                let area = Area::fit(Some(&outline), None, &[]);
                let frame = Frame::new(area, left * width, top * height, w * width, h * height);
                insets.push((code, frame, outline));
            }
        }
    }
    let put = |at: LatLon| {
        let own = if far { inset(at) } else { None };
        insets.iter().find(|(code, ..)| Some(*code) == own).map_or_else(|| frame.put(at), |(_, frame, _)| frame.put(at))
    };
    let places: Vec<(f64, f64)> = country.chosen.iter().map(|&(_, at)| put(at)).collect();
    let at = pins::place(&places, width, height);
    let dots: Vec<(f64, f64)> = country.others.iter().map(|&at| put(at)).collect();
    let mut land = vec![(&frame, country.outline.as_ref())];
    land.extend(insets.iter().map(|(_, frame, outline)| (frame, Some(outline))));
    let label = format!("Map of {}", country.label);
    Panel {
        svg: draw::svg(&label, (width, height), &frame, country.beside.as_ref(), &land, &dots, &places, &at),
        pins: country
            .chosen
            .iter()
            .zip(&at)
            .map(|(&(store, _), &(x, y))| Pin {
                rank: study.plan.stores[store].rank,
                name: store_name(study, &study.plan.stores[store].store_id).to_owned(),
                left: x / width * 100.0,
                top: y / height * 100.0,
            })
            .collect(),
        scale: frame.scale(),
        said: format!(
            "{} of {}",
            number::count(country.chosen.len() as u64),
            number::count((country.chosen.len() + country.others.len()) as u64)
        ),
        aspect: area.aspect(),
        zoomed: area.zoomed,
        label: country.label,
    }
}

/// A neighbour on the same island, without which a border would look like a coast.
fn beside(code: &str) -> Option<&'static str> {
    match code {
        "GB" => Some("IE"),
        "IE" => Some("GB"),
        "DO" => Some("HT"),
        "HT" => Some("DO"),
        _ => None,
    }
}

/// The Albers projection of a box around some places.
fn projection_of(places: impl Iterator<Item = LatLon>) -> Option<Albers> {
    let mut bounds: Option<[f64; 4]> = None;
    for at in places {
        let [south, west, north, east] = bounds.unwrap_or([at.lat, at.lon, at.lat, at.lon]);
        bounds = Some([south.min(at.lat), west.min(at.lon), north.max(at.lat), east.max(at.lon)]);
    }
    bounds.map(Albers::of)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn two_countries_stand_in_one_row_as_wide_as_the_page() {
        let study = fixture::study(900);
        let rows = rows(&study);
        assert_eq!(rows.len(), 1);
        let labels: Vec<&str> = rows[0].panels.iter().map(|panel| panel.label.as_str()).collect();
        assert_eq!(labels, ["United States", "United Kingdom"]);
        assert!(rows[0].width <= PAGE + 1e-9);
        assert!(rows[0].panels[0].said.starts_with("8 of ") && rows[0].panels[1].said.starts_with("4 of "));
        let pins: usize = rows[0].panels.iter().map(|panel| panel.pins.len()).sum();
        assert_eq!(pins, 12);
        for panel in &rows[0].panels {
            for pin in &panel.pins {
                assert!((0.0..=100.0).contains(&pin.left) && (0.0..=100.0).contains(&pin.top));
            }
        }
    }

    #[test]
    fn markets_of_one_country_share_a_map_and_keep_their_names() {
        let mut study = fixture::study(100);
        study.markets[0].country = "US".into();
        assert_eq!(market_labels(&study), ["GB", "US"]);
        let drawn = rows(&study);
        assert_eq!(drawn.iter().map(|row| row.panels.len()).sum::<usize>(), 1);
        study.markets[0].country = "Atlantis".into();
        assert_eq!(market_labels(&study), ["GB", "United States"]);
        let drawn = rows(&study);
        assert!(drawn.iter().flat_map(|row| &row.panels).any(|panel| panel.label == "GB" && panel.pins.len() == 4));
    }

    #[test]
    fn a_chain_of_one_city_gets_a_map_of_that_city() {
        let mut study = fixture::study(0);
        study.plan.stores.retain(|store| store.rank == 1);
        study.candidates =
            (0..50_u8).map(|at| (1, 41.8 + f32::from(at) * 0.004, -87.7 + f32::from(at % 7) * 0.02)).collect();
        let drawn = rows(&study);
        assert!(drawn[0].panels[0].zoomed);
        assert!(drawn[0].panels[0].scale.1.ends_with("km"));
    }

    #[test]
    fn alaska_and_hawaii_stand_beside_the_lower_states() {
        let mut study = fixture::study(50);
        study.candidates.push((1, 61.2, -149.9));
        study.candidates.push((1, 21.3, -157.86));
        let all = rows(&study);
        let us = &all[0].panels[0];
        assert!(!us.zoomed && us.aspect > 1.4, "the far states must not shrink the others: {}", us.aspect);
    }

    #[test]
    fn nothing_to_draw_draws_nothing() {
        let mut study = fixture::study(0);
        study.plan.stores.clear();
        assert!(rows(&study).is_empty());
    }
}
