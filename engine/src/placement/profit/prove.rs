//! A proof that can be checked without a solver: where to make cuts, part by part.
//!
//! | symbol | name | unit |
//! |---|---|---|
//! | U* | `Prover::target` | base-currency major units |
//! | y, mu | [`Function::points`], [`Function::weights`] | 0 to 1 |
//! | lambda | [`Function::rows`] | base-currency major units per unit of the row |
//!
//! A part is bounded as in the search, by a mixture of cuts ([`super::relax`]), which is what a checker needs: the points that
//! they were made at, and what each counts in each group of zones. It makes the cuts by itself. So the tree is grown once
//! more, against the bound asked for instead of the incumbent. What is dropped here on the way is what a checker drops, by the
//! same rule, so parts need not say which sites are decided.

use std::sync::Arc;

use domain::problem::{Rules, Site};
use domain::stop::Stop;

use super::arena::Arena;
use super::cut::{Cut, Fate};
use super::field::Field;
use super::modular::{mixed, settle};
use super::part::Part;
use super::regions::Slots;
use super::relax::{Effort, Relaxed, coarse, relax};
use super::root::{again, start};
use super::tree::{Incumbent, choose, out_of_reach};
use crate::placement::{Function, Guide};

/// Parts at most, and parts times sites: then there is no proof. A checker looks at every part as well.
const PARTS_MAX: usize = 2_000;
/// See [`PARTS_MAX`].
const WORK_MAX: usize = 400_000;

/// Looks for a better function, per part, at most; rounds of cuts in each.
const LOOKS_MAX: usize = 3;
/// See [`LOOKS_MAX`].
const ROUNDS: usize = 24;

/// What a plan may lie below its bound and be called proven.
const PROVEN: f64 = 0.9e-6;

/// Weights below this are what a program's tolerances leave.
const LEAST_WEIGHT: f64 = 1e-7;

/// A proof that no plan beats `incumbent` by more than `gap`, and the bound it proves; where that takes too many parts, what
/// one function of all plans shows.
pub(super) fn prove(
    rules: &Rules,
    field: &dyn Field,
    at_most: &dyn Fn(&[Site]) -> f64,
    incumbent: &Incumbent,
    hint: &Option<Function>,
    gap: f64,
    stop: &Stop,
) -> Result<(Guide, f64), f64> {
    const NOTHING: f64 = f64::INFINITY;
    incumbent.open.as_ref().ok_or(NOTHING)?;
    let sites = (0..rules.sites as Site).filter(|site| rules.exclude.binary_search(site).is_err());
    let arena = Arena::new(rules, field, sites.collect());
    let mut part = start(rules, &arena).ok_or(NOTHING)?;
    let target = incumbent.value + incumbent.room((0.999 * gap).max(PROVEN));
    let guide = Guide::default();
    let mut prover =
        Prover { rules, target, dropped: incumbent.value, root: NOTHING, guide, at_most, parts_max: 0, stop };
    if let Some(function) = hint {
        prover.guide.first.push(function.clone());
        if prover.closes(&arena, &mut part, function) {
            return prover.done();
        }
    }
    let (arena, mut part) = again(rules, field, &arena, &part, &[]);
    prover.guide.groups = field.claimants(&arena.sites);
    prover.parts_max = PARTS_MAX.min(WORK_MAX / arena.sites.len().max(1)).max(1);
    part.bound = f64::INFINITY;
    let whole = prover.descend(&arena, part, Vec::new());
    if whole { prover.done() } else { Err(prover.root) }
}

/// The function of one point.
pub(super) fn at_point(arena: &Arena, y: &[f64], prices: &[f64]) -> Function {
    Function { points: vec![named(arena, y)], weights: Vec::new(), rows: priced(prices) }
}

/// The function that a relaxation ended with, of those points that count.
fn mixture(arena: &Arena, known: &[Vec<f64>], relaxed: &Relaxed) -> Function {
    let points: Vec<&Vec<f64>> = known.iter().chain(&relaxed.points).collect();
    let mixture = || relaxed.modular.mixture.iter().filter(|(_, weight)| *weight > LEAST_WEIGHT);
    let mut used: Vec<u32> = mixture().map(|(cut, _)| cut.at).collect();
    used.sort_unstable();
    used.dedup();
    if used.is_empty() {
        // No zone has a cut.
        used.push(0);
    }
    let groups = mixture().map(|(cut, _)| cut.group as usize + 1).max().unwrap_or(0);
    let mut weights = vec![Vec::new(); groups];
    for (cut, weight) in mixture() {
        let at = used.partition_point(|&at| at < cut.at) as u32;
        weights[cut.group as usize].push((at, *weight));
    }
    let points = used.iter().map(|&at| named(arena, points[at as usize])).collect();
    Function { points, weights, rows: priced(&relaxed.modular.prices) }
}

/// y by site numbers, coarse.
fn named(arena: &Arena, y: &[f64]) -> Vec<(Site, f64)> {
    arena.sites.iter().copied().zip(y.iter().copied().map(coarse)).filter(|at| at.1 > 0.0).collect()
}

