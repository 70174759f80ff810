//! The root with all the rows it asks for and a plan rounded from it, then the whole program.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use domain::problem::Site;
use domain::stop::{Cut, Event, Progress, Stop};

use super::relax::{Fixed, Relaxation, Relaxed};
use super::{Capacitated, flows};
use crate::placement::{Placed, PlacementError};
use crate::solver::lp::{LpAnswer, LpError, LpStatus};

/// Rounds of rows at the root at most; each must add some.
const ROUNDS: u32 = 60;
/// A gap below which a plan is proven where costs are no whole numbers (design, section 4).
const PROVEN: f64 = 1e-6;
/// Of the gap that proves, what the solver itself aims at, so that rounding leaves it proven.
const AIM: f64 = 0.5;
/// How often the solver's thread is looked after.
const LOOK: Duration = Duration::from_millis(50);

struct Search<'a> {
    problem: &'a Capacitated,
    p: Option<usize>,
    /// The program that prices plans.
    transport: Relaxation<'a>,
    best: Option<(f64, Vec<usize>)>,
    bound: f64,
    nodes: u64,
    rounds: u64,
}

/// Solves a problem whose shapes agree.
pub(super) fn run(
    problem: &Capacitated,
    p: Option<usize>,
    gap: f64,
    stop: &Stop,
    progress: &dyn Progress,
) -> Result<Placed, PlacementError> {
    let transport = Relaxation::new(problem, p, &[], false)?;
    let mut search = Search { problem, p, transport, best: None, bound: 0.0, nodes: 1, rounds: 0 };
    if !search.has_plan(&(0..problem.sites()).collect::<Vec<_>>()) {
        search.bound = f64::INFINITY;
        return Ok(search.placed(None));
    }
    let mut relaxation = Relaxation::new(problem, p, &[], false)?;
    let free = vec![Fixed::Free; problem.sites()];
    let mut last = None;
    for _ in 0..ROUNDS {
        if let Some(cut) = stop.now(0) {
            if let Some(relaxed) = &last {
                search.price(search.round(relaxed))?;
            }
            return Ok(search.placed(Some(cut)));
        }
        search.rounds += 1;
        // A problem with a plan has a relaxation.
        let relaxed = relaxation.solve(&free)?.ok_or(PlacementError::Unanswered)?;
        search.bound = search.bound.max(relaxed.bound);
        let added = relaxation.separate(&relaxed)?;
        last = Some(relaxed);
        search.say(progress);
        if added == 0 {
            break;
        }
    }
    if let Some(relaxed) = &last {
        search.price(search.round(relaxed))?;
        search.say(progress);
    }
    if search.gap() <= gap.max(AIM * PROVEN) {
        return Ok(search.placed(None));
    }
    search.whole(relaxation.strong(), gap, stop)?;
    search.say(progress);
    let cut = if search.gap() <= gap.max(PROVEN) { None } else { stop.now(search.nodes) };
    Ok(search.placed(cut))
}

