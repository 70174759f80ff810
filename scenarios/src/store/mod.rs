//! Run folders: staged, synced, renamed, and only then current.
//!
//! `RUNS/<as_of>-<hash>/` appears whole or not at all: everything is written to `RUNS/.staging-…`,
//! each file and the folder are synced, the folder is renamed, and `RUNS/CURRENT` is replaced last.
//! A kill at any system call leaves the previous run whole and current.

mod error;
mod folder;
mod manifest;
mod read;
pub mod record;
pub mod samples;
mod tables;

pub use error::StoreError;
pub use folder::{Runs, Staging};
pub use manifest::{MANIFEST, check as check_manifest};
pub use read::{read_bytes, read_text, real_path};
pub use tables::{controls, depot, forecast, forecast_csv, reorder, stock};
