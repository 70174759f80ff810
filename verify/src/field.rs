//! What a set of open sites earns, by the law's formula: cell by cell, kept up as sites open and close.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | w, b | [`Cell`] | potential and outside option of one zone and device |
//! | a_j, v_j | [`Entry`] | attraction, and value of a unit, of a site in a cell |
//! | o_j | `Site::open_cost` | base-currency major units |
//! | f(S) | [`Field::push`] adds up to it | what the sites S earn together, less what opening them costs |

/// Potential and outside option of one zone and device; under `nearest` of a zone with all devices, whose values hold the
/// potential.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cell {
    pub(crate) zone: u32,
    pub(crate) potential: f64,
    pub(crate) outside: f64,
}

/// A site in a cell.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    pub(crate) cell: u32,
    /// a under `share`; min(1, a) under `nearest`.
    pub(crate) pull: f64,
    /// v.
    pub(crate) value: f64,
    /// Travel time: who is nearest.
    pub(crate) time: u32,
}

/// A candidate.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    pub(crate) open_cost: f64,
    pub(crate) entries: Vec<Entry>,
}

/// Who shares a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sharing {
    /// In proportion to attraction.
    Share,
    /// The nearest takes all; ties go to the lower site.
    Nearest,
}

/// All candidates over all cells.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) sharing: Sharing,
    pub(crate) cells: Vec<Cell>,
    pub(crate) sites: Vec<Site>,
}

/// What is open in each cell: under `share` the sums of a and of v a, under `nearest` who is nearest.
#[derive(Clone)]
pub(crate) struct Open {
    pull: Vec<f64>,
    earned: Vec<f64>,
    nearest: Vec<(u32, u32)>,
}

const NOBODY: (u32, u32) = (u32::MAX, u32::MAX);

impl Field {
    pub(crate) fn nothing(&self) -> Open {
        let cells = self.cells.len();
        Open { pull: vec![0.0; cells], earned: vec![0.0; cells], nearest: vec![NOBODY; cells] }
    }

    /// What a cell earns.
    fn cell(&self, open: &Open, at: usize) -> f64 {
        let cell = self.cells[at];
        match self.sharing {
            Sharing::Share if open.pull[at] > 0.0 => cell.potential * open.earned[at] / (cell.outside + open.pull[at]),
            Sharing::Share => 0.0,
            Sharing::Nearest => open.earned[at],
        }
    }

    /// What `site` itself would earn beside those that are open, less its cost.
    pub(crate) fn gain(&self, open: &Open, site: u32) -> f64 {
        let mut sum = -self.sites[site as usize].open_cost;
        for entry in &self.sites[site as usize].entries {
            let (at, cell) = (entry.cell as usize, self.cells[entry.cell as usize]);
            sum += match self.sharing {
                Sharing::Share => {
                    cell.potential * entry.value * entry.pull / (cell.outside + open.pull[at] + entry.pull)
                }
                Sharing::Nearest if (entry.time, site) < open.nearest[at] => cell.potential * entry.value * entry.pull,
                Sharing::Nearest => 0.0,
            };
        }
        sum
    }

    /// What all would earn more (or less) with `site` than without.
    pub(crate) fn change(&self, open: &Open, site: u32) -> f64 {
        let mut sum = -self.sites[site as usize].open_cost;
        for entry in &self.sites[site as usize].entries {
            let (at, cell) = (entry.cell as usize, self.cells[entry.cell as usize]);
            sum += match self.sharing {
                Sharing::Share => {
                    let earned = open.earned[at] + entry.value * entry.pull;
                    cell.potential * earned / (cell.outside + open.pull[at] + entry.pull) - self.cell(open, at)
                }
                Sharing::Nearest if (entry.time, site) < open.nearest[at] => {
                    cell.potential * entry.value * entry.pull - open.earned[at]
                }
                Sharing::Nearest => 0.0,
            };
        }
        sum
    }

    /// Opens `site`; hands back what was there, for [`Field::pop`].
    pub(crate) fn push(&self, open: &mut Open, site: u32) -> Vec<(f64, f64, (u32, u32))> {
        let entries = &self.sites[site as usize].entries;
        let mut before = Vec::with_capacity(entries.len());
        for entry in entries {
            let at = entry.cell as usize;
            before.push((open.pull[at], open.earned[at], open.nearest[at]));
            match self.sharing {
                Sharing::Share => {
                    open.pull[at] += entry.pull;
                    open.earned[at] += entry.value * entry.pull;
                }
                Sharing::Nearest if (entry.time, site) < open.nearest[at] => {
                    open.nearest[at] = (entry.time, site);
                    open.earned[at] = self.cells[at].potential * entry.value * entry.pull;
                }
                Sharing::Nearest => {}
            }
        }
        before
    }

    pub(crate) fn pop(&self, open: &mut Open, site: u32, before: Vec<(f64, f64, (u32, u32))>) {
        for (entry, (pull, earned, nearest)) in self.sites[site as usize].entries.iter().zip(before) {
            let at = entry.cell as usize;
            (open.pull[at], open.earned[at], open.nearest[at]) = (pull, earned, nearest);
        }
    }
}
