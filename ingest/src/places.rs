//! Whether coordinates are where they should be.

use domain::geo::LatLon;

use crate::frame::Row;

/// Boxes (south, north, west, east) of countries with their islands, in whole degrees outward;
/// by ISO 3166 alpha-2, alpha-3 and English name. Facts of geography; where a market states its own
/// box, that one counts.
const BOXES: [(&str, &str, &str, [f64; 4]); 32] = [
    ("US", "USA", "united states", [17.0, 72.0, -180.0, -64.0]),
    ("CA", "CAN", "canada", [41.0, 84.0, -142.0, -52.0]),
    ("MX", "MEX", "mexico", [14.0, 33.0, -119.0, -86.0]),
    ("BR", "BRA", "brazil", [-34.0, 6.0, -74.0, -28.0]),
    ("AR", "ARG", "argentina", [-56.0, -21.0, -74.0, -53.0]),
    ("CL", "CHL", "chile", [-57.0, -17.0, -110.0, -66.0]),
    ("CO", "COL", "colombia", [-5.0, 14.0, -82.0, -66.0]),
    ("GB", "GBR", "united kingdom", [49.0, 61.0, -9.0, 2.0]),
    ("IE", "IRL", "ireland", [51.0, 56.0, -11.0, -5.0]),
    ("FR", "FRA", "france", [41.0, 52.0, -6.0, 10.0]),
    ("DE", "DEU", "germany", [47.0, 56.0, 5.0, 16.0]),
    ("ES", "ESP", "spain", [27.0, 44.0, -19.0, 5.0]),
    ("PT", "PRT", "portugal", [30.0, 43.0, -32.0, -6.0]),
    ("IT", "ITA", "italy", [35.0, 48.0, 6.0, 19.0]),
    ("NL", "NLD", "netherlands", [50.0, 54.0, 3.0, 8.0]),
    ("BE", "BEL", "belgium", [49.0, 52.0, 2.0, 7.0]),
    ("CH", "CHE", "switzerland", [45.0, 48.0, 5.0, 11.0]),
    ("AT", "AUT", "austria", [46.0, 50.0, 9.0, 18.0]),
    ("PL", "POL", "poland", [48.0, 55.0, 14.0, 25.0]),
    ("CZ", "CZE", "czechia", [48.0, 52.0, 12.0, 19.0]),
    ("DK", "DNK", "denmark", [54.0, 58.0, 8.0, 16.0]),
    ("SE", "SWE", "sweden", [55.0, 70.0, 10.0, 25.0]),
    ("NO", "NOR", "norway", [57.0, 81.0, 4.0, 32.0]),
    ("FI", "FIN", "finland", [59.0, 71.0, 19.0, 32.0]),
    ("GR", "GRC", "greece", [34.0, 42.0, 19.0, 30.0]),
    ("RO", "ROU", "romania", [43.0, 49.0, 20.0, 30.0]),
    ("TR", "TUR", "turkey", [35.0, 43.0, 25.0, 45.0]),
    ("IN", "IND", "india", [6.0, 36.0, 68.0, 98.0]),
    ("JP", "JPN", "japan", [20.0, 46.0, 122.0, 154.0]),
    ("KR", "KOR", "south korea", [33.0, 39.0, 124.0, 132.0]),
    ("AU", "AUS", "australia", [-44.0, -9.0, 112.0, 154.0]),
    ("ZA", "ZAF", "south africa", [-35.0, -22.0, 16.0, 33.0]),
];

/// The built-in box of a country, where there is one.
pub(crate) fn country_box(country: &str) -> Option<[f64; 4]> {
    BOXES
        .iter()
        .find(|(two, three, name, _)| country == *two || country == *three || country.eq_ignore_ascii_case(name))
        .map(|row| row.3)
}

fn inside([south, north, west, east]: [f64; 4], lat: f64, lon: f64) -> bool {
    // A box across the date line has its west edge east of its east edge.
    let along = if west <= east { (west..=east).contains(&lon) } else { lon >= west || lon <= east };
    (south..=north).contains(&lat) && along
}

/// Reads `lat` and `lon` of a row that lies in a market with these bounds.
pub(crate) fn read(row: &mut Row<'_>, id: &str, bounds: Option<[f64; 4]>) -> Option<LatLon> {
    for column in ["lat", "lon"] {
        if row.raw(column).contains(['°', '\'', 'º', 'N', 'S', 'E', 'W']) && !row.raw(column).contains(['.', 'I']) {
            row.wrong("E-GEO-001", column, "is in degrees and minutes", "write decimal degrees");
            return None;
        }
    }
    let (lat, lon) = (row.real("lat", Some("E-GEO-001")), row.real("lon", Some("E-GEO-001")));
    let (lat, lon) = (lat?, lon?);
    let world = [-90.0, 90.0, -180.0, 180.0];
    let area = bounds.unwrap_or(world);
    let fault = if !inside(world, lat, lon) {
        Some("lies outside the world")
    } else if lat.abs() < 0.01 && lon.abs() < 0.01 {
        Some("lies at 0, 0, which stands for an unknown place")
    } else if !inside(area, lat, lon) {
        Some("lies outside its market's box")
    } else {
        None
    };
    let Some(fault) = fault else { return Some(LatLon { lat, lon }) };
    let swapped = inside(area, lon, lat) && (lat, lon) != (0.0, 0.0);
    let hint = if swapped { "; are lat and lon swapped?" } else { "" };
    let id = crate::text::shown(id);
    let what = format!("({lat}, {lon}) of {id} {fault}{hint}");
    row.wrong(
        "E-GEO-001",
        "lat",
        &what,
        "correct the coordinates, or give the market's lat_min, lat_max, lon_min, lon_max",
    );
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_know_their_country() {
        let gb = country_box("GB").expect("known");
        assert_eq!(country_box("united kingdom"), Some(gb));
        assert!(inside(gb, 51.5, -0.1) && !inside(gb, -0.1, 51.5));
        assert_eq!(country_box("Atlantis"), None);
        assert!(inside([-50.0, -30.0, 170.0, -170.0], -40.0, -175.0));
    }
}
