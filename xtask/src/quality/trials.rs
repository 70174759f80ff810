//! What a pilot's design claims of itself, on real weekly sales: false positives, power, error.
//!
//! `FILE` is a CSV table `unique_id, ds, y`: a store's sales by week, `ds` the week's first day; a week that is not there, or
//! without `y`, is missing. docs/trials.md states the protocol. A held-out start is calibrated only on placebo pilots whose
//! weeks ended before it began, and the estimator of a cell is the one with the least error before the first of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use domain::calendar::{Date, epoch_day};
use domain::seed::Seed;
use models::trial::{Calibration, Draws, Estimator, History, Plan, Windows, effects};
use ndarray::Array2;
use rayon::prelude::*;

use super::QualityError;

/// Which windows are looked at.
#[derive(Debug, Clone, Copy)]
pub struct TrialWindows {
    /// Weeks before a start over which stores are matched.
    pub lookback: usize,
    /// The first held-out start, as a position among the weeks.
    pub held_out_from: usize,
    /// Weeks between starts.
    pub step: usize,
}

/// Weeks that an effect is measured from.
const BEFORE: usize = 13;
/// Weeks of a pilot, its stores, and controls of each.
const AFTER: [usize; 2] = [8, 13];
const STORES: [usize; 3] = [6, 8, 12];
const CONTROLS: [usize; 4] = [1, 2, 3, 4];
/// Pilots drawn for each start.
const DRAWN: usize = 40;
/// Of the test, and of the effect that it is to find.
const SIZE: f64 = 0.05;
const POWER: f64 = 0.8;
/// Placebo pilots at least before a window is tested.
const PLACEBOS_MIN: usize = 100;

/// What a cell showed.
#[derive(Debug, Clone, Copy, Default)]
struct Shown {
    tested: f64,
    found: f64,
    power: f64,
    realised: f64,
    claimed: f64,
    detectable: f64,
}

/// Prints a row for each design.
///
/// # Errors
/// Where the file can't be read, is not of that shape, is too short, or the table can't be written.
pub fn trials(file: &Path, windows: TrialWindows) -> Result<(), QualityError> {
    let bad = |what: String| QualityError::Data { file: file.display().to_string(), what };
    let history = read(file)?;
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "| stores | controls | weeks | estimator | false positives, % | power | realised / claimed error | MDE, % |"
    )?;
    writeln!(out, "|--:|--:|--:|---|--:|--:|--:|--:|")?;
    let cells: Vec<(usize, usize, usize)> = AFTER
        .into_iter()
        .flat_map(|after| STORES.into_iter().flat_map(move |p| CONTROLS.into_iter().map(move |m| (after, p, m))))
        .filter(|&(_, p, m)| p * (m + 1) <= history.stores())
        .collect();
    let shown: Vec<Option<(Estimator, Shown)>> = cells
        .par_iter()
        .map(|&(after, p, m)| cell(&history, windows, after, p, m))
        .collect::<Result<_, _>>()
        .map_err(|error| bad(error.to_string()))?;
    let mut means = Vec::new();
    for (&(after, p, m), shown) in cells.iter().zip(shown) {
        let Some((estimator, shown)) = shown else { continue };
        let row = shown.figures();
        means.push(row);
        let [found, power, ratio, detectable] = row;
        writeln!(
            out,
            "| {p} | {m} | {after} | {estimator:?} | {found:.1} | {power:.3} | {ratio:.2} | {detectable:.1} |"
        )?;
    }
    if means.is_empty() {
        return Err(bad(format!("{} stores and {} weeks leave no window to test", history.stores(), history.weeks())));
    }
    let mean = |at: usize| means.iter().map(|row| row[at]).sum::<f64>() / means.len() as f64;
    let within = means.iter().filter(|row| (3.0..=7.0).contains(&row[0])).count();
    writeln!(
        out,
        "| mean | | | {within} of {} in 3 to 7 % | {:.1} | {:.3} | {:.2} | {:.1} |",
        means.len(),
        mean(0),
        mean(1),
        mean(2),
        mean(3)
    )?;
    Ok(())
}

impl Shown {
    fn figures(self) -> [f64; 4] {
        let each = |sum: f64| sum / self.tested;
        [
            100.0 * each(self.found),
            each(self.power),
            (self.realised / self.claimed).sqrt(),
            100.0 * each(self.detectable),
        ]
    }
}

