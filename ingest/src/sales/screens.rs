//! Screens of plausibility over the panel: units of issue, prices, outliers.
//!
//! Each looks for a pattern that real demand does not make, at a distance from what it does make:
//! clean data must pass.

use std::collections::BTreeMap;

use datafusion::error::DataFusionError;
use domain::calendar::{Week, epoch_day};
use domain::diagnostic::{Diagnostic, Place};
use domain::panel::{Cell, Panel};

use super::Sales;
use super::panel::Built;
use super::query::{numbers, run};
use crate::findings::{Findings, SHOWN};
use crate::text::shown;

/// Units per pack that are in use; a series that jumps by one of these may have changed its unit.
const PACKS: [f64; 5] = [10.0, 12.0, 28.0, 30.0, 100.0];
/// A jump is one of them within this part of it.
const PACK_SLACK: f64 = 0.2;
/// Weeks on each side of a jump.
const SIDE: usize = 4;
/// In each store that jumped, the least of the one side is at least so many times the most of the other.
const APART: u64 = 3;
/// So many units on the lower side of a store, so that its ratio means something.
const LOW_UNITS: u64 = 4;
/// Stores that must jump in the same week.
const STORES_MIN: usize = 3;

/// A cell is absurd above this many times its series' median, and above this many units.
const OUTLIER: (u64, u32) = (1000, 10_000);
/// Prices this far apart are in different units: cents beside dollars.
const PRICE_RATIO: std::ops::RangeInclusive<f64> = 50.0..=200.0;

/// A jump of a product in a week, over its stores.
#[derive(Debug, Default)]
struct Jump {
    stores: usize,
    low: u64,
    high: u64,
}

impl Sales<'_> {
    /// Runs all screens.
    pub(super) async fn screen(&self, built: &Built, findings: &mut Findings) -> Result<(), DataFusionError> {
        self.unit_switches(built, findings).await?;
        self.prices(built, findings).await?;
        self.outliers(built, findings).await?;
        self.gaps(built, findings);
        Ok(())
    }

    /// Where the first row of a product in a week (and store) stands.
    async fn first(
        &self,
        built: &Built,
        store: Option<usize>,
        product: usize,
        week: Week,
        column: &str,
    ) -> Result<Place, DataFusionError> {
        let market = store.map_or(0, |store| self.stores.facts[store].market.at());
        let first = epoch_day(week.first_day(self.markets.terms[market].week_start));
        let name = &built.products.names()[product];
        let batches = run(self.context, &self.layout.first_within(store, name, (first, first + 6))).await?;
        Ok(self.place(numbers(&batches, 0).flatten().next(), column))
    }

    async fn unit_switches(&self, built: &Built, findings: &mut Findings) -> Result<(), DataFusionError> {
        let panel = &built.panel;
        let mut jumps: BTreeMap<(usize, usize, bool), Jump> = BTreeMap::new();
        let mut sellers: BTreeMap<usize, usize> = BTreeMap::new();
        for (number, key) in panel.series.iter().enumerate() {
            *sellers.entry(key.product.at()).or_default() += 1;
            for (week, up, low, high) in series_jumps(panel, number) {
                let jump = jumps.entry((key.product.at(), week, up)).or_default();
                jump.stores += 1;
                jump.low += low;
                jump.high += high;
            }
        }
        for ((product, week, up), jump) in jumps {
            let ratio = jump.high as f64 / jump.low as f64;
            let enough = jump.stores >= STORES_MIN && jump.stores * 10 >= sellers[&product];
            let Some(pack) = PACKS.into_iter().find(|pack| (ratio / pack - 1.0).abs() <= PACK_SLACK) else { continue };
            if !enough {
                continue;
            }
            let at = panel.first_week.plus(i32::try_from(week).unwrap_or(0));
            let date = at.first_day(self.markets.terms[0].week_start);
            let cause = format!(
                "units of {} {} by {ratio:.1} (near {pack}) in the week of {date}, in {} stores at once: was the unit switched?",
                shown(&built.products.names()[product]),
                if up { "rise" } else { "fall" },
                jump.stores
            );
            let place = self.first(built, None, product, at, "units").await?;
            let action = "convert to one unit with `sql`, or acknowledge E-UOM-001";
            findings.screen("E-UOM-001", place, cause, action, 0);
        }
        Ok(())
    }

    async fn prices(&self, built: &Built, findings: &mut Findings) -> Result<(), DataFusionError> {
        let panel = &built.panel;
        if panel.price_minor.is_empty() {
            return Ok(());
        }
        let medians: Vec<Option<u32>> = (0..panel.series.len())
            .map(|number| median(&mut known(&panel.price_minor[number * panel.weeks..(number + 1) * panel.weeks])))
            .collect();
        let mut groups: BTreeMap<(usize, usize), Vec<u32>> = BTreeMap::new();
        for (key, price) in panel.series.iter().zip(&medians) {
            let market = self.stores.facts[key.store.at()].market.at();
            groups.entry((market, key.product.at())).or_default().extend(price);
        }
        let usual: BTreeMap<(usize, usize), u32> =
            groups.into_iter().filter_map(|(key, mut prices)| Some((key, median(&mut prices)?))).collect();
        let mut odd = Vec::new();
        for (number, key) in panel.series.iter().enumerate() {
            let market = self.stores.facts[key.store.at()].market.at();
            let Some(&usual) = usual.get(&(market, key.product.at())) else { continue };
            let prices = &panel.price_minor[number * panel.weeks..(number + 1) * panel.weeks];
            let weeks: Vec<usize> = (0..prices.len()).filter(|&week| apart(prices[week], usual)).collect();
            // One odd price is a giveaway; several are another unit.
            if weeks.len() >= 3 {
                odd.push((number, weeks, usual));
            }
        }
        for (at, (number, weeks, usual)) in odd.iter().enumerate() {
            if at == SHOWN {
                break;
            }
            let key = panel.series[*number];
            let week = panel.first_week.plus(i32::try_from(weeks[0]).unwrap_or(0));
            let place = self.first(built, Some(key.store.at()), key.product.at(), week, "price").await?;
            let cause = format!(
                "{} prices of {} at {} are about a hundred times off the usual {usual} minor units{}: cents beside whole units?",
                weeks.len(),
                shown(&built.products.names()[key.product.at()]),
                shown(self.stores.ids.name(key.store)),
                if odd.len() > SHOWN && at == 0 { format!(" ({} series in all)", odd.len()) } else { String::new() }
            );
            let action = "give all prices in one unit, or acknowledge E-CUR-001";
            findings.screen("E-CUR-001", place, cause, action, 0);
        }
        Ok(())
    }

    async fn outliers(&self, built: &Built, findings: &mut Findings) -> Result<(), DataFusionError> {
        let panel = &built.panel;
        let mut odd = Vec::new();
        for (number, _) in panel.series.iter().enumerate() {
            let (units, _) = panel.row(number);
            if units.iter().all(|units| *units <= OUTLIER.1) {
                continue;
            }
            let Some(middle) = median(&mut known(units)) else { continue };
            for (week, &value) in units.iter().enumerate() {
                if value > OUTLIER.1 && u64::from(value) > OUTLIER.0 * u64::from(middle) {
                    odd.push((number, week, value, middle));
                }
            }
        }
        for (at, &(number, week, value, middle)) in odd.iter().take(SHOWN).enumerate() {
            let key = panel.series[number];
            let week = panel.first_week.plus(i32::try_from(week).unwrap_or(0));
            let place = self.first(built, Some(key.store.at()), key.product.at(), week, "units").await?;
            let cause = format!(
                "{value} units of {} at {} in one week; the usual is {middle}{}",
                shown(&built.products.names()[key.product.at()]),
                shown(self.stores.ids.name(key.store)),
                if odd.len() > SHOWN && at == 0 { format!(" ({} such cells)", odd.len()) } else { String::new() }
            );
            findings.say(Diagnostic::warning(
                "W-OUT-001",
                place,
                cause,
                "correct it, or leave the row out and compare the plans",
            ));
        }
        Ok(())
    }
}

