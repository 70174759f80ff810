//! What a mixture of cuts proves: a function that no plan of a part exceeds, its maximum, and the sites that it decides.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | mu_c | price of cut c, sum over a group's cuts = 1 | 1 |
//! | lambda | price of a row, clique or count, >= 0 | base-currency major units per unit of the rule |
//! | alpha, rho_j | `Modular::alpha`, `Modular::rho` | base-currency major units |
//!
//! Any mu >= 0 that sums to 1 per group and any lambda >= 0 give, for all plans of the part,
//!
//!   value <= alpha + sum_j rho_j y_j,  alpha = sum mu_c alpha_c + sum lambda max - ...,
//!   rho_j = own_j + sum mu_c beta_cj - sum lambda a_j,
//!
//! whose maximum over "at least p_min, at most p" is a sort (weak duality). The function is summed in f64, and the result is
//! moved outward ([`Arena::outward`]). A bad price makes the bound weak, not wrong. Sites whose change in the sort would fall to
//! the cutoff or below are closed and opened.

use std::sync::Arc;

use super::arena::Arena;
use super::cut::{Cut, Fate};
use super::part::Part;

/// value <= alpha + sum over open and undecided sites of rho y, also when more is decided later.
#[derive(Debug, Clone, Default)]
pub(super) struct Modular {
    /// Whatever is open.
    pub(super) alpha: f64,
    /// By position; 0 for closed sites.
    pub(super) rho: Vec<f64>,
    /// The cuts it is a mixture of, with their weights.
    pub(super) mixture: Vec<(Arc<Cut>, f64)>,
    /// Price of each row's upper side less that of its lower side, per unit of the row as given.
    pub(super) prices: Vec<f64>,
}

impl Modular {
    /// alpha and what is open.
    pub(super) fn settled(&self, fate: &[Fate]) -> f64 {
        let open = self.rho.iter().zip(fate).filter(|(_, fate)| **fate == Fate::Open);
        self.alpha + open.map(|(rho, _)| rho).sum::<f64>()
    }
}

/// The sum of cuts with their weights, which add up to 1 in each group, and of the rows at their prices.
pub(super) fn mixed<'a>(
    arena: &Arena,
    fate: &[Fate],
    cuts: impl Iterator<Item = (&'a Arc<Cut>, f64)>,
    prices: &[f64],
) -> Modular {
    let lines = arena.lines.iter().zip(prices).filter(|(_, price)| **price != 0.0);
    let sides: Vec<(f64, f64, &[(u32, f64)])> = lines
        .map(|(line, price)| {
            (price * line.scale, if *price > 0.0 { line.max } else { line.min }, line.terms.as_slice())
        })
        .filter(|side| side.1.is_finite())
        .collect();
    Modular { prices: prices.to_vec(), ..modular(arena, fate, cuts, &sides) }
}

/// The sum of cuts with their weights, and rows with their prices, as one function.
pub(super) fn modular<'a>(
    arena: &Arena,
    fate: &[Fate],
    cuts: impl Iterator<Item = (&'a Arc<Cut>, f64)>,
    sides: &[(f64, f64, &[(u32, f64)])],
) -> Modular {
    let mut alpha = 0.0;
    let mut rho = arena.own.clone();
    let mut mixture = Vec::new();
    for (cut, weight) in cuts {
        mixture.push((Arc::clone(cut), weight));
        alpha += weight * cut.constant;
        for &(at, beta) in &cut.terms {
            rho[at as usize] += weight * beta;
        }
    }
    for &(price, limit, terms) in sides {
        alpha += price * limit;
        for &(at, by) in terms {
            rho[at as usize] -= price * by;
        }
    }
    for (rho, _) in rho.iter_mut().zip(fate).filter(|(_, fate)| **fate == Fate::Closed) {
        *rho = 0.0;
    }
    Modular { alpha, rho, prices: vec![0.0; arena.lines.len()], mixture }
}

