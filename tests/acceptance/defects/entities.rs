//! Stores, zones, devices and what refers to them.

use super::{Case, DEVICES, MARKETS, STORES, ZONES, add_table, data, store, zones};
use crate::support::Project;

pub(super) fn entities() -> Vec<Case> {
    vec![
        data("F052 leading zeros lost", twin_with_zeros, 3, &["E-ID-001", "stores.csv"]),
        data("F055 swapped coordinates", swap_coordinates, 3, &["E-GEO-001", "stores.csv:5", "swapped"]),
        data("F055 the zero island", zero_island, 3, &["E-GEO-001", "stores.csv:5"]),
        data("F055 beyond the pole", |p| p.set(STORES, 5, "lat", "95.2"), 3, &["E-GEO-001", "stores.csv:5", "[lat]"]),
        data(
            "F060 negative shelf space",
            |p| p.set(STORES, 6, "shelf_units", "-4"),
            3,
            &["E-VAL-007", "stores.csv:6", "[shelf_units]"],
        ),
        data("F062 a store twice", |p| p.lines(STORES, |l| l.push(l[3].clone())), 3, &["E-KEY-001", "stores.csv"]),
        data(
            "stores: an unknown market",
            |p| p.set(STORES, 3, "market", "ZZ"),
            3,
            &["E-REF-001", "stores.csv:3", "[market]"],
        ),
        data("stores: opened on no date", |p| p.set(STORES, 3, "opened", "soon"), 3, &["stores.csv:3", "[opened]"]),
        data(
            "devices: salvage above price",
            |p| p.set(DEVICES, 2, "salvage", "99999.00"),
            3,
            &["E-VAL-007", "devices.csv:2", "[salvage]"],
        ),
        data(
            "devices: a cost that is no number",
            |p| p.set(DEVICES, 2, "unit_cost", "twelve"),
            3,
            &["devices.csv:2", "[unit_cost]"],
        ),
        data(
            "devices: a negative cost",
            |p| p.set(DEVICES, 2, "unit_cost", "-1.00"),
            3,
            &["E-VAL-007", "devices.csv:2", "[unit_cost]"],
        ),
        data(
            "devices: an unknown related product",
            |p| p.set(DEVICES, 2, "related_products", "nothing:1"),
            3,
            &["E-REF-001", "devices.csv:2", "[related_products]"],
        ),
        data(
            "markets: an unknown currency form",
            |p| p.set(MARKETS, 2, "currency", "pounds"),
            3,
            &["markets.csv:2", "[currency]"],
        ),
        data(
            "F063 nobody lives there",
            |p| p.set(ZONES, 4, "population", "0"),
            3,
            &["E-VAL-008", "zones.csv:4", "[population]"],
        ),
        data(
            "F063 fewer than nobody",
            |p| p.set(ZONES, 4, "population", "-20"),
            3,
            &["E-VAL-008", "zones.csv:4", "[population]"],
        ),
        data(
            "F064 percent for a share",
            |p| p.set(ZONES, 4, "car_share", "45"),
            3,
            &["E-UOM-002", "zones.csv:4", "[car_share]"],
        ),
        data(
            "F085 weights of wild scale",
            |p| {
                p.set(ZONES, 4, "population", "1");
                p.set(ZONES, 5, "population", "6000000000");
            },
            3,
            &["E-NUM-001", "zones.csv:5", "[population]"],
        ),
        data("F061 a negative travel time", |p| negative_travel(p), 3, &["E-GEO-003", "travel.csv:2", "[minutes]"]),
    ]
}

/// Two stores of which one has lost the zeros of the other's id.
fn twin_with_zeros(project: &Project) {
    project.lines(STORES, |lines| {
        for (id, from) in [("00123", 3), ("123", 4)] {
            let (_, rest) = lines[from].split_once(',').expect("an id");
            lines.push(format!("{id},{rest}"));
        }
    });
    // Moved a little, so that nothing but the ids is wrong.
    let last = project.read(STORES).lines().count();
    for line in [last - 1, last] {
        project.cell(STORES, line, "lat", |lat| format!("{:.5}", lat.parse::<f64>().expect("degrees") + 0.003));
    }
}

fn swap_coordinates(project: &Project) {
    let text = project.read(STORES);
    let mut rows = text.lines();
    let header: Vec<&str> = rows.next().expect("a header").split(',').collect();
    let row: Vec<&str> = rows.nth(3).expect("line 5").split(',').collect();
    let at = |name: &str| header.iter().position(|known| *known == name).expect("a column");
    let (lat, lon) = (row[at("lat")].to_owned(), row[at("lon")].to_owned());
    project.set(STORES, 5, "lat", &lon);
    project.set(STORES, 5, "lon", &lat);
}

fn zero_island(project: &Project) {
    project.set(STORES, 5, "lat", "0");
    project.set(STORES, 5, "lon", "0");
}

fn negative_travel(project: &Project) {
    let (zone, store) = (zones(project, 1).remove(0), store(project, 2));
    add_table(project, "travel", "travel.csv", &format!("zone_id,store_id,minutes\n{zone},{store},-4\n"));
}
