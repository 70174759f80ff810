//! Forecasts of single series, held against what came: accuracy, coverage and CPU time, from one run.
//!
//! *Protocol.* One set of methods, the default one of `models::univariate` unless another is named, for every series, told the
//! season that the table names. What was tuned (the set of methods, their weighing, the widths of intervals)
//! was tuned on the second table, whose truths are the last horizon of each training part and whose forecasts
//! see only what lies before it; the first table confirms. docs/accuracy.md says what that could not decide.
//!
//! CPU is that of one thread, forecasts with their intervals.

use std::io::{self, Write};
use std::path::Path;
use std::time::Instant;

use domain::panel::Cell;
use models::univariate::{self, Methods};

use super::QualityError;
use super::accuracy::Accuracy;
use super::series::Set;

/// Prints the tables of a set of methods, or says that the benchmark data are not here.
///
/// # Errors
/// Where the data can't be read or the table can't be written.
pub fn forecasting(root: &Path, methods: Methods) -> Result<(), QualityError> {
    let Some(sets) = super::sets(root)? else { return absent() };
    let mut out = io::stdout().lock();
    writeln!(out, "**Held-out parts**\n")?;
    table(&mut out, &sets, methods, false)?;
    writeln!(out, "\n**The last horizon of each training part, which methods and widths were chosen on**\n")?;
    table(&mut out, &sets.iter().map(|set| set.earlier(1)).collect::<Vec<_>>(), methods, false)?;
    writeln!(out, "\n**Held-out parts, from parameters that are as old as `--incremental` lets them grow**\n")?;
    table(&mut out, &sets, methods, true)?;
    Ok(())
}

/// Prints the factors of the intervals' widths, from errors within the training parts.
///
/// # Errors
/// Where the data can't be read or the answer can't be written.
pub fn calibrate(root: &Path) -> Result<(), QualityError> {
    let Some(sets) = super::sets(root)? else { return absent() };
    let learnt = sets.iter().map(|set| {
        let origins = [set.earlier(1), set.earlier(2)];
        let cases = origins.iter().flat_map(|set| &set.cases);
        // Shorter histories than any that the methods are meant for would teach their own widths.
        let long = cases.filter(|case| case.train.len() >= 12);
        long.flat_map(|case| univariate::width_errors(&case.train, &case.test, set.season)).collect()
    });
    let factors = super::calibrate::factors(&learnt.collect::<Vec<Vec<_>>>());
    let mut out = io::stdout().lock();
    for row in factors {
        writeln!(out, "    [{}],", row.map(|factor| format!("{factor:.3}")).join(", "))?;
    }
    Ok(())
}

fn absent() -> Result<(), QualityError> {
    eprintln!("skipped: the benchmark series are not beside the project (../shared/data/forecasting)");
    Ok(())
}

/// With `aged`, parameters come from a history that has since grown by [`univariate::kept_over`], and their time does
/// not count.
fn table(out: &mut impl Write, sets: &[Set], methods: Methods, aged: bool) -> io::Result<()> {
    writeln!(
        out,
        "| series | count | sMAPE | MASE | OWA | OWA, smoothing alone | in 80 % | in 95 % | 80 % width | pinball | CPU ms | CPU ms, smoothing alone |"
    )?;
    writeln!(out, "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|")?;
    for set in sets {
        let (mut all, mut alone) = (Accuracy::default(), Accuracy::default());
        let (mut seconds, mut seconds_alone) = (0.0, 0.0);
        for case in &set.cases {
            let cells = vec![Cell::Observed; case.train.len()];
            let then = case.train.len() - univariate::kept_over(case.train.len());
            let past = (&case.train[..then], &cells[..then]);
            let from = |earlier, units, cells| {
                univariate::forecast_series_from(methods, earlier, units, cells, set.horizon, set.season)
            };
            let earlier = aged.then(|| from(None, past.0, past.1));
            let earlier = earlier.flatten().and_then(|told| told.1);
            let start = Instant::now();
            let forecast = from(earlier, &case.train, &cells).map(|told| told.0);
            seconds += start.elapsed().as_secs_f64();
            let start = Instant::now();
            let smoothed = univariate::smooth_series(&case.train, &cells, set.horizon, set.season);
            seconds_alone += start.elapsed().as_secs_f64();
            if let (Some(forecast), Some(smoothed)) = (forecast, smoothed) {
                all.add(&case.train, &case.test, set.period, &forecast.mean, Some(&forecast.quantiles));
                alone.add(&case.train, &case.test, set.period, &smoothed, None);
            }
        }
        let [in_80, in_95] = all.coverage();
        let each = 1e3 / set.cases.len().max(1) as f64;
        writeln!(
            out,
            "| {} | {} | {:.2} | {:.3} | {:.3} | {:.3} | {in_80:.1} | {in_95:.1} | {:.1} % | {:.3} | {:.2} | {:.2} |",
            set.name,
            all.series(),
            all.smape(),
            all.mase(),
            all.owa(),
            alone.owa(),
            all.width(),
            all.pinball(),
            seconds * each,
            seconds_alone * each,
        )?;
    }
    Ok(())
}