/// The best choice of undecided sites under a modular function.
#[derive(Debug)]
pub(super) struct Sorted {
    /// Undecided positions, rho descending.
    pub(super) order: Vec<u32>,
    /// How many of them are taken.
    pub(super) taken: usize,
    /// Whether every plan takes at least (at most) that many.
    pub(super) tight: (bool, bool),
    /// alpha, what is open, and their rho; minus infinity where no choice has the right size.
    pub(super) value: f64,
}

/// Maximises the function over the number of sites alone.
pub(super) fn sorted(arena: &Arena, fate: &[Fate], modular: &Modular) -> Sorted {
    let open = fate.iter().filter(|fate| **fate == Fate::Open).count();
    let mut order: Vec<u32> = (0..fate.len() as u32).filter(|&at| fate[at as usize] == Fate::Live).collect();
    let rho = |at: u32| modular.rho[at as usize];
    order.sort_by(|&one, &other| rho(other).total_cmp(&rho(one)).then(one.cmp(&other)));
    let least = arena.least.saturating_sub(open);
    if open > arena.most || order.len() < least {
        return Sorted { order, taken: 0, tight: (true, true), value: f64::NEG_INFINITY };
    }
    let most = (arena.most - open).min(order.len());
    let taken = order.iter().take(most).enumerate().take_while(|&(at, &site)| at < least || rho(site) > 0.0).count();
    let value = modular.settled(fate) + order[..taken].iter().map(|&at| rho(at)).sum::<f64>();
    Sorted { tight: (taken == least, taken == arena.most - open), taken, order, value }
}

/// What came of one function.
#[derive(Debug, Clone, Copy)]
pub(super) struct Settled {
    /// Its bound.
    pub(super) bound: f64,
    /// The largest bound of what it closed or opened.
    pub(super) dropped: Option<f64>,
    /// No plan here obeys the rules.
    pub(super) empty: bool,
}

impl Default for Settled {
    fn default() -> Self {
        Self { bound: f64::INFINITY, dropped: None, empty: false }
    }
}

/// Takes a function's bound over, and decides the sites that it decides.
pub(super) fn settle(arena: &Arena, part: &mut Part, modular: &Modular, cutoff: f64) -> Settled {
    let sorted = sorted(arena, &part.fate, modular);
    if sorted.value == f64::NEG_INFINITY {
        return Settled { empty: true, ..Settled::default() };
    }
    let bound = arena.outward(sorted.value);
    let mut settled = Settled { bound, ..Settled::default() };
    let rho = |at: usize| modular.rho[sorted.order[at] as usize];
    let mut contradicted = false;
    // Without a cutoff nothing is decided: whoever asks so knows of sites that this part does not.
    if bound > cutoff && cutoff > f64::NEG_INFINITY {
        let taken = sorted.taken;
        // What leaves if one more site is forced in, and what comes in if one is forced out. A site that
        // is in only because so many have to be (rho < 0) is glad to leave for another.
        let last = if taken > 0 { rho(taken - 1) } else { 0.0 };
        let leaves = if sorted.tight.1 { last } else { last.min(0.0) };
        let enters = if taken < sorted.order.len() { rho(taken) } else { f64::NEG_INFINITY };
        let enters = if sorted.tight.0 { enters } else { enters.max(0.0) };
        let mut drop = |bound: f64| settled.dropped = Some(settled.dropped.map_or(bound, |most: f64| most.max(bound)));
        let full = sorted.tight.1 && taken == 0;
        for (at, &site) in sorted.order.iter().enumerate() {
            let site = site as usize;
            if part.fate[site] != Fate::Live {
                continue;
            }
            if at >= taken {
                let with = if full { f64::NEG_INFINITY } else { arena.outward(sorted.value - leaves + rho(at)) };
                if with <= cutoff {
                    part.fate[site] = Fate::Closed;
                    drop(with);
                }
            } else {
                let without = arena.outward(sorted.value - rho(at) + enters);
                if without <= cutoff {
                    drop(without);
                    contradicted |= !arena.open(&mut part.fate, site);
                }
            }
        }
    }
    settled.empty = contradicted;
    part.bound = part.bound.min(bound);
    settled
}
