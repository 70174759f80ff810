//! What the search knows: the sites in play, the incumbent, and the pieces of the proof.

use std::cell::Cell;
use std::cmp::Reverse;
use std::rc::Rc;

use domain::problem::{Assignment, Rules, Site};
use domain::stop::{Cut as Stopped, Event, Progress, Stop};
use rayon::prelude::*;

use super::guard::Guard;
use super::matrix::{Matrix, Zones};
use super::prices::{Priced, Prices, State, price, round_up};
use super::swap::Interchange;
use crate::placement::{Placed, Proof, ProofPrices};

/// Prices and what they say of the columns.
#[derive(Debug)]
pub(super) struct Held {
    stored: Rc<Stored>,
    pub(super) priced: Priced,
}

/// Prices, and where in the proof they stand, if they do.
#[derive(Debug)]
struct Stored {
    prices: Prices,
    position: Cell<Option<usize>>,
}

/// The state of a search.
pub(super) struct Search<'a> {
    pub(super) rules: &'a Rules,
    pub(super) problem: &'a Assignment,
    pub(super) zones: &'a Zones<'a>,
    pub(super) matrix: Matrix<'a>,
    /// By column: required ones open, excluded ones and those that a price closed are closed.
    pub(super) state: Vec<State>,
    /// The incumbent.
    pub(super) best: Option<(i128, Vec<Site>)>,
    gap: f64,
    pub(super) stop: &'a Stop,
    progress: &'a dyn Progress,
    proof: Proof,
    /// The least bound that any part of the proof shows so far.
    shown: i128,
    pub(super) rounds: u64,
    pub(super) nodes: u64,
    pub(super) cut: Option<Stopped>,
}

/// Entries of a cost matrix that a heuristic may read whole; of larger ones it takes a sample of zones.
const SAMPLE_ENTRIES: usize = 30_000_000;

impl<'a> Search<'a> {
    pub(super) fn new(
        rules: &'a Rules,
        problem: &'a Assignment,
        zones: &'a Zones<'a>,
        gap: f64,
        stop: &'a Stop,
        progress: &'a dyn Progress,
    ) -> Self {
        let mut state = vec![State::Free; rules.sites];
        rules.require.iter().for_each(|&site| state[site as usize] = State::Open);
        rules.exclude.iter().for_each(|&site| state[site as usize] = State::Closed);
        let proof = Proof { price_bits: zones.bits, ..Proof::default() };
        let matrix = Matrix::of(problem, rules.sites);
        let (best, cut, shown) = (None, None, i128::MAX);
        let gap = if gap > 0.0 { gap } else { 0.0 };
        Self { rules, problem, zones, matrix, state, best, gap, stop, progress, proof, shown, rounds: 0, nodes: 0, cut }
    }

    /// A part of the space whose bound reaches this needs no further look. No plan costs more than the total.
    pub(super) fn target(&self) -> i128 {
        match &self.best {
            None => self.zones.total + 1,
            #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a gap is a wish")]
            Some((value, _)) => value - (self.gap * (*value).max(1) as f64).floor() as i128,
        }
    }

    /// Says where the search is, with a bound in weight x cost.
    #[expect(clippy::cast_precision_loss, reason = "for people to read")]
    pub(super) fn say(&self, bound: i128) {
        self.progress.say(Event::Search {
            incumbent: self.best.as_ref().map(|best| best.0 as f64),
            bound: bound as f64,
            rounds: self.rounds,
            nodes: self.nodes,
        });
    }

    /// Prices evaluated over the columns in play.
    pub(super) fn hold(&self, prices: Prices) -> Rc<Held> {
        let priced = price(self.rules, self.zones, &self.matrix, &prices);
        Rc::new(Held { stored: Rc::new(Stored { prices, position: Cell::new(None) }), priced })
    }

    /// Prices of nothing: a bound of 0.
    pub(super) fn hold_nothing(&self) -> Rc<Held> {
        let prices = Prices { zones: vec![0; self.zones.len()], ..Prices::default() };
        let priced = Priced { base: 0, rho: vec![0; self.matrix.width()] };
        Rc::new(Held { stored: Rc::new(Stored { prices, position: Cell::new(None) }), priced })
    }

