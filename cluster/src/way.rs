//! How series are forecast, beside what is asked of them.

use std::sync::Arc;

use domain::stop::Stop;
use models::univariate::Methods;

use crate::states::States;

/// By which methods, from which parameters, and until when.
#[derive(Debug, Clone, Default)]
pub struct Way {
    /// By which methods.
    pub methods: Methods,
    /// Parameters of an earlier run, and where those of this one go.
    pub kept: Option<Arc<States>>,
    /// Whether a signal came is looked at between series.
    pub stop: Stop,
}

/// A signal came before the forecasts were finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("interrupted: nothing was published")]
pub struct Interrupted;

/// Whether to go on.
pub(crate) fn look(stop: &Stop) -> Result<(), Interrupted> {
    if stop.interrupted() { Err(Interrupted) } else { Ok(()) }
}
