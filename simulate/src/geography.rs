//! Where the stores of a simulated chain stand and where its people live.
//!
//! Town sizes follow Zipf's law since they are those of real towns [zipf1949]; the number of stores
//! grows a little slower than the people do. Around a centre, stores scatter with a spread that
//! grows with the town; about one in five stands in the country. Every zone lies around some store,
//! so none is without a shop, and every store has a zone of its own.

use std::collections::BTreeSet;

use domain::geo::LatLon;
use rand::RngExt;
use rand_distr::{Distribution, LogNormal, StandardNormal};
use rand_pcg::Pcg64;

use crate::cities::{self, City};
use crate::random::stream;

/// A country that a chain can trade in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Country {
    /// The United States, in US dollars.
    Us,
    /// Great Britain, in pounds sterling.
    Gb,
}

impl Country {
    /// Its market id, which is also its ISO 3166 code.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Us => "US",
            Self::Gb => "GB",
        }
    }

    fn towns(self) -> &'static [City] {
        match self {
            Self::Us => cities::US,
            Self::Gb => cities::GB,
        }
    }
}

/// What kind of place a store stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    City,
    Suburb,
    Rural,
}

impl Format {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::City => "city",
            Self::Suburb => "suburb",
            Self::Rural => "rural",
        }
    }

    /// One of three values.
    pub(crate) fn pick<T>(self, city: T, suburb: T, rural: T) -> T {
        match self {
            Self::City => city,
            Self::Suburb => suburb,
            Self::Rural => rural,
        }
    }
}

/// A store's or a zone's place.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    pub(crate) id: String,
    pub(crate) name: String,
    /// Position among the chain's markets.
    pub(crate) market: usize,
    /// Places of the same town share its fortunes.
    pub(crate) town: usize,
    pub(crate) place: LatLon,
    pub(crate) format: Format,
    /// People; 0 for a store.
    pub(crate) population: u64,
}

/// All places of a chain.
#[derive(Debug, Clone)]
pub(crate) struct Geography {
    pub(crate) markets: Vec<Country>,
    pub(crate) stores: Vec<Site>,
    pub(crate) zones: Vec<Site>,
}

const KM_PER_DEGREE: f64 = 111.195;
/// Stores outside the towns.
const RURAL_SHARE: f64 = 0.22;
/// The farthest that a zone's centre lies from the store it was placed around.
const ZONE_KM_MAX: f64 = 9.0;

/// Scatters `stores` and `zones` over the towns of `markets` in the given shares.
pub(crate) fn scatter(markets: &[(Country, f64)], stores: usize, zones: usize, seed: u64) -> Geography {
    let mut geography = Geography {
        markets: markets.iter().map(|(country, _)| *country).collect(),
        stores: Vec::with_capacity(stores),
        zones: Vec::with_capacity(zones.max(stores)),
    };
    let weights: Vec<f64> = markets.iter().map(|(_, share)| *share).collect();
    let (store_quota, zone_quota) = (quotas(stores, &weights), quotas(zones.max(stores), &weights));
    let mut town_base = 0;
    for (market, (country, _)) in markets.iter().enumerate() {
        let towns = country.towns();
        let mut rng = stream(seed, "geography", market as u64);
        let first = geography.stores.len();
        geography.stores.extend(place_stores(*country, market, town_base, store_quota[market], &mut rng));
        let placed = &geography.stores[first..];
        geography.zones.extend(place_zones(market, town_base, towns, placed, zone_quota[market], &mut rng));
        town_base += towns.len();
    }
    geography.stores.sort_by(|a, b| a.id.cmp(&b.id));
    geography.zones.sort_by(|a, b| a.id.cmp(&b.id));
    geography
}

/// `total` split in whole numbers as nearly as can be in proportion to `weights` (largest remainders).
fn quotas(total: usize, weights: &[f64]) -> Vec<usize> {
    let sum: f64 = weights.iter().sum();
    let exact: Vec<f64> = weights.iter().map(|weight| total as f64 * weight / sum).collect();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "shares of a count")]
    let mut whole: Vec<usize> = exact.iter().map(|value| value.floor() as usize).collect();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by(|&a, &b| exact[b].fract().total_cmp(&exact[a].fract()).then(a.cmp(&b)));
    let left = total - whole.iter().sum::<usize>();
    order.into_iter().take(left).for_each(|at| whole[at] += 1);
    whole
}

fn shifted(city: &City, east_km: f64, north_km: f64) -> LatLon {
    let round = |degrees: f64| (degrees * 1e5).round() / 1e5;
    LatLon {
        lat: round(city.lat + north_km / KM_PER_DEGREE),
        lon: round(city.lon + east_km / (KM_PER_DEGREE * city.lat.to_radians().cos())),
    }
}

