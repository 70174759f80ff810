//! The linear program behind a bound, as the solver sees it.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | y_j | `Program::column` | 0 to 1 |
//! | theta_g | `Program::theta` | `Arena::unit` |
//! | the rows of [`super::relax`] | `Program::rows` | `Arena::unit` for cuts, 1 for counts and cliques |
//!
//! Minimises -(own y + theta) in units of the best candidate alone, so that numbers are around 1. A column
//! stands for a site that was undecided when the program was built; what is decided later moves its
//! bounds. What the solver answers becomes a point ([`Program::read`]) and prices ([`Program::priced`]), never a bound.

use std::sync::Arc;

use super::arena::Arena;
use super::cut::{Cut, Fate};
use super::modular::{Modular, modular};
use super::part::Part;
use super::regions::Count;
use crate::solver::lp::{Lp, LpAnswer, LpError};

/// A row of the program.
#[derive(Debug)]
enum Kind {
    Count,
    Line(usize),
    Clique(Arc<Vec<u32>>),
    Region(Count),
    Cut(Arc<Cut>),
}

/// The linear program of a part. It minimises the negative, in `Arena::unit`s.
pub(super) struct Program {
    pub(super) lp: Lp,
    /// Position of each site column.
    live: Vec<u32>,
    /// Column by position.
    column: Vec<usize>,
    /// Column by group; `usize::MAX` where no undecided site reaches the group.
    theta: Vec<usize>,
    /// Cuts of groups that no undecided site reaches.
    settled: Vec<Arc<Cut>>,
    rows: Vec<Kind>,
    shown: Vec<Fate>,
    /// Whether [`Program::fix`] moved anything the last time.
    pub(super) moved: bool,
}

impl Program {
    /// The program of a part, with one fresh cut per group and those that the part brought.
    pub(super) fn new(arena: &Arena, part: &Part, fresh: Vec<Arc<Cut>>) -> Result<Self, LpError> {
        let groups = fresh.iter().map(|cut| cut.group as usize + 1).max().unwrap_or(0);
        let mut this = Self {
            lp: Lp::new(),
            live: Vec::new(),
            column: vec![usize::MAX; part.fate.len()],
            theta: vec![usize::MAX; groups],
            settled: Vec::new(),
            rows: Vec::new(),
            shown: part.fate.clone(),
            moved: false,
        };
        for at in 0..part.fate.len() {
            if part.fate[at] == Fate::Live {
                this.column[at] = this.lp.add_column(-arena.own[at] / arena.unit, 0.0, 1.0, false)?;
                this.live.push(at as u32);
            }
        }
        let open = part.fate.iter().filter(|fate| **fate == Fate::Open).count();
        let count: Vec<(usize, f64)> = this.live.iter().map(|&at| (this.column[at as usize], 1.0)).collect();
        let least = arena.least.saturating_sub(open) as f64;
        this.lp.add_row(least, arena.most.saturating_sub(open) as f64, &count)?;
        this.rows.push(Kind::Count);
        for (at, line) in arena.lines.iter().enumerate() {
            let (terms, fixed) = this.terms(part, &line.terms);
            this.lp.add_row(line.min - fixed - 1e-9, line.max - fixed + 1e-9, &terms)?;
            this.rows.push(Kind::Line(at));
        }
        for count in &part.counts {
            if let Some(regions) = &arena.regions {
                let terms: Vec<(u32, f64)> = regions.members(count.region).iter().map(|&at| (at, 1.0)).collect();
                let (terms, fixed) = this.terms(part, &terms);
                this.lp.add_row(f64::from(count.least) - fixed, f64::from(count.most) - fixed, &terms)?;
                this.rows.push(Kind::Region(*count));
            }
        }
        for clique in &part.cliques {
            this.add_clique(part, Arc::clone(clique))?;
        }
        for cut in fresh {
            if this.terms(part, &cut.terms).0.is_empty() {
                this.settled.push(cut);
            } else {
                this.theta[cut.group as usize] = this.lp.add_column(-1.0, f64::NEG_INFINITY, f64::INFINITY, false)?;
                this.add_cut(arena, part, cut)?;
            }
        }
        for cut in &part.cuts {
            if this.theta[cut.group as usize] != usize::MAX {
                this.add_cut(arena, part, Arc::clone(cut))?;
            }
        }
        Ok(this)
    }

