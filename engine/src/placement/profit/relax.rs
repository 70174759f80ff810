//! The bound of a part of the tree: a linear program over the cuts, and what its prices prove.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | y | `Relaxed::y` | 0 to 1 |
//! | mu_c | price of cut c, sum over a group's cuts = 1 | 1 |
//! | lambda | price of a row, clique or count, >= 0 | base-currency major units per unit of the rule |
//! | rho_j | `Modular::rho` | base-currency major units |
//!
//!   maximise sum_j own_j y_j + sum_g theta_g,  theta_g <= alpha_c + beta_c y,  rows, cliques of conflicts,
//!   counts of neighbourhoods ([`super::regions`]),  p_min <= sum y <= p,  0 <= y <= 1.
//!
//! The program's optimum is never trusted. Any mu >= 0 that sums to 1 per group and any lambda >= 0 give, for all
//! plans of the part,
//!
//!   value <= alpha + sum_j rho_j y_j,  alpha = sum mu_c alpha_c + sum lambda max - ...,
//!   rho_j = own_j + sum mu_c beta_cj - sum lambda a_j,
//!
//! whose maximum over "at least p_min, at most p" is a sort (weak duality). The solver's prices are made
//! such by clipping and dividing, the function is summed afresh in f64, and the result is moved outward
//! ([`Arena::outward`]). A bad price makes the bound weak, not wrong. Points are separated halfway
//! between the program's optimum and the last such point, which is what keeps the rounds few
//! [benameur2007]. Each round also closes and opens the sites whose change in the sort would fall to the
//! cutoff or below.

use std::sync::Arc;

use domain::stop::Stop;

use super::arena::Arena;
use super::cut::{Cut, Fate};
use super::program::Program;
use super::regions::{Count, Slots};
use crate::solver::lp::{LpError, LpStatus};

/// A part of the space of plans.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// What is decided, by position.
    pub(super) fate: Vec<Fate>,
    /// Cuts that hold here.
    pub(super) cuts: Vec<Arc<Cut>>,
    /// Sets of positions of which at most one may open.
    pub(super) cliques: Vec<Arc<Vec<u32>>>,
    /// How many open in neighbourhoods.
    pub(super) counts: Vec<Count>,
    /// Where the last program ended.
    pub(super) y: Vec<f64>,
    /// No plan here is worth more.
    pub(super) bound: f64,
}

/// value <= alpha + sum over open and undecided sites of rho y, also when more is decided later.
#[derive(Debug, Clone, Default)]
pub(super) struct Modular {
    /// Whatever is open.
    pub(super) alpha: f64,
    /// By position; 0 for closed sites.
    pub(super) rho: Vec<f64>,
    /// The cuts it is a mixture of, with their weights.
    pub(super) mixture: Vec<(Arc<Cut>, f64)>,
    /// Price of each row's upper side less that of its lower side, per unit of the row as given.
    pub(super) prices: Vec<f64>,
}

/// How much work a relaxation may do.
#[derive(Debug, Clone, Copy)]
pub(super) struct Effort {
    /// Rounds of cuts.
    pub(super) rounds: usize,
    /// Stop when a round lowers the bound by less than this, twice in a row.
    pub(super) least_step: f64,
    /// Stop when the bound is at most this.
    pub(super) enough: f64,
    /// Where cuts are to be told by their points: how many points are known before.
    pub(super) points: Option<u32>,
}

impl Effort {
    /// So many rounds of at least such steps.
    pub(super) fn of(rounds: usize, least_step: f64) -> Self {
        Self { rounds, least_step, enough: f64::NEG_INFINITY, points: None }
    }
}

/// What came of a relaxation; `Part` is updated in place.
#[derive(Debug)]
pub(super) struct Relaxed {
    /// Rounds of cuts.
    pub(super) rounds: u64,
    /// The lowest bound of its own; the part may have come with a lower one.
    pub(super) reached: f64,
    /// The largest bound of what was closed or opened by its price.
    pub(super) dropped: Option<f64>,
    /// The function that proved the bound.
    pub(super) modular: Modular,
    /// No plan here obeys the rules.
    pub(super) empty: bool,
    /// Where they were asked for: the points that cuts were made at, y by position, coarse.
    pub(super) points: Vec<Vec<f64>>,
    /// The best point whose cuts alone, one per group, were looked at: its bound, y by position, prices by row.
    pub(super) single: Option<(f64, Vec<f64>, Vec<f64>)>,
}

