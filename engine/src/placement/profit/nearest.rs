//! Cuts for the law `nearest`.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | G_j | `Entry::gain` | what the zone earns if j serves it, base-currency major units |
//! | n(S) | | the open site that is first in the order of (time, site) |
//! | o | | n(S_1) of the sites already open; G_o = 0 where there is none |
//!
//! A zone earns G of n(S). Only undecided sites nearer than o matter, and for any H >= G_o
//!
//!   G_{n(S)} <= H + sum_j (G_j - H)^+ y_j,
//!
//! the cut of the simple plant location problem [cornuejols1977]. It lets a zone choose its dearest open
//! site. The law does not: so one site q with G_q < H may get the coefficient -(H - G_q), if every site nearer
//! than q gets (G_j - G_q)^+ instead of (G_j - H)^+ where that is more:
//! with q closed nothing fell; with q open and first, the right-hand side is at least H - (H - G_q) = G_q;
//! with a nearer r first, it is at least H - (H - G_q) + (G_r - G_q)^+ >= G_r.
//! H is tried at every G of the support of y and at G_o, q over the support.

use std::sync::Arc;

use super::cut::{Cut, Fate, Gather};
use super::evaluate::Columns;

const TRACE: f64 = 1e-9;

#[derive(Debug, Clone, Copy)]
struct Entry {
    site: u32,
    gain: f64,
}

#[derive(Debug, Clone, Copy)]
struct Cell {
    group: u32,
    start: u32,
    end: u32,
}

/// All zones, over some of the candidates.
#[derive(Debug)]
pub(super) struct NearestCells {
    cells: Vec<Cell>,
    /// Per cell, nearest first.
    entries: Vec<Entry>,
}

impl NearestCells {
    /// Over `sites` (numbers among the columns become positions in `sites`); `group_of` by zone.
    pub(super) fn new(columns: &Columns<'_>, sites: &[u32], group_of: &[u32]) -> Self {
        let mut zones: Vec<u32> = (0..group_of.len()).map(|zone| zone as u32).collect();
        zones.sort_by_key(|&zone| group_of[zone as usize]);
        let mut rows: Vec<Vec<(u32, Entry)>> = vec![Vec::new(); group_of.len()];
        for (at, &site) in sites.iter().enumerate() {
            let column = &columns.columns[site as usize];
            for ((&zone, &milli), &gain) in column.zone.iter().zip(&column.milli).zip(&column.gain) {
                rows[zone as usize].push((milli, Entry { site: at as u32, gain }));
            }
        }
        let mut this = Self { cells: Vec::new(), entries: Vec::new() };
        for &zone in &zones {
            let row = &mut rows[zone as usize];
            if row.is_empty() {
                continue;
            }
            // `sites` ascend, so positions break ties as site numbers do.
            row.sort_by_key(|&(milli, entry)| (milli, entry.site));
            let start = this.entries.len() as u32;
            this.entries.extend(row.iter().map(|item| item.1));
            this.cells.push(Cell { group: group_of[zone as usize], start, end: this.entries.len() as u32 });
        }
        this
    }

    /// The sum of everything that any of the zones could ever earn: the scale of rounding errors.
    pub(super) fn magnitude(&self) -> f64 {
        self.cells.iter().map(|cell| self.row(cell).iter().map(|entry| entry.gain).fold(0.0, f64::max)).sum()
    }

    fn row(&self, cell: &Cell) -> &[Entry] {
        &self.entries[cell.start as usize..cell.end as usize]
    }

    /// One cut per group, tight around `y`.
    pub(super) fn cuts(&self, fate: &[Fate], y: &[f64]) -> Vec<Arc<Cut>> {
        let mut gather = Gather::new(fate.len());
        let mut live: Vec<Entry> = Vec::new();
        for cell in &self.cells {
            gather.enter(cell.group);
            live.clear();
            let mut floor = 0.0;
            for &entry in self.row(cell) {
                match fate[entry.site as usize] {
                    Fate::Live => live.push(entry),
                    Fate::Open => {
                        floor = entry.gain;
                        break;
                    }
                    Fate::Closed => {}
                }
            }
            let (height, lowered) = choose(&live, floor, y);
            gather.constant(height);
            let (until, below) = lowered.map_or((0, height), |q| (q, live[q].gain));
            for (at, entry) in live.iter().enumerate() {
                let beta = if at < until {
                    (entry.gain - below).max(0.0)
                } else if Some(at) == lowered {
                    entry.gain - height
                } else {
                    (entry.gain - height).max(0.0)
                };
                if beta != 0.0 {
                    gather.term(entry.site, beta);
                }
            }
        }
        gather.finish()
    }
}

/// The H and q whose cut is tightest at y.
fn choose(live: &[Entry], floor: f64, y: &[f64]) -> (f64, Option<usize>) {
    let support = || live.iter().enumerate().filter(|(_, entry)| y[entry.site as usize] > TRACE);
    let above = |entries: &[Entry], height: f64| -> f64 {
        entries.iter().map(|entry| y[entry.site as usize] * (entry.gain - height).max(0.0)).sum()
    };
    let mut best = (floor + above(live, floor), floor, None);
    for (_, top) in support() {
        let height = top.gain.max(floor);
        let plain = height + above(live, height);
        if plain < best.0 {
            best = (plain, height, None);
        }
        for (q, low) in support().filter(|(_, low)| low.gain < height) {
            let nearer = &live[..q];
            let change = above(nearer, low.gain) - above(nearer, height) - y[low.site as usize] * (height - low.gain);
            if plain + change < best.0 {
                best = (plain + change, height, Some(q));
            }
        }
    }
    (best.1, best.2)
}
