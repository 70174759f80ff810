//! `forecast` and `backtest`, from a table to its rows.

use std::fs;

use domain::calendar::{Date, Days};

use crate::support::{Project, cornerstone};

/// `series` weekly series of `weeks` rows, by rule.
fn table(series: usize, weeks: usize) -> Vec<String> {
    let mut rows = Vec::new();
    for id in 0..series {
        for week in 0..weeks {
            let date = Date::from_ymd_opt(2024, 1, 1).expect("a date") + Days::new(7 * week as u64);
            let y = 20 + 3 * id + (week * 7 + id * 5) % 11 + 8 * usize::from(week % 13 < 3);
            rows.push(format!("s{id:03},{date},{y}"));
        }
    }
    rows
}

fn write(folder: &tempfile::TempDir, name: &str, rows: &[String]) {
    fs::write(folder.path().join(name), format!("unique_id,ds,y\n{}\n", rows.join("\n"))).expect("written");
}

#[test]
fn a_table_of_series_is_forecast_whatever_the_order_of_its_rows_the_threads_and_the_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut rows = table(40, 110);
    write(&folder, "one.csv", &rows);
    rows.reverse();
    let half = rows.len() / 3;
    rows.rotate_left(half);
    fs::create_dir(folder.path().join("parts")).expect("a folder");
    let (first, second) = rows.split_at(half);
    write(&folder, "parts/a.csv", first);
    write(&folder, "parts/b.csv", second);
    let run = |args: &[&str]| {
        let told = cornerstone(folder.path(), &[&["forecast", "--horizon", "5"], args].concat());
        assert_eq!(told.code, 0, "{told:?}");
        told
    };
    let told = run(&["--input", "one.csv"]);
    assert!(told.err.contains("40 series, 4400 rows; a period is a week, a season 52 periods"), "{}", told.err);
    let lines: Vec<&str> = told.out.lines().collect();
    assert_eq!(lines[0], "unique_id,ds,mean,lo-80,hi-80,lo-95,hi-95,method");
    assert_eq!(lines.len(), 1 + 40 * 5);
    assert!(lines[1].starts_with("s000,2026-02-09,"), "{}", lines[1]);
    let cells = |line: &str| -> Vec<f64> {
        line.split(',').skip(2).take(5).map(|cell| cell.parse().expect("a number")).collect()
    };
    for line in &lines[1..] {
        let [mean, low, high, lowest, highest] = cells(line)[..] else { panic!("{line}") };
        assert!(0.0 <= lowest && lowest <= low && low <= high && high <= highest && mean >= 0.0, "{line}");
    }
    for args in [
        vec!["--input", "parts", "--threads", "1"],
        vec!["--input", "parts/a.csv", "--input", "parts/b.csv"],
        vec!["--input", "parts/*.csv", "--memory-max", "64MiB", "--freq", "W"],
    ] {
        assert_eq!(run(&args).out, told.out, "{args:?}");
    }
    run(&["--input", "one.csv", "--output", "out.parquet", "--level", "50"]);
    assert!(fs::read(folder.path().join("out.parquet")).expect("written").starts_with(b"PAR1"));
    let again =
        cornerstone(folder.path(), &["forecast", "--horizon", "5", "--input", "one.csv", "--output", "out.parquet"]);
    assert_eq!(again.code, 2, "nothing is overwritten: {again:?}");
}

#[test]
fn a_method_is_chosen_by_name_and_named() {
    let folder = tempfile::tempdir().expect("a folder");
    // A season of 13 of these weeks, eight times.
    write(&folder, "t.csv", &table(6, 110));
    let run = |more: &[&str]| {
        let args = ["forecast", "--input", "t.csv", "--horizon", "4", "--season", "13"];
        let told = cornerstone(folder.path(), &[&args, more].concat());
        assert_eq!(told.code, 0, "{told:?}");
        told.out
    };
    let by = |methods| run(&["--methods", methods]);
    assert_eq!(by("middle"), run(&[]));
    let (mstl, all) = (by("mstl"), by("all"));
    assert_eq!(mstl.matches("MSTL, and exponential smoothing of what it leaves").count(), 6 * 4, "{mstl}");
    assert_eq!(all.matches("autoregression and MSTL").count(), 6 * 4, "{all}");
    // Parameters are those of the methods that were asked for.
    let kept = ["--methods", "mstl", "--incremental", "kept"];
    assert_eq!((run(&kept), run(&kept)), (mstl.clone(), mstl));
    assert_eq!(run(&["--incremental", "kept"]), run(&[]));
    let refused = ["forecast", "--input", "t.csv", "--horizon", "4", "--methods", "mstl", "--exogenous", "price"];
    assert_eq!(cornerstone(folder.path(), &refused).code, 2);
}

