//! Cuts for the law `share` when stores earn differently per unit.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | w, b | `Cell::potential`, `Cell::outside` | of one zone and device |
//! | a_j = s_j e_j | `Entry::pull` | on the scale of b |
//! | v_j | `Cell::steps` up to `Entry::level`, + `Entry::rest` | base-currency major units per unit of weekly demand |
//! | d_t | `Cell::steps` | height of value step t |
//! | T_t | entries with `level` > t | sites worth at least d_0 + ... + d_t |
//!
//! A zone's device earns g(S) = w sum_{j in S} v_j a_j / (b + a(S)), which need not rise with S: a cheap
//! site takes demand from a dear one. Cut v into steps, v_j = sum_{t: j in T_t} d_t + r_j, r_j >= 0. Then
//!
//!   g(S) = w sum_t d_t a(S and T_t)/(b + a(S)) + w sum_j r_j a_j/(b + a(S)),
//!
//! and with S_1 in S already open, A_1 = a(S_1), e_t = b + a(S_1 without T_t), X_t = a(undecided part of S and T_t):
//!
//!   a(S and T_t)/(b + a(S)) <= 1 - e_t/(b + A_1 + X_t)           (closed sites outside T_t left out of b + a(S)),
//!   r_j a_j/(b + a(S)) <= r_j a_j/(b + A_1 [+ a_j if j is undecided]).
//!
//! Each right-hand side is concave and rising in X_t, exact when every open site is in S_1, and, as the steps
//! add up to v, exact for a single site. Take one of them, h(X) = 1 - e/(b + A_1 + X), and c >= 0. Let H be h from
//! X = c on, and the tangent of h at c before that. H is concave and not below h, so what a set adds to H(0) is
//! at most the sum of what its sites add:
//!
//!   h(S) <= H(a(S)) <= H(0) + sum_{j in S} [H(a_j) - H(0)],
//!
//! the submodular cut of H [nemhauser1981; ljubic2018]; c = 0 makes it that of h, a large c the tangent of h. In
//! between, a site that dominates a zone counts what it earns less what the tangent had granted already,
//! and small ones saturate together: closed form, no subproblem (the lifting of [chen2024] by other means).
//! At y the best c is where sum_j y_j min(a_j, c) = c, one number, as the derivative of the right-hand side
//! in c is -h''(c) (c - sum_j y_j min(a_j, c)); it is 0 where sum_j y_j <= 1. So the least right-hand side is a smooth
//! concave function of y, which cutting planes meet in few rounds.

use std::sync::Arc;

use super::cut::{Cut, Fate, Gather};
use super::evaluate::Columns;

/// Value steps of a zone's device at most; what is left over counts as `rest`.
const STEPS_MAX: usize = 24;

/// The same while there are many sites: their first bound need not be fine, and is most of the work.
const STEPS_FEW: usize = 6;

/// More sites than this are many.
const SITES_MANY: usize = 200;

/// A site with less of y than this is not in the support of y.
const TRACE: f64 = 1e-9;

/// One site in one zone's device.
#[derive(Debug, Clone, Copy)]
struct Entry {
    site: u32,
    level: u8,
    pull: f64,
    rest: f64,
}

/// One zone's device.
#[derive(Debug, Clone)]
struct Cell {
    group: u32,
    start: u32,
    end: u32,
    potential: f64,
    outside: f64,
    levels: u8,
    steps: [f64; STEPS_MAX],
}

/// All zones and devices, over some of the candidates.
#[derive(Debug)]
pub(super) struct ShareCells {
    cells: Vec<Cell>,
    /// Per cell, pulls descending.
    entries: Vec<Entry>,
}

