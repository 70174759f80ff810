//! `cornerstone solve` on small instances whose optimum is found here by trying every open set, and on input
//! that is refused.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::support::{Told, cornerstone, signalled};

/// Numbers in [0, 1) by position.
fn draw(at: usize) -> f64 {
    let mut state = (at as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    ((state ^ (state >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// Sites and weighted zones.
struct Case {
    sites: Vec<(f64, f64)>,
    zones: Vec<(f64, f64, f64)>,
}

impl Case {
    /// Points of the plane, or of an area some hundred kilometres wide on the globe.
    fn new(seed: usize, globe: bool) -> Self {
        let at = |number: usize| draw(1_000 * seed + number);
        let place = |number: usize| {
            let (a, b) = (at(2 * number), at(2 * number + 1));
            if globe { (45.0 + 5.0 * a, 8.0 * b - 4.0) } else { (100.0 * a, 100.0 * b) }
        };
        let zone = |number: usize| {
            let (a, b) = place(100 + number);
            (a, b, (1.0 + 99.0 * at(500 + number)).round())
        };
        Self { sites: (0..9).map(place).collect(), zones: (0..25).map(zone).collect() }
    }

    /// Writes both tables, with ids and a column that nobody asked for.
    fn write(&self, folder: &Path, axes: &str) {
        let mut sites = format!("site,{axes},name\n");
        for (number, (a, b)) in self.sites.iter().enumerate() {
            sites.push_str(&format!("S-{number},{a},{b},n{number}\n"));
        }
        let mut zones = format!("zone_id,{axes},weight\n");
        for (number, (a, b, weight)) in self.zones.iter().enumerate() {
            zones.push_str(&format!("Z-{number},{a},{b},{weight}\n"));
        }
        fs::write(folder.join("sites.csv"), sites).expect("write");
        fs::write(folder.join("zones.csv"), zones).expect("write");
    }

    /// The best of `value` over every set of `p` sites, the highest if `most`.
    fn best(&self, p: u32, most: bool, value: impl Fn(&[usize]) -> f64) -> f64 {
        let sets = (0_u32..1 << self.sites.len()).filter(|set| set.count_ones() == p);
        let open = |set: u32| (0..self.sites.len()).filter(|site| set >> site & 1 == 1).collect::<Vec<_>>();
        let values = sets.map(|set| value(&open(set)));
        if most { values.fold(f64::NEG_INFINITY, f64::max) } else { values.fold(f64::INFINITY, f64::min) }
    }
}

fn plane(one: (f64, f64), other: (f64, f64)) -> f64 {
    (one.0 - other.0).hypot(one.1 - other.1)
}

/// Great-circle kilometres, by the haversine.
fn globe(one: (f64, f64), other: (f64, f64)) -> f64 {
    let [a, b, c, d] = [one.0, one.1, other.0, other.1].map(f64::to_radians);
    let h = ((a - c) / 2.0).sin().powi(2) + a.cos() * c.cos() * ((b - d) / 2.0).sin().powi(2);
    2.0 * 6_371.008_8 * h.sqrt().asin()
}

fn solve(folder: &Path, args: &[&str]) -> Told {
    let mut all = vec!["solve"];
    all.extend(args);
    cornerstone(folder, &all)
}

fn json(told: &Told) -> serde_json::Value {
    serde_json::from_str(&told.out).unwrap_or_else(|error| panic!("{error}: {told:?}"))
}

fn own(folder: &Path, law: &[&str]) -> Told {
    let mut args = vec!["--sites", "sites.csv", "--zones", "zones.csv", "--law"];
    args.extend(law);
    solve(folder, &args)
}

/// Asserts a proven answer with this objective.
fn proven(told: &Told, objective: f64) {
    assert_eq!(told.code, 0, "{told:?}");
    let answer = json(told);
    assert_eq!(answer["status"], "proven", "{answer}");
    let found = answer["objective"].as_f64().expect("an objective");
    assert!((found - objective).abs() <= 1e-6 * objective.abs().max(1.0), "{found} is not {objective}");
}

#[test]
fn every_law_finds_the_optimum_of_every_set() {
    for (seed, round) in [(1, false), (2, true), (3, false), (4, true)] {
        let folder = tempfile::tempdir().expect("a folder");
        let case = Case::new(seed, round);
        case.write(folder.path(), if round { "lat,lon" } else { "x,y" });
        let far = |site: usize, zone: &(f64, f64, f64)| {
            let (one, other) = (case.sites[site], (zone.0, zone.1));
            if round { globe(one, other) } else { plane(one, other) }
        };
        let least = |open: &[usize], zone: &(f64, f64, f64)| {
            open.iter().map(|&site| far(site, zone)).fold(f64::INFINITY, f64::min)
        };
        let sum = |of: &dyn Fn(&(f64, f64, f64)) -> f64| case.zones.iter().map(|zone| zone.2 * of(zone)).sum::<f64>();
        for p in [1, 3] {
            let count = p.to_string();
            let nearest = case.best(p, false, |open| sum(&|zone| least(open, zone)));
            proven(&own(folder.path(), &["nearest", "--p", &count]), nearest);
            let radius = if round { 150.0 } else { 22.0 };
            let covered = case.best(p, true, |open| sum(&|zone| f64::from(least(open, zone) <= radius)));
            proven(&own(folder.path(), &["coverage", "--p", &count, "--radius", &radius.to_string()]), covered);
            let beta = if round { 0.01 } else { 0.07 };
            let pulled =
                |open: &[usize], zone: &(f64, f64, f64)| open.iter().map(|&site| (-beta * far(site, zone)).exp()).sum();
            let share = |open: &[usize], zone: &(f64, f64, f64)| -> f64 {
                let pulled: f64 = pulled(open, zone);
                pulled / (0.2 + pulled)
            };
            let captured = case.best(p, true, |open| sum(&|zone| share(open, zone)));
            let args = ["share", "--p", &count, "--beta", &beta.to_string(), "--outside", "0.2"];
            proven(&own(folder.path(), &args), captured);
        }
    }
}

#[test]
fn the_answer_has_these_keys_and_names_the_open_sites() {
    let folder = tempfile::tempdir().expect("a folder");
    Case::new(1, false).write(folder.path(), "x,y");
    let told = own(folder.path(), &["nearest", "--p", "2", "--threads", "1"]);
    assert!(told.err.contains("planned memory: ") && told.err.contains("`name`"), "{}", told.err);
    let order = [
        "instance",
        "formulation",
        "p",
        "status",
        "objective",
        "bound",
        "gap",
        "open",
        "open_ids",
        "nodes",
        "seconds",
        "threads",
        "version",
    ];
    let places: Vec<usize> = order
        .iter()
        .map(|key| told.out.find(&format!("\"{key}\":")).unwrap_or_else(|| panic!("{key} of {}", told.out)))
        .collect();
    assert!(places.is_sorted(), "{}", told.out);
    let answer = json(&told);
    assert_eq!(answer.as_object().map(serde_json::Map::len), Some(order.len()), "{answer}");
    assert_eq!((&answer["instance"], &answer["p"], &answer["threads"]), (&"sites".into(), &2.into(), &1.into()));
    let open: Vec<String> = answer["open"].as_array().expect("sites").iter().map(|site| format!("S-{site}")).collect();
    assert_eq!(answer["open_ids"], serde_json::json!(open));
    assert_eq!(answer["version"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn weights_with_decimals_are_exact_and_threads_change_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut case = Case::new(5, false);
    case.zones.iter_mut().for_each(|zone| zone.2 /= 8.0);
    case.write(folder.path(), "x,y");
    let least = |open: &[usize], zone: &(f64, f64, f64)| {
        open.iter().any(|&site| plane(case.sites[site], (zone.0, zone.1)) <= 25.0)
    };
    let covered =
        case.best(2, true, |open| case.zones.iter().filter(|zone| least(open, zone)).map(|zone| zone.2).sum());
    let args = ["coverage", "--p", "2", "--radius", "25", "--threads"];
    let [one, two] = ["1", "2"].map(|threads| own(folder.path(), &[args.as_slice(), &[threads]].concat()));
    proven(&one, covered);
    assert!(one.err.contains("units of 1e-3, exactly"), "{}", one.err);
    let [one, two] = [json(&one), json(&two)];
    assert_eq!((&one["open"], &one["bound"]), (&two["open"], &two["bound"]));
}

#[test]
fn maximal_covering_is_read_and_proven() {
    let folder = tempfile::tempdir().expect("a folder");
    let case = Case::new(6, false);
    let mut text = format!("{} {}\n", case.sites.len(), case.zones.len());
    case.sites.iter().for_each(|(x, y)| text.push_str(&format!("{x} {y}\n")));
    case.zones.iter().for_each(|(x, y, weight)| text.push_str(&format!("{x} {y} {weight}\n")));
    fs::write(folder.path().join("c.mclp"), text).expect("write");
    let within = |open: &[usize], zone: &(f64, f64, f64)| {
        open.iter().any(|&site| plane(case.sites[site], (zone.0, zone.1)) <= 30.0)
    };
    let covered =
        case.best(3, true, |open| case.zones.iter().filter(|zone| within(open, zone)).map(|zone| zone.2).sum());
    let told = solve(folder.path(), &["c.mclp", "--format", "mclp", "--p", "3", "--radius", "30"]);
    proven(&told, covered);
    assert_eq!(json(&told)["formulation"], "coverage");
    assert!(json(&told).get("open_ids").is_none());
}

#[test]
fn logit_capture_with_competitors_is_read_and_proven() {
    let folder = tempfile::tempdir().expect("a folder");
    let (customers, sites) = (12, 8);
    let weights: Vec<f64> = (0..customers).map(|at| (1.0 + 9.0 * draw(at)).round()).collect();
    let row = |from: usize| (0..customers).map(|at| -4.0 * draw(from + at)).collect::<Vec<f64>>();
    let (rival, own): (_, Vec<_>) = (row(100), (0..sites).map(|site| row(200 + 50 * site)).collect());
    let line = |row: &[f64]| row.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ") + "\n";
    let mut text = format!("{customers} {sites} 1\n{}{}", line(&weights), line(&rival));
    own.iter().for_each(|row| text.push_str(&line(row)));
    fs::write(folder.path().join("a.data"), text).expect("write");
    let (beta, alpha) = (2.0_f64, 0.5);
    let value = |open: &[usize]| {
        (0..customers)
            .map(|at| {
                let pulled: f64 = open.iter().map(|&site| (beta * own[site][at]).exp()).sum();
                weights[at] * pulled / ((beta * alpha * rival[at]).exp() + pulled)
            })
            .sum()
    };
    let case = Case { sites: vec![(0.0, 0.0); sites], zones: Vec::new() };
    let args = ["a.data", "--format", "hm14", "--p", "2", "--beta", "2", "--alpha", "0.5"];
    proven(&solve(folder.path(), &args), case.best(2, true, value));
}

#[test]
fn limited_capacities_are_read_and_proven_or_infeasible() {
    let folder = tempfile::tempdir().expect("a folder");
    // Two sites of room 10 and 7, customers of 6 and 5: alone neither site has the room; together the second
    // customer takes 4 of 5 from the first site and 1 from the other, or all 5 from the other.
    let text = |first: &str| format!("2 2\n{first} 100\n7 30.5\n6\n12 60\n5\n10 5\n");
    fs::write(folder.path().join("a.txt"), text("10")).expect("write");
    fs::write(folder.path().join("word.txt"), text("capacity")).expect("write");
    proven(&solve(folder.path(), &["a.txt", "--format", "cflp"]), 147.5);
    let told = solve(folder.path(), &["a.txt", "--format", "cflp", "--p", "1"]);
    assert_eq!((told.code, &json(&told)["status"]), (4, &"infeasible".into()), "{told:?}");
    // With room for all of them, the first site alone: 100 + 12 + 10.
    proven(&solve(folder.path(), &["word.txt", "--format", "cflp", "--capacity", "11"]), 122.0);
    let told = solve(folder.path(), &["word.txt", "--format", "cflp"]);
    assert!(told.code == 3 && told.err.contains("--capacity") && told.err.contains("line 2"), "{told:?}");
}

/// What is refused: the table of sites, that of zones, exit code, what the message holds.
const REFUSED: [(&str, &str, i32, &[&str]); 14] = [
    ("x,y\n1,NaN\n", "x,y,weight\n0,0,1\n", 3, &["E-VAL-001", "sites.csv:2 [y]"]),
    ("x,y\n1,inf\n", "x,y,weight\n0,0,1\n", 3, &["E-VAL-001", "sites.csv:2 [y]"]),
    ("x,y\n1,2\n", "x,y,weight\n0,0,1\n0,1,-4\n", 3, &["E-VAL-003", "zones.csv:3 [weight]"]),
    ("x,y\n1,2\n", "x,y,weight\n0,0,\n", 3, &["E-VAL-009", "zones.csv:2 [weight]"]),
    ("x,y\n1,1e300\n", "x,y,weight\n0,0,1\n", 3, &["E-VAL-002", "sites.csv:2 [y]"]),
    ("lat,lon\n91,2\n", "lat,lon,weight\n0,0,1\n", 3, &["E-GEO-001", "sites.csv:2 [lat]", "swapped"]),
    ("lat,lon\n9,200\n", "lat,lon,weight\n0,0,1\n", 3, &["E-GEO-001", "sites.csv:2 [lon]"]),
    ("site,x,y\na,1,2\na,3,4\n", "x,y,weight\n0,0,1\n", 3, &["E-KEY-001", "sites.csv:3 [site]", "line 2"]),
    ("x,z\n1,2\n", "x,y,weight\n0,0,1\n", 3, &["E-SCH-001", "sites.csv:1 [y]", "did you mean `z`"]),
    ("x,y\n1,2\n", "x,y\n0,0\n", 3, &["E-SCH-001", "zones.csv:1 [weight]", "rename the columns"]),
    ("x,y\n1,2\n", "lat,lon,weight\n0,0,1\n", 3, &["E-SCH-001", "zones.csv", "same kind of coordinates"]),
    ("x,y\n", "x,y,weight\n0,0,1\n", 3, &["E-IN-003", "sites.csv"]),
    ("", "x,y,weight\n0,0,1\n", 3, &["E-IN-002", "sites.csv"]),
    ("x,y,patient_id\n1,2,3\n", "x,y,weight\n0,0,1\n", 8, &["E-PRV-001", "sites.csv:1 [patient_id]"]),
];

#[test]
fn bad_tables_are_refused_with_file_row_column_cause_and_mend() {
    for (sites, zones, code, says) in REFUSED {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("sites.csv"), sites).expect("write");
        fs::write(folder.path().join("zones.csv"), zones).expect("write");
        let told = own(folder.path(), &["nearest", "--p", "1"]);
        assert_eq!(told.code, code, "{sites:?}: {told:?}");
        assert!(told.out.is_empty() && told.err.contains("\n  = "), "{told:?}");
        says.iter().for_each(|say| assert!(told.err.contains(say), "{say} of {}", told.err));
        assert!(!told.err.contains("sql") && !told.err.contains("scenario"), "{}", told.err);
    }
}

#[test]
fn all_findings_are_told_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("sites.csv"), "x,y\n1,NaN\nq,2\n").expect("write");
    fs::write(folder.path().join("zones.csv"), "x,y,weight\n0,0,-1\n").expect("write");
    let told = own(folder.path(), &["nearest", "--p", "1"]);
    for place in ["sites.csv:2 [y]", "sites.csv:3 [x]", "zones.csv:2 [weight]"] {
        assert!(told.err.contains(place), "{place} of {}", told.err);
    }
}

#[test]
fn what_the_command_line_lacks_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    Case::new(1, false).write(folder.path(), "x,y");
    for (law, flag) in [
        (["coverage", "--p", "2"].as_slice(), "--radius"),
        (&["coverage", "--p", "2", "--radius=-1"], "--radius"),
        (&["share", "--p", "2", "--beta", "1"], "--outside"),
        (&["share", "--p", "2", "--beta", "1", "--outside", "0"], "--outside"),
        (&["nearest", "--p", "10"], "--p"),
        (&["nearest", "--p", "0"], "--p"),
        (&["nearest", "--p", "1", "--gap", "nan"], "--gap"),
        (&["nearest", "--p", "1", "--time-limit=-1"], "--time-limit"),
        (&["nearest", "--p", "1", "--memory-max", "lots"], "--memory-max"),
        (&["nearest"], "--p"),
    ] {
        let told = own(folder.path(), law);
        assert!(told.code == 2 && told.err.contains(flag), "{law:?}: {told:?}");
    }
    let told = solve(folder.path(), &["sites.csv"]);
    assert!(told.code == 2 && told.err.contains("--format"), "{told:?}");
}

#[test]
fn memory_above_what_is_allowed_is_refused_before_the_solve() {
    let folder = tempfile::tempdir().expect("a folder");
    Case::new(1, false).write(folder.path(), "x,y");
    let told = own(folder.path(), &["nearest", "--p", "2", "--memory-max", "1MB"]);
    assert!(told.code == 10 && told.out.is_empty(), "{told:?}");
    assert!(told.err.contains("planned memory: ") && told.err.contains("E-RUN-004"), "{}", told.err);
    assert_eq!(own(folder.path(), &["nearest", "--p", "2", "--memory-max", "1GB"]).code, 0);
}

#[test]
fn a_limit_of_no_time_ends_with_an_honest_gap() {
    let folder = tempfile::tempdir().expect("a folder");
    Case::new(1, false).write(folder.path(), "x,y");
    let told = own(folder.path(), &["coverage", "--p", "2", "--radius", "20", "--time-limit", "0"]);
    let answer = json(&told);
    assert_eq!((told.code, &answer["status"]), (5, &"gap".into()), "{told:?}");
    let number = |key: &str| answer[key].as_f64().expect("a number");
    assert!(number("bound") >= number("objective") && number("gap") > 0.0, "{answer}");
}

#[test]
fn progress_is_told_in_the_unit_that_is_printed() {
    let folder = tempfile::tempdir().expect("a folder");
    Case::new(2, false).write(folder.path(), "x,y");
    let told = own(folder.path(), &["coverage", "--p", "3", "--radius", "15", "--progress"]);
    let last = told.err.lines().rfind(|line| line.starts_with("incumbent")).expect("a line of the search");
    let objective = json(&told)["objective"].as_f64().expect("a number");
    assert!(last.contains(&format!("incumbent {objective:.6e}")), "{last} of {objective}");
    assert!(last.contains("rounds") && last.contains("nodes") && last.contains("gap"), "{last}");
}

/// Runs a solve until it first tells of an incumbent, interrupts it, and gives its code and its answer.
fn interrupted(folder: &Path, args: &[&str]) -> (i32, serde_json::Value) {
    let args = [&["solve", "--progress"], args].concat();
    let told = signalled(folder, &args, "incumbent", Duration::ZERO, "-INT");
    (told.code, json(&told))
}

#[test]
fn an_interrupt_ends_with_the_best_plan_and_its_gap() {
    let folder = tempfile::tempdir().expect("a folder");
    // Each far too large to be proven before the signal comes.
    let mut text = "60 250\n".to_owned();
    (0..60).for_each(|at| writeln!(text, "{} {}", 300 + (400.0 * draw(at)) as u64, 900.0 + draw(at)).expect("text"));
    for customer in 0..250 {
        writeln!(text, "{}", 5 + (30.0 * draw(100 + customer)) as u64).expect("text");
        (0..60).for_each(|site| write!(text, "{:.3} ", 200.0 * draw(1_000 + 60 * customer + site)).expect("text"));
        text.push('\n');
    }
    fs::write(folder.path().join("large.txt"), text).expect("write");
    let large = Case {
        sites: (0..800).map(|at| (100.0 * draw(2 * at), 100.0 * draw(2 * at + 1))).collect(),
        zones: (5_000..9_000).map(|at| (100.0 * draw(2 * at), 100.0 * draw(2 * at + 1), 1.0)).collect(),
    };
    large.write(folder.path(), "x,y");
    let own = ["--sites", "sites.csv", "--zones", "zones.csv", "--law", "share", "--beta", "0.1", "--outside", "0.1"];
    for args in [&["large.txt", "--format", "cflp"][..], &[&own[..], &["--p", "40"]].concat()] {
        let (code, answer) = interrupted(folder.path(), args);
        assert_eq!((code, &answer["status"]), (130, &"gap".into()), "{answer}");
        assert!(answer["gap"].as_f64().is_some_and(|gap| gap > 0.0), "{answer}");
        assert!(answer["open"].as_array().is_some_and(|open| !open.is_empty()), "{answer}");
    }
}
