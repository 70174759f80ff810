//! Floors on whom a plan reaches: access, equity and affordability.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | w_i | `Cover::weights` | people of zone i, whole |
//! | J_i | `Cover` | sites from which zone i is reached |
//! | W | `Floor::at_least` - `Floor::already` | people that a plan has to add |
//! | R(S) = sum_i w_i \[S meets J_i\] | [`Floor::value`], less `Floor::already` | people |
//! | T(q) = { i : sum over J_i of q_j >= 1 } | [`Floor::row`] | zones |
//!
//! A plan S keeps a floor where R(S) >= W. R is no linear function, but for every set T of zones
//!
//!   sum_j min(w(I_j \ T), W - w(T)) y_j >= W - w(T),   I_j the zones that j reaches,
//!
//! holds for every plan that keeps the floor [wolsey1982; church1974]: at most w(T) of its people live in T, so the others
//! live outside, and each of those is counted by a site that reaches it. Which T is good depends on what the row is to cut
//! off: at a point q of shares of sites, the zones that q reaches whole. Where q is a set of sites, so is its row violated by the
//! set itself if the set breaks the floor; where q solves a linear relaxation, these are the cuts of Benders for the program
//! in which people are columns. Shares are whole thousandths, so that T(q) is the same to the last zone whoever works it out.

use std::sync::Arc;

use crate::problem::{Row, Site};

/// A point that a row is made at: (site, share in thousandths), ascending by site; other sites have none.
pub type Point = Vec<(Site, u32)>;

/// A whole share.
pub const WHOLE: u32 = 1_000;

/// Which sites reach whom.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cover {
    weights: Vec<i64>,
    /// Zones `zone[starts[site]..starts[site + 1]]` are the site's, ascending.
    starts: Vec<usize>,
    zone: Vec<u32>,
}

impl Cover {
    /// Of zones, each with its people and the sites that reach it (ascending).
    #[must_use]
    pub fn new(sites: usize, zones: impl IntoIterator<Item = (i64, Vec<Site>)>) -> Self {
        let (mut weights, mut of) = (Vec::new(), vec![Vec::new(); sites]);
        for ((weight, reached), zone) in zones.into_iter().zip(0_u32..) {
            weights.push(weight);
            reached.iter().for_each(|&site| of[site as usize].push(zone));
        }
        let mut starts = vec![0];
        starts.extend(of.iter().scan(0, |sum, zones: &Vec<u32>| {
            *sum += zones.len();
            Some(*sum)
        }));
        Self { weights, starts, zone: of.concat() }
    }

    /// The same over some sites (ascending), as sites 0, 1, …
    #[must_use]
    pub fn narrowed(&self, sites: &[Site]) -> Self {
        let (mut starts, mut zone) = (vec![0], Vec::new());
        for &site in sites {
            zone.extend_from_slice(self.zones(site));
            starts.push(zone.len());
        }
        Self { weights: self.weights.clone(), starts, zone }
    }

    /// w.
    #[must_use]
    pub fn weights(&self) -> &[i64] {
        &self.weights
    }

    /// I_j, ascending.
    #[must_use]
    pub fn zones(&self, site: Site) -> &[u32] {
        &self.zone[self.starts[site as usize]..self.starts[site as usize + 1]]
    }

    /// What a site adds where the zones of `out` count no more.
    fn beside(&self, site: Site, out: &[bool]) -> i64 {
        self.zones(site).iter().filter(|&&zone| !out[zone as usize]).map(|&zone| self.weights[zone as usize]).sum()
    }

    fn sites(&self) -> std::ops::Range<Site> {
        0..Site::try_from(self.starts.len().saturating_sub(1)).unwrap_or(Site::MAX)
    }
}

/// A floor on the people that a plan reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Floor {
    /// The scenario's key, `reach.` and the floor's name.
    pub name: String,
    /// At least so many.
    pub at_least: i64,
    /// So many are reached by corners that exist.
    pub already: i64,
    /// So many count.
    pub counted: i64,
    /// Who of the others is reached from where.
    pub cover: Arc<Cover>,
    /// Where its rows among [`crate::problem::Rules::rows`] were made, in their order.
    pub points: Vec<Point>,
}

impl Floor {
    /// W.
    #[must_use]
    pub fn lacking(&self) -> i64 {
        self.at_least - self.already
    }

    /// The people that the open sites reach, with those that corners reach already.
    #[must_use]
    pub fn value(&self, open: &[Site]) -> i64 {
        let mut held = vec![false; self.cover.weights.len()];
        let new = |zone: &&u32| !std::mem::replace(&mut held[**zone as usize], true);
        let zones = open.iter().flat_map(|&site| self.cover.zones(site));
        self.already + zones.filter(new).map(|&zone| self.cover.weights[zone as usize]).sum::<i64>()
    }

