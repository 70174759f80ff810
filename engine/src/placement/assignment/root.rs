//! The root: rounds of LP, exact bound, closing by price, rounding and separation, over ever fewer columns.

use std::rc::Rc;

use rayon::prelude::*;

use super::cuts::{self, Cut, Point};
use super::groups;
use super::master::{Frame, Master, Relaxed};
use super::matrix::Support;
use super::prices::State;
use super::search::{Held, Search};
use crate::placement::PlacementError;

/// What the root leaves to the tree.
pub(super) struct Left<'a> {
    pub(super) master: Master<'a>,
    /// Zones with weight, near ones together.
    pub(super) order: Vec<u32>,
    /// The best prices of the root.
    pub(super) held: Rc<Held>,
    pub(super) bound: i128,
    pub(super) relaxed: Option<Relaxed>,
}

/// Coefficients that a round of cuts should have, about: fewer columns, more groups.
const COEFFICIENTS: usize = 100_000;
/// Groups at least, where there are zones enough.
const GROUPS_MIN: usize = 64;
/// Groups at most.
const GROUPS_MAX: usize = 256;
/// A share of the free columns worth a set of prices in the proof.
const CLOSE_SHARE: usize = 10;
/// A round that closes less than this share of the gap is one without progress.
const PROGRESS: f64 = 0.02;
/// Rounds without progress before branching.
const STALE_MAX: u32 = 6;

/// How often to halve the zones.
fn halvings(width: usize, zones: usize) -> u32 {
    let count = (COEFFICIENTS / width.max(1)).clamp(GROUPS_MIN, GROUPS_MAX).min(zones.max(1));
    count.next_power_of_two().ilog2()
}

/// Solves the root; none if that was all.
pub(super) fn run<'a>(search: &mut Search<'a>) -> Result<Option<Left<'a>>, PlacementError> {
    search.nodes = 1;
    search.start();
    let order = groups::order(&search.matrix, search.zones);
    let mut inner = vec![0.0; search.matrix.width()];
    search.incumbent().into_iter().for_each(|column| inner[column as usize] = 1.0);
    let mut master = self::master(search, &order, Vec::new(), Vec::new())?;
    if search.best.is_some() {
        // The incumbent's own cuts, so that the first LP knows the neighbourhood.
        let theta = vec![-1.0; master.groups()];
        let point = point(&inner, &inner);
        for found in cuts::separate(&search.matrix, search.zones, &order, master.starts(), &theta, &point) {
            found.cut.into_iter().try_for_each(|cut| master.add(cut))?;
        }
    }
    let (mut bound, mut best) = (0, search.hold_nothing());
    let mut last = None;
    let mut stale = 0;
    loop {
        search.cut = search.stop.now(0);
        if search.cut.is_some() {
            break;
        }
        search.rounds += 1;
        master.set(&search.state)?;
        let Some(relaxed) = master.solve()? else { break };
        let held = search.hold(master.prices(search.zones, &order, &relaxed));
        let now = search.bound(&held, &search.state);
        #[expect(clippy::cast_precision_loss, reason = "a rule of thumb")]
        let progress = (now - bound) as f64 > PROGRESS * (search.target() - bound) as f64;
        stale = if progress { 0 } else { stale + 1 };
        if now > bound {
            (bound, best) = (now, held.clone());
        }
        if bound < search.target() {
            search.round(&relaxed.open, pool(search, &relaxed.open));
        }
        search.say(bound);
        if bound >= search.target() {
            break;
        }
        let free = search.free();
        let closable = search.closable(&held);
        if !closable.is_empty() && closable.len() * CLOSE_SHARE >= free {
            search.close(&held, &closable);
        }
        for (share, y) in inner.iter_mut().zip(&relaxed.open) {
            *share = 0.5 * *share + 0.5 * y;
        }
        let found = separate(search, &mut master, &order, &relaxed, &inner)?;
        last = Some(relaxed);
        if found == 0 || stale >= STALE_MAX {
            break;
        }
        if search.free() * 2 < search.matrix.width() && search.matrix.width() > 64 {
            // Fewer columns, so room for more groups.
            let keep = search.in_play();
            best = search.project(&best, &keep);
            inner = keep.iter().map(|&column| inner[column as usize]).collect();
            let (cuts, pairs) = translate(search, &keep, master);
            search.shrink(&keep);
            master = self::master(search, &order, cuts, pairs)?;
            last = None;
        } else {
            master.tidy()?;
        }
    }
    if bound >= search.target() || search.cut.is_some() {
        search.leaf(&[], &[], &best, bound);
        return Ok(None);
    }
    let closable = search.closable(&best);
    if !closable.is_empty() {
        search.close(&best, &closable);
    }
    Ok(Some(Left { master, order, held: best, bound, relaxed: last }))
}

