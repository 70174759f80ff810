//! Whether the leaves of a search tree leave out no plan.
//!
//! A leaf says of some sites that they are open and of some that they are closed. The leaves cover
//! the space if, whichever site is asked about first, those that agree with either answer cover that
//! half. Asking first about the site that most leaves speak of retraces the tree that made them, so
//! that a tree of n leaves takes about n questions; any other cover is still decided correctly.

use std::collections::BTreeMap;

use crate::Failure;

/// Literals looked at before giving up: minutes of work, and far more than a tree of a million leaves.
const EFFORT: u64 = 2_000_000_000;
/// Questions in one line of descent, so that a hostile certificate can't exhaust the stack.
const DEPTH: usize = 2_000;

/// What is known before the first question.
pub(crate) struct Space<'a> {
    /// Sites that no remaining plan opens.
    pub(crate) closed: &'a [bool],
    /// Sites that every plan opens.
    pub(crate) required: &'a [bool],
    /// At most so many are open.
    pub(crate) open_max: usize,
}

/// What a leaf says: (site, whether it is open).
pub(crate) type Literals = Vec<(u32, bool)>;

struct Walk<'a> {
    leaves: &'a [Literals],
    space: &'a Space<'a>,
    answers: BTreeMap<u32, bool>,
    open: usize,
    effort: u64,
}

/// # Errors
/// A part of the space that no leaf covers, or a cover too tangled to decide.
pub(crate) fn covers(leaves: &[Literals], space: &Space<'_>) -> Result<(), Failure> {
    let required = space.required.iter().filter(|&&required| required).count();
    let mut walk = Walk { leaves, space, answers: BTreeMap::new(), open: required, effort: 0 };
    let all: Vec<usize> = (0..leaves.len()).collect();
    walk.covered(&all, 0)
}

impl Walk<'_> {
    /// Whether these leaves, which agree with all answers so far, cover what the answers leave.
    fn covered(&mut self, active: &[usize], depth: usize) -> Result<(), Failure> {
        if self.open > self.space.open_max {
            return Ok(());
        }
        let mut asked: BTreeMap<u32, usize> = BTreeMap::new();
        for &leaf in active {
            let mut undecided = false;
            for &(site, _) in &self.leaves[leaf] {
                self.effort += 1;
                if !self.answers.contains_key(&site) {
                    undecided = true;
                    *asked.entry(site).or_default() += 1;
                }
            }
            if !undecided {
                return Ok(());
            }
        }
        if self.effort > EFFORT || depth > DEPTH {
            return Err(Failure::new("E-VER-002", "the leaves are too many or too tangled to be checked"));
        }
        // The first of those that most leaves speak of.
        let Some((&site, _)) = asked.iter().max_by_key(|&(site, count)| (count, std::cmp::Reverse(site))) else {
            return Err(Failure::new("E-VER-002", "a part of the space is covered by no leaf"));
        };
        let at = site as usize;
        for open in [false, true] {
            if (open && self.space.closed[at]) || (!open && self.space.required[at]) {
                continue;
            }
            let agrees = |leaf: &&usize| !self.leaves[**leaf].contains(&(site, !open));
            let part: Vec<usize> = active.iter().filter(agrees).copied().collect();
            let counts = usize::from(open && !self.space.required[at]);
            self.answers.insert(site, open);
            self.open += counts;
            let covered = self.covered(&part, depth + 1);
            self.open -= counts;
            self.answers.remove(&site);
            covered?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_questions_agree_with_enumeration(
            leaves in prop::collection::vec(prop::collection::vec((0_u32..4, any::<bool>()), 0..4), 0..9),
            closed in prop::collection::vec(any::<bool>(), 4), open_max in 0_usize..5,
        ) {
            let closed: Vec<bool> = closed.iter().enumerate().map(|(at, &closed)| closed && at == 3).collect();
            let required = [false, false, true, false];
            let space = Space { closed: &closed, required: &required, open_max };
            let all = (0_u32..16).filter(|set| {
                (0..4).all(|at| { let open = set >> at & 1 == 1; !(open && closed[at]) && (open || !required[at]) })
                    && set.count_ones() as usize <= open_max
            }).all(|set| leaves.iter().any(|leaf| leaf.iter().all(|&(site, open)| (set >> site & 1 == 1) == open)));
            prop_assert_eq!(covers(&leaves, &space).is_ok(), all);
        }
    }
}
