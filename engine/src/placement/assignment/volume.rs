//! Better prices without an LP: the volume algorithm [barahona2000].
//!
//! | symbol | here | unit |
//! |---|---|---|
//! | v_i | `Run::prices` | cost units |
//! | rho_j(v) = sum_i w_i (v_i - c_ij)^+ | `evaluate` | weight x cost |
//! | S(v) | the best choice of columns at v | |
//! | g_i = 1 - #{j in S: c_ij < v_i} | `slope` | sites short of one |
//! | g-bar, y-bar | means of g and of S over the steps | |
//!
//! L(v) = sum_i w_i v_i - max_y rho(v) y is concave in v, and w_i g_i is a slope of it. Each step goes from the best
//! v along the mean slope; the mean of the choices nears a solution of the LP, so its fractions say where
//! to branch. A step costs as much as there are pairs with c_ij < v_i, which is what makes nodes cheap.
//! All of it only proposes: what the prices prove is computed in whole numbers elsewhere.

use rayon::prelude::*;

use super::matrix::{Matrix, Zones};
use super::prices::{Prices, State};
use domain::problem::Rules;

/// The pairs that a price could concern: of each zone the columns in play, nearest first.
#[derive(Debug)]
pub(super) struct Lists {
    /// The zones with weight.
    zones: Vec<u32>,
    weight: Vec<f64>,
    /// No price of theirs goes beyond.
    limit: Vec<f64>,
    starts: Vec<usize>,
    column: Vec<u32>,
    cost: Vec<u32>,
}

impl Lists {
    /// Over the columns that are not closed, up to `limit` by zone.
    pub(super) fn new(matrix: &Matrix<'_>, zones: &Zones<'_>, state: &[State], limit: &[u32]) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "zones are numbered in 32 bits")]
        let listed: Vec<u32> = (0..zones.len() as u32).filter(|&zone| zones.weights[zone as usize] > 0).collect();
        let rows: Vec<Vec<(u32, u32)>> = listed
            .par_iter()
            .map(|&zone| {
                let mut row = Vec::new();
                let limit = limit[zone as usize];
                matrix.each(zone as usize, |column, cost| {
                    if cost < limit && state[column] != State::Closed {
                        #[expect(clippy::cast_possible_truncation, reason = "columns are numbered in 32 bits")]
                        row.push((cost, column as u32));
                    }
                });
                row.sort_unstable();
                row
            })
            .collect();
        let mut starts = vec![0];
        let (mut column, mut cost) = (Vec::new(), Vec::new());
        for row in rows {
            column.extend(row.iter().map(|pair| pair.1));
            cost.extend(row.iter().map(|pair| pair.0));
            starts.push(cost.len());
        }
        #[expect(clippy::cast_precision_loss, reason = "prices are proposals")]
        let weight = listed.iter().map(|&zone| zones.weights[zone as usize] as f64).collect();
        let limit = listed.iter().map(|&zone| f64::from(limit[zone as usize])).collect();
        Self { zones: listed, weight, limit, starts, column, cost }
    }
}

/// The part of the space that a run is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'a> {
    /// The rules; of these only the counts are kept here.
    pub(super) rules: &'a Rules,
    /// What is decided, by column.
    pub(super) state: &'a [State],
    /// An L that is enough.
    pub(super) target: f64,
}

/// How a run goes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// Steps at most.
    pub(super) steps: u32,
    /// The first step's length, as a part of the way to the target along the slope.
    pub(super) first: f64,
}

/// What a run of steps ended with.
#[derive(Debug)]
pub(super) struct Run {
    /// The best v, by zone of the lists.
    pub(super) prices: Vec<f64>,
    /// L there.
    pub(super) value: f64,
    /// y-bar, by column.
    pub(super) shares: Vec<f64>,
    /// Steps taken.
    pub(super) steps: u32,
}

/// One evaluation of L.
struct Look {
    bound: f64,
    chosen: Vec<u32>,
}

/// The weight of a new choice in the means.
const NEW: f64 = 0.02;
/// Steps without a better v before they are made shorter, and by how much.
const FAILS_MAX: u32 = 10;
const SHORTER: f64 = 0.8;
/// After a step that could have gone further, longer ones.
const LONGER: f64 = 1.2;
/// Steps between two looks at whether they pay.
const LOOK_EVERY: u32 = 50;
/// They do, if they close this part of what is left to the target, or are still long.
const PAYS: f64 = 0.01;
const SHORT: f64 = 0.02;

