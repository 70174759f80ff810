//! One zone and device: a function of the sites that no plan exceeds there.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | w, b | `Row::potential`, `Row::outside` | of one zone and device |
//! | d_t | `Row::steps` | of a unit's value |
//! | a_j | `Entry::pull` | of a site in a cell |
//! | y | | 0 to 1 |
//!
//! The formulas are those of [`super`]: each function here adds a cell's part of every rho_j, and returns its part of alpha.

use crate::field::{Field, Sharing};
use crate::selection::State;

/// Value steps of a cell, and how many where there are many sites; what is left over is r.
const STEPS: (usize, usize) = (24, 6);
/// More sites than this are many.
const SITES_MANY: usize = 200;

/// A site in a cell.
pub(super) struct Entry {
    site: usize,
    pull: f64,
    /// `share`: in so many steps. `nearest`: unused.
    level: usize,
    /// `share`: r. `nearest`: G.
    pub(super) rest: f64,
}

/// A cell over the sites that were not closed when it was made.
pub(super) struct Row {
    /// The group of its zone.
    pub(super) group: usize,
    pub(super) potential: f64,
    outside: f64,
    /// d.
    pub(super) steps: Vec<f64>,
    pub(super) entries: Vec<Entry>,
}

/// The group of each zone: that of the first of `claimants` that has it in reach, and where none does, one more.
pub(super) fn groups(field: &Field, claimants: &[usize]) -> Vec<usize> {
    let zones = field.cells.iter().map(|cell| cell.zone as usize + 1).max().unwrap_or(0);
    let mut group = vec![claimants.len(); zones];
    for (at, &site) in claimants.iter().enumerate().rev() {
        for entry in &field.sites[site].entries {
            group[field.cells[entry.cell as usize].zone as usize] = at;
        }
    }
    group
}

/// The cells over what is not closed; `groups` by zone.
pub(super) fn rows(field: &Field, state: &[State], groups: &[usize]) -> Vec<Row> {
    let mut rows: Vec<Vec<(u32, f64, f64, usize)>> = vec![Vec::new(); field.cells.len()];
    for (site, _) in state.iter().enumerate().filter(|(_, state)| **state != State::Closed) {
        for entry in field.sites[site].entries.iter().filter(|entry| entry.pull > 0.0) {
            rows[entry.cell as usize].push((entry.time, entry.pull, entry.value, site));
        }
    }
    let left = state.iter().filter(|state| **state != State::Closed).count();
    let most = if left > SITES_MANY { STEPS.1 } else { STEPS.0 };
    let cells = field.cells.iter().zip(rows).filter(|(cell, row)| cell.potential > 0.0 && !row.is_empty());
    cells
        .map(|(cell, mut row)| {
            let heights = heights(row.iter().map(|entry| entry.2), most);
            match field.sharing {
                // Most pull first.
                Sharing::Share => row.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.3.cmp(&other.3))),
                Sharing::Nearest => row.sort_by_key(|entry| (entry.0, entry.3)),
            }
            let entries = row.into_iter().map(|(_, pull, value, site)| {
                if field.sharing == Sharing::Nearest {
                    return Entry { site, pull, level: 0, rest: cell.potential * value * pull };
                }
                let level = heights.iter().filter(|height| **height <= value).count();
                let below = if level > 0 { heights[level - 1] } else { 0.0 };
                Entry { site, pull, level, rest: value - below }
            });
            let entries = entries.collect();
            let mut below = 0.0;
            let steps = heights.iter().map(|&height| height - std::mem::replace(&mut below, height)).collect();
            Row { group: groups[cell.zone as usize], potential: cell.potential, outside: cell.outside, steps, entries }
        })
        .collect()
}

/// Adds a cell's rho, site by site, and returns its alpha.
pub(super) fn share(row: &Row, state: &[State], y: &[f64], add: &mut impl FnMut(usize, f64)) -> f64 {
    let is = |wanted: State| row.entries.iter().filter(move |entry| state[entry.site] == wanted);
    let all = row.outside + is(State::Open).map(|entry| entry.pull).sum::<f64>();
    let mut alpha: f64 = is(State::Open).map(|entry| row.potential * entry.rest * entry.pull / all).sum();
    for entry in is(State::Free) {
        add(entry.site, row.potential * entry.rest * entry.pull / (all + entry.pull));
    }
    for (step, height) in row.steps.iter().enumerate() {
        let weight = row.potential * height;
        let without =
            row.outside + is(State::Open).filter(|entry| entry.level <= step).map(|entry| entry.pull).sum::<f64>();
        let within = || is(State::Free).filter(|entry| entry.level > step);
        let c = knee(within().map(|entry| (entry.pull, y[entry.site])));
        let phi = |x: f64| 1.0 - without / (all + x);
        let slope = without / ((all + c) * (all + c));
        // The tangent's value where X = 0.
        let zero = phi(c) - slope * c;
        alpha += weight * zero;
        for entry in within() {
            let there = if entry.pull < c { zero + slope * entry.pull } else { phi(entry.pull) };
            add(entry.site, weight * (there - zero));
        }
    }
    alpha
}

/// The c with sum y min(a, c) = c, from (a, y), a descending; 0 if the y sum to 1 at most.
fn knee(within: impl Iterator<Item = (f64, f64)> + Clone) -> f64 {
    let (mut all, mut shares) = (0.0, 0.0);
    within.clone().for_each(|(pull, share)| {
        all += pull * share;
        shares += share;
    });
    if shares <= 1.0 {
        return 0.0;
    }
    let mut free = 1.0;
    for (pull, share) in within {
        if all >= pull * free {
            break;
        }
        all -= pull * share;
        free -= share;
    }
    // Any c is valid, as long as it is one.
    let c = all / free;
    if c.is_finite() && c > 0.0 { c } else { 0.0 }
}