impl ShareCells {
    /// Over `sites` (numbers among the columns become positions in `sites`); `group_of` by zone.
    pub(super) fn new(columns: &Columns<'_>, sites: &[u32], group_of: &[u32]) -> Self {
        let problem = columns.problem;
        let capture = &problem.capture;
        let mut zones: Vec<u32> = (0..group_of.len()).map(|zone| zone as u32).collect();
        zones.sort_by_key(|&zone| group_of[zone as usize]);
        let mut rows: Vec<Vec<(u32, f64)>> = vec![Vec::new(); group_of.len()];
        for (at, &site) in sites.iter().enumerate() {
            let column = &columns.columns[site as usize];
            for (&zone, &pull) in column.zone.iter().zip(&column.pull) {
                rows[zone as usize].push((at as u32, pull));
            }
        }
        let steps = if sites.len() > SITES_MANY { STEPS_FEW } else { STEPS_MAX };
        let mut this = Self { cells: Vec::new(), entries: Vec::new() };
        for &zone in &zones {
            let row = &rows[zone as usize];
            for device in 0..problem.unit_values.ncols() {
                let potential = capture.potential[[zone as usize, device]];
                let mut entries: Vec<(u32, f64, f64)> = row
                    .iter()
                    .map(|&(at, pull)| {
                        let site = sites[at as usize] as usize;
                        (at, capture.attraction[[site, device]] * pull, problem.unit_values[[site, device]])
                    })
                    .filter(|entry| entry.1 > 0.0)
                    .collect();
                if potential <= 0.0 || entries.iter().all(|entry| entry.2 <= 0.0) {
                    continue;
                }
                entries.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
                let heights = heights(entries.iter().map(|entry| entry.2), steps);
                let mut cell = Cell {
                    group: group_of[zone as usize],
                    start: this.entries.len() as u32,
                    end: 0,
                    potential,
                    outside: capture.outside[[zone as usize, device]],
                    levels: heights.len() as u8,
                    steps: [0.0; STEPS_MAX],
                };
                for (at, &height) in heights.iter().enumerate() {
                    cell.steps[at] = height - if at > 0 { heights[at - 1] } else { 0.0 };
                }
                for (site, pull, value) in entries {
                    let level = heights.partition_point(|&height| height <= value);
                    let rest = if level > 0 { value - heights[level - 1] } else { 0.0 };
                    this.entries.push(Entry { site, level: level as u8, pull, rest });
                }
                cell.end = this.entries.len() as u32;
                this.cells.push(cell);
            }
        }
        this
    }

    /// The sum of everything that any of the zones could ever earn: the scale of rounding errors.
    pub(super) fn magnitude(&self) -> f64 {
        self.cells
            .iter()
            .map(|cell| {
                let rest = self.row(cell).iter().map(|entry| entry.rest).fold(0.0, f64::max);
                cell.potential * (cell.steps.iter().sum::<f64>() + rest)
            })
            .sum()
    }

    fn row(&self, cell: &Cell) -> &[Entry] {
        &self.entries[cell.start as usize..cell.end as usize]
    }

    /// One cut per group, tight around `y`.
    pub(super) fn cuts(&self, fate: &[Fate], y: &[f64]) -> Vec<Arc<Cut>> {
        let mut gather = Gather::new(fate.len());
        let mut support = Vec::new();
        for cell in &self.cells {
            gather.enter(cell.group);
            self.cut_cell(cell, fate, y, &mut support, &mut gather);
        }
        gather.finish()
    }

