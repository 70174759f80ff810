//! What commands that run for long share: when to stop, and what a run needs of the outside world.

use std::path::Path;
use std::time::Duration;

use domain::stop::Stop;
use scenarios::run::{Context, Renderers};

use crate::terminal::Terminal;
use crate::{browser, exit, interrupt};

/// Stops at a signal and, where there is one, after a limit; `words` are said when the first signal comes.
pub(super) fn stop(limit: Option<Duration>, words: Option<String>, terminal: &Terminal) -> Result<Stop, u8> {
    interrupt::stop_saying(limit, words).map_err(|error| {
        terminal.problem("E-RUN-003", "signals", &error.to_string());
        exit::BUG
    })
}

/// Stops at a signal, or after `--time-limit` seconds.
pub(super) fn stop_after(seconds: Option<f64>, terminal: &Terminal) -> Result<Stop, u8> {
    let limit = seconds.map(Duration::try_from_secs_f64).transpose().map_err(|_| {
        terminal.problem("E-CLI-003", "--time-limit", "a limit is a number of seconds that is not negative");
        exit::USAGE
    })?;
    stop(limit, None, terminal)
}

/// Runs something that writes runs to `runs`, for the command line `command`.
pub(super) fn within<T>(
    runs: &Path,
    command: &str,
    stop: &Stop,
    terminal: &Terminal,
    run: impl FnOnce(&Context<'_>) -> T,
) -> T {
    let html = |study: &domain::study::Study| Ok(reports::html(study)?.into_bytes());
    let comparison = |of: &domain::comparison::Comparison| Ok(reports::comparison(of)?.into_bytes());
    let workbook = |study: &domain::study::Study| Ok(reports::workbook(study)?);
    run(&Context {
        runs,
        holder: &format!("process {}", std::process::id()),
        command,
        version: env!("CARGO_PKG_VERSION"),
        stop,
        progress: terminal,
        renderers: Renderers {
            html: &html,
            comparison: &comparison,
            workbook: &workbook,
            pdf: &|html, pdf| Ok(browser::print_to_pdf(html, pdf)?),
        },
    })
}
