//! The solver backend: the only room that knows a solver.
//!
//! [`lp`] is a program that grows, for the cut loops; [`small`] takes a small formulation whole.

pub mod lp;
pub mod small;
