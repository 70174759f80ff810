//! Prices of the root and of nodes from the volume algorithm: no LP, so a node costs milliseconds.
//!
//! Only where nothing but counts restricts the choice: prices of rows and conflicts come from the LP.

use std::sync::Arc;

use domain::seed::Seed;
use rayon::prelude::*;

use super::branch::Experience;
use super::by_lp::choose;
use super::prices::State;
use super::root;
use super::search::{Held, Search};
use super::tree::{self, Node, Seen};
use super::volume::{Lists, Pace, Part, climb};
use crate::placement::PlacementError;

/// Steps of a run at the root, and of one at a node.
const ROOT: Pace = Pace { steps: 1_500, first: 0.5 };
const NODE: Pace = Pace { steps: 200, first: 0.05 };
/// Steps that a half of a node is tried with.
const TRIAL: Pace = Pace { steps: 30, first: 0.02 };
/// Runs at the root at most: each over what the last one left.
const RUNS_MAX: u32 = 6;
/// A run that leaves more than this part of the columns is the last.
const LEAVES: f64 = 0.8;
/// How much shares are disturbed, in turn: of many sites to open most are certain.
const STRENGTHS: [f64; 3] = [0.2, 0.6, 1.2];
/// Rounds of disturbed roundings without a better plan before there are no more.
const SHAKES_IDLE: u32 = 12;
/// Nodes looked at together, whatever the threads.
const BATCH: usize = 4;

/// Whether the choice is restricted by counts alone.
pub(super) fn applies(search: &Search<'_>) -> bool {
    search.rules.rows.is_empty() && search.rules.conflicts.is_empty()
}

/// Whether the root's columns are few enough for it, as a look at some zones tells.
pub(super) fn affordable(search: &Search<'_>, first: &[u32]) -> bool {
    const LOOKS: usize = 200;
    if !applies(search) || first.is_empty() {
        return false;
    }
    let zones = search.zones.len();
    let step = zones.div_ceil(LOOKS);
    let limit = limit(search, first);
    let mut pairs = 0;
    for zone in (0..zones).step_by(step) {
        search.matrix.each(zone, |_, cost| pairs += usize::from(cost < limit[zone]));
    }
    pairs * step <= search.sizes.volume
}

/// No price of a zone needs to go far beyond its second nearest open site: at the optimum one site in reach of
/// the price is open.
fn limit(search: &Search<'_>, open: &[u32]) -> Vec<u32> {
    (0..search.zones.len())
        .into_par_iter()
        .map(|zone| {
            let (mut first, mut second) = (u32::MAX, u32::MAX);
            for &column in open {
                let cost = search.matrix.cost(zone, column as usize);
                if cost < first {
                    (first, second) = (cost, first);
                } else if cost < second {
                    second = cost;
                }
            }
            let cap = search.zones.cap[zone];
            if second == u32::MAX { cap } else { second.saturating_add(second / 2).saturating_add(1).min(cap) }
        })
        .collect()
}

/// What the root's runs end with.
pub(super) struct Reached {
    /// The best prices.
    pub(super) held: Arc<Held>,
    /// What they show.
    pub(super) bound: i128,
    /// Pairs within them.
    pub(super) pairs: usize,
}

/// Runs at the root, closing columns between them.
pub(super) fn root(search: &mut Search<'_>, start: root::Root<'_>) -> Result<Reached, PlacementError> {
    let mut reached = Reached { held: start.held, bound: start.bound, pairs: usize::MAX };
    let mut warm = (start.bound > 0).then(|| reached.held.clone());
    let mut prices: Option<Vec<f64>> = None;
    let mut shares = vec![0.0; search.matrix.width()];
    for _ in 0..RUNS_MAX {
        search.cut = search.stop.now(0);
        if search.cut.is_some() {
            break;
        }
        let open = search.incumbent();
        let lists = Lists::new(&search.matrix, search.zones, &search.state, &limit(search, &open));
        let from = prices.unwrap_or_else(|| match warm.take() {
            Some(held) => lists.fractional(search.zones, held.prices()),
            None => lists.served(&search.served(&open)),
        });
        #[expect(clippy::cast_precision_loss, reason = "prices are proposals")]
        let part = Part { rules: search.rules, state: &search.state, target: search.target() as f64 };
        let run = climb(&lists, part, from, ROOT);
        search.rounds += u64::from(run.steps);
        let held = search.hold(lists.whole(search.zones, &run.prices));
        let bound = search.bound(&held, &search.state);
        if bound > reached.bound {
            reached = Reached { held: held.clone(), bound, pairs: usize::MAX };
        }
        search.say(reached.bound);
        if reached.bound >= search.target() {
            break;
        }
        let pool = search.in_play();
        search.round(&run.shares, &pool);
        let (closable, free) = (search.closable(&held), search.free());
        if !closable.is_empty() {
            search.close(&held, &closable);
        }
        prices = Some(run.prices);
        shares = run.shares;
        if search.free() as f64 > LEAVES * free as f64 {
            break;
        }
        let kept = search.in_play();
        shares = kept.iter().map(|&column| shares[column as usize]).collect();
        search.recast(&[]);
        reached.held = search.again(&reached.held);
    }
    if search.cut.is_none() && reached.bound < search.target() {
        shake(search, &shares);
        let closable = search.closable(&reached.held);
        if !closable.is_empty() {
            search.close(&reached.held, &closable);
        }
    }
    let prices = reached.held.prices();
    reached.pairs = (0..search.zones.len())
        .into_par_iter()
        .map(|zone| {
            let (mut pairs, price) = (0, prices.zones[zone] >> search.zones.bits);
            search.matrix.each(zone, |column, cost| {
                pairs += usize::from(u64::from(cost) < price && search.state[column] != State::Closed);
            });
            pairs
        })
        .sum();
    Ok(reached)
}

