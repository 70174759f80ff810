//! Filters of sparse series, none with a fitted parameter.
//!
//! | symbol | field | |
//! |---|---|---|
//! | z | `size` | smoothed size of a sale |
//! | q | `distance` | smoothed distance between sales, in known periods |
//! | p | `chance` | smoothed share of periods with a sale |
//! | alpha | `pace` | smoothing |
//!
//! - Exponential smoothing: f = l, moved by alpha in every period.
//! - Croston [croston1972]: f = z / q, both moved by alpha at a sale.
//! - Syntetos and Boylan [syntetos2005]: f = (1 - alpha/2) z / q, without Croston's bias.
//! - Teunter, Syntetos and Babai [teunter2011]: f = p z, p moved in every period, so that what no longer sells
//!   fades; z moved by 0.1 at a sale.

use super::super::prepare::Series;

/// Smoothings tried.
const PACES: [f64; 5] = [0.02, 0.05, 0.1, 0.2, 0.3];

/// Smoothing of the size of a sale in the method of Teunter, Syntetos and Babai.
const SIZE_PACE: f64 = 0.1;

/// The closed set of methods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Smoothing,
    Croston,
    Sba,
    Tsb,
}

/// A method with its smoothing, and where it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    pub(super) family: Family,
    pace: f64,
    level: f64,
    size: f64,
    distance: f64,
    chance: f64,
    since: f64,
}

/// Every method at every smoothing, started from the means of the first `first` periods.
pub(super) fn candidates(series: &Series, first: usize) -> impl Iterator<Item = Candidate> + use<> {
    let head = &series.values[..first];
    let known = series.seen[..first].iter().filter(|&&seen| seen).count() as f64;
    let sold = head.iter().filter(|&&value| value > 0.0).count() as f64;
    // Half a sale more than was seen, so that no rate starts at nothing.
    let chance = (sold + 0.5) / (known + 1.0);
    let size = if sold > 0.0 {
        head.iter().sum::<f64>() / sold
    } else {
        series.values.iter().copied().find(|&value| value > 0.0).unwrap_or(0.0)
    };
    let families = [Family::Smoothing, Family::Croston, Family::Sba, Family::Tsb];
    families.into_iter().flat_map(move |family| {
        PACES.map(|pace| Candidate {
            family,
            pace,
            level: chance * size,
            size,
            distance: 1.0 / chance,
            chance,
            since: 1.0,
        })
    })
}

impl Candidate {
    /// One that stays at `rate`.
    pub(super) fn still(rate: f64) -> Self {
        let family = Family::Smoothing;
        Self { family, pace: 0.0, level: rate, size: rate, distance: 1.0, chance: 1.0, since: 1.0 }
    }

    /// The forecast of every period ahead, in units.
    pub(super) fn rate(&self) -> f64 {
        match self.family {
            Family::Smoothing => self.level,
            Family::Croston => self.size / self.distance,
            Family::Sba => (1.0 - 0.5 * self.pace) * self.size / self.distance,
            Family::Tsb => self.chance * self.size,
        }
    }

    /// Takes in the next period, if it is known.
    pub(super) fn step(&mut self, value: Option<f64>) {
        let Some(value) = value else { return };
        let sold = value > 0.0;
        self.level += self.pace * (value - self.level);
        self.chance += self.pace * (f64::from(u8::from(sold)) - self.chance);
        if sold {
            let pace = if self.family == Family::Tsb { SIZE_PACE } else { self.pace };
            self.size += pace * (value - self.size);
            self.distance += self.pace * (self.since - self.distance);
            self.since = 1.0;
        } else {
            self.since += 1.0;
        }
    }
}