/// One design: the estimator chosen, and what its held-out windows showed.
fn cell(
    history: &History,
    windows: TrialWindows,
    after: usize,
    stores: usize,
    controls: usize,
) -> Result<Option<(Estimator, Shown)>, models::trial::TrialError> {
    let TrialWindows { lookback, held_out_from, step } = windows;
    let starts: Vec<usize> = (lookback..(history.weeks() + 1).saturating_sub(after)).step_by(step.max(1)).collect();
    let drawn = |estimator, start: usize, seed| {
        let windows = Windows { lookback, before: BEFORE.min(lookback), after };
        let plan = Plan { controls_per_store: controls, windows, estimator };
        let eligible = (0..history.stores()).collect();
        let draws = Draws { stores, eligible, starts: vec![start], per_start: DRAWN, seed: Seed(seed + start as u64) };
        let scaled = |(effect, scale): (f64, f64)| (effect / scale, scale);
        effects(history, &plan, &draws).map(|found| found.into_iter().map(scaled).collect::<Vec<_>>())
    };
    // The seeds of placebo pilots and of those under test stay apart.
    let (placebo, tested) = (1_000, 1_000_000);
    let mut best: Option<(f64, Estimator, Vec<(usize, Vec<(f64, f64)>)>)> = None;
    for estimator in Estimator::ALL {
        let all: Vec<(usize, Vec<(f64, f64)>)> = starts
            .iter()
            .map(|&start| Ok((start, drawn(estimator, start, placebo)?)))
            .collect::<Result<_, models::trial::TrialError>>()?;
        let early = all.iter().filter(|(start, _)| start + after <= held_out_from).flat_map(|(_, found)| found);
        let (sum, count) = early.fold((0.0, 0.0), |(sum, count), (t, _)| (sum + t * t, count + 1.0));
        let error = sum / f64::max(count, 1.0);
        if count > 0.0 && best.as_ref().is_none_or(|best| error < best.0) {
            best = Some((error, estimator, all));
        }
    }
    let Some((_, estimator, placebos)) = best else { return Ok(None) };
    let mut shown = Shown::default();
    for &start in starts.iter().filter(|&&start| start >= held_out_from) {
        let past = placebos.iter().filter(|(earlier, _)| earlier + after <= start);
        let errors: Vec<f64> = past.flat_map(|(_, found)| found.iter().map(|(t, _)| *t)).collect();
        if errors.len() < PLACEBOS_MIN {
            continue;
        }
        let calibration = Calibration::from_errors(errors)?;
        let (margin, kappa) = (calibration.margin(SIZE)?, calibration.kappa(SIZE, POWER)?);
        let claimed = calibration.standard_error(1.0).powi(2);
        for (t, scale) in drawn(estimator, start, tested)? {
            let hit = |t: f64| f64::from(u8::from(t.abs() > margin));
            shown.tested += 1.0;
            shown.found += hit(t);
            shown.power += 0.5 * (hit(t + kappa) + hit(t - kappa));
            shown.realised += t * t;
            shown.claimed += claimed;
            shown.detectable += (kappa * scale).exp_m1();
        }
    }
    Ok((shown.tested > 0.0).then_some((estimator, shown)))
}

fn read(file: &Path) -> Result<History, QualityError> {
    let bad = |what: String| QualityError::Data { file: file.display().to_string(), what };
    let text = fs::read_to_string(file)?;
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    if header != ["unique_id", "ds", "y"] {
        return Err(bad(format!("its columns are `{}`, not `unique_id,ds,y`", header.join(","))));
    }
    let mut cells: BTreeMap<(&str, i64), f64> = BTreeMap::new();
    for (line, row) in (2..).zip(lines) {
        let row: Vec<&str> = row.split(',').collect();
        let &[id, ds, y] = row.as_slice() else {
            return Err(bad(format!("line {line} has {} cells, not 3", row.len())));
        };
        let day: Date = ds.parse().map_err(|_| bad(format!("line {line}: `{ds}` is no date")))?;
        let sold = if y.is_empty() { Ok(f64::NAN) } else { y.parse() };
        let sold: f64 = sold.map_err(|_| bad(format!("line {line}: `{y}` is no number")))?;
        if cells.insert((id, i64::from(epoch_day(day))), sold).is_some() {
            return Err(bad(format!("line {line}: {id} has this week already")));
        }
    }
    let ids: BTreeSet<&str> = cells.keys().map(|key| key.0).collect();
    let ids: Vec<&str> = ids.into_iter().collect();
    let days = || cells.keys().map(|key| key.1);
    let (Some(first), Some(last)) = (days().min(), days().max()) else { return Err(bad("it has no rows".into())) };
    if let Some(day) = days().find(|day| (day - first) % 7 != 0) {
        return Err(bad(format!("day {} of its weeks is no whole number of weeks after the first", day - first)));
    }
    let weeks = usize::try_from((last - first) / 7 + 1).unwrap_or(0);
    let mut sales = Array2::from_elem((ids.len(), weeks), f64::NAN);
    for ((id, day), sold) in cells {
        if let (Ok(row), Ok(week)) = (ids.binary_search(&id), usize::try_from((day - first) / 7)) {
            sales[[row, week]] = sold;
        }
    }
    History::new(sales.view()).map_err(|error| bad(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<History, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("weeks.csv");
        fs::write(&file, text).expect("written");
        read(&file).map_err(|error| error.to_string())
    }

    #[test]
    fn weeks_are_read_and_gaps_kept() {
        let rows = "unique_id,ds,y\nb,2024-01-15,7\na,2024-01-01,1\na,2024-01-15,\nb,2024-01-01,5\n";
        let history = of(rows).expect("sound");
        assert_eq!((history.stores(), history.weeks()), (2, 3));
    }

    #[test]
    fn what_is_no_table_of_weeks_is_named_by_its_line() {
        for (text, said) in [
            ("store,week,sales\na,2024-01-01,1\n", "its columns are `store,week,sales`, not `unique_id,ds,y`"),
            ("unique_id,ds,y\na,2024-01-01,1\na,2024-01-01,2\n", "line 3: a has this week already"),
            ("unique_id,ds,y\na,2024-01-01,1\na,2024-01-10,2\n", "day 9 of its weeks is no whole number of weeks"),
            ("unique_id,ds,y\na,2024-01-01\n", "line 2 has 2 cells, not 3"),
            ("unique_id,ds,y\na,soon,1\n", "line 2: `soon` is no date"),
            ("unique_id,ds,y\na,2024-01-01,many\n", "line 2: `many` is no number"),
            ("unique_id,ds,y\n", "it has no rows"),
        ] {
            let error = of(text).expect_err(text);
            assert!(error.contains(said), "{error}");
        }
    }
}