    /// The same prices over the columns `keep` alone.
    pub(super) fn project(&self, held: &Held, keep: &[u32]) -> Rc<Held> {
        let rho = keep.iter().map(|&column| held.priced.rho[column as usize]).collect();
        Rc::new(Held { stored: held.stored.clone(), priced: Priced { base: held.priced.base, rho } })
    }

    /// Goes on with the columns `keep` (ascending) alone; the others are closed.
    pub(super) fn shrink(&mut self, keep: &[u32]) {
        self.matrix = self.matrix.compact(self.zones.len(), keep);
        self.state = keep.iter().map(|&column| self.state[column as usize]).collect();
    }

    /// The bound that prices show for a part of the space, whole; beyond all plans if the counts leave none.
    pub(super) fn bound(&self, held: &Held, state: &[State]) -> i128 {
        let none = self.zones.total + 1;
        held.priced.bound(state, self.rules).map_or(none, |bound| round_up(bound.value, self.zones.bits).min(none))
    }

    fn position(&mut self, held: &Held) -> usize {
        let stored = &held.stored;
        if let Some(position) = stored.position.get() {
            return position;
        }
        let whole = |price: &u64| i64::try_from(*price).expect("a price is a 32-bit cost shifted by at most 30");
        self.proof.prices.push(ProofPrices {
            zones: stored.prices.zones.iter().map(whole).collect(),
            rows: stored.prices.rows.clone(),
            pairs: stored.prices.pairs.clone(),
        });
        stored.position.set(Some(self.proof.prices.len() - 1));
        self.proof.prices.len() - 1
    }

    /// Free columns that the prices close against the incumbent.
    pub(super) fn closable(&self, held: &Held) -> Vec<u32> {
        if self.best.is_none() {
            return Vec::new();
        }
        held.priced.closable(&self.state, self.rules, self.target(), self.zones.bits)
    }

    /// Closes columns for good.
    pub(super) fn close(&mut self, held: &Held, columns: &[u32]) {
        let position = self.position(held);
        self.shown = self.shown.min(self.target());
        columns.iter().for_each(|&column| self.state[column as usize] = State::Closed);
        let sites = columns.iter().map(|&column| self.matrix.sites[column as usize]).collect();
        self.proof.fixings.push((position, sites));
    }

    /// Notes a part of the space that `held` shows to cost at least `bound`.
    pub(super) fn leaf(&mut self, open: &[u32], closed: &[u32], held: &Held, bound: i128) {
        let position = self.position(held);
        self.shown = self.shown.min(bound);
        self.push_leaf(open, closed, Some(position));
    }

    /// Notes a part of the space that the rules leave empty.
    pub(super) fn empty_leaf(&mut self, open: &[u32], closed: &[u32]) {
        self.push_leaf(open, closed, None);
    }

    fn push_leaf(&mut self, open: &[u32], closed: &[u32], position: Option<usize>) {
        let sites = |columns: &[u32]| {
            let mut sites: Vec<Site> = columns.iter().map(|&column| self.matrix.sites[column as usize]).collect();
            sites.sort_unstable();
            sites
        };
        let leaf = (sites(open), sites(closed), position);
        self.proof.leaves.push(leaf);
    }

    /// The prices at which an open set proves its own cost, where nothing else may open.
    pub(super) fn own_prices(&self, open: &[u32]) -> Prices {
        let zones = self.served(open).into_iter().map(|cost| u64::from(cost) << self.zones.bits).collect();
        Prices { zones, ..Prices::default() }
    }

    fn served(&self, open: &[u32]) -> Vec<u32> {
        (0..self.zones.len())
            .into_par_iter()
            .map(|zone| {
                let costs = open.iter().map(|&column| self.matrix.cost(zone, column as usize));
                costs.min().unwrap_or(u32::MAX).min(self.zones.cap[zone])
            })
            .collect()
    }

    /// Whether every zone is served that must be.
    fn serves(&self, open: &[u32]) -> bool {
        (0..self.zones.len()).into_par_iter().all(|zone| {
            self.problem.fallback[zone] != u32::MAX
                || self.problem.weights[zone] == 0
                || open.iter().any(|&column| self.matrix.cost(zone, column as usize) != u32::MAX)
        })
    }

