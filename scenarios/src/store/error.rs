//! What can go wrong with files of a run, and what it means for whoever called.

use std::io;
use std::path::{Path, PathBuf};

use domain::diagnostic::{Diagnostic, Place, Refusal};

/// A fault while a run folder is written or read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk is full.
    #[error("no space is left to write {}", .0.display())]
    Full(PathBuf),
    /// The folder can't be written: missing, read-only or not permitted.
    #[error("{} can't be written: {source}", .path.display())]
    NotWritable {
        /// Which path.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Any other fault of input or output.
    #[error("{}: {source}", .path.display())]
    Io {
        /// Which path.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another run holds the folder.
    #[error("{} is in use by {holder}", .path.display())]
    Locked {
        /// Which folder.
        path: PathBuf,
        /// Who holds it, as the lock file says.
        holder: String,
    },
    /// A file of a run is not what its manifest says.
    #[error("{}: {why}", .path.display())]
    Changed {
        /// Which file.
        path: PathBuf,
        /// In what way.
        why: &'static str,
    },
    /// A file of a run is not what it should be.
    #[error("{}: {why}", .path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// In what way.
        why: String,
    },
    /// A Parquet file could not be written or read.
    #[error("{what}: {source}")]
    Parquet {
        /// Which table.
        what: &'static str,
        /// What the library said.
        source: parquet::errors::ParquetError,
    },
    /// A table could not be written as CSV.
    #[error("{what}: {source}")]
    Csv {
        /// Which table.
        what: &'static str,
        /// What the library said.
        source: csv::Error,
    },
    /// A value that has no place in a file: NaN or infinite.
    #[error("{what} holds a number that is not finite")]
    NotFinite {
        /// Which table.
        what: &'static str,
    },
    /// A document could not be written as JSON.
    #[error("{what}: {source}")]
    Json {
        /// Which document.
        what: &'static str,
        /// What the library said.
        source: serde_json::Error,
    },
}

impl StoreError {
    /// Wraps what the system said about a path.
    #[must_use]
    pub fn io(path: &Path, source: io::Error) -> Self {
        let path = path.to_path_buf();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full(path),
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Self::NotWritable { path, source },
            _ => Self::Io { path, source },
        }
    }

    /// As a finding with its code.
    #[must_use]
    pub fn diagnostic(&self) -> Diagnostic {
        let (refusal, code, action) = match self {
            Self::Full(_) => {
                (Refusal::Permanent, "E-IO-001", "free some space and run again; the previous run is untouched")
            }
            Self::NotWritable { .. } => (Refusal::Permanent, "E-IO-003", "name a folder that can be written with -o"),
            Self::Io { .. } => (
                Refusal::Permanent,
                "E-IO-002",
                "mend the disk or the path and run again; the previous run is untouched",
            ),
            Self::Locked { .. } => (Refusal::Transient, "E-LOCK-001", "wait for that run to end and try again"),
            Self::Changed { .. } => (Refusal::Unverified, "E-VER-007", "trust nothing of this run; plan again"),
            Self::Damaged { .. } => (Refusal::Data, "E-RUN-001", "plan again: a run folder is never mended by hand"),
            Self::Parquet { .. } | Self::Csv { .. } | Self::Json { .. } => {
                (Refusal::Data, "E-RUN-001", "plan again with this version")
            }
            Self::NotFinite { .. } => (Refusal::Data, "E-OUT-001", "this is a fault of cornerstone: please report it"),
        };
        let place = match self {
            Self::Full(path)
            | Self::NotWritable { path, .. }
            | Self::Io { path, .. }
            | Self::Locked { path, .. }
            | Self::Damaged { path, .. } => Place { file: path.display().to_string(), ..Place::default() },
            _ => Place::default(),
        };
        Diagnostic::error(refusal, code, place, self.to_string(), action)
    }
}
