//! Study to HTML and Excel.
//!
//! Nothing is computed here but what layout needs: places on a map, lengths of bars, totals of a
//! printed column. Every figure and every sentence comes from the [`Study`], the sentences by the
//! rules of [`sentences`]. The page is one file that asks for nothing: no script, no font, no image
//! from elsewhere, and a policy in its head that forbids them.

mod backtest;
mod chart;
mod comparison;
mod corners;
mod finite;
mod locale;
mod map;
mod number;
mod page;
mod sentences;
mod view;
mod workbook;

#[cfg(test)]
#[path = "../tests/fixture/mod.rs"]
mod fixture;

pub use backtest::backtest;
pub use comparison::comparison;
use domain::study::Study;

/// Why a report was not written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A figure is not a finite number, so nothing true can be said with it.
    #[error("E-OUT-001: `{field}` is {value}; a report holds finite numbers only")]
    NotFinite {
        /// Where it stands in the study.
        field: String,
        /// What it is.
        value: f64,
    },
    /// A text is longer than a workbook's cell.
    #[error("E-OUT-002: `{field}` has {length} characters; a cell of a workbook holds at most 32,767")]
    TooLong {
        /// Where it stands in the study.
        field: String,
        /// Its length in UTF-16 units, as Excel counts.
        length: usize,
    },
    /// A candidate stands in a market that the study does not know.
    #[error("candidate {candidate} is in market number {market}, but the study has {markets} markets")]
    Market {
        /// The candidate's position.
        candidate: usize,
        /// The market's position.
        market: u16,
        /// How many there are.
        markets: usize,
    },
    /// The page's template failed.
    #[error("the page could not be laid out")]
    Page(#[from] askama::Error),
    /// The workbook's writer failed; an `as_of` that is not a date does so.
    #[error("the workbook could not be written")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
}

impl ReportError {
    /// The code of docs/errors.md, where it has one: the others can't come from a study that was run.
    #[must_use]
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::NotFinite { .. } => Some("E-OUT-001"),
            Self::TooLong { .. } => Some("E-OUT-002"),
            Self::Market { .. } | Self::Page(_) | Self::Workbook(_) => None,
        }
    }
}

/// The study as one HTML file: self-contained, without script, readable offline and in print.
///
/// # Errors
/// [`ReportError::NotFinite`] for a NaN or an infinity anywhere in the study, and
/// [`ReportError::Market`] for a candidate of no market.
pub fn html(study: &Study) -> Result<String, ReportError> {
    finite::check(study)?;
    page::render(study)
}

/// The study as an Excel workbook (xlsx): one sheet per table, ids as text, the same bytes for the
/// same study.
///
/// # Errors
/// [`ReportError::NotFinite`] as for [`html`], [`ReportError::TooLong`] for a text over a cell's
/// limit, [`ReportError::Workbook`] where the writer fails.
pub fn workbook(study: &Study) -> Result<Vec<u8>, ReportError> {
    finite::check(study)?;
    workbook::write(study)
}
