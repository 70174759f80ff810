//! What each series does with its facts, drawn towards what all series do [efron1973].
//!
//! | symbol | here | |
//! |---|---|---|
//! | x | the linear facts of a row | standard deviations |
//! | b_0 | slopes of all series together, each about its own mean | |
//! | b_s | (C_s + lambda I) b_s = c_s + lambda b_0 | C_s, c_s: centred sums of xx' and xz of the series |
//! | a_s | mean of z - b_s x | |
//!
//! Sums are taken once, row by row as the origin moves on, so that a fit to the past of every origin costs one small
//! Cholesky per series.

use rayon::prelude::*;

use super::facts::Facts;
use super::frame::{Frame, Series};
use crate::coldstart::dense::{Cholesky, dot};

/// lambda: rows of its own that weigh as much as all other series. Chosen beforehand, as [`POOLED_PULL`]: a month.
const PULL: f64 = 30.0;
/// The same towards 0, of all series together.
const POOLED_PULL: f64 = 10.0;

/// a_s and b_s.
#[derive(Debug, Clone)]
pub(super) struct Profile {
    pub(super) level: f64,
    pub(super) slopes: Vec<f64>,
}

impl Profile {
    /// z at a row's linear facts.
    pub(super) fn at(&self, linear: &[f64]) -> f64 {
        self.level + dot(&self.slopes, linear)
    }
}

/// Sums of one series until an origin.
#[derive(Debug, Clone)]
struct Sums {
    next: usize,
    count: f64,
    x: Vec<f64>,
    z: f64,
    /// Lower part, row-major.
    xx: Vec<f64>,
    xz: Vec<f64>,
}

/// Sums of all series, moved on from origin to origin.
#[derive(Debug, Clone)]
pub(super) struct Profiles {
    sums: Vec<Sums>,
    width: usize,
}

impl Profiles {
    /// Before all rows.
    pub(super) fn new(frame: &Frame, facts: &Facts) -> Self {
        let width = facts.linear_width;
        let sums = frame.series.iter().map(|series| Sums {
            next: series.start,
            count: 0.0,
            x: vec![0.0; width],
            z: 0.0,
            xx: vec![0.0; width * width],
            xz: vec![0.0; width],
        });
        Self { sums: sums.collect(), width }
    }

    /// Takes in the rows until `origin` and fits.
    pub(super) fn until(&mut self, origin: i64, frame: &Frame, facts: &Facts) -> Vec<Profile> {
        let width = self.width;
        self.sums.par_iter_mut().zip(&frame.series).for_each(|(sums, series)| sums.add(origin, series, frame, facts));
        let centred: Vec<Option<(Vec<f64>, Vec<f64>)>> = self.sums.par_iter().map(|sums| sums.centred(width)).collect();
        let (mut all, mut right) = (vec![0.0; width * width], vec![0.0; width]);
        let (mut levels, mut series) = (0.0, 0.0);
        // One after the other, so that the sums have the same bits whatever the threads.
        for ((xx, xz), sums) in centred.iter().zip(&self.sums).filter_map(|(one, sums)| Some((one.as_ref()?, sums))) {
            all.iter_mut().zip(xx).for_each(|(slot, value)| *slot += value);
            right.iter_mut().zip(xz).for_each(|(slot, value)| *slot += value);
            levels += sums.z / sums.count;
            series += 1.0;
        }
        let pooled = solve(all, &right, POOLED_PULL, width).unwrap_or_else(|| vec![0.0; width]);
        let level = if series > 0.0 { levels / series } else { 0.0 };
        let fits = centred.into_par_iter().zip(&self.sums).map(|(one, sums)| {
            let own = one.and_then(|(xx, mut xz)| {
                xz.iter_mut().zip(&pooled).for_each(|(slot, slope)| *slot += PULL * slope);
                solve(xx, &xz, PULL, width)
            });
            match own {
                Some(slopes) => Profile { level: (sums.z - dot(&slopes, &sums.x)) / sums.count, slopes },
                None => Profile { level, slopes: pooled.clone() },
            }
        });
        fits.collect()
    }
}

impl Sums {
    fn add(&mut self, origin: i64, series: &Series, frame: &Frame, facts: &Facts) {
        let width = facts.linear_width;
        while self.next < series.ahead && frame.t[self.next] <= origin {
            let (row, z) = (self.next, frame.z[self.next]);
            self.next += 1;
            if !z.is_finite() || series.is_short() {
                continue;
            }
            let x = &facts.linear[row * width..(row + 1) * width];
            self.count += 1.0;
            self.z += z;
            for (at, &value) in x.iter().enumerate() {
                self.x[at] += value;
                self.xz[at] += value * z;
                if value != 0.0 {
                    let line = &mut self.xx[at * width..=at * width + at];
                    line.iter_mut().zip(x).for_each(|(slot, other)| *slot += value * other);
                }
            }
        }
    }

    /// Sums about the series' means; none without two rows.
    fn centred(&self, width: usize) -> Option<(Vec<f64>, Vec<f64>)> {
        if self.count < 2.0 {
            return None;
        }
        let (mut xx, mut xz) = (self.xx.clone(), self.xz.clone());
        for at in 0..width {
            let mean = self.x[at] / self.count;
            xz[at] -= mean * self.z;
            for other in 0..=at {
                xx[at * width + other] -= mean * self.x[other];
            }
        }
        Some((xx, xz))
    }
}

fn solve(mut matrix: Vec<f64>, right: &[f64], pull: f64, width: usize) -> Option<Vec<f64>> {
    (0..width).for_each(|at| matrix[at * width + at] += pull);
    Some(Cholesky::factor(matrix, width)?.solve(right))
}
