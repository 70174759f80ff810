//! Plans weighed over the worlds, and exchanges of stores that make them better.
//!
//! | symbol | is | unit |
//! |---|---|---|
//! | f(v) | [`End`]: what is sought of the values v by world; it rises with each of them | base-currency major units |
//! | u_b >= g_b(S) | [`super::Case::at_most`], without a solver | the same |
//!
//! From the best plan that is known, every exchange of one store for another, every store more and every one fewer is
//! looked at. Since f rises with v, f(u) bounds what an exchange could bring, with B_b for worlds that were not looked at
//! yet; most exchanges fall by the first world or two. What is left is valued from the most promising on, until none can be
//! better than the best valued. Work is counted and not timed, so that the same worlds give the same plan.

use domain::plan::Plan;
use domain::stop::Stop;
use rayon::prelude::*;

use super::{Choice, Frame};
use crate::EngineError;

/// Exchanges that are looked at in all, for each end.
const LOOKS_MAX: usize = 20_000;
/// Exchanges that are valued in one round.
const VALUED_MAX: usize = 48;
/// Better by less than this part is rounding.
const SAME: f64 = 1e-9;

/// What is sought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The least greatest regret.
    Regret,
    /// The greatest mean.
    Mean,
    /// The greatest worst value.
    Worst,
}

/// A choice that was weighed.
#[derive(Debug, Clone)]
pub(super) struct Known {
    /// What it is.
    pub(super) choice: Choice,
    /// By world; none where it is not allowed.
    pub(super) values: Vec<Option<(f64, f64)>>,
}

/// Choices that were weighed, and how far the search for more came.
pub(super) struct Search<'a> {
    frame: &'a Frame<'a>,
    stop: &'a Stop,
    pub(super) plans: Vec<Known>,
    /// V, by world.
    pub(super) best: Vec<f64>,
    /// Whether every search ended where nothing was better.
    pub(super) ended: bool,
}

impl<'a> Search<'a> {
    pub(super) fn new(frame: &'a Frame<'a>, stop: &'a Stop) -> Self {
        Self { frame, stop, plans: Vec::new(), best: frame.known.clone(), ended: true }
    }

    /// Weighs a choice, unless it was; gives its position.
    pub(super) fn weigh(&mut self, choice: Choice) -> Result<usize, EngineError> {
        let same = |known: &Known| known.choice.stores == choice.stores && known.choice.held == choice.held;
        if let Some(known) = self.plans.iter().position(same) {
            return Ok(known);
        }
        let values: Vec<_> = self.frame.cases.iter().map(|case| case.value(&choice)).collect::<Result<_, _>>()?;
        for (best, value) in self.best.iter_mut().zip(&values) {
            *best = value.map_or(*best, |value| best.max(value.0));
        }
        self.plans.push(Known { choice, values });
        Ok(self.plans.len() - 1)
    }

    /// Weighs the stores that most of the first `count` plans hold, as many as the rules allow.
    pub(super) fn consensus(&mut self, count: usize, given: &[&Plan]) -> Result<(), EngineError> {
        let mut held = vec![0_usize; self.frame.pool.len()];
        for plan in &given[..count] {
            self.frame.given(plan).stores.into_iter().for_each(|store| held[store] += 1);
        }
        let mut order: Vec<usize> = (0..held.len()).filter(|&store| held[store] > 0).collect();
        order.sort_by_key(|&store| (std::cmp::Reverse(held[store]), store));
        // What may not yet be enough may still become so.
        let fits = |stores: &[usize]| {
            self.frame.cases.iter().all(|case| {
                let open: Option<Vec<_>> = stores.iter().map(|&store| case.sites[store]).collect();
                let rules = case.joint.rules;
                open.is_some_and(|mut open| {
                    open.sort_unstable();
                    let has = |site: &u32| open.binary_search(site).is_ok();
                    open.len() <= rules.open_max
                        && !rules.exclude.iter().any(has)
                        && !rules.conflicts.iter().any(|(one, other)| has(one) && has(other))
                        && rules.rows.iter().all(|row| row.max.is_none_or(|max| row.value(&open) <= max))
                })
            })
        };
        let mut stores: Vec<usize> = Vec::new();
        for store in order {
            let mut more = stores.clone();
            more.insert(more.partition_point(|&other| other < store), store);
            if fits(&more) {
                stores = more;
            }
        }
        for choice in self.frame.choices(&stores)? {
            self.weigh(choice)?;
        }
        Ok(())
    }

