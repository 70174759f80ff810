//! Why a run published nothing.

use domain::diagnostic::Diagnostic;
use engine::Conflict;
use verify::Failure;

use super::RenderError;
use crate::store::StoreError;

/// Why a run published nothing.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The scenario or the tables are refused.
    #[error("{} finding(s) refuse the input", .0.len())]
    Refused(Vec<Diagnostic>),
    /// No plan meets the rules.
    #[error("no plan meets the rules: {}", .0.iter().map(|conflict| conflict.rule.as_str()).collect::<Vec<_>>().join(", "))]
    Infeasible(Vec<Conflict>),
    /// Verification found the plan wrong.
    #[error("verification refused the plan: {}", .0.iter().map(|failure| failure.code).collect::<Vec<_>>().join(", "))]
    Verification(Vec<Failure>),
    /// The run folder.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Forecasting the histories.
    #[error(transparent)]
    Cluster(#[from] cluster::ClusterError),
    /// Fitting the cold start.
    #[error(transparent)]
    Fit(#[from] engine::fit::FitError),
    /// Deciding.
    #[error(transparent)]
    Engine(#[from] engine::EngineError),
    /// A signal came before the plan was finished.
    #[error("interrupted: nothing was published")]
    Interrupted,
    /// Rendering.
    #[error("the report could not be rendered: {0}")]
    Render(#[source] RenderError),
}

impl RunError {
    /// The exit code. The most serious refusal speaks: privacy, then resource limits, then the rest.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Refused(findings) => exit_code(findings),
            Self::Infeasible(_) => 4,
            Self::Interrupted => 130,
            Self::Verification(_) => 9,
            Self::Store(error) => exit_code(&[error.diagnostic()]),
            Self::Cluster(_) | Self::Fit(_) | Self::Engine(_) | Self::Render(_) => 1,
        }
    }
}

/// The exit code of a list of findings: the most serious refusal speaks.
#[must_use]
pub fn exit_code(findings: &[Diagnostic]) -> u8 {
    const ORDER: [u8; 8] = [8, 9, 10, 11, 7, 2, 3, 4];
    let codes: Vec<u8> =
        findings.iter().filter_map(|finding| finding.refusal).map(domain::diagnostic::Refusal::exit_code).collect();
    ORDER.into_iter().find(|code| codes.contains(code)).unwrap_or(0)
}
