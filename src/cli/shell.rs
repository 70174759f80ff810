//! What shells and manuals ask for.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// Whose script
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub(crate) struct Man {
    /// The folder that the pages go to; made if need be, and nothing in it is overwritten
    pub(crate) dir: PathBuf,
}
