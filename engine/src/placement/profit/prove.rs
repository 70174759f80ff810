//! A proof that can be checked without a solver: where to make cuts, part by part.
//!
//! | symbol | name | unit |
//! |---|---|---|
//! | U* | `Prover::target` | base-currency major units |
//! | y | [`Point::y`] | 0 to 1 |
//! | lambda | [`Point::rows`] | base-currency major units per unit of the row |
//!
//! The search bounds its parts by mixtures of many cuts. Since the least right-hand side of the cuts is a smooth
//! function of y ([`super::share`]), the cuts of one good point prove nearly as much as the mixture, and a point
//! is all that a checker needs: it makes the cuts by itself. So the tree is grown once more, every part bounded by
//! single points alone, against the bound asked for instead of the incumbent. What is dropped here on the way is
//! what a checker drops, by the same rule, so parts need not say which sites are decided.

use domain::problem::{Rules, Site};
use domain::stop::Stop;

use super::arena::Arena;
use super::cut::Fate;
use super::field::Field;
use super::regions::Slots;
use super::relax::{Effort, Part, relax, settle, single};
use super::root::{again, start};
use super::tree::{Incumbent, choose, out_of_reach};
use crate::placement::{Guide, Point};

/// Parts at most, and parts times sites: then there is no proof. A checker looks at every part as well.
const PARTS_MAX: usize = 2_000;
/// See [`PARTS_MAX`].
const WORK_MAX: usize = 400_000;

/// Looks for a better point, per part, at most.
const LOOKS_MAX: usize = 3;

/// What a plan may lie below its bound and be called proven.
const PROVEN: f64 = 0.9e-6;

/// y is kept to so many parts of 1: any point is valid.
const GRAIN: f64 = 1e4;

/// A proof that no plan beats `incumbent` by more than `gap`, and the bound it proves; none where that takes too many
/// parts.
pub(super) fn prove(
    rules: &Rules,
    field: &dyn Field,
    at_most: &dyn Fn(&[Site]) -> f64,
    incumbent: &Incumbent,
    hint: &Option<Point>,
    gap: f64,
    stop: &Stop,
) -> Option<(Guide, f64)> {
    incumbent.open.as_ref()?;
    let sites = (0..rules.sites as Site).filter(|site| rules.exclude.binary_search(site).is_err());
    let arena = Arena::new(rules, field, sites.collect()).by_points();
    let mut part = start(rules, &arena)?;
    let target = incumbent.value + incumbent.room((0.999 * gap).max(PROVEN));
    let mut prover =
        Prover { rules, target, dropped: incumbent.value, guide: Guide::default(), at_most, parts_max: 0, stop };
    if let Some(point) = hint {
        prover.guide.first.push(point.clone());
        if prover.closes(&arena, &mut part, point) {
            return prover.done();
        }
    }
    let (arena, mut part) = again(rules, field, &arena, &part, &[]);
    let arena = arena.by_points();
    prover.parts_max = PARTS_MAX.min(WORK_MAX / arena.sites.len().max(1)).max(1);
    part.bound = f64::INFINITY;
    let whole = prover.descend(&arena, part);
    if whole { prover.done() } else { None }
}

/// A point by site numbers, coarse.
pub(super) fn point(arena: &Arena, y: &[f64], prices: &[f64]) -> Point {
    let coarse = y.iter().map(|y| (y * GRAIN).round() / GRAIN);
    let y = arena.sites.iter().copied().zip(coarse).filter(|at| at.1 > 0.0).collect();
    Point { y, rows: prices.iter().copied().enumerate().filter(|row| row.1 != 0.0).collect() }
}

struct Prover<'a> {
    rules: &'a Rules,
    target: f64,
    /// The largest bound that anything was dropped at.
    dropped: f64,
    guide: Guide,
    /// What one plan is worth at most.
    at_most: &'a dyn Fn(&[Site]) -> f64,
    parts_max: usize,
    stop: &'a Stop,
}