#[test]
fn rows_that_are_none_are_named_and_nothing_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let refused = |rows: &[&str], code: u8, said: &str| {
        let rows: Vec<String> = rows.iter().map(|row| (*row).to_owned()).collect();
        write(&folder, "bad.csv", &rows);
        let told =
            cornerstone(folder.path(), &["forecast", "--input", "bad.csv", "--horizon", "3", "--output", "o.csv"]);
        assert_eq!(told.code, i32::from(code), "{told:?}");
        assert!(told.err.contains(said) && told.out.is_empty(), "{told:?}");
        let left: Vec<_> = fs::read_dir(folder.path()).expect("a folder").collect();
        assert_eq!(left.len(), 1, "{left:?}");
    };
    refused(&["a,2026-01-05,1", "a,2026-01-12,x"], 3, "bad.csv:3 [y]: the cell is no number");
    refused(&["a,2026-01-05,1", "a,2026-01-12,-4"], 3, "bad.csv:3 [y]: the number is negative");
    refused(&["a,2026-01-05,1", "a,2026-01-12,NaN"], 3, "bad.csv:3 [y]");
    refused(&["a,2026-01-05,1", "a,2026-02-30,4"], 3, "bad.csv:3 [ds]");
    refused(&["a,2026-01-05,1", "a,7,4"], 3, "bad.csv:3 [ds]");
    refused(&["a,2026-01-05,1", ",2026-01-12,4"], 3, "bad.csv:3 [unique_id]: the cell is blank");
    refused(
        &["a,2026-01-05,1", "a,2026-01-12,2", "a,2026-01-12,3"],
        3,
        "series `a` has 2 rows in the period of 2026-01-12",
    );
    refused(&["a,2026-01-05T00:00:00+01:00,1", "a,2026-01-06T00:00:00+01:00,2"], 3, "has a time zone");
    refused(&["a,20260105,1", "a,20260106,2"], 3, "look like dates");
    refused(&["a,5,1", "a,1700000000,2"], 3, "more than 100000");
    refused(&["a,9223372036854775806,1"], 2, "beyond the calendar");
}

#[test]
fn what_a_period_is_is_told_by_series_of_three_rows_where_there_are_any() {
    let folder = tempfile::tempdir().expect("a folder");
    let told = |rows: &[&str], said: &str| {
        let rows: Vec<String> = rows.iter().map(|row| (*row).to_owned()).collect();
        write(&folder, "t.csv", &rows);
        let told = cornerstone(folder.path(), &["forecast", "--input", "t.csv", "--horizon", "1"]);
        assert!(told.code == 0 && told.err.contains(said), "{told:?}");
    };
    // Retail quarters; a new series has two of them, 89 days apart.
    let quarters = ["a,2025-11-01,1", "a,2026-02-01,2", "a,2026-05-01,3", "b,2026-02-01,1", "b,2026-05-01,1"];
    told(&quarters, "a period is a quarter");
    told(&["a,2026-02-01,1", "a,2026-05-01,3"], "a period is a quarter");
    told(&["a,2026-01-05,1", "a,2026-01-19,2", "a,2026-02-02,3"], "a period is a fortnight, a season 26");
    told(&["a,2026-01-05,1", "a,2026-02-02,2", "a,2026-03-02,3"], "a period is four weeks, a season 13");
    told(&["a,2025-01-06,1", "a,2026-01-05,2", "a,2027-01-04,2"], "a period is a year");
    told(&["a,2026-01-05,1", "a,2026-01-06,2", "a,2026-01-09,3"], "a period is a day");
    told(&["a,2026-01-05T00:00:00,1", "a,2026-01-05T01:00:00,2"], "a period is an hour");
    // A return that rounds to nothing is no negative number.
    told(&["a,1,-0.0", "a,2,3"], "a period is a step of 1");
}

