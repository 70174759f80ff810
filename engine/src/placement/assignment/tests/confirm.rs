//! A checker of proofs that shares no code with the search.

use domain::problem::{Assignment, Rules, Site};

use super::world::{cost, subsets};
use crate::placement::{Proof, ProofFixing};

/// Checks a proof by enumeration: each step's prices over every open set that the step speaks of.
pub(super) fn confirm(rules: &Rules, problem: &Assignment, proof: &Proof) -> Result<(), String> {
    let counted = |open: &[Site]| {
        (rules.open_min..=rules.open_max).contains(&open.len())
            && rules.require.iter().all(|site| open.contains(site))
            && !rules.exclude.iter().any(|site| open.contains(site))
    };
    // What the prices say that an open set costs at least, whole.
    let least = |position: usize, open: &[Site]| -> Result<i128, String> {
        let prices = &proof.prices[position];
        let mut sum = 0_i128;
        for (zone, &price) in prices.zones.iter().enumerate() {
            let highest = i128::from(problem.fallback[zone]) << proof.price_bits;
            if i128::from(price) < 0 || (problem.weights[zone] > 0 && i128::from(price) > highest) {
                return Err(format!("price {price} of zone {zone}"));
            }
            let saved =
                |&site: &Site| (i128::from(price) - (i128::from(cost(problem, zone, site)) << proof.price_bits)).max(0);
            sum += i128::from(problem.weights[zone]) * (i128::from(price) - open.iter().map(saved).sum::<i128>());
        }
        for &(row, upper, lower) in &prices.rows {
            let rule = &rules.rows[row];
            if upper < 0 || lower < 0 || (upper > 0 && rule.max.is_none()) || (lower > 0 && rule.min.is_none()) {
                return Err(format!("prices of row {row}"));
            }
            let value = i128::from(rule.value(open));
            sum += i128::from(upper) * (value - i128::from(rule.max.unwrap_or(0)));
            sum -= i128::from(lower) * (value - i128::from(rule.min.unwrap_or(0)));
        }
        for &(one, other, price) in &prices.pairs {
            if price < 0 || !rules.conflicts.contains(&(one, other)) {
                return Err(format!("price of pair {one} {other}"));
            }
            let both = i128::from(open.contains(&one)) + i128::from(open.contains(&other));
            sum += i128::from(price) * (both - 1);
        }
        // Costs are whole: anything above B - 1 is at least B.
        let unit = 1_i128 << proof.price_bits;
        Ok(sum.div_euclid(unit) + i128::from(sum.rem_euclid(unit) > 0))
    };
    let within = |open: &[Site], fixing: &ProofFixing| {
        fixing.open.iter().all(|site| open.contains(site)) && !fixing.shut.iter().any(|site| open.contains(site))
    };
    // Plans that the steps so far have shown to cost the bound or more.
    let mut shown: Vec<Vec<Site>> = Vec::new();
    for fixing in &proof.fixings {
        for open in subsets(rules) {
            let speaks = within(&open, fixing) && open.iter().any(|site| fixing.closed.contains(site));
            if counted(&open) && speaks && !shown.contains(&open) {
                if least(fixing.prices, &open)? < proof.bound {
                    return Err(format!("{fixing:?} at {open:?}"));
                }
                shown.push(open);
            }
        }
    }
    let agrees = |open: &[Site], leaf: &(Vec<Site>, Vec<Site>, Option<usize>)| {
        leaf.0.iter().all(|site| open.contains(site)) && !leaf.1.iter().any(|site| open.contains(site))
    };
    for open in subsets(rules).filter(|open| counted(open) && !shown.contains(open)) {
        let mut covered = false;
        for leaf in proof.leaves.iter().filter(|leaf| agrees(&open, leaf)) {
            covered = true;
            match leaf.2 {
                Some(position) if least(position, &open)? < proof.bound => return Err(format!("{leaf:?} at {open:?}")),
                None if rules.allow(&open) => return Err(format!("{leaf:?} is not empty: {open:?}")),
                _ => {}
            }
        }
        if !covered {
            return Err(format!("{open:?} is in no leaf"));
        }
    }
    Ok(())
}
