//! The bound of an assignment problem, proved again in whole numbers from its certificate.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | v_i | `Prices::zones` | cost units x 2^-bits |
//! | lambda | `RowPrice`, `PairPrice` | cost units x 2^-bits per unit of the rule |
//! | rho'_j | `Dual::ranked` | people x cost units x 2^-bits |
//! | B | `AssignmentCertificate::bound` | people x cost units |
//!
//! For prices 0 <= v_i <= c_i0 and lambda >= 0 every plan y that obeys the rules costs at least
//!   sum_i w_i v_i - max_y sum_j rho'_j y_j + sum (lambda_min min - lambda_max max) - sum lambda_pair,
//!   rho'_j = sum_i w_i (v_i - c_ij)^+ + sum (lambda_min - lambda_max) a_j - sum of lambda of its pairs
//! [cornuejols1977; beasley1985]. Costs are whole, so a bound above B - 1 proves B. All of it is
//! integer arithmetic in 128 bits, with every product that could overflow checked.

use domain::certificate::{AssignmentCertificate, Prices};
use rayon::prelude::*;

use crate::Failure;
use crate::assignment::Problem;
use crate::facts::Facts;
use crate::near::Scratch;
use crate::rules::Rules;
use crate::selection::{Counts, Ranked, State};
use crate::tree::{self, Literals, Space};

/// Times have 32 bits and prices 63, so that a time shifted by this still fits.
const BITS_MAX: u32 = 30;
/// No sum over zones or rows may pass this, so that adding up 2^27 of them is still exact. The whole
/// Earth, each person a month away, at the finest prices, stays below a thousandth of it.
const SUM_MAX: i128 = 1 << 100;
/// Memory for one thread's sums, in sums: price sets beyond it are taken in another pass.
const SUMS_PER_PASS: usize = 4_000_000;

fn doubt(text: impl Into<String>) -> Failure {
    Failure::new("E-VER-002", text)
}

/// One set of prices, evaluated.
struct Dual {
    /// The bound but for its maximum.
    constant: i128,
    ranked: Ranked,
}

