//! Best-first branch and bound over the parts of the space.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | z | `Incumbent::value` | base-currency major units |
//! | cutoff = z + gap max(1, abs z) | `Incumbent::cutoff` | base-currency major units |
//! | U | `Tree::bound` | base-currency major units |
//!
//! A part is split by how many open in a neighbourhood, where there are such ([`super::regions`]), else by opening or
//! closing one site. Parts whose bound is at most the cutoff are dropped, and
//! the largest bound that was ever dropped is remembered: U = max(z, dropped, bounds of what waits) is a
//! bound at every moment. Parts are taken eight at a time, by (bound, age), whatever the number of threads,
//! and what they bring is merged in that order; so the search is a function of the problem. A part with
//! one site left to open is finished by evaluating every site.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use domain::problem::{Rules, Site};
use domain::stop::{Cut as Stopped, Event, Progress, Stop};
use rayon::prelude::*;

use super::arena::Arena;
use super::cut::Fate;
use super::field::Field;
use super::local;
use super::modular::Modular;
use super::part::Part;
use super::regions::Count;
use super::relax::{Effort, relax};

/// Parts taken at once.
const BATCH: usize = 8;

/// The best plan so far.
#[derive(Debug, Clone)]
pub(super) struct Incumbent {
    /// Ascending; none before the first.
    pub(super) open: Option<Vec<Site>>,
    /// Its value; minus infinity before the first.
    pub(super) value: f64,
    gap: f64,
    /// What the value leaves out of what is published, and the gap is relative to.
    apart: f64,
}

impl Incumbent {
    pub(super) fn new(gap: f64, apart: f64) -> Self {
        Self { open: None, value: f64::NEG_INFINITY, gap, apart }
    }

    /// How far a bound may be above the value.
    pub(super) fn room(&self, gap: f64) -> f64 {
        gap * (self.value + self.apart).abs().max(1.0)
    }

    /// Whether a bound is as near as was asked; for a proof, up to rounding.
    pub(super) fn closes(&self, bound: f64) -> bool {
        bound <= self.value + self.room(self.gap.max(1e-6))
    }

    /// Takes `open` (ascending) over if it obeys the rules and is worth more.
    pub(super) fn offer(&mut self, rules: &Rules, field: &dyn Field, open: Vec<Site>) {
        if rules.allow(&open) {
            let value = field.value(&open, self.value).value;
            if value > self.value {
                (self.open, self.value) = (Some(open), value);
            }
        }
    }

    /// What a part has to beat to be worth a look.
    pub(super) fn cutoff(&self) -> f64 {
        // A hair inside the gap asked for, so that the gap stated is within it after rounding.
        if self.open.is_some() { self.value + self.room(0.999_999 * self.gap) } else { f64::NEG_INFINITY }
    }
}

/// A part that waits, with its age.
#[derive(Debug)]
struct Waiting {
    part: Part,
    age: u64,
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Waiting {}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> Ordering {
        self.part.bound.total_cmp(&other.part.bound).then(other.age.cmp(&self.age))
    }
}

/// What came of one part.
#[derive(Debug, Default)]
struct Outcome {
    dropped: Option<f64>,
    parts: Vec<Part>,
    plans: Vec<Vec<Site>>,
    rounds: u64,
}

/// A search under way.
#[derive(Debug)]
pub(super) struct Tree {
    waiting: BinaryHeap<Waiting>,
    age: u64,
    /// The largest bound of what was dropped; minus infinity where nothing was.
    pub(super) dropped: f64,
    /// Parts worked on.
    pub(super) nodes: u64,
    /// Rounds of cuts.
    pub(super) rounds: u64,
}

impl Tree {
    pub(super) fn new(dropped: f64, nodes: u64, rounds: u64) -> Self {
        Self { waiting: BinaryHeap::new(), age: 0, dropped, nodes, rounds }
    }

    pub(super) fn push(&mut self, part: Part) {
        self.waiting.push(Waiting { part, age: self.age });
        self.age += 1;
    }

    fn drop(&mut self, bound: f64) {
        self.dropped = self.dropped.max(bound);
    }

    /// U, apart from z.
    pub(super) fn bound(&self) -> f64 {
        self.waiting.peek().map_or(self.dropped, |top| self.dropped.max(top.part.bound))
    }