fn place_stores(country: Country, market: usize, town_base: usize, total: usize, rng: &mut Pcg64) -> Vec<Site> {
    let towns = country.towns();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a count")]
    let rural = (total as f64 * RURAL_SHARE).round() as usize;
    let urban_weights: Vec<f64> = towns.iter().map(|city| city.population_thousands.powf(0.85)).collect();
    let rural_weights: Vec<f64> = towns
        .iter()
        .map(|city| if city.room_km < 20.0 { 0.0 } else { city.population_thousands.powf(0.2) * city.room_km })
        .collect();
    let urban_quota = quotas(total - rural, &urban_weights);
    let rural_quota = quotas(rural, &rural_weights);
    let mut taken = BTreeSet::new();
    let mut sites = Vec::with_capacity(total);
    for (town, city) in towns.iter().enumerate() {
        // 1.5 km in a town of 100,000, 7 km in one of 8 million.
        let spread_km = 1.5 * (city.population_thousands / 100.0).max(0.5).powf(0.35);
        for at in 0..urban_quota[town] + rural_quota[town] {
            let out_of_town = at >= urban_quota[town];
            let (place, format) = loop {
                let (east, north) = if out_of_town {
                    ring(0.35 * city.room_km, city.room_km, rng)
                } else {
                    let [x, y]: [f64; 2] = [StandardNormal.sample(rng), StandardNormal.sample(rng)];
                    (spread_km * x, spread_km * y)
                };
                let away = east.hypot(north);
                let place = shifted(city, east, north);
                if away <= city.room_km && taken.insert(((place.lat * 1e5) as i64, (place.lon * 1e5) as i64)) {
                    let format = match () {
                        () if out_of_town => Format::Rural,
                        () if away < 1.1 * spread_km => Format::City,
                        () => Format::Suburb,
                    };
                    break (place, format);
                }
            };
            let name = format!("{} {}", city.name, district(at, out_of_town.then(|| at - urban_quota[town])));
            let town = town_base + town;
            sites.push(Site { id: String::new(), name, market, town, place, format, population: 0 });
        }
    }
    // An id tells nothing of the town, as in a chain that grew over decades.
    let mut number: Vec<usize> = (1..=sites.len()).collect();
    shuffle(&mut number, rng);
    for (site, number) in sites.iter_mut().zip(number) {
        site.id = format!("{}-{number:05}", country.id());
    }
    sites
}

/// A point between two radii, uniform over the ring's area.
fn ring(inner: f64, outer: f64, rng: &mut Pcg64) -> (f64, f64) {
    let radius = rng.random_range(inner * inner..outer * outer).sqrt();
    let angle = rng.random_range(0.0..std::f64::consts::TAU);
    (radius * angle.cos(), radius * angle.sin())
}

fn shuffle(items: &mut [usize], rng: &mut Pcg64) {
    for last in (1..items.len()).rev() {
        items.swap(last, rng.random_range(0..=last));
    }
}

/// What people call the part of town; numbered once the names run out.
fn district(at: usize, out_of_town: Option<usize>) -> String {
    const TOWN: [&str; 24] = [
        "Central",
        "Station",
        "Market Square",
        "North",
        "Riverside",
        "Westgate",
        "Park",
        "South",
        "Eastside",
        "Old Town",
        "Hillcrest",
        "University",
        "Mill Lane",
        "Lakeview",
        "Northgate",
        "Church Street",
        "Meadows",
        "Highland",
        "Bridge Street",
        "Garden City",
        "Oakwood",
        "Kingsway",
        "Fairview",
        "Docklands",
    ];
    const COUNTRY: [&str; 12] = [
        "County North",
        "County East",
        "County South",
        "County West",
        "Crossroads",
        "Valley",
        "Ridge",
        "Junction",
        "Prairie",
        "Springs",
        "Forest",
        "Village",
    ];
    let (names, at): (&[&str], usize) = out_of_town.map_or((&TOWN, at), |at| (&COUNTRY, at));
    match at / names.len() {
        0 => names[at].to_owned(),
        round => format!("{} {}", names[at % names.len()], round + 1),
    }
}

