//! What the search knows: the sites in play, the incumbent, and the pieces of the proof.

use std::sync::{Arc, OnceLock};

use domain::problem::{Assignment, Rules, Site};
use domain::stop::{Cut as Stopped, Event, Progress, Stop};
use rayon::prelude::*;

use super::matrix::{Matrix, Zones};
use super::prices::{Priced, Prices, State, price, round_up};
use crate::placement::Proof;

mod empty;
mod plans;
mod proof;

pub(super) use self::proof::Held;
use self::proof::Stored;

/// The state of a search.
pub(super) struct Search<'a> {
    pub(super) sizes: Sizes,
    pub(super) rules: &'a Rules,
    pub(super) problem: &'a Assignment,
    pub(super) zones: &'a Zones<'a>,
    /// The core: the columns that the LP knows.
    pub(super) matrix: Matrix<'a>,
    /// By column: required ones open, excluded ones and those that a price closed are closed.
    pub(super) state: Vec<State>,
    /// The sites that are neither in the core nor closed.
    pub(super) outside: Outside<'a>,
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

/// From which sizes on the search takes which way. None of it changes what is found or proven, so tests take
/// small problems down every way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes {
    /// So many sites begin in the core, all of them.
    pub(super) sites_few: usize,
    /// So many pairs do too, where the root needs no LP.
    pub(super) pairs_few: usize,
    /// Sites that another core begins with, about; and so many may come in at once.
    pub(super) core: usize,
    /// Zones of a sample, about. With fewer than twice as many, there is none.
    pub(super) sample: usize,
    /// Pairs within the reach of prices over which the root goes by volume.
    pub(super) volume: usize,
    /// Pairs within the prices that it ended with, few enough for an LP to go on: it often ends whole.
    pub(super) pairs_lp: usize,
}

impl Default for Sizes {
    fn default() -> Self {
        Self { sites_few: 1_000, pairs_few: 12_000_000, core: 400, sample: 4_000, volume: 4_000_000, pairs_lp: 40_000 }
    }
}

/// What prices say of all sites in play.
#[derive(Debug)]
pub(super) struct Whole {
    /// Over the columns of the core, then those outside.
    priced: Priced,
    state: Vec<State>,
    /// No plan costs less.
    pub(super) bound: i128,
    /// What a site has to be worth to be among the best choice.
    pub(super) displaced: i128,
}

/// Sites that wait outside the core: the LP does not know them, prices do.
#[derive(Debug)]
pub(super) struct Outside<'a> {
    /// They, and perhaps some that no longer wait.
    pub(super) matrix: Matrix<'a>,
    /// By column.
    pub(super) waits: Vec<bool>,
}

impl Outside<'_> {
    /// How many wait.
    pub(super) fn count(&self) -> usize {
        self.waits.iter().filter(|waits| **waits).count()
    }
}