fn priced(prices: &[f64]) -> Vec<(usize, f64)> {
    prices.iter().copied().enumerate().filter(|row| row.1 != 0.0).collect()
}

struct Prover<'a> {
    rules: &'a Rules,
    target: f64,
    /// The largest bound that anything was dropped at.
    dropped: f64,
    /// The least bound on all plans that a function shows, and the largest that anything was dropped at on the way.
    root: f64,
    guide: Guide,
    /// What one plan is worth at most.
    at_most: &'a dyn Fn(&[Site]) -> f64,
    parts_max: usize,
    stop: &'a Stop,
}

impl Prover<'_> {
    fn done(self) -> Result<(Guide, f64), f64> {
        // A checker moves its own sums outward as well.
        let bound = self.dropped + 4e-9 * self.dropped.abs().max(1.0);
        if bound <= self.target + 1e-8 * self.target.abs().max(1.0) { Ok((self.guide, bound)) } else { Err(self.root) }
    }

    /// Bounds a part by one function, decides what that decides, and says whether nothing is left.
    fn closes(&mut self, arena: &Arena, part: &mut Part, function: &Function) -> bool {
        let cuts: Vec<Vec<Arc<Cut>>> = function
            .points
            .iter()
            .map(|point| arena.cuts(&part.fate, &shares(arena, point), &Slots::default()))
            .collect();
        let mut prices = vec![0.0; self.rules.rows.len()];
        function.rows.iter().for_each(|&(row, price)| prices[row] = price);
        let weighted = cuts.iter().enumerate().flat_map(|(at, cuts)| {
            cuts.iter().map(move |cut| (cut, function.weight(cut.group as usize, at))).filter(|cut| cut.1 > 0.0)
        });
        let function = mixed(arena, &part.fate, weighted, &prices);
        part.bound = f64::INFINITY;
        let settled = settle(arena, part, &function, self.target);
        settled.dropped.into_iter().for_each(|by| self.dropped = self.dropped.max(by));
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

    /// Grows the proof of a part, from points that were good for what it is a part of; false if it can't be had.
    fn descend(&mut self, arena: &Arena, mut part: Part, mut points: Vec<Vec<f64>>) -> bool {
        if self.guide.parts.len() >= self.parts_max || self.stop.now(0).is_some() {
            return false;
        }
        let here = self.guide.parts.len();
        self.guide.parts.push((Vec::new(), None));
        for look in 0..LOOKS_MAX {
            let left = part.fate.iter().filter(|fate| **fate == Fate::Live).count();
            // Without a cutoff nothing is decided, which a checker could not repeat.
            let mut scratch = part.clone();
            let again = |y: &Vec<f64>| arena.cuts(&part.fate, y, &Slots::default());
            scratch.cuts = numbered(points.iter().map(again));
            let effort = Effort {
                rounds: ROUNDS,
                least_step: 1e-7 * self.target.abs(),
                enough: self.target,
                points: Some(points.len() as u32),
            };
            let Ok(relaxed) = relax(arena, &mut scratch, f64::NEG_INFINITY, effort, self.stop) else { break };
            part.cliques = scratch.cliques;
            part.y = scratch.y;
            let function = mixture(arena, &points, &relaxed);
            points = function.points.iter().map(|point| shares(arena, point)).collect();
            let closed = self.closes(arena, &mut part, &function);
            if here == 0 {
                self.root = self.root.min(part.bound.max(self.dropped));
            }
            self.guide.parts[here].0.push(function);
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
            if !self.descend(arena, with, points.clone()) {
                return false;
            }
        } else {
            self.guide.parts.push((Vec::new(), None));
        }
        part.fate[site] = Fate::Closed;
        part.y[site] = 0.0;
        self.descend(arena, part, points)
    }
}

impl Function {
    /// What a group's cut at a point counts.
    fn weight(&self, group: usize, at: usize) -> f64 {
        let weights = self.weights.get(group).map(Vec::as_slice).filter(|weights| !weights.is_empty());
        let Some(weights) = weights else { return if at == 0 { 1.0 } else { 0.0 } };
        let all: f64 = weights.iter().map(|weight| weight.1).sum();
        weights.iter().find(|weight| weight.0 as usize == at).map_or(0.0, |weight| weight.1 / all)
    }
}

/// y by position.
fn shares(arena: &Arena, point: &[(Site, f64)]) -> Vec<f64> {
    let mut y = vec![0.0; arena.sites.len()];
    for &(site, share) in point {
        if let Ok(at) = arena.sites.binary_search(&site) {
            y[at] = share;
        }
    }
    y
}

/// Cuts of points, each with the number of its point.
fn numbered(cuts: impl Iterator<Item = Vec<Arc<Cut>>>) -> Vec<Arc<Cut>> {
    let mut all = Vec::new();
    for (at, mut cuts) in cuts.enumerate() {
        cuts.iter_mut().for_each(|cut| Arc::make_mut(cut).at = at as u32);
        all.append(&mut cuts);
    }
    all
}
