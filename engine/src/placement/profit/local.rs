//! Good plans fast: greedy, then adding, dropping and swapping while that pays.
//!
//! | symbol | name | unit |
//! |---|---|---|
//! | S | `Tally::open` | |
//! | f(S + j) - f(S) | `Climb::add` | base-currency major units |
//!
//! A closed site's change is kept and renewed only where it shares a zone with a site that moved, so
//! a sweep over all swaps costs about p times the neighbours of a site, not p times all candidates
//! [resende2007]. Moves are ordered by (rules broken, value, site), so the result is a function of the
//! problem and the start. A local optimum is no bound: that is what the tree is for.

use domain::problem::{Profit, Rules, Site};
use rayon::prelude::*;

use super::evaluate::Columns;
use super::field::{Field, Track};
use super::tally::Tally;

/// More moves than this were never needed; it ends cycles that rounding could make.
const MOVES_MAX: usize = 2_000;

/// Sites that one thread takes at a time at least.
const PIECE: usize = 64;

/// A change below this part of the value counts as rounding.
const ROUNDING: f64 = 1e-10;

/// A plan that no single opening, closing or swap improves, from `start` or from nothing; none where no
/// plan that obeys the rules was found (there may be one). Ascending. At 1,000 candidates this takes
/// milliseconds.
#[must_use]
pub fn local_search(rules: &Rules, problem: &Profit, start: Option<&[Site]>) -> Option<Vec<Site>> {
    improve(rules, &Columns::new(problem), start)
}

/// The same over any field.
pub(super) fn improve(rules: &Rules, field: &dyn Field, start: Option<&[Site]>) -> Option<Vec<Site>> {
    let mut climb = Climb::new(rules, field);
    for &site in rules.require.iter().chain(start.unwrap_or_default()) {
        let site = site as usize;
        if site < rules.sites && !climb.tally.is_open(site) && climb.tally.violation(None, Some(site)).is_some() {
            climb.open(site);
        }
    }
    climb.renew_all();
    for _ in 0..MOVES_MAX {
        if !(climb.grow() || climb.shrink() || climb.swap()) {
            break;
        }
    }
    let open = climb.tally.open;
    rules.allow(&open).then_some(open)
}

/// The same from `start` with no other sites than `among` and the required ones, which is quicker.
pub(super) fn improve_among(rules: &Rules, field: &dyn Field, start: &[Site], among: &[Site]) -> Option<Vec<Site>> {
    let mut kept = vec![false; rules.sites];
    among.iter().chain(&rules.require).for_each(|&site| kept[site as usize] = true);
    rules.exclude.iter().for_each(|&site| kept[site as usize] = false);
    let exclude = (0..rules.sites as Site).filter(|&site| !kept[site as usize]).collect();
    improve(&Rules { exclude, ..rules.clone() }, field, Some(start))
}

/// A climb under way.
struct Climb<'a> {
    field: &'a dyn Field,
    evaluator: Box<dyn Track + 'a>,
    tally: Tally<'a>,
    /// What opening each closed site would change.
    add: Vec<f64>,
    mark: Vec<u32>,
    stamp: u32,
}

/// A move's worth: rules broken after it (less is better), then the change in value.
type Worth = (f64, f64);

/// Whether a move with this change can be better than `best`, whatever rules it breaks: where none is broken, rules need
/// not be looked at.
fn may_beat(change: f64, best: Worth) -> bool {
    best.0 > 0.0 || change > best.1
}

fn better(one: Worth, other: Worth) -> bool {
    one.0 < other.0 || (one.0 <= other.0 && one.1 > other.1)
}

impl<'a> Climb<'a> {
    fn new(rules: &'a Rules, field: &'a dyn Field) -> Self {
        Self {
            field,
            evaluator: field.tracker(),
            tally: Tally::new(rules),
            add: vec![0.0; field.alone().len()],
            mark: vec![0; field.alone().len()],
            stamp: 0,
        }
    }

    fn open(&mut self, site: usize) {
        self.evaluator.open(site);
        self.tally.open(site);
    }

