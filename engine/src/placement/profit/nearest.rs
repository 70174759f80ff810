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
//!
//! Members of pairs open by coins ([`NearestCells::cuts_by_coins`]). Partners serve no zone together ([`crate::pilot::pairs`])
//! and any three coins are independent, so of n members that reach a zone at least one is open in a part phi(n) = 1 - 2^-n
//! of the assignments for n <= 3, and in all at most for more. A zone earns no more than the largest G of those open:
//!
//!   mean of G_{n(S)} <= integral over h of phi(n_h),  n_h = the number of members with G_j > h,
//!
//! and phi is concave, so that it lies below its chord through k and k + 1 at every whole n, whatever k. Each level takes the chord at
//! its sum of y.

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

/// phi.
const REACHED: [f64; 5] = [0.0, 0.5, 0.75, 0.875, 1.0];

impl NearestCells {
    /// The same for members of pairs, of which every assignment opens one of each: cuts on the mean over assignments, with
    /// a term for every member that is not closed.
    pub(super) fn cuts_by_coins(&self, fate: &[Fate], y: &[f64]) -> Vec<Arc<Cut>> {
        let mut gather = Gather::new(fate.len());
        let mut live: Vec<Entry> = Vec::new();
        for cell in &self.cells {
            gather.enter(cell.group);
            live.clear();
            live.extend(self.row(cell).iter().filter(|entry| fate[entry.site as usize] != Fate::Closed));
            live.sort_by(|one, other| other.gain.total_cmp(&one.gain).then(one.site.cmp(&other.site)));
            // From the least gain up: the slope at a level counts for all that gain more.
            let mut count: f64 = live.iter().map(|entry| y[entry.site as usize]).sum();
            let (mut beta, mut below, mut constant) = (0.0, 0.0, 0.0);
            for entry in live.iter().rev() {
                let height = (entry.gain - below).max(0.0);
                let (least, slope) = chord(count.max(0.0) as usize);
                constant += height * least;
                beta += height * slope;
                if beta != 0.0 {
                    gather.term(entry.site, beta);
                }
                below = entry.gain;
                count -= y[entry.site as usize];
            }
            gather.constant(constant);
        }
        gather.finish()
    }
}

/// The chord of phi from k to k + 1: its value at 0, and its slope.
fn chord(k: usize) -> (f64, f64) {
    let last = REACHED.len() - 1;
    let k = k.min(last);
    let slope = REACHED[(k + 1).min(last)] - REACHED[k];
    (REACHED[k] - slope * k as f64, slope)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The mean over all falls of independent coins of what the nearest open member earns a zone.
    fn mean(row: &[Entry], members: &[bool]) -> f64 {
        let mut left = 1.0;
        let mut sum = 0.0;
        for entry in row.iter().filter(|entry| members[entry.site as usize]) {
            sum += 0.5 * left * entry.gain;
            left *= 0.5;
        }
        sum
    }

    #[test]
    fn cuts_by_coins_are_above_every_set_of_members_and_touch_where_gains_fall_with_distance() {
        for seed in 0..200_u32 {
            let noise = |at: u32| f64::from((seed * 7_919 + at * 104_729) % 1_000) / 1_000.0;
            // Every other row falls with distance, as it does where stores earn alike.
            let falling = seed % 2 == 0;
            let gain = |at: u32| if falling { 9.0 - f64::from(at) - noise(at) } else { 10.0 * noise(at) };
            let row: Vec<Entry> = (0..6).map(|site| Entry { site, gain: gain(site) }).collect();
            let cells = NearestCells { cells: vec![Cell { group: 0, start: 0, end: 6 }], entries: row.clone() };
            let members = |set: u32| -> Vec<bool> { (0..6).map(|site| set >> site & 1 == 1).collect() };
            for around in 0..64_u32 {
                let y: Vec<f64> = members(around).into_iter().map(|member| f64::from(u8::from(member))).collect();
                let cuts = cells.cuts_by_coins(&[Fate::Live; 6], &y);
                for set in 0..64_u32 {
                    let members = members(set);
                    let y: Vec<f64> = members.iter().map(|&member| f64::from(u8::from(member))).collect();
                    let (bound, truth) = (cuts[0].at(&y), mean(&row, &members));
                    assert!(bound >= truth - 1e-12, "{seed}: {bound} < {truth} at {members:?}");
                    if set == around && falling && set.count_ones() <= 3 {
                        assert!(bound <= truth + 1e-12, "{seed}: {bound} > {truth} at {members:?}");
                    }
                }
            }
        }
    }
}
