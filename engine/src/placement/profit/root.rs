//! From all candidates to the few that are in question, then the tree.
//!
//! | symbol | name | unit |
//! |---|---|---|
//! | C | the arena's sites | sites |
//! | rho_j = u_j - sum_r lambda_r a_rj | a candidate outside C in a modular bound of C | base-currency major units |
//!
//! The steps are those of [`super`]. A plan is worth at most u_j more with j than without, so alpha + the best
//! choice from C and the outside together bounds every plan, and the best choice that includes j bounds
//! every plan with j. Outside sites for which that is at most the cutoff are closed for good; the
//! others join C once the bound of C has settled.

use domain::problem::{Rules, Site};
use domain::stop::{Event, Progress, Stop};

use super::arena::Arena;
use super::cut::Fate;
use super::field::Field;
use super::modular::{Modular, sorted};
use super::part::Part;
use super::prove::at_point;
use super::relax::{Effort, relax};
use super::tree::{Incumbent, Tree, round};
use super::{Found, local};
use crate::placement::PlacementError;

/// Rounds of cuts between two looks at the whole.
const ROUNDS: usize = 12;

/// Stages of rounds on one core at most.
const STAGES_MAX: usize = 12;

/// A candidate belongs to the first core if alone it earns this part of what the incumbent's least site adds.
const CORE_PART: f64 = 0.7;

/// Searches the problem behind `field`, from what `incumbent` knows.
pub(super) fn search(
    rules: &Rules,
    field: &dyn Field,
    mut incumbent: Incumbent,
    stop: &Stop,
    progress: &dyn Progress,
) -> Result<Found, PlacementError> {
    local::improve(rules, field, None).into_iter().for_each(|open| incumbent.offer(rules, field, open));
    let (core, mut outside) = core(rules, field, &incumbent);
    let mut dropped = f64::NEG_INFINITY;
    let mut rounds = 0;
    let mut arena = Arena::new(rules, field, core);
    let none = |incumbent| Found { incumbent, bound: f64::NEG_INFINITY, nodes: 1, rounds: 0, cut: None, hint: None };
    let mut hint = None;
    let Some(mut part) = start(rules, &arena) else { return Ok(none(incumbent)) };
    // No plan is worth more than its sites alone.
    let alone = Modular { prices: vec![0.0; rules.rows.len()], ..Modular::default() };
    let everyone: Vec<Site> = outside.iter().chain(&arena.sites).copied().collect();
    let mut overall = whole(rules, field, &arena, &[], &alone, &everyone).0;
    let mut stage = 0;
    let mut before = f64::INFINITY;
    loop {
        let effort = Effort::of(ROUNDS, 1e-5 * incumbent.value.abs().max(1e-3));
        // The part's own bound speaks of plans within the core alone, so it decides no site while others
        // wait outside; the bound of the whole does, below.
        let within = if outside.is_empty() { incumbent.cutoff() } else { f64::NEG_INFINITY };
        let relaxed = relax(&arena, &mut part, within, effort, stop)?;
        rounds += relaxed.rounds;
        relaxed.dropped.into_iter().for_each(|by| dropped = dropped.max(by));
        hint = relaxed.single.as_ref().map(|(_, y, prices)| at_point(&arena, y, prices)).or(hint);
        if relaxed.empty {
            part.bound = f64::NEG_INFINITY;
        } else {
            let rounded = round(&arena, &part);
            let kept = (0..arena.sites.len()).filter(|&at| part.fate[at] != Fate::Closed);
            let kept: Vec<Site> = kept.map(|at| arena.sites[at]).collect();
            local::improve_among(rules, field, &rounded, &kept)
                .into_iter()
                .for_each(|open| incumbent.offer(rules, field, open));
            let (bound, with, core) = whole(rules, field, &arena, &part.fate, &relaxed.modular, &outside);
            overall = overall.min(bound.max(dropped));
            for (at, with) in core.into_iter().filter(|(_, with)| *with <= incumbent.cutoff()) {
                part.fate[at] = Fate::Closed;
                dropped = dropped.max(with);
            }
            let mut with = with.into_iter();
            outside.retain(|_| {
                let with = with.next().unwrap_or(f64::INFINITY);
                let stays = with > incumbent.cutoff();
                if !stays {
                    dropped = dropped.max(with);
                }
                stays
            });
            if outside.is_empty() {
                overall = overall.min(part.bound.max(dropped));
            }
        }
        progress.say(Event::Search {
            incumbent: incumbent.open.is_some().then_some(incumbent.value),
            bound: overall.max(incumbent.value),
            rounds,
            nodes: 0,
        });
        if let Some(cut) = stop.now(0) {
            return Ok(Found { incumbent, bound: overall, nodes: 1, rounds, cut: Some(cut), hint });
        }
        stage += 1;
        let cutoff = incumbent.cutoff();
        let done = part.bound <= cutoff;
        let left = part.fate.iter().filter(|fate| **fate != Fate::Closed).count();
        let smaller = 10 * left <= 9 * arena.sites.len();
        let stalled = before - relaxed.reached < 0.03 * (part.bound - cutoff);
        before = relaxed.reached;
        if !done && stage < STAGES_MAX && (smaller || !stalled) {
            if smaller {
                (arena, part) = again(rules, field, &arena, &part, &[]);
                before = f64::INFINITY;
            }
        } else if outside.is_empty() {
            break;
        } else {
            (arena, part) = again(rules, field, &arena, &part, &outside);
            outside.clear();
            stage = 0;
            before = f64::INFINITY;
        }
    }
    if part.bound > incumbent.cutoff() {
        arena.divide(rules);
    }
    let mut tree = Tree::new(dropped, 1, rounds);
    tree.push(part);
    let cut = tree.run(rules, field, &arena, &mut incumbent, stop, progress);
    Ok(Found { bound: tree.bound(), incumbent, nodes: tree.nodes, rounds: tree.rounds, cut, hint })
}

