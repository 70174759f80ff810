//! A part of the tree: a set of plans, by what is decided in it.

use std::sync::Arc;

use super::arena::Arena;
use super::cut::{Cut, Fate};
use super::regions::{Count, Slots};

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

/// Decides what the counts decide, and finds what they force; none where they contradict.
pub(super) fn narrow(arena: &Arena, part: &mut Part) -> Option<Slots> {
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