impl<'a> Search<'a> {
    pub(super) fn new(
        rules: &'a Rules,
        problem: &'a Assignment,
        zones: &'a Zones<'a>,
        gap: f64,
        stop: &'a Stop,
        progress: &'a dyn Progress,
        sizes: Sizes,
    ) -> Self {
        let mut state = vec![State::Free; rules.sites];
        rules.require.iter().for_each(|&site| state[site as usize] = State::Open);
        rules.exclude.iter().for_each(|&site| state[site as usize] = State::Closed);
        let proof = Proof { price_bits: zones.bits, ..Proof::default() };
        let matrix = Matrix::of(problem, rules.sites);
        let outside = Outside { matrix: Matrix::empty(zones.len()), waits: Vec::new() };
        let (best, cut, shown) = (None, None, i128::MAX);
        let gap = if gap > 0.0 { gap } else { 0.0 };
        Self {
            sizes,
            rules,
            problem,
            zones,
            matrix,
            state,
            outside,
            best,
            gap,
            stop,
            progress,
            proof,
            shown,
            rounds: 0,
            nodes: 0,
            cut,
        }
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
    pub(super) fn hold(&self, prices: Prices) -> Arc<Held> {
        let priced = price(self.rules, self.zones, &self.matrix, &prices);
        Arc::new(Held { stored: Arc::new(Stored { prices, position: OnceLock::new() }), priced })
    }

    /// Prices of nothing: a bound of 0.
    pub(super) fn hold_nothing(&self) -> Arc<Held> {
        let prices = Prices { zones: vec![0; self.zones.len()], ..Prices::default() };
        let priced = Priced { base: 0, rho: vec![0; self.matrix.width()] };
        Arc::new(Held { stored: Arc::new(Stored { prices, position: OnceLock::new() }), priced })
    }

    /// The same prices over the columns that are in play now.
    pub(super) fn again(&self, held: &Held) -> Arc<Held> {
        let priced = price(self.rules, self.zones, &self.matrix, &held.stored.prices);
        Arc::new(Held { stored: held.stored.clone(), priced })
    }

    /// What prices say of the core and of what waits outside together.
    pub(super) fn whole(&self, held: &Held) -> Whole {
        let beyond = price(self.rules, self.zones, &self.outside.matrix, &held.stored.prices);
        let mut state = self.state.clone();
        state.extend(self.outside.waits.iter().map(|waits| if *waits { State::Free } else { State::Closed }));
        let rho = held.priced.rho.iter().chain(&beyond.rho).copied().collect();
        let priced = Priced { base: held.priced.base, rho };
        let none = self.zones.total + 1;
        let (bound, displaced) = priced.bound(&state, self.rules).map_or((none, 0), |bound| {
            (round_up(bound.value, self.zones.bits).min(none), bound.displaced.unwrap_or(i128::MAX))
        });
        Whole { priced, state, bound, displaced }
    }

    /// The columns that wait outside with their rho, dearest first.
    pub(super) fn waiting(&self, whole: &Whole) -> Vec<(u32, i128)> {
        let rho = &whole.priced.rho[self.matrix.width()..];
        let mut waiting: Vec<(u32, i128)> = (0_u32..)
            .zip(rho.iter().zip(&self.outside.waits))
            .filter(|(_, (_, waits))| **waits)
            .map(|(column, (rho, _))| (column, *rho))
            .collect();
        waiting.sort_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(&other.0)));
        waiting
    }

    /// Goes on with the core's columns that are not closed and with `entering`, columns that wait outside.
    pub(super) fn recast(&mut self, entering: &[u32]) {
        let keep = self.in_play();
        if entering.is_empty() {
            self.matrix = self.matrix.compact(self.zones.len(), &keep);
            self.state = keep.iter().map(|&column| self.state[column as usize]).collect();
            return;
        }
        let kept = keep.iter().map(|&column| (self.matrix.sites[column as usize], self.state[column as usize]));
        let mut columns: Vec<(Site, State)> = kept.collect();
        for &column in entering {
            self.outside.waits[column as usize] = false;
            columns.push((self.outside.matrix.sites[column as usize], State::Free));
        }
        columns.sort_unstable_by_key(|column| column.0);
        self.make_core(&columns);
    }

    /// Makes these sites (ascending) the core. What waits outside is copied when it has become few.
    pub(super) fn make_core(&mut self, columns: &[(Site, State)]) {
        let sites: Vec<u32> = columns.iter().map(|column| column.0).collect();
        self.matrix = self.all().compact(self.zones.len(), &sites);
        self.state = columns.iter().map(|column| column.1).collect();
        let waiting = self.outside.count();
        if waiting * 2 < self.outside.waits.len() {
            let keep: Vec<u32> =
                (0_u32..).zip(&self.outside.waits).filter(|(_, waits)| **waits).map(|(column, _)| column).collect();
            self.outside.matrix = self.outside.matrix.select(self.zones.len(), &keep);
            self.outside.waits = vec![true; waiting];
        }
    }

    /// How many pairs may all begin in the core: listed ones are all within reach of a price.
    pub(super) fn pairs_few(&self) -> usize {
        if self.matrix.is_listed() { self.sizes.volume } else { self.sizes.pairs_few }
    }

    /// Every site of the problem.
    pub(super) fn all(&self) -> Matrix<'a> {
        Matrix::of(self.problem, self.rules.sites)
    }

    /// rho of every site of the problem, whether in play or not.
    pub(super) fn rho(&self, prices: &Prices) -> Vec<i128> {
        price(self.rules, self.zones, &self.all(), prices).rho
    }

    /// The bound that prices show for a part of the space, whole; beyond all plans if the counts leave none.
    pub(super) fn bound(&self, held: &Held, state: &[State]) -> i128 {
        let none = self.zones.total + 1;
        held.priced.bound(state, self.rules).map_or(none, |bound| round_up(bound.value, self.zones.bits).min(none))
    }

    /// Free columns that the prices close against the incumbent.
    pub(super) fn closable(&self, held: &Held) -> Vec<u32> {
        if self.best.is_none() {
            return Vec::new();
        }
        held.priced.closable(&self.state, self.rules, self.target(), self.zones.bits)
    }

    /// The same in a part of the space.
    pub(super) fn closable_in(&self, held: &Held, state: &[State]) -> Vec<u32> {
        if self.best.is_none() {
            return Vec::new();
        }
        held.priced.closable(state, self.rules, self.target(), self.zones.bits)
    }

    fn sites_of(&self, columns: &[u32]) -> Vec<Site> {
        let mut sites: Vec<Site> = columns.iter().map(|&column| self.matrix.sites[column as usize]).collect();
        sites.sort_unstable();
        sites
    }

    /// The prices at which an open set proves its own cost, where nothing else may open.
    pub(super) fn own_prices(&self, open: &[u32]) -> Prices {
        let zones = self.served(open).into_iter().map(|cost| u64::from(cost) << self.zones.bits).collect();
        Prices { zones, ..Prices::default() }
    }

    /// What every zone costs if these columns are open.
    pub(super) fn served(&self, open: &[u32]) -> Vec<u32> {
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
        let sites = self.sites_of(open);
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
}

fn count(state: &[State], of: State) -> usize {
    state.iter().filter(|state| **state == of).count()
}