/// The allowed candidates: those that could matter at first sight, and the others. Ascending.
fn core(rules: &Rules, field: &dyn Field, incumbent: &Incumbent) -> (Vec<Site>, Vec<Site>) {
    let mut least = f64::NEG_INFINITY;
    if let Some(open) = incumbent.open.as_ref().filter(|open| open.len() == rules.open_max) {
        let mut evaluator = field.tracker();
        open.iter().for_each(|&site| evaluator.open(site as usize));
        least = f64::INFINITY;
        for &site in open {
            evaluator.close(site as usize);
            least = least.min(evaluator.change(site as usize));
            evaluator.open(site as usize);
        }
    }
    let needed =
        |site: &Site| rules.require.contains(site) || incumbent.open.as_ref().is_some_and(|open| open.contains(site));
    (0..rules.sites as Site)
        .filter(|site| rules.exclude.binary_search(site).is_err())
        .partition(|site| needed(site) || field.alone()[*site as usize] >= CORE_PART * least)
}

/// The part that holds every plan; none where the required sites contradict the rules.
pub(super) fn start(rules: &Rules, arena: &Arena) -> Option<Part> {
    let size = arena.sites.len();
    let mut fate = vec![Fate::Live; size];
    for site in &rules.require {
        let at = arena.sites.binary_search(site).ok()?;
        if fate[at] == Fate::Closed || !arena.open(&mut fate, at) {
            return None;
        }
    }
    let fits = arena.most >= rules.require.len() && arena.least <= arena.most;
    fits.then(|| Part {
        fate,
        cuts: Vec::new(),
        cliques: Vec::new(),
        counts: Vec::new(),
        y: vec![0.0; size],
        bound: f64::INFINITY,
    })
}

/// A bound over the arena's part and the outside together; for each outside site, and for each undecided one
/// of the part by its position, a bound over the plans that include it.
fn whole(
    rules: &Rules,
    field: &dyn Field,
    arena: &Arena,
    fate: &[Fate],
    modular: &Modular,
    outside: &[Site],
) -> (f64, Vec<f64>, Vec<(usize, f64)>) {
    let mut rho: Vec<f64> = outside.iter().map(|&site| field.alone()[site as usize]).collect();
    if !modular.mixture.is_empty() {
        let prices = arena.prices(&modular.mixture, outside).unwrap_or_default();
        rho.iter_mut().zip(prices).for_each(|(rho, price)| *rho = rho.min(price));
    }
    for (row, price) in rules.rows.iter().zip(&modular.prices).filter(|(_, price)| **price != 0.0) {
        for (rho, site) in rho.iter_mut().zip(outside) {
            if let Ok(at) = row.terms.binary_search_by_key(site, |term| term.0) {
                *rho -= price * row.terms[at].1 as f64;
            }
        }
    }
    let within = sorted(arena, fate, modular).order;
    let mut all: Vec<f64> = within.iter().map(|&at| modular.rho[at as usize]).chain(rho.iter().copied()).collect();
    all.sort_by(|one, other| other.total_cmp(one));
    let open = fate.iter().filter(|fate| **fate == Fate::Open).count();
    let (least, most) = (rules.open_min.saturating_sub(open), rules.open_max.saturating_sub(open));
    let taken = all.iter().take(most).enumerate().take_while(|&(at, &rho)| at < least || rho > 0.0).count();
    let best = modular.settled(fate) + all[..taken].iter().sum::<f64>();
    let last = if taken > 0 { all[taken - 1] } else { 0.0 };
    let leaves = if taken == most { last } else { last.min(0.0) };
    // The site is in the best choice already, or joins it, or takes the place of the last one in it.
    let with = |rho: f64| if most == 0 { f64::NEG_INFINITY } else { arena.outward(best + (rho - leaves).min(0.0)) };
    let core = within.iter().map(|&at| (at as usize, with(modular.rho[at as usize]))).collect();
    (arena.outward(best), rho.into_iter().map(with).collect(), core)
}

/// The problem over what is left of a part, and over sites that join it.
pub(super) fn again(rules: &Rules, field: &dyn Field, arena: &Arena, part: &Part, joined: &[Site]) -> (Arena, Part) {
    let kept = (0..arena.sites.len()).filter(|&at| part.fate[at] != Fate::Closed);
    let mut known: Vec<(Site, Fate, f64)> = kept.map(|at| (arena.sites[at], part.fate[at], part.y[at])).collect();
    known.extend(joined.iter().map(|&site| (site, Fate::Live, 0.0)));
    known.sort_by_key(|known| known.0);
    let next = Arena::new(rules, field, known.iter().map(|known| known.0).collect());
    let mut fate: Vec<Fate> = known.iter().map(|known| known.1).collect();
    for at in 0..fate.len() {
        if fate[at] == Fate::Open {
            for &other in &next.conflicts[at] {
                fate[other as usize] = Fate::Closed;
            }
        }
    }
    let y = known.iter().map(|known| known.2).collect();
    // Newcomers may bring plans that the old bound did not count.
    let bound = if joined.is_empty() { part.bound } else { f64::INFINITY };
    (next, Part { fate, cuts: Vec::new(), cliques: Vec::new(), counts: Vec::new(), y, bound })
}
