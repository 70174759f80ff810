//! `cornerstone init`: a project to start from.

use simulate::{World, WorldSize};

use crate::cli::Init;
use crate::exit;
use crate::project::{MARKER, Project, ProjectError};
use crate::terminal::Terminal;

/// The seed of the sample's market.
const SAMPLE_SEED: u64 = 1;

/// A grid over the sample's scenario.
const GRID: &str = r#"#:schema ../schema/scenario.json
# A grid of settings; every combination is a run: cornerstone sweep scenarios/grid.toml
name = "grid"
extends = "base.toml"

[sweep]
"demand.uptake" = ["-20 %", "0 %", "+20 %"]
"placement.stores_max" = [4, 6]
"#;

/// A scenario to fill in.
const BASE: &str = r#"#:schema ../schema/scenario.json
# Every key, its unit and its default: schema/scenario.json. Check with `cornerstone check scenarios/base.toml`.
name = "base"
as_of = "2026-11-16"            # the date that counts as today; the clock is never asked
horizon_weeks = 26
zero_rows = "zero"              # what an absent row of sales means: "zero" or "missing"

[tables]                        # CSV or Parquet, files or globs, relative to this file
markets = "../data/markets.csv"
stores = "../data/stores.csv"
sales = "../data/sales/*.parquet"
devices = "../data/devices.csv"
zones = "../data/zones.csv"
# Your own columns are mapped by SQL:
# stores = { path = "../data/shops.csv", sql = "SELECT shop AS store_id, country AS market, y AS lat, x AS lon, since AS opened FROM stores" }

[objective]
kind = "profit"                 # or "distance", "coverage" (with radius = "10 min")
# risk = { tail = "10 %", weight = 0.3 }           # profit: the worst tenth of the outcomes counts 30 %
# risk = { tail = "10 %", at_least = "50 kUSD" }   # or has to earn this in the mean

[capture]
law = "share"                   # or "nearest", "independent"

[placement]
stores_max = 12
# require = ["US-00042"]
# exclude = ["US-00099"]
# stay = ["US-00007"]           # stores of the previous plan: they stay unless changing pays more than
# stay_bonus = "40 kUSD"        # this for each of them
# distance_min = "5 km"
# by_market.GB = { stores_min = 2, capex = "500 kGBP" }

[budget]
# capex = "3.5 MUSD"
open_cost = "50 kUSD"           # where the table of stores has none

[demand]
uptake = { low = 0.02, mode = 0.04, high = 0.08 }   # device units per related unit, until corners sell

[stock]
# review_weeks = 2              # weeks between two orders
# reorder = "points"            # tell when to reorder each device and how much: (s, S); or "lots": (R, Q)
# order_cost = "12 USD"         # of one order of one device at one corner
# depot = { lead_time_weeks = 3, holding = "50 %" }   # tell what a depot in each market should hold

[pilot]
controls_per_store = 2
spillover = "5 km"
# design = "randomised"         # decide pairs of stores, and let a recorded coin open one of each
# detect = "5 %"                # the effect on related sales that the pilot must find 8 times in 10
# representative.area_m2 = 500   # mean of the chosen stores, against all candidates
# balanced.area_m2 = 500         # the same, against their controls
"#;

pub(crate) fn run(args: &Init, terminal: &Terminal) -> u8 {
    if let Err(error) = make(args) {
        return error.tell(terminal);
    }
    let next = if args.sample { "plan" } else { "check" };
    let told = format!(
        "{} is ready; next: cornerstone {next} {}\n",
        args.dir.display(),
        args.dir.join("scenarios/base.toml").display()
    );
    super::print(terminal, told.as_bytes()).err().unwrap_or(exit::DONE)
}

fn make(args: &Init) -> Result<(), ProjectError> {
    let project = Project::begin(&args.dir)?;
    if args.sample {
        project.world(&World::new(&WorldSize::sample(), SAMPLE_SEED))?;
        project.text("scenarios/grid.toml", GRID)?;
    } else {
        project.text("scenarios/base.toml", BASE)?;
        project.schemas()?;
    }
    project.text(MARKER, "# A project of cornerstone.\n")?;
    project.finish()
}
