//! What a solve leaves for the next: the plan, and the certificate of its bound, with sites by number.

use std::fs;
use std::path::Path;

use domain::certificate::AssignmentCertificate;
use domain::problem::{Row, Site};
use engine::placement::assignment::Warm;
use engine::placement::{Placed, ProofPrices};
use serde::{Deserialize, Serialize};

use crate::exit;
use crate::terminal::Terminal;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    /// The plan, 0-based and ascending.
    open: Vec<Site>,
    /// The proof, sites as 0-based numbers.
    certificate: AssignmentCertificate,
}

/// Writes what `placed` found, whole or not at all.
pub(super) fn write(path: &Path, placed: &Placed, rows: &[Row], terminal: &Terminal) -> Result<(), u8> {
    let (Some(open), Some(proof)) = (&placed.open, &placed.proof) else {
        terminal.note("nothing is kept: there is no plan with a proof of whole numbers");
        return Ok(());
    };
    let certificate = proof.clone().certificate(rows, |site| site.to_string());
    // Numbers and lists of them are always JSON.
    let bytes = serde_json::to_vec(&Kept { open: open.clone(), certificate }).map_err(|error| {
        terminal.problem("E-RUN-003", "--keep", &error.to_string());
        exit::BUG
    })?;
    crate::commands::write_whole(path, &bytes, "E-RUN-005", terminal)
}

/// Reads what an earlier solve kept. That it fits the problem is seen by the search, which takes what does.
pub(super) fn read(path: &Path, budget: &Option<Row>, terminal: &Terminal) -> Result<Warm, u8> {
    let place = path.display().to_string();
    let text = fs::read_to_string(path).map_err(|error| {
        terminal.problem("E-IN-001", &place, &error.to_string());
        exit::DATA
    })?;
    let kept: Kept = serde_json::from_str(&text).map_err(|error| {
        terminal.problem("E-IN-006", &place, &format!("this is not what `--keep` writes: {error}"));
        exit::DATA
    })?;
    let mut open = kept.open;
    open.sort_unstable();
    open.dedup();
    let prices = kept.certificate.prices.into_iter();
    Ok(Warm {
        open,
        price_bits: kept.certificate.price_bits,
        prices: prices
            .map(|prices| {
                let rows = prices.rows.iter().filter(|row| budget.as_ref().is_some_and(|own| own.name == row.row));
                let rows = rows.map(|row| (0, row.max, row.min)).collect();
                ProofPrices { zones: prices.zones, rows, ..ProofPrices::default() }
            })
            .collect(),
    })
}
