//! The scenario that fits a world's tables.

use std::fmt::Write;

use crate::assortment::DEVICES;
use crate::geography::Country;
use crate::tables::Table;
use crate::world::{HORIZON_WEEKS, POUND_IN_DOLLARS, REVIEW_WEEKS, World};

impl World {
    /// A base scenario over the tables in `../data`: profit under the share law, with budgets that
    /// leave a choice.
    #[must_use]
    pub fn scenario_toml(&self) -> String {
        let mut tables = String::new();
        for table in Table::ALL {
            // A string never refuses text; the same holds below.
            let _ = writeln!(tables, "{:<7} = \"../data/{}\"", table.role(), table.file_name());
        }
        let mut uptakes = String::new();
        for device in &DEVICES[..self.device_count] {
            let [low, mode, high] = device.uptake;
            let _ = writeln!(uptakes, "{:<13} = {{ low = {low}, mode = {mode}, high = {high} }}", device.id);
        }
        let (base, fx) = match self.geography.markets.as_slice() {
            [Country::Gb] => ("GBP", String::new()),
            [Country::Us] => ("USD", String::new()),
            _ => (
                "USD",
                format!("\n[fx]\nbase = \"USD\"\nrates = {{ GBP = {POUND_IN_DOLLARS} }}   # dollars per pound\n"),
            ),
        };
        let corners = f64::from(self.stores_max);
        let dearest = (0..self.shops.len()).map(|store| self.open_cost(store)).fold(0.0, f64::max);
        let mean =
            (0..self.shops.len()).map(|store| self.open_cost(store)).sum::<f64>() / self.shops.len().max(1) as f64;
        let capex = (corners * 0.5 * (mean + dearest) / 5_000.0).ceil() * 5.0;
        let stock = (corners * 15_000.0 / 5_000.0).ceil() * 5.0;
        let (as_of, stores_max) = (Self::as_of(), self.stores_max);
        let solver = if self.shops.len() <= 100 { "\n[solver]\ngap = \"0 %\"\n" } else { "" };
        format!(
            "name = \"base\"
as_of = \"{as_of}\"             # the date that counts as today
horizon_weeks = {HORIZON_WEEKS}
zero_rows = \"zero\"                # a week without a row sold nothing
seed = {seed}

[tables]
{tables}{fx}
[objective]
kind = \"profit\"                   # or \"distance\", \"coverage\"

[capture]
law = \"share\"                     # or \"independent\", \"nearest\"
beta_per_minute = 0.12
outside = 1.0

[travel]
speed = \"40 km/h\"
detour = 1.3
minutes_max = \"30 min\"

[placement]
stores_max = {stores_max}

[budget]
capex = \"{capex} k{base}\"
stock = \"{stock} k{base}\"

[demand]
samples = 200

[demand.uptake_by_device]           # device units per related unit sold: one in ten below low, one in ten above high
{uptakes}
[stock]
policy = \"cycle\"
review_weeks = {REVIEW_WEEKS}

[pilot]
controls_per_store = 2
spillover = \"5 km\"
match_weeks = 26
watch_weeks = 13
{solver}",
            seed = self.seed,
        )
    }
}