/// Cuts off an LP solution; how many inequalities that took. `inner` is the stabilised point.
pub(super) fn separate(
    search: &Search<'_>,
    master: &mut Master<'_>,
    order: &[u32],
    relaxed: &Relaxed,
    inner: &[f64],
) -> Result<usize, PlacementError> {
    let point = point(&relaxed.open, inner);
    let separated = cuts::separate(&search.matrix, search.zones, order, master.starts(), &relaxed.theta, &point);
    let mut found = 0;
    for cut in separated.into_iter().filter_map(|found| found.cut) {
        master.add(cut)?;
        found += 1;
    }
    let column = |site| search.matrix.sites.binary_search(&site).ok();
    for &(one, other) in &search.rules.conflicts {
        if let (Some(one), Some(other)) = (column(one), column(other))
            && relaxed.open[one] + relaxed.open[other] > 1.0 + 1e-6
        {
            #[expect(clippy::cast_possible_truncation, reason = "columns are numbered in 32 bits")]
            master.add_pair((one as u32, other as u32))?;
            found += 1;
        }
    }
    Ok(found)
}

/// The shares of the columns with a share.
pub(super) fn point(here: &[f64], inner: &[f64]) -> Point {
    // A share below the LP's tolerance is none; leaving it out makes a cut weaker, never wrong.
    let columns: Vec<u32> = (0_u32..)
        .zip(here.iter().zip(inner))
        .filter(|(_, (here, inner))| **here > 1e-7 || **inner > 1e-4)
        .map(|(column, _)| column)
        .collect();
    let shares = |of: &[f64]| columns.iter().map(|&column| of[column as usize]).collect();
    let (here_shares, inner_shares) = (shares(here), shares(inner));
    Point { support: Support::new(columns, here.len()), here: here_shares, inner: inner_shares }
}

/// Columns that a rounding may open: those with a share, and the incumbent's.
pub(super) fn pool(search: &Search<'_>, shares: &[f64]) -> Vec<u32> {
    let mut ranked: Vec<u32> =
        (0_u32..).zip(shares).filter(|(_, share)| **share > 1e-6).map(|(column, _)| column).collect();
    ranked.sort_by(|&one, &other| shares[other as usize].total_cmp(&shares[one as usize]).then(one.cmp(&other)));
    ranked.truncate(search.rules.open_max * 4 + 40);
    ranked.extend(search.incumbent());
    ranked.extend((0_u32..).zip(&search.state).filter(|(_, state)| **state == State::Open).map(|(column, _)| column));
    ranked.sort_unstable();
    ranked.dedup();
    ranked
}

pub(super) fn master<'a>(
    search: &Search<'a>,
    order: &[u32],
    cuts: Vec<Cut>,
    pairs: Vec<(u32, u32)>,
) -> Result<Master<'a>, PlacementError> {
    let halvings = halvings(search.in_play().len(), order.len());
    #[expect(clippy::cast_precision_loss, reason = "a scale, not a result")]
    let value = search.best.as_ref().map_or(search.zones.total, |best| best.0) as f64;
    let nearest = |zone: u32| {
        let mut least = search.zones.cap[zone as usize];
        search.matrix.each(zone as usize, |column, cost| {
            if search.state[column] != State::Closed {
                least = least.min(cost);
            }
        });
        least
    };
    let frame = Frame {
        rules: search.rules,
        zones: search.zones,
        order,
        starts: groups::starts(order.len(), halvings),
        floor: order.par_iter().map(|&zone| nearest(zone)).collect(),
        sites: search.matrix.sites.clone(),
        value,
    };
    Ok(Master::new(frame, cuts, pairs)?)
}

/// The cuts and pairs of a master in the columns that are kept.
fn translate(search: &Search<'_>, keep: &[u32], master: Master<'_>) -> (Vec<Cut>, Vec<(u32, u32)>) {
    let kept = Support::new(keep.to_vec(), search.matrix.width());
    let (mut cuts, pairs) = master.into_parts();
    for cut in &mut cuts {
        cut.terms = cut.terms.iter().filter_map(|&(column, sum)| Some((kept.position(column)?, sum))).collect();
    }
    let pairs = pairs.into_iter().filter_map(|(one, other)| Some((kept.position(one)?, kept.position(other)?)));
    (cuts, pairs.collect())
}