#[test]
fn a_gap_is_no_zero_and_months_end_with_months() {
    let folder = tempfile::tempdir().expect("a folder");
    let rows: Vec<String> = ["a,2026-01-31,30", "a,2026-02-28,", "a,2026-03-31,30", "b,2026-03-31,"]
        .iter()
        .map(|row| (*row).to_owned())
        .collect();
    write(&folder, "t.csv", &rows);
    let told = cornerstone(folder.path(), &["forecast", "--input", "t.csv", "--horizon", "2"]);
    assert_eq!(told.code, 0, "{told:?}");
    assert!(told.err.contains("a period is a month") && told.err.contains("1 series have no known value"), "{told:?}");
    let lines: Vec<&str> = told.out.lines().skip(1).collect();
    assert_eq!(lines.len(), 2);
    assert!(lines[0].starts_with("a,2026-04-30,30,") && lines[1].starts_with("a,2026-05-31,30,"), "{lines:?}");
}

#[test]
fn a_scenario_is_forecast_and_its_past_is_judged() {
    let project = Project::sample();
    let told = project.run(&["forecast", "p/scenarios/base.toml"]);
    assert_eq!(told.code, 0, "{told:?}");
    let head = told.out.lines().next().expect("a header");
    assert_eq!(head, "store_id,device,mean,q025,q10,q25,q50,q75,q90,q975,level,basis,methods,analogs,contributions");
    let tested = project.run(&["backtest", "p/scenarios/base.toml", "--horizon", "8", "--output", "b.html"]);
    assert_eq!(tested.code, 0, "{tested:?}");
    assert!(tested.out.contains("same week a season ago") && tested.out.contains("market GB"), "{}", tested.out);
    let page = fs::read_to_string(project.root().join("../b.html")).expect("the report");
    assert!(page.contains("By market and by length of history"));
    let json =
        project.run(&["backtest", "p/scenarios/base.toml", "--horizon", "8", "--output", "b.json", "--threads", "1"]);
    assert_eq!((json.code, &json.out), (0, &tested.out), "threads change nothing");
}

#[test]
fn declared_columns_explain_and_a_second_table_says_what_is_known_ahead() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut past, mut ahead) = (Vec::new(), Vec::new());
    for series in 0..12_usize {
        for day in 0..168_usize {
            let date = Date::from_ymd_opt(2026, 1, 5).expect("a date") + Days::new(day as u64);
            let promo = day / 7 % 3 == series % 3;
            let closed = usize::from(day % 7 == 6);
            // Weekdays differ, a promotion doubles, and a little noise by rule.
            let base = 20 + 4 * series + 5 * (day % 7) + (day * 13 + series * 7) % 5;
            let y = if closed == 1 { 0 } else { base * if promo { 2 } else { 1 } };
            if day < 154 {
                past.push(format!("s{series:02},{date},{y},{promo},{closed}"));
            } else {
                ahead.push((format!("s{series:02},{date},{promo},{closed}"), y));
            }
        }
    }
    let put = |name: &str, head: &str, rows: &[String]| {
        fs::write(folder.path().join(name), format!("{head}\n{}\n", rows.join("\n"))).expect("written");
    };
    put("past.csv", "unique_id,ds,y,promo,closed", &past);
    let known: Vec<String> = ahead.iter().map(|row| row.0.clone()).collect();
    put("ahead.csv", "unique_id,ds,promo,closed", &known);
    let forecast = |args: &[&str]| {
        let args = [&["forecast", "--input", "past.csv", "--horizon", "14"], args].concat();
        cornerstone(folder.path(), &args)
    };
    let told = forecast(&["--exogenous", "promo,closed", "--future", "ahead.csv"]);
    assert_eq!(told.code, 0, "{told:?}");
    let error = |out: &str| -> f64 {
        let lines: Vec<&str> = out.lines().skip(1).collect();
        assert_eq!(lines.len(), ahead.len());
        let mean = |line: &str| line.split(',').nth(2).and_then(|cell| cell.parse::<f64>().ok()).expect("a number");
        let off: f64 = lines.iter().zip(&ahead).map(|(line, row)| (mean(line) - row.1 as f64).abs()).sum();
        off / ahead.iter().map(|row| row.1 as f64).sum::<f64>()
    };
    let plain = forecast(&[]);
    assert_eq!(plain.code, 0, "{plain:?}");
    assert!(plain.err.contains("columns are not used: `promo`, `closed`"), "{}", plain.err);
    // Promotions double what is sold, and only one of the two knows when they are.
    assert!(error(&told.out) < 0.5 * error(&plain.out), "{} {}", error(&told.out), error(&plain.out));
    let threads = forecast(&["--exogenous", "promo,closed", "--future", "ahead.csv", "--threads", "1"]);
    assert_eq!(threads.out, told.out);
    let unknown = forecast(&["--exogenous", "prise"]);
    assert_eq!(unknown.code, 3, "{unknown:?}");
    past[3] = past[3].replace(",true,", ",maybe,").replace(",false,", ",maybe,");
    put("past.csv", "unique_id,ds,y,promo,closed", &past);
    let refused = forecast(&["--exogenous", "promo"]);
    assert_eq!(refused.code, 3, "{refused:?}");
    assert!(refused.err.contains("past.csv:5 [promo]: the cell is no number"), "{}", refused.err);
}

