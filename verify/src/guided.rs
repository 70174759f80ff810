//! A bound on profit from a certificate that says only where to look.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | w, b | [`Cell`] | of one zone and device |
//! | a_j, v_j | `Entry::pull`, `Entry::value` | of a site in a cell |
//! | y | [`ProfitPoint::y`] | 0 to 1 |
//! | alpha, rho_j | [`Function`] | base-currency major units |
//! | B | the bound claimed | base-currency major units |
//!
//! Every part of the space says which sites are open (S_1), closed, or free. A function alpha + sum rho_j y'_j
//! that no plan of the part exceeds is made at y, cell by cell:
//!
//! - `share`. Cut v into steps d_1, d_2, ...: a site is in step t if its value is at least d_1 + ... + d_t, and what is
//!   left is r_j. With e_t = b + what S_1 pulls outside step t and E = b + what S_1 pulls, a plan S earns at most
//!     w sum_t d_t (1 - e_t/(E + X_t)) + w sum over S of r_j a_j/(E [+ a_j if free]),  X_t what free sites of step t pull.
//!   phi(X) = 1 - e/(E + X) is concave; replace it by its tangent at c for X < c: still concave, not below phi. So it
//!   is at most its value at 0 plus, for each site, what the site adds at 0. c solves sum y_j min(a_j, c) = c.
//! - `nearest`. A cell earns G of the first open site. With H at least G of the first site of S_1, and q a free
//!   site with G_q < H: H + sum over sites before q of (G_j - G_q)^+ + (G_q - H) y_q + sum over those after of (G_j - H)^+.
//!
//! Any c, H and q give a valid function, so a wrong point proves less and nothing false. To it, rules are
//! added at their prices. Its maximum over the number of sites is a sort. All sums are moved outward by a
//! bound on their rounding.

use domain::certificate::{ProfitCertificate, ProfitPoint};
use rayon::prelude::*;

use crate::facts::Facts;
use crate::neighbourhoods::{Field, Sharing};
use crate::rules::Rules;
use crate::selection::State;
use crate::{Failure, bound};

/// Value steps of a cell, and how many where there are many sites; what is left over is r.
const STEPS: (usize, usize) = (24, 6);
/// More sites than this are many.
const SITES_MANY: usize = 200;
/// Half the distance from 1 to the next number.
const ROUNDING: f64 = 1.2e-16;
/// Roundings that a single term goes through at most, with room.
const ROUNDINGS: f64 = 64.0;
/// Pieces that the cells of a function are summed in.
const CHUNKS: usize = 16;
/// A certificate of more parts than this is not looked at.
const PARTS_MAX: usize = 100_000;

fn doubt(text: impl Into<String>) -> Failure {
    Failure::new("E-VER-002", text)
}

/// A site in a cell.
struct Entry {
    site: usize,
    pull: f64,
    /// `share`: in so many steps. `nearest`: unused.
    level: usize,
    /// `share`: r. `nearest`: G.
    rest: f64,
}

/// A cell over the sites that were not closed when it was made.
struct Row {
    potential: f64,
    outside: f64,
    /// d.
    steps: Vec<f64>,
    entries: Vec<Entry>,
}

/// No plan of the part is worth more than alpha + the rho of its sites; both are off by at most `error` together.
struct Function {
    alpha: f64,
    rho: Vec<f64>,
    error: f64,
}

struct Proof<'a> {
    facts: &'a Facts<'a>,
    rules: &'a Rules,
    field: &'a Field,
    /// A bound on one plan by itself (open sites, ascending).
    at_most: &'a dyn Fn(&[usize]) -> f64,
    /// In what part of all that a plan stands for each of its sites is open: below 1, no cut may rest on one.
    part: f64,
    bound: f64,
}

/// # Errors
/// Why the certificate does not prove that no plan is worth more than `bound`.
pub(crate) fn prove(
    facts: &Facts<'_>,
    rules: &Rules,
    field: &Field,
    usable: impl Fn(usize) -> bool,
    at_most: &dyn Fn(&[usize]) -> f64,
    part: f64,
    certificate: &ProfitCertificate,
    bound: f64,
) -> Result<(), Failure> {
    if certificate.parts.len() > PARTS_MAX {
        return Err(doubt(format!("the proof has {} parts", certificate.parts.len())));
    }
    let proof = Proof { facts, rules, field, at_most, part, bound };
    let sites = field.sites.len();
    let mut whole: Vec<State> = (0..sites).map(|site| if usable(site) { State::Free } else { State::Closed }).collect();
    for site in (0..sites).filter(|&site| rules.required[site]) {
        if whole[site] == State::Closed || !proof.open(&mut whole, site) {
            // No plan at all.
            return Ok(());
        }
    }
    let rows = proof.rows(&whole);
    for point in &certificate.first {
        if proof.closes(&rows, &mut whole, point)? {
            return Ok(());
        }
    }
    let rows = proof.rows(&whole);
    // None for what a part of the list needs no more, because it was proved sooner.
    let mut waiting = vec![Some(whole)];
    for (at, part) in certificate.parts.iter().enumerate() {
        let Some(here) = waiting.pop() else { return Err(doubt("the proof has parts of nothing")) };
        let Some(mut here) = here else {
            if part.split.is_some() {
                waiting.extend([None, None]);
            }
            continue;
        };
        let mut proved = bound::no_plan(facts, rules, &here);
        for point in &part.points {
            proved = proved || proof.closes(&rows, &mut here, point)? || bound::no_plan(facts, rules, &here);
        }
        proved = proved || proof.single(&here);
        match &part.split {
            None if proved => {}
            None => return Err(doubt(format!("part {at} of the proof does not show {bound}"))),
            Some(_) if proved => waiting.extend([None, None]),
            Some(id) => {
                let site = proof.site(id)?;
                let (mut with, mut without) = (here.clone(), here);
                // A split by what is decided cuts off nothing: the other half is empty.
                let opens = with[site] != State::Closed && proof.open(&mut with, site);
                let closes = without[site] != State::Open;
                without[site] = State::Closed;
                waiting.push(closes.then_some(without));
                waiting.push(opens.then_some(with));
            }
        }
    }
    if waiting.is_empty() { Ok(()) } else { Err(doubt("the proof leaves parts of the space out")) }
}

