//! The problem over the sites that are still in question.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | L | `Arena::sites` | candidates, by their site numbers, ascending |
//! | o_j or u_j | `Arena::own` | what j adds whatever else is open: -o_j, or u_j under `independent` |
//! | theta_g <= alpha + beta y | `Arena::cuts` | base-currency major units |
//! | p, p_min | `Arena::most`, `Arena::least` | sites |
//!
//! maximise sum_g theta_g + sum_j own_j y_j, p_min <= sum y <= p, rows and conflicts of [`Rules`].
//! Zones are grouped by the candidate that claims them, best candidates first: a group is about a town, so
//! its cuts have few terms and each can be tight by itself.

use std::sync::Arc;

use domain::problem::{Rules, Site};

use super::cut::{Cut, Fate};
use super::evaluate::Columns;
use super::evencut::EvenCells;
use super::field::Field;
use super::nearest::NearestCells;
use super::regions::{Regions, Slots};
use super::share::ShareCells;

/// Groups at most: more make a tighter but larger program.
const GROUPS_MAX: usize = 64;

#[derive(Debug)]
pub(super) enum Cells {
    /// Nothing to cut: every site earns its own.
    Independent,
    /// Under `share`.
    Share(ShareCells),
    /// Under `share`, every unit worth the same.
    Even(EvenCells),
    /// Under `nearest`.
    Nearest(NearestCells),
}

/// A linear rule over positions in the arena, scaled to coefficients of at most 1.
#[derive(Debug)]
pub(super) struct Line {
    /// (position, coefficient).
    pub(super) terms: Vec<(u32, f64)>,
    /// At least; minus infinity where there is no such side.
    pub(super) min: f64,
    /// At most.
    pub(super) max: f64,
    /// What the coefficients were divided by.
    pub(super) scale: f64,
}

/// The problem over some of its candidates.
#[derive(Debug)]
pub(super) struct Arena {
    /// Site number by position.
    pub(super) sites: Vec<u32>,
    /// By position.
    pub(super) own: Vec<f64>,
    /// u by position.
    pub(super) alone: Vec<f64>,
    /// The rows.
    pub(super) lines: Vec<Line>,
    /// By position, the positions that it may not open with.
    pub(super) conflicts: Vec<Vec<u32>>,
    /// p_min.
    pub(super) least: usize,
    /// p.
    pub(super) most: usize,
    /// The unit that the linear program counts in.
    pub(super) unit: f64,
    /// How far rounding may have moved a bound; see [`Arena::outward`].
    slack: f64,
    /// c: see [`super::Worth::chance`].
    chance: f64,
    cells: Cells,
    /// Neighbourhoods, once no candidate waits outside.
    pub(super) regions: Option<Regions>,
}

impl Arena {
    /// Over `sites`, ascending.
    pub(super) fn new(rules: &Rules, field: &dyn Field, sites: Vec<u32>) -> Self {
        let cells = field.cells(&sites);
        let own: Vec<f64> = sites.iter().map(|&site| field.own(site as usize)).collect();
        let alone: Vec<f64> = sites.iter().map(|&site| field.alone()[site as usize]).collect();
        let position = |site: Site| sites.binary_search(&site).ok().map(|at| at as u32);
        let lines = rules.rows.iter().map(|row| {
            let scale = row.terms.iter().map(|term| term.1.unsigned_abs()).max().unwrap_or(1).max(1) as f64;
            let terms = row.terms.iter().filter_map(|&(site, by)| Some((position(site)?, by as f64 / scale)));
            Line {
                terms: terms.filter(|term| term.1 != 0.0).collect(),
                min: row.min.map_or(f64::NEG_INFINITY, |min| min as f64 / scale),
                max: row.max.map_or(f64::INFINITY, |max| max as f64 / scale),
                scale,
            }
        });
        let lines = lines.collect();
        let mut conflicts = vec![Vec::new(); sites.len()];
        for &(one, other) in &rules.conflicts {
            if let (Some(one), Some(other)) = (position(one), position(other)) {
                conflicts[one as usize].push(other);
                conflicts[other as usize].push(one);
            }
        }
        let magnitude = match &cells {
            Cells::Independent => 0.0,
            Cells::Share(cells) => cells.magnitude(),
            Cells::Even(cells) => cells.magnitude(),
            Cells::Nearest(cells) => cells.magnitude(),
        } + own.iter().map(|own| own.abs()).sum::<f64>();
        // Where nobody earns more than rounding, what passes through their hands is the scale: a program's
        // numbers have to stay below 1e15.
        let turnover = alone.iter().zip(&own).map(|(alone, own)| 1e-6 * (alone - own).abs().max(own.abs()));
        let unit = alone.iter().copied().chain(turnover).fold(0.0, f64::max);
        Self {
            own,
            alone,
            lines,
            conflicts,
            least: rules.open_min,
            most: rules.open_max,
            unit: if unit > 0.0 { unit } else { 1.0 },
            slack: 1e-11 * magnitude + field.left_out(rules.open_max),
            chance: field.chance(),
            cells,
            sites,
            regions: None,
        }
    }

