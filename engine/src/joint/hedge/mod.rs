//! Stores and stock where the worst outcomes count, or must reach a floor.
//!
//! | symbol | name | unit |
//! |---|---|---|
//! | V_s(y, q) | what a plan earns in sample s, over counts; opening paid | base-currency major units |
//! | E, CVaR_a | the mean of V over all samples, over the worst part a | the same |
//! | u, lambda, mu, U | [`super::guard`] | |
//!
//! maximise (1 - w) E\[V\] + w CVaR_a(V), or E\[V\] subject to CVaR_a(V) >= floor, over the plans of [`super`].
//!
//! At any u what is bounded is the mean of V over weighted samples: the problem of [`super`] with other weights, and so are
//! its search and its proof. That bound is convex in u. It is lowered in rounds: solve at the u in hand; judge the plan found
//! by its outcomes, its stock moved to what suits them ([`crate::stock::ledger`]); ask which u the plans seen leave best
//! ([`master`], where their stock is decided anew at every u that is asked about, which needs no search); go from the best u known
//! towards it. What no u closes stays in the gap: a plan is whole, and the bound mixes plans. A better plan may be there still, so
//! the best u is then searched once more, with plans judged by their outcomes on the way.
//!
//! For the floor the first u is that of the mean alone. Where no plan seen keeps the floor, the largest CVaR is sought first
//! (w = 1), until one does or none can.

use domain::forecast::DemandSamples;
use domain::problem::Site;
use domain::settings::{Aim, Measure};
use domain::stop::{Cut, Event, Progress, Stop};

mod master;
#[cfg(test)]
mod tests;

use master::{Least, Master};

use super::guard::Guard;
use super::{Joint, Relaxation};
use crate::EngineError;
use crate::placement::{Guide, Placed};
use crate::stock::Hedged;

/// Rounds at most.
const ROUNDS_MAX: usize = 24;
/// Of the gap asked for, the part that a round's own search may leave.
const ROUND_GAP: f64 = 0.25;
/// Where all u leave the bound within this part of the gap of where it is, another round gains nothing.
const SETTLED: f64 = 0.1;
/// What the tolerances of programs do not tell apart, as a part of what plans earn.
const SAME: f64 = 1e-6;
/// How far a round goes from the best u known towards the one that looks best.
const TOWARDS: f64 = 0.7;
/// Times that the stock of known stores is decided anew between two rounds, and of how many plans.
const TUNED_MAX: usize = 20;
const POOL_MAX: usize = 6;
/// Nodes of the last search.
const LAST_NODES: u64 = 64;
/// Of the time that is left, the part that a round may take.
const ROUND_PART: u32 = 3;

/// What was decided.
#[derive(Debug, Clone)]
pub struct Found {
    /// The stores, their value and the bound; nodes and rounds of all searches together.
    pub placed: Placed,
    /// The stock, and how it fares.
    pub hedged: Hedged,
    /// Where the bound was proved: at these weights.
    pub bounded: Bounded,
    /// How often u was moved.
    pub rounds: u64,
}

/// A bound, and where it was proved.
#[derive(Debug, Clone)]
pub struct Bounded {
    /// No plan is worth more.
    pub bound: f64,
    /// The guard there.
    pub guard: Guard,
    /// lambda; none where all samples count alike.
    pub weights: Option<Vec<f64>>,
    /// The relaxation there.
    pub relaxation: Relaxation,
    counts: Vec<f64>,
    guide: Option<Guide>,
}

/// How a search for a plan ended.
#[derive(Debug, Clone)]
pub enum Answer {
    /// With a plan.
    Found(Box<Found>),
    /// Without one that keeps the floor: the largest CVaR that was found, and what none exceeds.
    Below {
        /// Found.
        most: f64,
        /// At most.
        bound: f64,
    },
    /// Without any plan.
    Nothing(Box<Placed>),
}

