//! The table.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::Command;

use super::{Case, Outcome, PeersError, Tool};

/// Writes the machine, the versions and one table per case to standard output, as Markdown.
pub(super) fn print(table: &[(Case, Vec<Outcome>)], limit: f64, python: &Path) -> Result<(), PeersError> {
    write(table, limit, python).map_err(super::io("writing the table"))
}

fn write(table: &[(Case, Vec<Outcome>)], limit: f64, python: &Path) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", machine())?;
    writeln!(out, "{}. Limit {limit:.0} s a tool.", versions(python))?;
    for (case, outcomes) in table {
        writeln!(out, "\n**{}**\n", case.name)?;
        writeln!(
            out,
            "| tool | result | objective | wall s | CPU s | peak MB | wall / ours | CPU / ours | memory / ours |"
        )?;
        writeln!(out, "|---|---|--:|--:|--:|--:|--:|--:|--:|")?;
        let ours = outcomes.iter().find(|outcome| outcome.tool == Tool::Ours);
        for outcome in outcomes {
            let result = match outcome {
                Outcome { proven: true, .. } => "proven",
                Outcome { objective: None, .. } => "nothing at the limit",
                Outcome { late: true, .. } => "at the limit",
                _ => "heuristic",
            };
            let objective = outcome.objective.map_or("–".into(), |value| format!("{value:.0}"));
            let behind = match (outcome.objective, ours.and_then(|ours| ours.objective)) {
                (Some(found), Some(best)) if (found - best).abs() > super::SAME * best.abs() => {
                    format!(" ({:+.2} %)", 100.0 * (found - best) / best.abs().max(1.0))
                }
                _ => String::new(),
            };
            // A tool that was ended took at least so many times ours.
            let more = if outcome.late { "> " } else { "" };
            let ratio = |of: fn(&Outcome) -> f64| match ours {
                Some(ours) if outcome.tool != Tool::Ours => format!("{:.1}", of(outcome) / of(ours)),
                _ => String::new(),
            };
            let time = |of: fn(&Outcome) -> f64| match ratio(of) {
                text if text.is_empty() => text,
                text => format!("{more}{text}"),
            };
            writeln!(
                out,
                "| {} | {result} | {objective}{behind} | {:.2} | {:.2} | {:.0} | {} | {} | {} |",
                outcome.tool.name(),
                outcome.wall,
                outcome.cpu,
                outcome.peak / 1e6,
                time(|outcome| outcome.wall),
                time(|outcome| outcome.cpu),
                ratio(|outcome| outcome.peak),
            )?;
        }
    }
    Ok(())
}

/// Processor, cores and memory, as the system tells them.
pub(super) fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let field = |file: &str, key: &str| {
        let text = fs::read_to_string(file).unwrap_or_default();
        let line = text.lines().find(|line| line.starts_with(key)).map(str::to_owned);
        line.and_then(|line| line.split_once(':').map(|(_, value)| value.trim().to_owned()))
    };
    let model = field("/proc/cpuinfo", "model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    let memory =
        field("/proc/meminfo", "MemTotal").and_then(|kilobytes| kilobytes.split(' ').next()?.parse::<f64>().ok());
    let memory = memory.map_or(String::new(), |kilobytes| format!(", {:.0} GB", kilobytes * 1024.0 / 1e9));
    format!("{model}, {cores} cores{memory}; cornerstone {}", env!("CARGO_PKG_VERSION"))
}

/// The peers' versions, as their environment tells them.
fn versions(python: &Path) -> String {
    let code = "import importlib.metadata as m, platform; print(', '.join(f'{n} {m.version(n)}' for n in \
                ['highspy', 'spopt', 'pulp', 'numpy']) + f', Python {platform.python_version()}')";
    let told = Command::new(python).args(["-c", code]).output();
    told.map_or(String::new(), |told| String::from_utf8_lossy(&told.stdout).trim().to_owned())
}