fn place_zones(
    market: usize,
    town_base: usize,
    towns: &[City],
    stores: &[Site],
    total: usize,
    rng: &mut Pcg64,
) -> Vec<Site> {
    if stores.is_empty() {
        return Vec::new();
    }
    let mut in_town = vec![0.0_f64; towns.len()];
    stores.iter().for_each(|store| in_town[store.town - town_base] += 1.0);
    // People per store grow with the town, so a large town has more zones around each of its stores.
    let pull = |store: &Site| {
        let town = store.town - town_base;
        towns[town].population_thousands.powf(0.95) / in_town[town] * store.format.pick(1.0, 1.1, 0.6)
    };
    let mut upto = Vec::with_capacity(stores.len());
    let mut sum = 0.0;
    for store in stores {
        sum += pull(store);
        upto.push(sum);
    }
    let mut taken = BTreeSet::new();
    let mut zones = Vec::with_capacity(total);
    for at in 0..total {
        let store = match stores.get(at) {
            Some(own) => own,
            None => {
                let point = rng.random_range(0.0..sum);
                &stores[upto.partition_point(|edge| *edge <= point).min(stores.len() - 1)]
            }
        };
        let city = &towns[store.town - town_base];
        let around = City { lat: store.place.lat, lon: store.place.lon, ..*city };
        let spread_km = store.format.pick(1.6, 2.6, 3.6);
        let place = loop {
            let [x, y]: [f64; 2] = [StandardNormal.sample(rng), StandardNormal.sample(rng)];
            let (east, north) = (spread_km * x, spread_km * y);
            let place = shifted(&around, east, north);
            let from_centre = crate::catchment::km(place, LatLon { lat: city.lat, lon: city.lon });
            if east.hypot(north) <= ZONE_KM_MAX
                && from_centre <= city.room_km + 1.0
                && taken.insert(((place.lat * 1e5) as i64, (place.lon * 1e5) as i64))
            {
                break place;
            }
        };
        let people = LogNormal::new(store.format.pick(13_000.0_f64, 10_000.0, 4_500.0).ln(), 0.55)
            .expect("a positive spread")
            .sample(rng);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a positive range")]
        let population = people.clamp(300.0, 80_000.0) as u64;
        zones.push(Site {
            id: format!("{}-Z{:05}", &store.id[..2], at + 1),
            name: String::new(),
            market,
            town: store.town,
            place,
            format: store.format,
            population,
        });
    }
    zones
}

/// Places that are given, such as those of real pharmacies and real zones; formats follow from how
/// many people live near.
pub(crate) fn given(country: Country, stores: &[(String, LatLon)], zones: &[(String, LatLon, u64)]) -> Geography {
    let site = |id: &str, place: LatLon, population: u64| Site {
        id: id.to_owned(),
        name: id.to_owned(),
        market: 0,
        town: town_of(place),
        place,
        format: Format::Rural,
        population,
    };
    let mut geography = Geography {
        markets: vec![country],
        stores: stores.iter().map(|(id, place)| site(id, *place, 0)).collect(),
        zones: zones.iter().map(|(id, place, people)| site(id, *place, *people)).filter(|z| z.population > 0).collect(),
    };
    geography.stores.sort_by(|a, b| a.id.cmp(&b.id));
    geography.zones.sort_by(|a, b| a.id.cmp(&b.id));
    let grid = crate::catchment::Grid::of(&geography.zones);
    let people: Vec<u64> = geography.zones.iter().map(|zone| zone.population).collect();
    for site in geography.stores.iter_mut().chain(&mut geography.zones) {
        let near: u64 = grid.within(site.place, 6.0).iter().map(|&(zone, _)| people[zone as usize]).sum();
        site.format = match near {
            250_000.. => Format::City,
            40_000.. => Format::Suburb,
            _ => Format::Rural,
        };
    }
    geography
}

/// Given places share their fortunes within a cell of one degree.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 180 x 360 cells")]
fn town_of(place: LatLon) -> usize {
    (place.lat + 90.0).floor() as usize * 360 + (place.lon + 180.0).floor() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotas_add_up() {
        for total in [0, 1, 7, 100] {
            let quota = quotas(total, &[5.0, 3.0, 1.0, 0.0]);
            assert_eq!(quota.iter().sum::<usize>(), total);
            assert_eq!(quota[3], 0);
        }
        assert_eq!(quotas(9, &[2.0, 1.0]), [6, 3]);
    }

    #[test]
    fn a_town_never_uses_a_name_twice() {
        let geography = scatter(&[(Country::Gb, 1.0)], 500, 500, 3);
        let names: BTreeSet<&str> = geography.stores.iter().map(|store| store.name.as_str()).collect();
        assert_eq!(names.len(), 500);
    }

    #[test]
    fn every_place_lies_in_its_towns_circle() {
        let geography = scatter(&[(Country::Us, 2.0), (Country::Gb, 1.0)], 600, 2_400, 5);
        let towns: Vec<&City> = cities::US.iter().chain(cities::GB).collect();
        for site in geography.stores.iter().chain(&geography.zones) {
            let town = towns[site.town];
            let away = crate::catchment::km(site.place, LatLon { lat: town.lat, lon: town.lon });
            // A degree is not the same length everywhere within the circle: allow 1 % beside the walk of 1 km.
            assert!(away <= town.room_km * 1.01 + 1.0, "{} {away}", site.id);
        }
    }
}
