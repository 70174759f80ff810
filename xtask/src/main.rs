//! The project's own chores: `cargo xtask tidy | quality | peers | ci`.
//!
//! `tidy` checks the invariants of ARCHITECTURE.md, `quality` measures decisions against markets with
//! a known truth, and forecasts against real stores; `peers` times placement beside
//! other tools, `ci` runs what CI runs.

use std::path::Path;
use std::process::{Command, ExitCode};

use xtask::{peers, quality, quality_coldstart, tidy};

const USAGE: &str = "usage: cargo xtask tidy | quality [--seeds N] [--stores N] | quality coldstart --data DIR | peers placement [--limit S] | ci";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    match words.as_slice() {
        ["tidy"] => {
            let findings = tidy::check(root);
            findings.iter().for_each(|finding| eprintln!("{finding}"));
            if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        ["quality", "coldstart", "--data", folder] => match quality_coldstart::coldstart(Path::new(folder)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("quality coldstart: {error}");
                ExitCode::FAILURE
            }
        },
        ["quality", rest @ ..] => match (number(rest, "--seeds", 30), number(rest, "--stores", 300)) {
            (Some(seeds), Some(stores)) => match quality::placement(seeds, stores) {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => {
                    eprintln!("quality: {error}");
                    ExitCode::FAILURE
                }
            },
            _ => usage(),
        },
        ["peers", "placement", rest @ ..] => match number(rest, "--limit", 300) {
            Some(limit) => match peers::placement(root, limit as f64) {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => {
                    eprintln!("peers: {error}");
                    ExitCode::FAILURE
                }
            },
            None => usage(),
        },
        ["ci"] => match Command::new("bash").arg(root.join(".ci/run")).status() {
            Ok(status) if status.success() => ExitCode::SUCCESS,
            Ok(_) => ExitCode::FAILURE,
            Err(error) => {
                eprintln!("ci: {error}");
                ExitCode::FAILURE
            }
        },
        _ => usage(),
    }
}

fn usage() -> ExitCode {
    eprintln!("{USAGE}");
    ExitCode::from(2)
}

/// The number after a flag, or the default where the flag is absent; none where it is no number.
fn number(words: &[&str], flag: &str, default: usize) -> Option<usize> {
    match words.iter().position(|word| *word == flag) {
        None => Some(default),
        Some(at) => words.get(at + 1)?.parse().ok(),
    }
}
