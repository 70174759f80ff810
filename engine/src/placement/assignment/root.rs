//! The root: rounds of LP, exact bound, closing by price, rounding and separation, over ever fewer columns.
//!
//! Of many sites the LP knows a core. When it has settled, its prices are put to all sites: that is a bound
//! for the whole, it closes sites wherever they stand, and those that pay join the core [avella2007].

use std::sync::Arc;

use domain::problem::Site;
use rayon::prelude::*;

use super::cuts::{self, Cut, Point};
use super::master::{Frame, Master, Relaxed};
use super::matrix::Support;
use super::prices::{Prices, State};
use super::search::{Held, Search};
use super::warm::Warm;
use super::{by_volume, core, groups};
use crate::placement::PlacementError;

/// What the root ended with.
pub(super) struct Root<'a> {
    /// The best prices for the whole.
    pub(super) held: Arc<Held>,
    /// What they show.
    pub(super) bound: i128,
    /// What is left to the tree; none if that was all.
    pub(super) left: Option<Left<'a>>,
}

/// What the tree goes on with.
pub(super) enum Left<'a> {
    /// Prices alone: nodes go by volume.
    Prices,
    /// The master, its order of the zones and its last solution: nodes go by LP, because of the rules or since it
    /// is small.
    Master { master: Master<'a>, order: Vec<u32>, relaxed: Option<Relaxed> },
}

/// Coefficients that a round of cuts should have, about: fewer columns or more sites to open, more groups.
const COEFFICIENTS: usize = 100_000;
/// Groups at least, where there are zones enough.
const GROUPS_MIN: usize = 64;
/// Groups for each site that may open, at most.
const GROUPS_PER_SITE: usize = 20;
/// Groups at most.
const GROUPS_MAX: usize = 4096;
/// A share of the free columns worth a set of prices in the proof.
const CLOSE_SHARE: usize = 10;
/// A round that closes less than this share of the gap is one without progress.
const PROGRESS: f64 = 0.02;
/// Rounds without progress before branching.
const STALE_MAX: u32 = 6;

/// The rounds of the root: a master over the core, and the prices found.
struct Ascent<'a> {
    master: Master<'a>,
    order: Vec<u32>,
    /// The stabilised point, by column.
    inner: Vec<f64>,
    /// The best prices of this core, and the bound that they show for plans within it.
    best: Arc<Held>,
    within: i128,
    /// Prices and the bound that they show for all plans.
    shown: (Arc<Held>, i128),
    last: Option<Relaxed>,
    /// The best bound of this master, which begins below what is known: progress is counted from here, or a core
    /// that widened would pass for settled while its master still climbs back.
    climbed: i128,
    stale: u32,
}

/// Solves the root.
pub(super) fn run<'a>(search: &mut Search<'a>, warm: Option<&Warm>) -> Result<Root<'a>, PlacementError> {
    search.nodes = 1;
    let known = warm.map_or_else(Vec::new, |warm| warm.prices(search));
    core::begin(search, warm, known.first())?;
    let mut start = Root { held: search.hold_nothing(), bound: 0, left: None };
    for prices in known {
        let held = search.hold(prices);
        let whole = search.whole(&held);
        search.close_whole(&held, &whole);
        if whole.bound > start.bound {
            start = Root { held, bound: whole.bound, left: None };
        }
    }
    if start.bound >= search.target() {
        search.leaf(&[], &[], &start.held, start.bound);
        return Ok(start);
    }
    if start.bound > 0 && search.free() < search.matrix.width() {
        search.recast(&[]);
        start.held = search.again(&start.held);
    }
    let first = search.incumbent();
    let mut small = false;
    if search.outside.count() == 0 && by_volume::affordable(search, &first) {
        let by_volume::Reached { held, bound, pairs } = by_volume::root(search, start)?;
        start = Root { held, bound, left: Some(Left::Prices) };
        if start.bound >= search.target() || search.cut.is_some() {
            search.leaf(&[], &[], &start.held, start.bound);
            return Ok(Root { left: None, ..start });
        }
        if pairs > search.sizes.pairs_lp {
            return Ok(start);
        }
        small = true;
        search.recast(&[]);
        start.held = search.again(&start.held);
    }
    let mut ascent = Ascent::new(search, start)?;
    loop {
        search.cut = search.stop.now(0);
        if search.cut.is_some() {
            break;
        }
        let settled = ascent.round(search)?;
        if ascent.shown.1 >= search.target() {
            break;
        }
        if search.outside.count() > 0 {
            if settled {
                ascent.widen(search)?;
                if ascent.shown.1 >= search.target() {
                    break;
                }
            } else {
                ascent.master.tidy()?;
            }
        } else if settled {
            break;
        } else if search.free() * 2 < search.matrix.width() && search.matrix.width() > 64 {
            // Fewer columns, so room for more groups.
            ascent.enter(search, &[])?;
        } else {
            ascent.master.tidy()?;
        }
    }
    let Ascent { master, order, shown: (held, bound), last, .. } = ascent;
    if bound >= search.target() || search.cut.is_some() {
        search.leaf(&[], &[], &held, bound);
        return Ok(Root { held, bound, left: None });
    }
    if let Some(relaxed) = last.as_ref().filter(|_| small) {
        by_volume::shake(search, &relaxed.open);
    }
    let closable = search.closable(&held);
    if !closable.is_empty() {
        search.close(&held, &closable);
    }
    if by_volume::applies(search) && !small {
        return Ok(Root { held, bound, left: Some(Left::Prices) });
    }
    Ok(Root { held, bound, left: Some(Left::Master { master, order, relaxed: last }) })
}

