//! What the decisions and the forecasts are worth, against a known truth: `cargo xtask quality placement | forecasting | coldstart | panel | trials | stock`.

mod accuracy;
mod calibrate;
mod coldstart;
mod decision;
mod forecasting;
mod panel;
mod placement;
mod series;
mod stock;
mod trials;

use std::io;

use domain::diagnostic::Diagnostic;
use simulate::SimulateError;

pub use accuracy::{Accuracy, seasonal_naive_2};
pub use coldstart::{ColdStartTableError, coldstart};
pub use decision::decisions;
pub use forecasting::{calibrate, forecasting};
pub use panel::panel;
pub use placement::placement;
pub use series::{Case, Set, sets};
pub use stock::stock;
pub use trials::{TrialWindows, trials};

/// Why no table of quality could be made, or what it shows.
#[derive(Debug, thiserror::Error)]
pub enum QualityError {
    /// The tables could not be written.
    #[error("the tables could not be written: {0}")]
    Io(#[from] io::Error),
    /// The world's own scenario was refused.
    #[error("the simulated scenario was refused: {0}")]
    Scenario(#[from] toml::de::Error),
    /// The world's own tables were refused.
    #[error("the simulated tables were refused: {}", .0.first().map_or("without a reason", |first| first.cause.as_str()))]
    Tables(Vec<Diagnostic>),
    /// The histories could not be forecast.
    #[error(transparent)]
    Cluster(#[from] cluster::ClusterError),
    /// The fit or the decision failed.
    #[error(transparent)]
    Engine(#[from] engine::EngineError),
    /// The truth was asked for something it does not know.
    #[error(transparent)]
    Simulate(#[from] SimulateError),
    /// A world without budgets had no plan.
    #[error("world {0} has no plan although no budget binds")]
    Infeasible(u64),
    /// A file of the benchmark data is not as its README says.
    #[error("{file} could not be read: {what}")]
    Data {
        /// Which.
        file: String,
        /// Why.
        what: String,
    },
    /// A rule of thumb earned more.
    #[error("on average, `{0}` earned at least as much as the plan")]
    Beaten(&'static str),
}
