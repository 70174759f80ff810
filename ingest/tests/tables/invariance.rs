//! The same facts give the same Market, however they are written.

use std::sync::Arc;

use crate::common::{Draw, Sample, mapped, show, split};
use arrow::array::{ArrayRef, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use ingest::{Mapped, Source, Texts};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;

fn shuffled(sample: &mut Sample, name: &str, seed: u64) {
    let mut draw = Draw(seed);
    sample.lines(name, |lines| {
        for at in (2..lines.len()).rev() {
            let other = 1 + usize::try_from(draw.next(at as u64)).expect("small");
            lines.swap(at, other);
        }
    });
}

#[test]
fn the_order_of_rows_and_files_plays_no_part() {
    let expected = Sample::with_all().hash();
    for seed in 0..3 {
        let mut sample = Sample::with_all();
        for name in ["markets", "stores", "sales", "devices", "zones", "travel", "health"] {
            shuffled(&mut sample, name, seed);
        }
        // Sales in three files, the last named first, with their columns in another order.
        let lines: Vec<String> = sample.text("sales").lines().map(str::to_owned).collect();
        let turned = |lines: &[String]| -> String {
            lines.iter().map(|line| split(line).iter().rev().cloned().collect::<Vec<_>>().join(",") + "\n").collect()
        };
        let (header, rows) = lines.split_first().expect("header");
        let cut = rows.len() / 3;
        for (number, part) in rows.chunks(cut + 1).enumerate() {
            let own: Vec<String> = std::iter::once(header.clone()).chain(part.iter().cloned()).collect();
            let text = if number == 1 { turned(&own) } else { own.iter().map(|line| format!("{line}\n")).collect() };
            sample.put(&format!("part{number}.csv"), text);
        }
        sample.tables.sales = Source::Paths(vec!["part2.csv".into(), "part0.csv".into(), "part1.csv".into()]);
        assert_eq!(sample.hash(), expected);
        sample.tables.sales = Source::Path("part*.csv".into());
        assert_eq!(sample.hash(), expected);
    }
}

#[test]
fn line_ends_quotes_marks_and_delimiters_play_no_part() {
    let expected = Sample::clean().hash();
    let mut crlf = Sample::clean();
    for (_, bytes) in &mut crlf.files {
        *bytes = String::from_utf8(bytes.clone()).expect("utf-8").replace('\n', "\r\n").into_bytes();
    }
    assert_eq!(crlf.hash(), expected);
    let mut marked = Sample::clean();
    for (_, bytes) in &mut marked.files {
        bytes.splice(0..0, *b"\xef\xbb\xbf");
        bytes.extend_from_slice(b"\n\r\n");
    }
    assert_eq!(marked.hash(), expected);
    let mut quoted = Sample::clean();
    quoted.lines("sales", |lines| {
        for line in lines.iter_mut() {
            *line = split(line).iter().map(|cell| format!("\"{cell}\"")).collect::<Vec<_>>().join(";");
        }
    });
    quoted.tables.sales = Source::Mapped(Mapped { delimiter: Some(';'), ..mapped("sales.csv") });
    assert_eq!(quoted.hash(), expected);
}

#[test]
fn a_quoted_line_end_keeps_lines_physical() {
    let mut sample = Sample::clean();
    sample.set("stores", 3, "name", "\"two\nlines\"");
    // The name of line 3 spans lines 3 and 4, so the sixth line of the table's text is line 7.
    sample.set("stores", 7, "shelf_units", "-1");
    let findings = sample.load().expect_err("refused");
    assert_eq!(findings[0].place.line, Some(7), "{}", show(&findings));
}

/// Sales as Parquet: typed columns, small row groups.
fn parquet(sample: &Sample) -> Vec<u8> {
    let rows: Vec<Vec<String>> = sample.text("sales").lines().skip(1).map(split).collect();
    let text = |at: usize| Arc::new(rows.iter().map(|row| Some(row[at].clone())).collect::<StringArray>()) as ArrayRef;
    let whole =
        |at: usize| Arc::new(rows.iter().map(|row| row[at].parse::<i64>().ok()).collect::<Int64Array>()) as ArrayRef;
    let days = rows.iter().map(|row| row[2].parse().ok().map(domain::calendar::epoch_day)).collect::<Date32Array>();
    let prices = rows.iter().map(|row| row[4].parse::<f64>().ok()).collect::<Float64Array>();
    let columns: Vec<(&str, DataType, ArrayRef)> = vec![
        ("store_id", DataType::Utf8, text(0)),
        ("product", DataType::Utf8, text(1)),
        ("week", DataType::Date32, Arc::new(days)),
        ("units", DataType::Int64, whole(3)),
        ("price", DataType::Float64, Arc::new(prices)),
        ("promo", DataType::Int64, whole(5)),
        ("stockout", DataType::Int64, whole(6)),
    ];
    let schema = Arc::new(Schema::new(
        columns.iter().map(|(name, kind, _)| Field::new(*name, kind.clone(), true)).collect::<Vec<_>>(),
    ));
    let batch =
        RecordBatch::try_new(schema.clone(), columns.into_iter().map(|column| column.2).collect()).expect("batch");
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(700)).build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, schema, Some(properties)).expect("writer");
    writer.write(&batch).expect("write");
    writer.close().expect("close");
    bytes
}

#[test]
fn parquet_says_what_csv_says() {
    let mut sample = Sample::clean();
    let bytes = parquet(&sample);
    sample.put("sales.parquet", bytes);
    sample.tables.sales = Source::Path("sales.parquet".into());
    assert_eq!(sample.hash(), Sample::clean().hash());
    sample.set("sales", 1003, "units", "-5");
    let bytes = parquet(&sample);
    sample.put("sales.parquet", bytes);
    let findings = sample.load().expect_err("refused");
    assert_eq!((findings[0].code, findings[0].place.line), ("E-VAL-003", Some(1002)), "{}", show(&findings));
}

#[test]
fn damaged_parquet_is_refused_or_says_the_same() {
    let mut sample = Sample::clean();
    let bytes = parquet(&sample);
    sample.put("sales.parquet", bytes.clone());
    let sum = domain::hash::ContentHash::of_bytes(&bytes).hex();
    sample.tables.sales = Source::Mapped(Mapped { sha256: Some(Texts::One(sum)), ..mapped("sales.parquet") });
    let folder = sample.write();
    let path = folder.path().join("sales.parquet");
    assert!(sample.load_in(folder.path()).is_ok());
    let mut draw = Draw(5);
    for _ in 0..40 {
        let mut spoilt = bytes.clone();
        let at = usize::try_from(draw.next(bytes.len() as u64)).expect("small");
        spoilt[at] ^= 1 << draw.next(8);
        std::fs::write(&path, &spoilt).expect("write");
        // With its sum stated, no flipped bit passes.
        let findings = sample.load_in(folder.path()).expect_err("refused");
        assert!(findings.iter().any(|finding| finding.code.starts_with("E-PQ")), "{}", show(&findings));
        // Without, nothing panics.
        let mut bare = Sample::clean();
        bare.tables.sales = Source::Path("sales.parquet".into());
        let _ = bare.load_in(folder.path());
    }
    for cut in (0..bytes.len()).step_by(bytes.len() / 50) {
        std::fs::write(&path, &bytes[..cut]).expect("write");
        let findings = sample.load_in(folder.path()).expect_err("refused");
        assert!(
            findings.iter().all(|finding| ["E-PQ-001", "E-PQ-003", "E-IN-002", "E-PQ-002"].contains(&finding.code)),
            "{}",
            show(&findings)
        );
    }
}
