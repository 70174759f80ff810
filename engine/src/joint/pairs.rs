//! Designs of pairs: what they earn, where to begin, and which pairs can matter.
//!
//! | symbol | here | unit |
//! |---|---|---|
//! | M, P, v, h | [`crate::pilot::pairs`] | |
//! | u_j | [`crate::placement::profit::alone`] of the relaxation | base-currency major units |
//! | K | the constant of the relaxation | the same |
//! | z | what the best design known earns | the same |
//!
//! No design with the pair (a, b) earns more than K + (u_a + u_b)/2 + the sum of the 2P - 2 largest (u_j)^+/2. Where that
//! is not above z, the pair is not looked at: so h_j need only count partners that can matter, and a store that has none is
//! left out. Whoever checks a bound U >= z may do the same with U in the place of z.

use domain::problem::{Rules, Site};

use super::{Joint, Relaxation};
use crate::EngineError;
use crate::pilot::limits::DETECT;
use crate::pilot::pairs::{Pairing, assignments, opened};
use crate::placement::profit::alone;

/// Stores that pairs are first made of, by what they earn alone: so many per pair, and at least.
const POOL: (usize, usize) = (40, 400);
/// How much a unit of variance costs, in steps, until the pairs are near enough.
const STEPS: i32 = 40;
/// Rounds of exchanges at most.
const ROUNDS_MAX: usize = 12;
/// Designs that are valued exactly.
const VALUED: usize = 4;

impl Joint<'_> {
    /// The mean of g over the assignments of the members (ascending), each with stock within `gap` of the best, and what it does not exceed; none where a rule
    /// breaks in one of them.
    pub(super) fn averaged(&self, members: &[Site], gap: f64) -> Result<Option<(f64, f64)>, EngineError> {
        let Some(pairing) = self.comparison.pairing(self.rules, members)? else { return Ok(None) };
        let all = assignments(pairing.pairs.len());
        let mut sum = (0.0, 0.0);
        for second in &all {
            let Some((value, most)) = self.stocked(&opened(&pairing.pairs, second), gap)? else { return Ok(None) };
            sum = (sum.0 + value, sum.1 + most);
        }
        Ok(Some((sum.0 / all.len() as f64, sum.1 / all.len() as f64)))
    }

    /// A bound on the mean; minus infinity where a rule breaks.
    pub(super) fn averaged_at_most(&self, members: &[Site]) -> f64 {
        // Where pairs can't be found by the solver, nothing is ruled out.
        let Ok(pairing) = self.comparison.pairing(self.rules, members) else { return f64::INFINITY };
        let Some(Pairing { pairs, .. }) = pairing else { return f64::NEG_INFINITY };
        let all = assignments(pairs.len());
        all.iter().map(|second| self.stocked_at_most(&opened(&pairs, second))).sum::<f64>() / all.len() as f64
    }
}

/// What each site earns alone, and what any design earns at most beside a pair of no worth.
fn worths(joint: &Joint<'_>, relaxation: &Relaxation) -> (Vec<f64>, f64) {
    let worth = alone(&relaxation.problem);
    let mut best: Vec<f64> = worth.iter().map(|worth| worth.max(0.0)).collect();
    best.sort_unstable_by(|one, other| other.total_cmp(one));
    let others = best.iter().take(joint.rules.open_max.saturating_sub(2)).sum::<f64>();
    (worth, relaxation.constant + 0.5 * others)
}

/// The rules with what is known of pairs that can beat the design `known`.
///
/// # Errors
/// Where a program fails.
pub(super) fn narrowed(
    joint: &Joint<'_>,
    rules: &Rules,
    relaxation: &Relaxation,
    known: &[Site],
) -> Result<Rules, EngineError> {
    let mut rules = rules.clone();
    let Some((least, _)) = joint.value(known)? else { return Ok(rules) };
    let (worth, base) = worths(joint, relaxation);
    let of = |site: Site| worth[site as usize];
    let best = worth.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let needed = |site: &Site| known.binary_search(site).is_ok() || rules.require.binary_search(site).is_ok();
    let usable: Vec<Site> = (0..)
        .take(rules.sites)
        .filter(|site| rules.exclude.binary_search(site).is_err())
        .filter(|site| needed(site) || base + 0.5 * (of(*site) + best) > least)
        .collect();
    // The design known stays in, so that the search may begin with it.
    let may = |one: Site, other: Site| {
        base + 0.5 * (of(one) + of(other)) > least
            || (known.binary_search(&one).is_ok() && known.binary_search(&other).is_ok())
    };
    let mut open: Vec<Site> = usable.clone();
    if let Some((row, never)) = joint.comparison.pair_row(&usable, may) {
        rules.rows.retain(|row| row.name != DETECT);
        rules.rows.push(row);
        open.retain(|site| never.binary_search(site).is_err());
    }
    rules.exclude = (0..).take(rules.sites).filter(|site| open.binary_search(site).is_err()).collect();
    Ok(rules)
}

/// Two sites that may be a pair.
#[derive(Clone, Copy)]
struct Edge {
    one: Site,
    other: Site,
    worth: f64,
    variance: f64,
}

