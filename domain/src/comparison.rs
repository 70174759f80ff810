//! A comparison: what came of a sweep, as sweep.json states it.
//!
//! | noun | is |
//! |---|---|
//! | axis | a setting of the grid, with its values; nature or we decide it |
//! | point | one combination of values: a scenario, planned as a run of its own |
//! | world | a point as nature may bring it, for one combination of what we decide |
//! | regret | what a plan lacks, in a world, to the best plan there |
//!
//! Field order is the order in the file. It names no time, no thread and no path.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::plan::{self, PROVEN};
use crate::units::Currency;

/// The version of sweep.json that this code writes and reads.
pub const SCHEMA: &str = "cornerstone/sweep/2";

/// What came of a sweep.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// [`SCHEMA`].
    pub schema: String,
    /// `sweep-<as_of>-<hash>`.
    pub sweep_id: String,
    /// The scenario's name.
    pub scenario: String,
    /// The date that counted as today, ISO 8601.
    pub as_of: String,
    /// Version of cornerstone.
    pub version: String,
    /// Whether the data is simulated.
    pub synthetic: bool,
    /// The worst of the points' exit codes, in the order of [`SERIOUS`].
    pub exit_code: u8,
    /// The grid, in the order of the file.
    pub axes: Vec<AxisNote>,
    /// The point that stores are compared with, and whether it is the scenario as it stands.
    pub base: Base,
    /// The points, the last axis fastest.
    pub points: Vec<PointNote>,
    /// Every store that a plan holds, in how many; most first, then by id.
    pub stores: Vec<Survivor>,
    /// The names that people know stores by, of every store of a plan that has one.
    pub names: BTreeMap<String, String>,
    /// What choosing now loses where the world is otherwise, for each choice that is ours; empty where no plan seeks profit.
    pub regret: Vec<Choice>,
}

/// One setting of the grid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AxisNote {
    /// The dotted path.
    pub key: String,
    /// `nature` or `we`.
    pub decided_by: By,
    /// As written.
    pub values: Vec<String>,
}

/// Who decides a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// The world.
    Nature,
    /// The chain.
    We,
}

/// What points are compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Base {
    /// Position of the point.
    pub point: usize,
    /// Whether it is the scenario as it stands; else it is the first point.
    pub scenario: bool,
}

/// How a point ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// With a plan that none is better than.
    Proven,
    /// With a plan and a gap.
    Gap,
    /// No plan meets its rules.
    Infeasible,
    /// With an error.
    Error,
}

/// A point of the grid.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PointNote {
    /// The value of each axis, as written.
    pub at: Vec<String>,
    /// Its run, or what its run would be called.
    pub run_id: String,
    /// How it ended.
    pub status: Status,
    /// As `plan` would have ended.
    pub exit_code: u8,
    /// What it reached; none without a plan.
    pub objective: Option<Reached>,
    /// Ids of its stores, ascending.
    pub stores: Vec<String>,
    /// How many of them the base has as well.
    pub stores_in_base: usize,
    /// Why there is no plan, as sentences.
    pub why: Vec<String>,
}

/// What a plan reached.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reached {
    /// A currency code, `people x minutes` or `people`.
    pub unit: String,
    /// Reached.
    pub value: f64,
    /// No plan does better.
    pub bound: f64,
    /// The design's gap.
    pub gap: f64,
    /// Whether verification confirmed the bound.
    pub bound_verified: bool,
    /// The base currency.
    pub currency: Currency,
    /// Expected profit on fresh samples, in base-currency major units.
    pub expected_profit: f64,
    /// 8 in 10 outcomes of it lie within.
    pub interval: [f64; 2],
    /// Units of opening stock.
    pub stock_units: u64,
}

/// A store and the plans that hold it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Survivor {
    /// Its id.
    pub store_id: String,
    /// Points whose plan holds it.
    pub points: usize,
    /// Points with a plan.
    pub of: usize,
}

/// One combination of what we decide, and the worlds that nature may bring.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// The settings that we decide, as written; empty where the sweep has none.
    pub at: BTreeMap<String, String>,
    /// The base currency.
    pub unit: String,
    /// Positions of the points that are its worlds.
    pub worlds: Vec<usize>,
    /// Worlds of this choice that are no part of it, since no plan is known there.
    pub left_out: Vec<usize>,
    /// Whether the stock is decided again in each world; else it is kept with the stores.
    pub stock_again: bool,
    /// By world: the best value that is known, and what none exceeds.
    pub best: Vec<[f64; 2]>,
    /// Plans, those of points first.
    pub plans: Vec<Weighed>,
    /// The plan with the least greatest regret; none where no plan is allowed in every world.
    pub robust: Option<usize>,
    /// The plan with the greatest mean.
    pub best_mean: Option<usize>,
    /// The plan with the greatest worst value.
    pub best_worst: Option<usize>,
    /// No choice of stores has a smaller greatest regret than this.
    pub regret_at_least: f64,
    /// Whether the search for these plans came to its end.
    pub searched: bool,
}

impl Choice {
    /// A regret in one world, or the greatest over all, as a reader is told it: what is within the gap up to which the best
    /// plans there count as proven is none.
    #[must_use]
    pub fn lost(&self, regret: f64, world: Option<usize>) -> f64 {
        let worlds = match world {
            Some(world) => self.best.get(world..=world).unwrap_or_default(),
            None => &self.best,
        };
        let proven = worlds.iter().any(|[known, _]| plan::gap(*known, *known + regret) <= PROVEN);
        if proven { 0.0 } else { regret }
    }
}

/// A plan and what it would be worth in each world.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Weighed {
    /// Positions of the points that found it; empty where it was found by comparing.
    pub points: Vec<usize>,
    /// Ids of its stores, ascending.
    pub stores: Vec<String>,
    /// The point whose stock it keeps, where stock is not decided again.
    pub stock_of: Option<usize>,
    /// By world: what it earns; none where it is not allowed.
    pub values: Vec<Option<f64>>,
    /// By world: its regret, at least and at most; none where it is not allowed.
    pub regrets: Vec<Option<[f64; 2]>>,
    /// The greatest, at least and at most; none where it is not allowed in every world.
    pub greatest: Option<[f64; 2]>,
    /// Its mean over the worlds; none where it is not allowed in every world.
    pub mean: Option<f64>,
    /// Its worst value; none where it is not allowed in every world.
    pub worst: Option<f64>,
}