    fn renew_all(&mut self) {
        if self.tally.open.is_empty() {
            self.add.copy_from_slice(self.field.alone());
            return;
        }
        self.renew_those(|_| true);
    }

    /// Renews what the move of `sites` touched.
    fn renew(&mut self, sites: &[usize]) {
        self.stamp += 1;
        for &site in sites {
            self.field.mark_neighbours(site, &mut self.mark, self.stamp);
            self.mark[site] = self.stamp;
        }
        let (mark, stamp) = (std::mem::take(&mut self.mark), self.stamp);
        self.renew_those(|site| mark[site] == stamp);
        self.mark = mark;
    }

    fn renew_those(&mut self, which: impl Fn(usize) -> bool) {
        let sites: Vec<usize> = (0..self.add.len()).filter(|&site| which(site) && self.tally.may_open(site)).collect();
        let changes: Vec<f64> = sites.par_iter().with_min_len(PIECE).map(|&site| self.evaluator.change(site)).collect();
        sites.into_iter().zip(changes).for_each(|(site, change)| self.add[site] = change);
    }

    /// The worth that a move has to beat.
    fn standing(&self) -> Worth {
        let broken = self.tally.violation(None, None).unwrap_or(f64::INFINITY);
        (broken, ROUNDING * self.evaluator.value().abs())
    }

    /// Opens the best site, if that pays.
    fn grow(&mut self) -> bool {
        let mut best = (self.standing(), None);
        for site in 0..self.add.len() {
            if self.tally.is_open(site) || !may_beat(self.add[site], best.0) {
                continue;
            }
            if let Some(broken) = self.tally.violation(None, Some(site)) {
                if better((broken, self.add[site]), best.0) {
                    best = ((broken, self.add[site]), Some(site));
                }
            }
        }
        let Some(site) = best.1 else { return false };
        self.open(site);
        self.renew(&[site]);
        true
    }

    /// Closes the site that is best closed, if that pays.
    fn shrink(&mut self) -> bool {
        let mut best = (self.standing(), None);
        for site in self.movable() {
            let Some(broken) = self.tally.violation(Some(site), None) else { continue };
            self.evaluator.close(site);
            let change = -self.evaluator.change(site);
            self.evaluator.open(site);
            if better((broken, change), best.0) {
                best = ((broken, change), Some(site));
            }
        }
        let Some(site) = best.1 else { return false };
        self.evaluator.close(site);
        self.tally.close(site);
        self.renew(&[site]);
        true
    }

    /// For each open site the best one to take its place; the first that pays is taken, until none does.
    fn swap(&mut self) -> bool {
        let mut moved = false;
        for out in self.movable() {
            let standing = self.standing();
            self.stamp += 1;
            self.field.mark_neighbours(out, &mut self.mark, self.stamp);
            self.evaluator.close(out);
            let loss = self.evaluator.change(out);
            let mut best = (standing, None);
            let closed = |&site: &usize| site != out && self.tally.may_open(site);
            let sites: Vec<usize> = (0..self.add.len()).filter(closed).collect();
            let gain = |&site: &usize| {
                if self.mark[site] == self.stamp { self.evaluator.change(site) } else { self.add[site] }
            };
            let gains: Vec<f64> = sites.par_iter().with_min_len(PIECE).map(gain).collect();
            for (site, gain) in sites.into_iter().zip(gains) {
                if !may_beat(gain - loss, best.0) {
                    continue;
                }
                let Some(broken) = self.tally.violation(Some(out), Some(site)) else { continue };
                if better((broken, gain - loss), best.0) {
                    best = ((broken, gain - loss), Some(site));
                }
            }
            if let Some(into) = best.1 {
                self.tally.close(out);
                self.open(into);
                self.renew(&[out, into]);
                moved = true;
            } else {
                self.evaluator.open(out);
            }
        }
        moved
    }

    /// Open sites that may close.
    fn movable(&self) -> Vec<usize> {
        self.tally.open.iter().map(|&site| site as usize).filter(|&site| !self.tally.required(site)).collect()
    }
}