/// Goes on from `prices` (by zone of the lists) until L reaches the target, or steps stop paying.
pub(super) fn climb(lists: &Lists, part: Part<'_>, mut prices: Vec<f64>, pace: Pace) -> Run {
    let Part { state, target, .. } = part;
    for (price, limit) in prices.iter_mut().zip(&lists.limit) {
        *price = price.min(*limit);
    }
    let mut rho = vec![0.0; state.len()];
    let mut look = evaluate(lists, part, &prices, &mut rho);
    let mut slope = vec![0.0; lists.zones.len()];
    fill_slope(lists, state, &look.chosen, &prices, &mut slope);
    let mut mean = slope.clone();
    let mut shares = vec![0.0; state.len()];
    look.chosen.iter().for_each(|&column| shares[column as usize] = 1.0);
    let mut best = look.bound;
    let mut length = pace.first;
    let mut fails = 0;
    let mut before = best;
    let mut trial = prices.clone();
    let mut steps = 0;
    while best < target && steps < pace.steps {
        steps += 1;
        let norm: f64 = mean.iter().zip(&lists.weight).map(|(slope, weight)| weight * slope * slope).sum();
        if norm <= 0.0 {
            break;
        }
        // The way to the target along the slope; near it, still far enough to turn.
        let way = length * (target - best).max(1e-4 * target.abs()) / norm;
        for (at, trial) in trial.iter_mut().enumerate() {
            *trial = (prices[at] + way * mean[at]).clamp(0.0, lists.limit[at]);
        }
        look = evaluate(lists, part, &trial, &mut rho);
        fill_slope(lists, state, &look.chosen, &trial, &mut slope);
        let along: f64 =
            slope.iter().zip(&mean).zip(&lists.weight).map(|((slope, mean), weight)| weight * slope * mean).sum();
        for (mean, slope) in mean.iter_mut().zip(&slope) {
            *mean = NEW * slope + (1.0 - NEW) * *mean;
        }
        shares.iter_mut().for_each(|share| *share *= 1.0 - NEW);
        look.chosen.iter().for_each(|&column| shares[column as usize] += NEW);
        if look.bound > best {
            best = look.bound;
            std::mem::swap(&mut prices, &mut trial);
            fails = 0;
            if along > 0.0 {
                length = (length * LONGER).min(1.0);
            }
        } else {
            fails += 1;
            if fails == FAILS_MAX {
                (length, fails) = (length * SHORTER, 0);
            }
        }
        if steps % LOOK_EVERY == 0 {
            if best - before < PAYS * (target - best) && length < SHORT {
                break;
            }
            before = best;
        }
    }
    Run { prices, value: best, shares, steps }
}

/// L(v), and the choice behind it.
fn evaluate(lists: &Lists, part: Part<'_>, prices: &[f64], rho: &mut [f64]) -> Look {
    let Part { rules, state, .. } = part;
    rho.fill(0.0);
    let mut sum = 0.0;
    for (at, &price) in prices.iter().enumerate() {
        let weight = lists.weight[at];
        sum += weight * price;
        for entry in lists.starts[at]..lists.starts[at + 1] {
            let saved = price - f64::from(lists.cost[entry]);
            if saved <= 0.0 {
                break;
            }
            rho[lists.column[entry] as usize] += weight * saved;
        }
    }
    let mut chosen = Vec::new();
    let mut free: Vec<u32> = Vec::new();
    for (column, state) in (0_u32..).zip(state) {
        match state {
            State::Open => chosen.push(column),
            State::Free => free.push(column),
            State::Closed => {}
        }
    }
    let most = rules.open_max.saturating_sub(chosen.len()).min(free.len());
    let least = rules.open_min.saturating_sub(chosen.len()).min(most);
    let order = |one: &u32, other: &u32| rho[*other as usize].total_cmp(&rho[*one as usize]).then(one.cmp(other));
    if most > 0 && most < free.len() {
        free.select_nth_unstable_by(most - 1, order);
        free.truncate(most);
    }
    free.sort_unstable_by(order);
    let paying = free.iter().take_while(|column| rho[**column as usize] > 0.0).count();
    free.truncate(paying.max(least));
    chosen.extend(free);
    sum -= chosen.iter().map(|&column| rho[column as usize]).sum::<f64>();
    Look { bound: sum, chosen }
}

/// g: one less how many of the chosen columns a zone would pay for.
fn fill_slope(lists: &Lists, state: &[State], chosen: &[u32], prices: &[f64], slope: &mut [f64]) {
    let mut is_chosen = vec![false; state.len()];
    chosen.iter().for_each(|&column| is_chosen[column as usize] = true);
    for (at, slope) in slope.iter_mut().enumerate() {
        let price = prices[at];
        let mut count = 0.0;
        for entry in lists.starts[at]..lists.starts[at + 1] {
            if f64::from(lists.cost[entry]) >= price {
                break;
            }
            if is_chosen[lists.column[entry] as usize] {
                count += 1.0;
            }
        }
        *slope = 1.0 - count;
        // A price at its end goes no further.
        if (*slope > 0.0 && price >= lists.limit[at]) || (*slope < 0.0 && price <= 0.0) {
            *slope = 0.0;
        }
    }
}

impl Lists {
    /// Prices by zone of the lists as whole ones by zone of the problem.
    pub(super) fn whole(&self, zones: &Zones<'_>, prices: &[f64]) -> Prices {
        let one = f64::from(2.0_f32).powi(i32::try_from(zones.bits).unwrap_or(0));
        let mut whole = Prices { zones: vec![0; zones.len()], ..Prices::default() };
        for (&zone, price) in self.zones.iter().zip(prices) {
            let cap = u64::from(zones.cap[zone as usize]) << zones.bits;
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "any price is valid")]
            let price = (price * one).round() as u64;
            whole.zones[zone as usize] = price.min(cap);
        }
        whole
    }

    /// Costs by zone of the problem as prices by zone of the lists.
    pub(super) fn served(&self, costs: &[u32]) -> Vec<f64> {
        self.zones.iter().map(|&zone| f64::from(costs[zone as usize])).collect()
    }

    /// Whole prices by zone of the problem as prices by zone of the lists.
    pub(super) fn fractional(&self, zones: &Zones<'_>, prices: &Prices) -> Vec<f64> {
        let one = f64::from(2.0_f32).powi(i32::try_from(zones.bits).unwrap_or(0));
        #[expect(clippy::cast_precision_loss, reason = "prices are proposals")]
        self.zones.iter().map(|&zone| prices.zones[zone as usize] as f64 / one).collect()
    }
}