impl Proof<'_> {
    /// Whether a part of one plan is shown by what that plan can earn.
    fn single(&self, state: &[State]) -> bool {
        let of = |wanted: State| (0..state.len()).filter(move |&site| state[site] == wanted);
        let open: Vec<usize> = of(State::Open).collect();
        let decided = of(State::Free).next().is_none() || open.len() >= self.rules.open_max;
        decided && (self.at_most)(&open) <= self.bound
    }

    fn site(&self, id: &str) -> Result<usize, Failure> {
        let site = self.facts.find(id).ok_or_else(|| doubt(format!("the certificate names {id}, no candidate")))?;
        Ok(site as usize)
    }

    /// Opens a site and closes what conflicts with it; false where that is open.
    fn open(&self, state: &mut [State], site: usize) -> bool {
        state[site] = State::Open;
        let mut fits = true;
        for other in (0..state.len()).filter(|&other| other != site) {
            if state[other] != State::Closed && self.rules.conflict(self.facts, index(site), index(other)) {
                fits &= state[other] != State::Open;
                state[other] = State::Closed;
            }
        }
        fits
    }

    /// The cells over what is not closed.
    fn rows(&self, state: &[State]) -> Vec<Row> {
        let mut rows: Vec<Vec<(u32, f64, f64, usize)>> = vec![Vec::new(); self.field.cells.len()];
        for (site, _) in state.iter().enumerate().filter(|(_, state)| **state != State::Closed) {
            for entry in self.field.sites[site].entries.iter().filter(|entry| entry.pull > 0.0) {
                rows[entry.cell as usize].push((entry.time, entry.pull, entry.value, site));
            }
        }
        let left = state.iter().filter(|state| **state != State::Closed).count();
        let most = if left > SITES_MANY { STEPS.1 } else { STEPS.0 };
        let cells = self.field.cells.iter().zip(rows).filter(|(cell, row)| cell.potential > 0.0 && !row.is_empty());
        cells
            .map(|(cell, mut row)| {
                let heights = heights(row.iter().map(|entry| entry.2), most);
                match self.field.sharing {
                    // Most pull first.
                    Sharing::Share => row.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.3.cmp(&other.3))),
                    Sharing::Nearest => row.sort_by_key(|entry| (entry.0, entry.3)),
                }
                let entries = row.into_iter().map(|(_, pull, value, site)| {
                    if self.field.sharing == Sharing::Nearest {
                        return Entry { site, pull, level: 0, rest: cell.potential * value * pull };
                    }
                    let level = heights.iter().filter(|height| **height <= value).count();
                    let below = if level > 0 { heights[level - 1] } else { 0.0 };
                    Entry { site, pull, level, rest: value - below }
                });
                let entries = entries.collect();
                let mut below = 0.0;
                let steps = heights.iter().map(|&height| height - std::mem::replace(&mut below, height)).collect();
                Row { potential: cell.potential, outside: cell.outside, steps, entries }
            })
            .collect()
    }

    /// Whether the function at a point leaves nothing of the part above the bound; what it decides is decided.
    fn closes(&self, rows: &[Row], state: &mut [State], point: &ProfitPoint) -> Result<bool, Failure> {
        let function = self.function(rows, state, point)?;
        let counted = |wanted| state.iter().filter(|state| **state == wanted).count();
        let (open, free) = (counted(State::Open), counted(State::Free));
        let (least, most) = (self.rules.open_min.saturating_sub(open), self.rules.open_max);
        if open > most || free < least {
            return Ok(true);
        }
        let most = most - open;
        let rho = |site: &usize| function.rho[*site];
        let fixed: f64 = (0..state.len()).filter(|&site| state[site] == State::Open).map(|site| rho(&site)).sum();
        let mut order: Vec<usize> = (0..state.len()).filter(|&site| state[site] == State::Free).collect();
        order.sort_by(|one, other| rho(other).total_cmp(&rho(one)).then(one.cmp(other)));
        // The best choice of free sites but one, by count.
        let best = |least: usize, most: usize, but: Option<usize>| {
            let (mut sum, mut taken) = (0.0, 0);
            for site in order.iter().filter(|site| Some(**site) != but) {
                if taken == most || (taken >= least && rho(site) <= 0.0) {
                    break;
                }
                sum += rho(site);
                taken += 1;
            }
            if taken >= least { sum } else { f64::NEG_INFINITY }
        };
        let base = function.alpha + fixed + function.error;
        // What is no number proves nothing.
        let shows = |value: f64| base + value <= self.bound;
        if shows(best(least, most, None)) {
            return Ok(true);
        }
        let closed: Vec<usize> = order
            .iter()
            .copied()
            .filter(|site| most == 0 || shows(rho(site) + best(least.saturating_sub(1), most - 1, Some(*site))))
            .collect();
        let opened: Vec<usize> =
            order.iter().copied().take(most).filter(|site| shows(best(least, most, Some(*site)))).collect();
        closed.into_iter().for_each(|site| state[site] = State::Closed);
        for site in opened {
            if state[site] == State::Closed || !self.open(state, site) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn function(&self, rows: &[Row], state: &[State], point: &ProfitPoint) -> Result<Function, Failure> {
        let mut y = vec![0.0; state.len()];
        for (id, share) in &point.y {
            if !(0.0..=1.0).contains(share) {
                return Err(doubt(format!("the proof opens {id} by {share}")));
            }
            y[self.site(id)?] = self.part * *share;
        }
        let loose: Vec<State>;
        let state = if self.part < 1.0 {
            let free = |state: &State| if *state == State::Closed { State::Closed } else { State::Free };
            loose = state.iter().map(free).collect();
            &loose
        } else {
            state
        };
        let mut rho: Vec<f64> = self.field.sites.iter().map(|site| -site.open_cost).collect();
        let mut size: f64 = rho.iter().map(|cost| cost.abs()).sum();
        let mut alpha = 0.0;
        // Cut up the same way on any machine, so that sums are the same.
        let sums = rows.par_chunks(rows.len().div_ceil(CHUNKS).max(1)).map(|rows| {
            let (mut alpha, mut size, mut rho) = (0.0, 0.0, vec![0.0; state.len()]);
            for row in rows {
                alpha += match self.field.sharing {
                    Sharing::Share => share(row, state, &y, &mut rho),
                    Sharing::Nearest => nearest(row, state, &y, &mut rho),
                };
                let most = row.entries.iter().map(|entry| entry.rest).fold(0.0, f64::max);
                size += match self.field.sharing {
                    Sharing::Share => row.potential * (row.steps.iter().sum::<f64>() + most),
                    Sharing::Nearest => most,
                };
            }
            (alpha, size, rho)
        });
        for sum in sums.collect::<Vec<(f64, f64, Vec<f64>)>>() {
            alpha += sum.0;
            size += sum.1;
            rho.iter_mut().zip(sum.2).for_each(|(rho, more)| *rho += more);
        }
        rho.iter_mut().for_each(|rho| *rho *= self.part);
        for (name, price) in &point.rows {
            let row = self.rules.rows.iter().find(|row| &row.name == name);
            let limit = row.and_then(|row| if *price > 0.0 { row.max } else { row.min });
            let (Some(row), Some(limit), true) = (row, limit, price.is_finite()) else {
                return Err(doubt(format!("the proof prices {name} at {price}, which is no side of a rule")));
            };
            alpha += price * limit as f64;
            let steepest = row.of.iter().map(|by| by.unsigned_abs()).max().unwrap_or(0);
            size += price.abs() * (limit.unsigned_abs() as f64 + steepest as f64 * self.rules.open_max as f64);
            rho.iter_mut().zip(&row.of).for_each(|(rho, by)| *rho -= price * *by as f64);
        }
        let terms = rows.len() as f64 + self.rules.rows.len() as f64 + state.len() as f64;
        Ok(Function { alpha, rho, error: ROUNDING * (ROUNDINGS + terms) * size })
    }
}

/// Adds a cell's rho, and returns its alpha.
fn share(row: &Row, state: &[State], y: &[f64], rho: &mut [f64]) -> f64 {
    let is = |wanted: State| row.entries.iter().filter(move |entry| state[entry.site] == wanted);
    let all = row.outside + is(State::Open).map(|entry| entry.pull).sum::<f64>();
    let mut alpha: f64 = is(State::Open).map(|entry| row.potential * entry.rest * entry.pull / all).sum();
    for entry in is(State::Free) {
        rho[entry.site] += row.potential * entry.rest * entry.pull / (all + entry.pull);
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
            rho[entry.site] += weight * (there - zero);
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
fn nearest(row: &Row, state: &[State], y: &[f64], rho: &mut [f64]) -> f64 {
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
        rho[entry.site] += coefficient(at, best.1, best.2);
    }
    best.1
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

fn index(site: usize) -> u32 {
    u32::try_from(site).unwrap_or(u32::MAX)
}