    fn cut_cell(&self, cell: &Cell, fate: &[Fate], y: &[f64], support: &mut Vec<(f64, f64)>, gather: &mut Gather) {
        let row = self.row(cell);
        let levels = cell.levels as usize;
        let mut taken = 0.0;
        let mut taken_at = [0.0; STEPS_MAX + 1];
        let mut open_rest = 0.0;
        let mut supported = 0_u8;
        let mut live = false;
        for entry in row {
            match fate[entry.site as usize] {
                Fate::Open => {
                    taken += entry.pull;
                    taken_at[entry.level as usize] += entry.pull;
                    open_rest += entry.rest * entry.pull;
                }
                Fate::Live => {
                    live = true;
                    if y[entry.site as usize] > TRACE {
                        supported = supported.max(entry.level);
                    }
                }
                Fate::Closed => {}
            }
        }
        let base = cell.outside + taken;
        gather.constant(cell.potential * open_rest / base);
        // e_t / base, from the sites below step t.
        let mut below = cell.outside;
        let mut left = [0.0; STEPS_MAX];
        for step in 0..levels {
            below += taken_at[step];
            left[step] = below;
        }
        if !live {
            for step in 0..levels {
                gather.constant(cell.potential * cell.steps[step] * (1.0 - left[step] / base));
            }
            return;
        }
        // Steps that no site in the support reaches: submodular from B = {}.
        let mut worth = [0.0; STEPS_MAX + 1];
        for step in 0..levels {
            worth[step + 1] = worth[step];
            if step >= supported as usize {
                worth[step + 1] += cell.steps[step] * left[step] / base;
                gather.constant(cell.potential * cell.steps[step] * (1.0 - left[step] / base));
            }
        }
        for entry in row {
            if fate[entry.site as usize] == Fate::Live {
                let each = (worth[entry.level as usize] + entry.rest) * entry.pull / (base + entry.pull);
                if each > 0.0 {
                    gather.term(entry.site, cell.potential * each);
                }
            }
        }
        for step in 0..supported as usize {
            let weight = cell.potential * cell.steps[step];
            support.clear();
            let counts = |entry: &&Entry| entry.level as usize > step && fate[entry.site as usize] == Fate::Live;
            support.extend(row.iter().filter(counts).map(|entry| (entry.pull, y[entry.site as usize])));
            support.retain(|item| item.1 > TRACE);
            let bent = Bent { base, until: saturation(support) };
            gather.constant(weight * (1.0 - left[step] * (1.0 / base - bent.granted())));
            for entry in row.iter().filter(counts) {
                gather.term(entry.site, weight * left[step] * bent.added(entry.pull));
            }
        }
    }
}

/// H in units of e, up to a constant: -1/(base + X) from X = c on, and its tangent at c before that.
#[derive(Debug, Clone, Copy)]
struct Bent {
    /// b + A_1.
    base: f64,
    /// c.
    until: f64,
}

impl Bent {
    /// H(0) - h(0): what the tangent grants before any site.
    fn granted(self) -> f64 {
        let ratio = self.until / (self.base + self.until);
        ratio * ratio / self.base
    }

    /// H(a) - H(0).
    fn added(self, pull: f64) -> f64 {
        let at = self.base + self.until;
        if pull > self.until { pull / (self.base * (self.base + pull)) - self.granted() } else { pull / (at * at) }
    }
}

/// The c > 0 with sum of y min(a, c) = c, or 0 where there is none; (a, y), a descending.
fn saturation(support: &[(f64, f64)]) -> f64 {
    if support.iter().map(|item| item.1).sum::<f64>() <= 1.0 {
        return 0.0;
    }
    // The sites of more than c count c each; the others, the rest, what they pull.
    let mut rest: f64 = support.iter().map(|item| item.0 * item.1).sum();
    let mut left = 1.0;
    for &(pull, share) in support {
        if rest >= pull * left {
            break;
        }
        rest = (rest - pull * share).max(0.0);
        left -= share;
    }
    // Any c is valid; rounding may leave none.
    if left > 0.0 { rest / left } else { 0.0 }
}

/// Upper ends of the value steps: all values above 0 where they are few, else evenly between their ends.
fn heights(values: impl Iterator<Item = f64>, most: usize) -> Vec<f64> {
    let mut heights: Vec<f64> = values.filter(|&value| value > 0.0).collect();
    heights.sort_by(f64::total_cmp);
    heights.dedup();
    if let (&[first, .., last], true) = (heights.as_slice(), heights.len() > most) {
        heights = (0..most).map(|at| first + (last - first) * at as f64 / most as f64).collect();
    }
    heights
}
