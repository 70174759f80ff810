//! What is planted, one defect at a time, and where it must be found.

use ingest::{Format, Mapped, Source, Texts};

use crate::common::{STORES, Sample, WEEKS, mapped, monday};

/// (row of the failure model, what is planted, code, exit code, file, line, column, words due).
pub(super) struct Case {
    pub(super) id: &'static str,
    pub(super) plant: fn(&mut Sample),
    pub(super) code: &'static str,
    pub(super) exit: u8,
    pub(super) file: &'static str,
    pub(super) line: Option<u64>,
    pub(super) column: Option<&'static str>,
    pub(super) says: &'static [&'static str],
}

#[expect(clippy::too_many_arguments, reason = "a row of a table")]
fn case(
    id: &'static str,
    code: &'static str,
    exit: u8,
    file: &'static str,
    line: impl Into<Option<u64>>,
    column: &'static str,
    says: &'static [&'static str],
    plant: fn(&mut Sample),
) -> Case {
    Case { id, plant, code, exit, file, line: line.into(), column: Some(column).filter(|name| !name.is_empty()), says }
}

/// The line of `sales` that holds this store, product and week.
pub(super) fn line(store: usize, product: usize, week: usize) -> usize {
    2 + store * 3 * WEEKS + product * WEEKS + week
}

pub(super) fn scale_units(sample: &mut Sample, product: &str, from: usize, factor: u64) {
    let from = format!("{}", monday(from));
    sample.lines("sales", |lines| {
        for line in lines.iter_mut().skip(1) {
            let mut cells = crate::common::split(line);
            if cells[1] == product && cells[2] >= from {
                cells[3] = (cells[3].parse::<u64>().expect("units") * factor).to_string();
                *line = cells.join(",");
            }
        }
    });
}

pub(super) fn repeat_line(sample: &mut Sample, name: &str, at: usize) {
    sample.lines(name, |lines| {
        let copy = lines[at - 1].clone();
        lines.push(copy);
    });
}

pub(super) const NONE: Option<u64> = None;