    /// Takes an open set (columns) as the incumbent if it obeys the rules and is better, or equal and
    /// first by site numbers.
    pub(super) fn offer(&mut self, open: &[u32]) -> bool {
        let mut sites: Vec<Site> = open.iter().map(|&column| self.matrix.sites[column as usize]).collect();
        sites.sort_unstable();
        if !self.rules.allow(&sites) {
            return false;
        }
        if !self.serves(open) {
            return false;
        }
        let costs = self.served(open);
        let value =
            costs.iter().zip(self.zones.weights).map(|(&cost, &weight)| i128::from(cost) * i128::from(weight)).sum();
        let better = self.best.as_ref().is_none_or(|best| (value, &sites) < (best.0, &best.1));
        if better {
            self.best = Some((value, sites));
        }
        better
    }

    /// Whether the counts, a conflicting pair or a row leave no plan where columns are in these states.
    pub(super) fn no_plan(&self, state: &[State]) -> bool {
        let (open, free) = (count(state, State::Open), count(state, State::Free));
        if open > self.rules.open_max || open + free < self.rules.open_min {
            return true;
        }
        let is_open = |site: Site| self.matrix.sites.binary_search(&site).is_ok_and(|at| state[at] == State::Open);
        if self.rules.conflicts.iter().any(|&(one, other)| is_open(one) && is_open(other)) {
            return true;
        }
        let (least, most) = (self.rules.open_min.saturating_sub(open), (self.rules.open_max - open).min(free));
        self.rules.rows.iter().any(|row| {
            let (mut base, mut terms) = (0_i64, vec![0_i64; 0]);
            let mut listed = 0;
            for &(site, coefficient) in &row.terms {
                if let Ok(at) = self.matrix.sites.binary_search(&site) {
                    match state[at] {
                        State::Open => base += coefficient,
                        State::Free => {
                            terms.push(coefficient);
                            listed += 1;
                        }
                        State::Closed => {}
                    }
                }
            }
            terms.resize(terms.len() + free - listed, 0);
            let extreme = |sign: i64| {
                let mut signed: Vec<i64> = terms.iter().map(|term| sign * term).collect();
                signed.sort_unstable_by_key(|&term| Reverse(term));
                let paying = signed.iter().take_while(|term| **term > 0).count();
                sign * signed[..paying.clamp(least, most)].iter().sum::<i64>() + base
            };
            row.max.is_some_and(|max| extreme(-1) > max) || row.min.is_some_and(|min| extreme(1) < min)
        })
    }

    /// How many columns are undecided.
    pub(super) fn free(&self) -> usize {
        count(&self.state, State::Free)
    }

    /// The columns that are not closed.
    pub(super) fn in_play(&self) -> Vec<u32> {
        (0_u32..).zip(&self.state).filter(|(_, state)| **state != State::Closed).map(|(column, _)| column).collect()
    }

    /// The incumbent's columns that are still in play.
    pub(super) fn incumbent(&self) -> Vec<u32> {
        let sites = self.best.iter().flat_map(|best| &best.1);
        #[expect(clippy::cast_possible_truncation, reason = "columns are numbered in 32 bits")]
        sites.filter_map(|site| self.matrix.sites.binary_search(site).ok()).map(|column| column as u32).collect()
    }

