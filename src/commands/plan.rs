//! `cornerstone plan`: forecast, place, stock, pick controls, verify, report.

use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::plan::{Plan, Status, Warning};
use domain::settings::ObjectiveKind;
use domain::stop::Stop;
use scenarios::run::Finished;
use scenarios::spec::Scenario;

use super::{running, watch};
use crate::cli;
use crate::exit;
use crate::terminal::Terminal;

pub(crate) fn run(args: &cli::Plan, terminal: &Terminal) -> u8 {
    let runs = args.output.clone().unwrap_or_else(|| beside(&args.scenario));
    let signals = match running::stop(None, None, terminal) {
        Ok(signals) => signals,
        Err(code) => return code,
    };
    let kept = args.incremental.as_deref();
    if args.watch {
        return watch::run(&args.scenario, terminal, |scenario| one(scenario, &runs, kept, &signals, terminal));
    }
    match read(&args.scenario, terminal).and_then(|scenario| one(&scenario, &runs, kept, &signals, terminal)) {
        Ok(code) | Err(code) => code,
    }
}

/// Plans a scenario file into a folder of runs, and says how it ended.
pub(crate) fn scenario(file: &Path, runs: &Path, terminal: &Terminal) -> Result<u8, u8> {
    one(&read(file, terminal)?, runs, None, &running::stop(None, None, terminal)?, terminal)
}

/// Reads a scenario file, or shows what is wrong with it.
pub(super) fn read(file: &Path, terminal: &Terminal) -> Result<Scenario, u8> {
    scenarios::spec::read(file).map_err(|findings| {
        terminal.findings(&findings);
        scenarios::run::exit_code(&findings)
    })
}

/// Plans a scenario, with parameters that the file `kept` keeps; `signals` stop it, and so does its own limit of time.
fn one(scenario: &Scenario, runs: &Path, kept: Option<&Path>, signals: &Stop, terminal: &Terminal) -> Result<u8, u8> {
    let finished = execute(scenario, runs, kept, signals, terminal)?;
    told(&finished, "", terminal)?;
    Ok(finished.exit_code)
}

/// Says what was found and decided, and after that `more`.
pub(super) fn told(finished: &Finished, more: &str, terminal: &Terminal) -> Result<(), u8> {
    terminal.clear();
    terminal.findings(&finished.findings);
    // What was found in the tables stands above already.
    let found = |warning: &&Warning| finished.findings.iter().any(|finding| finding.code == warning.code);
    let warnings = finished.plan.warnings.iter().filter(|warning| !found(warning));
    warnings.for_each(|warning| terminal.warning(&warning.code, &warning.text));
    let told = format!("{}\n{more}{}\n", sentence(finished), finished.path.join("report.html").display());
    super::print(terminal, told.as_bytes())
}

fn execute(
    scenario: &Scenario,
    runs: &Path,
    kept: Option<&Path>,
    signals: &Stop,
    terminal: &Terminal,
) -> Result<Finished, u8> {
    let stop = limited(scenario, signals);
    let command = format!("cornerstone plan {}", scenario.file.display());
    let finished =
        running::within(runs, &command, &stop, terminal, |context| scenarios::run::plan(scenario, kept, context));
    finished.map_err(|error| exit::failed(terminal, &error))
}

/// Stops at a signal, and after the scenario's limit of time, from now on.
pub(super) fn limited(scenario: &Scenario, signals: &Stop) -> Stop {
    let limit = scenario.settings.solver.time_limit.map(|limit| Duration::from_secs_f64(60.0 * limit.minutes));
    Stop { deadline: limit.map(|limit| signals.clock.elapsed() + limit), ..signals.clone() }
}

/// `runs`, beside the folder that holds the scenario (or beside the scenario, if that folder is not `scenarios`).
pub(super) fn beside(scenario: &Path) -> PathBuf {
    let folder = scenario.parent().unwrap_or(Path::new(""));
    if folder.file_name().is_some_and(|name| name == "scenarios") {
        folder.parent().unwrap_or(Path::new("")).join("runs")
    } else {
        folder.join("runs")
    }
}

/// The decision in one sentence.
pub(crate) fn sentence(finished: &Finished) -> String {
    let plan = &finished.plan;
    let what = match plan.stores.len() {
        0 if plan.warnings.iter().any(|warning| warning.code == "W-OPT-003") => {
            "Open no corner: the rules leave none".to_owned()
        }
        0 => "Open no corner: none pays under these rules".to_owned(),
        1 => "Open 1 corner".to_owned(),
        stores => format!("Open {stores} corners"),
    };
    let reached = match plan.objective.kind {
        ObjectiveKind::Profit => String::new(),
        ObjectiveKind::Coverage => match plan.objective.reached {
            Some(people) => format!(" that reach {people:.0} people"),
            None => String::new(),
        },
        ObjectiveKind::Distance => match plan.objective.reached {
            Some(minutes) => format!(" at a mean travel time of {minutes:.1} minutes"),
            None => String::new(),
        },
    };
    let (low, high) = (plan.objective.interval[0], plan.objective.interval[1]);
    let money = if plan.stores.is_empty() {
        String::new()
    } else {
        format!(
            "; expected profit {}, 8 in 10 outcomes between {low:.0} and {high:.0} {}",
            plan.worth.expected_profit, plan.worth.expected_profit.currency
        )
    };
    let worst = plan.objective.risk.map_or_else(String::new, |risk| {
        let (tail, unit) = (100.0 * risk.tail, &plan.objective.unit);
        // Shares are stated to four digits at most: binary fractions are no percentages.
        let tail = (1e4 * tail).round() / 1e4;
        format!("; the worst {tail} % of the outcomes earn {:.0} {unit} in the mean, all {:.0}", risk.cvar, risk.mean)
    });
    format!(
        "{what}{reached}{money}{worst}; {}{}.",
        proof(plan),
        if finished.reused { " (finished before, reused)" } else { "" }
    )
}

fn proof(plan: &Plan) -> String {
    match (plan.status, plan.bound_verified) {
        (Status::Proven, _) => "proven best, and verified".to_owned(),
        (Status::Gap, true) => format!("verified, and within {:.2} % of the best possible", 100.0 * plan.objective.gap),
        (Status::Gap, false) => {
            format!("within {:.2} % of the solver's bound, which is not verified", 100.0 * plan.objective.gap)
        }
    }
}
