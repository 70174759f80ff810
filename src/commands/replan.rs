//! `cornerstone replan`: a plan made again on a schedule, and what changed.

use scenarios::run::diff::Difference;
use scenarios::run::{Replanned, Since, UNCHANGED};

use super::{plan, running};
use crate::cli::Replan;
use crate::exit;
use crate::terminal::Terminal;

pub(crate) fn run(args: &Replan, terminal: &Terminal) -> u8 {
    match replanned(args, terminal) {
        Ok(code) | Err(code) => code,
    }
}

fn replanned(args: &Replan, terminal: &Terminal) -> Result<u8, u8> {
    let runs = args.output.clone().unwrap_or_else(|| plan::beside(&args.scenario));
    let mut scenario = plan::read(&args.scenario, terminal)?;
    if let Some(as_of) = args.as_of {
        scenario.settings.as_of = as_of;
    }
    let stop = plan::limited(&scenario, &running::stop(None, None, terminal)?);
    let kept = (!args.refit).then(|| args.incremental.clone().unwrap_or_else(|| runs.join("parameters.redb")));
    let command = format!("cornerstone replan {} --as-of {}", scenario.file.display(), scenario.settings.as_of);
    let outcome = running::within(&runs, &command, &stop, terminal, |context| {
        scenarios::run::replan(&scenario, args.skip_unchanged, kept.as_deref(), context)
    });
    match outcome.map_err(|error| exit::failed(terminal, &error))? {
        Replanned::Unchanged(run_id) => {
            terminal.clear();
            let told = format!("Nothing has changed since {run_id}, which stays current.\n");
            super::print(terminal, told.as_bytes())?;
            Ok(UNCHANGED)
        }
        Replanned::Planned(again) => {
            let more = again.since.as_ref().map_or_else(String::new, |since| sentence(since, &again.finished.plan));
            plan::told(&again.finished, &more, terminal)?;
            Ok(again.finished.exit_code)
        }
    }
}

/// What changed, and since what did.
fn sentence(since: &Since, plan: &domain::plan::Plan) -> String {
    let Difference { opened, closed, runs, units, .. } = &since.difference;
    let stay = plan.stores.len() - opened.len();
    let list = |ids: &[String]| ids.join(", ");
    let stores = match (opened.is_empty(), closed.is_empty()) {
        (true, true) if stay == 1 => "the store stays".to_owned(),
        (true, true) => format!("all {stay} stores stay"),
        (false, true) => format!("{stay} stay and {} come in", list(opened)),
        (true, false) => format!("{stay} stay and {} go", list(closed)),
        (false, false) => format!("{stay} stay, and {} take the place of {}", list(opened), list(closed)),
    };
    let stock = match (since.difference.stock.len(), units) {
        (0, [before, after]) if before == after => "stock as it was".to_owned(),
        (lines, [before, after]) => {
            format!("{lines} lines of stock of those that stay change ({before} to {after} units in all)")
        }
    };
    let causes = match &since.causes[..] {
        [] => "nothing that it is made from".to_owned(),
        causes => causes.join(", "),
    };
    format!("Since {}: {stores}; {stock}. What changed before that: {causes}.\n", runs[0])
}
