//! What `deploy/` holds for a schedule: which exit codes end a job, which are tried again, and which are fine.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

/// A file of `deploy/`.
fn deployed(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy").join(name)).expect("a file of deploy/")
}

/// The whole numbers after some words, to the end of the line.
fn codes(text: &str, after: &str) -> BTreeSet<u8> {
    let line = text.split_once(after).expect("the words").1.lines().next().expect("a line");
    line.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse().ok()).collect()
}

#[test]
fn what_trying_again_cannot_mend_is_not_tried_again() {
    let lasting: BTreeSet<u8> = [1, 2, 3, 4, 6, 8, 9, 10, 11].into();
    assert_eq!(codes(&deployed("cronjob.yaml"), "values:"), lasting);
    let service = deployed("cornerstone-replan.service");
    assert_eq!(codes(&service, "RestartPreventExitStatus="), lasting);
    assert_eq!(codes(&service, "SuccessExitStatus="), [5, 99].into());
}

#[test]
fn the_entry_point_takes_what_was_published_for_done_and_tries_seven_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let nightly = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/nightly");
    // A stand-in that ends with the codes of a file, one after the other, and notes how it was called.
    let fake = folder.path().join("cornerstone");
    let script = format!(
        "#!/bin/sh\necho \"$*\" >> {0}/calls\nread code < {0}/codes\nsed -i 1d {0}/codes\nexit $code\n",
        folder.path().display()
    );
    fs::write(&fake, script).expect("written");
    assert!(Command::new("chmod").arg("+x").arg(&fake).status().expect("chmod runs").success());
    for (codes, ends, calls) in [
        ("0", 0, 1),
        ("5", 0, 1),
        ("99", 0, 1),
        ("7 0", 0, 2),
        ("7 7 5", 0, 3),
        ("7 7 7 0", 7, 3),
        ("3 0", 3, 1),
        ("9 0", 9, 1),
    ] {
        fs::write(folder.path().join("codes"), codes.replace(' ', "\n") + "\n").expect("written");
        fs::write(folder.path().join("calls"), "").expect("written");
        let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap_or_default());
        let status = Command::new("sh")
            .arg(&nightly)
            .args(["a b.toml", "--refit"])
            .env("PATH", path)
            .env("CORNERSTONE_WAIT", "0")
            .status()
            .expect("sh runs");
        let called = fs::read_to_string(folder.path().join("calls")).expect("calls");
        assert_eq!((status.code(), called.lines().count()), (Some(ends), calls), "{codes}: {called}");
        assert!(called.starts_with("replan a b.toml --skip-unchanged --as-of 2"), "{called}");
        assert!(called.contains("--log-format json --refit"), "{called}");
    }
}

#[test]
fn systemd_finds_nothing_wrong_with_the_units() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["cornerstone-replan.service", "cornerstone-replan.timer"] {
        fs::write(folder.path().join(name), deployed(name)).expect("written");
    }
    let told = Command::new("systemd-analyze")
        .args(["verify", "--man=no"])
        .arg(folder.path().join("cornerstone-replan.timer"))
        .output();
    let Ok(told) = told else {
        eprintln!("skipped: there is no systemd-analyze");
        return;
    };
    let said = String::from_utf8_lossy(&told.stderr);
    let ours: Vec<&str> = said.lines().filter(|line| line.contains("cornerstone-replan")).collect();
    assert!(told.status.success() && ours.is_empty(), "{said}");
}