/// Searches until the gap is at most `gap`, or until `stop`. `joint` has a guard, and samples that count alike.
///
/// # Errors
/// Where a program fails.
pub fn solve(
    joint: &Joint<'_>,
    measure: Measure,
    known: Option<Vec<Site>>,
    gap: f64,
    stop: &Stop,
    progress: &dyn Progress,
) -> Result<Answer, EngineError> {
    let mut search = Search::new(joint, measure, gap);
    let start = match measure.aim {
        Aim::Weight(_) => search.start(known.as_deref())?,
        Aim::Floor(_) => vec![1.0 / search.samples.len().max(1) as f64; search.samples.len()],
    };
    if let Some(nothing) = search.round(start, known, stop, progress)? {
        return Ok(Answer::Nothing(Box::new(nothing)));
    }
    if let Aim::Floor(floor) = measure.aim
        && !search.keeps()
        && stop.now(search.nodes).is_none()
    {
        let worst = Measure { aim: Aim::Weight(1.0), ..measure };
        let mut other = Search { enough: Some(floor), nodes: search.nodes, ..Search::new(joint, worst, gap) };
        let open = search.best.as_ref().map(|best| best.0.clone());
        let start = other.start(open.as_deref())?;
        other.round(start, open, stop, progress)?;
        other.rounds(stop, progress)?;
        search.nodes = other.nodes;
        search.turns += other.turns;
        search.cut = search.cut.or(other.cut);
        let Some(best) = &other.best else { return Err(EngineError::NothingFound) };
        if best.1.score.cvar < floor {
            let bound = other.least.as_ref().map_or(f64::INFINITY, |least| least.bound);
            return Ok(Answer::Below { most: best.1.score.cvar, bound });
        }
        // Its stock was decided for the worst outcomes: moved to the mean, it has to keep the floor.
        search.samples.weights = other.samples.weights.clone();
        let (open, hedged) = best.clone();
        search.known(open.clone(), &hedged)?;
        search.look(&open)?;
    }
    search.rounds(stop, progress)?;
    search.last(stop, progress)?;
    search.answer(stop)
}

/// A search on its way.
struct Search<'a> {
    joint: &'a Joint<'a>,
    measure: Measure,
    gap: f64,
    samples: DemandSamples,
    master: Option<Master>,
    /// The best plan by its outcomes.
    best: Option<(Vec<Site>, Hedged)>,
    /// Stores of the last plans found.
    pool: Vec<Vec<Site>>,
    least: Option<Bounded>,
    nodes: u64,
    turns: u64,
    cut: Option<Cut>,
    /// A CVaR that is enough, and the search over.
    enough: Option<f64>,
}

impl<'a> Search<'a> {
    fn new(joint: &'a Joint<'a>, measure: Measure, gap: f64) -> Self {
        Self {
            joint,
            measure,
            gap,
            samples: joint.samples.clone(),
            master: None,
            best: None,
            pool: Vec::new(),
            least: None,
            nodes: 0,
            turns: 0,
            cut: None,
            enough: None,
        }
    }