    fn guard<'g>(&'g self, sites: &[Site]) -> Guard<'g> {
        let blocked = sites.iter().map(|site| {
            let column = self.matrix.sites.binary_search(site);
            column.is_ok_and(|column| self.state[column] == State::Closed)
        });
        Guard::new(self.rules, sites, blocked.collect())
    }

    /// Greedy addition and interchange from nothing, over a sample of zones where there are many.
    pub(super) fn start(&mut self) {
        let step = self.matrix.entries().div_ceil(SAMPLE_ENTRIES).max(1);
        #[expect(clippy::cast_possible_truncation, reason = "zones are numbered in 32 bits")]
        let chosen: Vec<u32> = (0..self.zones.len() as u32)
            .filter(|&zone| self.zones.weights[zone as usize] > 0 && self.zones.cap[zone as usize] > 0)
            .step_by(step)
            .collect();
        let sampled = (step > 1).then(|| self.matrix.of_zones(&chosen));
        let rows: Vec<(u32, u32)> = match sampled {
            Some(_) => (0_u32..).zip(chosen).collect(),
            None => chosen.into_iter().map(|zone| (zone, zone)).collect(),
        };
        let found = {
            let matrix = sampled.as_ref().unwrap_or(&self.matrix);
            let mut guard = self.guard(&self.matrix.sites);
            let mut interchange = Interchange::new(matrix, self.zones, rows);
            let keep: Vec<bool> = self.state.iter().map(|state| *state == State::Open).collect();
            for column in (0..keep.len()).filter(|&column| keep[column]) {
                guard.add(column);
                #[expect(clippy::cast_possible_truncation, reason = "columns are numbered in 32 bits")]
                interchange.add(column as u32);
            }
            interchange.greedy(&mut guard, self.rules.open_max);
            interchange.improve(&mut guard, &keep, SWAPS_MAX);
            interchange.columns()
        };
        self.offer(&found);
    }

    /// Rounds shares of columns to an open set, and improves it by swaps among `pool` (ascending).
    pub(super) fn round(&mut self, shares: &[f64], pool: Vec<u32>) {
        let matrix = self.matrix.compact(self.zones.len(), &pool);
        #[expect(clippy::cast_possible_truncation, reason = "zones are numbered in 32 bits")]
        let rows = (0..self.zones.len() as u32)
            .filter(|&zone| self.zones.weights[zone as usize] > 0 && self.zones.cap[zone as usize] > 0)
            .map(|zone| (zone, zone))
            .collect();
        let found = {
            let mut guard = self.guard(&matrix.sites);
            let mut interchange = Interchange::new(&matrix, self.zones, rows);
            let keep: Vec<bool> = pool.iter().map(|&column| self.state[column as usize] == State::Open).collect();
            let mut ranked: Vec<usize> = (0..pool.len()).collect();
            ranked.sort_by(|&one, &other| {
                let rank = |at: usize| if keep[at] { 2.0 } else { shares[pool[at] as usize] };
                rank(other).total_cmp(&rank(one)).then(one.cmp(&other))
            });
            let mut opened = 0;
            for at in ranked {
                if opened < self.rules.open_max && (keep[at] || guard.may_add(at)) {
                    guard.add(at);
                    #[expect(clippy::cast_possible_truncation, reason = "columns are numbered in 32 bits")]
                    interchange.add(at as u32);
                    opened += 1;
                }
            }
            interchange.improve(&mut guard, &keep, SWAPS_MAX);
            interchange.columns().into_iter().map(|at| pool[at as usize]).collect::<Vec<u32>>()
        };
        self.offer(&found);
    }

    /// The result.
    pub(super) fn finish(mut self) -> Placed {
        let (nodes, rounds, cut) = (self.nodes, self.rounds, self.cut);
        let Some((value, open)) = self.best else {
            let bound = if cut.is_some() { self.shown.min(self.zones.total) } else { i128::MAX };
            #[expect(clippy::cast_precision_loss, reason = "exact is the whole number")]
            let bound = if bound == i128::MAX { f64::INFINITY } else { bound as f64 };
            return Placed {
                open: None,
                value: f64::INFINITY,
                bound,
                exact: None,
                nodes,
                rounds,
                cut,
                proof: None,
                guide: None,
            };
        };
        self.proof.bound = self.shown.min(value);
        #[expect(clippy::cast_precision_loss, reason = "exact is the whole number")]
        let (float, bound) = (value as f64, self.proof.bound as f64);
        Placed {
            exact: Some((value, self.proof.bound)),
            open: Some(open),
            value: float,
            bound,
            nodes,
            rounds,
            cut,
            proof: Some(self.proof),
            guide: None,
        }
    }
}

fn count(state: &[State], of: State) -> usize {
    state.iter().filter(|state| **state == of).count()
}

/// Swaps of one interchange at most: far more than any run has needed.
const SWAPS_MAX: usize = 10_000;