impl Search<'_> {
    fn gap(&self) -> f64 {
        self.best.as_ref().map_or(f64::INFINITY, |(value, _)| (value - self.bound) / value.abs().max(1.0))
    }

    fn say(&self, progress: &dyn Progress) {
        progress.say(Event::Search {
            incumbent: self.best.as_ref().map(|best| best.0),
            bound: self.bound,
            rounds: self.rounds,
            nodes: self.nodes,
        });
    }

    /// Whether some of these sites have the count and the capacity: since demand may be split, all that it takes.
    fn has_plan(&self, sites: &[usize]) -> bool {
        let mut capacity: Vec<u64> = sites.iter().map(|&site| self.problem.capacity[site]).collect();
        if let Some(p) = self.p {
            capacity.sort_unstable_by(|one, other| other.cmp(one));
            capacity.truncate(p);
        }
        let enough = self.p.is_none_or(|p| sites.len() >= p) && !sites.is_empty();
        enough && capacity.into_iter().sum::<u64>() >= self.problem.total()
    }

    /// An open set near a relaxed solution, with the count and the capacity.
    fn round(&self, relaxed: &Relaxed) -> Vec<usize> {
        let (problem, total) = (self.problem, self.problem.total());
        let mut ranked: Vec<usize> = (0..problem.sites()).collect();
        ranked.sort_by(|&one, &other| relaxed.open[other].total_cmp(&relaxed.open[one]).then(one.cmp(&other)));
        let mut open = Vec::new();
        let mut capacity = 0;
        for &site in &ranked {
            let enough = match self.p {
                Some(p) => open.len() >= p,
                None => !open.is_empty() && capacity >= total && relaxed.open[site] < 0.5,
            };
            if enough {
                break;
            }
            open.push(site);
            capacity += problem.capacity[site];
        }
        // With a fixed count: the least of the chosen give way to the largest of the others until it suffices.
        let mut spare: Vec<usize> = ranked.split_off(open.len());
        spare.sort_by_key(|&site| std::cmp::Reverse(problem.capacity[site]));
        for (place, larger) in open.iter_mut().rev().zip(spare) {
            if capacity >= total {
                break;
            }
            if problem.capacity[larger] > problem.capacity[*place] {
                capacity += problem.capacity[larger] - problem.capacity[*place];
                *place = larger;
            }
        }
        open.sort_unstable();
        open
    }

    /// Takes an open set for the incumbent if it is a plan, and a better one.
    fn price(&mut self, open: Vec<usize>) -> Result<(), PlacementError> {
        if self.p.is_some_and(|p| p != open.len()) || !self.has_plan(&open) {
            return Ok(());
        }
        let mut fixed = vec![Fixed::Closed; self.problem.sites()];
        open.iter().for_each(|&site| fixed[site] = Fixed::Open);
        let Some(priced) = self.transport.solve(&fixed)? else { return Ok(()) };
        if let Some(cost) = flows::cost(self.problem, &open, &priced.shares)
            && self.best.as_ref().is_none_or(|best| cost < best.0)
        {
            self.best = Some((cost, open));
        }
        Ok(())
    }

    /// Branch and bound by the solver over the rows that the root asked for.
    fn whole(&mut self, strong: &[(usize, usize)], gap: f64, stop: &Stop) -> Result<(), PlacementError> {
        let Some(answer) = self.in_a_thread(strong, gap.max(AIM * PROVEN), stop)? else { return Ok(()) };
        self.nodes = self.nodes.max(answer.nodes);
        if matches!(answer.status, LpStatus::Optimal | LpStatus::Feasible) {
            let open = (0..self.problem.sites()).filter(|&site| answer.columns[site] > 0.5).collect();
            self.price(open)?;
        }
        // A bound above a plan that is at hand is none.
        let most = self.best.as_ref().map_or(f64::INFINITY, |(value, _)| value + PROVEN * value.abs().max(1.0));
        if answer.status != LpStatus::Infeasible && answer.bound <= most {
            self.bound = self.bound.max(answer.bound);
        }
        Ok(())
    }

    /// The solver can't be interrupted, so it works in a thread of its own, which is left behind when `stop` says
    /// so: it ends by the deadline, or with the process. None if it had to be left.
    fn in_a_thread(
        &self,
        strong: &[(usize, usize)],
        gap: f64,
        stop: &Stop,
    ) -> Result<Option<LpAnswer>, PlacementError> {
        let left = stop.deadline.map(|deadline| deadline.saturating_sub(stop.clock.elapsed()));
        let nodes = u32::try_from(stop.nodes_max).ok();
        let (problem, p, strong) = (self.problem.clone(), self.p, strong.to_vec());
        let (send, receive) = mpsc::channel();
        thread::spawn(move || {
            let solve = || -> Result<LpAnswer, LpError> {
                Relaxation::new(&problem, p, &strong, true)?.branch(gap, nodes, left)
            };
            // Nobody may be listening any more.
            let _ = send.send(solve());
        });
        loop {
            match receive.recv_timeout(LOOK) {
                Ok(answer) => return Ok(Some(answer?)),
                Err(RecvTimeoutError::Timeout) if stop.now(0) == Some(Cut::Interrupted) => return Ok(None),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(PlacementError::Unanswered),
            }
        }
    }

    /// The result.
    fn placed(self, cut: Option<Cut>) -> Placed {
        let (nodes, rounds, bound) = (self.nodes, self.rounds, self.bound);
        let effort = |placed: Placed| Placed { nodes, rounds, cut, ..placed };
        let Some((value, open)) = self.best else { return effort(Placed::bare(f64::INFINITY, bound)) };
        #[expect(clippy::cast_possible_truncation, reason = "sites are numbered in 32 bits")]
        let open = open.into_iter().map(|site| site as Site).collect();
        effort(Placed { open: Some(open), ..Placed::bare(value, bound.min(value)) })
    }
}
