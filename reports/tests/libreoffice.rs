//! The workbook of ten thousand stores as LibreOffice opens it: every sheet, nothing lost, ids as they were.

mod fixture;

use std::fs;
use std::path::Path;
use std::process::Command;

/// Opens a workbook and gives each sheet's rows, as texts; none where there is no LibreOffice.
fn opened(workbook: &[u8]) -> Option<Vec<(String, String)>> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("plan.xlsx");
    fs::write(&file, workbook).expect("written");
    let profile = format!("-env:UserInstallation=file://{}", folder.path().join("profile").display());
    // Comma, quotes, UTF-8, as shown, every sheet a file.
    let to = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1";
    let told = Command::new("soffice")
        .args([profile.as_str(), "--headless", "--convert-to", to, "--outdir"])
        .arg(folder.path())
        .arg(&file)
        .output();
    let Ok(told) = told else {
        eprintln!("skipped: there is no LibreOffice (scripts/setup.sh office)");
        return None;
    };
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let sheet = |path: &Path| {
        let name = path.file_stem()?.to_str()?.strip_prefix("plan-")?.to_owned();
        Some((name, fs::read_to_string(path).ok()?))
    };
    let entries = fs::read_dir(folder.path()).expect("the folder").map(|entry| entry.expect("an entry").path());
    let csv = entries.filter(|path| path.extension().is_some_and(|ending| ending == "csv"));
    let mut sheets: Vec<(String, String)> = csv.filter_map(|path| sheet(&path)).collect();
    sheets.sort();
    Some(sheets)
}

#[test]
fn the_workbook_of_ten_thousand_stores_opens_whole() {
    let mut study = fixture::study(10_000);
    study.plan.stores[0].store_id = "007".into();
    study.plan.stores[1].store_id = "=1+1".into();
    let bytes = reports::workbook(&study).expect("the fixture fits a workbook");
    assert!(bytes == reports::workbook(&study).expect("again"), "the same study has the same bytes");
    let Some(sheets) = opened(&bytes) else { return };
    let names: Vec<&str> = sheets.iter().map(|sheet| sheet.0.as_str()).collect();
    let all =
        ["Controls", "Decision", "Demand", "Markets", "Nearest misses", "Provenance", "Stock", "Stores", "Stress"];
    assert_eq!(names, all);
    let of = |name: &str| &sheets[all.iter().position(|known| *known == name).expect("a sheet")].1;
    assert_eq!(of("Stores").lines().count(), 1 + study.plan.stores.len());
    assert_eq!(of("Stock").lines().count(), 1 + study.plan.stock.len());
    assert!(of("Stores").contains("\n1,007,") && of("Stores").contains("\n2,=1+1,"), "{}", of("Stores"));
    for (name, text) in &sheets {
        assert!(!text.contains("#VALUE!") && !text.contains("Err:"), "{name}: {text}");
    }
}
