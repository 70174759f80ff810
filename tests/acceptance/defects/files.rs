//! Files that are gone, cut short, of another kind, or that change.

use std::fs;

use super::{Case, SALES, SCENARIO, STORES, ZONES, data};

pub(super) fn files() -> Vec<Case> {
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
