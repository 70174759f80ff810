//! Against enumeration, brute force and each other.

mod chain;
mod distributions;
mod learned;
mod moments;
mod packs;
mod plans;
mod policies;
mod pools;
mod refusals;

use super::{Costs, Pmf};
use proptest::prelude::*;

/// Demand of a few units, never always 0.
fn demand() -> impl Strategy<Value = Pmf> {
    (0_u32..3, prop::collection::vec(0.01..1.0_f64, 2..6))
        .prop_map(|(low, masses)| Pmf::new(low, &masses).expect("masses"))
}

fn costs() -> impl Strategy<Value = Costs> {
    (0.2..5.0_f64, 0.5..40.0_f64).prop_map(|(holding, shortage)| Costs { holding, shortage })
}
