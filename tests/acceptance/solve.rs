//! `cornerstone solve` on the instances of the literature, against their published optima.

use std::fs;

use crate::support::{cornerstone, shared};

fn solve(file: &str, format: &str, p: Option<&str>) -> Option<serde_json::Value> {
    let path = shared(file)?;
    let path = path.to_str().expect("a plain path");
    let mut args = vec!["solve", path, "--format", format, "--quiet"];
    if let Some(p) = p {
        args.extend(["--p", p]);
    }
    let told = cornerstone(std::env::temp_dir().as_path(), &args);
    assert_eq!(told.code, 0, "{file}: {told:?}");
    Some(serde_json::from_str(&told.out).expect("one JSON object"))
}

#[test]
fn pmed_1_to_10_are_proven_at_their_optimum() {
    let Some(optima) = shared("placement/orlib_pmed/optima.csv") else { return };
    let text = fs::read_to_string(optima).expect("readable");
    let mut seen = 0;
    for line in text.lines().skip(1) {
        let (instance, optimum) = line.split_once(',').expect("instance,optimum");
        let Some(answer) = solve(&format!("placement/orlib_pmed/{instance}.txt"), "pmed", None) else { return };
        assert_eq!(answer["status"], "proven", "{answer}");
        assert_eq!(answer["objective"].as_f64(), optimum.trim().parse().ok(), "{instance}");
        seen += 1;
    }
    assert_eq!(seen, 10);
}

#[test]
fn rl1304_is_proven_at_its_optimum() {
    let Some(known) = shared("placement/tsplib/best_known.csv") else { return };
    let text = fs::read_to_string(known).expect("readable");
    for p in ["5", "10", "20"] {
        let line = text.lines().find(|line| line.starts_with(&format!("rl1304,1304,{p},"))).expect("a known optimum");
        let optimum: f64 = line.split(',').nth(3).expect("a value").parse().expect("a number");
        let Some(answer) = solve("placement/tsplib/rl1304.tsp", "tsplib", Some(p)) else { return };
        assert_eq!(answer["status"], "proven", "{answer}");
        assert_eq!(answer["objective"].as_f64(), Some(optimum), "p = {p}");
        assert_eq!(answer["open"].as_array().map(Vec::len), p.parse().ok());
    }
}

#[test]
fn what_is_no_instance_is_refused_with_its_line() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("bad.txt"), "3 2 1\n1 2 x\n").expect("write");
    let told = cornerstone(folder.path(), &["solve", "bad.txt", "--format", "pmed"]);
    assert_eq!(told.code, 3, "{told:?}");
    assert!(told.err.contains("line 2"), "{}", told.err);
    let told = cornerstone(folder.path(), &["solve", "absent.txt", "--format", "pmed"]);
    assert_eq!(told.code, 3, "{told:?}");
    assert!(told.err.contains("E-IN-001") && told.err.contains("absent.txt"), "{}", told.err);
}
