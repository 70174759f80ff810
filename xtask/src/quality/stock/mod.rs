//! What stock promises and what stockouts hide, on demand with a known truth: `cargo xtask quality stock`.

use std::io;

use super::QualityError;

mod demand;
mod hidden;
mod service;

/// Prints what promised stock serves and how far estimates of demand under stockouts are off, over `chains` simulated
/// chains of each kind.
///
/// # Errors
/// Where the tables can't be written.
pub fn stock(chains: usize) -> Result<(), QualityError> {
    let mut out = io::stdout().lock();
    service::table(&mut out, chains)?;
    hidden::table(&mut out, chains)?;
    Ok(())
}

/// Mean and its standard error.
fn summary(values: &[f64]) -> (f64, f64) {
    let count = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / count;
    let spread: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, (spread / (count - 1.0).max(1.0) / count).sqrt())
}
