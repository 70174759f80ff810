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
    bar: Mutex<Option<Moving>>,
    /// Draws a moving line; else each stage is a line of its own.
    live: bool,
}

/// The moving line: a step, and where in it the work is.
struct Moving {
    bar: ProgressBar,
    /// Of a command of several steps, which: "4/6 deciding".
    step: String,
    /// The part of the step.
    stage: String,
}

impl Moving {
    fn new(step: String, total: Option<u64>) -> Self {
        let template = match total {
            Some(_) => "{spinner} {msg} {wide_bar} {pos}/{len}, {elapsed}, about {eta} left",
            None => "{spinner} {msg} {elapsed}",
        };
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr()).with_style(style(template));
        bar.set_message(step.clone());
        bar.enable_steady_tick(Duration::from_millis(120));
        Self { bar, step, stage: String::new() }
    }

    fn says(&self, more: &str) {
        let parts = [&self.step, &self.stage, more].map(str::to_owned);
        let told: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        self.bar.set_message(told.join(" · "));
    }

    /// Takes the line away; of a step it leaves how long that took.
    fn finish(self) {
        self.bar.finish_and_clear();
        if !self.step.is_empty() {
            line(&format!("✓ {}, {:.1} s", self.step, self.bar.elapsed().as_secs_f64()));
        }
    }
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

    /// Shows a warning that a result carries.
    pub(crate) fn warning(&self, code: &str, text: &str) {
        self.clear();
        match self.format {
            LogFormat::Text => line(&format!("warning[{code}] {text}")),
            LogFormat::Json => line(&serde_json::json!({"warning": code, "text": text}).to_string()),
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
        if self.moving(|moving| moving.bar.println(&words)).is_none() {
            line(&words);
        }
    }

    /// Does something with the moving line; none where there is none.
    fn moving<T>(&self, work: impl FnOnce(&Moving) -> T) -> Option<T> {
        self.bar.lock().ok()?.as_ref().map(work)
    }

    /// Takes the moving line away.
    pub(crate) fn clear(&self) {
        if let Some(moving) = self.bar.lock().ok().and_then(|mut moving| moving.take()) {
            moving.finish();
        }
    }

    fn step(&self, step: String, total: Option<u64>) {
        let Ok(mut moving) = self.bar.lock() else { return };
        moving.take().into_iter().for_each(Moving::finish);
        *moving = Some(Moving::new(step, total));
    }

    fn stage(&self, name: &str) {
        let Ok(mut moving) = self.bar.lock() else { return };
        let moving = moving.get_or_insert_with(|| Moving::new(String::new(), None));
        name.clone_into(&mut moving.stage);
        moving.says("");
    }
}

impl Progress for Terminal {
    fn say(&self, event: Event<'_>) {
        if self.quiet {
            return;
        }
        if self.format == LogFormat::Json {
            let told = match event {
                Event::Step { name, at, of, total } => {
                    serde_json::json!({"step": name, "at": at, "of": of, "total": total})
                }
                Event::Stage { name } => serde_json::json!({"stage": name}),
                Event::Search { incumbent, bound, rounds, nodes } => {
                    serde_json::json!({"incumbent": incumbent, "bound": bound, "rounds": rounds, "nodes": nodes})
                }
                Event::Done(_) => return,
            };
            return line(&told.to_string());
        }
        match event {
            Event::Step { name, at, of, total } if self.live => self.step(format!("{at}/{of} {name}"), total),
            Event::Step { name, at, of, .. } => line(&format!("{at}/{of} {name}")),
            Event::Stage { name } if self.live => self.stage(name),
            Event::Stage { name } => line(&format!("· {name}")),
            // Numbers that change are for a moving line.
            Event::Done(done) => _ = self.moving(|moving| moving.bar.set_position(done)),
            Event::Search { incumbent, bound, rounds, nodes } => {
                _ = self.moving(|moving| moving.says(&search(incumbent, bound, rounds, nodes)));
            }
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