/// # Errors
/// Why the certificate does not prove its bound.
pub(crate) fn prove(
    facts: &Facts<'_>,
    rules: &Rules,
    problem: &Problem<'_>,
    certificate: &AssignmentCertificate,
) -> Result<(), Failure> {
    let bits = certificate.price_bits;
    if bits > BITS_MAX {
        return Err(doubt(format!("prices of 2^-{bits} are finer than 2^-{BITS_MAX}")));
    }
    // The least number, in units of 2^-bits, that rounds up to B or more.
    let claim = ((i128::from(certificate.bound) - 1) << bits) + 1;
    let duals = duals(facts, rules, problem, certificate)?;
    let counts = Counts { min: rules.open_min, max: rules.open_max };
    let everywhere = rules.excluded.clone();
    let state = |closed: &[bool], site: u32| match (closed[site as usize], rules.required[site as usize]) {
        (true, _) => State::Closed,
        (false, true) => State::Open,
        (false, false) => State::Free,
    };
    let mut fixed: Vec<Fixed> = Vec::with_capacity(certificate.fixings.len());
    for fixing in &certificate.fixings {
        let dual = duals.get(fixing.prices).ok_or_else(|| doubt("a fixing names prices that are not there"))?;
        let part = Fixed {
            open: sites(facts, &fixing.open)?,
            shut: sites(facts, &fixing.shut)?,
            closed: sites(facts, &fixing.closed)?,
        };
        let closed = closed_in(&everywhere, &fixed, &part.open, &part.shut);
        let mut here: Vec<State> = (0_u32..).zip(&closed).map(|(site, _)| state(&closed, site)).collect();
        // A part that no plan is in may be said to be anything.
        let empty = part.open.iter().any(|&site| here[site as usize] == State::Closed || part.shut.contains(&site))
            || part.shut.iter().any(|&site| here[site as usize] == State::Open);
        part.open.iter().for_each(|&site| here[site as usize] = State::Open);
        part.shut.iter().for_each(|&site| here[site as usize] = State::Closed);
        let mut wanted = vec![false; closed.len()];
        for &site in &part.closed {
            if rules.required[site as usize] || part.open.contains(&site) {
                return Err(doubt(format!("store {}, which is open, is closed by a price", facts.name(site))));
            }
            wanted[site as usize] = true;
        }
        for (site, largest) in dual.ranked.largest_with_each(counts, |site| here[site as usize]) {
            let proved = dual.constant - largest;
            if wanted[site as usize] && proved < claim && !empty {
                let text =
                    format!("store {} is closed by a price that proves {}", facts.name(site), whole(proved, bits));
                return Err(doubt(format!("{text}, not {}", certificate.bound)));
            }
        }
        fixed.push(part);
    }
    let mut leaves: Vec<Literals> = Vec::with_capacity(certificate.leaves.len());
    for (at, leaf) in certificate.leaves.iter().enumerate() {
        let (open, shut) = (sites(facts, &leaf.open)?, sites(facts, &leaf.closed)?);
        let closed = closed_in(&everywhere, &fixed, &open, &shut);
        let mut here: Vec<State> = (0_u32..).zip(&closed).map(|(site, _)| state(&closed, site)).collect();
        let empty = open.iter().any(|&site| here[site as usize] == State::Closed || shut.contains(&site))
            || shut.iter().any(|&site| here[site as usize] == State::Open);
        open.iter().for_each(|&site| here[site as usize] = State::Open);
        shut.iter().for_each(|&site| here[site as usize] = State::Closed);
        let enough = match leaf.prices {
            None => Err(format!("leaf {at} is called empty; the rules leave plans in it")),
            Some(prices) => {
                let dual =
                    duals.get(prices).ok_or_else(|| doubt(format!("leaf {at} names prices that are not there")))?;
                let largest = dual.ranked.largest(counts, |site| here[site as usize]);
                match largest.map(|largest| dual.constant - largest).filter(|&proved| proved < claim) {
                    Some(low) => {
                        Err(format!("leaf {at} proves {}, the claim is {}", whole(low, bits), certificate.bound))
                    }
                    None => Ok(()),
                }
            }
        };
        if let Err(why) = enough
            && !empty
            && !no_plan(facts, rules, &here)
        {
            return Err(doubt(why));
        }
        let open = open.iter().map(|&site| (site, true));
        leaves.push(open.chain(shut.iter().map(|&site| (site, false))).collect());
    }
    let closed = closed_in(&everywhere, &fixed, &[], &[]);
    tree::covers(&leaves, &Space { closed: &closed, required: &rules.required, open_max: rules.open_max })
}

/// Sites that prices close in a part of the space.
struct Fixed {
    open: Vec<u32>,
    shut: Vec<u32>,
    closed: Vec<u32>,
}

/// What is closed in the part where `open` are open and `shut` are closed: `everywhere`, and by each fixing
/// whose part holds this one.
fn closed_in(everywhere: &[bool], fixed: &[Fixed], open: &[u32], shut: &[u32]) -> Vec<bool> {
    let mut closed = everywhere.to_vec();
    for fixing in fixed {
        if fixing.open.iter().all(|site| open.contains(site)) && fixing.shut.iter().all(|site| shut.contains(site)) {
            fixing.closed.iter().for_each(|&site| closed[site as usize] = true);
        }
    }
    closed
}

/// A scaled number rounded up to a whole one.
fn whole(scaled: i128, bits: u32) -> i128 {
    -((-scaled) >> bits)
}

fn sites(facts: &Facts<'_>, ids: &[String]) -> Result<Vec<u32>, Failure> {
    ids.iter()
        .map(|id| facts.find(id).ok_or_else(|| doubt(format!("the certificate names {id}, no candidate"))))
        .collect()
}

