//! Who is whose control.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | d_jc | `distances` | likeness, see [`super::likeness`] |
//! | m | `each` | controls per chosen store |
//! | x_jc | a binary column | |
//! | u_j | a column | controls that store j goes without |
//!
//! minimise sum d_jc x_jc + M sum u_j subject to sum_c x_jc + u_j = m, sum_j x_jc <= 1: each control
//! serves one store, and M makes a missing control worse than any match. Of each store's controls
//! only the nearest (p - 1)(m + 1) + m are offered: the other p - 1 stores can take no more than
//! (p - 1) m of them, so a nearer one than any left out is always free [rosenbaum1989].

use crate::solver::small::{Answer, Column, Effort, Line, SmallError, minimise};

/// Nodes at most; the formulation's vertices are whole, so the root suffices.
const EFFORT: Effort = Effort { nodes_max: 1_000, gap: 0.0 };

/// The controls of each store, best match first: positions in `distances[store]`, of which an
/// infinite one is not to be used.
///
/// # Errors
/// Where the solver fails.
pub fn assign(distances: &[Vec<f64>], each: usize) -> Result<Vec<Vec<usize>>, SmallError> {
    let stores = distances.len();
    if stores == 0 || each == 0 {
        return Ok(vec![Vec::new(); stores]);
    }
    let offered_max = (stores - 1) * (each + 1) + each;
    let offered: Vec<Vec<usize>> = distances
        .iter()
        .map(|row| {
            let mut order: Vec<usize> = (0..row.len()).filter(|&at| row[at].is_finite()).collect();
            order.sort_by(|&a, &b| row[a].total_cmp(&row[b]).then(a.cmp(&b)));
            order.truncate(offered_max);
            order
        })
        .collect();
    let largest = offered
        .iter()
        .zip(distances)
        .flat_map(|(order, row)| order.iter().map(|&at| row[at]))
        .fold(f64::MIN_POSITIVE, f64::max);
    let missing = (stores * each + 1) as f64;
    let (mut columns, mut place, mut lines) = (Vec::new(), Vec::new(), Vec::new());
    for (store, order) in offered.iter().enumerate() {
        let first = columns.len();
        for &at in order {
            columns.push(Column::binary(distances[store][at] / largest));
            place.push((store, at));
        }
        columns.push(Column { cost: missing, low: 0.0, high: each as f64, whole: false });
        place.push((store, usize::MAX));
        let terms = (first..columns.len()).map(|column| (column, 1.0)).collect();
        lines.push(Line { terms, min: Some(each as f64), max: Some(each as f64) });
    }
    let mut uses: Vec<(usize, usize)> = place
        .iter()
        .enumerate()
        .filter(|(_, place)| place.1 != usize::MAX)
        .map(|(column, place)| (place.1, column))
        .collect();
    uses.sort_unstable();
    for used in uses.chunk_by(|one, other| one.0 == other.0).filter(|used| used.len() > 1) {
        let terms = used.iter().map(|&(_, column)| (column, 1.0)).collect();
        lines.push(Line { terms, min: None, max: Some(1.0) });
    }
    let mut controls = vec![Vec::new(); stores];
    if let Answer::Optimal(values) | Answer::Feasible(values) = minimise(&columns, &lines, EFFORT)? {
        for (&(store, at), value) in place.iter().zip(values) {
            if at != usize::MAX && value > 0.5 {
                controls[store].push(at);
            }
        }
    }
    for (row, controls) in distances.iter().zip(&mut controls) {
        controls.sort_by(|&a, &b| row[a].total_cmp(&row[b]).then(a.cmp(&b)));
    }
    Ok(controls)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// (controls missing, sum of distances) of the best assignment, by trying all.
    fn enumerated(distances: &[Vec<f64>], each: usize, store: usize, taken: &mut Vec<bool>) -> (usize, f64) {
        if store == distances.len() {
            return (0, 0.0);
        }
        let row = &distances[store];
        let mut best = (usize::MAX, f64::INFINITY);
        for subset in 0..1_u32 << row.len() {
            let chosen: Vec<usize> = (0..row.len()).filter(|at| subset >> at & 1 == 1).collect();
            if chosen.len() > each || chosen.iter().any(|&at| taken[at] || row[at].is_infinite()) {
                continue;
            }
            chosen.iter().for_each(|&at| taken[at] = true);
            let (missing, sum) = enumerated(distances, each, store + 1, taken);
            chosen.iter().for_each(|&at| taken[at] = false);
            let here = (missing + each - chosen.len(), sum + chosen.iter().map(|&at| row[at]).sum::<f64>());
            if here.0 < best.0 || (here.0 == best.0 && here.1 < best.1) {
                best = here;
            }
        }
        best
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        #[test]
        fn no_assignment_is_better(
            rows in prop::collection::vec(prop::collection::vec(prop_oneof![4 => 0.0..10.0_f64, 1 => Just(f64::INFINITY)], 6), 1..4),
            each in 1_usize..4,
        ) {
            let controls = assign(&rows, each).expect("solved");
            let mut used: Vec<usize> = controls.concat();
            let count = used.len();
            used.sort_unstable();
            used.dedup();
            prop_assert_eq!(used.len(), count, "a control is used twice");
            let sum: f64 = controls.iter().zip(&rows).flat_map(|(controls, row)| controls.iter().map(|&at| row[at])).sum();
            let (missing, best) = enumerated(&rows, each, 0, &mut vec![false; 6]);
            prop_assert_eq!(rows.len() * each - count, missing);
            // HiGHS keeps 1e-6 on distances scaled to 1; here they go to 10.
            prop_assert!((sum - best).abs() < 1e-4, "{} {}", sum, best);
        }
    }
}
