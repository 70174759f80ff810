//! Ctrl-C and SIGTERM while series are forecast.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use domain::calendar::{Date, Days};

use crate::support::cornerstone;

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

/// Starts a forecast, signals it once it has begun on the series, and gives its code and what it said.
fn signalled(folder: &Path, signal: &str, args: &[&str]) -> (Option<i32>, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_cornerstone"))
        .args(["forecast", "--input", "many.csv", "--horizon", "13"])
        .args(args)
        .current_dir(folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut err = BufReader::new(child.stderr.take().expect("piped"));
    let mut said = String::new();
    err.read_line(&mut said).expect("text");
    assert!(said.contains("a period is a week"), "{said}");
    std::thread::sleep(Duration::from_millis(300));
    let pid = child.id().to_string();
    assert!(Command::new("kill").args([signal, &pid]).status().expect("kill runs").success());
    let mut out = String::new();
    err.read_to_string(&mut said).expect("text");
    child.stdout.take().expect("piped").read_to_string(&mut out).expect("text");
    (child.wait().expect("it ends").code(), out, said)
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
        let (ended, out, said) = signalled(folder, signal, &args);
        assert_eq!(ended, Some(code), "{args:?}: {said}");
        // It says so itself: it was not made to end.
        assert!(said.contains("E-SIG-001") && out.is_empty(), "{args:?}: {said} {out}");
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
    let (ended, out, said) = signalled(folder, "-TERM", &args);
    assert_eq!((ended, out.as_str()), (Some(143), ""), "{said}");
    assert!(said.contains("E-SIG-001"), "{said}");
    assert_eq!(names(folder), ["many.csv"]);
}
