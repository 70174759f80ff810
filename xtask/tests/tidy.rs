//! The house is as ARCHITECTURE.md says it is.

use std::path::Path;

#[test]
fn the_house_is_tidy() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace");
    let findings = xtask::tidy::check(root);
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}
