//! Outlines of countries, from `assets/outlines.txt` (written by `assets/make_outlines.py`).

use domain::geo::LatLon;

const TEXT: &str = include_str!("../../assets/outlines.txt");

/// Degrees in one step of the encoding.
const STEP: f64 = 0.01;

/// Names in use that are neither a code nor the name in the file.
const ALSO: [(&str, &str); 12] = [
    ("UK", "GB"),
    ("GREAT BRITAIN", "GB"),
    ("ENGLAND", "GB"),
    ("SCOTLAND", "GB"),
    ("WALES", "GB"),
    ("UNITED STATES", "US"),
    ("AMERICA", "US"),
    ("CZECH REPUBLIC", "CZ"),
    ("HOLLAND", "NL"),
    ("THE NETHERLANDS", "NL"),
    ("KOREA", "KR"),
    ("TURKIYE", "TR"),
];

/// Names better known than those in the file.
const SHOWN: [(&str, &str); 4] =
    [("US", "United States"), ("CZ", "Czechia"), ("BA", "Bosnia and Herzegovina"), ("DO", "Dominican Republic")];

/// A country's shape in degrees.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Outline {
    /// ISO 3166-1 code of two letters, or `US-AK`, `US-HI`.
    pub(crate) code: &'static str,
    /// The name a person knows.
    pub(crate) name: &'static str,
    /// Land.
    pub(crate) rings: Vec<Vec<LatLon>>,
    /// Borders within.
    pub(crate) lines: Vec<Vec<LatLon>>,
}

/// The outline of a country given by its code of two or three letters or its name, in any case.
pub(crate) fn find(country: &str) -> Option<Outline> {
    let asked = country.trim().to_uppercase();
    let asked = ALSO.iter().find(|(also, _)| *also == asked).map_or(asked.as_str(), |(_, code)| code);
    TEXT.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let mut fields = line.split('\t');
        let (codes, name, rings) = (fields.next()?, fields.next()?, fields.next()?);
        if name.to_uppercase() != asked && !codes.split(' ').any(|code| code == asked) {
            return None;
        }
        let code = codes.split(' ').next()?;
        let name = SHOWN.iter().find(|(of, _)| *of == code).map_or(name, |(_, shown)| shown);
        let lines = fields.next().map_or_else(Vec::new, |lines| lines.split(' ').map(decode).collect());
        Some(Outline { code, name, rings: rings.split(' ').map(decode).collect(), lines })
    })
}

/// Steps of (longitude, latitude), zigzag coded in groups of five bits as characters from `?` on.
fn decode(text: &str) -> Vec<LatLon> {
    let mut bytes = text.bytes();
    let mut step = || {
        let (mut value, mut shift) = (0_i64, 0_u32);
        loop {
            let group = i64::from(bytes.next()?) - 63;
            value |= (group & 31) << shift;
            shift += 5;
            if group < 32 {
                return Some(if value & 1 == 1 { !(value >> 1) } else { value >> 1 });
            }
        }
    };
    let (mut lon, mut lat) = (0_i64, 0_i64);
    let mut points = Vec::new();
    while let (Some(east), Some(north)) = (step(), step()) {
        lon += east;
        lat += north;
        points.push(LatLon { lat: lat as f64 * STEP, lon: lon as f64 * STEP });
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_found_by_code_or_name() {
        for country in ["US", "usa", "United States", "United States of America", " us "] {
            assert_eq!(find(country).map(|outline| outline.code), Some("US"), "{country}");
        }
        for country in ["GB", "GBR", "UK", "United Kingdom", "england"] {
            assert_eq!(find(country).map(|outline| outline.code), Some("GB"), "{country}");
        }
        assert_eq!(find("DE").map(|outline| outline.name), Some("Germany"));
        assert_eq!(find("Atlantis"), None);
        assert_eq!(find(""), None);
        assert_eq!(find("# Source"), None);
    }

    #[test]
    fn every_line_decodes_to_places_on_earth() {
        let mut countries = 0;
        for line in TEXT.lines().filter(|line| !line.starts_with('#')) {
            let code = line.split([' ', '\t']).next().unwrap_or_default();
            let outline = find(code).unwrap_or_else(|| panic!("{code} is not found"));
            assert!(!outline.rings.is_empty(), "{code}");
            for ring in outline.rings.iter().chain(&outline.lines) {
                assert!(ring.len() >= 2, "{code}");
                for at in ring {
                    assert!((-90.0..=90.0).contains(&at.lat) && (-180.0..=360.0).contains(&at.lon), "{code} {at:?}");
                }
            }
            countries += 1;
        }
        assert!(countries > 200);
    }
}
