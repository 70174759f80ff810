//! The features of a row as seen from an origin: how the series stood against its profile until then, and the row's facts.
//!
//! | symbol | here | |
//! |---|---|---|
//! | r_t = z_t - profile(t) | residuals until the origin | z |
//! | h | periods from the origin to the row | periods |
//!
//! Levels common to all series are left out: with some tens of origins they name the origin, and were learnt by heart.
//!
//! One table serves all origins: the models that are to forecast from an origin learn from its rows that end before.

use domain::seed::Seed;
use rayon::prelude::*;

use super::facts::Facts;
use super::frame::{Frame, Series};
use super::profile::{Profile, Profiles};

/// Known periods that a level is the mean of.
const WINDOWS: [usize; 7] = [4, 8, 16, 32, 64, 128, 256];
/// The window whose level trees start from.
const BASE: usize = 3;
/// Known periods that the spread of a series is read from, and how many rows the others' spread weighs.
const SPREAD_FROM: usize = 128;
const SPREAD_PULL: f64 = 20.0;
/// Rows of the table at the most, about: beyond, series are left out by hashing, origin by origin.
const ROWS_MAX: f64 = 200_000.0;
/// Periods about a year ago whose mean counts.
const YEAR_REACH: i64 = 3;

/// Rows seen from origins.
#[derive(Debug, Clone, Default)]
pub(super) struct Table {
    /// Row-major.
    pub(super) features: Vec<f32>,
    pub(super) width: usize,
    /// Position of the series.
    pub(super) series: Vec<u32>,
    /// Row of the frame.
    pub(super) row: Vec<u32>,
    pub(super) origin: Vec<i64>,
    /// z as the profile says; what the members add to.
    pub(super) profile: Vec<f64>,
    /// r of the base window; 0 where unknown.
    pub(super) level: Vec<f64>,
    /// Standard deviation of r.
    pub(super) spread: Vec<f64>,
}

/// How far ahead is looked, and from where.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Plan {
    /// Periods ahead that are learnt from.
    pub(super) reach: i64,
    /// Ascending; the last is the end of the past.
    pub(super) origins: Vec<i64>,
    /// Origins in `reach`.
    pub(super) stride: usize,
}

impl Plan {
    /// Of a frame.
    pub(super) fn of(frame: &Frame) -> Self {
        let past = frame.series.iter().filter(|series| series.ahead > series.start);
        let first = past.map(|series| frame.t[series.start]).min().unwrap_or(frame.origin);
        let span = frame.origin - first + 1;
        let ahead = frame.series.iter().filter(|series| series.end > series.ahead);
        let horizon = ahead.map(|series| frame.t[series.end - 1] - frame.origin).max().unwrap_or(1).max(1);
        let reach = horizon.min(span / 3).max(1);
        // Every row is seen from two distances, and there are at most some sixty origins.
        let step = (reach / 2).max(span.unsigned_abs().div_ceil(80) as i64).max(1);
        let start = first + span / 4;
        let count = ((frame.origin - start) / step).max(0);
        let origins = (0..=count).rev().map(|back| frame.origin - back * step).collect();
        Self { reach, origins, stride: (reach + step - 1).div_euclid(step).max(1) as usize }
    }
}

impl Table {
    /// All rows of all origins; those of the last are the future.
    pub(super) fn build(frame: &Frame, facts: &Facts, plan: &Plan, season: usize) -> Self {
        let mut table = Self::default();
        let mut profiles = Profiles::new(frame, facts);
        let past: usize = frame.series.iter().map(|series| series.ahead - series.start).sum();
        let share = (ROWS_MAX / (past * plan.stride).max(1) as f64).min(1.0);
        for &origin in &plan.origins {
            let fits = profiles.until(origin, frame, facts);
            let residuals: Vec<Vec<(i64, f64)>> = frame
                .series
                .par_iter()
                .zip(&fits)
                .map(|(series, fit)| residuals(origin, series, frame, facts, fit))
                .collect();
            let common = spread(&residuals);
            let is_last = origin == frame.origin;
            let chosen = |at: usize| is_last || drawn(frame.series[at].id, origin, share);
            let parts: Vec<Self> = (0..frame.series.len())
                .into_par_iter()
                .filter(|&at| chosen(at))
                .map(|at| {
                    let seen = Seen { origin, residuals: &residuals[at], common, season, year: facts.year };
                    Self::part(at, frame, facts, plan, &fits[at], &seen)
                })
                .collect();
            parts.into_iter().for_each(|part| table.append(part));
        }
        table
    }

    /// The rows of one series as seen from one origin.
    fn part(at: usize, frame: &Frame, facts: &Facts, plan: &Plan, fit: &Profile, seen: &Seen<'_>) -> Self {
        let series = &frame.series[at];
        let is_last = seen.origin == frame.origin;
        let standing = seen.standing();
        let spread = seen.spread();
        let mut part = Self::default();
        let rows = if is_last { series.ahead..series.end } else { series.start..series.ahead };
        for row in rows {
            let h = frame.t[row] - seen.origin;
            let is_target = if is_last {
                !frame.closed[row]
            } else {
                (1..=plan.reach).contains(&h) && frame.z[row].is_finite() && !series.is_short()
            };
            if !is_target {
                continue;
            }
            let h = h.clamp(1, plan.reach);
            let before = part.features.len();
            part.features.extend(standing);
            part.features.extend(seen.by_row(frame.t[row], h, plan.reach, &standing));
            part.features.push(spread as f32);
            let (linear, plain) = (facts.linear_width, facts.plain_width);
            part.features.extend(facts.linear[row * linear..(row + 1) * linear].iter().map(|&value| value as f32));
            part.features.extend(&facts.plain[row * plain..(row + 1) * plain]);
            part.width = part.features.len() - before;
            part.series.push(at as u32);
            part.row.push(row as u32);
            part.origin.push(seen.origin);
            part.profile.push(fit.at(&facts.linear[row * linear..(row + 1) * linear]));
            part.level.push(if standing[BASE].is_finite() { f64::from(standing[BASE]) } else { 0.0 });
            part.spread.push(spread);
        }
        part
    }

