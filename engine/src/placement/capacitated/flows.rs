//! Whole flows for an open set, and what they cost.

use super::Capacitated;

/// An LP's share times a demand is taken for the whole number that it lies this near to.
const NEAR: f64 = 1e-6;

/// Makes whole flows of the LP's `shares` (`customer * sites + site`) that serve every customer and keep the
/// capacity of every open site, and gives their cost with the open sites'; none where the capacity of
/// `open` does not suffice.
///
/// Demands and capacities are whole, so a vertex of the transport polytope is. What else the LP may give is
/// rounded down, and what that leaves unserved goes to the cheapest open site with room.
#[expect(clippy::cast_precision_loss, reason = "amounts are below 2^53")]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between zero and a demand")]
pub(super) fn cost(problem: &Capacitated, open: &[usize], shares: &[f64]) -> Option<f64> {
    let sites = problem.sites();
    let mut room: Vec<u64> = problem.capacity.clone();
    if open.iter().map(|&site| room[site]).sum::<u64>() < problem.total() {
        return None;
    }
    let mut cost: f64 = open.iter().map(|&site| problem.open_cost[site]).sum();
    let mut unserved = Vec::new();
    for (customer, &demand) in problem.demand.iter().enumerate() {
        let row = customer * sites;
        let mut left = demand;
        for &site in open {
            let wish = (shares[row + site].clamp(0.0, 1.0) * demand as f64 + NEAR).floor() as u64;
            let flow = wish.min(left).min(room[site]);
            if flow > 0 {
                left -= flow;
                room[site] -= flow;
                cost += problem.serve_cost[row + site] * (flow as f64 / demand as f64);
            }
        }
        if left > 0 || demand == 0 {
            unserved.push((customer, left));
        }
    }
    for (customer, mut left) in unserved {
        let row = customer * sites;
        let mut by_cost = open.to_vec();
        by_cost.sort_by(|&one, &other| problem.serve_cost[row + one].total_cmp(&problem.serve_cost[row + other]));
        let demand = problem.demand[customer];
        if demand == 0 {
            // Nothing to carry, but the file has a price for it.
            cost += by_cost.first().map_or(0.0, |&site| problem.serve_cost[row + site]);
            continue;
        }
        for site in by_cost {
            let flow = left.min(room[site]);
            left -= flow;
            room[site] -= flow;
            cost += problem.serve_cost[row + site] * (flow as f64 / demand as f64);
        }
    }
    Some(cost)
}
