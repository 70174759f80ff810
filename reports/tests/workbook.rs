//! The workbook as Excel reads it: its sheets, its cells' types, and what it says of itself.

mod fixture;
mod unzip;

use std::collections::BTreeMap;

use domain::study::Study;
use reports::{ReportError, workbook};

fn files(study: &Study) -> BTreeMap<String, String> {
    unzip::files(&workbook(study).expect("the fixture fits a workbook"))
}

#[test]
fn the_sheets_are_the_tables() {
    let mut study = fixture::study(60);
    // How stock is kept up stands elsewhere: sheets stay what they are.
    fixture::kept_up(&mut study);
    let files = files(&study);
    let sheets = &files["xl/workbook.xml"];
    let names =
        ["Decision", "Stores", "Markets", "Stock", "Controls", "Nearest misses", "Stress", "Demand", "Provenance"];
    let found: Vec<&str> =
        sheets.split("<sheet name=\"").skip(1).map(|rest| rest.split('"').next().unwrap_or_default()).collect();
    assert_eq!(found, names);
    for sheet in 1..=9 {
        let sheet = &files[&format!("xl/worksheets/sheet{sheet}.xml")];
        assert!(sheet.contains("state=\"frozen\"") && sheet.contains("ySplit=\"1\""));
        assert!(!sheet.contains("NaN") && !sheet.contains(">inf<"));
    }
    // A header and twelve stores.
    assert_eq!(files["xl/worksheets/sheet2.xml"].matches("<row ").count(), 13);
}

#[test]
fn it_says_when_by_the_study_and_never_who() {
    let files = files(&fixture::study(60));
    let core = &files["docProps/core.xml"];
    assert_eq!(core.matches("2026-11-16T00:00:00Z").count(), 2, "created and modified: {core}");
    assert!(core.contains("<dc:title>Open the 12 pilot corners below"));
    for element in ["dc:creator", "cp:lastModifiedBy"] {
        assert!(core.contains(&format!("<{element}></{element}>")), "{element} is empty: {core}");
    }
    assert!(
        !files["docProps/app.xml"].contains("<Company>") || files["docProps/app.xml"].contains("<Company></Company>")
    );
}

#[test]
fn texts_that_look_like_formulas_or_numbers_stay_texts() {
    let mut study = fixture::study(60);
    let ids = ["0012345678901234567", "=1+1", "+1", "-1", "@SUM(A1)"];
    for (store, id) in study.plan.stores.iter_mut().zip(ids) {
        store.store_id = id.into();
    }
    let files = files(&study);
    assert!(!files.iter().any(|(name, text)| name.starts_with("xl/worksheets") && text.contains("<f>")));
    for id in ids {
        assert!(files["xl/sharedStrings.xml"].contains(&format!("<t>{id}</t>")), "{id}");
    }
    // Column B holds the ids: every cell of it refers to a shared string.
    let stores = &files["xl/worksheets/sheet2.xml"];
    let cells: Vec<&str> = stores.split("<c r=\"B").skip(1).collect();
    assert_eq!(cells.len(), 13);
    assert!(cells.iter().all(|cell| cell.split('>').next().is_some_and(|tag| tag.contains("t=\"s\""))));
}

#[test]
fn amounts_are_numbers_with_the_decimals_of_their_currency() {
    let dollars = files(&fixture::study(0));
    assert!(dollars["xl/worksheets/sheet2.xml"].contains("<v>522000</v>"));
    // Number format 4 of the standard is `#,##0.00`, 3 is `#,##0`.
    assert!(dollars["xl/styles.xml"].contains("numFmtId=\"4\"") || dollars["xl/styles.xml"].contains("#,##0.00"));
    let mut study = fixture::study(0);
    study.currency = "KWD".parse().expect("KWD is a code");
    assert!(files(&study)["xl/styles.xml"].contains("#,##0.000"));
}

#[test]
fn a_text_too_long_for_a_cell_is_named() {
    let mut study = fixture::study(60);
    study.not_modelled[0] = "x".repeat(32_767);
    assert!(workbook(&study).is_ok());
    study.not_modelled[0].push('x');
    let error = workbook(&study).expect_err("one character too many");
    assert_eq!(error.code(), Some("E-OUT-002"));
    assert!(error.to_string().contains("`Decision, row ") && error.to_string().contains("32768"), "{error}");
}

#[test]
fn an_as_of_that_is_no_date_is_refused() {
    let mut study = fixture::study(60);
    study.provenance.as_of = "yesterday".into();
    assert!(matches!(workbook(&study), Err(ReportError::Workbook(_))));
}
