//! `cornerstone readout`: what a run's pilot said.

use std::fmt::Write as _;

use engine::pilot::readout::Reading;
use models::trial::Verdict;
use scenarios::run::ReadOut;
use serde_json::json;

use crate::cli::Readout;
use crate::exit;
use crate::terminal::Terminal;

pub(crate) fn run(args: &Readout, terminal: &Terminal) -> u8 {
    if let Err(code) = super::output_is_free(args.output.as_deref(), ["json", "json"], terminal) {
        return code;
    }
    if !(args.threshold.fraction > -1.0 && args.threshold.fraction.is_finite()) {
        terminal.problem("E-CLI-003", "--threshold", "a threshold is a share above -100 %");
        return exit::USAGE;
    }
    let scenario = match scenarios::spec::read(&args.scenario) {
        Ok(scenario) => scenario,
        Err(findings) => {
            terminal.findings(&findings);
            return scenarios::run::exit_code(&findings);
        }
    };
    let read = super::run_folder(&args.run)
        .and_then(|folder| scenarios::run::readout(&scenario, &folder, args.threshold.fraction));
    terminal.clear();
    let read = match read {
        Ok(read) => read,
        Err(error) => return exit::failed(terminal, &error),
    };
    if let Some(path) = &args.output {
        let bytes = format!("{:#}\n", document(&read, args.threshold.fraction));
        if let Err(code) = super::write_whole(path, bytes.as_bytes(), "E-IO-002", terminal) {
            return code;
        }
    }
    match super::print(terminal, told(&read, args.threshold.fraction).as_bytes()) {
        Err(code) => code,
        Ok(()) => exit::DONE,
    }
}

/// The answer, in sentences.
fn told(read: &ReadOut, threshold: f64) -> String {
    let mut text = String::new();
    let with = read.plan.stores.iter().filter(|store| !store.controls.is_empty()).count();
    let controls: usize = read.plan.stores.iter().map(|store| store.controls.len()).sum();
    let weeks = read.related.weeks;
    _ = writeln!(text, "The pilot of {}: {with} stores against {controls} controls, {weeks} weeks.", read.plan.run_id);
    if weeks < read.plan.pilot.watch_weeks {
        _ = writeln!(
            text,
            "It was to be watched for {} weeks. An early look is sound by itself; stopping at the first one that pleases is not.",
            read.plan.pilot.watch_weeks
        );
    }
    say(&mut text, "Sales of related products", &read.related);
    if let Some(all) = &read.all {
        say(&mut text, "All sales", all);
    }
    let verdict = match read.related.readout.verdict {
        Verdict::Go => "Go: the whole interval lies above the threshold of",
        Verdict::NoGo => "No go: the whole interval lies below the threshold of",
        Verdict::Undecided => "Undecided: the interval holds the threshold of",
    };
    _ = writeln!(text, "{verdict} {}, on sales of related products.", percent(threshold));
    text
}

fn say(text: &mut String, what: &str, reading: &Reading) {
    let (low, high) = reading.readout.interval;
    _ = writeln!(
        text,
        "{what} {} by {}; between {} and {} in 19 of 20 such pilots (p = {:.3} of no effect).",
        // What is told as 0.0 % fell by nothing.
        if reading.readout.effect <= -5e-4 { "fell" } else { "rose" },
        percent(reading.readout.effect.abs()),
        percent(low),
        percent(high),
        reading.readout.p_value
    );
    _ = writeln!(
        text,
        "  The error was measured on {} pilots that never were; an effect of {} is found 8 times in 10.",
        reading.placebos,
        percent(reading.minimum_detectable_effect)
    );
}

/// A share as a percentage with one decimal.
fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share + 0.0)
}

fn document(read: &ReadOut, threshold: f64) -> serde_json::Value {
    let reading = |reading: &Reading| {
        json!({
            "weeks": reading.weeks,
            "effect": reading.readout.effect,
            "interval": [reading.readout.interval.0, reading.readout.interval.1],
            "p_value": reading.readout.p_value,
            "verdict": reading.readout.verdict,
            "minimum_detectable_effect": reading.minimum_detectable_effect,
            "placebos": reading.placebos,
        })
    };
    json!({
        "schema": "cornerstone/readout/1",
        "run_id": read.plan.run_id,
        "threshold": threshold,
        "related": reading(&read.related),
        "all": read.all.as_ref().map(reading),
    })
}