impl<'a> Ascent<'a> {
    fn new(search: &Search<'a>, start: Root<'a>) -> Result<Self, PlacementError> {
        let order = groups::order(&search.matrix, search.zones);
        let mut inner = vec![0.0; search.matrix.width()];
        search.incumbent().into_iter().for_each(|column| inner[column as usize] = 1.0);
        let mut master = self::master(search, &order, Vec::new(), Vec::new())?;
        if search.best.is_some() {
            // The incumbent's own cuts, so that the first LP knows the neighbourhood.
            let theta = vec![-1.0; master.groups()];
            let point = point(&inner, &inner);
            for found in cuts::separate(&search.matrix, search.zones, &order, master.starts(), &theta, &point) {
                found.into_iter().try_for_each(|cut| master.add(cut))?;
            }
        }
        if start.bound > 0 {
            // So that it shows at once about what the prices in hand show, however they were found.
            for cut in by_prices(search, &order, master.starts(), start.held.prices()) {
                master.add(cut)?;
            }
        }
        let shown = (start.held.clone(), start.bound);
        Ok(Self {
            master,
            order,
            inner,
            best: start.held,
            within: start.bound,
            shown,
            last: None,
            climbed: 0,
            stale: 0,
        })
    }

    /// One round over the core: LP, prices, rounding, separation. Whether it brought nothing new. What is shown for
    /// all plans rises only where no site waits outside.
    fn round(&mut self, search: &mut Search<'a>) -> Result<bool, PlacementError> {
        search.rounds += 1;
        self.master.set(&search.state)?;
        let Some(relaxed) = self.master.solve()? else { return Ok(true) };
        let held = search.hold(self.master.prices(search.zones, &self.order, &relaxed));
        let now = search.bound(&held, &search.state);
        #[expect(clippy::cast_precision_loss, reason = "a rule of thumb")]
        let progress = (now - self.climbed) as f64 > PROGRESS * (search.target() - self.climbed) as f64;
        self.climbed = self.climbed.max(now);
        self.stale = if progress { 0 } else { self.stale + 1 };
        if now > self.within {
            (self.within, self.best) = (now, held.clone());
        }
        let alone = search.outside.count() == 0;
        if alone && self.within > self.shown.1 {
            self.shown = (self.best.clone(), self.within);
        }
        if self.within < search.target() {
            let pool = pool(search, &relaxed.open);
            search.round(&relaxed.open, &pool);
        }
        search.say(self.shown.1);
        if self.within >= search.target() {
            self.last = Some(relaxed);
            return Ok(true);
        }
        if alone {
            let free = search.free();
            let closable = search.closable(&held);
            if !closable.is_empty() && closable.len() * CLOSE_SHARE >= free {
                search.close(&held, &closable);
            }
        }
        for (share, y) in self.inner.iter_mut().zip(&relaxed.open) {
            *share = 0.5 * *share + 0.5 * y;
        }
        let found = separate(search, &mut self.master, &self.order, &relaxed, &self.inner)?;
        self.last = Some(relaxed);
        Ok(found == 0 || self.stale >= STALE_MAX)
    }

