//! Why a run published nothing.

use domain::diagnostic::{Diagnostic, Refusal};
use verify::Failure;

use super::RenderError;
use crate::store::StoreError;

/// Why a run published nothing.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The scenario or the tables are refused, or no plan meets the rules.
    #[error("{}", refused(.0))]
    Refused(Vec<Diagnostic>),
    /// Verification found the plan wrong.
    #[error("verification refused the plan: {}", .0.iter().map(|failure| failure.code).collect::<Vec<_>>().join(", "))]
    Verification(Vec<Failure>),
    /// The run folder.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What an earlier run kept can't be read, or what this one keeps can't be written.
    #[error("{0}")]
    Kept(String),
    /// Forecasting the histories.
    #[error("{0}")]
    Cluster(#[source] cluster::ClusterError),
    /// Fitting the cold start.
    #[error(transparent)]
    Fit(#[from] engine::fit::FitError),
    /// Deciding.
    #[error(transparent)]
    Engine(#[from] engine::EngineError),
    /// What several points of a sweep share could not be made.
    #[error("{0}")]
    Shared(String),
    /// A signal came before the plan was finished.
    #[error("interrupted: nothing was published")]
    Interrupted,
    /// Rendering.
    #[error("the report could not be rendered: {0}")]
    Render(#[source] RenderError),
}

/// What a list of refusals comes to.
fn refused(findings: &[Diagnostic]) -> String {
    let rules: Vec<&str> = findings
        .iter()
        .filter(|finding| finding.refusal == Some(Refusal::Infeasible))
        .filter_map(|finding| finding.place.column.as_deref())
        .collect();
    if rules.is_empty() {
        format!("{} finding(s) refuse the input", findings.len())
    } else {
        format!("no plan meets the rules: {}", rules.join(", "))
    }
}

impl From<cluster::ClusterError> for RunError {
    fn from(error: cluster::ClusterError) -> Self {
        match error {
            cluster::ClusterError::Interrupted(_) => Self::Interrupted,
            error @ (cluster::ClusterError::States(_) | cluster::ClusterError::Kept { .. }) => {
                Self::Kept(error.to_string())
            }
            error => Self::Cluster(error),
        }
    }
}

impl From<cluster::Interrupted> for RunError {
    fn from(_: cluster::Interrupted) -> Self {
        Self::Interrupted
    }
}

impl RunError {
    /// The exit code. The most serious refusal speaks: privacy, then resource limits, then the rest.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Refused(findings) => exit_code(findings),
            Self::Interrupted => 130,
            Self::Verification(_) => 9,
            Self::Kept(_) => 11,
            Self::Store(error) => exit_code(&[error.diagnostic()]),
            Self::Cluster(_) | Self::Fit(_) | Self::Engine(_) | Self::Shared(_) | Self::Render(_) => 1,
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
