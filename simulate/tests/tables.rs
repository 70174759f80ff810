//! The tables of a simulated world: their shape, their cleanness, their bytes.

use std::collections::{BTreeMap, BTreeSet};

use domain::calendar::{Date, Datelike, Weekday};
use domain::settings::Settings;
use simulate::{Country, Table, World, WorldSize};

fn csv(world: &World, table: Table) -> String {
    let mut bytes = Vec::new();
    world.write_csv(table, &mut bytes).expect("a vector takes all bytes");
    String::from_utf8(bytes).expect("UTF-8")
}

/// Rows by column name. No cell of these tables holds a comma or a quote, which is checked.
fn rows(text: &str) -> Vec<BTreeMap<&str, &str>> {
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().expect("a header").split(',').collect();
    assert!(text.ends_with('\n') && !text.contains('"'));
    lines
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            assert_eq!(cells.len(), header.len(), "{line}");
            header.iter().copied().zip(cells).collect()
        })
        .collect()
}

fn number(row: &BTreeMap<&str, &str>, column: &str) -> f64 {
    let value: f64 = row[column].parse().expect("a number");
    assert!(value.is_finite());
    value
}

fn date(text: &str) -> Date {
    text.parse().expect("an ISO date")
}

#[test]
fn the_same_seed_gives_the_same_bytes_whatever_the_threads() {
    let make = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| {
            let world = World::new(&WorldSize::demo(160), 7);
            let tables: Vec<String> = world.tables().map(|(table, _)| csv(&world, table)).collect();
            (tables, world.scenario_toml(), world.oracle(4))
        })
    };
    let (one, two) = (make(1), make(2));
    assert_eq!(one, two);
    let other = World::new(&WorldSize::demo(160), 8);
    assert_ne!(csv(&other, Table::Sales), one.0[2]);
}

#[test]
fn the_tables_are_clean() {
    for (size, seed) in [(WorldSize::demo(400), 1), (WorldSize::demo(400), 2), (WorldSize::sample(), 1)] {
        let world = World::new(&size, seed);
        let markets_text = csv(&world, Table::Markets);
        let markets: BTreeMap<&str, BTreeMap<&str, &str>> =
            rows(&markets_text).into_iter().map(|row| (row["market"], row)).collect();
        assert_eq!(markets.len(), size.markets.len());
        let inside = |row: &BTreeMap<&str, &str>| {
            let bounds = &markets[row["market"]];
            (number(bounds, "lat_min")..=number(bounds, "lat_max")).contains(&number(row, "lat"))
                && (number(bounds, "lon_min")..=number(bounds, "lon_max")).contains(&number(row, "lon"))
        };

        let zones_text = csv(&world, Table::Zones);
        let zones = rows(&zones_text);
        assert_eq!(zones.len(), size.zones.unwrap_or(4 * size.stores));
        for zone in &zones {
            assert!(inside(zone), "{zone:?}");
            assert!(number(zone, "population") >= 1.0);
            for share in ["age50_share", "car_share", "diabetes_share"] {
                assert!((0.0..=1.0).contains(&number(zone, share)), "{zone:?}");
            }
            assert!(number(zone, "income") > 0.0);
        }

        let stores_text = csv(&world, Table::Stores);
        let stores = rows(&stores_text);
        assert_eq!(stores.len(), size.stores);
        let ids: BTreeSet<&str> = stores.iter().map(|row| row["store_id"]).collect();
        let places: BTreeSet<(&str, &str)> = stores.iter().map(|row| (row["lat"], row["lon"])).collect();
        let names: BTreeSet<&str> = stores.iter().map(|row| row["name"]).collect();
        assert_eq!((ids.len(), places.len(), names.len()), (size.stores, size.stores, size.stores));
        let zone_ids: BTreeSet<&str> = zones.iter().map(|row| row["zone_id"]).collect();
        assert_eq!(zone_ids.len(), zones.len());

        let devices_text = csv(&world, Table::Devices);
        let devices = rows(&devices_text);
        assert_eq!(devices.len(), size.devices * size.markets.len());
        for device in &devices {
            assert!(number(device, "salvage") < number(device, "unit_cost"));
            assert!(number(device, "unit_cost") < number(device, "price"));
        }

        let sales_text = csv(&world, Table::Sales);
        let mut keys = BTreeSet::new();
        let (mut weeks, mut series) = (BTreeSet::new(), BTreeMap::<(&str, &str), usize>::new());
        let (mut stockouts, mut sold) = (0_usize, 0.0);
        for row in rows(&sales_text) {
            assert!(ids.contains(row["store_id"]));
            assert!(keys.insert((row["store_id"], row["product"], row["week"])), "{row:?}");
            let week = date(row["week"]);
            assert!(week.weekday() == Weekday::Mon && week < World::as_of());
            weeks.insert(week);
            *series.entry((row["store_id"], row["product"])).or_default() += 1;
            row["units"].parse::<u32>().expect("whole units");
            row["customers"].parse::<u32>().expect("whole customers");
            assert!(number(&row, "price") > 0.0);
            stockouts += usize::from(row["stockout"] == "true");
            sold += number(&row, "units");
        }
        assert_eq!(weeks.len(), size.weeks);
        assert!(sold > 0.0);
        let share = stockouts as f64 / keys.len() as f64;
        assert!((0.005..0.04).contains(&share), "{share}");

        let (mut fresh, mut shut) = (0, 0);
        for store in &stores {
            let weeks = series.get(&(store["store_id"], "wellness")).copied().unwrap_or(0);
            let opened = date(store["opened"]);
            assert!(opened <= World::as_of() && inside(store), "{store:?}");
            assert!(number(store, "open_cost") > 0.0 && number(store, "shelf_units") > 0.0);
            if store["closed"].is_empty() {
                // Either the whole history, or none because the store opened after the last whole week.
                let new = opened > World::as_of() - domain::calendar::Days::new(7);
                assert_eq!(weeks, if new { 0 } else { size.weeks }, "{store:?}");
                fresh += usize::from(new);
            } else {
                assert!(date(store["closed"]) < World::as_of() && weeks < size.weeks);
                shut += 1;
            }
        }
        assert!(fresh > 0 && shut > 0);
        assert_eq!(world.candidates().len(), size.stores - shut);
    }
}

