//! `cornerstone solve --budget`: the best open sets within a sum of costs, held against all of them.

use std::fs;
use std::path::Path;

use crate::support::{Told, cornerstone};

/// Sites with costs, zones with weights.
const SITES: [(f64, f64, f64); 8] = [
    (10.0, 10.0, 41.5),
    (15.0, 80.0, 60.25),
    (50.0, 45.0, 99.9),
    (55.0, 52.0, 35.0),
    (80.0, 20.0, 72.75),
    (85.0, 85.0, 20.05),
    (30.0, 60.0, 55.0),
    (70.0, 65.0, 48.6),
];

fn zones() -> Vec<(f64, f64, f64)> {
    (0..30).map(|at| (f64::from(at * 37 % 101), f64::from(at * 59 % 97), f64::from(1 + at * 13 % 29))).collect()
}

fn write(folder: &Path) {
    let sites: String = SITES.iter().map(|(x, y, cost)| format!("{x},{y},{cost}\n")).collect();
    fs::write(folder.join("sites.csv"), format!("x,y,cost\n{sites}")).expect("written");
    let zones: String = zones().iter().map(|(x, y, weight)| format!("{x},{y},{weight}\n")).collect();
    fs::write(folder.join("zones.csv"), format!("x,y,weight\n{zones}")).expect("written");
}

fn solve(folder: &Path, args: &[&str]) -> Told {
    let all = ["solve", "--sites", "sites.csv", "--zones", "zones.csv"];
    cornerstone(folder, &[&all[..], args].concat())
}

/// The least of `value` over all sets of at most `p` sites within the budget; none if there is none.
fn best(p: u32, budget: f64, value: impl Fn(&[usize]) -> f64) -> Option<f64> {
    let sets = (1_u32..1 << SITES.len()).filter(|set| set.count_ones() <= p);
    let sets = sets.map(|set| (0..SITES.len()).filter(|site| set >> site & 1 == 1).collect::<Vec<_>>());
    let within = |open: &Vec<usize>| open.iter().map(|&site| SITES[site].2).sum::<f64>() <= budget + 1e-9;
    sets.filter(within).map(|open| value(&open)).min_by(f64::total_cmp)
}

#[test]
fn the_best_within_a_budget_is_found_and_another_budget_goes_on_from_it() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path());
    let zones = zones();
    let far = |site: usize, zone: &(f64, f64, f64)| (SITES[site].0 - zone.0).hypot(SITES[site].1 - zone.1);
    let least =
        |open: &[usize], zone: &(f64, f64, f64)| open.iter().map(|&site| far(site, zone)).fold(f64::INFINITY, f64::min);
    let sum = |of: &dyn Fn(&(f64, f64, f64)) -> f64| zones.iter().map(|zone| zone.2 * of(zone)).sum::<f64>();
    let nearest = |open: &[usize]| sum(&|zone| least(open, zone));
    let covered = |open: &[usize]| -sum(&|zone| f64::from(least(open, zone) <= 25.0));
    let captured = |open: &[usize]| {
        let pulled = |zone: &(f64, f64, f64)| open.iter().map(|&site| (-0.05 * far(site, zone)).exp()).sum::<f64>();
        -sum(&|zone| pulled(zone) / (0.3 + pulled(zone)))
    };
    type Value<'a> = &'a dyn Fn(&[usize]) -> f64;
    let laws: [(&[&str], f64, Value<'_>); 3] = [
        (&["--law", "nearest"], 1.0, &nearest),
        (&["--law", "coverage", "--radius", "25"], -1.0, &covered),
        (&["--law", "share", "--beta", "0.05", "--outside", "0.3"], -1.0, &captured),
    ];
    for (law, sign, value) in laws {
        // The limits of 97.5 and 55.05 are met to the cent.
        for budget in ["250", "97.5", "55.05", "20.05"] {
            let want = sign * best(3, budget.parse().expect("a number"), value).expect("a set");
            // Each goes on from the one before, but for what keeps nothing.
            let start = if folder.path().join("kept.json").exists() { &["--start", "kept.json"][..] } else { &[] };
            for more in [&[][..], start, &["--keep", "kept.json"]] {
                let told = solve(folder.path(), &[law, &["--p", "3", "--budget", budget], more].concat());
                assert_eq!(told.code, 0, "{law:?} {budget}: {told:?}");
                let answer: serde_json::Value = serde_json::from_str(&told.out).expect("an answer");
                let found = answer["objective"].as_f64().expect("an objective");
                assert!((found - want).abs() <= 1e-6 * want.abs(), "{law:?} {budget} {more:?}: {found}, not {want}");
            }
        }
        fs::remove_file(folder.path().join("kept.json")).ok();
    }
}

#[test]
fn a_budget_without_costs_or_without_any_plan_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path());
    let none = solve(folder.path(), &["--law", "nearest", "--p", "3", "--budget", "10"]);
    assert_eq!((none.code, none.out.contains("\"status\":\"infeasible\"")), (4, true), "{none:?}");
    let free = solve(folder.path(), &["--law", "nearest", "--p", "3"]);
    assert!(free.code == 0 && free.err.contains("`cost`"), "{free:?}");
    fs::write(folder.path().join("sites.csv"), "x,y\n1,2\n3,4\n").expect("written");
    let lacking = solve(folder.path(), &["--law", "nearest", "--p", "1", "--budget", "10"]);
    assert!(lacking.code == 3 && lacking.err.contains("`cost`"), "{lacking:?}");
    fs::write(folder.path().join("sites.csv"), "x,y,cost\n1,2,5\n3,4,-2\n").expect("written");
    let negative = solve(folder.path(), &["--law", "nearest", "--p", "1", "--budget", "10"]);
    assert!(negative.code == 3 && negative.err.contains("sites.csv:3"), "{negative:?}");
    let never = solve(folder.path(), &["--law", "nearest", "--p", "1", "--budget", "nan"]);
    assert_eq!(never.code, 2, "{never:?}");
}
