//! The bound of a part of the tree: a linear program over the cuts.
//!
//!   maximise sum_j own_j y_j + sum_g theta_g,  theta_g <= alpha_c + beta_c y,  rows, cliques of conflicts,
//!   counts of neighbourhoods ([`super::regions`]),  p_min <= sum y <= p,  0 <= y <= 1.
//!
//! The program's optimum is never trusted: its prices, clipped and divided, make a function of their own, and what that shows is
//! the bound ([`super::modular`]). Points are separated halfway between the program's optimum and the last such
//! point, which is what keeps the rounds few [benameur2007].

use std::sync::Arc;

use domain::stop::Stop;

use super::arena::Arena;
use super::cut::{Cut, Fate};
use super::modular::{Modular, Settled, mixed, modular, settle, sorted};
use super::part::{Part, narrow};
use super::program::Program;
use super::regions::Slots;
use crate::solver::lp::{LpError, LpStatus};

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
        let single = mixed(arena, &part.fate, cuts.iter().map(|cut| (cut, 1.0)), &prices);
        relaxed.look(arena, &part.fate, &single, &centre);
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