    /// Whether the open sites keep it.
    #[must_use]
    pub fn keeps(&self, open: &[Site]) -> bool {
        self.value(open) >= self.at_least
    }

    /// The name of its row number `at`.
    #[must_use]
    pub fn row_name(&self, at: usize) -> String {
        format!("{}/{at}", self.name)
    }

    /// Whether a row is one of its own.
    #[must_use]
    pub fn owns(&self, row: &Row) -> bool {
        let number = row.name.strip_prefix(&self.name).and_then(|rest| rest.strip_prefix('/'));
        number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
    }

    /// The row at a point; none where it asks for nothing.
    #[must_use]
    pub fn row(&self, point: &[(Site, u32)]) -> Option<Row> {
        let whole: Vec<bool> = self.shares(point).into_iter().map(|share| share >= WHOLE).collect();
        let least = self.lacking() - self.reached(&whole);
        if least <= 0 {
            return None;
        }
        let term = |site| Some((site, self.cover.beside(site, &whole).min(least))).filter(|term| term.1 > 0);
        let terms = self.cover.sites().filter_map(term).collect();
        Some(Row { name: self.row_name(self.points.len()), terms, min: Some(least), max: None })
    }

    /// How many people a point lacks, in thousandths, where a zone counts in the part that its sites reach it.
    #[must_use]
    pub fn lacks(&self, point: &[(Site, u32)]) -> i128 {
        let parts = self.shares(point).into_iter().map(|share| i128::from(share.min(WHOLE)));
        let held: i128 = parts.zip(&self.cover.weights).map(|(part, &weight)| part * i128::from(weight)).sum();
        i128::from(WHOLE) * i128::from(self.lacking()) - held
    }

    /// Whether no plan with these sites open, and at most `more` of the `free` ones, keeps it: what each adds by itself
    /// is not enough together.
    #[must_use]
    pub fn short(&self, open: &[Site], free: impl IntoIterator<Item = Site>, more: usize) -> bool {
        let held = self.held(open);
        let lacking = self.lacking() - self.reached(&held);
        if lacking <= 0 {
            return false;
        }
        let mut adds: Vec<i64> = free.into_iter().map(|site| self.cover.beside(site, &held).min(lacking)).collect();
        if more < adds.len() {
            adds.select_nth_unstable_by(more, |one, other| other.cmp(one));
            adds.truncate(more);
        }
        adds.into_iter().sum::<i64>() < lacking
    }

    /// The same floor over some sites (ascending), as sites 0, 1, …; its rows have no points there.
    #[must_use]
    pub fn narrowed(&self, sites: &[Site]) -> Self {
        Self { cover: Arc::new(self.cover.narrowed(sites)), points: Vec::new(), ..self.clone() }
    }

    /// With nothing open.
    #[must_use]
    pub fn tracker(&self) -> Tracker<'_> {
        Tracker { floor: self, held: vec![0; self.cover.weights.len()], people: self.already }
    }

    fn held(&self, open: &[Site]) -> Vec<bool> {
        let mut held = vec![false; self.cover.weights.len()];
        open.iter().flat_map(|&site| self.cover.zones(site)).for_each(|&zone| held[zone as usize] = true);
        held
    }

    fn reached(&self, held: &[bool]) -> i64 {
        held.iter().zip(&self.cover.weights).filter(|(held, _)| **held).map(|(_, weight)| weight).sum()
    }

    /// By zone, the shares of the sites that reach it together.
    fn shares(&self, point: &[(Site, u32)]) -> Vec<u32> {
        let mut shares = vec![0_u32; self.cover.weights.len()];
        for &(site, share) in point {
            let zones = self.cover.zones(site).iter();
            zones.for_each(|&zone| shares[zone as usize] = shares[zone as usize].saturating_add(share));
        }
        shares
    }
}

/// A floor, kept up to date while sites open and close.
#[derive(Debug, Clone)]
pub struct Tracker<'a> {
    floor: &'a Floor,
    /// By zone, the open sites that reach it.
    held: Vec<u32>,
    people: i64,
}

