//! A bound on profit from a certificate that says only where to look.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | w, b | [`Row`] | of one zone and device |
//! | a_j, v_j | `Entry` of [`cells`] | of a site in a cell |
//! | y, mu | [`ProfitFunction::points`], [`ProfitFunction::weights`] | 0 to 1 |
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
//! Any c, H and q give a valid function, so a wrong point proves less and nothing false; and so does any mixture of such
//! functions, cell by cell: those of several points, with weights mu that add up to 1 in each group of zones. To it, rules are
//! added at their prices. Its maximum over the number of sites is a sort. All sums are moved outward by a
//! bound on their rounding.

use domain::certificate::{ProfitCertificate, ProfitFunction};
use rayon::prelude::*;

use crate::facts::Facts;
use crate::field::{Field, Sharing};
use crate::rules::Rules;
use crate::selection::State;
use crate::{Failure, bound};

mod cells;

use cells::{Row, groups, nearest, nearest_by_coins, rows, share};

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
    let claimants = certificate.groups.iter().map(|id| proof.site(id)).collect::<Result<Vec<usize>, Failure>>()?;
    let groups = groups(field, &claimants);
    let cells = rows(field, &whole, &groups);
    for function in &certificate.first {
        if proof.closes(&cells, &mut whole, function)? {
            return Ok(());
        }
    }
    let cells = rows(field, &whole, &groups);
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
        for function in &part.functions {
            proved = proved || proof.closes(&cells, &mut here, function)? || bound::no_plan(facts, rules, &here);
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

    /// Whether a function leaves nothing of the part above the bound; what it decides is decided.
    fn closes(&self, rows: &[Row], state: &mut [State], function: &ProfitFunction) -> Result<bool, Failure> {
        let function = self.function(rows, state, function)?;
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

    /// y by site.
    fn point(&self, shares: &[(String, f64)]) -> Result<Vec<f64>, Failure> {
        let mut y = vec![0.0; self.field.sites.len()];
        for (id, share) in shares {
            if !(0.0..=1.0).contains(share) {
                return Err(doubt(format!("the proof opens {id} by {share}")));
            }
            y[self.site(id)?] = *share;
        }
        Ok(y)
    }

    fn function(&self, rows: &[Row], state: &[State], function: &ProfitFunction) -> Result<Function, Failure> {
        let mut points = function.points.iter().map(|point| self.point(point)).collect::<Result<Vec<_>, _>>()?;
        let mixture = mixture(rows, function)?;
        // Where coins open half of the members, a function of any set of stores is taken at half of each; that of `nearest` is of
        // the mean over coins itself.
        let coins = self.part < 1.0 && self.field.sharing == Sharing::Nearest;
        let half = if coins { 1.0 } else { self.part };
        points.iter_mut().flatten().for_each(|y| *y *= half);
        let loose: Vec<State>;
        let state = if self.part < 1.0 {
            let free = |state: &State| if *state == State::Closed { State::Closed } else { State::Free };
            loose = state.iter().map(free).collect();
            &loose
        } else {
            state
        };
        let mut rho: Vec<f64> = self.field.sites.iter().map(|site| -self.part * site.open_cost).collect();
        let mut size: f64 = rho.iter().map(|cost| cost.abs()).sum();
        let mut alpha = 0.0;
        // Cut up the same way on any machine, so that sums are the same.
        let sums = rows.par_chunks(rows.len().div_ceil(CHUNKS).max(1)).map(|rows| {
            let (mut alpha, mut size, mut rho) = (0.0, 0.0, vec![0.0; state.len()]);
            for row in rows {
                for &(point, weight) in &mixture[row.group.min(mixture.len() - 1)] {
                    let y = &points[point];
                    let mut add = |site: usize, by: f64| rho[site] += weight * by;
                    alpha += weight
                        * match self.field.sharing {
                            Sharing::Share => share(row, state, y, &mut add),
                            Sharing::Nearest if coins => nearest_by_coins(row, state, y, &mut add),
                            Sharing::Nearest => nearest(row, state, y, &mut add),
                        };
                }
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
            // A cell moves the function's constant and the slope of each store that is open.
            size += (self.rules.open_max as f64 + 1.0) * sum.1;
            rho.iter_mut().zip(sum.2).for_each(|(rho, more)| *rho += half * more);
        }
        for (name, price) in &function.rows {
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
        // A sum of sums goes through as many roundings as the longest of them and their number together.
        let cells = rows.len().div_ceil(CHUNKS) * points.len().max(1) + CHUNKS;
        let terms = (cells + self.rules.rows.len() + state.len()) as f64;
        Ok(Function { alpha, rho, error: ROUNDING * (ROUNDINGS + terms) * size })
    }
}

/// By group, and for all groups beyond: the points that count, with weights that add up to 1.
fn mixture(rows: &[Row], function: &ProfitFunction) -> Result<Vec<Vec<(usize, f64)>>, Failure> {
    let points = function.points.len();
    if points == 0 && !rows.is_empty() {
        return Err(doubt("the proof has a function of no point"));
    }
    let part = |weights: &Vec<(u32, f64)>| {
        let all: f64 = weights.iter().map(|weight| weight.1).sum();
        let mut seen = vec![false; points];
        let mut fits = |&(point, weight): &(u32, f64)| {
            let first = seen.get_mut(point as usize).is_some_and(|seen| !std::mem::replace(seen, true));
            first && weight >= 0.0
        };
        if weights.is_empty() {
            return Ok(vec![(0, 1.0)]);
        }
        if !(weights.iter().all(&mut fits) && all > 0.0 && all.is_finite()) {
            return Err(doubt("the proof has weights that are none"));
        }
        Ok(weights.iter().map(|&(point, weight)| (point as usize, weight / all)).collect())
    };
    let mut mixture = function.weights.iter().map(part).collect::<Result<Vec<_>, _>>()?;
    mixture.push(vec![(0, 1.0)]);
    Ok(mixture)
}

fn index(site: usize) -> u32 {
    u32::try_from(site).unwrap_or(u32::MAX)
}