/// Lowers `part.bound` until it is at most `cutoff`, or the effort is spent.
pub(super) fn relax(
    arena: &Arena,
    part: &mut Part,
    cutoff: f64,
    effort: Effort,
    stop: &Stop,
) -> Result<Relaxed, LpError> {
    let mut relaxed = Relaxed {
        rounds: 0,
        reached: f64::INFINITY,
        dropped: None,
        modular: Modular::default(),
        empty: false,
        points: Vec::new(),
        single: None,
    };
    let Some(mut slots) = narrow(arena, part) else {
        relaxed.empty = true;
        return Ok(relaxed);
    };
    let fresh = relaxed.cuts(arena, part, &part.y, &slots, effort.points);
    // One cut per group is a bound by itself, and what remains if the solver fails.
    let plain = modular(arena, &part.fate, fresh.iter().map(|cut| (cut, 1.0)), &[]);
    relaxed.look(arena, &part.fate, &plain, &part.y);
    let settled = settle(arena, part, &plain, cutoff);
    relaxed.take(settled, plain);
    if part.bound <= cutoff || relaxed.reached <= effort.enough || relaxed.empty || !part.fate.contains(&Fate::Live) {
        return Ok(relaxed);
    }
    let mut program = Program::new(arena, part, fresh)?;
    let mut centre = part.y.clone();
    let mut idle = 0;
    for round in 0..effort.rounds {
        let answer = program.lp.solve()?;
        relaxed.rounds += 1;
        match answer.status {
            LpStatus::Optimal => {}
            LpStatus::Infeasible => {
                relaxed.empty = true;
                return Ok(relaxed);
            }
            _ => break,
        }
        let before = relaxed.reached;
        let priced = program.priced(arena, part, &answer);
        let prices = priced.prices.clone();
        let settled = settle(arena, part, &priced, cutoff);
        relaxed.take(settled, priced);
        program.read(part, &answer);
        program.keep(part, &answer);
        let decided = !part.fate.contains(&Fate::Live);
        let done = part.bound <= cutoff || relaxed.reached <= effort.enough || relaxed.empty || decided;
        if done || round + 1 == effort.rounds || stop.now(0).is_some() {
            break;
        }
        idle = if before - relaxed.reached < effort.least_step { idle + 1 } else { 0 };
        if idle >= 2 {
            break;
        }
        slots = match narrow(arena, part) {
            Some(slots) => slots,
            None => {
                relaxed.empty = true;
                return Ok(relaxed);
            }
        };
        program.fix(part)?;
        for (centre, (&y, fate)) in centre.iter_mut().zip(part.y.iter().zip(&part.fate)) {
            *centre = match fate {
                Fate::Live => 0.5 * (*centre + y),
                Fate::Open => 1.0,
                Fate::Closed => 0.0,
            };
        }
        let cuts = relaxed.cuts(arena, part, &centre, &slots, effort.points);
        relaxed.look(arena, &part.fate, &single(arena, &part.fate, &cuts, &prices), &centre);
        let mut added = program.add(arena, part, cuts)?;
        if added == 0 {
            centre.clone_from(&part.y);
            let cuts = relaxed.cuts(arena, part, &part.y, &slots, effort.points);
            added = program.add(arena, part, cuts)?;
        }
        added += program.add_cliques(arena, part)?;
        if added == 0 && !program.moved {
            break;
        }
    }
    Ok(relaxed)
}

/// Decides what the counts decide, and finds what they force; none where they contradict.
fn narrow(arena: &Arena, part: &mut Part) -> Option<Slots> {
    let Some(regions) = &arena.regions else { return Some(Slots::default()) };
    let ranges = regions.derive(&part.fate, &part.counts, arena.least, arena.most)?;
    for (at, open) in regions.decided(&part.fate, &ranges) {
        let at = at as usize;
        if !open {
            part.fate[at] = Fate::Closed;
        } else if !arena.open(&mut part.fate, at) {
            return None;
        }
        part.y[at] = if open { 1.0 } else { 0.0 };
    }
    Some(regions.slots(&part.fate, &ranges))
}

