//! Groups of zones that share a theta: near ones together, by costs alone.
//!
//! Zones are put in an order by halving: of a set, two far-apart sites a and b are found as the sites next to
//! the zone farthest from a first one, and next to the zone farthest from that; the set is split at the
//! median of c_ia - c_ib [faloutsos1995]. Any run of that order is then a compact patch, and groups
//! of any number are runs of it, so that a group can be split later without losing its cuts.

use rayon::prelude::*;

use super::matrix::{Matrix, Zones};

/// The zones with weight, near ones near each other.
pub(super) fn order(matrix: &Matrix<'_>, zones: &Zones<'_>) -> Vec<u32> {
    #[expect(clippy::cast_possible_truncation, reason = "zones are numbered in 32 bits")]
    let mut order: Vec<u32> = (0..zones.len() as u32).filter(|&zone| zones.weights[zone as usize] > 0).collect();
    halve(matrix, zones, &mut order);
    order
}

fn halve(matrix: &Matrix<'_>, zones: &Zones<'_>, part: &mut [u32]) {
    if part.len() < 3 {
        return;
    }
    let nearest = |zone: u32| {
        let mut best = (u32::MAX, usize::MAX);
        matrix.each(zone as usize, |column, cost| best = best.min((cost, column)));
        best.1
    };
    let cost = |zone: u32, column: usize| {
        if column == usize::MAX { 0 } else { matrix.cost(zone as usize, column).min(zones.cap[zone as usize]) }
    };
    let farthest = |part: &[u32], column: usize| {
        part.iter().copied().max_by_key(|&zone| (cost(zone, column), std::cmp::Reverse(zone))).unwrap_or(part[0])
    };
    let first = nearest(part[0]);
    let one = nearest(farthest(part, first));
    let other = nearest(farthest(part, one));
    part.sort_by_cached_key(|&zone| (i64::from(cost(zone, one)) - i64::from(cost(zone, other)), zone));
    let (left, right) = part.split_at_mut(part.len() / 2);
    halve(matrix, zones, left);
    halve(matrix, zones, right);
}

/// How often to halve the zones so that a round of cuts has about `coefficients`, and there are at most `most`
/// groups: the more groups, the tighter the LP, and the more sites open, the fewer a group is concerned with.
///
/// A cut names the columns that are nearer to a zone of the group than its price. As prices count those
/// of `prices`, in the order's order.
pub(super) fn halvings(matrix: &Matrix<'_>, order: &[u32], prices: &[u32], coefficients: usize, most: usize) -> u32 {
    let words = matrix.width().div_ceil(64);
    let mut halvings = most.min(order.len()).max(1).ilog2();
    // At the finest, who is named by each group; then neighbours are joined.
    let starts = starts(order.len(), halvings);
    let mut named: Vec<Vec<u64>> = starts
        .par_windows(2)
        .map(|run| {
            let mut named = vec![0_u64; words];
            for at in run[0]..run[1] {
                matrix.each(order[at] as usize, |column, cost| {
                    named[column / 64] |= u64::from(cost < prices[at]) << (column % 64);
                });
            }
            named
        })
        .collect();
    let size = |named: &Vec<Vec<u64>>| -> usize {
        named.iter().flatten().map(|word| word.count_ones() as usize).sum::<usize>() + named.len()
    };
    while halvings > 0 && size(&named) > coefficients {
        halvings -= 1;
        named = named
            .chunks(2)
            .map(|pair| match pair {
                [one, other] => one.iter().zip(other).map(|(one, other)| one | other).collect(),
                _ => pair[0].clone(),
            })
            .collect();
    }
    halvings
}

/// Where 2^halvings groups of `zones` zones begin, and the end. Groups of fewer halvings are unions of
/// these, so that a cut over one keeps its strength when the group is split.
pub(super) fn starts(zones: usize, halvings: u32) -> Vec<usize> {
    let mut starts: Vec<usize> = (0..=1_usize << halvings).map(|group| (group * zones) >> halvings).collect();
    starts.dedup();
    starts
}
