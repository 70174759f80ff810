//! run.json: what a run was made of. Timings stand here and nowhere else.

use serde::{Deserialize, Serialize};

use domain::settings::Settings;

/// The version of run.json that this code writes and reads.
pub const SCHEMA: &str = "cornerstone/run/1";

/// What a run was made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// [`SCHEMA`].
    pub schema: String,
    /// The run's id.
    pub run_id: String,
    /// The exit code it ended with.
    pub exit_code: u8,
    /// The scenario file as named, made absolute so that `verify` finds the tables.
    pub scenario_file: String,
    /// The settings, with all that was inherited and all defaults.
    pub settings: Settings,
    /// Version of cornerstone.
    pub version: String,
    /// Version of the solver.
    pub solver: String,
    /// Hash of the Market's content.
    pub market_hash: String,
    /// Hash of demand_samples.parquet.
    pub samples_hash: String,
    /// Why the search ended early, if it did; a cut by the clock can't be replayed.
    pub cut: Option<String>,
    /// Nodes of the search.
    pub nodes: u64,
    /// Files read.
    pub inputs: Vec<InputRecord>,
    /// Parameters that the forecasts of the histories went on from, where they were found before the latest weeks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<KeptRecord>,
    /// Seconds by step, in order.
    pub seconds: Vec<(String, f64)>,
}

/// Parameters of an earlier run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptRecord {
    /// The file that kept them.
    pub file: String,
    /// Hash of `ages`, which the run's id holds.
    pub sha256: String,
    /// By history, in the order of stores, then products: (weeks since its parameters were found, how many that follow
    /// each other have that age). What was found follows from the weeks it was found from.
    pub ages: Vec<(u32, u32)>,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputRecord {
    /// The table it belongs to.
    pub role: String,
    /// Its path.
    pub path: String,
    /// Its hash.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
    /// Rows that passed.
    pub rows: u64,
}
