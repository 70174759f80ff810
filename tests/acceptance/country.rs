//! Real geography at real scale: the United States' pharmacies and ZIP areas, with simulated sales on top.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::Command;

use domain::geo::LatLon;
use simulate::{Table, World, WorldSize};

use crate::support::{cornerstone, shared};

/// Rows of a gzipped CSV file, without its header.
fn rows(path: &Path) -> Vec<Vec<String>> {
    let plain = Command::new("gzip").arg("-dc").arg(path).output().expect("gzip runs");
    assert!(plain.status.success(), "{} can't be unpacked", path.display());
    let text = String::from_utf8(plain.stdout).expect("UTF-8");
    text.lines().skip(1).map(|line| line.split(',').map(ToOwned::to_owned).collect()).collect()
}

fn place(lat: &str, lon: &str) -> LatLon {
    LatLon { lat: lat.parse().expect("a latitude"), lon: lon.parse().expect("a longitude") }
}

/// Pharmacies whose second letter is W, and all inhabited ZIP areas.
fn country(folder: &Path) -> Option<()> {
    let pharmacies = rows(&shared("placement/us/us_pharmacies_arcos2012_latlon.csv.gz")?);
    let areas = rows(&shared("placement/us/us_zcta2010_pop_latlon.csv.gz")?);
    let stores: Vec<(String, LatLon)> = pharmacies
        .iter()
        .filter(|row| row[0].as_bytes()[1] == b'W')
        .map(|row| (row[0].clone(), place(&row[1], &row[2])))
        .collect();
    let zones: Vec<(String, LatLon, u64)> =
        areas.iter().map(|row| (row[0].clone(), place(&row[1], &row[2]), row[3].parse().expect("people"))).collect();
    assert_eq!((stores.len(), zones.len()), (13_653, 32_515));
    let size = WorldSize { weeks: 60, devices: 2, ..WorldSize::demo(stores.len()) };
    let world = World::on(&stores, &zones, &size, 1);
    fs::create_dir_all(folder.join("data")).expect("a folder");
    fs::create_dir_all(folder.join("scenarios")).expect("a folder");
    for table in Table::ALL {
        let mut file = BufWriter::new(File::create(folder.join("data").join(table.file_name())).expect("a file"));
        world.write_csv(table, &mut file).expect("written");
        file.flush().expect("written");
    }
    for objective in ["coverage", "distance"] {
        // Reach is unlimited for distance: every mile counts.
        let text = world
            .scenario_toml()
            .replace("kind = \"profit\"", &format!("kind = \"{objective}\""))
            .lines()
            .filter(|line| !line.starts_with("minutes_max") && !line.starts_with("capex"))
            .collect::<Vec<_>>()
            .join("\n");
        fs::write(folder.join(format!("scenarios/{objective}.toml")), text).expect("written");
    }
    Some(())
}

#[test]
fn twelve_of_13653_pharmacies_are_proven_best_for_a_country() {
    let folder = tempfile::tempdir().expect("a folder");
    if country(folder.path()).is_none() {
        return;
    }
    for objective in ["coverage", "distance"] {
        let told =
            cornerstone(folder.path(), &["plan", &format!("scenarios/{objective}.toml"), "-o", objective, "--quiet"]);
        // Pharmacies of one building share a place, which is a warning about the data and no fault of the plan.
        assert!(matches!(told.code, 0 | 5), "{objective}: {told:?}");
        let runs = folder.path().join(objective);
        let run = runs.join(fs::read_to_string(runs.join("CURRENT")).expect("current").trim_end());
        let plan: serde_json::Value =
            serde_json::from_slice(&fs::read(run.join("plan.json")).expect("plan")).expect("JSON");
        assert_eq!(plan["status"], "proven", "{objective}: {}", plan["objective"]);
        assert_eq!(plan["bound_verified"], true, "{objective}");
        assert_eq!(plan["stores"].as_array().map(Vec::len), Some(12), "{objective}");
    }
}
