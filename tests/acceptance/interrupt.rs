//! Ctrl-C and SIGTERM while series are forecast.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::Duration;

use domain::calendar::{Date, Days};

use crate::support::{Told, cornerstone, signalled};

/// So many weekly series of 200 rows, by rule.
fn table(series: usize, promo: bool) -> String {
    let mut text = format!("unique_id,ds,y{}\n", if promo { ",promo" } else { "" });
    for id in 0..series {
        for week in 0..200 {
            let date = Date::from_ymd_opt(2022, 1, 3).expect("a date") + Days::new(7 * week as u64);
            let y = 30 + id % 50 + (week * 7 + id * 5) % 11 + 8 * usize::from(week % 52 < 9);
            write!(text, "s{id:05},{date},{y}").expect("text");
            text.push_str(if promo { if (week + id) % 5 == 0 { ",1\n" } else { ",0\n" } } else { "\n" });
        }
    }
    text
}

/// Starts a forecast and signals it a while after it has begun on the series.
fn forecast(folder: &Path, args: &[&str], signal: &str) -> Told {
    let args = [&["forecast", "--input", "many.csv", "--horizon", "13"], args].concat();
    signalled(folder, &args, "a period is a week", Duration::from_millis(300), signal)
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_signal_ends_a_forecast_and_nothing_of_it_is_left() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    // Many seconds of work.
    fs::write(folder.join("many.csv"), table(12_000, false)).expect("written");
    for (signal, code, args) in [
        ("-INT", 130, vec!["--output", "out.parquet"]),
        ("-TERM", 143, vec!["--output", "out.csv"]),
        ("-INT", 130, vec!["--methods", "all", "--threads", "1"]),
        ("-TERM", 143, vec!["--incremental", "kept"]),
    ] {
        let told = forecast(folder, &args, signal);
        assert_eq!(told.code, code, "{told:?}");
        // It says so itself: it was not made to end.
        assert!(told.err.contains("E-SIG-001") && told.out.is_empty(), "{told:?}");
        assert!(names(folder).iter().all(|name| name == "many.csv" || name == "kept"), "{:?}", names(folder));
    }
    // What the interrupted run fitted is not gone on from.
    let few: String = table(20, false).lines().take(1 + 20 * 200).fold(String::new(), |text, line| text + line + "\n");
    fs::write(folder.join("few.csv"), few).expect("written");
    let args = ["forecast", "--input", "few.csv", "--horizon", "2"];
    let (with, without) =
        (cornerstone(folder, &[&args[..], &["--incremental", "kept"]].concat()), cornerstone(folder, &args));
    assert_eq!((with.code, &with.out), (0, &without.out), "{with:?}");
}

#[test]
fn a_signal_ends_a_forecast_by_columns_that_explain() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    fs::write(folder.join("many.csv"), table(1_000, true)).expect("written");
    let args = ["--exogenous", "promo", "--output", "out.csv"];
    let told = forecast(folder, &args, "-TERM");
    assert_eq!((told.code, told.out.as_str()), (143, ""), "{told:?}");
    assert!(told.err.contains("E-SIG-001"), "{told:?}");
    assert_eq!(names(folder), ["many.csv"]);
}