    /// The best plan to an end; none where none is allowed in every world.
    pub(super) fn leader(&self, end: End) -> Option<usize> {
        let mut best: Option<(f64, usize)> = None;
        for (at, plan) in self.plans.iter().enumerate() {
            let Some(score) = self.score(end, plan) else { continue };
            if best.is_none_or(|(leads, _)| score > leads + SAME * leads.abs().max(1.0)) {
                best = Some((score, at));
            }
        }
        best.map(|best| best.1)
    }

    fn score(&self, end: End, plan: &Known) -> Option<f64> {
        let values: Option<Vec<f64>> = plan.values.iter().map(|value| value.map(|value| value.0)).collect();
        values.map(|values| self.of(end, &values))
    }

    /// f(v).
    fn of(&self, end: End, values: &[f64]) -> f64 {
        match end {
            End::Regret => {
                values.iter().zip(&self.best).map(|(value, best)| value - best).fold(f64::INFINITY, f64::min)
            }
            End::Mean => values.iter().sum::<f64>() / values.len() as f64,
            End::Worst => values.iter().copied().fold(f64::INFINITY, f64::min),
        }
    }

    /// Exchanges stores of the best plan to an end for as long as that helps.
    pub(super) fn improve(&mut self, end: End) -> Result<(), EngineError> {
        let mut looks = LOOKS_MAX;
        while let Some(leader) = self.leader(end) {
            let Some(here) = self.score(end, &self.plans[leader]) else { break };
            let others = self.exchanges(&self.plans[leader].choice.stores);
            if self.stop.now(0).is_some() || others.len() > looks {
                self.ended = false;
                break;
            }
            looks -= others.len();
            let enough = here + SAME * here.abs().max(1.0);
            let order = self.hardest(leader);
            let mut left: Vec<(f64, Vec<usize>)> = others
                .into_par_iter()
                .filter_map(|stores| Some((self.at_most(end, &stores, &order, enough)?, stores)))
                .collect();
            left.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
            let (mut found, count) = (enough, left.len());
            for (valued, (most, stores)) in left.into_iter().enumerate() {
                if most <= found {
                    break;
                }
                if valued >= VALUED_MAX && count > VALUED_MAX {
                    // More might be better: where nothing was, that nothing is was not shown.
                    self.ended &= found > enough;
                    break;
                }
                for choice in self.frame.choices(&stores)? {
                    let at = self.weigh(choice)?;
                    found = self.score(end, &self.plans[at]).map_or(found, |score| found.max(score));
                }
            }
            if found <= enough {
                break;
            }
        }
        Ok(())
    }

    /// One store for another, one more, one fewer; each ascending.
    fn exchanges(&self, stores: &[usize]) -> Vec<Vec<usize>> {
        let inserted = |stores: &[usize], store: usize| {
            let mut more = stores.to_vec();
            more.insert(more.partition_point(|&other| other < store), store);
            more
        };
        let outside: Vec<usize> = (0..self.frame.pool.len()).filter(|store| !stores.contains(store)).collect();
        let mut others: Vec<Vec<usize>> = outside.iter().map(|&store| inserted(stores, store)).collect();
        for &leaves in stores {
            let fewer: Vec<usize> = stores.iter().copied().filter(|&store| store != leaves).collect();
            others.extend(outside.iter().map(|&store| inserted(&fewer, store)));
            others.push(fewer);
        }
        others
    }

    /// Worlds, from the one that a plan regrets most.
    fn hardest(&self, plan: usize) -> Vec<usize> {
        let regret = |at: usize| self.best[at] - self.plans[plan].values[at].map_or(f64::NEG_INFINITY, |value| value.0);
        let mut order: Vec<usize> = (0..self.best.len()).collect();
        order.sort_by(|&a, &b| regret(b).total_cmp(&regret(a)).then(a.cmp(&b)));
        order
    }

    /// f of what no stock exceeds; none as soon as it is known not to pass `enough`.
    fn at_most(&self, end: End, stores: &[usize], order: &[usize], enough: f64) -> Option<f64> {
        let cases = &self.frame.cases;
        if !cases.iter().all(|case| case.open(stores).is_some()) {
            return None;
        }
        let mut most: Vec<f64> =
            self.frame.bounds.iter().zip(&self.best).map(|(bound, best)| bound.max(*best)).collect();
        for &at in order {
            most[at] = cases[at].at_most(stores).min(most[at]);
            if self.of(end, &most) <= enough {
                return None;
            }
        }
        Some(self.of(end, &most))
    }
}
