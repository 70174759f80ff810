//! The cheapest assignment of rows to columns, each column used at most once [kuhn1955].
//!
//! | symbol | argument | unit |
//! |---|---|---|
//! | v_rc | `cost(r, c)` | any; infinite where c may not serve r |
//! | x_rc | the result: `result[r] = c` | |
//!
//! minimise sum v_rc x_rc subject to sum_c x_rc = 1, sum_r x_rc <= 1, x >= 0. Rows enter one by one on
//! a shortest augmenting path over reduced costs v_rc - u_r - w_c >= 0 [jonker1987]: exact, and
//! O(rows^2 x columns).

/// The column of each row; none where some row can't be served.
///
/// Ties go to the column that comes first.
#[must_use]
pub fn assign(rows: usize, columns: usize, cost: impl Fn(usize, usize) -> f64) -> Option<Vec<usize>> {
    let mut u = vec![0.0; rows];
    let mut w = vec![0.0; columns];
    let mut owner: Vec<Option<usize>> = vec![None; columns];
    for entering in 0..rows {
        let mut distance = vec![f64::INFINITY; columns];
        let mut before: Vec<Option<usize>> = vec![None; columns];
        let mut done = vec![false; columns];
        // The tree's rows, each with the length of the path to it.
        let (mut row, mut length, mut last) = (entering, 0.0, None);
        let mut tree = vec![(entering, 0.0)];
        let free = loop {
            for column in (0..columns).filter(|&column| !done[column]) {
                let through = length + cost(row, column) - u[row] - w[column];
                if through < distance[column] {
                    (distance[column], before[column]) = (through, last);
                }
            }
            let nearest = (0..columns)
                .filter(|&column| !done[column])
                .min_by(|&a, &b| distance[a].total_cmp(&distance[b]))
                .filter(|&column| distance[column].is_finite())?;
            (done[nearest], length) = (true, distance[nearest]);
            match owner[nearest] {
                None => break nearest,
                Some(next) => {
                    tree.push((next, length));
                    (row, last) = (next, Some(nearest));
                }
            }
        };
        for (row, at) in tree {
            u[row] += length - at;
        }
        for column in (0..columns).filter(|&column| done[column]) {
            w[column] -= length - distance[column];
        }
        let mut column = free;
        while let Some(previous) = before[column] {
            owner[column] = owner[previous];
            column = previous;
        }
        owner[column] = Some(entering);
    }
    let mut chosen = vec![0; rows];
    for (column, row) in owner.into_iter().enumerate() {
        if let Some(row) = row {
            chosen[row] = column;
        }
    }
    Some(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The least cost by trying all.
    fn enumerated(costs: &[Vec<f64>], row: usize, taken: &mut Vec<bool>) -> f64 {
        if row == costs.len() {
            return 0.0;
        }
        let mut best = f64::INFINITY;
        for column in 0..taken.len() {
            if !taken[column] {
                taken[column] = true;
                best = best.min(costs[row][column] + enumerated(costs, row + 1, taken));
                taken[column] = false;
            }
        }
        best
    }

    proptest! {
        #[test]
        fn trial_no_assignment_is_cheaper(
            costs in prop::collection::vec(prop::collection::vec(prop_oneof![4 => 0.0..9.0_f64, 1 => Just(f64::INFINITY)], 6), 1..6),
        ) {
            let best = enumerated(&costs, 0, &mut vec![false; 6]);
            match assign(costs.len(), 6, |row, column| costs[row][column]) {
                None => prop_assert!(best.is_infinite()),
                Some(chosen) => {
                    let mut used = chosen.clone();
                    used.sort_unstable();
                    used.dedup();
                    prop_assert_eq!(used.len(), chosen.len());
                    let sum: f64 = chosen.iter().enumerate().map(|(row, &column)| costs[row][column]).sum();
                    // Five sums and differences of numbers below 50.
                    prop_assert!((sum - best).abs() < 1e-12, "{} {}", sum, best);
                }
            }
        }
    }
}
