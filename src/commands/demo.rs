//! `cornerstone demo`: makes a market, plans it, writes the report.

use std::path::Path;

use simulate::{World, WorldSize};

use crate::cli::Demo;
use crate::project::{MARKER, Project, ProjectError};
use crate::terminal::Terminal;

pub(crate) fn run(args: &Demo, terminal: &Terminal) -> u8 {
    let marker = format!("# A project of cornerstone.\n[demo]\nstores = {}\nseed = {}\n", args.stores, args.seed);
    if !is_ours(&args.dir, &marker) {
        terminal.note(&format!("· making a market of {} stores in {}", args.stores, args.dir.display()));
        if let Err(error) = make(args, &marker) {
            return error.tell(terminal);
        }
    }
    let (scenario, runs) = (args.dir.join("scenarios/base.toml"), args.dir.join("runs"));
    match super::plan::scenario(&scenario, &runs, terminal) {
        Ok(code) | Err(code) => code,
    }
}

/// Whether the folder already holds this very demo.
fn is_ours(dir: &Path, marker: &str) -> bool {
    std::fs::read_to_string(dir.join(MARKER)).is_ok_and(|text| text == marker)
}

fn make(args: &Demo, marker: &str) -> Result<(), ProjectError> {
    let world = World::new(&WorldSize::demo(args.stores as usize), args.seed);
    let project = Project::begin(&args.dir)?;
    project.world(&world)?;
    project.text(MARKER, marker)?;
    project.finish()
}
