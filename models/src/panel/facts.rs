//! What is known of a row ahead of time: calendar, closed neighbours, and the declared columns.
//!
//! Two sets of features: `linear` (dummies, waves, columns, columns by weekday) for the profile of each series, all
//! with a standard deviation of 1 over the past; and `plain` (the same facts as few numbers) for the trees.

use std::f64::consts::TAU;

use super::calendar::Day;
use super::frame::Frame;

/// Periods beyond which it no longer matters how long ago or how soon something changes.
const NEAR: usize = 7;

/// Facts by row of the frame, row-major.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    pub(super) linear: Vec<f64>,
    pub(super) linear_width: usize,
    pub(super) plain: Vec<f32>,
    pub(super) plain_width: usize,
    /// Periods of a year; 0 where unknown.
    pub(super) year: i64,
}

/// What the columns are like.
struct Columns {
    /// Varies within a series.
    varies: Vec<bool>,
    /// Holds 0 and 1 only.
    is_binary: Vec<bool>,
}

impl Facts {
    /// Of all rows; `season` in periods.
    pub(super) fn of(frame: &Frame, season: usize) -> Self {
        let step = step_days(frame);
        let columns = Columns::of(frame);
        let year = match step {
            // Whole weeks, so that weekdays agree.
            Some(days) if days < 7.0 => (364.0 / days).round() as i64,
            Some(days) => (365.25 / days).round() as i64,
            None if season > 24 => season as i64,
            None => 0,
        };
        let near = near_closed(frame);
        let (mut linear, mut plain) = (Vec::new(), Vec::new());
        for series in &frame.series {
            let changes: Vec<Vec<[f32; 2]>> = (0..frame.width)
                .filter(|&column| columns.varies[column])
                .map(|column| changes(frame, column, series.start, series.end))
                .collect();
            let means: Vec<f64> =
                (0..frame.width).map(|column| mean(frame, column, series.start, series.ahead)).collect();
            for row in series.start..series.end {
                let day = frame.days.get(row).map(|&day| Day::of(day));
                linear_row(frame, &columns, season, step, day, &near, row, &mut linear);
                plain_row(frame, &columns, season, day, &near, row, &means, &mut plain);
                plain.extend(changes.iter().flat_map(|changes| changes[row - series.start]));
            }
        }
        let rows = frame.t.len().max(1);
        let mut facts =
            Self { linear_width: linear.len() / rows, plain_width: plain.len() / rows, linear, plain, year };
        facts.scale(frame);
        facts
    }