pub(super) fn cases() -> Vec<Case> {
    let last_sale = (1 + STORES * 3 * WEEKS) as u64;
    vec![
        // Files.
        case("F001", "E-IN-001", 3, "gone.csv", NONE, "", &["sales", "gone.csv"], |s| {
            s.tables.sales = Source::Path("gone.csv".into())
        }),
        case("F001", "E-IN-001", 3, "gone_*.csv", NONE, "", &["stores"], |s| {
            s.tables.stores = Source::Path("gone_*.csv".into())
        }),
        case("F002", "E-IN-002", 3, "stores.csv", NONE, "", &["empty"], |s| s.put("stores.csv", "")),
        case("F003", "E-IN-003", 3, "sales.csv", NONE, "", &["0 rows"], |s| s.lines("sales", |l| l.truncate(1))),
        case("F004", "E-IN-004", 3, "sales.csv", last_sale, "", &["byte"], |s| {
            let length = s.text("sales").len();
            s.bytes("sales").truncate(length - 1);
        }),
        case("F005", "E-PQ-001", 3, "zones.csv", NONE, "", &["footer"], |s| {
            s.tables.zones = Source::Mapped(Mapped { format: Some(Format::Parquet), ..mapped("zones.csv") });
        }),
        case("F006", "E-PQ-002", 3, "zones.csv", NONE, "", &["expected", "actual"], |s| {
            s.tables.zones =
                Source::Mapped(Mapped { sha256: Some(Texts::One("00".repeat(32))), ..mapped("zones.csv") });
        }),
        case("F008", "E-IN-006", 3, "zones.csv", NONE, "", &["gzip"], |s| {
            s.put("zones.csv", b"\x1f\x8b\x08\x00abcd".to_vec())
        }),
        case("F009", "E-XL-001", 3, "zones.xlsx", NONE, "", &["cells"], |s| {
            s.put("zones.xlsx", b"PK\x03\x04".to_vec());
            s.tables.zones = Source::Path("zones.xlsx".into());
        }),
        case("F010", "E-CSV-001", 3, "zones.csv", 5, "", &["line 5 byte"], |s| {
            s.lines("zones", |l| l[4].push('\u{1}'));
            let bytes = s.bytes("zones");
            let at = bytes.iter().position(|b| *b == 1).expect("mark");
            bytes[at] = 0xff;
        }),
        case("F012", "E-CSV-002", 3, "zones.csv", NONE, "", &["UTF-16"], |s| {
            let wide: Vec<u8> = s.text("zones").encode_utf16().flat_map(u16::to_le_bytes).collect();
            s.put("zones.csv", [vec![0xff, 0xfe], wide].concat());
        }),
        case("F012", "E-CSV-002", 3, "stores.csv", 4, "", &["Latin-1"], |s| {
            s.set("stores", 4, "name", "Caf\u{1} Nord");
            let bytes = s.bytes("stores");
            let at = bytes.iter().position(|b| *b == 1).expect("mark");
            bytes[at] = 0xe9;
        }),
        case("F013", "E-CSV-007", 3, "zones.csv", 3, "", &["carriage return"], |s| {
            s.lines("zones", |l| l[2] = l[2].replace(",us,", "\r,us,"))
        }),
        case("F013", "E-CSV-008", 3, "zones.csv", 3, "", &["NUL"], |s| s.lines("zones", |l| l[2].push('\0'))),
        case("F015", "E-CSV-003", 3, "stores.csv", 25, "", &["line 25"], |s| s.set("stores", 25, "name", "\"open")),
        case("F016", "E-CSV-004", 3, "sales.csv", 7, "", &["8 fields, expected 7"], |s| {
            s.lines("sales", |l| l[6].push_str(",9"))
        }),
        case("F016", "E-CSV-004", 3, "zones.csv", 3, "", &["2 fields, expected 8"], |s| {
            s.lines("zones", |l| l[2] = "Z,us".into())
        }),
        case("F017", "E-SCH-001", 3, "stores.csv", 1, "lat", &["expected", "latt"], |s| {
            s.lines("stores", |l| l[0] = l[0].replace(",lat,", ",latt,"))
        }),
        case("F017", "E-SCH-001", 3, "stores.csv", 1, "", &["repeats"], |s| {
            s.lines("stores", |l| l[0] = l[0].replace(",lon,", ",lat,"))
        }),
        case("F017", "E-GEO-001", 3, "stores.csv", 2, "lat", &["swapped?"], |s| {
            s.lines("stores", |l| l[0] = l[0].replace(",lat,lon,", ",lon,lat,"))
        }),
        case("F018", "E-SCH-002", 3, "sales.csv", 9, "stockout", &["neither"], |s| {
            s.set("sales", 9, "stockout", "partly")
        }),
        case("F019", "E-CSV-005", 3, "sales.csv", 1, "", &["1 column found; "], |s| {
            s.lines("sales", |l| l.iter_mut().for_each(|l| *l = l.replace(',', ";")))
        }),
        case("F019", "E-CSV-005", 3, "sales.csv", 9, "price", &["comma"], |s| s.set("sales", 9, "price", "\"8,99\"")),
        case("F020", "E-PATH-001", 3, ".", NONE, "", &["regular file"], |s| s.tables.zones = Source::Path(".".into())),
        case("F020", "E-PATH-001", 3, "/proc/self/environ", NONE, "", &["escapes"], |s| {
            s.tables.zones = Source::Path("/proc/self/environ".into())
        }),
        case("F020", "E-PATH-001", 3, "/dev/zero", NONE, "", &[], |s| {
            s.tables.zones = Source::Path("/dev/zero".into())
        }),
        case("F022", "E-LIM-003", 10, "stores.csv", 6, "", &["1 MiB"], |s| {
            s.set("stores", 6, "name", &"x".repeat(3 << 20))
        }),
        case("F024", "E-SCH-004", 3, "zones.csv", 1, "", &["not the header"], |s| {
            s.lines("zones", |l| drop(l.remove(0)))
        }),
        case("F024", "E-SCH-004", 3, "sales.csv", 1, "", &["not the header"], |s| {
            s.lines("sales", |l| drop(l.remove(0)))
        }),
        case("F025", "E-CSV-006", 3, "sales.csv", 9, "units", &["` 3`"], |s| s.set("sales", 9, "units", " 3")),
        case("F025", "E-CSV-006", 3, "zones.csv", 9, "population", &["`+3000`"], |s| {
            s.set("zones", 9, "population", "+3000")
        }),
        // Sales.
        case("F028", "E-VAL-001", 3, "sales.csv", 12, "units", &["`NaN`"], |s| s.set("sales", 12, "units", "NaN")),
        case("F028", "E-VAL-001", 3, "sales.csv", 13, "units", &["`-inf`"], |s| s.set("sales", 13, "units", "-inf")),
        case("F029", "E-VAL-002", 3, "sales.csv", 13, "units", &["`1e400`"], |s| s.set("sales", 13, "units", "1e400")),
        case("F029", "E-VAL-002", 3, "sales.csv", 13, "units", &["range"], |s| {
            s.set("sales", 13, "units", "9223372036854775808")
        }),
        case("F030", "E-VAL-003", 3, "sales.csv", 14, "units", &["negative"], |s| s.set("sales", 14, "units", "-4")),
        case("F031", "E-VAL-004", 3, "sales.csv", 14, "units", &["`2.5`"], |s| s.set("sales", 14, "units", "2.5")),
        case("F032", "E-KEY-001", 3, "sales.csv", last_sale + 1, "store_id", &["first on line 30", "S000"], |s| {
            repeat_line(s, "sales", 30)
        }),
        case("F033", "E-KEY-002", 3, "sales.csv", last_sale + 1, "store_id", &["units", "77777"], |s| {
            repeat_line(s, "sales", 30);
            s.set("sales", 2 + STORES * 3 * WEEKS, "units", "77777");
        }),
        case("F034", "E-KEY-003", 3, "again.csv", 2, "store_id", &["100% duplicate"], |s| {
            let text = s.text("sales");
            s.put("again.csv", text);
            s.tables.sales = Source::Paths(vec!["sales.csv".into(), "again.csv".into()]);
        }),
        case("F037", "E-DATE-001", 3, "sales.csv", 20, "week", &["as_of"], |s| {
            s.set("sales", 20, "week", "2026-11-23")
        }),
        case(
            "F038",
            "E-DATE-002",
            3,
            "sales.csv",
            NONE,
            "week",
            &["2026-11-15", "as_of 2027-03-01", "15 weeks"],
            |s| s.settings.as_of = "2027-03-01".parse().expect("date"),
        ),
        case("F039", "E-DATE-003", 3, "sales.csv", 20, "week", &["2026-02-30"], |s| {
            s.set("sales", 20, "week", "2026-02-30")
        }),
        case("F039", "E-DATE-003", 3, "sales.csv", 20, "week", &["45678"], |s| s.set("sales", 20, "week", "45678")),
        case("F039", "E-DATE-003", 3, "stores.csv", 8, "closed", &["9999-12-31"], |s| {
            s.set("stores", 8, "closed", "9999-12-31")
        }),
        case("F040", "E-DATE-004", 3, "sales.csv", 20, "week", &["01/06/2026"], |s| {
            s.set("sales", 20, "week", "01/06/2026")
        }),
        case("F041", "E-TZ-001", 3, "sales.csv", 20, "week", &["2026-06-22T00:30:00Z"], |s| {
            s.set("sales", 20, "week", "2026-06-22T00:30:00Z")
        }),
        case("F042", "E-CAL-001", 3, "sales.csv", 20, "week", &["first day of a week"], |s| {
            s.set("sales", 20, "week", "2026-06-23")
        }),
        case("F042", "E-CAL-001", 3, "markets.csv", 2, "week_start", &["day of the week"], |s| {
            s.set("markets", 2, "week_start", "4-4-5")
        }),
        case("F043", "E-UOM-001", 3, "sales.csv", 22 + WEEKS as u64, "units", &["`cuff`", "10.", "2026-06-29"], |s| {
            scale_units(s, "cuff", 20, 10)
        }),
        case("F043", "E-UOM-001", 3, "sales.csv", 22 + WEEKS as u64, "units", &["`cuff`", "28"], |s| {
            scale_units(s, "cuff", 20, 28)
        }),
        case("F043", "E-UOM-001", 3, "sales.csv", 22 + WEEKS as u64, "units", &["`cuff`", "100"], |s| {
            scale_units(s, "cuff", 20, 100)
        }),
        case("F044", "E-CUR-001", 3, "sales.csv", 22, "currency", &["market"], |s| {
            s.add("sales", "currency", "");
            s.set("sales", 22, "currency", "EUR");
        }),
        case("F044", "E-CUR-001", 3, "sales.csv", 2, "price", &["hundred times"], |s| {
            s.lines("sales", |l| {
                l.iter_mut().filter(|l| l.starts_with("S000,bandage")).for_each(|l| *l = l.replace(",8.99,", ",899,"))
            });
        }),
        case("F044", "E-CUR-001", 3, "devices.csv", 3, "price", &["minor units"], |s| {
            s.set("devices", 3, "price", "5500")
        }),
        case("F046", "E-VAL-005", 3, "sales.csv", 22, "price", &["not above 0"], |s| s.set("sales", 22, "price", "0")),
        case("F046", "E-VAL-005", 3, "sales.csv", 22, "price", &["negative"], |s| s.set("sales", 22, "price", "-8.99")),
        case("F048", "E-VAL-006", 3, "sales.csv", NONE, "units", &["no demand"], |s| {
            crate::common::PRODUCTS.iter().for_each(|product| scale_units(s, product, 0, 0))
        }),
        case("F052", "E-ID-001", 3, "sales.csv", 2, "store_id", &["`Ѕ000`", "`S000`"], |s| {
            s.lines("sales", |l| l.iter_mut().for_each(|l| *l = l.replace("S000", "Ѕ000")))
        }),
        case("F052", "E-ID-001", 3, "sales.csv", 2, "store_id", &["`s000`"], |s| {
            s.lines("sales", |l| l.iter_mut().for_each(|l| *l = l.replace("S000", "s000")))
        }),
        case("F052", "E-ID-001", 3, "stores.csv", 4, "store_id", &["blanks"], |s| {
            s.set("stores", 4, "store_id", "S002 ")
        }),
        case("F052", "E-ID-001", 3, "sales.csv", 2, "store_id", &["`00123`", "`123`"], |s| {
            s.lines("stores", |l| l.iter_mut().for_each(|l| *l = l.replace("S000", "00123")));
            s.lines("sales", |l| l.iter_mut().for_each(|l| *l = l.replace("S000", "123")));
        }),
        case("F052", "E-ID-001", 3, "sales.csv", 5, "product", &["`Bandage`", "`bandage`"], |s| {
            s.set("sales", 5, "product", "Bandage")
        }),
        case(
            "F053",
            "E-REF-001",
            3,
            "sales.csv",
            2,
            "store_id",
            &["1 store ids (120 rows, units share 4.", "`X9`"],
            |s| s.lines("sales", |l| l.iter_mut().for_each(|l| *l = l.replace("S000", "X9"))),
        ),
        case("F053", "E-REF-001", 3, "devices.csv", 4, "related_products", &["`gauze`"], |s| {
            s.set("devices", 4, "related_products", "gauze:1")
        }),
        // Stores.
        case("F055", "E-GEO-001", 3, "stores.csv", 3, "lat", &["`S001`", "0, 0"], |s| {
            s.set("stores", 3, "lat", "0");
            s.set("stores", 3, "lon", "0");
        }),
        case("F055", "E-GEO-001", 3, "stores.csv", 3, "lat", &["outside the world"], |s| {
            s.set("stores", 3, "lat", "95.5")
        }),
        case("F055", "E-GEO-001", 3, "stores.csv", 3, "lat", &["degrees and minutes"], |s| {
            s.set("stores", 3, "lat", "40°26'N")
        }),
        case("F055", "E-GEO-001", 3, "stores.csv", 3, "lat", &["box"], |s| {
            s.set("stores", 3, "lat", "48.85");
            s.set("stores", 3, "lon", "2.35");
        }),
        case("F057", "E-ID-002", 3, "stores.csv", 26, "store_id", &["first on line 5"], |s| {
            repeat_line(s, "stores", 5);
            s.set("stores", 26, "opened", "2024-01-01");
        }),
        case("F060", "E-VAL-007", 3, "stores.csv", 6, "shelf_units", &["negative"], |s| {
            s.set("stores", 6, "shelf_units", "-1")
        }),
        case("F060", "E-VAL-007", 3, "stores.csv", 6, "shelf_units", &["`NaN`"], |s| {
            s.set("stores", 6, "shelf_units", "NaN")
        }),
        case("F061", "E-GEO-003", 3, "travel.csv", 4, "minutes", &["travel time"], |s| {
            *s = Sample::with_all();
            s.set("travel", 4, "minutes", "-5");
        }),
        case("F061", "E-GEO-003", 3, "travel.csv", 1, "minutes", &["km/h"], |s| {
            *s = Sample::with_all();
            s.lines("travel", |l| l.iter_mut().skip(1).for_each(|l| l.push_str("e2")));
        }),
        case("F062", "E-KEY-001", 3, "stores.csv", 26, "store_id", &["first on line 5"], |s| {
            repeat_line(s, "stores", 5)
        }),
        case("F057", "E-DATE-005", 3, "stores.csv", 6, "closed", &["before `opened`"], |s| {
            s.set("stores", 6, "closed", "2019-01-01")
        }),
        // Demography.
        case("F063", "E-VAL-008", 3, "zones.csv", 4, "population", &["above 0"], |s| {
            s.set("zones", 4, "population", "0")
        }),
        case("F063", "E-VAL-008", 3, "zones.csv", 4, "population", &["negative"], |s| {
            s.set("zones", 4, "population", "-20")
        }),
        case("F063", "E-VAL-008", 3, "zones.csv", 4, "over_65_share", &["1.2"], |s| {
            s.set("zones", 4, "over_65_share", "1.2")
        }),
        case("F064", "E-UOM-002", 3, "zones.csv", 4, "over_65_share", &["45"], |s| {
            s.set("zones", 4, "over_65_share", "45")
        }),
        case("F065", "E-REF-002", 3, "zones.csv", 4, "vintage", &["`2010`", "`2020`"], |s| {
            s.set("zones", 4, "vintage", "2010")
        }),
        case("F085", "E-NUM-001", 3, "zones.csv", 4, "population", &["2 to 9999999999"], |s| {
            s.set("zones", 3, "population", "2");
            s.set("zones", 4, "population", "9999999999");
        }),
        case("F062", "E-KEY-001", 3, "zones.csv", 26, "zone_id", &["twice"], |s| repeat_line(s, "zones", 9)),
        // Devices.
        case("F060", "E-VAL-007", 3, "devices.csv", 3, "unit_cost", &["negative"], |s| {
            s.set("devices", 3, "unit_cost", "-1")
        }),
        case("F060", "E-VAL-007", 3, "devices.csv", 3, "salvage", &["more than the price"], |s| {
            s.set("devices", 3, "salvage", "60")
        }),
        case("F044", "E-CUR-002", 3, "devices.csv", 3, "price", &["decimals"], |s| {
            s.set("devices", 3, "price", "54.999")
        }),
        case("F053", "E-REF-001", 3, "devices.csv", 3, "market", &["markets"], |s| s.set("devices", 3, "market", "fr")),
        // Health.
        case("F067", "E-PRV-001", 8, "health.csv", 1, "patient_name", &["patient_name"], |s| {
            *s = Sample::with_all();
            s.add("health", "patient_name", "CANARY");
        }),
        case("F067", "E-PRV-001", 8, "health.csv", 3, "measure", &["identifier"], |s| {
            *s = Sample::with_all();
            s.set("health", 3, "measure", "CANARY@example.org");
        }),
        case("F068", "E-PRV-002", 8, "health.csv", 2, "count", &["1 cells below 11"], |s| {
            *s = Sample::with_all();
            s.set("health", 2, "count", "7");
        }),
        case("F027", "E-VAL-001", 3, "health.csv", 2, "count", &["not a number"], |s| {
            *s = Sample::with_all();
            s.set("health", 2, "count", "CANARY");
        }),
        case("F027", "E-CSV-004", 3, "health.csv", 2, "", &["4 fields"], |s| {
            *s = Sample::with_all();
            s.lines("health", |l| l[1].push_str(",CANARY"));
        }),
        case("F027", "E-REF-001", 3, "health.csv", 4, "zone_id", &[], |s| {
            *s = Sample::with_all();
            s.set("health", 4, "zone_id", "CANARY");
        }),
    ]
}