impl Prover<'_> {
    fn done(self) -> Option<(Guide, f64)> {
        // A checker moves its own sums outward as well.
        let bound = self.dropped + 4e-9 * self.dropped.abs().max(1.0);
        (bound <= self.target + 1e-8 * self.target.abs().max(1.0)).then_some((self.guide, bound))
    }

    /// Bounds a part by one point, decides what that decides, and says whether nothing is left.
    fn closes(&mut self, arena: &Arena, part: &mut Part, point: &Point) -> bool {
        let mut y = vec![0.0; arena.sites.len()];
        for &(site, share) in &point.y {
            if let Ok(at) = arena.sites.binary_search(&site) {
                y[at] = share;
            }
        }
        let mut prices = vec![0.0; self.rules.rows.len()];
        point.rows.iter().for_each(|&(row, price)| prices[row] = price);
        let function = single(arena, &part.fate, &arena.cuts(&part.fate, &y, &Slots::default()), &prices);
        part.bound = f64::INFINITY;
        let settled = settle(arena, part, &function, self.target);
        settled.dropped.into_iter().for_each(|by| self.dropped = self.dropped.max(by));
        part.y = y;
        if settled.empty {
            return true;
        }
        if part.bound <= self.target {
            self.dropped = self.dropped.max(part.bound);
            return true;
        }
        let open: Vec<Site> =
            (0..part.fate.len()).filter(|&at| part.fate[at] == Fate::Open).map(|at| arena.sites[at]).collect();
        !part.fate.contains(&Fate::Live) && !self.rules.allow(&open) || out_of_reach(self.rules, arena, part)
    }

    /// Whether a part is one plan, which can't be worth more than the target: a checker sees that by itself.
    fn single(&mut self, arena: &Arena, part: &Part) -> bool {
        let open = (0..part.fate.len()).filter(|&at| part.fate[at] == Fate::Open);
        let open: Vec<Site> = open.map(|at| arena.sites[at]).collect();
        if part.fate.contains(&Fate::Live) && open.len() < arena.most {
            return false;
        }
        let most = (self.at_most)(&open);
        let shown = most <= self.target;
        if shown {
            self.dropped = self.dropped.max(most);
        }
        shown
    }

    /// Grows the proof of a part; false if it can't be had.
    fn descend(&mut self, arena: &Arena, mut part: Part) -> bool {
        if self.guide.parts.len() >= self.parts_max || self.stop.now(0).is_some() {
            return false;
        }
        let here = self.guide.parts.len();
        self.guide.parts.push((Vec::new(), None));
        for look in 0..LOOKS_MAX {
            let left = part.fate.iter().filter(|fate| **fate == Fate::Live).count();
            // Without a cutoff nothing is decided, which a checker could not repeat.
            let mut scratch = part.clone();
            let effort = Effort { rounds: 8, least_step: 1e-7 * self.target.abs() };
            let Ok(relaxed) = relax(arena, &mut scratch, f64::NEG_INFINITY, effort, self.stop) else { break };
            part.cuts = scratch.cuts;
            part.cliques = scratch.cliques;
            let Some((_, y, prices)) = relaxed.single else { break };
            let point = point(arena, &y, &prices);
            let closed = self.closes(arena, &mut part, &point);
            self.guide.parts[here].0.push(point);
            if closed {
                return true;
            }
            let now = part.fate.iter().filter(|fate| **fate == Fate::Live).count();
            if look > 0 && now == left {
                break;
            }
        }
        if self.single(arena, &part) {
            return true;
        }
        let Some(site) = choose(arena, &part) else { return false };
        self.guide.parts[here].1 = Some(arena.sites[site]);
        let mut with = part.clone();
        with.y[site] = 1.0;
        if arena.open(&mut with.fate, site) {
            if !self.descend(arena, with) {
                return false;
            }
        } else {
            self.guide.parts.push((Vec::new(), None));
        }
        part.fate[site] = Fate::Closed;
        part.y[site] = 0.0;
        self.descend(arena, part)
    }
}
