//! The project's own chores: `cargo xtask tidy | quality | peers | ci`.
//!
//! `tidy` checks the invariants of ARCHITECTURE.md, `quality` measures decisions against markets with
//! a known truth and forecasts against what came, `peers` holds placement and forecasting beside other
//! tools, `ci` runs what CI runs.

use std::path::Path;
use std::process::{Command, ExitCode};

use models::univariate::Methods;
use xtask::{peers, quality, tidy};

const USAGE: &str = "usage: cargo xtask tidy | quality | quality placement [--seeds N] [--stores N] [--worlds N] | quality forecasting [--calibrate | --methods mstl | --methods all] \
                     | quality coldstart --data DIR | quality panel --data FILE \
                     | quality trials --data FILE [--lookback W] [--from W] [--step W] \
                     | quality stock [--chains N] \
                     | peers placement [--limit S] | peers forecasting | ci";

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
        ["quality", "coldstart", "--data", folder] => end("quality", quality::coldstart(Path::new(folder))),
        ["quality", "panel", "--data", file] => end("quality", quality::panel(Path::new(file))),
        ["quality", "trials", "--data", file, rest @ ..] => {
            match (number(rest, "--lookback", 26), number(rest, "--from", 70), number(rest, "--step", 3)) {
                (Some(lookback), Some(held_out_from), Some(step)) => end(
                    "quality",
                    quality::trials(Path::new(file), quality::TrialWindows { lookback, held_out_from, step }),
                ),
                _ => usage(),
            }
        }
        ["quality", "stock", rest @ ..] => match number(rest, "--chains", 40) {
            Some(chains) => end("quality", quality::stock(chains)),
            None => usage(),
        },
        ["quality", "placement", rest @ ..] => {
            match (number(rest, "--seeds", 30), number(rest, "--stores", 300), number(rest, "--worlds", 0)) {
                (Some(seeds), Some(stores), Some(worlds)) => end("quality", {
                    let alone = if seeds > 0 { quality::placement(seeds, stores) } else { Ok(()) };
                    alone.and_then(|()| if worlds > 0 { quality::decisions(worlds, stores) } else { Ok(()) })
                }),
                _ => usage(),
            }
        }
        ["quality"] => {
            end("quality", quality::forecasting(root, Methods::Middle).and_then(|()| quality::placement(30, 300)))
        }
        ["quality", "forecasting"] => end("quality", quality::forecasting(root, Methods::Middle)),
        ["quality", "forecasting", "--methods", "mstl"] => end("quality", quality::forecasting(root, Methods::Mstl)),
        ["quality", "forecasting", "--methods", "all"] => end("quality", quality::forecasting(root, Methods::All)),
        ["quality", "forecasting", "--calibrate"] => end("quality", quality::calibrate(root)),
        ["peers", "placement", rest @ ..] => match number(rest, "--limit", 300) {
            Some(limit) => end("peers", peers::placement(root, limit as f64)),
            None => usage(),
        },
        ["peers", "forecasting"] => end("peers", peers::forecasting(root)),
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

/// What a chore's end means to the shell.
fn end<E: std::fmt::Display>(chore: &str, result: Result<(), E>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{chore}: {error}");
            ExitCode::FAILURE
        }
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