/// The same under `nearest`; H and q are those whose function is least at y.
pub(super) fn nearest(row: &Row, state: &[State], y: &[f64], add: &mut impl FnMut(usize, f64)) -> f64 {
    let first = row.entries.iter().position(|entry| state[entry.site] == State::Open);
    let floor = first.map_or(0.0, |at| row.entries[at].rest);
    let ahead = &row.entries[..first.unwrap_or(row.entries.len())];
    let free: Vec<&Entry> = ahead.iter().filter(|entry| state[entry.site] == State::Free).collect();
    let coefficient = |at: usize, height: f64, low: Option<usize>| match low {
        Some(q) if at < q => (free[at].rest - free[q].rest).max(0.0),
        Some(q) if at == q => free[q].rest - height,
        _ => (free[at].rest - height).max(0.0),
    };
    let value = |height: f64, low: Option<usize>| {
        height + (0..free.len()).map(|at| y[free[at].site] * coefficient(at, height, low)).sum::<f64>()
    };
    let support: Vec<usize> = (0..free.len()).filter(|&at| y[free[at].site] > 0.0).collect();
    let mut best = (value(floor, None), floor, None);
    for &top in &support {
        let height = free[top].rest.max(floor);
        let lows = support.iter().copied().filter(|&q| free[q].rest < height).map(Some);
        for low in std::iter::once(None).chain(lows) {
            let here = value(height, low);
            if here < best.0 {
                best = (here, height, low);
            }
        }
    }
    for (at, entry) in free.iter().enumerate() {
        add(entry.site, coefficient(at, best.1, best.2));
    }
    best.1
}

/// In what part of the assignments at least one of n members of different pairs is open, at most: any two coins are alike as
/// often as not, and with each assignment goes its opposite, so that any three are independent.
const REACHED: [f64; 5] = [0.0, 0.5, 0.75, 0.875, 1.0];

/// The line through [`REACHED`] about `sum`, which lies above it at every whole number: its value at 0, and its slope.
fn chord(sum: f64) -> (f64, f64) {
    let end = REACHED.len() - 1;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to the number of sites")]
    let from = (sum.max(0.0) as usize).min(end);
    let slope = REACHED[(from + 1).min(end)] - REACHED[from];
    (REACHED[from] - slope * from as f64, slope)
}

/// The mean over assignments under `nearest`, level by level of what the zone may earn. No two partners are in one row.
pub(super) fn nearest_by_coins(row: &Row, state: &[State], y: &[f64], add: &mut impl FnMut(usize, f64)) -> f64 {
    let mut members: Vec<&Entry> = row.entries.iter().filter(|entry| state[entry.site] != State::Closed).collect();
    members.sort_by(|one, other| one.rest.total_cmp(&other.rest).then(other.site.cmp(&one.site)));
    let mut above: f64 = members.iter().map(|entry| y[entry.site]).sum();
    let (mut alpha, mut slopes, mut floor) = (0.0, 0.0, 0.0);
    for entry in members {
        let height = (entry.rest - floor).max(0.0);
        let (least, slope) = chord(above);
        alpha += height * least;
        slopes += height * slope;
        add(entry.site, slopes);
        floor = entry.rest.max(floor);
        above -= y[entry.site];
    }
    alpha
}

/// Upper ends of the steps: all values where they are few, else evenly spread between the least and the largest.
fn heights(values: impl Iterator<Item = f64>, most: usize) -> Vec<f64> {
    let mut heights: Vec<f64> = values.filter(|value| *value > 0.0).collect();
    heights.sort_by(f64::total_cmp);
    heights.dedup();
    match heights.as_slice() {
        &[least, .., largest] if heights.len() > most => {
            (0..most).map(|at| least + (largest - least) * at as f64 / most as f64).collect()
        }
        _ => heights,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_set_of_members_is_above_the_function_of_its_coins() {
        for seed in 0..200_u32 {
            let noise = |at: u32| f64::from((seed * 6_271 + at * 99_991) % 1_000) / 1_000.0;
            let entry = |site: u32| Entry { site: site as usize, pull: 1.0, level: 0, rest: 10.0 * noise(site) };
            let row =
                Row { group: 0, potential: 1.0, outside: 1.0, steps: Vec::new(), entries: (0..6).map(entry).collect() };
            let y: Vec<f64> = (6..12).map(noise).collect();
            let mut rho = vec![0.0; 6];
            let alpha = nearest_by_coins(&row, &[State::Free; 6], &y, &mut |site: usize, by: f64| rho[site] += by);
            for set in 0..64_u32 {
                let members: Vec<&Entry> = row.entries.iter().filter(|entry| set >> entry.site & 1 == 1).collect();
                let truth: f64 = (0..1_u32 << members.len())
                    .map(|coins| {
                        let open = members.iter().enumerate().find(|(at, _)| coins >> at & 1 == 1);
                        open.map_or(0.0, |(_, entry)| entry.rest)
                    })
                    .sum::<f64>()
                    / f64::from(1_u32 << members.len());
                let bound = alpha + members.iter().map(|entry| rho[entry.site]).sum::<f64>();
                assert!(bound >= truth - 1e-12, "{seed}: {bound} < {truth} for {set:b}");
            }
        }
    }
}