/// A good design to begin with; none where none was found.
///
/// Pairs are taken by what they earn less a price of variance, and exchanged while that rises; the price goes up
/// until the design is precise enough.
///
/// # Errors
/// Where a program fails.
pub(super) fn start(
    joint: &Joint<'_>,
    rules: &Rules,
    relaxation: &Relaxation,
) -> Result<Option<Vec<Site>>, EngineError> {
    let (worth, _) = worths(joint, relaxation);
    let most = rules.open_max / 2;
    let mut pool: Vec<Site> =
        (0..).take(rules.sites).filter(|site| rules.exclude.binary_search(site).is_err()).collect();
    let needed = |site: &Site| rules.require.binary_search(site).is_ok();
    pool.sort_by(|a, b| {
        let by_worth = worth[*b as usize].total_cmp(&worth[*a as usize]);
        needed(b).cmp(&needed(a)).then(by_worth).then(a.cmp(b))
    });
    pool.truncate((POOL.0 * most).max(POOL.1));
    pool.sort_unstable();
    let mut conflicts = vec![Vec::new(); rules.sites];
    for &(one, other) in &rules.conflicts {
        conflicts[one as usize].push(other);
        conflicts[other as usize].push(one);
    }
    let mut edges: Vec<Edge> = Vec::new();
    for (at, &one) in pool.iter().enumerate() {
        for &other in &pool[at + 1..] {
            let variance = joint.comparison.between(one, other);
            if variance.is_finite() && !conflicts[one as usize].contains(&other) {
                let worth = 0.5 * (worth[one as usize] + worth[other as usize]);
                edges.push(Edge { one, other, worth, variance });
            }
        }
    }
    let middle = |mut values: Vec<f64>| {
        values.sort_unstable_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or(0.0)
    };
    let typical = middle(edges.iter().map(|edge| edge.worth.abs()).collect())
        / middle(edges.iter().map(|edge| edge.variance).collect()).max(f64::MIN_POSITIVE);
    let limit = joint.comparison.limit;
    let mut found: Vec<(f64, Vec<Site>)> = Vec::new();
    for step in 0..STEPS {
        let price = if step == 0 { 0.0 } else { typical * 2.0_f64.powf(f64::from(step) * 0.5 - 8.0) };
        let chosen = taken(rules, &edges, &conflicts, most, price, |edge| needed(&edge.one) || needed(&edge.other));
        let count = chosen.len() as f64;
        let variance: f64 = chosen.iter().map(|edge| edge.variance).sum();
        if limit.is_some_and(|limit| variance > limit * count * count) {
            continue;
        }
        let mut members: Vec<Site> = chosen.iter().flat_map(|edge| [edge.one, edge.other]).collect();
        members.sort_unstable();
        let worth = chosen.iter().map(|edge| edge.worth).sum::<f64>();
        if rules.allow(&members) && !found.iter().any(|found| found.1 == members) {
            found.push((worth, members));
        }
        if limit.is_none() {
            // Without a limit dearer prices only cost.
            if step >= VALUED as i32 {
                break;
            }
        }
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    // Where rules are tight, one pair or none may be all that is allowed.
    if rules.open_min == 0 {
        found.push((0.0, Vec::new()));
    }
    let mut best: Option<(f64, Vec<Site>)> = None;
    let mut valued = 0;
    for (_, members) in found {
        if valued == VALUED {
            break;
        }
        if let Some((value, _)) = joint.value(&members)? {
            valued += 1;
            if best.as_ref().is_none_or(|best| value > best.0) {
                best = Some((value, members));
            }
        }
    }
    Ok(best.map(|best| best.1))
}

/// The pairs that earn most at a price of variance, one after the other, then exchanged one by one.
fn taken(
    rules: &Rules,
    edges: &[Edge],
    conflicts: &[Vec<Site>],
    most: usize,
    price: f64,
    needed: impl Fn(&Edge) -> bool,
) -> Vec<Edge> {
    let net = |edge: &Edge| edge.worth - price * edge.variance;
    let mut order: Vec<&Edge> = edges.iter().collect();
    order.sort_by(|a, b| {
        let names = (a.one, a.other).cmp(&(b.one, b.other));
        needed(b).cmp(&needed(a)).then(net(b).total_cmp(&net(a))).then(names)
    });
    let apart = |edge: &Edge, others: &[Edge]| {
        let fits = |site: Site| {
            let near = &conflicts[site as usize];
            !others.iter().any(|other| {
                other.one == site || other.other == site || near.contains(&other.one) || near.contains(&other.other)
            })
        };
        fits(edge.one) && fits(edge.other)
    };
    let within = |edges: &[Edge]| {
        let pairs = edges.iter().map(|edge| (edge.one.min(edge.other), edge.one.max(edge.other))).collect();
        let pairing = Pairing { pairs, variance: 0.0 };
        rules.rows.iter().filter(|row| row.name != DETECT).all(|row| row.min.is_some() || pairing.keeps(row))
    };
    let mut chosen: Vec<Edge> = Vec::with_capacity(most);
    for edge in &order {
        if chosen.len() == most || (net(edge) <= 0.0 && 2 * chosen.len() >= rules.open_min) {
            break;
        }
        if apart(edge, &chosen) {
            chosen.push(**edge);
            if !within(&chosen) {
                chosen.pop();
            }
        }
    }
    for _ in 0..ROUNDS_MAX {
        let mut moved = false;
        for at in 0..chosen.len() {
            if needed(&chosen[at]) {
                continue;
            }
            let others: Vec<Edge> = (0..chosen.len()).filter(|&other| other != at).map(|other| chosen[other]).collect();
            let better = order.iter().take_while(|edge| needed(edge) || net(edge) > net(&chosen[at])).find(|edge| {
                net(edge) > net(&chosen[at])
                    && apart(edge, &others)
                    && within(&[others.as_slice(), &[***edge]].concat())
            });
            if let Some(&&edge) = better {
                chosen[at] = edge;
                moved = true;
            }
        }
        if !moved {
            break;
        }
    }
    chosen
}
