//! Forecasting of single series beside its peers: accuracy, coverage and CPU time, of the same series in one run.
//!
//! The peers get the training parts alone, in one file, and answer with forecasts; measures are taken here, by
//! one hand for all. Each times its own calls, on one thread, after a first that does not count: Python's and
//! the compiler's start are in no figure. All tools also give 80 and 95 % intervals, but our smoothing alone. statsforecast is pinned in `xtask/peers/requirements.txt`, the Rust
//! peers in `xtask/peers/rust/`, a project of its own outside the workspace.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use domain::forecast::LEVELS;
use domain::panel::Cell;

use super::{PeersError, io, report};
use crate::quality::{Accuracy, Set, sets};

/// What a tool made of a set.
#[derive(Default)]
struct Outcome {
    accuracy: Accuracy,
    seconds: f64,
    count: f64,
    /// Series on which it failed, and the last value stands in.
    failed: usize,
}

/// Runs every tool on every set, and prints the table.
///
/// # Errors
/// A step that failed.
pub fn forecasting(root: &Path) -> Result<(), PeersError> {
    let Some(mut sets) = sets(root)? else {
        eprintln!("skipped: the benchmark series are not beside the project (../shared/data/forecasting)");
        return Ok(());
    };
    // No goal is set for the other series of M3, and there are few.
    sets.retain(|set| set.name != "M3 other");
    let work = root.join("target/peers");
    super::make(&work)?;
    let series = work.join("series.txt");
    fs::write(&series, lines(&sets)).map_err(io("writing the series"))?;
    let mut outcomes: BTreeMap<(usize, String), Outcome> = BTreeMap::new();
    ours(&sets, &mut outcomes);
    let python = super::environment(root, &work)?;
    eprintln!("statsforecast");
    let script = root.join("xtask/peers/forecasting.py");
    let answer = answer(Command::new(&python).arg(script).arg(&series).envs(ONE_THREAD), "statsforecast")?;
    take(&sets, &answer, &mut outcomes)?;
    eprintln!("augurs and anofox-forecast");
    let manifest = root.join("xtask/peers/rust/Cargo.toml");
    let target = work.join("rust");
    let mut build = Command::new("cargo");
    build.args(["build", "--quiet", "--release", "--locked", "--manifest-path"]).arg(&manifest);
    super::step(build.arg("--target-dir").arg(&target), "cargo build of the Rust peers")?;
    let answer = self::answer(Command::new(target.join("release/rust-peers")).arg(&series), "the Rust peers")?;
    take(&sets, &answer, &mut outcomes)?;
    print(&sets, &outcomes);
    Ok(())
}

/// Every library that brings threads of its own is held to one.
const ONE_THREAD: [(&str, &str); 3] =
    [("OMP_NUM_THREADS", "1"), ("OPENBLAS_NUM_THREADS", "1"), ("NIXTLA_NUMBA_RELEASE_GIL", "0")];

/// One line per series: set, number, horizon, season, values of the training part.
fn lines(sets: &[Set]) -> String {
    let mut text = String::new();
    for (at, set) in sets.iter().enumerate() {
        for (number, case) in set.cases.iter().enumerate() {
            let values = case.train.iter().map(|value| format!(" {value}")).collect::<String>();
            let _ = writeln!(text, "{at} {number} {} {}{values}", set.horizon, set.season);
        }
    }
    text
}

fn ours(sets: &[Set], outcomes: &mut BTreeMap<(usize, String), Outcome>) {
    for (at, set) in sets.iter().enumerate() {
        let outcome = outcomes.entry((at, " cornerstone, default set".into())).or_default();
        for case in &set.cases {
            let cells = vec![Cell::Observed; case.train.len()];
            let start = Instant::now();
            let forecast = models::univariate::forecast_series(&case.train, &cells, set.horizon, set.season);
            outcome.seconds += start.elapsed().as_secs_f64();
            outcome.count += 1.0;
            if let Some(forecast) = forecast {
                let quantiles = Some(&forecast.quantiles[..]);
                outcome.accuracy.add(&case.train, &case.test, set.period, &forecast.mean, quantiles);
            }
        }
        let outcome = outcomes.entry((at, " cornerstone, exponential smoothing alone".into())).or_default();
        for case in &set.cases {
            let cells = vec![Cell::Observed; case.train.len()];
            let start = Instant::now();
            let forecast = models::univariate::smooth_series(&case.train, &cells, set.horizon, set.season);
            outcome.seconds += start.elapsed().as_secs_f64();
            outcome.count += 1.0;
            if let Some(forecast) = forecast {
                outcome.accuracy.add(&case.train, &case.test, set.period, &forecast, None);
            }
        }
    }
}

