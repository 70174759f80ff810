//! Branch and bound over what the root left, best bound first, with separation at the nodes.
//!
//! A node opens some columns and closes others. It is done when prices show, in whole numbers, that it holds
//! nothing better than the incumbent; when the rules leave it no plan; or when it holds one plan, which its own
//! costs price exactly. Children that their parent's prices already settle are never opened.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::rc::Rc;

use super::master::{Master, Relaxed};
use super::prices::State;
use super::root::{Left, separate};
use super::search::{Held, Search};
use crate::placement::PlacementError;

/// A part of the space that is still to be looked at.
#[derive(Debug)]
struct Node {
    open: Vec<u32>,
    closed: Vec<u32>,
    held: Rc<Held>,
    bound: i128,
}

/// Rounds of cuts in a node at most.
const ROUNDS_MAX: u32 = 12;
/// A round that closes less than this share of a node's gap is the node's last.
const PROGRESS: f64 = 0.05;
/// Nodes between two roundings.
const ROUND_EVERY: u64 = 10;

/// Searches the tree, and notes its leaves.
pub(super) fn run(search: &mut Search<'_>, left: Left<'_>) -> Result<(), PlacementError> {
    let Left { mut master, order, held, bound, relaxed } = left;
    let root = Node { open: Vec::new(), closed: Vec::new(), held, bound };
    let mut waiting = BinaryHeap::new();
    let mut nodes: Vec<Option<Node>> = Vec::new();
    search.nodes = 0;
    let mut relaxed = relaxed;
    push(&mut waiting, &mut nodes, root);
    while let Some((Reverse(bound), _, at)) = waiting.pop() {
        let Some(node) = nodes[at].take() else { continue };
        search.cut = search.stop.now(search.nodes);
        if search.cut.is_some() || bound >= search.target() {
            search.leaf(&node.open, &node.closed, &node.held, bound);
            continue;
        }
        search.nodes += 1;
        search.say(bound);
        for child in explore(search, &mut master, &order, node, relaxed.take())? {
            push(&mut waiting, &mut nodes, child);
        }
    }
    Ok(())
}

fn push(waiting: &mut BinaryHeap<(Reverse<i128>, usize, usize)>, nodes: &mut Vec<Option<Node>>, node: Node) {
    waiting.push((Reverse(node.bound), node.open.len() + node.closed.len(), nodes.len()));
    nodes.push(Some(node));
}

/// Looks at a node: notes it as a leaf, or returns the children that are still open.
fn explore(
    search: &mut Search<'_>,
    master: &mut Master<'_>,
    order: &[u32],
    node: Node,
    known: Option<Relaxed>,
) -> Result<Vec<Node>, PlacementError> {
    let Node { open, closed, mut held, mut bound } = node;
    let mut state = search.state.clone();
    open.iter().for_each(|&column| state[column as usize] = State::Open);
    closed.iter().for_each(|&column| state[column as usize] = State::Closed);
    if search.no_plan(&state) || open.iter().any(|&column| search.state[column as usize] == State::Closed) {
        search.empty_leaf(&open, &closed);
        return Ok(Vec::new());
    }
    let count = |of: State| state.iter().filter(|state| **state == of).count();
    if count(State::Free) == 0 || count(State::Open) == search.rules.open_max {
        let all: Vec<u32> =
            (0_u32..).zip(&state).filter(|(_, state)| **state == State::Open).map(|(column, _)| column).collect();
        search.offer(&all);
        let own = search.hold(search.own_prices(&all));
        let bound = search.bound(&own, &state);
        search.leaf(&open, &closed, &own, bound);
        return Ok(Vec::new());
    }
    let mut shares = known.map(|relaxed| relaxed.open);
    if shares.is_none() {
        master.set(&state)?;
        master.tidy()?;
        for round in 0..ROUNDS_MAX {
            let Some(relaxed) = master.solve()? else { break };
            search.rounds += 1;
            let now = search.hold(master.prices(search.zones, order, &relaxed));
            let reached = search.bound(&now, &state);
            #[expect(clippy::cast_precision_loss, reason = "a rule of thumb")]
            let slow = round > 0 && ((reached - bound) as f64) < PROGRESS * (search.target() - bound) as f64;
            if reached > bound {
                (bound, held) = (reached, now);
            }
            if bound >= search.target() {
                break;
            }
            let whole = relaxed.open.iter().all(|y| *y < 1e-6 || *y > 1.0 - 1e-6);
            if whole {
                let all: Vec<u32> =
                    (0_u32..).zip(&relaxed.open).filter(|(_, y)| **y > 0.5).map(|(column, _)| column).collect();
                search.offer(&all);
            } else if round == 0 && search.nodes % ROUND_EVERY == 1 {
                let pool = super::root::pool(search, &relaxed.open);
                search.round(&relaxed.open, pool);
            }
            let found = separate(search, master, order, &relaxed, &relaxed.open)?;
            shares = Some(relaxed.open);
            if bound >= search.target() || found == 0 || (slow && !whole) {
                break;
            }
        }
    }
    if bound >= search.target() {
        search.leaf(&open, &closed, &held, bound);
        return Ok(Vec::new());
    }
    let branch = choose(&state, shares.as_deref(), &held);
    let mut children = Vec::new();
    for opened in [true, false] {
        let (mut open, mut closed) = (open.clone(), closed.clone());
        state[branch as usize] = if opened { State::Open } else { State::Closed };
        if opened {
            open.push(branch)
        } else {
            closed.push(branch)
        }
        let inherited = search.bound(&held, &state).max(bound);
        if search.no_plan(&state) {
            search.empty_leaf(&open, &closed);
        } else if inherited >= search.target() {
            search.leaf(&open, &closed, &held, inherited);
        } else {
            children.push(Node { open, closed, held: held.clone(), bound: inherited });
        }
    }
    Ok(children)
}

/// The free column whose share is least decided; among equals the one worth most, then the first.
fn choose(state: &[State], shares: Option<&[f64]>, held: &Held) -> u32 {
    let share = |column: usize| shares.map_or(0.5, |shares| shares[column]);
    let free = (0..state.len()).filter(|&column| state[column] == State::Free);
    let best = free.max_by(|&one, &other| {
        let undecided = |column: usize| share(column).min(1.0 - share(column)).max(0.0);
        let (first, second) = (undecided(one), undecided(other));
        let by_share = if (first - second).abs() < 1e-6 { std::cmp::Ordering::Equal } else { first.total_cmp(&second) };
        by_share.then(held.priced.rho[one].cmp(&held.priced.rho[other])).then(other.cmp(&one))
    });
    #[expect(clippy::cast_possible_truncation, reason = "columns are numbered in 32 bits")]
    let column = best.unwrap_or(0) as u32;
    column
}