#[test]
fn the_scenario_is_one_that_settings_read() {
    for size in [
        WorldSize::demo(200),
        WorldSize::sample(),
        WorldSize { markets: vec![(Country::Us, 1.0)], ..WorldSize::demo(50) },
    ] {
        let world = World::new(&size, 3);
        let mut scenario: toml::Table = world.scenario_toml().parse().expect("TOML");
        let tables = scenario.remove("tables").expect("tables");
        for (table, file) in world.tables() {
            assert_eq!(tables[table.role()].as_str(), Some(format!("../data/{file}").as_str()));
        }
        let settings: Settings = scenario.try_into().expect("the scenario's keys are those of Settings");
        assert_eq!(settings.as_of, World::as_of());
        assert_eq!(settings.placement.stores_max(), size.stores_max);
        assert_eq!(settings.demand.uptake_by_device.len(), size.devices);
        assert_eq!(settings.fx.rates.len(), size.markets.len() - 1);
    }
}

#[test]
fn given_places_keep_their_ids() {
    let stores: Vec<(String, domain::geo::LatLon)> = (0..40)
        .map(|at| (format!("W{at:04}"), domain::geo::LatLon { lat: 40.0 + 0.01 * f64::from(at), lon: -90.0 }))
        .collect();
    let zones: Vec<(String, domain::geo::LatLon, u64)> =
        stores.iter().map(|(id, place)| (format!("6{}", &id[1..]), *place, u64::from(id != "W0003") * 5_000)).collect();
    let world = World::on(&stores, &zones, &WorldSize { weeks: 52, ..WorldSize::demo(0) }, 1);
    let text = csv(&world, Table::Stores);
    assert_eq!(
        rows(&text).iter().map(|row| row["store_id"]).collect::<Vec<_>>(),
        stores.iter().map(|s| s.0.as_str()).collect::<Vec<_>>()
    );
    assert_eq!(rows(&csv(&world, Table::Zones)).len(), 39);
}