    /// Works until nothing waits or `stop` says so.
    pub(super) fn run(
        &mut self,
        rules: &Rules,
        field: &dyn Field,
        arena: &Arena,
        incumbent: &mut Incumbent,
        stop: &Stop,
        progress: &dyn Progress,
    ) -> Option<Stopped> {
        loop {
            let cutoff = incumbent.cutoff();
            let mut batch = Vec::new();
            while batch.len() < BATCH && self.nodes + (batch.len() as u64) < stop.nodes_max {
                let Some(top) = self.waiting.pop() else { break };
                if top.part.bound <= cutoff {
                    self.drop(top.part.bound);
                } else {
                    batch.push(top);
                }
            }
            if batch.is_empty() && self.waiting.is_empty() {
                return None;
            }
            if let Some(cut) = stop.now(self.nodes) {
                batch.into_iter().for_each(|waiting| self.waiting.push(waiting));
                return Some(cut);
            }
            let polish = self.nodes % 64 < BATCH as u64;
            self.nodes += batch.len() as u64;
            let done: Vec<Outcome> = batch
                .into_par_iter()
                .enumerate()
                .map(|(at, waiting)| work(rules, field, arena, waiting.part, cutoff, polish && at == 0, stop))
                .collect();
            for outcome in done {
                self.rounds += outcome.rounds;
                outcome.dropped.into_iter().for_each(|bound| self.drop(bound));
                outcome.plans.into_iter().for_each(|open| incumbent.offer(rules, field, open));
                outcome.parts.into_iter().for_each(|part| self.push(part));
            }
            progress.say(Event::Search {
                incumbent: incumbent.open.is_some().then_some(incumbent.value),
                bound: self.bound().max(incumbent.value),
                rounds: self.rounds,
                nodes: self.nodes,
            });
        }
    }
}

/// Bounds a part, and splits it if that leaves a question.
fn work(
    rules: &Rules,
    field: &dyn Field,
    arena: &Arena,
    mut part: Part,
    cutoff: f64,
    polish: bool,
    stop: &Stop,
) -> Outcome {
    let mut outcome = Outcome::default();
    if out_of_reach(rules, arena, &part) {
        return outcome;
    }
    if finish(rules, field, arena, &part, cutoff, None, &mut outcome) {
        return outcome;
    }
    let mut modular = None;
    let effort = Effort::of(4, 0.02 * (part.bound - cutoff).min(part.bound.abs()));
    // A solver that fails leaves the part with the bound it had: it is split further, and stays covered.
    if let Ok(relaxed) = relax(arena, &mut part, cutoff, effort, stop) {
        outcome.rounds = relaxed.rounds;
        outcome.dropped = relaxed.dropped;
        if relaxed.empty {
            return outcome;
        }
        modular = Some(relaxed.modular);
    }
    if part.bound <= cutoff {
        outcome.dropped = Some(outcome.dropped.map_or(part.bound, |most| most.max(part.bound)));
        return outcome;
    }
    let rounded = round(arena, &part);
    if polish {
        outcome.plans.extend(local::improve_among(rules, field, &rounded, &arena.sites));
    }
    outcome.plans.push(rounded);
    if finish(rules, field, arena, &part, cutoff, modular.as_ref(), &mut outcome) {
        return outcome;
    }
    if let Some((region, all)) = arena.regions.as_ref().and_then(|regions| regions.choose(&part.y)) {
        let sides = [(0, all.floor() as u32), (all.floor() as u32 + 1, arena.most as u32)];
        let counts = sides.map(|(least, most)| Count { region, least, most });
        outcome.parts.extend(counts.map(|count| Part { counts: with(&part.counts, count), ..part.clone() }));
        return outcome;
    }
    let Some(site) = choose(arena, &part) else { return outcome };
    let mut with = part.clone();
    if arena.open(&mut with.fate, site) {
        with.y[site] = 1.0;
        outcome.parts.push(with);
    }
    part.fate[site] = Fate::Closed;
    part.y[site] = 0.0;
    outcome.parts.push(part);
    outcome
}

/// Whether a floor on people leaves no plan in a part.
pub(super) fn out_of_reach(rules: &Rules, arena: &Arena, part: &Part) -> bool {
    let of = |fate: Fate| -> Vec<Site> {
        (0..part.fate.len()).filter(|&at| part.fate[at] == fate).map(|at| arena.sites[at]).collect()
    };
    !rules.reach.is_empty() && rules.out_of_reach(&of(Fate::Open), &of(Fate::Live))
}

