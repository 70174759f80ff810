//! `cornerstone diff`: what changed from one run to another, and whether a gate lets it through.

use std::fmt::Write as _;

use scenarios::run::diff::{Difference, Gate, Reordered};
use scenarios::run::{RunError, open};

use crate::cli::Diff;
use crate::exit;
use crate::terminal::Terminal;

pub(crate) fn run(args: &Diff, terminal: &Terminal) -> u8 {
    if let Err(code) = super::output_is_free(args.output.as_deref(), ["json", "json"], terminal) {
        return code;
    }
    let plan = |path| -> Result<_, RunError> { Ok(open(&super::run_folder(path)?)?.plan) };
    let plans = plan(&args.before).and_then(|before| Ok((before, plan(&args.after)?)));
    let difference = match plans {
        Ok((before, after)) => Difference::between(&before, &after),
        Err(error) => return exit::failed(terminal, &error),
    };
    if let Some(path) = &args.output {
        let text = match serde_json::to_string_pretty(&difference) {
            Ok(text) => text + "\n",
            Err(error) => {
                terminal.problem("E-OUT-001", "diff", &error.to_string());
                return exit::BUG;
            }
        };
        if let Err(code) = super::write_whole(path, text.as_bytes(), "E-IO-002", terminal) {
            return code;
        }
    }
    if let Err(code) = super::print(terminal, told(&difference).as_bytes()) {
        return code;
    }
    let shut: Vec<&Gate> = args.fail_on.iter().filter(|gate| !gate.passes(&difference)).collect();
    for gate in &shut {
        let why = match difference.measure(gate.watched) {
            Some(measure) => format!("it is {}", gate.exceeded_by(measure)),
            None => "the plans sought something else, so that it can't be told".into(),
        };
        terminal.problem("E-GATE-001", &gate.words, &why);
    }
    if shut.is_empty() { exit::DONE } else { exit::GATE }
}

/// The difference, as a person reads it.
fn told(difference: &Difference) -> String {
    let [before, after] = &difference.runs;
    let mut text = format!("From {before} to {after}:\n");
    let list = |ids: &[String]| if ids.is_empty() { "none".to_owned() } else { ids.join(", ") };
    _ = writeln!(text, "  stores opened    {}", list(&difference.opened));
    _ = writeln!(text, "  stores closed    {}", list(&difference.closed));
    _ = writeln!(text, "  other controls   {}", list(&difference.controls));
    if let Some([old, new]) = difference.objective {
        _ = writeln!(text, "  objective        {:.0} -> {:.0}", old + 0.0, new + 0.0);
    }
    if let Some([old, new]) = difference.expected_profit {
        _ = writeln!(text, "  expected profit  {old} -> {new}");
    }
    let [old, new] = difference.gap.map(|gap| 100.0 * gap);
    _ = writeln!(text, "  gap              {old:.3} % -> {new:.3} %");
    _ = writeln!(text, "  units in stock   {} -> {}", difference.units[0], difference.units[1]);
    for change in &difference.stock {
        let [old, new] = change.units;
        _ = writeln!(text, "  stock            {} {}: {old} -> {new}", change.store_id, change.device);
    }
    for change in &difference.reorder {
        let [old, new] = change.policy.map(policy);
        _ = writeln!(text, "  reorder          {} {}: {old} -> {new}", change.store_id, change.device);
    }
    for change in &difference.depots {
        let [old, new] = change.units.map(|units| units.map_or_else(|| "none".to_owned(), |units| units.to_string()));
        _ = writeln!(text, "  depot            {} {}: {old} -> {new}", change.market, change.device);
    }
    if !difference.warnings.is_empty() {
        _ = writeln!(text, "  new warnings     {}", difference.warnings.join(", "));
    }
    text
}

/// When a device is reordered, and how much, in words.
fn policy(policy: Option<Reordered>) -> String {
    match policy {
        None => "none".into(),
        Some(Reordered { reorder, up_to: Some(level), .. }) => format!("at {reorder} up to {level}"),
        Some(Reordered { reorder, lot: Some(lot), .. }) => format!("at {reorder} in lots of {lot}"),
        Some(Reordered { reorder, .. }) => format!("at {reorder}"),
    }
}