/// Whether the counts, a conflicting pair, a floor on people or a row leave no plan in a part of the space.
pub(crate) fn no_plan(facts: &Facts<'_>, rules: &Rules, here: &[State]) -> bool {
    let open: Vec<u32> =
        (0_u32..).zip(here).filter(|(_, state)| **state == State::Open).map(|(site, _)| site).collect();
    let free = here.iter().filter(|&&state| state == State::Free).count();
    if open.len() > rules.open_max || open.len() + free < rules.open_min {
        return true;
    }
    let pair = |at: usize| open[at + 1..].iter().any(|&other| rules.conflict(facts, open[at], other));
    if (0..open.len()).any(pair) {
        return true;
    }
    let counts = Counts { min: rules.open_min, max: rules.open_max };
    let is = |of: State| here.iter().map(|&state| state == of).collect::<Vec<bool>>();
    if !rules.reach.is_empty() {
        let (opened, live, more) = (is(State::Open), is(State::Free), rules.open_max - open.len());
        if rules.reach.iter().any(|floor| floor.short(&opened, &live, more)) {
            return true;
        }
    }
    rules.own_rows().iter().any(|row| {
        let extreme = |sign: i128| {
            let ranked = Ranked::new(row.of.iter().map(|&term| sign * i128::from(term)).collect());
            ranked.largest(counts, |site| here[site as usize])
        };
        row.max.is_some_and(|max| extreme(-1).is_none_or(|least| -least > i128::from(max)))
            || row.min.is_some_and(|min| extreme(1).is_none_or(|most| most < i128::from(min)))
    })
}

/// Evaluates every set of prices, having checked that each lies in its range.
fn duals(
    facts: &Facts<'_>,
    rules: &Rules,
    problem: &Problem<'_>,
    certificate: &AssignmentCertificate,
) -> Result<Vec<Dual>, Failure> {
    let bits = certificate.price_bits;
    let mut constants = Vec::new();
    for (at, prices) in certificate.prices.iter().enumerate() {
        constants.push(zone_constant(problem, prices, bits).map_err(|why| doubt(format!("prices {at}: {why}")))?);
    }
    let sites = facts.candidates.len();
    let mut duals = Vec::new();
    for part in certificate.prices.chunks((SUMS_PER_PASS / sites.max(1)).max(1)) {
        let sums = reduced(facts, problem, part, bits);
        for (prices, mut value) in part.iter().zip(sums.chunks(sites.max(1)).map(<[i128]>::to_vec)) {
            let mut constant = constants[duals.len()];
            row_prices(facts, rules, prices, &mut constant, &mut value)
                .map_err(|why| doubt(format!("prices {}: {why}", duals.len())))?;
            duals.push(Dual { constant, ranked: Ranked::new(value) });
        }
    }
    Ok(duals)
}

/// sum_i w_i v_i, which also bounds every rho_j, so that no later sum over zones can overflow.
fn zone_constant(problem: &Problem<'_>, prices: &Prices, bits: u32) -> Result<i128, String> {
    if prices.zones.len() != problem.weights.len() {
        return Err(format!("{} prices for {} zones", prices.zones.len(), problem.weights.len()));
    }
    let mut sum = 0_i128;
    for (zone, &price) in prices.zones.iter().enumerate() {
        let weight = problem.weights[zone];
        if price < 0 || (weight > 0 && price > i64::from(problem.fallback[zone]) << bits) {
            return Err(format!("the price {price} of zone number {zone} is out of range"));
        }
        let term = i128::from(weight).checked_mul(i128::from(price)).ok_or("the prices overflow")?;
        sum = sum.checked_add(term).ok_or("the prices overflow")?;
    }
    if sum > SUM_MAX { Err("the prices overflow".into()) } else { Ok(sum) }
}

