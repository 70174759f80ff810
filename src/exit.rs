//! Exit codes, and how errors become one.

use std::io::Write;

use scenarios::run::RunError;

use crate::terminal::Terminal;

/// Done: proven, or within the gap asked for.
pub(crate) const DONE: u8 = 0;
/// A fault of cornerstone itself.
pub(crate) const BUG: u8 = 1;
/// The command line or the scenario.
pub(crate) const USAGE: u8 = 2;
/// The input data.
pub(crate) const DATA: u8 = 3;
/// No plan meets the rules.
pub(crate) const INFEASIBLE: u8 = 4;
/// Published with a warning.
pub(crate) const WARNING: u8 = 5;
/// A gate failed.
pub(crate) const GATE: u8 = 6;
/// Verification failed.
pub(crate) const UNVERIFIED: u8 = 9;
/// A resource limit.
pub(crate) const LIMIT: u8 = 10;
/// A file or folder that can't be written.
pub(crate) const PERMANENT: u8 = 11;

/// Shows why a run published nothing, and gives the exit code.
pub(crate) fn failed(terminal: &Terminal, error: &RunError) -> u8 {
    match error {
        RunError::Refused(findings) => terminal.findings(findings),
        RunError::Verification(failures) => {
            for failure in failures {
                terminal.problem(failure.code, "verification", &failure.text);
            }
        }
        RunError::Store(error) => terminal.findings(&[error.diagnostic()]),
        RunError::Kept(why) => terminal.problem("E-IO-004", "--incremental", why),
        RunError::Interrupted => terminal.problem("E-SIG-001", "run", &error.to_string()),
        RunError::Cluster(_) | RunError::Fit(_) | RunError::Engine(_) | RunError::Shared(_) | RunError::Render(_) => {
            terminal.problem("E-RUN-003", "run", &error.to_string());
        }
    }
    match error {
        RunError::Interrupted => crate::interrupt::exit_code(),
        error => error.exit_code(),
    }
}

/// A panic is a fault of ours: it is said with its place, and without the values it may carry.
pub(crate) fn hush_panics() {
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map_or_else(String::new, |at| format!(" at {}:{}", at.file(), at.line()));
        // Standard error may be closed; there is nobody left to tell then.
        let _ = writeln!(
            std::io::stderr(),
            "error[E-BUG-001] cornerstone met a fault of its own{place}\n  = please report it; nothing was published"
        );
    }));
}