impl Tracker<'_> {
    /// Opens a closed site.
    pub fn open(&mut self, site: Site) {
        for &zone in self.floor.cover.zones(site) {
            let held = &mut self.held[zone as usize];
            self.people += if *held == 0 { self.floor.cover.weights[zone as usize] } else { 0 };
            *held += 1;
        }
    }

    /// Closes an open site.
    pub fn close(&mut self, site: Site) {
        for &zone in self.floor.cover.zones(site) {
            let held = &mut self.held[zone as usize];
            *held -= 1;
            self.people -= if *held == 0 { self.floor.cover.weights[zone as usize] } else { 0 };
        }
    }

    /// By how many people the floor would be broken after closing `out` (open) and opening `into` (closed).
    #[must_use]
    pub fn broken(&self, out: Option<Site>, into: Option<Site>) -> i64 {
        let cover = &self.floor.cover;
        let of = |site: Option<Site>| site.map_or(&[][..], |site| cover.zones(site));
        let weight = |zone: &u32| cover.weights[*zone as usize];
        let leaves = of(out);
        let lost: i64 = leaves.iter().filter(|zone| self.held[**zone as usize] == 1).map(weight).sum();
        let left = |zone: &&u32| match self.held[**zone as usize] {
            0 => true,
            1 => leaves.binary_search(zone).is_ok(),
            _ => false,
        };
        let gained: i64 = of(into).iter().filter(left).map(weight).sum();
        (self.floor.at_least - (self.people - lost + gained)).max(0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    prop_compose! {
        fn floors()(sites in 2_usize..7)(
            zones in prop::collection::vec((0_i64..50, prop::collection::btree_set(0..sites as Site, 0..=sites)), 1..9),
            already in 0_i64..20,
            part in 0.0..1.1_f64,
            sites in Just(sites),
        ) -> Floor {
            let counted = already + zones.iter().map(|zone| zone.0).sum::<i64>();
            let zones = zones.into_iter().map(|(weight, sites)| (weight, sites.into_iter().collect()));
            let cover = Arc::new(Cover::new(sites, zones));
            let at_least = (part * counted as f64) as i64;
            Floor { name: "reach.all".into(), at_least, already, counted, cover, points: Vec::new() }
        }
    }

    fn sets(sites: usize) -> impl Iterator<Item = Vec<Site>> {
        (0_u32..1 << sites).map(move |set| (0..sites as Site).filter(|site| set >> site & 1 == 1).collect())
    }

    proptest! {
        #[test]
        fn rows_keep_every_plan_that_keeps_the_floor_and_cut_off_their_own_set(
            floor in floors(),
            shares in prop::collection::vec(0_u32..=WHOLE, 7),
        ) {
            let sites = floor.cover.starts.len() - 1;
            let fractional: Point = (0..).zip(shares).take(sites).collect();
            for open in sets(sites) {
                let own: Point = open.iter().map(|&site| (site, WHOLE)).collect();
                let row = floor.row(&own);
                prop_assert_eq!(row.is_some_and(|row| !row.allows(&open)), !floor.keeps(&open));
                prop_assert_eq!(floor.lacks(&own) <= 0, floor.keeps(&open));
                if floor.keeps(&open) {
                    prop_assert!(floor.row(&fractional).is_none_or(|row| row.allows(&open)));
                    for part in sets(sites) {
                        let part: Point = part.into_iter().map(|site| (site, WHOLE)).collect();
                        prop_assert!(floor.row(&part).is_none_or(|row| row.allows(&open)));
                    }
                }
            }
        }

        #[test]
        fn a_part_called_short_holds_no_plan(floor in floors(), more in 0_usize..4) {
            let sites = floor.cover.starts.len() - 1;
            for open in sets(sites).filter(|open| open.len() < 3) {
                let free: Vec<Site> = (0..sites as Site).filter(|site| !open.contains(site)).collect();
                if floor.short(&open, free, more) {
                    let with = |plan: &Vec<Site>| open.iter().all(|site| plan.contains(site));
                    let plans = sets(sites).filter(|plan| with(plan) && plan.len() <= open.len() + more);
                    prop_assert!(plans.into_iter().all(|plan| !floor.keeps(&plan)));
                }
            }
        }

        #[test]
        fn a_tracker_counts_as_the_definition_does(floor in floors(), moves in prop::collection::vec(0_u32..7, 0..12)) {
            let sites = floor.cover.starts.len() - 1;
            let mut tracker = floor.tracker();
            let mut open: Vec<Site> = Vec::new();
            let lacks = |open: &[Site]| (floor.at_least - floor.value(open)).max(0);
            for site in moves.into_iter().filter(|site| (*site as usize) < sites) {
                match open.binary_search(&site) {
                    Ok(at) => {
                        open.remove(at);
                        tracker.close(site);
                    }
                    Err(at) => {
                        open.insert(at, site);
                        tracker.open(site);
                    }
                }
                prop_assert_eq!(tracker.broken(None, None), lacks(&open));
                for &out in &open {
                    for into in (0..sites as Site).filter(|into| !open.contains(into)) {
                        let mut after: Vec<Site> = open.iter().copied().filter(|site| *site != out).collect();
                        after.push(into);
                        prop_assert_eq!(tracker.broken(Some(out), Some(into)), lacks(&after));
                    }
                }
            }
        }
    }
}
