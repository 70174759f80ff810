//! Reading files that a person wrote or a run left.

use std::io;
use std::path::{Path, PathBuf};

/// A whole text file.
///
/// # Errors
/// If it can't be read or is not UTF-8.
pub fn read_text(path: &Path) -> io::Result<String> {
    std::fs::read_to_string(path)
}

/// A whole file.
///
/// # Errors
/// If it can't be read.
pub fn read_bytes(path: &Path) -> io::Result<Vec<u8>> {
    std::fs::read(path)
}

/// The absolute path without links; the path itself where there is none.
#[must_use]
pub fn real_path(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}
