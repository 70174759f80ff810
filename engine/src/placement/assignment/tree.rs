//! Branch and bound over what the root left, best bound first.
//!
//! A node opens some columns and closes others. It is done when prices show, in whole numbers, that it holds
//! nothing better than the incumbent; when the rules leave it no plan; or when it holds one plan, which its own
//! costs price exactly. Children that their parent's prices already settle are never opened.
//!
//! Nodes are looked at a few at a time, in parallel, and what they bring is merged in their order: the search is
//! a function of the problem, whatever the threads. How a node gets its prices is the rooms' below:
//! [`super::by_volume`] where only counts restrict the choice, [`super::by_lp`] where rows or conflicts do.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use super::branch::Tried;
use super::prices::State;
use super::search::{Held, Search};
use crate::placement::PlacementError;

/// A part of the space that is still to be looked at.
#[derive(Debug, Clone)]
pub(super) struct Node {
    /// Columns opened by branching.
    pub(super) open: Vec<u32>,
    /// Columns closed by branching.
    pub(super) shut: Vec<u32>,
    /// Columns closed by prices on the way here.
    pub(super) closed: Vec<u32>,
    /// The best prices known for it.
    pub(super) held: Arc<Held>,
    /// What they show.
    pub(super) bound: i128,
}

/// What a look at a node brought.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Prices and the columns that they close in the node.
    pub(super) fixing: Option<(Arc<Held>, Vec<u32>)>,
    /// Parts that are done: open, shut, and the prices that show the bound; none where the rules leave no plan.
    pub(super) leaves: Vec<(Vec<u32>, Vec<u32>, Option<(Arc<Held>, i128)>)>,
    /// Parts still to be looked at.
    pub(super) children: Vec<Node>,
    /// Open sets worth evaluating.
    pub(super) plans: Vec<Vec<u32>>,
    /// What trying columns showed.
    pub(super) learned: Vec<Tried>,
    /// Rounds of work.
    pub(super) rounds: u64,
}

/// Nodes before the first descent, and from the end of one to the next.
const DESCEND_FIRST: u64 = 12;
const DESCEND_EVERY: u64 = 200;

/// Searches the tree with `look`, which gets the nodes of a batch, and notes its leaves.
pub(super) fn run(
    search: &mut Search<'_>,
    root: Node,
    batch: usize,
    mut look: impl FnMut(&mut Search<'_>, &[Node]) -> Result<Vec<Seen>, PlacementError>,
) -> Result<(), PlacementError> {
    let mut waiting = BinaryHeap::new();
    let mut nodes: Vec<Option<Node>> = Vec::new();
    search.nodes = 0;
    push(&mut waiting, &mut nodes, root);
    // Where nodes are dear, best bound first finds no plans: now and then one is followed down to its end.
    let mut down: Option<usize> = None;
    let mut descend_at = DESCEND_FIRST;
    loop {
        search.cut = search.stop.now(search.nodes);
        let mut taken = Vec::new();
        if let Some(node) = down.take().and_then(|at| nodes[at].take()) {
            if search.cut.is_some() || node.bound >= search.target() {
                search.leaf(&node.open, &node.shut, &node.held, node.bound);
            } else {
                taken.push(node);
            }
        }
        while taken.len() < batch {
            let Some((Reverse(bound), _, at)) = waiting.pop() else { break };
            let Some(node) = nodes[at].take() else { continue };
            if search.cut.is_some() || bound >= search.target() {
                search.leaf(&node.open, &node.shut, &node.held, bound);
            } else {
                taken.push(node);
            }
        }
        if taken.is_empty() {
            if waiting.is_empty() {
                return Ok(());
            }
            continue;
        }
        search.nodes += taken.len() as u64;
        search.say(taken[0].bound);
        let seen = look(search, &taken)?;
        for (node, seen) in taken.into_iter().zip(seen) {
            search.rounds += seen.rounds;
            seen.plans.iter().for_each(|plan| {
                search.offer(plan);
            });
            if let Some((held, columns)) = &seen.fixing {
                search.close_within(&node.open, &node.shut, held, columns);
            }
            for (open, shut, shown) in seen.leaves {
                match shown {
                    Some((held, bound)) => search.leaf(&open, &shut, &held, bound),
                    None => search.empty_leaf(&open, &shut),
                }
            }
            let first = nodes.len();
            seen.children.into_iter().for_each(|child| push(&mut waiting, &mut nodes, child));
            if batch == 1 && search.nodes >= descend_at {
                if nodes.len() > first {
                    // The half with the column open comes first.
                    down = Some(first);
                } else {
                    descend_at = search.nodes + DESCEND_EVERY;
                }
            }
        }
    }
}

fn push(waiting: &mut BinaryHeap<(Reverse<i128>, usize, usize)>, nodes: &mut Vec<Option<Node>>, node: Node) {
    waiting.push((Reverse(node.bound), node.open.len() + node.shut.len(), nodes.len()));
    nodes.push(Some(node));
}

impl Node {
    /// Everything that the root left.
    pub(super) fn root(held: Arc<Held>, bound: i128) -> Self {
        Self { open: Vec::new(), shut: Vec::new(), closed: Vec::new(), held, bound }
    }

    /// The states of the columns in it.
    pub(super) fn state(&self, search: &Search<'_>) -> Vec<State> {
        let mut state = search.state.clone();
        self.open.iter().for_each(|&column| state[column as usize] = State::Open);
        self.shut.iter().chain(&self.closed).for_each(|&column| state[column as usize] = State::Closed);
        state
    }

    /// Whether it is done without any prices: the rules leave it no plan, or just one.
    pub(super) fn settled(&self, search: &Search<'_>, state: &[State]) -> Option<Seen> {
        let mut seen = Seen::default();
        let closed = |column: &u32| search.state[*column as usize] == State::Closed;
        if search.no_plan(state) || self.open.iter().any(closed) {
            seen.leaves.push((self.open.clone(), self.shut.clone(), None));
            return Some(seen);
        }
        let count = |of: State| state.iter().filter(|state| **state == of).count();
        if count(State::Free) > 0 && count(State::Open) < search.rules.open_max {
            return None;
        }
        let all: Vec<u32> =
            (0_u32..).zip(state).filter(|(_, state)| **state == State::Open).map(|(column, _)| column).collect();
        let own = search.hold(search.own_prices(&all));
        let bound = search.bound(&own, state);
        seen.leaves.push((self.open.clone(), self.shut.clone(), Some((own, bound))));
        seen.plans.push(all);
        Some(seen)
    }

    /// Splits it by `column`, with what `held` already settles of either half.
    pub(super) fn split(self, search: &Search<'_>, state: &mut [State], column: u32, seen: &mut Seen) {
        for opened in [true, false] {
            let mut child = self.clone();
            state[column as usize] = if opened { State::Open } else { State::Closed };
            if opened {
                child.open.push(column);
            } else {
                child.shut.push(column);
            }
            child.bound = search.bound(&self.held, state).max(self.bound);
            if search.no_plan(state) {
                seen.leaves.push((child.open, child.shut, None));
            } else if child.bound >= search.target() {
                seen.leaves.push((child.open, child.shut, Some((child.held, child.bound))));
            } else {
                seen.children.push(child);
            }
        }
    }
}
