//! Branch and bound: the root with all the rows it asks for, then dives from the open node of least bound.

use std::cmp::Ordering;
use std::collections::{BTreeSet, BinaryHeap};

use domain::problem::Site;
use domain::stop::{Cut, Event, Progress, Stop};

use super::relax::{Fixed, Relaxation, Relaxed};
use super::{Capacitated, flows};
use crate::placement::{Placed, PlacementError};

/// Rounds of rows at the root at most; each must add some.
const ROOT_ROUNDS: u32 = 60;
/// Rounds of rows at a node.
const NODE_ROUNDS: u32 = 3;
/// y this near to a whole number is taken for it; the LP's own tolerance is 1e-7.
const WHOLE: f64 = 1e-6;
/// A gap below which a plan is proven where costs are no whole numbers (design, section 4).
const PROVEN: f64 = 1e-6;
/// Of the gap that proves, what the search itself aims at, so that rounding leaves it proven.
const AIM: f64 = 0.5;

struct Node {
    bound: f64,
    fixed: Vec<Fixed>,
}

// The node of least bound is the greatest; ties to the deeper one.
impl Ord for Node {
    fn cmp(&self, other: &Self) -> Ordering {
        let depth = |node: &Self| node.fixed.iter().filter(|fixed| **fixed != Fixed::Free).count();
        other.bound.total_cmp(&self.bound).then_with(|| depth(self).cmp(&depth(other)))
    }
}

impl PartialOrd for Node {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Node {}

struct Search<'a> {
    problem: &'a Capacitated,
    p: Option<usize>,
    gap: f64,
    /// The program that bounds.
    relaxation: Relaxation<'a>,
    /// The program that prices plans: without strong rows, since y is fixed in it.
    transport: Relaxation<'a>,
    best: Option<(f64, Vec<usize>)>,
    /// Open sets whose cost is known.
    priced: BTreeSet<Vec<usize>>,
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
    let mut search = Search {
        problem,
        p,
        gap: gap.max(AIM * PROVEN),
        relaxation: Relaxation::new(problem, p)?,
        transport: Relaxation::new(problem, p)?,
        best: None,
        priced: BTreeSet::new(),
        nodes: 0,
        rounds: 0,
    };
    let root = Node { bound: 0.0, fixed: vec![Fixed::Free; problem.sites()] };
    if !search.has_plan(&root.fixed) {
        return Ok(search.placed(f64::INFINITY, None));
    }
    let mut waiting = BinaryHeap::from([root]);
    let mut diving = None;
    // The least bound of any part that was left for the incumbent's sake.
    let mut left = f64::INFINITY;
    loop {
        let Some(node) = diving.take().or_else(|| waiting.pop()) else { break };
        let least = waiting.peek().map_or(node.bound, |next: &Node| next.bound.min(node.bound));
        let bound = least.min(left);
        progress.say(Event::Search {
            incumbent: search.best.as_ref().map(|best| best.0),
            bound,
            rounds: search.rounds,
            nodes: search.nodes,
        });
        if let Some(cut) = stop.now(search.nodes) {
            return Ok(search.placed(bound, Some(cut)));
        }
        if node.bound >= search.cutoff() {
            left = left.min(node.bound);
            continue;
        }
        let root = search.nodes == 0;
        search.nodes += 1;
        let rounds = if root || !node.fixed.contains(&Fixed::Free) { ROOT_ROUNDS } else { NODE_ROUNDS };
        let Some((relaxed, bound)) = search.relax(&node, rounds, stop)? else {
            let cut = stop.now(0);
            return Ok(search.placed(bound, cut));
        };
        search.price(search.round(&relaxed, &node.fixed))?;
        if bound >= search.cutoff() {
            left = left.min(bound);
            continue;
        }
        let mut fixed = node.fixed;
        let whole = !fixed.contains(&Fixed::Free);
        search.fix(&relaxed, bound, &mut fixed, &mut left);
        let free = (0..fixed.len()).filter(|&site| fixed[site] == Fixed::Free);
        let part = |site: usize| relaxed.open[site].min(1.0 - relaxed.open[site]);
        let Some(site) = free.max_by(|&one, &other| part(one).total_cmp(&part(other)).then(other.cmp(&one))) else {
            if whole {
                // One plan, priced above; what the duals say of it is what is left here.
                left = left.min(bound);
            } else {
                diving = Some(Node { bound, fixed }).filter(|node| search.has_plan(&node.fixed));
            }
            continue;
        };
        let child = |value: Fixed| {
            let mut fixed = fixed.clone();
            fixed[site] = value;
            Node { bound, fixed }
        };
        let (first, second) = if relaxed.open[site] >= 0.5 {
            (child(Fixed::Open), child(Fixed::Closed))
        } else {
            (child(Fixed::Closed), child(Fixed::Open))
        };
        let [first, second] = [first, second].map(|node| Some(node).filter(|node| search.has_plan(&node.fixed)));
        diving = first;
        waiting.extend(second);
    }
    Ok(search.placed(left, None))
}