    /// Terms over columns, and the sum of what has no column because it is open.
    fn terms(&self, part: &Part, terms: &[(u32, f64)]) -> (Vec<(usize, f64)>, f64) {
        let mut kept = Vec::with_capacity(terms.len());
        let mut fixed = 0.0;
        for &(at, by) in terms {
            let column = self.column[at as usize];
            if column != usize::MAX {
                kept.push((column, by));
            } else if part.fate[at as usize] == Fate::Open {
                fixed += by;
            }
        }
        (kept, fixed)
    }

    fn add_cut(&mut self, arena: &Arena, part: &Part, cut: Arc<Cut>) -> Result<(), LpError> {
        let (mut terms, fixed) = self.terms(part, &cut.terms);
        terms.iter_mut().for_each(|term| term.1 /= -arena.unit);
        // HiGHS drops coefficients below 1e-9 with a warning; they are in the bound, not in the program.
        terms.retain(|term| term.1.abs() > 1e-9);
        terms.push((self.theta[cut.group as usize], 1.0));
        self.lp.add_row(f64::NEG_INFINITY, (cut.constant + fixed) / arena.unit, &terms)?;
        self.rows.push(Kind::Cut(cut));
        Ok(())
    }

    fn add_clique(&mut self, part: &Part, clique: Arc<Vec<u32>>) -> Result<(), LpError> {
        let terms: Vec<(u32, f64)> = clique.iter().map(|&at| (at, 1.0)).collect();
        let (terms, fixed) = self.terms(part, &terms);
        self.lp.add_row(f64::NEG_INFINITY, 1.0 - fixed, &terms)?;
        self.rows.push(Kind::Clique(clique));
        Ok(())
    }

    /// Adds those of `cuts` that the program's optimum breaks.
    pub(super) fn add(&mut self, arena: &Arena, part: &Part, cuts: Vec<Arc<Cut>>) -> Result<usize, LpError> {
        let mut lowest = vec![f64::INFINITY; self.theta.len()];
        for row in &self.rows {
            if let Kind::Cut(cut) = row {
                let slot = &mut lowest[cut.group as usize];
                *slot = slot.min(cut.at(&part.y));
            }
        }
        let mut added = 0;
        for cut in cuts {
            if self.theta[cut.group as usize] != usize::MAX
                && cut.at(&part.y) < lowest[cut.group as usize] - 1e-6 * arena.unit
            {
                self.add_cut(arena, part, cut)?;
                added += 1;
            }
        }
        Ok(added)
    }

    /// Adds cliques around the conflicting pairs that the program's optimum breaks.
    pub(super) fn add_cliques(&mut self, arena: &Arena, part: &mut Part) -> Result<usize, LpError> {
        let support: Vec<u32> = self.live.iter().copied().filter(|&at| part.y[at as usize] > 1e-6).collect();
        let mut added = 0;
        for &one in &support {
            for &other in arena.conflicts[one as usize].iter().filter(|&&other| other > one) {
                let covered = part.cliques.iter().any(|clique| clique.contains(&one) && clique.contains(&other));
                if covered || part.y[one as usize] + part.y[other as usize] <= 1.0 + 1e-6 {
                    continue;
                }
                let mut clique = vec![one, other];
                for &more in &self.live {
                    let fits = |member: &u32| arena.conflicts[*member as usize].contains(&more);
                    if !clique.contains(&more) && clique.iter().all(fits) {
                        clique.push(more);
                    }
                }
                clique.sort_unstable();
                let clique = Arc::new(clique);
                part.cliques.push(Arc::clone(&clique));
                self.add_clique(part, clique)?;
                added += 1;
            }
        }
        Ok(added)
    }

