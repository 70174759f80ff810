//! `plan --watch`: plans again when the scenario or a table changes, goes on after a mistake, ends at Ctrl-C.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use crate::support::{cornerstone, send, started};

/// Longer than any plan of the sample takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// Lines of a stream as they come.
fn lines(stream: impl Read + Send + 'static) -> Receiver<String> {
    let (send, receive) = channel();
    std::thread::spawn(move || {
        BufReader::new(stream).lines().map_while(Result::ok).try_for_each(|line| send.send(line)).ok()
    });
    receive
}

/// The next line that says `word`.
fn until(lines: &Receiver<String>, word: &str) -> String {
    let end = Instant::now() + PATIENCE;
    let mut told = Vec::new();
    loop {
        let left = end.saturating_duration_since(Instant::now());
        let line = lines.recv_timeout(left).unwrap_or_else(|why| panic!("no `{word}` ({why}) in {told:#?}"));
        if line.contains(word) {
            return line;
        }
        told.push(line);
    }
}

#[test]
fn a_watched_scenario_is_planned_again_after_every_change() {
    let folder = tempfile::tempdir().expect("a folder");
    assert_eq!(cornerstone(folder.path(), &["init", "--sample", "p"]).code, 0);
    let scenario = folder.path().join("p/scenarios/base.toml");
    let mut child = started(folder.path(), &["plan", "--watch", "p/scenarios/base.toml"]);
    let (out, err) = (lines(child.stdout.take().expect("piped")), lines(child.stderr.take().expect("piped")));
    until(&out, "Open 6 corners");
    until(&err, "watching 6 files");
    // Another setting.
    let text = fs::read_to_string(&scenario).expect("the scenario");
    fs::write(&scenario, text.replace("stores_max = 6", "stores_max = 4")).expect("written");
    until(&out, "Open 4 corners");
    until(&err, "watching 6 files");
    // A mistake, and its mend.
    fs::write(&scenario, text.replace("stores_max = 6", "stores_mux = 6")).expect("written");
    until(&err, "stores_mux");
    until(&err, "watching 6 files");
    fs::write(&scenario, &text).expect("written");
    assert!(until(&out, "Open 6 corners").contains("reused"));
    until(&err, "watching 6 files");
    // A table.
    let stores = folder.path().join("p/data/stores.csv");
    let mut table = fs::read_to_string(&stores).expect("the table");
    let last = table.trim_end().lines().last().expect("a row").split(',').next().expect("an id").to_owned();
    table = table
        .lines()
        .filter(|line| !line.starts_with(&format!("{last},")))
        .fold(String::new(), |text, line| text + line + "\n");
    fs::write(&stores, table).expect("written");
    until(&err, "E-");
    until(&err, "watching 6 files");
    send(&child, "-INT");
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
}
