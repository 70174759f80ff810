//! Packs to lines under budgets: the values of a line's packs never rise.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | n_l | the answer | packs of line l |
//! | m_lu | `Ask::values[u - 1]` | base-currency major units that pack u adds |
//! | f_l | `Ask::floor` | packs at least |
//! | w_bl | `Budget::weights` | of the budget, per pack |
//! | W_b | `Budget::max` | of the budget |
//!
//! maximise sum_l sum_{u <= n_l} m_lu subject to sum_l w_bl n_l <= W_b, n_l >= f_l.
//!
//! Without a budget in the way each line takes its packs of positive value. Where each budget that is
//! in the way takes the same of every line it counts, and the budgets nest (each corner's shelf
//! within the whole), taking packs in order of value is exact [fox1966; federgruen1986]. Otherwise it is
//! a knapsack: a MIP over whole n_l with one continuous column per pack, which fill in order by
//! themselves because their values never rise.

use crate::solver::small::{Answer, Column, Effort, Line, SmallError, minimise};

/// A line that asks for packs.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// What each further pack adds, never rising.
    pub values: Vec<f64>,
    /// Packs at least; at most `values.len()`.
    pub floor: u32,
}

/// A budget over lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// What a pack of each line takes; 0 for lines that it does not count.
    pub weights: Vec<i64>,
    /// At most.
    pub max: i64,
}

impl Budget {
    fn used(&self, packs: &[u32]) -> i64 {
        self.weights.iter().zip(packs).map(|(weight, &packs)| weight * i64::from(packs)).sum()
    }

    pub(super) fn fits(&self, packs: &[u32]) -> bool {
        self.used(packs) <= self.max
    }
}

/// How packs were shared out.
#[derive(Debug, Clone, PartialEq)]
pub enum Allocation {
    /// Nothing better exists by more than the gap asked for.
    Exact(Vec<u32>),
    /// Feasible; nothing better by more than this was ruled out within the budget of nodes.
    Good(Vec<u32>),
    /// The floors alone break this budget (its position).
    TooTight(usize),
}

/// Nodes of the knapsack's tree at most. Money in cents makes sums that no tree tells apart: a ten-millionth is the same.
const NODES_MAX: u32 = 2_000;

/// Shares packs out. At an infinite gap, by value and by value per use alone.
///
/// # Errors
/// Where the solver fails.
pub fn allocate(asks: &[Ask], budgets: &[Budget], gap: f64) -> Result<Allocation, SmallError> {
    let floors: Vec<u32> = asks.iter().map(|ask| ask.floor).collect();
    if let Some(at) = budgets.iter().position(|budget| !budget.fits(&floors)) {
        return Ok(Allocation::TooTight(at));
    }
    let wanted: Vec<u32> = asks.iter().map(wanted).collect();
    // Packs only come off what is wanted, so a budget that this fits can't be broken later.
    let tight: Vec<&Budget> = budgets.iter().filter(|budget| !budget.fits(&wanted)).collect();
    if tight.is_empty() {
        return Ok(Allocation::Exact(wanted));
    }
    let greedy = by_value(asks, &floors, &wanted, &tight, false);
    if tight.iter().all(|budget| even(budget, &floors, &wanted)) && nested(&tight) {
        return Ok(Allocation::Exact(greedy));
    }
    let dense = by_value(asks, &floors, &wanted, &tight, true);
    let heuristic = if total(asks, &dense) > total(asks, &greedy) { dense } else { greedy };
    if gap.is_infinite() {
        return Ok(Allocation::Good(heuristic));
    }
    Ok(match knapsack(asks, &wanted, &tight, gap)? {
        // What the solver's tolerances left lying is taken too.
        Some((packs, true)) => Allocation::Exact(by_value(asks, &packs, &wanted, &tight, false)),
        Some((packs, false)) if total(asks, &packs) > total(asks, &heuristic) => {
            Allocation::Good(by_value(asks, &packs, &wanted, &tight, false))
        }
        _ => Allocation::Good(heuristic),
    })
}