/// rho_j of several sets of prices at once, `sets x sites`. Each thread adds up its own zones; whole
/// numbers have the same sum in any order.
fn reduced(facts: &Facts<'_>, problem: &Problem<'_>, sets: &[Prices], bits: u32) -> Vec<i128> {
    let sites = facts.candidates.len();
    let threads = rayon::current_num_threads().max(1);
    let parts: Vec<Vec<i128>> = (0..threads)
        .into_par_iter()
        .map(|thread| {
            let mut sums = vec![0_i128; sets.len() * sites];
            let mut scratch = Scratch::default();
            // Every threads-th zone: neighbours in the list cost alike, so the shares are even.
            for zone in (thread..problem.weights.len()).step_by(threads) {
                let weight = i128::from(problem.weights[zone]);
                let highest = sets.iter().map(|prices| prices.zones[zone]).max().unwrap_or(0);
                if weight == 0 || highest <= 0 {
                    continue;
                }
                // Only costs below the highest price count: c 2^bits <= v - 1.
                let limit = u32::try_from((highest - 1) >> bits).unwrap_or(u32::MAX);
                problem.row(facts, zone, problem.radius.unwrap_or(limit), &mut scratch);
                for (set, prices) in sets.iter().enumerate() {
                    let price = prices.zones[zone];
                    let sums = &mut sums[set * sites..(set + 1) * sites];
                    for &(site, time) in &scratch.row {
                        let saved = price - (i64::from(problem.cost(time)) << bits);
                        if saved > 0 {
                            sums[site as usize] += weight * i128::from(saved);
                        }
                    }
                }
            }
            sums
        })
        .collect();
    let mut total = vec![0_i128; sets.len() * sites];
    for part in parts {
        total.iter_mut().zip(part).for_each(|(total, part)| *total += part);
    }
    total
}

/// Adds the prices of rows and pairs to the constant and to each site's value.
fn row_prices(
    facts: &Facts<'_>,
    rules: &Rules,
    prices: &Prices,
    constant: &mut i128,
    value: &mut [i128],
) -> Result<(), String> {
    let times = |price: i64, amount: i64| i128::from(price) * i128::from(amount);
    let add = |to: &mut i128, what: i128| -> Result<(), String> {
        *to = to.checked_add(what).filter(|sum| sum.abs() <= SUM_MAX).ok_or("the prices of rows overflow")?;
        Ok(())
    };
    for priced in &prices.rows {
        let name = &priced.row;
        let row = rules.rows.iter().find(|row| row.name == *name).ok_or_else(|| format!("there is no rule {name}"))?;
        for (price, limit, sign) in [(priced.max, row.max, -1), (priced.min, row.min, 1)] {
            if price == 0 {
                continue;
            }
            let limit =
                limit.filter(|_| price > 0).ok_or_else(|| format!("the price {price} of {name} is out of range"))?;
            add(constant, sign * times(price, limit))?;
            for (site, value) in value.iter_mut().enumerate() {
                add(value, sign * times(price, row.of[site]))?;
            }
        }
    }
    for pair in &prices.pairs {
        let (Some(one), Some(other)) = (facts.find(&pair.one), facts.find(&pair.other)) else {
            return Err(format!("{} and {} are no two candidates", pair.one, pair.other));
        };
        if pair.price < 0 || !rules.conflict(facts, one, other) {
            return Err(format!("{} and {} may both be open, or their price is out of range", pair.one, pair.other));
        }
        add(constant, -i128::from(pair.price))?;
        add(&mut value[one as usize], -i128::from(pair.price))?;
        add(&mut value[other as usize], -i128::from(pair.price))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_prices_close_in_a_part_is_closed_within_it_alone() {
        let fixed = [
            Fixed { open: vec![0], shut: vec![1], closed: vec![2] },
            Fixed { open: vec![], shut: vec![], closed: vec![4] },
        ];
        let closed = |open: &[u32], shut: &[u32]| {
            let closed = closed_in(&[false, false, false, true, false], &fixed, open, shut);
            (0..5).filter(|&site| closed[site]).collect::<Vec<_>>()
        };
        assert_eq!(closed(&[0], &[1]), [2, 3, 4]);
        assert_eq!(closed(&[0, 5], &[1, 6]), [2, 3, 4]);
        for (open, shut) in [(&[][..], &[][..]), (&[0], &[]), (&[], &[1]), (&[1], &[0])] {
            assert_eq!(closed(open, shut), [3, 4]);
        }
    }
}
