//! Fits the cold start, then decides: placement, stock, pilot design, worth.
//!
//! One verb per room. [`fit::fit`] makes a [`domain::forecast::Forecast`]; [`solve::solve`] takes it to
//! a [`domain::plan::Plan`] with its certificate:
//!
//! formulate -> joint (placement and stock) -> pilot -> worth.
//!
//! [`explain::explain`] says of one store why it is in the plan, or what would bring it in; [`price::price`] what each
//! part of the decision is worth; [`robust::robust`] which stores to open where the world is known only later.
//!
//! Pure: no files, no clock of its own, no environment. The same inputs give the same bytes whatever
//! the threads. Infeasible is an outcome ([`Outcome::Infeasible`]), not an error.

use domain::certificate::Certificate;
use domain::forecast::DemandSamples;
use domain::plan::Plan;
use domain::stop::Cut;
use domain::study::{Outlook, StoreNote};

mod coin;
mod error;
pub mod explain;
pub mod fit;
pub mod formulate;
pub mod instances;
pub mod joint;
mod notes;
pub mod pilot;
pub mod placement;
pub mod price;
pub mod robust;
pub mod solve;
pub mod solver;
pub mod stock;
pub mod worth;

pub use error::EngineError;

/// How a decision ended.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// With a plan; perhaps an empty one, where nothing pays.
    Solved(Box<Solved>),
    /// No plan meets the rules: a smallest set of rules that can't hold together.
    Infeasible(Vec<Conflict>),
}

/// A rule that takes part in a conflict: dropping any one of the set would end it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Conflict {
    /// The scenario's key, such as `placement.require` or `budget.capex`.
    pub rule: String,
    /// What it asks, and what would be possible, as a sentence.
    pub why: String,
    /// A code of docs/errors.md, `E-INF-00x`.
    pub code: &'static str,
}

/// A plan with all that a checker and a report need beside it.
#[derive(Debug, Clone)]
pub struct Solved {
    /// The decision. `run_id` is empty and `bound_verified` false: the caller fills them.
    pub plan: Plan,
    /// What proves its bound.
    pub certificate: Certificate,
    /// The samples it was decided over: all candidates for profit, the chosen stores otherwise.
    pub samples: DemandSamples,
    /// What a report says beside the plan.
    pub notes: StudyNotes,
    /// Why the search ended before its end, if it did.
    pub cut: Option<Cut>,
    /// Nodes of the search tree.
    pub nodes: u64,
}

/// What a report says beside the plan.
#[derive(Debug, Clone, PartialEq)]
pub struct StudyNotes {
    /// Chosen stores, their controls and the nearest misses, by store id.
    pub stores: Vec<StoreNote>,
    /// Every candidate not chosen: market position, degrees north, degrees east (rounded to 0.001).
    pub candidates: Vec<(u16, f32, f32)>,
    /// Demand of the chosen stores together.
    pub outlook: Outlook,
    /// How parts of the plan were found where not by an exact method, as sentences.
    pub remarks: Vec<String>,
}
