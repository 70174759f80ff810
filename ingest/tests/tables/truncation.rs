//! A table cut off anywhere is refused, never read as a shorter one.

use crate::common::{Sample, show};
use domain::diagnostic::Severity;

#[test]
fn a_cut_at_any_byte_never_passes_for_the_whole() {
    let sample = Sample::clean();
    for name in ["markets", "devices", "stores"] {
        let folder = sample.write();
        let whole = sample.text(name).into_bytes();
        let path = folder.path().join(format!("{name}.csv"));
        // The small tables at every byte, the larger one at every few.
        let stride = if whole.len() > 700 { 13 } else { 1 };
        for cut in (0..whole.len()).step_by(stride) {
            std::fs::write(&path, &whole[..cut]).expect("write");
            match sample.load_in(folder.path()) {
                Err(findings) => assert!(findings.iter().any(|finding| finding.severity == Severity::Error)),
                // A file that ends with a whole row can't be told from a shorter table, unless what
                // is missing is missed: only a stated SHA-256 finds that.
                Ok(loaded) => {
                    assert_eq!(whole[cut - 1], b'\n', "{name} cut at {cut}: {}", show(&loaded.findings));
                    assert_eq!(name, "devices", "a store or market that is missing is missed elsewhere");
                }
            }
        }
    }
}

#[test]
fn sales_cut_inside_a_row_are_refused_at_the_byte() {
    let sample = Sample::clean();
    let folder = sample.write();
    let whole = sample.text("sales").into_bytes();
    let path = folder.path().join("sales.csv");
    for cut in whole.len() - 45..whole.len() {
        if whole[cut - 1] == b'\n' {
            continue;
        }
        std::fs::write(&path, &whole[..cut]).expect("write");
        let findings = sample.load_in(folder.path()).expect_err("refused");
        assert!(
            findings
                .iter()
                .any(|finding| finding.code == "E-IN-004" && finding.cause.contains(&format!("byte {cut}:"))),
            "{}",
            show(&findings)
        );
    }
}