impl Search<'_> {
    /// A part of the space whose bound reaches this needs no further look.
    fn cutoff(&self) -> f64 {
        self.best.as_ref().map_or(f64::INFINITY, |(value, _)| value - self.gap * value.abs().max(1.0))
    }

    /// Whether some open set within what is fixed has the count and the capacity.
    fn has_plan(&self, fixed: &[Fixed]) -> bool {
        let of = |wanted: Fixed| (0..fixed.len()).filter(move |&site| fixed[site] == wanted);
        let capacity =
            |sites: &mut dyn Iterator<Item = usize>| -> u64 { sites.map(|site| self.problem.capacity[site]).sum() };
        let open = of(Fixed::Open).count();
        let mut free: Vec<usize> = of(Fixed::Free).collect();
        if let Some(p) = self.p {
            if open > p || open + free.len() < p {
                return false;
            }
            free.sort_by_key(|&site| std::cmp::Reverse(self.problem.capacity[site]));
            free.truncate(p - open);
        } else if open + free.len() == 0 && self.problem.customers() > 0 {
            return false;
        }
        capacity(&mut of(Fixed::Open)) + capacity(&mut free.into_iter()) >= self.problem.total()
    }

    /// Solves a node with rows added; the last solution and the best bound. None if `stop` came first.
    fn relax(&mut self, node: &Node, rounds: u32, stop: &Stop) -> Result<Option<(Relaxed, f64)>, PlacementError> {
        let mut bound = node.bound;
        let mut last = None;
        for _ in 0..=rounds {
            if last.is_some() && stop.now(0).is_some() {
                break;
            }
            self.rounds += 1;
            let Some(relaxed) = self.relaxation.solve(&node.fixed)? else { break };
            bound = bound.max(relaxed.bound);
            let added = if bound >= self.cutoff() { 0 } else { self.relaxation.separate(&relaxed)? };
            last = Some(relaxed);
            if added == 0 {
                break;
            }
        }
        match last {
            Some(relaxed) => Ok(Some((relaxed, bound))),
            // A node with a plan has a relaxation; without an answer nothing is known of it but its parent's bound.
            None if stop.now(0).is_some() => Ok(None),
            None => Err(PlacementError::Unanswered),
        }
    }

    /// An open set near a relaxed solution, with the count and the capacity.
    fn round(&self, relaxed: &Relaxed, fixed: &[Fixed]) -> Vec<usize> {
        let problem = self.problem;
        let mut ranked: Vec<usize> = (0..problem.sites()).filter(|&site| fixed[site] != Fixed::Closed).collect();
        let rank = |site: usize| if fixed[site] == Fixed::Open { 2.0 } else { relaxed.open[site] };
        ranked.sort_by(|&one, &other| rank(other).total_cmp(&rank(one)).then(one.cmp(&other)));
        let total = problem.total();
        let mut open = Vec::new();
        let mut capacity = 0;
        let must = fixed.iter().filter(|fixed| **fixed == Fixed::Open).count();
        let least = self.p.unwrap_or(must.max(1)).min(ranked.len());
        for &site in &ranked {
            let enough = open.len() >= least && (self.p.is_some() || capacity >= total);
            if enough && (self.p.is_some() || relaxed.open[site] < 0.5) {
                break;
            }
            open.push(site);
            capacity += problem.capacity[site];
        }
        // With a fixed count: the least of the chosen give way to the largest of the others until it suffices.
        let mut spare: Vec<usize> = ranked.split_off(open.len());
        spare.sort_by_key(|&site| std::cmp::Reverse(problem.capacity[site]));
        let mut spare = spare.into_iter();
        for at in (must..open.len()).rev() {
            if capacity >= total {
                break;
            }
            let Some(larger) = spare.next() else { break };
            if problem.capacity[larger] > problem.capacity[open[at]] {
                capacity += problem.capacity[larger] - problem.capacity[open[at]];
                open[at] = larger;
            }
        }
        open.sort_unstable();
        open
    }

    /// Takes an open set for the incumbent if it is a plan, and a better one.
    fn price(&mut self, open: Vec<usize>) -> Result<(), PlacementError> {
        let mut fixed = vec![Fixed::Closed; self.problem.sites()];
        open.iter().for_each(|&site| fixed[site] = Fixed::Open);
        if !self.has_plan(&fixed) || !self.priced.insert(open.clone()) {
            return Ok(());
        }
        let Some(priced) = self.transport.solve(&fixed)? else { return Ok(()) };
        if let Some(cost) = flows::cost(self.problem, &open, &priced.shares)
            && self.best.as_ref().is_none_or(|best| cost < best.0)
        {
            self.best = Some((cost, open));
        }
        Ok(())
    }

    /// Fixes the sites whose other value no better plan takes.
    fn fix(&self, relaxed: &Relaxed, bound: f64, fixed: &mut [Fixed], left: &mut f64) {
        for (site, fixed) in fixed.iter_mut().enumerate().filter(|(_, fixed)| **fixed == Fixed::Free) {
            // `worth` goes with the last duals, whose bound may be below the best.
            let other = relaxed.bound.min(bound) + relaxed.worth[site];
            let whole = relaxed.open[site] <= WHOLE || relaxed.open[site] >= 1.0 - WHOLE;
            if whole && other >= self.cutoff() {
                *fixed = if relaxed.open[site] < 0.5 { Fixed::Closed } else { Fixed::Open };
                *left = left.min(other);
            }
        }
    }

    /// The result, with the bound of what was not looked at.
    fn placed(self, bound: f64, cut: Option<Cut>) -> Placed {
        let (nodes, rounds) = (self.nodes, self.rounds);
        let Some((value, open)) = self.best else {
            return Placed { open: None, value: f64::INFINITY, bound, exact: None, nodes, rounds, cut, proof: None };
        };
        #[expect(clippy::cast_possible_truncation, reason = "sites are numbered in 32 bits")]
        let open = open.into_iter().map(|site| site as Site).collect();
        Placed { open: Some(open), value, bound: bound.min(value), exact: None, nodes, rounds, cut, proof: None }
    }
}