    /// The problem as it stands at the samples' weights, with plans judged by their outcomes or by the weighted mean.
    fn at(&self, guard: Option<Guard>) -> Joint<'_> {
        Joint { samples: &self.samples, guard, ..*self.joint }
    }

    /// u where `known` is the plan: its own worst outcomes count.
    fn start(&mut self, known: Option<&[Site]>) -> Result<Vec<f64>, EngineError> {
        let count = self.samples.len();
        self.samples.weights = None;
        let judged = match known.filter(|open| self.joint.rules.allow(open)) {
            Some(open) => self.at(Some(Guard::new(self.measure))).hedged(open)?,
            None => None,
        };
        let alike = 1.0 / count.max(1) as f64;
        let Aim::Weight(weight) = self.measure.aim else { return Ok(vec![alike; count]) };
        Ok(match judged {
            Some(judged) => {
                let tail = self.measure.tail_of(&judged.weighted);
                tail.iter().map(|counts| (1.0 - weight) * alike + weight * counts).collect()
            }
            None => vec![alike; count],
        })
    }

    /// Lets samples count what u says.
    fn weigh(&mut self, counts: &[f64]) -> Guard {
        let (guard, weights) = Guard::split(self.measure, counts);
        // Where all count alike, that is the plain problem to the last bit.
        let alike = weights.windows(2).all(|pair| pair[0] == pair[1]);
        self.samples.weights = (!alike).then_some(weights);
        guard
    }

    fn keeps(&self) -> bool {
        self.best.as_ref().is_some_and(|best| best.1.score.kept)
    }

    fn value(&self) -> Option<f64> {
        self.best.as_ref().filter(|best| best.1.score.kept).map(|best| best.1.score.value(&self.measure))
    }

    /// The gap asked for, in money.
    fn slack(&self) -> f64 {
        self.gap * self.value().map_or(1.0, |value| value.abs().max(1.0))
    }

    /// What is not worth another look, at a bound of that size.
    fn settled(&self, level: f64) -> f64 {
        (SETTLED * self.slack()).max(SAME * level.abs().max(1.0))
    }

    fn closed(&self) -> bool {
        if let (Some(enough), Some((_, hedged)), Some(least)) = (self.enough, &self.best, &self.least)
            && (hedged.score.cvar >= enough || least.bound < enough)
        {
            return true;
        }
        let bound = self.least.as_ref().map(|least| least.bound);
        bound.zip(self.value()).is_some_and(|(bound, value)| bound - value <= self.slack())
    }

    /// Takes a judged plan in.
    fn known(&mut self, open: Vec<Site>, hedged: &Hedged) -> Result<bool, EngineError> {
        if self.master.is_none() {
            self.master = Some(Master::new(self.measure, self.samples.len(), hedged.score.mean)?);
        }
        let mut new = false;
        if let Some(master) = &mut self.master {
            new = master.add(&hedged.weighted)?;
            master.add(&hedged.profits)?;
        }
        let better = self.best.as_ref().is_none_or(|best| hedged.score.beats(&best.1.score, &self.measure));
        if better {
            self.best = Some((open, hedged.clone()));
        }
        Ok(new)
    }

    /// Judges a plan whose stock suits the weights in hand; what it earns in the weighted mean, if it was not known.
    fn look(&mut self, open: &[Site]) -> Result<Option<f64>, EngineError> {
        let judged = self.at(Some(Guard::new(self.measure))).hedged(open)?;
        let Some(hedged) = judged else { return Ok(None) };
        Ok(self.known(open.to_vec(), &hedged)?.then_some(hedged.earned))
    }

    /// Solves at u; the placement where there is no plan at all.
    fn round(
        &mut self,
        counts: Vec<f64>,
        known: Option<Vec<Site>>,
        stop: &Stop,
        progress: &dyn Progress,
    ) -> Result<Option<Placed>, EngineError> {
        if self.turns > 0 {
            let name = format!("choosing stores again, round {}", self.turns + 1);
            progress.say(Event::Stage { name: &name });
        }
        let guard = self.weigh(&counts);
        let stop = self.part(stop);
        let (placed, relaxation) = super::solve(&self.at(None), known, ROUND_GAP * self.gap, &stop, progress)?;
        self.nodes += placed.nodes;
        self.turns += 1;
        // Nodes are looked at as a whole, at the end.
        self.cut = self.cut.or(placed.cut.filter(|cut| *cut != Cut::Nodes));
        let Some(open) = placed.open.clone() else {
            return Ok(self.best.is_none().then_some(placed));
        };
        self.bounded(guard, counts, &placed, relaxation);
        self.look(&open)?;
        self.pool.retain(|plan| *plan != open);
        self.pool.push(open);
        if self.pool.len() > POOL_MAX {
            self.pool.remove(0);
        }
        Ok(None)
    }

    /// Keeps a bound if it is the least.
    fn bounded(&mut self, guard: Guard, counts: Vec<f64>, placed: &Placed, relaxation: Relaxation) {
        let bound = guard.whole(placed.bound);
        if self.least.as_ref().is_none_or(|least| bound < least.bound) {
            let (weights, guide) = (self.samples.weights.clone(), placed.guide.clone());
            self.least = Some(Bounded { bound, guard, weights, relaxation, counts, guide });
        }
    }

    /// What is left, for one round.
    fn part(&self, stop: &Stop) -> Stop {
        let nodes_max = stop.nodes_max.saturating_sub(self.nodes).max(1);
        Stop { nodes_max, ..crate::price::shared(stop, ROUND_PART) }
    }

    fn rounds(&mut self, stop: &Stop, progress: &dyn Progress) -> Result<(), EngineError> {
        for _ in 0..ROUNDS_MAX {
            if self.closed() || stop.now(self.nodes).is_some() {
                break;
            }
            let Some(Least { counts, level }) = self.tuned()? else { break };
            let Some(least) = &self.least else { break };
            if self.closed() || least.bound - level <= self.settled(level) {
                break;
            }
            let towards = least.counts.iter().zip(&counts).map(|(from, to)| from + TOWARDS * (to - from)).collect();
            let open = self.best.as_ref().map(|best| best.0.clone());
            self.round(towards, open, stop, progress)?;
        }
        Ok(())
    }

    /// The best u as far as the plans seen can tell, with their stock decided anew wherever it is asked about.
    fn tuned(&mut self) -> Result<Option<Least>, EngineError> {
        let mut last = None;
        for _ in 0..TUNED_MAX {
            let Some(master) = &mut self.master else { return Ok(None) };
            let Some(least) = master.least()? else { return Ok(last) };
            let guard = self.weigh(&least.counts);
            let mut above = false;
            for open in self.pool.clone() {
                if let Some(earned) = self.look(&open)? {
                    above |= guard.whole(earned) > least.level + self.settled(least.level);
                }
            }
            last = Some(least);
            if !above {
                break;
            }
        }
        Ok(last)
    }

    /// Once more at the best u, for plans that their outcomes make better.
    fn last(&mut self, stop: &Stop, progress: &dyn Progress) -> Result<(), EngineError> {
        let (Some(value), Some(least)) = (self.value(), self.least.clone()) else { return Ok(()) };
        if self.closed() || stop.now(self.nodes).is_some() {
            return Ok(());
        }
        let guard = self.weigh(&least.counts);
        let part = guard.part(value);
        let gap = self.slack() / ((1.0 + guard.price) * part.abs().max(1.0));
        let open = self.best.as_ref().map(|best| best.0.clone());
        let nodes_max = stop.nodes_max.saturating_sub(self.nodes).clamp(1, LAST_NODES);
        let stop = Stop { nodes_max, ..stop.clone() };
        let (placed, relaxation) = super::solve(&self.at(Some(guard)), open, gap, &stop, progress)?;
        self.nodes += placed.nodes;
        self.cut = self.cut.or(placed.cut.filter(|cut| *cut != Cut::Nodes));
        self.bounded(guard, least.counts, &placed, relaxation);
        if let Some(open) = &placed.open {
            self.look(open)?;
        }
        Ok(())
    }

    fn answer(self, stop: &Stop) -> Result<Answer, EngineError> {
        let (closed, value) = (self.closed(), self.value());
        let (Some((open, hedged)), Some(mut bounded), Some(value)) = (self.best, self.least, value) else {
            return Err(EngineError::NothingFound);
        };
        // Programs have tolerances: what was found was found.
        let bound = bounded.bound.max(value);
        let cut = if closed { None } else { self.cut.or(stop.now(self.nodes)) };
        let guide = bounded.guide.take();
        let (nodes, rounds) = (self.nodes, self.turns);
        let placed = Placed { open: Some(open), nodes, rounds, cut, guide, ..Placed::bare(value, bound) };
        Ok(Answer::Found(Box::new(Found { placed, hedged, bounded, rounds: self.turns })))
    }
}
