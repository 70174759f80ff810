//! `--watch`: the same again whenever the scenario or a table changes.
//!
//! Files are looked at, not listened to: an editor that replaces a file, a folder on a network and a glob that finds one
//! more file are then all the same case, at the price of half a second.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use scenarios::spec::Scenario;

use crate::interrupt;
use crate::terminal::Terminal;

/// From one look at the files to the next.
const LOOK: Duration = Duration::from_millis(500);

/// What a file looks like from outside; none where it can't be seen.
type Look = Option<(SystemTime, u64)>;

/// The files that a result follows from.
struct Watched {
    /// The scenario's, and those that it extends.
    files: Vec<PathBuf>,
    /// As last read.
    scenario: Option<Scenario>,
}

impl Watched {
    fn looks(&self) -> Vec<(PathBuf, Look)> {
        let tables = self.scenario.iter().flat_map(|scenario| scenario.tables.files(&scenario.base));
        let look = |path: PathBuf| {
            let facts = path.metadata().ok().and_then(|facts| Some((facts.modified().ok()?, facts.len())));
            (path, facts)
        };
        self.files.iter().cloned().chain(tables).map(look).collect()
    }
}

/// Does `work` on the scenario of a file, and again after each change, until a signal comes.
pub(super) fn run(file: &Path, terminal: &Terminal, work: impl Fn(&Scenario) -> Result<u8, u8>) -> u8 {
    let mut watched = Watched { files: vec![file.to_path_buf()], scenario: None };
    loop {
        // What changes from here on may not have been seen by the work.
        let before = watched.looks();
        let mut seen = before.clone();
        if let Ok(scenario) = super::plan::read(file, terminal) {
            (watched.files, watched.scenario) = (scenario.files(), Some(scenario));
            seen = watched.looks();
            for (path, look) in &mut seen {
                if let Some((_, earlier)) = before.iter().find(|(known, _)| known == path) {
                    *look = *earlier;
                }
            }
            // How it ended was said, and the next change may mend it.
            let _ = watched.scenario.as_ref().map(&work);
        }
        let count = seen.len();
        terminal.note(&format!("· watching {count} file{}; Ctrl-C ends", if count == 1 { "" } else { "s" }));
        if !changed(&watched, &seen) {
            return interrupt::exit_code();
        }
    }
}

/// Waits until files differ from what was seen, and have come to rest; false if a signal came before.
fn changed(watched: &Watched, seen: &[(PathBuf, Look)]) -> bool {
    let mut last = seen.to_vec();
    while !interrupt::came() {
        std::thread::sleep(LOOK);
        let now = watched.looks();
        if now != seen && now == last {
            return true;
        }
        last = now;
    }
    false
}
