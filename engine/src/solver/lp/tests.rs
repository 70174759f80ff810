//! Programs with known answers, and what must be refused.

use super::*;

const FREE: f64 = f64::INFINITY;

/// min -x - 2y, x + y <= 4, x + 3y <= 6: (3, 1), -5, duals -1/2 each.
fn small() -> Lp {
    let mut lp = Lp::new();
    let x = lp.add_column(-1.0, 0.0, FREE, false).expect("finite");
    let y = lp.add_column(-2.0, 0.0, FREE, false).expect("finite");
    lp.add_row(-FREE, 4.0, &[(x, 1.0), (y, 1.0)]).expect("finite");
    lp.add_row(-FREE, 6.0, &[(x, 1.0), (y, 3.0)]).expect("finite");
    lp
}

#[test]
fn an_lp_grows_and_is_solved_again() {
    let mut lp = small();
    let answer = lp.solve().expect("solved");
    assert_eq!(answer.status, LpStatus::Optimal);
    assert!((answer.objective + 5.0).abs() < 1e-9, "{answer:?}");
    assert!((answer.row_duals[0] + 0.5).abs() < 1e-9 && (answer.row_duals[1] + 0.5).abs() < 1e-9);
    lp.add_row(-FREE, 2.0, &[(0, 1.0)]).expect("finite");
    let answer = lp.solve().expect("solved");
    assert!((answer.objective + 2.0 + 8.0 / 3.0).abs() < 1e-9, "{answer:?}");
    lp.set_bounds(1, 0.0, 0.0).expect("finite");
    assert!((lp.solve().expect("solved").objective + 2.0).abs() < 1e-9);
    lp.set_cost(0, 1.0).expect("finite");
    assert!(lp.solve().expect("solved").objective.abs() < 1e-9);
    let z = lp.add_column(-1.0, 0.0, 7.0, false).expect("finite");
    assert_eq!(z, 2);
    assert!((lp.solve().expect("solved").objective + 7.0).abs() < 1e-9);
}

#[test]
fn infeasible_and_unbounded_are_answers_without_values() {
    let mut lp = small();
    lp.add_row(9.0, FREE, &[(0, 1.0), (1, 1.0)]).expect("finite");
    let answer = lp.solve().expect("solved");
    assert_eq!(answer.status, LpStatus::Infeasible);
    assert!(answer.columns.is_empty());
    let mut lp = Lp::new();
    lp.add_column(-1.0, 0.0, FREE, false).expect("finite");
    assert_eq!(lp.solve().expect("solved").status, LpStatus::Unbounded);
}

#[test]
fn whole_columns_come_with_a_bound() {
    let mut lp = Lp::new();
    for cost in [-5.0, -4.0, -3.0] {
        lp.add_column(cost, 0.0, 1.0, true).expect("finite");
    }
    lp.add_row(-FREE, 5.0, &[(0, 2.0), (1, 3.0), (2, 1.0)]).expect("finite");
    lp.set_start(vec![0.0, 0.0, 1.0]).expect("whole");
    let answer = lp.solve().expect("solved");
    assert!((answer.objective + 9.0).abs() < 1e-9, "{answer:?}");
    assert!((answer.bound + 9.0).abs() < 1e-9 && answer.mip_gap < 1e-9, "{answer:?}");
}

#[test]
fn what_is_no_number_is_refused() {
    let mut lp = Lp::new();
    assert!(matches!(lp.add_column(f64::NAN, 0.0, 1.0, false), Err(LpError::NotFinite { what: "cost", .. })));
    assert!(matches!(lp.add_column(1.0, 2.0, 1.0, false), Err(LpError::Crossed { .. })));
    lp.add_column(1.0, 0.0, 1.0, false).expect("finite");
    assert!(matches!(lp.add_row(0.0, 1.0, &[(0, f64::INFINITY)]), Err(LpError::NotFinite { .. })));
    assert!(matches!(lp.add_row(f64::NAN, 1.0, &[]), Err(LpError::NotFinite { .. })));
    assert!(matches!(lp.add_row(0.0, 1.0, &[(3, 1.0)]), Err(LpError::NoSuchColumn { column: 3, columns: 1 })));
    assert!(matches!(lp.set_cost(0, f64::NEG_INFINITY), Err(LpError::NotFinite { .. })));
}

#[test]
fn the_version_is_the_locked_one() {
    let lock = include_str!("../../../../Cargo.lock");
    let pinned = lock.split("name = \"highs-sys\"\nversion = \"").nth(1).and_then(|rest| rest.split('"').next());
    assert_eq!(pinned.map(|version| format!("HiGHS {version}")).as_deref(), Some(Lp::version()));
}
