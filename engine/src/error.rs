//! What can go wrong in the engine that is neither an infeasible problem nor a bug.

use domain::capture::Unreachable;
use domain::units::Currency;

/// Why the engine could not decide.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The cold start could not be fitted.
    #[error(transparent)]
    Fit(#[from] crate::fit::FitError),
    /// A small formulation could not be solved.
    #[error(transparent)]
    Small(#[from] crate::solver::small::SmallError),
    /// The program of the stock's prices could not be solved.
    #[error(transparent)]
    Program(#[from] crate::solver::lp::LpError),
    /// The placement search failed.
    #[error(transparent)]
    Placement(#[from] crate::placement::PlacementError),
    /// How stock is kept up could not be worked out.
    #[error("the stock's reorder points: {0}")]
    Inventory(#[from] models::inventory::Unsound),
    /// The capture law could not be calibrated.
    #[error(transparent)]
    Capture(#[from] Unreachable),
    /// The markets have several currencies, and the scenario names no base currency.
    #[error("the markets have several currencies; `fx.base` has to name the one that plans are compared in")]
    NoBaseCurrency,
    /// An amount is in a currency that has no rate.
    #[error("`fx.rates` has no rate for {currency}")]
    NoRate {
        /// The currency.
        currency: Currency,
    },
    /// A candidate has no row in the forecast.
    #[error("store `{store}` is a candidate, but the forecast has no row for it")]
    NotForecast {
        /// Its id.
        store: String,
    },
    /// `demand.potential_attribute` names a column that zones do not have.
    #[error("`demand.potential_attribute` is `{column}`, which is no numeric column of `zones`")]
    NoSuchAttribute {
        /// The column.
        column: String,
    },
    /// `pilot.representative` or `pilot.balanced` names a column that stores do not have.
    #[error("`pilot.representative` or `pilot.balanced` names `{column}`, which is no numeric column of `stores`")]
    NoSuchStoreAttribute {
        /// The column.
        column: String,
    },
    /// A floor on people can't be stated.
    #[error("`reach.{name}`: {why}")]
    Reach {
        /// The floor's name.
        name: String,
        /// Why.
        why: crate::formulate::reach::ReachError,
    },
    /// The past could not be compared.
    #[error("the sales that stores are compared on: {0}")]
    Trial(#[from] models::trial::TrialError),
    /// No plan was found whose worst outcomes earn enough, and none was shown to be impossible.
    #[error(
        "no plan was found that keeps `objective.risk.at_least`: the largest mean of the worst outcomes found is {most:.2}, and it is not shown that none exceeds {bound:.2}; give it more time, or lower the floor"
    )]
    FloorNotReached {
        /// Found.
        most: f64,
        /// At most.
        bound: f64,
    },
    /// A search was stopped before it had any plan.
    #[error("the search was stopped before it had found any plan")]
    NothingFound,
}