    /// Brings every linear fact to mean 0 and standard deviation 1 over the past; what is unknown is 0.
    fn scale(&mut self, frame: &Frame) {
        let width = self.linear_width;
        let past: Vec<usize> = frame.series.iter().flat_map(|series| series.start..series.ahead).collect();
        for column in 0..width {
            let known = || past.iter().map(|row| self.linear[row * width + column]).filter(|value| value.is_finite());
            let count = known().count().max(1) as f64;
            let mean = known().sum::<f64>() / count;
            let sd = (known().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt();
            // What is left of a constant after rounding is no fact.
            let scale = if sd > 1e-9 * mean.abs().max(1e-9) { 1.0 / sd } else { 0.0 };
            for value in self.linear.iter_mut().skip(column).step_by(width) {
                // Held within reach: a price never seen is not extrapolated from.
                *value = if value.is_finite() { ((*value - mean) * scale).clamp(-6.0, 6.0) } else { 0.0 };
            }
        }
    }
}

impl Columns {
    fn of(frame: &Frame) -> Self {
        let differs = |column: usize| {
            frame.series.iter().any(|series| {
                let first = series.start;
                (first..series.end).any(|row| {
                    let (one, other) = (frame.column(row, column), frame.column(first, column));
                    one.is_finite() && other.is_finite() && one != other
                })
            })
        };
        let binary = |column: usize| {
            frame
                .columns
                .iter()
                .skip(column)
                .step_by(frame.width)
                .all(|&value| !value.is_finite() || value == 0.0 || value == 1.0)
        };
        Self { varies: (0..frame.width).map(differs).collect(), is_binary: (0..frame.width).map(binary).collect() }
    }
}

#[expect(clippy::too_many_arguments, reason = "one row of one table, called once")]
fn linear_row(
    frame: &Frame,
    columns: &Columns,
    season: usize,
    step: Option<f64>,
    day: Option<Day>,
    near: &[[f32; 4]],
    row: usize,
    out: &mut Vec<f64>,
) {
    let weekday = day.filter(|_| step.is_some_and(|days| days < 7.0)).map(|day| day.weekday);
    let dummies = |out: &mut Vec<f64>, at: usize, of: usize, height: f64| {
        out.extend((1..of).map(|phase| if at == phase { height } else { 0.0 }));
    };
    if let Some(weekday) = weekday {
        dummies(out, weekday, 7, 1.0);
    }
    let phase = frame.t[row].rem_euclid(season.max(1) as i64) as usize;
    if (2..=31).contains(&season) && !(season == 7 && weekday.is_some()) {
        dummies(out, phase, season, 1.0);
    }
    if let Some(day) = day {
        waves(day.year_part, 4, out);
        if weekday.is_some() {
            waves(day.month_part, 3, out);
        }
    } else if season > 31 {
        waves(phase as f64 / season as f64, 4, out);
    }
    for column in (0..frame.width).filter(|&column| columns.varies[column]) {
        let value = frame.column(row, column);
        out.push(value);
        if let (Some(weekday), true) = (weekday, columns.is_binary[column]) {
            dummies(out, weekday, 7, if value.is_finite() { value } else { 0.0 });
        }
    }
    // Closed just before or just after: sales move to the neighbours.
    out.extend([near[row][0], near[row][1]].map(|periods| if periods == 1.0 { 1.0 } else { 0.0 }));
}

#[expect(clippy::too_many_arguments, reason = "one row of one table, called once")]
fn plain_row(
    frame: &Frame,
    columns: &Columns,
    season: usize,
    day: Option<Day>,
    near: &[[f32; 4]],
    row: usize,
    means: &[f64],
    out: &mut Vec<f32>,
) {
    if let Some(day) = day {
        out.extend([day.weekday as f32, day.of_month as f32, day.month as f32, day.of_year as f32]);
    }
    if season > 1 {
        out.push(frame.t[row].rem_euclid(season as i64) as f32);
    }
    for (column, mean) in means.iter().enumerate() {
        let value = frame.column(row, column);
        out.push(value as f32);
        if columns.varies[column] && !columns.is_binary[column] {
            out.push((value - mean) as f32);
        }
    }
    out.extend(near[row]);
}

/// cos and sin of the first harmonics.
fn waves(part: f64, harmonics: u32, out: &mut Vec<f64>) {
    for harmonic in 1..=harmonics {
        let angle = TAU * part * f64::from(harmonic);
        out.extend([angle.cos(), angle.sin()]);
    }
}

/// The days of a period, from the rows' own; none without days.
fn step_days(frame: &Frame) -> Option<f64> {
    let mut steps: Vec<f64> = Vec::new();
    for series in &frame.series {
        if let (Some(&first), Some(&last)) = (frame.days.get(series.start), frame.days.get(series.end - 1)) {
            let periods = frame.t[series.end - 1] - frame.t[series.start];
            if periods > 0 {
                steps.push((last - first) as f64 / periods as f64);
            }
        }
    }
    steps.sort_unstable_by(f64::total_cmp);
    steps.get(steps.len() / 2).copied().filter(|&days| days > 0.0)
}

/// Periods since and until the nearest closed row, and how many of the next and last few are closed.
fn near_closed(frame: &Frame) -> Vec<[f32; 4]> {
    let mut near = Vec::with_capacity(frame.t.len());
    for series in &frame.series {
        for row in series.start..series.end {
            let mut here = [NEAR as f32 + 1.0, NEAR as f32 + 1.0, 0.0, 0.0];
            let mut look = |other: usize, side: usize| {
                let apart = (frame.t[other] - frame.t[row]).unsigned_abs();
                if frame.closed[other] && apart <= NEAR as u64 {
                    here[side] = here[side].min(apart as f32);
                    here[side + 2] += 1.0;
                }
            };
            (row.saturating_sub(NEAR).max(series.start)..row).for_each(|other| look(other, 0));
            (row + 1..(row + 1 + NEAR).min(series.end)).for_each(|other| look(other, 1));
            near.push(here);
        }
    }
    near
}

/// Rows since a column last changed, and until it next will; at most [`NEAR`].
fn changes(frame: &Frame, column: usize, start: usize, end: usize) -> Vec<[f32; 2]> {
    let differ = |one: usize, other: usize| frame.column(one, column) != frame.column(other, column);
    let mut out = vec![[NEAR as f32; 2]; end - start];
    for row in start..end {
        if row > start {
            let since = if differ(row, row - 1) { 0.0 } else { out[row - 1 - start][0] + 1.0 };
            out[row - start][0] = since.min(NEAR as f32);
        }
    }
    for row in (start..end.saturating_sub(1)).rev() {
        let until = if differ(row, row + 1) { 0.0 } else { out[row + 1 - start][1] + 1.0 };
        out[row - start][1] = until.min(NEAR as f32);
    }
    out
}

fn mean(frame: &Frame, column: usize, start: usize, ahead: usize) -> f64 {
    let known = || (start..ahead).map(|row| frame.column(row, column)).filter(|value| value.is_finite());
    known().sum::<f64>() / known().count().max(1) as f64
}