/// y is kept to so many parts of 1, where it is told: any point is valid.
const GRAIN: f64 = 1e4;

/// y as it is written down.
pub(super) fn coarse(y: f64) -> f64 {
    (y * GRAIN).round() / GRAIN
}

impl Relaxed {
    /// Cuts at `y`; where points are asked for, at `y` as it can be written down.
    fn cuts(&mut self, arena: &Arena, part: &Part, y: &[f64], slots: &Slots, known: Option<u32>) -> Vec<Arc<Cut>> {
        let Some(known) = known else { return arena.cuts(&part.fate, y, slots) };
        let y: Vec<f64> = y.iter().copied().map(coarse).collect();
        let mut cuts = arena.cuts(&part.fate, &y, slots);
        let at = known + self.points.len() as u32;
        cuts.iter_mut().for_each(|cut| Arc::make_mut(cut).at = at);
        self.points.push(y);
        cuts
    }

    fn take(&mut self, settled: Settled, modular: Modular) {
        if let Some(by) = settled.dropped {
            self.dropped = Some(self.dropped.map_or(by, |most| most.max(by)));
        }
        self.empty |= settled.empty;
        if settled.bound < self.reached {
            self.reached = settled.bound;
            self.modular = modular;
        }
    }

    /// Keeps the point if its bound is the lowest so far.
    fn look(&mut self, arena: &Arena, fate: &[Fate], modular: &Modular, y: &[f64]) {
        let bound = sorted(arena, fate, modular).value;
        if self.single.as_ref().is_none_or(|single| bound < single.0) {
            self.single = Some((bound, y.to_vec(), modular.prices.clone()));
        }
    }
}

/// The sum of one cut per group and of the rows at their prices.
fn single(arena: &Arena, fate: &[Fate], cuts: &[Arc<Cut>], prices: &[f64]) -> Modular {
    mixed(arena, fate, cuts.iter().map(|cut| (cut, 1.0)), prices)
}

/// The sum of cuts with their weights, which add up to 1 in each group, and of the rows at their prices.
pub(super) fn mixed<'a>(
    arena: &Arena,
    fate: &[Fate],
    cuts: impl Iterator<Item = (&'a Arc<Cut>, f64)>,
    prices: &[f64],
) -> Modular {
    let lines = arena.lines.iter().zip(prices).filter(|(_, price)| **price != 0.0);
    let sides: Vec<(f64, f64, &[(u32, f64)])> = lines
        .map(|(line, price)| {
            (price * line.scale, if *price > 0.0 { line.max } else { line.min }, line.terms.as_slice())
        })
        .filter(|side| side.1.is_finite())
        .collect();
    Modular { prices: prices.to_vec(), ..modular(arena, fate, cuts, &sides) }
}

/// The sum of cuts with their weights, and rows with their prices, as one function.
pub(super) fn modular<'a>(
    arena: &Arena,
    fate: &[Fate],
    cuts: impl Iterator<Item = (&'a Arc<Cut>, f64)>,
    sides: &[(f64, f64, &[(u32, f64)])],
) -> Modular {
    let mut alpha = 0.0;
    let mut rho = arena.own.clone();
    let mut mixture = Vec::new();
    for (cut, weight) in cuts {
        mixture.push((Arc::clone(cut), weight));
        alpha += weight * cut.constant;
        for &(at, beta) in &cut.terms {
            rho[at as usize] += weight * beta;
        }
    }
    for &(price, limit, terms) in sides {
        alpha += price * limit;
        for &(at, by) in terms {
            rho[at as usize] -= price * by;
        }
    }
    for (rho, _) in rho.iter_mut().zip(fate).filter(|(_, fate)| **fate == Fate::Closed) {
        *rho = 0.0;
    }
    Modular { alpha, rho, prices: vec![0.0; arena.lines.len()], mixture }
}

impl Modular {
    /// alpha and what is open.
    pub(super) fn settled(&self, fate: &[Fate]) -> f64 {
        let open = self.rho.iter().zip(fate).filter(|(_, fate)| **fate == Fate::Open);
        self.alpha + open.map(|(rho, _)| rho).sum::<f64>()
    }
}