/// The counts and one more, one per region.
fn with(counts: &[Count], more: Count) -> Vec<Count> {
    let known = counts.iter().find(|count| count.region == more.region).copied().unwrap_or(more);
    let both = Count { least: known.least.max(more.least), most: known.most.min(more.most), ..more };
    counts.iter().filter(|count| count.region != more.region).copied().chain([both]).collect()
}

/// Plans of a part that are valued where each is the mean of many: the others keep the bound of the relaxation.
const DESIGNS_MAX: usize = 8;

/// Closes a part in which at most one more site can open, by valuing its plans in order of what the relaxation
/// makes of them, as long as that is more than `cutoff` and the best of them.
///
/// Sites that are open by chance take less from each other than all of them together would: there a plan is bounded
/// by `modular`, a function above all plans of the part, once there is one.
fn finish(
    rules: &Rules,
    field: &dyn Field,
    arena: &Arena,
    part: &Part,
    cutoff: f64,
    modular: Option<&Modular>,
    outcome: &mut Outcome,
) -> bool {
    let by_chance = field.chance() < 1.0;
    if by_chance && modular.is_none() && part.fate.contains(&Fate::Live) {
        return false;
    }
    let of = |fate: Fate| (0..part.fate.len()).filter(move |&at| part.fate[at] == fate);
    let open: Vec<Site> = of(Fate::Open).map(|at| arena.sites[at]).collect();
    let live: Vec<Site> = of(Fate::Live).map(|at| arena.sites[at]).collect();
    if !live.is_empty() && open.len() + 1 < arena.most {
        return false;
    }
    let mut evaluator = field.tracker();
    open.iter().for_each(|&site| evaluator.open(site as usize));
    let mut plans = vec![(evaluator.value(), open.clone())];
    if open.len() < arena.most {
        plans.extend(live.iter().map(|&site| {
            let mut plan = open.clone();
            plan.insert(plan.partition_point(|&other| other < site), site);
            (evaluator.value() + evaluator.change(site as usize), plan)
        }));
    }
    if by_chance {
        let rho = |site: &Site| {
            let at = arena.sites.binary_search(site);
            modular.zip(at.ok()).map_or(f64::INFINITY, |(modular, at)| modular.rho[at])
        };
        for (relaxed, plan) in &mut plans {
            let apart: f64 = plan.iter().map(|&site| field.alone()[site as usize]).sum();
            let told = modular.map_or(f64::INFINITY, |modular| modular.alpha + plan.iter().map(rho).sum::<f64>());
            *relaxed = apart.min(told);
        }
    }
    plans.retain(|(_, plan)| rules.allow(plan));
    plans.sort_by(|one, other| other.0.total_cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
    let mut best = cutoff;
    let mut drop = |bound: f64| outcome.dropped = Some(outcome.dropped.map_or(bound, |most: f64| most.max(bound)));
    for (at, (relaxed, plan)) in plans.into_iter().enumerate() {
        if by_chance && at == DESIGNS_MAX {
            drop(arena.outward(relaxed));
            break;
        }
        // Kept by sums in another order: the margin covers what rounding may have confused.
        let relaxed = arena.outward(relaxed);
        if relaxed <= best {
            drop(relaxed);
            break;
        }
        let valued = field.value(&plan, best);
        drop(arena.outward(valued.bound));
        if valued.value > best {
            best = valued.value;
            outcome.plans.push(plan);
        }
    }
    true
}

/// The plan nearest to the relaxation: its largest y. It may break rules.
pub(super) fn round(arena: &Arena, part: &Part) -> Vec<Site> {
    let mut order: Vec<usize> = (0..part.fate.len()).filter(|&at| part.y[at] > 1e-6).collect();
    order.sort_by(|&one, &other| part.y[other].total_cmp(&part.y[one]).then(one.cmp(&other)));
    order.truncate(arena.most);
    let mut open: Vec<Site> = order.into_iter().map(|at| arena.sites[at]).collect();
    open.sort_unstable();
    open
}

/// The undecided site to split on: of fractional ones the one whose decision moves most; where none is
/// fractional, the open one that earns most (its cuts turn exact once it is decided).
pub(super) fn choose(arena: &Arena, part: &Part) -> Option<usize> {
    let score = |at: usize| {
        let y = part.y[at];
        (y * (1.0 - y)).max(1e-4 * y) * (arena.alone[at].abs() + 1e-6 * arena.unit)
    };
    (0..part.fate.len())
        .filter(|&at| part.fate[at] == Fate::Live)
        .max_by(|&one, &other| score(one).total_cmp(&score(other)).then(other.cmp(&one)))
}
