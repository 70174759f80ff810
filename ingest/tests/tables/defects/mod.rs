//! Every planted defect gets its code, its exit code and its place.

use crate::common::{STORES, Sample, WEEKS, mapped, monday, show};
use domain::diagnostic::{Diagnostic, Severity};
use domain::settings::ZeroRows;
use ingest::{Mapped, Source};

mod cases;

use cases::{cases, line, repeat_line, scale_units};

#[test]
fn every_planted_defect_is_found_at_its_place() {
    let mut wrong = Vec::new();
    for case in cases() {
        let mut sample = Sample::clean();
        (case.plant)(&mut sample);
        let findings = match sample.load() {
            Ok(_) => {
                wrong.push(format!("{} {}: accepted", case.id, case.code));
                continue;
            }
            Err(findings) => findings,
        };
        let fits = |finding: &&Diagnostic| {
            finding.code == case.code
                && finding.place.file == case.file
                && finding.place.line == case.line
                && finding.place.column.as_deref() == case.column
                && finding.refusal.is_some_and(|refusal| refusal.exit_code() == case.exit)
                && case.says.iter().all(|words| finding.cause.contains(words))
                && !finding.action.is_empty()
        };
        if findings.iter().find(fits).is_none() {
            wrong.push(format!("{} {} {:?}:{:?}: {:?}", case.id, case.code, case.line, case.column, case.says));
            wrong.push(show(&findings));
        }
        if show(&findings).contains("CANARY") {
            wrong.push(format!("{} {}: shows a value of the health table", case.id, case.code));
        }
        // One defect is one story: no other code of the same severity.
        let others: Vec<_> = findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error && finding.code != case.code)
            .map(|finding| finding.code)
            .collect();
        if !others.is_empty() {
            wrong.push(format!("{} {}: also {others:?}", case.id, case.code));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// (row, plant, code, severity, words): the load succeeds and says so.
#[test]
fn what_does_not_refuse_is_said() {
    type Plant = fn(&mut Sample);
    let cases: Vec<(&str, &str, Severity, &str, Plant)> = vec![
        ("F011", "I-CSV-BOM", Severity::Info, "byte order", |s| {
            s.bytes("zones").splice(0..0, *b"\xef\xbb\xbf").for_each(drop)
        }),
        ("F018", "W-SCH-002", Severity::Warning, "stokout", |s| {
            s.lines("sales", |l| l[0] = l[0].replace("stockout", "stokout"))
        }),
        ("F035", "W-GAP-001", Severity::Warning, "2 weeks are missing inside 1 series", |s| {
            s.settings.zero_rows = ZeroRows::Missing;
            s.lines("sales", |l| drop(l.drain(line(0, 1, 20) - 1..line(0, 1, 22) - 1)));
        }),
        ("F035", "W-GAP-001", Severity::Warning, "no store has a row in 1 weeks", |s| {
            let week = format!(",{},", monday(20));
            s.lines("sales", |l| l.retain(|l| !l.contains(&week)));
        }),
        ("F045", "W-OUT-001", Severity::Warning, "1000000000 units", |s| {
            s.set("sales", line(3, 1, 9), "units", "1000000000")
        }),
        ("F047", "I-ZERO", Severity::Info, "24 series", |s| scale_units(s, "cuff", 0, 0)),
        ("F049", "W-CENS-001", Severity::Warning, "1 steady series", |s| {
            s.lines("sales", |l| l[0] = l[0].replace("stockout", "note"));
            for week in 10..13 {
                s.set("sales", line(3, 1, week), "units", "0");
            }
        }),
        ("F050", "W-HIST-001", Severity::Warning, "12 weeks", |s| {
            let from = format!("{}", monday(WEEKS - 12));
            s.lines("sales", |l| {
                let header = l.remove(0);
                l.retain(|l| crate::common::split(l)[2] >= from);
                l.insert(0, header);
            });
        }),
        ("F056", "W-GEO-002", Severity::Warning, "S004", |s| {
            let rows: Vec<Vec<String>> = s.text("stores").lines().map(crate::common::split).collect();
            s.set("stores", 6, "lat", &rows[2][2]);
            s.set("stores", 6, "lon", &rows[2][3]);
        }),
        ("F066", "W-REF-003", Severity::Warning, "`uk`", |s| s.lines("zones", |l| l.retain(|l| !l.contains(",uk,")))),
        ("F071", "I-PRV-SUP", Severity::Info, "24 suppressed", |s| *s = Sample::with_all()),
        ("", "W-REF-004", Severity::Warning, "S001", |s| s.set("stores", 3, "opened", "2026-06-01")),
    ];
    for (id, code, severity, words, plant) in cases {
        let mut sample = Sample::clean();
        plant(&mut sample);
        let loaded = sample.load().unwrap_or_else(|findings| panic!("{id} {code}: {}", show(&findings)));
        let loud: Vec<_> = loaded.findings.iter().filter(|finding| finding.severity >= severity).collect();
        assert!(
            loud.iter()
                .any(|finding| finding.code == code && finding.severity == severity && finding.cause.contains(words)),
            "{id} {code}: {}",
            show(&loaded.findings)
        );
        assert!(
            loud.iter().all(|finding| finding.code == code || severity == Severity::Info),
            "{id}: {}",
            show(&loaded.findings)
        );
    }
}

#[test]
fn all_findings_are_collected_and_counted() {
    let mut sample = Sample::clean();
    for line in 2..42 {
        sample.set("sales", line, "units", "x");
    }
    sample.set("zones", 4, "population", "-1");
    sample.set("devices", 2, "price", "free");
    let findings = sample.load().expect_err("refused");
    let codes: Vec<&str> = findings.iter().map(|finding| finding.code).collect();
    assert_eq!(codes.iter().filter(|code| **code == "E-VAL-001").count(), 5, "{}", show(&findings));
    assert!(show(&findings).contains("and 35 more like it"), "{}", show(&findings));
    assert!(codes.contains(&"E-VAL-008") && codes.contains(&"E-VAL-007"));
}

#[test]
fn a_quarantine_leaves_bad_rows_out_within_its_budget() {
    let mut sample = Sample::clean();
    sample.set("sales", 9, "units", "x");
    sample.lines("sales", |lines| lines[11].push_str(",9"));
    repeat_line(&mut sample, "sales", 30);
    sample.set("zones", 4, "population", "0");
    sample.tables.quarantine.rows_max = 3;
    assert!(sample.load().is_err());
    sample.tables.quarantine.rows_max = 4;
    let loaded = sample.load().unwrap_or_else(|findings| panic!("{}", show(&findings)));
    assert_eq!(loaded.findings.iter().filter(|finding| finding.cause.contains("row left out")).count(), 4);
    assert_eq!(loaded.market.zones.len(), STORES - 1);
    let mut expected = Sample::clean();
    expected.lines("sales", |lines| {
        lines.remove(11);
        lines.remove(8);
    });
    expected.lines("zones", |lines| drop(lines.remove(3)));
    assert_eq!(loaded.market.content_hash().hex(), expected.hash());
}

#[test]
fn a_screen_that_was_looked_at_is_a_warning() {
    let mut sample = Sample::clean();
    scale_units(&mut sample, "cuff", 20, 10);
    sample.tables.acknowledge = vec![ingest::Screen::Unit];
    let loaded = sample.load().unwrap_or_else(|findings| panic!("{}", show(&findings)));
    assert!(loaded.findings.iter().any(|finding| finding.code == "E-UOM-001" && finding.severity == Severity::Warning));
}

#[test]
fn returns_are_netted_where_the_scenario_says_so() {
    let mut sample = Sample::clean();
    sample.set("sales", 9, "units", "-3");
    sample.tables.sales = Source::Mapped(Mapped { returns: true, ..mapped("sales.csv") });
    let loaded = sample.load().unwrap_or_else(|findings| panic!("{}", show(&findings)));
    assert_eq!(loaded.market.sales.units[7], 0);
    assert!(loaded.findings.iter().any(|finding| finding.code == "I-RET-001"));
}

#[test]
fn a_query_that_is_no_query_over_the_columns_is_the_scenarios_fault() {
    for (sql, words) in [
        ("SELECT shop AS store_id FROM sales", "`shop`"),
        ("SELEKT 1", "not SQL"),
        ("DROP TABLE sales", "can't be planned"),
        ("COPY sales TO 'out.csv'", "can't be planned"),
    ] {
        let mut sample = Sample::clean();
        sample.tables.sales = Source::Mapped(Mapped { sql: Some(sql.to_owned()), ..mapped("sales.csv") });
        let findings = sample.load().expect_err("refused");
        assert!(
            findings.iter().any(|finding| finding.code == "E-SQL-001"
                && finding.refusal == Some(domain::diagnostic::Refusal::Usage)
                && finding.cause.contains(words)),
            "{sql}: {}",
            show(&findings)
        );
    }
}

#[test]
fn an_input_that_changes_is_worth_a_retry() {
    let sample = Sample::clean();
    let folder = sample.write();
    let loaded = sample.load_in(folder.path()).unwrap_or_else(|findings| panic!("{}", show(&findings)));
    assert!(ingest::recheck(&loaded.inputs).is_ok());
    let path = folder.path().join("zones.csv");
    let mut bytes = std::fs::read(&path).expect("read");
    bytes[200] ^= 1;
    std::fs::write(&path, bytes).expect("write");
    let finding = ingest::recheck(&loaded.inputs).expect_err("changed");
    assert_eq!((finding.code, finding.refusal), ("E-IN-005", Some(domain::diagnostic::Refusal::Transient)));
}

#[cfg(unix)]
#[test]
fn special_files_and_link_loops_are_refused() {
    let mut sample = Sample::clean();
    let folder = sample.write();
    let path = |name: &str| folder.path().join(name);
    std::os::unix::fs::symlink(path("b.csv"), path("a.csv")).expect("link");
    std::os::unix::fs::symlink(path("a.csv"), path("b.csv")).expect("link");
    std::os::unix::fs::symlink("/proc/self/mem", path("mem.csv")).expect("link");
    for name in ["a.csv", "mem.csv"] {
        sample.tables.zones = Source::Path(name.into());
        let findings = sample.load_in(folder.path()).expect_err("refused");
        assert!(findings.iter().any(|finding| finding.code == "E-PATH-001"), "{}", show(&findings));
    }
    std::os::unix::fs::symlink(path("zones.csv"), path("good.csv")).expect("link");
    sample.tables.zones = Source::Path("good.csv".into());
    assert!(sample.load_in(folder.path()).is_ok());
}
