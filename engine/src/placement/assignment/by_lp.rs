//! Prices of a node from the master, with separation at the node.

use std::sync::Arc;

use super::master::{Master, Relaxed};
use super::prices::State;
use super::root;
use super::search::{Held, Search};
use super::tree::{Node, Seen};
use crate::placement::PlacementError;

/// Rounds of cuts in a node at most.
const ROUNDS_MAX: u32 = 12;
/// A round that closes less than this share of a node's gap is the node's last.
const PROGRESS: f64 = 0.05;
/// Nodes between two roundings.
const ROUND_EVERY: u64 = 10;

/// Looks at a node. `known` is the master's last solution if it is the node's.
pub(super) fn look(
    search: &mut Search<'_>,
    master: &mut Master<'_>,
    order: &[u32],
    mut node: Node,
    known: Option<Relaxed>,
) -> Result<Seen, PlacementError> {
    let mut state = node.state(search);
    if let Some(seen) = node.settled(search, &state) {
        return Ok(seen);
    }
    let mut seen = Seen::default();
    let mut shares = known.map(|relaxed| relaxed.open);
    if shares.is_none() {
        master.set(&state)?;
        master.tidy()?;
        for round in 0..ROUNDS_MAX {
            let Some(relaxed) = master.solve()? else { break };
            seen.rounds += 1;
            let now = search.hold(master.prices(search.zones, order, &relaxed));
            let reached = search.bound(&now, &state);
            #[expect(clippy::cast_precision_loss, reason = "a rule of thumb")]
            let slow = round > 0 && ((reached - node.bound) as f64) < PROGRESS * (search.target() - node.bound) as f64;
            if reached > node.bound {
                (node.bound, node.held) = (reached, now);
            }
            if node.bound >= search.target() {
                break;
            }
            let whole = relaxed.open.iter().all(|y| *y < 1e-6 || *y > 1.0 - 1e-6);
            if whole {
                let all: Vec<u32> =
                    (0_u32..).zip(&relaxed.open).filter(|(_, y)| **y > 0.5).map(|(column, _)| column).collect();
                search.offer(&all);
            } else if round == 0 && search.nodes % ROUND_EVERY == 1 {
                let pool = root::pool(search, &relaxed.open);
                search.round(&relaxed.open, &pool);
            }
            let found = root::separate(search, master, order, &relaxed, &relaxed.open)?;
            shares = Some(relaxed.open);
            if node.bound >= search.target() || found == 0 || (slow && !whole) {
                break;
            }
        }
    }
    if node.bound >= search.target() {
        seen.leaves.push((node.open, node.shut, Some((node.held, node.bound))));
        return Ok(seen);
    }
    let branch = choose(&state, shares.as_deref(), &node.held);
    node.split(search, &mut state, branch, &mut seen);
    Ok(seen)
}

/// The free column whose share is least decided; among equals the one worth most, then the first.
pub(super) fn choose(state: &[State], shares: Option<&[f64]>, held: &Arc<Held>) -> u32 {
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