/// The best choice of undecided sites under a modular function.
#[derive(Debug)]
pub(super) struct Sorted {
    /// Undecided positions, rho descending.
    pub(super) order: Vec<u32>,
    /// How many of them are taken.
    pub(super) taken: usize,
    /// Whether every plan takes at least (at most) that many.
    pub(super) tight: (bool, bool),
    /// alpha, what is open, and their rho; minus infinity where no choice has the right size.
    pub(super) value: f64,
}

/// Maximises the function over the number of sites alone.
pub(super) fn sorted(arena: &Arena, fate: &[Fate], modular: &Modular) -> Sorted {
    let open = fate.iter().filter(|fate| **fate == Fate::Open).count();
    let mut order: Vec<u32> = (0..fate.len() as u32).filter(|&at| fate[at as usize] == Fate::Live).collect();
    let rho = |at: u32| modular.rho[at as usize];
    order.sort_by(|&one, &other| rho(other).total_cmp(&rho(one)).then(one.cmp(&other)));
    let least = arena.least.saturating_sub(open);
    if open > arena.most || order.len() < least {
        return Sorted { order, taken: 0, tight: (true, true), value: f64::NEG_INFINITY };
    }
    let most = (arena.most - open).min(order.len());
    let taken = order.iter().take(most).enumerate().take_while(|&(at, &site)| at < least || rho(site) > 0.0).count();
    let value = modular.settled(fate) + order[..taken].iter().map(|&at| rho(at)).sum::<f64>();
    Sorted { tight: (taken == least, taken == arena.most - open), taken, order, value }
}

/// What came of one function.
#[derive(Debug, Clone, Copy)]
pub(super) struct Settled {
    /// Its bound.
    bound: f64,
    /// The largest bound of what it closed or opened.
    pub(super) dropped: Option<f64>,
    /// No plan here obeys the rules.
    pub(super) empty: bool,
}

impl Default for Settled {
    fn default() -> Self {
        Self { bound: f64::INFINITY, dropped: None, empty: false }
    }
}

/// Takes a function's bound over, and decides the sites that it decides.
pub(super) fn settle(arena: &Arena, part: &mut Part, modular: &Modular, cutoff: f64) -> Settled {
    let sorted = sorted(arena, &part.fate, modular);
    if sorted.value == f64::NEG_INFINITY {
        return Settled { empty: true, ..Settled::default() };
    }
    let mut settled = Settled { bound: arena.outward(sorted.value), ..Settled::default() };
    let bound = arena.outward(sorted.value);
    let rho = |at: usize| modular.rho[sorted.order[at] as usize];
    let mut contradicted = false;
    // Without a cutoff nothing is decided: whoever asks so knows of sites that this part does not.
    if bound > cutoff && cutoff > f64::NEG_INFINITY {
        let taken = sorted.taken;
        // What leaves if one more site is forced in, and what comes in if one is forced out. A site that
        // is in only because so many have to be (rho < 0) is glad to leave for another.
        let last = if taken > 0 { rho(taken - 1) } else { 0.0 };
        let leaves = if sorted.tight.1 { last } else { last.min(0.0) };
        let enters = if taken < sorted.order.len() { rho(taken) } else { f64::NEG_INFINITY };
        let enters = if sorted.tight.0 { enters } else { enters.max(0.0) };
        let mut drop = |bound: f64| settled.dropped = Some(settled.dropped.map_or(bound, |most: f64| most.max(bound)));
        let full = sorted.tight.1 && taken == 0;
        for (at, &site) in sorted.order.iter().enumerate() {
            let site = site as usize;
            if part.fate[site] != Fate::Live {
                continue;
            }
            if at >= taken {
                let with = if full { f64::NEG_INFINITY } else { arena.outward(sorted.value - leaves + rho(at)) };
                if with <= cutoff {
                    part.fate[site] = Fate::Closed;
                    drop(with);
                }
            } else {
                let without = arena.outward(sorted.value - rho(at) + enters);
                if without <= cutoff {
                    drop(without);
                    contradicted |= !arena.open(&mut part.fate, site);
                }
            }
        }
    }
    settled.empty = contradicted;
    part.bound = part.bound.min(bound);
    settled
}
