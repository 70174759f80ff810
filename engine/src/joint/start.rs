//! A plan to begin with, where controls have to be good enough.
//!
//! | symbol | is | unit |
//! |---|---|---|
//! | P | stores of the plan | |
//! | theta | [`TIGHTER`] | |
//!
//! The row that the search knows of controls is what they cost at least, P^2 r at most. Plans that keep it may
//! fail when stores share controls, or when P is below the most. So the relaxed problem is searched with P fixed and the
//! row at theta P^2 r, theta falling until the plan's controls really do; the best over all P is taken. A plan that is
//! known, such as the one that is best where stock is not short, is a start as well: so deciding stores with their stock never ends
//! below deciding them one after the other.

use domain::problem::{Profit, Rules, Site};

use super::{Joint, Relaxation, pairs};
use crate::EngineError;
use crate::pilot::limits::DETECT;
use crate::placement::profit::local_search;

/// How much of the room for controls is used, until a plan is found.
const TIGHTER: [f64; 4] = [1.0, 0.95, 0.85, 0.7];
/// Numbers of stores that are tried at most.
const COUNTS_MAX: usize = 12;

/// The better of the plan that the relaxed problem thinks well of and `known`, with their controls; none where none was
/// found.
///
/// # Errors
/// Where a program fails.
pub(super) fn start(
    joint: &Joint<'_>,
    rules: &Rules,
    relaxed: &Relaxation,
    known: Option<Vec<Site>>,
) -> Result<Option<Vec<Site>>, EngineError> {
    let found = if joint.comparison.randomised {
        pairs::start(joint, rules, relaxed)?
    } else {
        controlled(joint, rules, &relaxed.problem)?
    };
    let mut best: Option<(f64, Vec<Site>)> = None;
    let known = known.filter(|open| rules.allow(open));
    for open in known.into_iter().chain(found) {
        if let Some((value, _)) = joint.value(&open)?
            && best.as_ref().is_none_or(|best| value > best.0)
        {
            best = Some((value, open));
        }
    }
    Ok(best.map(|best| best.1))
}

/// A plan that the relaxed problem thinks well of and that has its controls; none where none was found.
fn controlled(joint: &Joint<'_>, rules: &Rules, relaxed: &Profit) -> Result<Option<Vec<Site>>, EngineError> {
    let free = local_search(rules, relaxed, None);
    let (Some(least), Some(limit)) = (&free, joint.comparison.limit) else { return Ok(free) };
    if joint.comparison.allows(least)? {
        return Ok(free);
    }
    let most = rules.open_max;
    let step = (most - least.len().min(most)).div_ceil(COUNTS_MAX - 1).max(1);
    let mut best: Option<(f64, Vec<Site>)> = None;
    for count in (least.len().max(1)..=most).rev().step_by(step) {
        for tighter in TIGHTER {
            let Some(row) = joint.comparison.row_at(count, tighter * limit) else { break };
            let mut here = Rules { open_min: count, open_max: count, ..rules.clone() };
            here.rows.retain(|row| row.name != DETECT);
            here.rows.push(row);
            let Some(open) = local_search(&here, relaxed, None) else { continue };
            if !joint.comparison.allows(&open)? {
                continue;
            }
            if let Some((value, _)) = joint.value(&open)?
                && best.as_ref().is_none_or(|best| value > best.0)
            {
                best = Some((value, open));
            }
            break;
        }
    }
    Ok(best.map(|best| best.1))
}