/// What a line takes without budgets.
fn wanted(ask: &Ask) -> u32 {
    let packs = ask.values.iter().take_while(|value| **value > 0.0).count();
    u32::try_from(packs).expect("levels are 32 bits").max(ask.floor)
}

/// The sum of values.
fn total(asks: &[Ask], packs: &[u32]) -> f64 {
    asks.iter().zip(packs).map(|(ask, &packs)| ask.values[..packs as usize].iter().sum::<f64>()).sum()
}

/// Whether a budget takes the same of every line that could still take packs.
fn even(budget: &Budget, floors: &[u32], wanted: &[u32]) -> bool {
    let mut weights = (0..wanted.len())
        .filter(|&at| wanted[at] > floors[at])
        .map(|at| budget.weights[at])
        .filter(|&weight| weight != 0);
    let first = weights.next();
    weights.all(|weight| Some(weight) == first)
}

/// Whether any two budgets count disjoint lines, or one counts all that the other counts.
fn nested(budgets: &[&Budget]) -> bool {
    let inside = |one: &Budget, other: &Budget| one.weights.iter().zip(&other.weights).all(|(&a, &b)| a == 0 || b != 0);
    let apart = |one: &Budget, other: &Budget| one.weights.iter().zip(&other.weights).all(|(&a, &b)| a == 0 || b == 0);
    budgets.iter().enumerate().all(|(at, one)| {
        budgets[..at].iter().all(|other| apart(one, other) || inside(one, other) || inside(other, one))
    })
}

/// From `start`, packs in order of value (or value per part of the budgets' room), as long as they fit.
fn by_value(asks: &[Ask], start: &[u32], wanted: &[u32], budgets: &[&Budget], per_room: bool) -> Vec<u32> {
    let room = |at: usize| -> f64 {
        let share = |budget: &&Budget| budget.weights[at] as f64 / budget.max.max(1) as f64;
        if per_room { budgets.iter().map(share).sum::<f64>().max(f64::MIN_POSITIVE) } else { 1.0 }
    };
    let mut order: Vec<(f64, usize, u32)> = Vec::new();
    for (at, ask) in asks.iter().enumerate() {
        let room = room(at);
        order.extend((start[at]..wanted[at]).map(|pack| (ask.values[pack as usize] / room, at, pack)));
    }
    order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
    let mut packs = start.to_vec();
    let mut used: Vec<i64> = budgets.iter().map(|budget| budget.used(&packs)).collect();
    for (_, at, pack) in order {
        let fits = budgets.iter().zip(&used).all(|(budget, used)| used + budget.weights[at] <= budget.max);
        // Values of a line may be equal: its packs are still taken one after the other.
        if packs[at] == pack && fits {
            packs[at] += 1;
            budgets.iter().zip(&mut used).for_each(|(budget, used)| *used += budget.weights[at]);
        }
    }
    packs
}

