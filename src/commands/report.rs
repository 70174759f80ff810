//! `cornerstone report`: renders the report of a finished run, or of a sweep, again.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use scenarios::run::sweep;

use crate::cli::Report;
use crate::exit;
use crate::terminal::Terminal;

pub(crate) fn run(args: &Report, terminal: &Terminal) -> u8 {
    let rendered = super::run_folder(&args.run).and_then(|folder| {
        if sweep::is_one(&folder) {
            return sweep::open(&folder).map(|comparison| reports::comparison(&comparison));
        }
        scenarios::run::open_study(&folder).map(|study| reports::html(&study))
    });
    let rendered = match rendered {
        Ok(rendered) => rendered,
        Err(error) => return exit::failed(terminal, &error),
    };
    let html = match rendered {
        Ok(html) => html,
        Err(error) => {
            terminal.problem("E-OUT-001", "report", &error.to_string());
            return exit::BUG;
        }
    };
    match &args.output {
        None => super::print(terminal, html.as_bytes()).err().unwrap_or(exit::DONE),
        Some(path) => write_new(path, html.as_bytes(), terminal),
    }
}

/// Writes a file that is not there yet.
fn write_new(path: &Path, bytes: &[u8], terminal: &Terminal) -> u8 {
    match File::create_new(path).and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all())) {
        Ok(()) => exit::DONE,
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            terminal.problem(
                "E-CLI-002",
                &path.display().to_string(),
                "the file is there already; nothing is overwritten",
            );
            exit::USAGE
        }
        Err(error) => {
            terminal.problem("E-IO-003", &path.display().to_string(), &error.to_string());
            exit::PERMANENT
        }
    }
}
