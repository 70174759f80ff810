//! `cornerstone backtest`: what forecasts of the past would have been worth.

use std::fmt::Write as _;

use domain::backtest::Backtest as Tested;
use scenarios::run::exit_code;

use super::running;
use crate::cli::Backtest;
use crate::exit;
use crate::terminal::Terminal;

pub(crate) fn run(args: &Backtest, terminal: &Terminal) -> u8 {
    let ending = args.output.as_deref().and_then(|path| path.extension()?.to_str());
    if let Err(code) = super::output_is_free(args.output.as_deref(), ["html", "json"], terminal) {
        return code;
    }
    let scenario = match scenarios::spec::read(&args.scenario) {
        Ok(scenario) => scenario,
        Err(findings) => {
            terminal.findings(&findings);
            return exit_code(&findings);
        }
    };
    let stop = match running::stop(None, None, terminal) {
        Ok(stop) => stop,
        Err(code) => return code,
    };
    let horizon = args.horizon.map_or(scenario.settings.horizon_weeks.min(26), |weeks| weeks) as usize;
    let tested = match scenarios::run::backtest(&scenario, horizon, args.origins as usize, &stop, terminal) {
        Ok((tested, findings)) => {
            terminal.clear();
            terminal.findings(&findings);
            tested
        }
        Err(error) => return exit::failed(terminal, &error),
    };
    if tested.scores.is_empty() {
        let why = format!("no series was observed both before and within the {horizon} weeks after any origin");
        terminal.problem("E-IN-003", "sales", &why);
        return exit::DATA;
    }
    if let Err(code) = super::print(terminal, table(&tested).as_bytes()) {
        return code;
    }
    let Some(path) = &args.output else { return exit::DONE };
    let bytes = match ending {
        Some("html") => reports::backtest(&tested).map(String::into_bytes).map_err(|error| error.to_string()),
        _ => serde_json::to_vec_pretty(&tested).map_err(|error| error.to_string()),
    };
    match bytes {
        Ok(bytes) => super::write_whole(path, &bytes, "E-IO-002", terminal).err().unwrap_or(exit::DONE),
        Err(error) => {
            terminal.problem("E-RUN-003", "backtest", &error);
            exit::BUG
        }
    }
}

/// The scores as lines.
fn table(tested: &Tested) -> String {
    let percent = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{:.1}%", 100.0 * value));
    let number = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"));
    let mut lines = String::new();
    let mut line = |cells: [&str; 8]| {
        let [group, method, judged, wape, mase, pinball, eighty, ninety] = cells;
        let _ = writeln!(
            lines,
            "{group:<34} {method:<24} {judged:>9} {wape:>8} {mase:>7} {pinball:>8} {eighty:>7} {ninety:>7}"
        );
    };
    line(["series", "method", "weeks", "WAPE", "MASE", "pinball", "80%", "95%"]);
    for score in &tested.scores {
        line([
            &score.group,
            &score.method,
            &score.cells.to_string(),
            &percent(score.wape),
            &number(score.mase),
            &percent(score.pinball),
            &percent(score.coverage_80),
            &percent(score.coverage_95),
        ]);
    }
    if let Some(held) = &tested.held_out {
        let _ = writeln!(
            lines,
            "{} stores held out whole: WAPE {:.1}%, 80% intervals held {:.1}%, {:.1}% among the best-looking tenth, which sold {:.1}% of its forecast",
            held.stores,
            100.0 * held.wape,
            100.0 * held.coverage_80,
            100.0 * held.coverage_80_top,
            100.0 * held.top_ratio
        );
    }
    lines
}