    /// Prepares to count by neighbourhood, where nobody waits outside the arena any more.
    ///
    /// Under the law `share` with equal values more sites never earn less. So if nothing but the number of sites
    /// restricts a plan, one with exactly p sites is among the best: a plan with fewer, and any p - n sites joined
    /// to it, is worth at most what was said of the larger plan, be it that it was dropped.
    pub(super) fn divide(&mut self, rules: &Rules) {
        if let Cells::Even(cells) = &self.cells {
            self.regions = Some(Regions::new(cells.features()));
            // What the cuts grant to forced sites and take back again, at most once more per site, rounds too.
            self.slack += 1e-12 * 2.0 * self.most as f64 * cells.magnitude();
            if rules.rows.is_empty() && rules.conflicts.is_empty() {
                self.least = self.least.max(self.most.min(self.sites.len()));
            }
        }
    }

    /// One cut per group of zones, tight around `y` (which is 1 on open sites), for plans with what `slots` force.
    ///
    /// Where a site of the plan is open by chance, no cut may rest on its being open: all that are not closed are live,
    /// at c y, and a cut's terms count c. Under `nearest` cuts know how coins fall together.
    pub(super) fn cuts(&self, fate: &[Fate], y: &[f64], slots: &Slots) -> Vec<Arc<Cut>> {
        if self.chance == 1.0 {
            return self.cuts_of(fate, y, slots);
        }
        if let Cells::Nearest(cells) = &self.cells {
            return cells.cuts_by_coins(fate, y);
        }
        let live = |fate: &Fate| if *fate == Fate::Closed { Fate::Closed } else { Fate::Live };
        let fate: Vec<Fate> = fate.iter().map(live).collect();
        let y: Vec<f64> = y.iter().map(|y| self.chance * y).collect();
        let part = |cut: Arc<Cut>| {
            let terms = cut.terms.iter().map(|&(site, beta)| (site, self.chance * beta)).collect();
            Arc::new(Cut { group: cut.group, constant: cut.constant, terms, at: 0, recipe: None })
        };
        self.cuts_of(&fate, &y, slots).into_iter().map(part).collect()
    }

    fn cuts_of(&self, fate: &[Fate], y: &[f64], slots: &Slots) -> Vec<Arc<Cut>> {
        match &self.cells {
            Cells::Independent => Vec::new(),
            Cells::Share(cells) => cells.cuts(fate, y),
            Cells::Even(cells) => cells.cuts(fate, y, slots),
            Cells::Nearest(cells) => cells.cuts(fate, y),
        }
    }

    /// What each of `sites` may add to the bound of a mixture of cuts, where that can be told from the cuts.
    pub(super) fn prices(&self, mixture: &[(Arc<Cut>, f64)], sites: &[Site]) -> Option<Vec<f64>> {
        match &self.cells {
            Cells::Even(cells) => Some(cells.prices(mixture, sites)),
            Cells::Independent | Cells::Share(_) | Cells::Nearest(_) => None,
        }
    }

    /// A computed bound, moved outward by more than rounding can have moved it inward: a cut's numbers are
    /// sums of n < 10^6 terms that are each exact to a few units in the last place (2^-53), which errs by at
    /// most 10^-10 of the terms' sum in the worst case and by its square root in practice; the terms' sum
    /// is at most all that the zones could ever earn.
    pub(super) fn outward(&self, bound: f64) -> f64 {
        bound + self.slack + 1e-9 * bound.abs()
    }

    /// Opens `at` and closes what conflicts with it. False where that contradicts `fate`.
    #[must_use]
    pub(super) fn open(&self, fate: &mut [Fate], at: usize) -> bool {
        fate[at] = Fate::Open;
        for &other in &self.conflicts[at] {
            if fate[other as usize] == Fate::Open {
                return false;
            }
            fate[other as usize] = Fate::Closed;
        }
        true
    }
}

/// The group of each zone, and the candidates that groups are about: zones go to the first candidate, by what it earns alone,
/// that reaches them, and one more group takes what is left over.
pub(super) fn claims(columns: &Columns<'_>, sites: &[u32]) -> (Vec<u32>, Vec<Site>) {
    let zones = columns.problem.capture.reach.zones();
    let mut order = sites.to_vec();
    let worth = |site: u32| columns.alone[site as usize];
    order.sort_by(|&one, &other| worth(other).total_cmp(&worth(one)).then(one.cmp(&other)));
    let mut group_of = vec![u32::MAX; zones];
    let mut claimants = Vec::new();
    for site in order {
        let zones = &columns.columns[site as usize].zone;
        let free = zones.iter().filter(|&&zone| group_of[zone as usize] == u32::MAX).count();
        // A claim of a few zones at the rim of others would only make the program larger.
        if 3 * free <= zones.len() && !claimants.is_empty() {
            continue;
        }
        for &zone in zones {
            let slot = &mut group_of[zone as usize];
            if *slot == u32::MAX {
                *slot = claimants.len() as u32;
            }
        }
        claimants.push(site);
        if claimants.len() + 1 == GROUPS_MAX {
            break;
        }
    }
    group_of.iter_mut().filter(|group| **group == u32::MAX).for_each(|group| *group = claimants.len() as u32);
    (group_of, claimants)
}