    /// The prices of an answer as a modular function.
    pub(super) fn priced(&self, arena: &Arena, part: &Part, answer: &LpAnswer) -> Modular {
        let price = |row: usize| -answer.row_duals.get(row).copied().filter(|dual| dual.is_finite()).unwrap_or(0.0);
        let mut total = vec![0.0; self.theta.len()];
        let mut first = vec![usize::MAX; self.theta.len()];
        for (row, kind) in self.rows.iter().enumerate() {
            if let Kind::Cut(cut) = kind {
                total[cut.group as usize] += price(row).max(0.0);
                let first = &mut first[cut.group as usize];
                *first = (*first).min(row);
            }
        }
        let mut cuts: Vec<(&Arc<Cut>, f64)> = self.settled.iter().map(|cut| (cut, 1.0)).collect();
        let mut sides: Vec<(f64, f64, &[(u32, f64)])> = Vec::new();
        let mut prices = vec![0.0; arena.lines.len()];
        let members: Vec<(f64, Vec<(u32, f64)>)> = self
            .rows
            .iter()
            .enumerate()
            .filter_map(|(row, kind)| match kind {
                Kind::Clique(clique) if price(row) > 0.0 => {
                    Some((price(row) * arena.unit, clique.iter().map(|&at| (at, 1.0)).collect()))
                }
                _ => None,
            })
            .collect();
        let counts: Vec<(f64, f64, Vec<(u32, f64)>)> = self
            .rows
            .iter()
            .enumerate()
            .filter_map(|(row, kind)| match (kind, &arena.regions) {
                (Kind::Region(count), Some(regions)) if price(row) != 0.0 => {
                    let limit = if price(row) > 0.0 { count.most } else { count.least };
                    let terms = regions.members(count.region).iter().map(|&at| (at, 1.0)).collect();
                    Some((price(row) * arena.unit, f64::from(limit), terms))
                }
                _ => None,
            })
            .collect();
        for (row, kind) in self.rows.iter().enumerate() {
            match kind {
                Kind::Cut(cut) => {
                    let all = total[cut.group as usize];
                    if all > 0.5 {
                        let weight = price(row).max(0.0) / all;
                        if weight > 0.0 {
                            cuts.push((cut, weight));
                        }
                    } else if first[cut.group as usize] == row {
                        // The solver priced none: one cut is as valid as any mixture.
                        cuts.push((cut, 1.0));
                    }
                }
                Kind::Line(at) => {
                    let line = &arena.lines[*at];
                    let price = price(row) * arena.unit;
                    // A side of the rule that does not exist can't have a price.
                    let limit = if price > 0.0 { line.max } else { line.min };
                    if price != 0.0 && limit.is_finite() {
                        sides.push((price, limit, &line.terms));
                        prices[*at] = price / line.scale;
                    }
                }
                Kind::Count | Kind::Clique(_) | Kind::Region(_) => {}
            }
        }
        sides.extend(members.iter().map(|(price, terms)| (*price, 1.0, terms.as_slice())));
        sides.extend(counts.iter().map(|(price, limit, terms)| (*price, *limit, terms.as_slice())));
        Modular { prices, ..modular(arena, &part.fate, cuts.into_iter(), &sides) }
    }

    /// Copies the optimum to the part.
    pub(super) fn read(&self, part: &mut Part, answer: &LpAnswer) {
        for (at, fate) in part.fate.iter().enumerate() {
            part.y[at] = match fate {
                Fate::Open => 1.0,
                Fate::Closed => 0.0,
                Fate::Live => answer.columns[self.column[at]].clamp(0.0, 1.0),
            };
        }
    }

    /// Leaves in the part the cuts that bind.
    pub(super) fn keep(&self, part: &mut Part, answer: &LpAnswer) {
        part.cuts.clear();
        for (row, kind) in self.rows.iter().enumerate() {
            if let Kind::Cut(cut) = kind {
                if answer.row_duals[row] < -1e-7 {
                    part.cuts.push(Arc::clone(cut));
                }
            }
        }
    }

    /// Shows the program what was decided since.
    pub(super) fn fix(&mut self, part: &Part) -> Result<(), LpError> {
        self.moved = false;
        for &at in &self.live {
            let at = at as usize;
            if part.fate[at] != self.shown[at] {
                let to = if part.fate[at] == Fate::Open { 1.0 } else { 0.0 };
                self.lp.set_bounds(self.column[at], to, to)?;
                self.shown[at] = part.fate[at];
                self.moved = true;
            }
        }
        Ok(())
    }
}