    fn append(&mut self, part: Self) {
        self.width = self.width.max(part.width);
        self.features.extend(part.features);
        self.series.extend(part.series);
        self.row.extend(part.row);
        self.origin.extend(part.origin);
        self.profile.extend(part.profile);
        self.level.extend(part.level);
        self.spread.extend(part.spread);
    }

    /// The features of a row of the table.
    pub(super) fn at(&self, row: usize) -> &[f32] {
        &self.features[row * self.width..(row + 1) * self.width]
    }
}

/// Whether a series is learnt from at an origin.
fn drawn(id: usize, origin: i64, share: f64) -> bool {
    let hash = Seed(id as u64).stream("origin", origin as u64);
    share >= 1.0 || (hash >> 11) as f64 / (1_u64 << 53) as f64 <= share
}

/// r of the known rows until `origin`.
fn residuals(origin: i64, series: &Series, frame: &Frame, facts: &Facts, fit: &Profile) -> Vec<(i64, f64)> {
    let width = facts.linear_width;
    (series.start..series.ahead)
        .take_while(|&row| frame.t[row] <= origin)
        .filter(|&row| frame.z[row].is_finite() && !series.is_short())
        .map(|row| (frame.t[row], frame.z[row] - fit.at(&facts.linear[row * width..(row + 1) * width])))
        .collect()
}

/// Root mean square of all residuals.
fn spread(residuals: &[Vec<(i64, f64)>]) -> f64 {
    let (mut square, mut count) = (0.0, 0.0);
    for &(_, r) in residuals.iter().flatten() {
        square += r * r;
        count += 1.0;
    }
    if count > 0.0 { f64::sqrt(square / count) } else { 1.0 }
}

/// A series as seen from an origin.
struct Seen<'a> {
    origin: i64,
    residuals: &'a [(i64, f64)],
    /// Root mean square of all series' residuals.
    common: f64,
    season: usize,
    year: i64,
}

/// Features of a series at an origin.
const STANDING: usize = WINDOWS.len() + 2;
/// Features of a row that depend on both.
const BY_ROW: usize = 6;

impl Seen<'_> {
    /// Levels of the series, how old its last known row is, and how many there are.
    fn standing(&self) -> [f32; STANDING] {
        let mut out = [f32::NAN; STANDING];
        for (slot, window) in out.iter_mut().zip(WINDOWS) {
            let last = &self.residuals[self.residuals.len().saturating_sub(window)..];
            *slot = (last.iter().map(|one| one.1).sum::<f64>() / last.len() as f64) as f32;
        }
        let rest = &mut out[WINDOWS.len()..];
        rest[0] = self.residuals.last().map_or(60.0, |last| (self.origin - last.0).min(60) as f32);
        rest[1] = (self.residuals.len() as f32).min(1000.0);
        out
    }

    /// The distance, the same phase of the season, and the same time a year ago.
    fn by_row(&self, t: i64, h: i64, reach: i64, standing: &[f32; STANDING]) -> [f32; BY_ROW] {
        let part = h as f64 / reach as f64;
        let mut out = [f32::NAN; BY_ROW];
        out[0] = part as f32;
        // What is near leans on the latest level more than what is far.
        out[1] = standing[1] * (1.0 - part as f32);
        out[2] = (standing[BASE] - standing[5]) * part as f32;
        if self.season > 1 {
            let (mut sum, mut count) = (0.0, 0.0);
            let season = self.season as i64;
            for (at, r) in self
                .residuals
                .iter()
                .rev()
                .filter(|one| (t - one.0).rem_euclid(season) == 0)
                .take(8)
                .map(|one| one.1)
                .enumerate()
            {
                sum += r;
                count += 1.0;
                if at == 3 {
                    out[3] = (sum / count) as f32;
                }
            }
            out[4] = (sum / count) as f32;
        }
        if self.year > 0 {
            let ago = t - self.year;
            let after = self.residuals.partition_point(|one| one.0 < ago - YEAR_REACH);
            let near: Vec<f64> =
                self.residuals[after..].iter().take_while(|one| one.0 <= ago + YEAR_REACH).map(|one| one.1).collect();
            out[5] = (near.iter().sum::<f64>() / near.len() as f64) as f32;
        }
        out
    }

    /// Standard deviation of the latest residuals, drawn towards that of all series.
    fn spread(&self) -> f64 {
        let last = &self.residuals[self.residuals.len().saturating_sub(SPREAD_FROM)..];
        let own: f64 = last.iter().map(|one| one.1 * one.1).sum();
        let pooled = SPREAD_PULL * self.common * self.common;
        // No series is certain: a hundredth keeps scores finite.
        ((own + pooled) / (last.len() as f64 + SPREAD_PULL)).sqrt().max(0.01)
    }
}
