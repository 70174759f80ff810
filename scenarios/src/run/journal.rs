//! log.jsonl and the timings: what happened, step by step, by the run's own clock.

use domain::diagnostic::Diagnostic;
use domain::stop::{Event, Progress, Stop};

/// What happened so far.
pub(super) struct Journal<'a> {
    stop: &'a Stop,
    progress: &'a dyn Progress,
    /// Steps begun, and steps in all.
    steps: (u32, u32),
    lines: Vec<serde_json::Value>,
    seconds: Vec<(String, f64)>,
}

impl<'a> Journal<'a> {
    /// An empty one of so many steps.
    pub(super) fn new(stop: &'a Stop, progress: &'a dyn Progress, steps: u32) -> Self {
        Self { stop, progress, steps: (0, steps), lines: Vec::new(), seconds: Vec::new() }
    }

    /// Runs one step, says its name and notes its time.
    pub(super) fn step<T, E>(&mut self, name: &str, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        self.steps.0 += 1;
        self.progress.say(Event::Step { name, at: self.steps.0, of: self.steps.1, total: None });
        let begun = self.stop.clock.elapsed();
        let result = work();
        let took = self.stop.clock.elapsed().saturating_sub(begun).as_secs_f64();
        self.seconds.push((name.to_owned(), took));
        self.lines.push(serde_json::json!({"step": name, "seconds": took, "done": result.is_ok()}));
        result
    }

    /// Notes a finding about the input.
    pub(super) fn finding(&mut self, finding: &Diagnostic) {
        self.lines.push(serde_json::json!({"finding": finding}));
    }

    /// Notes something else.
    pub(super) fn note(&mut self, code: &str, text: &str) {
        self.lines.push(serde_json::json!({"code": code, "note": text}));
    }

    /// Seconds by step.
    pub(super) fn seconds(&self) -> Vec<(String, f64)> {
        self.seconds.clone()
    }

    /// The log as JSON lines.
    pub(super) fn lines(&self) -> Vec<u8> {
        self.lines.iter().map(|line| format!("{line}\n")).collect::<String>().into_bytes()
    }
}