/// Roundings of disturbed shares, each improved by swaps: what a local optimum hides.
pub(super) fn shake(search: &mut Search<'_>, shares: &[f64]) {
    let mut since = 0;
    for round in 0.. {
        if since >= SHAKES_IDLE || search.stop.now(0).is_some() {
            return;
        }
        let tries: Vec<u64> = (round * BATCH as u64..(round + 1) * BATCH as u64).collect();
        let mut held = vec![false; shares.len()];
        search.incumbent().into_iter().for_each(|column| held[column as usize] = true);
        let of = &*search;
        let found: Vec<Vec<u32>> = tries
            .par_iter()
            .map(|&number| {
                let mut draws = Seed(number).stream("shake", 0);
                #[expect(clippy::cast_possible_truncation, reason = "a remainder")]
                let strength = STRENGTHS[(number % STRENGTHS.len() as u64) as usize];
                let disturbed: Vec<f64> = shares
                    .iter()
                    .zip(&held)
                    .map(|(share, held)| {
                        draws = draws.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                        // Of two tries one starts from the incumbent, one from the shares.
                        let share = if number % 2 == 0 && *held { 1.0 } else { *share };
                        let draw = (draws >> 33) as f64 / (1_u64 << 31) as f64;
                        if share > 0.01 { share + strength * draw } else { share }
                    })
                    .collect();
                of.rounded(&of.state, &disturbed, &root::pool(of, &disturbed))
            })
            .collect();
        let better = found.iter().map(|open| search.offer(open)).fold(false, |any, better| any | better);
        since = if better { 0 } else { since + 1 };
    }
}

/// Searches the tree below the root.
pub(super) fn tree(search: &mut Search<'_>, held: Arc<Held>, bound: i128) -> Result<(), PlacementError> {
    let open = search.incumbent();
    let lists = Lists::new(&search.matrix, search.zones, &search.state, &limit(search, &open));
    let mut experience = Experience::new(search.matrix.width());
    tree::run(search, Node::root(held, bound), BATCH, |search, nodes| {
        let search: &Search<'_> = search;
        let known = &experience;
        let seen: Vec<Seen> =
            nodes.par_iter().enumerate().map(|(at, node)| look(search, &lists, known, node.clone(), at == 0)).collect();
        seen.iter().flat_map(|seen| &seen.learned).for_each(|tried| experience.learn(tried));
        Ok(seen)
    })
}

fn look(search: &Search<'_>, lists: &Lists, experience: &Experience, mut node: Node, round: bool) -> Seen {
    let mut state = node.state(search);
    if let Some(seen) = node.settled(search, &state) {
        return seen;
    }
    let mut seen = Seen::default();
    #[expect(clippy::cast_precision_loss, reason = "prices are proposals")]
    let part = Part { rules: search.rules, state: &state, target: search.target() as f64 };
    let run = climb(lists, part, lists.fractional(search.zones, node.held.prices()), NODE);
    seen.rounds = u64::from(run.steps);
    let held = search.hold(lists.whole(search.zones, &run.prices));
    let bound = search.bound(&held, &state);
    if bound >= node.bound {
        (node.bound, node.held) = (bound, held);
    }
    if node.bound >= search.target() {
        seen.leaves.push((node.open, node.shut, Some((node.held, node.bound))));
        return seen;
    }
    if round {
        let pool = root::pool(search, &run.shares);
        let pool: Vec<u32> = pool.into_iter().filter(|&column| state[column as usize] != State::Closed).collect();
        seen.plans.push(search.rounded(&state, &run.shares, &pool));
    }
    let closable = search.closable_in(&node.held, &state);
    if !closable.is_empty() {
        closable.iter().for_each(|&column| state[column as usize] = State::Closed);
        node.closed.extend(&closable);
        seen.fixing = Some((node.held.clone(), closable));
        if let Some(settled) = node.settled(search, &state) {
            seen.leaves = settled.leaves;
            seen.plans.extend(settled.plans);
            return seen;
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "prices are proposals")]
    let left = search.target() as f64 - run.value;
    let branch = experience.choose(&mut state, &run.shares, left, &mut seen.learned, |state, column, to| {
        state[column as usize] = to;
        #[expect(clippy::cast_precision_loss, reason = "prices are proposals")]
        let part = Part { rules: search.rules, state, target: search.target() as f64 };
        let value = climb(lists, part, run.prices.clone(), TRIAL).value;
        state[column as usize] = State::Free;
        value - run.value
    });
    let branch = branch.unwrap_or_else(|| choose(&state, None, &node.held));
    node.split(search, &mut state, branch, &mut seen);
    seen
}

/// A node's steps from some prices, for the benches; how many they were.
pub(super) fn steps(search: &Search<'_>, held: &Held) -> u32 {
    let lists = Lists::new(&search.matrix, search.zones, &search.state, &limit(search, &search.incumbent()));
    // Beyond any bound, so that it takes all its steps.
    #[expect(clippy::cast_precision_loss, reason = "prices are proposals")]
    let part = Part { rules: search.rules, state: &search.state, target: search.target() as f64 * 1.001 };
    climb(&lists, part, lists.fractional(search.zones, held.prices()), NODE).steps
}
