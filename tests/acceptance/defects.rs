//! Bad inputs, planted one at a time in the sample project: each ends with its exit code and a message
//! that names the file, the row and the column.

use std::fs;

use crate::support::{Project, Told};

/// One planted defect.
struct Case {
    /// What it is, with the number of the failure model it stands for.
    what: &'static str,
    /// How it is planted.
    plant: fn(&Project),
    /// The exit code due.
    exit: i32,
    /// What the message must hold.
    says: &'static [&'static str],
    /// Whether it shows only when a plan is made.
    plans: bool,
}

const SALES: &str = "data/sales.csv";
const STORES: &str = "data/stores.csv";
const ZONES: &str = "data/zones.csv";
const DEVICES: &str = "data/devices.csv";
const MARKETS: &str = "data/markets.csv";
const SCENARIO: &str = "scenarios/base.toml";

const fn data(what: &'static str, plant: fn(&Project), exit: i32, says: &'static [&'static str]) -> Case {
    Case { what, plant, exit, says, plans: false }
}

const fn plan(what: &'static str, plant: fn(&Project), exit: i32, says: &'static [&'static str]) -> Case {
    Case { what, plant, exit, says, plans: true }
}

/// The id of the store on a line of the table of stores.
fn store(project: &Project, line: usize) -> String {
    let text = project.read(STORES);
    text.lines().nth(line - 1).and_then(|line| line.split(',').next()).expect("a store").to_owned()
}

/// Names a table by a new section of the scenario.
fn add_table(project: &Project, role: &str, name: &str, text: &str) {
    project.write(&format!("data/{name}"), text);
    project.scenario("tables", &format!("{role} = \"../data/{name}\""));
}

/// Ids of the first zones.
fn zones(project: &Project, count: usize) -> Vec<String> {
    project
        .read(ZONES)
        .lines()
        .skip(1)
        .take(count)
        .map(|line| line.split(',').next().expect("an id").to_owned())
        .collect()
}

/// Adds a floor on people with one more line.
fn floor(project: &Project, line: &str) {
    let floor = format!("\n[[reach]]\nname = \"all\"\nat_least = \"90 %\"\n{line}\n");
    project.edit(SCENARIO, |text| text + &floor);
}

fn files() -> Vec<Case> {
    vec![
        data(
            "F001 a file is missing",
            |p| fs::remove_file(p.path(SALES)).expect("removed"),
            3,
            &["E-IN-001", "sales.csv"],
        ),
        data("F002 an empty file", |p| p.write(ZONES, ""), 3, &["E-IN-002", "zones.csv"]),
        data(
            "F003 a header and no rows",
            |p| p.lines(STORES, |lines| lines.truncate(1)),
            3,
            &["E-IN-003", "stores.csv"],
        ),
        data(
            "F004 the last record is cut",
            |p| p.edit(SALES, |text| text[..text.len() - 4].to_owned()),
            3,
            &["E-IN-004", "sales.csv", "byte"],
        ),
        data(
            "F005 Parquet without its footer",
            |p| {
                p.write("data/sales.parquet", b"PAR1 and then nothing");
                p.edit(SCENARIO, |text| text.replace("../data/sales.csv", "../data/sales.parquet"));
            },
            3,
            &["E-PQ-001", "sales.parquet"],
        ),
        data(
            "F010 bytes that are not UTF-8",
            |p| {
                let mut bytes = fs::read(p.path(STORES)).expect("bytes");
                let at = bytes.iter().position(|byte| *byte == b'\n').expect("a line") + 2;
                bytes[at] = 0xff;
                p.write(STORES, bytes);
            },
            3,
            &["E-CSV-001", "stores.csv:2"],
        ),
        data(
            "F012 UTF-16",
            |p| {
                let text = p.read(ZONES);
                let bytes: Vec<u8> =
                    std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
                p.write(ZONES, bytes);
            },
            3,
            &["E-CSV-002", "zones.csv", "UTF-8"],
        ),
        data("F013 lone carriage returns", |p| p.edit(ZONES, |text| text.replace('\n', "\r")), 3, &["zones.csv"]),
        data(
            "F015 a quote that never closes",
            |p| p.lines(STORES, |l| l[4].insert(0, '"')),
            3,
            &["E-CSV-003", "stores.csv:5"],
        ),
        data("F016 a short row", |p| p.lines(ZONES, |l| l[6] = "X,Y".into()), 3, &["E-CSV-004", "zones.csv:7"]),
        data("F016 a long row", |p| p.lines(ZONES, |l| l[6].push_str(",1,2")), 3, &["E-CSV-004", "zones.csv:7"]),
        data(
            "F017 a renamed column",
            |p| p.edit(SALES, |t| t.replacen("units", "unit", 1)),
            3,
            &["E-SCH-001", "sales.csv", "units"],
        ),
        data(
            "F017 a column twice",
            |p| p.edit(ZONES, |t| t.replacen("income", "population", 1)),
            3,
            &["E-SCH-001", "zones.csv", "population"],
        ),
        data(
            "F017 lat and lon swapped in the header",
            |p| p.edit(STORES, |t| t.replacen("lat,lon", "lon,lat", 1)),
            3,
            &["E-GEO-001", "stores.csv:2"],
        ),
        data(
            "F019 another delimiter",
            |p| p.edit(ZONES, |t| t.replace(',', ";")),
            3,
            &["E-CSV-005", "zones.csv", "delimiter"],
        ),
        data(
            "F020 a folder where a file is due",
            |p| {
                fs::remove_file(p.path(ZONES)).expect("removed");
                fs::create_dir(p.path(ZONES)).expect("made");
            },
            3,
            &["E-PATH-001", "zones.csv"],
        ),
        data(
            "F022 a huge field",
            |p| p.set(STORES, 3, "name", &"x".repeat(2 << 20)),
            10,
            &["E-LIM-003", "stores.csv:3"],
        ),
        data("F024 no header", |p| p.lines(STORES, |l| drop(l.remove(0))), 3, &["E-SCH-004", "stores.csv"]),
        data(
            "F025 a padded number",
            |p| p.cell(SALES, 5, "units", |v| format!(" {v}")),
            3,
            &["E-CSV-006", "sales.csv:5", "[units]"],
        ),
    ]
}

fn sales() -> Vec<Case> {
    vec![
        data("F028 not a number", |p| p.set(SALES, 7, "units", "NaN"), 3, &["E-VAL-001", "sales.csv:7", "[units]"]),
        data("F028 infinite", |p| p.set(SALES, 7, "units", "-inf"), 3, &["E-VAL-001", "sales.csv:7", "[units]"]),
        data(
            "F029 beyond any number",
            |p| p.set(SALES, 8, "units", "1e400"),
            3,
            &["E-VAL-002", "sales.csv:8", "[units]"],
        ),
        data("F030 negative units", |p| p.set(SALES, 9, "units", "-3"), 3, &["E-VAL-003", "sales.csv:9", "[units]"]),
        data("F031 half a unit", |p| p.set(SALES, 10, "units", "2.5"), 3, &["E-VAL-004", "sales.csv:10", "[units]"]),
        data("F032 a row twice", |p| p.lines(SALES, |l| l.push(l[10].clone())), 3, &["E-KEY-001", "sales.csv"]),
        data(
            "F033 a key with two values",
            |p| {
                p.lines(SALES, |lines| lines.push(lines[10].clone()));
                let last = p.read(SALES).lines().count();
                p.cell(SALES, last, "units", |value| format!("{value}1"));
            },
            3,
            &["E-KEY-002", "sales.csv"],
        ),
        data(
            "F034 a file loaded twice",
            |p| p.lines(SALES, |l| l.extend_from_within(1..)),
            3,
            &["E-KEY-003", "sales.csv"],
        ),
        data(
            "F037 a row from the future",
            |p| p.set(SALES, 4, "week", "2027-01-04"),
            3,
            &["E-DATE-001", "sales.csv:4", "[week]"],
        ),
        data("F038 a stale feed", |p| p.key("as_of", "\"2028-11-20\""), 3, &["E-DATE-002", "sales.csv"]),
        data(
            "F039 a date that never was",
            |p| p.set(SALES, 6, "week", "2026-02-30"),
            3,
            &["E-DATE-003", "sales.csv:6", "[week]"],
        ),
        data(
            "F039 a spreadsheet's serial",
            |p| p.set(SALES, 6, "week", "45292"),
            3,
            &["E-DATE-003", "sales.csv:6", "[week]"],
        ),
        data(
            "F040 an ambiguous date",
            |p| p.set(SALES, 6, "week", "01/06/2026"),
            3,
            &["E-DATE-004", "sales.csv:6", "[week]"],
        ),
        data(
            "F041 a timestamp",
            |p| p.cell(SALES, 6, "week", |v| format!("{v}T23:30:00Z")),
            3,
            &["E-TZ-001", "sales.csv:6", "[week]"],
        ),
        data(
            "F042 a week that begins mid-week",
            |p| p.set(SALES, 6, "week", "2026-08-05"),
            3,
            &["E-CAL-001", "sales.csv:6", "[week]"],
        ),
        data("F043 a change of unit", packs_become_tablets, 3, &["E-UOM-001", "sales.csv"]),
        data("F046 sold for nothing", |p| p.set(SALES, 11, "price", "0"), 3, &["E-VAL-005", "sales.csv:11", "[price]"]),
        data("F048 nothing sold anywhere", nothing_sold, 3, &["E-VAL-006", "sales.csv"]),
        data(
            "F052 a padded id",
            |p| p.cell(SALES, 12, "store_id", |v| format!("{v} ")),
            3,
            &["E-ID-001", "sales.csv:12", "[store_id]"],
        ),
        data(
            "F053 a store nobody knows",
            |p| p.set(SALES, 12, "store_id", "NOWHERE-1"),
            3,
            &["E-REF-001", "sales.csv:12", "[store_id]"],
        ),
    ]
}

/// From one week on, every store counts in units 28 times smaller.
fn packs_become_tablets(project: &Project) {
    project.lines(SALES, |lines| {
        let header: Vec<&str> = lines[0].split(',').collect();
        let at = |name: &str| header.iter().position(|known| *known == name).expect("a column");
        let (week, units) = (at("week"), at("units"));
        let mut weeks: Vec<String> =
            lines[1..].iter().map(|line| line.split(',').nth(week).expect("a week").to_owned()).collect();
        weeks.sort_unstable();
        weeks.dedup();
        let from = weeks[weeks.len() / 2].clone();
        for line in &mut lines[1..] {
            let mut cells: Vec<String> = line.split(',').map(ToOwned::to_owned).collect();
            if cells[week] >= from {
                let value: u64 = cells[units].parse().expect("units");
                cells[units] = (value * 28).to_string();
                *line = cells.join(",");
            }
        }
    });
}

fn nothing_sold(project: &Project) {
    project.lines(SALES, |lines| {
        let at = lines[0].split(',').position(|known| known == "units").expect("a column");
        for line in &mut lines[1..] {
            let mut cells: Vec<&str> = line.split(',').collect();
            cells[at] = "0";
            *line = cells.join(",");
        }
    });
}

fn entities() -> Vec<Case> {
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

fn health() -> Vec<Case> {
    vec![
        data(
            "F067 rows about people",
            |p| {
                let zone = zones(p, 1).remove(0);
                add_table(
                    p,
                    "health",
                    "health.csv",
                    &format!("zone_id,measure,count,patient_name\n{zone},diabetes,40,Canary Quicksilver\n"),
                );
            },
            8,
            &["E-PRV-001", "health.csv", "patient_name"],
        ),
        data(
            "F068 a small cell",
            |p| {
                let zone = zones(p, 1).remove(0);
                add_table(p, "health", "health.csv", &format!("zone_id,measure,count\n{zone},diabetes,4\n"));
            },
            8,
            &["E-PRV-002", "health.csv"],
        ),
    ]
}

fn settings() -> Vec<Case> {
    vec![
        data(
            "F036 what absent rows mean",
            |p| p.lines(SCENARIO, |l| l.retain(|line| !line.starts_with("zero_rows"))),
            2,
            &["E-CFG-004", "base.toml", "zero_rows"],
        ),
        data(
            "F078 an unknown key",
            |p| p.edit(SCENARIO, |t| t.replace("stores_max", "stores_maximum")),
            2,
            &["E-CFG-001", "base.toml:", "stores_max"],
        ),
        data("a unit left out", |p| p.key("spillover", "\"5\""), 2, &["E-CFG-006", "base.toml:", "km"]),
        data(
            "F081 more than the limit",
            |p| p.key("stores_max", "13"),
            2,
            &["E-CFG-002", "base.toml:", "stores_limit"],
        ),
        data(
            "F081 more than there are",
            |p| {
                p.key("stores_max", "5000");
                p.scenario_top("stores_limit = 5000");
            },
            2,
            &["E-CFG-002", "placement.stores_max"],
        ),
        data("F086 no horizon", |p| p.key("horizon_weeks", "0"), 2, &["E-CFG-003", "base.toml:", "horizon_weeks"]),
        data(
            "F087 no date",
            |p| p.lines(SCENARIO, |l| l.retain(|line| !line.starts_with("as_of"))),
            2,
            &["E-CFG-005", "base.toml", "as_of"],
        ),
        data(
            "a parent that is not there",
            |p| p.scenario_top("extends = \"parent.toml\""),
            2,
            &["E-CFG-008", "parent.toml"],
        ),
        data(
            "a floor on people by a column that zones lack",
            |p| floor(p, "where = { column = \"wealth\", at_most = 3 }"),
            2,
            &["E-CFG-010", "[reach[0].where.column]", "no numeric column `wealth`", "a column of the zones table"],
        ),
        data(
            "a floor on people in an unknown market",
            |p| floor(p, "market = \"ZZ\""),
            2,
            &["E-CFG-010", "[reach[0].market]", "no market is called `ZZ`"],
        ),
        data(
            "a floor on people who can pay for an unknown device",
            |p| floor(p, "afford = { device = \"robot\", income = \"income\", part = \"1 %\" }"),
            2,
            &["E-CFG-010", "[reach[0].afford.device]", "no device is called `robot`"],
        ),
        data(
            "a floor on people that counts a share",
            |p| {
                p.set(ZONES, 4, "income", "-5");
                floor(p, "people = \"income\"");
            },
            2,
            &["E-CFG-011", "[reach[0].people]", "is -5, which is no number of people"],
        ),
        data(
            "a floor on people by a column with a blank",
            |p| {
                p.set(ZONES, 4, "income", "");
                floor(p, "where = { column = \"income\", at_most = 30000 }");
            },
            2,
            &["E-CFG-011", "[reach[0].where.column]", "1 zones have no `income`, such as `", "fill the column in"],
        ),
        data(
            "a floor on people that nobody counts for",
            |p| floor(p, "where = { column = \"income\", at_most = 3 }"),
            2,
            &["E-CFG-011", "[reach[0]]", "nobody counts", "loosen where"],
        ),
        data(
            "a floor on people above those who count",
            |p| {
                p.edit(SCENARIO, |text| text + "\n[[reach]]\nname = \"all\"\nat_least = \"90000000000 people\"\n");
            },
            2,
            &["E-CFG-011", "[reach[0].at_least]", "90000000000 people are asked for", "ask for fewer"],
        ),
        plan(
            "a floor on people that no plan reaches",
            |p| floor(p, "within = \"20 min\""),
            4,
            &["E-INF-005", "[reach.all.at_least]: `at_least = \"90 %\"`", "stores_max = 6", "these 2 rules"],
        ),
        data(
            "an unknown store",
            |p| p.scenario("placement", "require = [\"NOWHERE-1\"]"),
            2,
            &["E-CFG-010", "NOWHERE-1"],
        ),
        plan(
            "F079 required and excluded",
            |p| {
                let id = store(p, 4);
                p.scenario("placement", &format!("require = [\"{id}\"]\nexclude = [\"{id}\"]"));
            },
            4,
            &["E-INF-001", "placement.require"],
        ),
        plan(
            "F080 more required than allowed",
            |p| {
                let ids: Vec<String> = (2..=4).map(|line| format!("\"{}\"", store(p, line))).collect();
                p.key("stores_max", "2");
                p.scenario("placement", &format!("require = [{}]", ids.join(", ")));
            },
            4,
            &["E-INF-002", "placement.require"],
        ),
        plan(
            "F058 a closed store is required",
            |p| {
                let id = store(p, 4);
                p.set(STORES, 4, "closed", "2026-10-05");
                p.scenario("placement", &format!("require = [\"{id}\"]"));
            },
            4,
            &["E-INF-003"],
        ),
        plan(
            "F082 a budget below the cheapest plan",
            |p| {
                p.key("capex", "\"1 GBP\"");
                p.scenario("placement", "stores_min = 2");
            },
            4,
            &["E-INF-004", "budget.capex", "`capex = \"1 GBP\"`", "base.toml:", "without any one of these"],
        ),
        plan(
            "F083 rules that can't hold together",
            |p| p.scenario("placement", "stores_min = 3\ndistance_min = \"2000 km\""),
            4,
            &[
                "E-INF-005",
                "[placement.distance_min]: `distance_min = \"2000 km\"`",
                "`stores_min = 3`",
                "these 2 rules",
            ],
        ),
    ]
}

/// Edits that leave the input sound: the plan comes out, with exit 0.
fn harmless() -> Vec<Case> {
    vec![
        data("nothing is planted", |_| (), 0, &[]),
        data("F011 a byte order mark", |p| p.edit(ZONES, |text| format!("\u{feff}{text}")), 0, &[]),
        data("F013 CRLF", |p| p.edit(SALES, |text| text.replace('\n', "\r\n")), 0, &[]),
        data("F014 a comma in quotes", |p| p.set(STORES, 3, "name", "\"High Street; \"\"The Corner\"\"\""), 0, &[]),
        data("columns in another order", reversed_columns, 0, &[]),
        data(
            "F071 suppressed counts",
            |p| {
                let ids = zones(p, 2);
                add_table(
                    p,
                    "health",
                    "health.csv",
                    &format!("zone_id,measure,count\n{},diabetes,*\n{},diabetes,44\n", ids[0], ids[1]),
                );
            },
            0,
            &[],
        ),
        plan("F081 no store at all", |p| p.key("stores_max", "0"), 0, &[]),
        plan(
            "F122, F123 a name that is code",
            |p| p.set(STORES, 3, "name", "=cmd|' /C calc'!A0 <script>alert(1)</script>"),
            0,
            &[],
        ),
    ]
}

fn reversed_columns(project: &Project) {
    project.lines(ZONES, |lines| {
        for line in lines.iter_mut() {
            *line = line.split(',').rev().collect::<Vec<_>>().join(",");
        }
    });
}

/// Two stores at one place: a warning, and the plan stands.
fn warned() -> Vec<Case> {
    vec![data(
        "F056 two stores at one place",
        |p| {
            let text = p.read(STORES);
            let header: Vec<&str> = text.lines().next().expect("a header").split(',').collect();
            let at = |name: &str| header.iter().position(|known| *known == name).expect("a column");
            let row: Vec<&str> = text.lines().nth(3).expect("line 4").split(',').collect();
            p.set(STORES, 5, "lat", row[at("lat")]);
            p.set(STORES, 5, "lon", row[at("lon")]);
        },
        5,
        &["W-GEO-002", "stores.csv"],
    )]
}

fn complaints(sample: &Project, cases: &[Case]) -> Vec<String> {
    let mut found = Vec::new();
    for case in cases {
        let project = sample.copy();
        (case.plant)(&project);
        let told: Told = if case.plans { project.plan() } else { project.check() };
        let missing: Vec<&&str> = case.says.iter().filter(|word| !told.err.contains(**word)).collect();
        if told.code != case.exit || !missing.is_empty() {
            let err: String = told.err.lines().take(6).collect::<Vec<_>>().join("\n    ");
            found
                .push(format!("{}: exit {} (due {}), missing {missing:?}\n    {err}", case.what, told.code, case.exit));
        }
        if case.exit > 0 && case.exit != 5 {
            assert!(!project.path("runs/CURRENT").exists(), "{}: nothing is published", case.what);
        }
        assert!(!told.err.contains("Canary"), "{}: a value of a health table was shown", case.what);
    }
    found
}

fn all_as_stated(cases: &[Case]) {
    let found = complaints(&Project::sample(), cases);
    assert!(found.is_empty(), "{} of {}:\n{}", found.len(), cases.len(), found.join("\n"));
}

#[test]
fn defects_of_files_end_as_stated() {
    all_as_stated(&files());
}

#[test]
fn defects_of_sales_end_as_stated() {
    all_as_stated(&sales());
}

#[test]
fn defects_of_entities_end_as_stated() {
    all_as_stated(&entities());
}

#[test]
fn defects_of_health_tables_end_as_stated() {
    all_as_stated(&health());
}

#[test]
fn defects_of_settings_end_as_stated() {
    all_as_stated(&settings());
}

#[test]
fn sound_inputs_are_not_complained_of() {
    all_as_stated(&harmless());
}

#[test]
fn warnings_leave_the_plan_standing() {
    all_as_stated(&warned());
}

#[test]
fn at_least_forty_defects_are_planted() {
    let planted = [files(), sales(), entities(), health(), settings()].iter().map(Vec::len).sum::<usize>();
    assert!(planted >= 40, "{planted}");
}
