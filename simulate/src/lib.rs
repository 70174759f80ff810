//! Markets with a known truth: their tables, and what any plan would really have earned.
//!
//! A [`World`] is drawn from a seed. Its tables (`write_csv`, `scenario_toml`) are all that a plan may
//! know; what corners really sell lies in a hidden distribution, coded apart from `domain`'s laws and
//! not always of the kind that is fitted. `true_profit` is the expectation of a decision's profit
//! over fresh draws from it, `oracle` the placement of one who knows the distribution, not the draws.
//!
//! The path: `geography` (where) -> `chain` (who lives there, what a corner costs) -> `sales` (what
//! stores sell today) -> `tables`; beside it `truth` (the hidden distribution), `field` (who goes
//! where), `shelf` (what stock does), `profit`, `oracle`, `baselines`.

mod assortment;
mod baselines;
mod budget;
mod catchment;
mod chain;
mod cities;
mod field;
mod geography;
mod oracle;
mod profit;
mod random;
mod sales;
mod scenario;
mod shelf;
mod tables;
mod truth;
mod world;

pub use budget::StockBudget;
pub use geography::Country;
pub use profit::{Decision, TrueProfit};
pub use tables::Table;
pub use world::{SimulateError, World, WorldSize};