    /// Prices the sites outside: what can't matter is closed, what pays comes into the core.
    fn widen(&mut self, search: &mut Search<'a>) -> Result<(), PlacementError> {
        let whole = search.whole(&self.best);
        if whole.bound > self.shown.1 {
            self.shown = (self.best.clone(), whole.bound);
        }
        search.say(self.shown.1);
        if self.shown.1 >= search.target() {
            return Ok(());
        }
        search.close_whole(&self.best, &whole);
        let grow = search.sizes.core.max(search.matrix.width() / 2);
        let mut entering = search.waiting(&whole);
        if entering.len() > grow {
            // All that pay, and some that nearly do.
            let pay = entering.iter().take_while(|(_, rho)| *rho > whole.displaced).count();
            if pay > 0 {
                entering.truncate(pay.clamp(grow, 3 * grow));
            }
        }
        let entering: Vec<u32> = entering.into_iter().map(|(column, _)| column).collect();
        self.enter(search, &entering)
    }

    /// Goes on over the core's open and free columns and those of `entering` (columns outside).
    fn enter(&mut self, search: &mut Search<'a>, entering: &[u32]) -> Result<(), PlacementError> {
        let before = search.matrix.sites.clone();
        self.master.forget_idle();
        search.recast(entering);
        let column = |site: &Site| search.matrix.sites.binary_search(site).ok();
        let mut inner = vec![0.0; search.matrix.width()];
        for (site, share) in before.iter().zip(&self.inner) {
            column(site).into_iter().for_each(|column| inner[column] = *share);
        }
        self.inner = inner;
        let (cuts, pairs) = self.master.take_parts();
        let cuts = cuts
            .into_par_iter()
            .map(|cut| cuts::cut(&search.matrix, search.zones, &self.order, cut.from, cut.to, cut.prices))
            .collect();
        #[expect(clippy::cast_possible_truncation, reason = "columns are numbered in 32 bits")]
        let pairs = pairs
            .into_iter()
            .filter_map(|(one, other)| {
                Some((column(&before[one as usize])? as u32, column(&before[other as usize])? as u32))
            })
            .collect();
        self.best = search.again(&self.best);
        self.shown.0 = search.again(&self.shown.0);
        if !entering.is_empty() {
            self.within = search.bound(&self.best, &search.state);
        }
        self.master = self::master(search, &self.order, cuts, pairs)?;
        (self.last, self.climbed, self.stale) = (None, 0, 0);
        Ok(())
    }
}

/// The cut of each group at given prices, to whole costs.
fn by_prices(search: &Search<'_>, order: &[u32], starts: &[usize], prices: &Prices) -> Vec<Cut> {
    let (matrix, zones) = (&search.matrix, search.zones);
    let half = (1_u64 << zones.bits) >> 1;
    #[expect(clippy::cast_possible_truncation, reason = "no price is above its zone's fallback, which is a cost")]
    let whole = |&zone: &u32| ((prices.zones[zone as usize] + half) >> zones.bits) as u32;
    let cut = |run: &[usize]| {
        let costs = order[run[0]..run[1]].iter().map(whole).collect();
        cuts::cut(matrix, zones, order, run[0], run[1], costs)
    };
    starts.par_windows(2).map(cut).collect()
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
    for cut in separated.into_iter().flatten() {
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
    let served = search.served(&search.incumbent());
    let prices: Vec<u32> = order.iter().map(|&zone| served[zone as usize]).collect();
    // A site serves a patch of zones: some groups to each patch are enough, and more only make the LP slow.
    let most = (GROUPS_PER_SITE * search.rules.open_max).clamp(GROUPS_MIN, GROUPS_MAX);
    let halvings = groups::halvings(&search.matrix, order, &prices, COEFFICIENTS, most).max(GROUPS_MIN.ilog2());
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