/// The knapsack as a MIP; whether its answer is proven. None where the answer does not stand up in
/// whole numbers.
fn knapsack(
    asks: &[Ask],
    wanted: &[u32],
    budgets: &[&Budget],
    gap: f64,
) -> Result<Option<(Vec<u32>, bool)>, SmallError> {
    let mut columns: Vec<Column> = asks
        .iter()
        .zip(wanted)
        .map(|(ask, &wanted)| Column { cost: 0.0, low: f64::from(ask.floor), high: f64::from(wanted), whole: true })
        .collect();
    // Values are brought to at most 1, where the solver's tolerances mean something.
    let largest = asks.iter().flat_map(|ask| &ask.values).fold(f64::MIN_POSITIVE, |most, value| most.max(value.abs()));
    let mut lines = Vec::new();
    for (at, ask) in asks.iter().enumerate() {
        let mut terms = vec![(at, -1.0)];
        for pack in ask.floor..wanted[at] {
            terms.push((columns.len(), 1.0));
            columns.push(Column { cost: -ask.values[pack as usize] / largest, low: 0.0, high: 1.0, whole: false });
        }
        let floor = -f64::from(ask.floor);
        lines.push(Line { terms, min: Some(floor), max: Some(floor) });
    }
    for budget in budgets {
        // Whole weights without a common factor keep a row's numbers small and exact.
        let common = budget.weights.iter().fold(0, |common, &weight| gcd(common, weight)).max(1);
        lines.push(Line {
            terms: budget.weights.iter().enumerate().map(|(at, &weight)| (at, (weight / common) as f64)).collect(),
            min: None,
            max: Some(budget.max.div_euclid(common) as f64),
        });
    }
    let (values, proven) = match minimise(&columns, &lines, Effort { nodes_max: NODES_MAX, gap })? {
        Answer::Optimal(values) => (values, true),
        Answer::Feasible(values) => (values, false),
        Answer::Infeasible => return Ok(None),
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, within the columns' bounds")]
    let packs: Vec<u32> = values[..asks.len()].iter().map(|value| *value as u32).collect();
    Ok(budgets.iter().all(|budget| budget.fits(&packs)).then_some((packs, proven)))
}

/// The greatest common divisor; of 0 and x it is x.
fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a.abs() } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The best value over every choice of packs.
    fn enumerated(asks: &[Ask], budgets: &[Budget]) -> Option<f64> {
        let mut best = None;
        let mut packs = vec![0_u32; asks.len()];
        loop {
            let floors = asks.iter().zip(&packs).all(|(ask, &packs)| packs >= ask.floor);
            if floors && budgets.iter().all(|budget| budget.fits(&packs)) {
                let value = total(asks, &packs);
                if best.is_none_or(|best| value > best) {
                    best = Some(value);
                }
            }
            let Some(at) = (0..asks.len()).find(|&at| (packs[at] as usize) < asks[at].values.len()) else {
                return best;
            };
            packs[..at].fill(0);
            packs[at] += 1;
        }
    }

    fn asks() -> impl Strategy<Value = Vec<Ask>> {
        let ask = (prop::collection::vec(-3.0..9.0_f64, 1..5), 0_u32..2).prop_map(|(mut values, floor)| {
            values.sort_by(|a, b| b.total_cmp(a));
            Ask { floor: floor.min(values.len() as u32), values }
        });
        prop::collection::vec(ask, 1..5)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(150))]
        #[test]
        fn nothing_better_exists(
            asks in asks(),
            weights in prop::collection::vec(prop::collection::vec(0_i64..5, 5), 0..3),
            room in prop::collection::vec(0_i64..25, 3),
        ) {
            let budgets: Vec<Budget> = weights
                .iter()
                .zip(&room)
                .map(|(weights, &max)| Budget { weights: weights[..asks.len()].to_vec(), max })
                .collect();
            match (allocate(&asks, &budgets, 0.0).expect("solved"), enumerated(&asks, &budgets)) {
                (Allocation::Exact(packs), Some(best)) => {
                    prop_assert!(budgets.iter().all(|budget| budget.fits(&packs)));
                    // HiGHS keeps a relative tolerance of 1e-6 on values scaled to 1.
                    prop_assert!((total(&asks, &packs) - best).abs() < 1e-5, "{packs:?} {best}");
                }
                (Allocation::TooTight(_), None) => {}
                (found, best) => prop_assert!(false, "{found:?} {best:?}"),
            }
        }
    }

    #[test]
    fn the_greedy_of_values_alone_would_miss_a_knapsack() {
        // One pack of 10 that fills the budget against two of 6 that fill it together.
        let asks = [vec![10.0], vec![6.0, 6.0]].map(|values| Ask { values, floor: 0 });
        let budget = Budget { weights: vec![4, 2], max: 4 };
        assert_eq!(allocate(&asks, &[budget], 0.0).expect("solved"), Allocation::Exact(vec![0, 2]));
    }
}
