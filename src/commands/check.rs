//! `cornerstone check`: reads everything, decides nothing.

use domain::diagnostic::Severity;
use scenarios::run::exit_code;

use crate::cli::Check;
use crate::exit;
use crate::terminal::Terminal;

pub(crate) fn run(args: &Check, terminal: &Terminal) -> u8 {
    let read = scenarios::spec::read(&args.scenario);
    let (scenario, loaded) = match read.and_then(|scenario| Ok((scenarios::run::check(&scenario)?, scenario))) {
        Ok((loaded, scenario)) => (scenario, loaded),
        Err(findings) => {
            terminal.findings(&findings);
            return exit_code(&findings);
        }
    };
    terminal.findings(&loaded.findings);
    let market = &loaded.market;
    let mut summary = format!(
        "{} markets, {} stores, {} devices, {} zones with {} people, {} series of {} weeks\n",
        market.markets.len(),
        market.stores.len(),
        market.device_ids.len(),
        market.zones.len(),
        market.zones.iter().map(|zone| zone.population).sum::<u64>(),
        market.sales.series.len(),
        market.sales.weeks,
    );
    for input in &loaded.inputs {
        summary.push_str(&format!("{:<8} {:>12} rows  {}\n", input.role, input.rows, input.path));
    }
    if let Some(sweep) = &scenario.sweep {
        let keys: Vec<&str> = sweep.axes.iter().map(|axis| axis.key.as_str()).collect();
        summary.push_str(&format!("sweep    {:>12} points of {}\n", sweep.points.len(), keys.join(", ")));
    }
    if let Err(code) = super::print(terminal, summary.as_bytes()) {
        return code;
    }
    match loaded.findings.iter().any(|finding| finding.severity == Severity::Warning) {
        true if args.strict => exit::GATE,
        true => exit::WARNING,
        false => exit::DONE,
    }
}
