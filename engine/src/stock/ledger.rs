//! What a stock earns in each sample by itself, and stock that is moved pack by pack to what risk makes of it.
//!
//! | symbol | name | unit |
//! |---|---|---|
//! | Pi_ls(n) | `Ledger::earned` | base-currency major units, line l with n packs in sample s |
//! | V_s = sum_l Pi_ls(n_l) - o | [`Ledger::profits`] | the same |
//!
//! Pi is linear in what samples count: sum_s lambda_s Pi_ls(n) is what [`super::window`] says of the weighted samples. The
//! best stock at any one lambda need not be the best for the mean of the worst samples, whose lambda moves with it; so
//! packs are added, taken off and moved as long as that pays.

use domain::forecast::DemandSamples;
use domain::settings::{Aim, Measure};
use models::counts::NegativeBinomial;
use rayon::prelude::*;

use super::Line;
use super::allocate::Budget;

/// Gains below this part of what a plan earns are rounding.
const GAIN: f64 = 1e-12;
/// With more lines than this, packs are not moved from one to another: that looks at every pair.
const MOVED_MAX: usize = 160;

/// How a plan fares: what counts first is whether it keeps the floor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// E\[V\].
    pub mean: f64,
    /// CVaR.
    pub cvar: f64,
    /// Whether the floor is kept; true where there is none.
    pub kept: bool,
}

impl Score {
    /// Of outcomes.
    #[must_use]
    pub fn of(measure: &Measure, profits: &[f64]) -> Self {
        let mean = profits.iter().sum::<f64>() / profits.len().max(1) as f64;
        let cvar = measure.cvar(profits);
        let kept = match measure.aim {
            Aim::Weight(_) => true,
            Aim::Floor(floor) => cvar >= floor,
        };
        Self { mean, cvar, kept }
    }

    /// What is maximised; meant for plans that keep the floor.
    #[must_use]
    pub fn value(&self, measure: &Measure) -> f64 {
        match measure.aim {
            Aim::Weight(weight) => (1.0 - weight) * self.mean + weight * self.cvar,
            Aim::Floor(_) => self.mean,
        }
    }

    /// Whether it is better than another: where neither keeps the floor, the one that is nearer to it.
    #[must_use]
    pub fn beats(&self, other: &Self, measure: &Measure) -> bool {
        let rank = |score: &Self| if score.kept { score.value(measure) } else { score.cvar };
        let (one, two) = (rank(self), rank(other));
        match (self.kept, other.kept) {
            (true, false) => true,
            (false, true) => false,
            _ => one > two + GAIN * two.abs().max(1.0),
        }
    }
}

/// What each level of each line earns, by sample.
#[derive(Debug)]
pub struct Ledger {
    /// By line, then packs, then sample.
    earned: Vec<Vec<Vec<f64>>>,
    samples: usize,
    /// What opening costs.
    cost: f64,
}

impl Ledger {
    /// Of lines of the stores in `rows`, each up to `most` packs (by line); `cost` is taken off.
    #[must_use]
    pub fn of(samples: &DemandSamples, rows: &[usize], lines: &[Line], most: &[u32], cost: f64) -> Self {
        let line = |(line, &most): (&Line, &u32)| {
            let terms = &line.terms;
            let units = (most * terms.pack) as usize;
            let rates = samples.of(rows[line.store], line.device).values;
            let mut earned = vec![vec![0.0; rates.len()]; most as usize + 1];
            let mut table = vec![0.0; units + 1];
            for (at, rate) in rates.iter().enumerate() {
                let mean = rate * line.factor * terms.per_window();
                NegativeBinomial { mean, size: terms.size }.survival_into(&mut table);
                let mut served = 0.0;
                for (packs, earned) in earned.iter_mut().enumerate() {
                    let held = packs * terms.pack as usize;
                    let pack = held.saturating_sub(terms.pack as usize);
                    served += table[pack + 1..=held].iter().sum::<f64>();
                    let left = held as f64 - served;
                    let sold = terms.margin * served * terms.weeks / terms.window;
                    let holding = terms.holding * terms.weeks * (held as f64 + left) / 2.0;
                    earned[at] = (sold - holding - terms.loss * left) * terms.rate;
                }
            }
            earned
        };
        let earned = lines.par_iter().zip(most).map(line).collect();
        Self { earned, samples: samples.len(), cost }
    }

    /// V of a stock in packs, by sample.
    #[must_use]
    pub fn profits(&self, packs: &[u32]) -> Vec<f64> {
        let mut profits = vec![-self.cost; self.samples];
        for (line, &packs) in self.earned.iter().zip(packs) {
            profits.iter_mut().zip(&line[packs as usize]).for_each(|(sum, earned)| *sum += earned);
        }
        profits
    }

    /// A stock from which no pack added, taken off or moved pays.
    #[must_use]
    pub fn polished(&self, packs: Vec<u32>, floors: &[u32], budgets: &[Budget], measure: &Measure) -> Vec<u32> {
        let profits = self.profits(&packs);
        let score = Score::of(measure, &profits);
        let mut at = Polish { ledger: self, measure, budgets, floors, packs, profits, score };
        while at.single() || at.moved() {}
        at.packs
    }
}

/// A stock on its way.
struct Polish<'a> {
    ledger: &'a Ledger,
    measure: &'a Measure,
    budgets: &'a [Budget],
    floors: &'a [u32],
    packs: Vec<u32>,
    profits: Vec<f64>,
    score: Score,
}

impl Polish<'_> {
    /// Adds and takes off single packs; whether any did.
    fn single(&mut self) -> bool {
        let mut any = false;
        for line in 0..self.packs.len() {
            while self.tried(&[(line, 1)]) || self.tried(&[(line, -1)]) {
                any = true;
            }
        }
        any
    }

    /// Moves one pack from a line to another; whether one did.
    fn moved(&mut self) -> bool {
        let lines = self.packs.len();
        let short = (0..lines).any(|line| !self.fits(&[(line, 1)]));
        if !short || lines > MOVED_MAX {
            return false;
        }
        (0..lines).any(|from| (0..lines).any(|to| from != to && self.tried(&[(from, -1), (to, 1)])))
    }

    fn fits(&self, steps: &[(usize, i32)]) -> bool {
        let mut packs = self.packs.clone();
        steps.iter().for_each(|&(line, step)| packs[line] = packs[line].saturating_add_signed(step));
        self.budgets.iter().all(|budget| budget.fits(&packs))
    }

    /// Takes the steps if they are allowed and pay.
    fn tried(&mut self, steps: &[(usize, i32)]) -> bool {
        let mut profits = self.profits.clone();
        for &(line, step) in steps {
            let Some(packs) = self.packs[line].checked_add_signed(step) else { return false };
            let levels = &self.ledger.earned[line];
            if packs < self.floors[line] || packs as usize >= levels.len() {
                return false;
            }
            let (old, new) = (&levels[self.packs[line] as usize], &levels[packs as usize]);
            profits.iter_mut().zip(new.iter().zip(old)).for_each(|(sum, (new, old))| *sum += new - old);
        }
        let score = Score::of(self.measure, &profits);
        let pays = score.beats(&self.score, self.measure) && self.fits(steps);
        if pays {
            steps.iter().for_each(|&(line, step)| self.packs[line] = self.packs[line].saturating_add_signed(step));
            (self.profits, self.score) = (profits, score);
        }
        pays
    }
}