/// Weeks in which a series jumps: week, whether up, units of the lower and of the higher side.
fn series_jumps(panel: &Panel, number: usize) -> Vec<(usize, bool, u64, u64)> {
    let (units, cells) = panel.row(number);
    let mut found = Vec::new();
    for week in SIDE..units.len().saturating_sub(SIDE - 1) {
        let span = week - SIDE..week + SIDE;
        if cells[span].iter().any(|cell| !matches!(cell, Cell::Observed | Cell::Censored)) {
            continue;
        }
        let side = |from: usize| {
            let side = &units[from..from + SIDE];
            let (mut low, mut high, mut sum) = (u64::MAX, 0, 0);
            for &value in side {
                let value = u64::from(value);
                low = low.min(value);
                high = high.max(value);
                sum += value;
            }
            (low, high, sum)
        };
        let (before, after) = (side(week - SIDE), side(week));
        if before.2 >= LOW_UNITS && after.0 >= APART * before.1 {
            found.push((week, true, before.2, after.2));
        } else if after.2 >= LOW_UNITS && before.0 >= APART * after.1 {
            found.push((week, false, after.2, before.2));
        }
    }
    found
}

/// The values above 0.
fn known(values: &[u32]) -> Vec<u32> {
    values.iter().copied().filter(|value| *value > 0).collect()
}

fn median(values: &mut [u32]) -> Option<u32> {
    let middle = values.len() / 2;
    (!values.is_empty()).then(|| *values.select_nth_unstable(middle).1)
}

fn apart(a: u32, b: u32) -> bool {
    a > 0 && b > 0 && PRICE_RATIO.contains(&(f64::from(a.max(b)) / f64::from(a.min(b))))
}
