//! What a person sees: progress and diagnostics on standard error, data on standard output.

use std::io::{IsTerminal, Write};
use std::sync::Mutex;
use std::time::Duration;

use domain::diagnostic::Diagnostic;
use domain::stop::{Event, Progress};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::LogFormat;

/// Findings shown in full; the rest are counted.
const FINDINGS_SHOWN: usize = 100;

/// Standard error, as a terminal, as plain lines, or as JSON lines.
pub(crate) struct Terminal {
    format: LogFormat,
    quiet: bool,
    bar: Mutex<Option<ProgressBar>>,
    /// Draws a moving line; else each stage is a line of its own.
    live: bool,
}

impl Terminal {
    pub(crate) fn new(format: LogFormat, quiet: bool) -> Self {
        let live = format == LogFormat::Text && !quiet && std::io::stderr().is_terminal();
        Self { format, quiet, bar: Mutex::new(None), live }
    }

    /// Shows findings, worst first as they come.
    pub(crate) fn findings(&self, findings: &[Diagnostic]) {
        self.clear();
        for finding in findings.iter().take(FINDINGS_SHOWN) {
            match self.format {
                LogFormat::Text => line(&finding.to_string()),
                LogFormat::Json => line(&serde_json::json!({"finding": finding}).to_string()),
            }
        }
        if findings.len() > FINDINGS_SHOWN {
            line(&format!("… and {} more", findings.len() - FINDINGS_SHOWN));
        }
    }

    /// Shows one problem that is not about a place in a file.
    pub(crate) fn problem(&self, code: &str, what: &str, why: &str) {
        self.clear();
        match self.format {
            LogFormat::Text => line(&format!("error[{code}] {what}: {why}")),
            LogFormat::Json => line(&serde_json::json!({"code": code, "what": what, "why": why}).to_string()),
        }
    }

    /// Says something for the record.
    pub(crate) fn note(&self, text: &str) {
        let Some(words) = self.words(text) else { return };
        self.clear();
        line(&words);
    }

    /// A line as it would be said for the record; none where nothing is said.
    pub(crate) fn words(&self, text: &str) -> Option<String> {
        let words = match self.format {
            LogFormat::Text => text.to_owned(),
            LogFormat::Json => serde_json::json!({"note": text}).to_string(),
        };
        (!self.quiet).then_some(words)
    }

    /// Says something for the record, above the moving line.
    pub(crate) fn aside(&self, text: &str) {
        let Some(words) = self.words(text) else { return };
        match self.bar.lock().ok().as_ref().and_then(|bar| bar.as_ref()) {
            Some(bar) => bar.println(words),
            None => line(&words),
        }
    }

    /// Takes the moving line away.
    pub(crate) fn clear(&self) {
        if let Some(bar) = self.bar.lock().ok().and_then(|mut bar| bar.take()) {
            bar.finish_and_clear();
        }
    }

    fn stage(&self, name: &str, total: Option<u64>) {
        let Ok(mut bar) = self.bar.lock() else { return };
        if let Some(old) = bar.take() {
            old.finish_and_clear();
        }
        let fresh = match total {
            Some(total) => ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr())
                .with_style(style("{spinner} {msg} {wide_bar} {pos}/{len} {eta}")),
            None => ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr())
                .with_style(style("{spinner} {msg} {elapsed}")),
        };
        fresh.set_message(name.to_owned());
        fresh.enable_steady_tick(Duration::from_millis(120));
        *bar = Some(fresh);
    }
}

impl Progress for Terminal {
    fn say(&self, event: Event<'_>) {
        if self.quiet {
            return;
        }
        match (self.format, event) {
            (LogFormat::Json, Event::Stage { name, .. }) => line(&serde_json::json!({"stage": name}).to_string()),
            (LogFormat::Json, Event::Search { incumbent, bound, rounds, nodes }) => {
                line(
                    &serde_json::json!({"incumbent": incumbent, "bound": bound, "rounds": rounds, "nodes": nodes})
                        .to_string(),
                );
            }
            (LogFormat::Json, Event::Done(_)) => {}
            (LogFormat::Text, Event::Stage { name, total }) if self.live => self.stage(name, total),
            (LogFormat::Text, Event::Stage { name, .. }) => line(&format!("· {name}")),
            (LogFormat::Text, event) if self.live => {
                let Ok(bar) = self.bar.lock() else { return };
                let Some(bar) = bar.as_ref() else { return };
                match event {
                    Event::Done(done) => bar.set_position(done),
                    Event::Search { incumbent, bound, rounds, nodes } => {
                        bar.set_message(search(incumbent, bound, rounds, nodes))
                    }
                    Event::Stage { .. } => {}
                }
            }
            (LogFormat::Text, _) => {}
        }
    }
}

/// The state of a search in one line.
pub(crate) fn search(incumbent: Option<f64>, bound: f64, rounds: u64, nodes: u64) -> String {
    match incumbent {
        Some(value) => {
            let gap = 100.0 * domain::plan::gap(value, bound);
            format!("incumbent {value:.6e}, bound {bound:.6e}, gap {gap:.3} %, {rounds} rounds, {nodes} nodes")
        }
        None => format!("no incumbent yet, bound {bound:.6e}, {rounds} rounds, {nodes} nodes"),
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}

/// One line to standard error; a closed one is nobody to tell.
fn line(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Data to standard output. A reader that went away has seen enough.
///
/// # Errors
/// Any other fault of standard output.
pub(crate) fn print(bytes: &[u8]) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}
