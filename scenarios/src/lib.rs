//! Scenario files to runs.
//!
//! [`spec`] reads a scenario with what it extends; [`run`] takes it from tables to a verified plan;
//! [`store`] publishes a run folder atomically and reads it back.

pub mod run;
pub mod spec;
pub mod store;
