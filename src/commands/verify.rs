//! `cornerstone verify`: checks a finished run again, from the tables and the stored samples.

use crate::cli::Run;
use crate::exit;
use crate::terminal::Terminal;

pub(crate) fn run(args: &Run, terminal: &Terminal) -> u8 {
    let checked = super::run_folder(&args.run).and_then(|folder| {
        terminal.note(&format!("· verifying {}", folder.display()));
        scenarios::run::check_again(&folder)
    });
    let (plan, verdict) = match checked {
        Ok(checked) => checked,
        Err(error) => return exit::failed(terminal, &error),
    };
    for failure in &verdict.failures {
        terminal.problem(failure.code, "verification", &failure.text);
    }
    if !verdict.failures.is_empty() {
        return exit::UNVERIFIED;
    }
    verdict.doubts.iter().for_each(|doubt| terminal.note(&format!("· {}: {}", doubt.code, doubt.text)));
    let bound = if verdict.bound_verified { "the bound is confirmed" } else { "the bound could not be confirmed" };
    let told = format!(
        "{}: {} stores, objective {} {}, bound {}: every claim is confirmed; {bound}\n",
        plan.run_id,
        plan.stores.len(),
        plan.objective.value,
        plan.objective.unit,
        plan.objective.bound
    );
    match super::print(terminal, told.as_bytes()) {
        Err(code) => code,
        Ok(()) if verdict.bound_verified => exit::DONE,
        Ok(()) => exit::WARNING,
    }
}