/// What a child printed.
fn answer(command: &mut Command, tool: &'static str) -> Result<String, PeersError> {
    let told = command.stderr(std::process::Stdio::inherit()).output().map_err(io(tool))?;
    if !told.status.success() {
        return Err(PeersError::SetUp(tool.into()));
    }
    Ok(String::from_utf8_lossy(&told.stdout).into_owned())
}

/// Takes in lines `tool set number seconds f1..fh [low80 high80 low95 high95 of each h]`, tabs between the
/// first four; a forecast of one `nan` is a failure.
fn take(sets: &[Set], answer: &str, outcomes: &mut BTreeMap<(usize, String), Outcome>) -> Result<(), PeersError> {
    for line in answer.lines() {
        let wrong = || PeersError::NoAnswer {
            tool: "a peer",
            case: "forecasting".into(),
            text: line.chars().take(80).collect(),
        };
        let mut fields = line.split('\t');
        let mut field = || fields.next().ok_or_else(wrong);
        let tool = field()?.to_owned();
        let set: usize = field()?.parse().map_err(|_| wrong())?;
        let number: usize = field()?.parse().map_err(|_| wrong())?;
        let seconds: f64 = field()?.parse().map_err(|_| wrong())?;
        let values: Vec<f64> = field()?.split(' ').filter_map(|value| value.parse().ok()).collect();
        let (Some(known), Some(case)) = (sets.get(set), sets.get(set).and_then(|set| set.cases.get(number))) else {
            return Err(wrong());
        };
        let outcome = outcomes.entry((set, tool)).or_default();
        outcome.seconds += seconds;
        outcome.count += 1.0;
        let sound = values.len() >= known.horizon && values[..known.horizon].iter().all(|value| value.is_finite());
        if !sound {
            outcome.failed += 1;
            let naive = vec![case.train.last().copied().unwrap_or(0.0); known.horizon];
            outcome.accuracy.add(&case.train, &case.test, known.period, &naive, None);
            continue;
        }
        let (mean, bounds) = values.split_at(known.horizon);
        let quantiles: Vec<[f64; LEVELS.len()]> = (bounds.chunks_exact(4).zip(mean))
            .map(|(bound, &mean)| [bound[2], bound[0], mean, mean, mean, bound[1], bound[3]])
            .collect();
        let quantiles = (quantiles.len() == known.horizon).then_some(&quantiles[..]);
        outcome.accuracy.add(&case.train, &case.test, known.period, mean, quantiles);
    }
    Ok(())
}

fn print(sets: &[Set], outcomes: &BTreeMap<(usize, String), Outcome>) {
    println!("{}", report::machine());
    for (at, set) in sets.iter().enumerate() {
        println!("\n**{}** ({} series)\n", set.name, set.cases.len());
        println!(
            "| tool | sMAPE | MASE | OWA | OWA / ours | in 80 % | in 95 % | CPU ms a series | CPU / ours | failed |"
        );
        println!("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
        let here = outcomes.iter().filter(|((set, _), _)| *set == at);
        let best = here.clone().next().map(|(_, outcome)| outcome);
        for ((_, tool), outcome) in here {
            let each = |outcome: &Outcome| 1e3 * outcome.seconds / outcome.count;
            let share = |value: f64| if value.is_nan() { "–".to_owned() } else { format!("{value:.1}") };
            let [in_80, in_95] = outcome.accuracy.coverage().map(share);
            let (owa, ms) = best.map_or((f64::NAN, f64::NAN), |best| (best.accuracy.owa(), each(best)));
            println!(
                "| {} | {:.2} | {:.3} | {:.3} | {:.3} | {in_80} | {in_95} | {:.2} | {:.1} | {} |",
                tool.trim(),
                outcome.accuracy.smape(),
                outcome.accuracy.mase(),
                outcome.accuracy.owa(),
                outcome.accuracy.owa() / owa,
                each(outcome),
                each(outcome) / ms,
                outcome.failed,
            );
        }
    }
}
