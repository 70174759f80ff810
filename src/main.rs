//! `cornerstone`: where a retail chain pilots something new, how much it stocks there, and how it
//! will know whether it worked.
//!
//! The command line: one file per command. Data goes to standard output, progress and diagnostics to
//! standard error; the exit code says what to do next.

mod browser;
mod cli;
mod commands;
mod exit;
mod interrupt;
mod project;
mod size;
mod terminal;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    exit::hush_panics();
    let cli = cli::Cli::parse();
    let code = std::panic::catch_unwind(|| commands::run(&cli)).unwrap_or(exit::BUG);
    ExitCode::from(code)
}