#[test]
fn what_is_kept_from_run_to_run_is_gone_on_from_and_only_what_was_published_is_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let all = table(30, 110);
    let until = |weeks: usize| -> Vec<String> { all.chunks(110).flat_map(|series| series[..weeks].to_vec()).collect() };
    write(&folder, "then.csv", &until(104));
    write(&folder, "now.csv", &all);
    let mut mended = all.clone();
    mended[7].push('1');
    write(&folder, "mended.csv", &mended);
    let run = |input: &str, more: &[&str]| {
        cornerstone(folder.path(), &[&["forecast", "--horizon", "5", "--input", input], more].concat())
    };
    let kept = ["--incremental", "kept"];
    let count = |text: &str| text.matches("parameters of an earlier fit").count();
    // The first run fits, the second has nothing to do but say it again, whatever the memory.
    let first = run("then.csv", &kept);
    assert_eq!((first.code, &first.out), (0, &run("then.csv", &[]).out));
    assert_eq!(run("then.csv", &["--incremental", "kept", "--memory-max", "64MiB", "--threads", "1"]).out, first.out);
    // Six weeks later all are updated; but for the one whose past is another now.
    let updated = run("now.csv", &kept);
    assert_eq!((updated.code, count(&updated.out)), (0, 30 * 5));
    assert_eq!(updated.out.lines().nth(1).map(|line| &line[..15]), Some("s000,2026-02-09"));
    let mended = run("mended.csv", &kept);
    assert_eq!(count(&mended.out), 29 * 5);
    let fitted = run("mended.csv", &[]).out;
    assert_eq!(mended.out.lines().nth(2), fitted.lines().nth(2));
    // What fails leaves nothing to go on from.
    let failed = run("then.csv", &["--incremental", "other", "--output", "no/such/folder.csv"]);
    assert_ne!(failed.code, 0, "{failed:?}");
    assert_eq!(count(&run("now.csv", &["--incremental", "other"]).out), 0);
    // No such file, and no such request.
    fs::write(folder.path().join("text"), "unique_id,ds,y\n".repeat(400)).expect("written");
    let refused = run("now.csv", &["--incremental", "text"]);
    assert_eq!(refused.code, 11, "{refused:?}");
    assert!(refused.err.contains("E-IO-004") && refused.out.is_empty(), "{refused:?}");
    assert_eq!(fs::read(folder.path().join("text")).expect("still there").len(), 15 * 400);
    assert_eq!(run("now.csv", &["--incremental", "kept", "--exogenous", "price"]).code, 2);
}
