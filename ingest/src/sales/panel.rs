//! Cells to the panel: dense weeks, one series per store and product that ever sold, with a mask.
//!
//! | what | cell |
//! |---|---|
//! | a row | `Observed` |
//! | a row with the shelf empty for part of the week, or in a week that the store opened or closed in | `Censored` |
//! | no row, `zero_rows = "zero"` | `Observed`, 0 units |
//! | no row, `zero_rows = "missing"`, or beyond the market's last week | `Missing` |
//! | a week in which the store was not open throughout, without a row | `Closed` |
//! | a week outside the store's dates | `Closed`, whatever the rows say |
//!
//! The panel ends with the last full week up to `as_of` for which its market has rows.

use std::collections::{BTreeMap, BTreeSet};

use domain::calendar::{Days, Week, Weekday, epoch_day, from_epoch_day};
use domain::ids::{Ids, Idx};
use domain::market::{Product, StoreFacts};
use domain::panel::{Cell, Panel, SeriesKey};
use domain::settings::{Settings, ZeroRows};

use crate::markets::Markets;
use crate::stores::Stores;

/// Cells of a panel at the most: a guard against a table with one date far off.
pub(crate) const CELLS_MAX: usize = 1 << 30;

/// One store, product and week.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WeekCell {
    pub(crate) store: u32,
    /// The number it was given while reading; later its rank.
    pub(crate) product: u32,
    pub(crate) week: Week,
    pub(crate) units: i64,
    /// Mean price in millionths of a major unit; none where unknown.
    pub(crate) price: Option<i64>,
    pub(crate) promo: bool,
    pub(crate) stockout: bool,
    /// First and last day with a row.
    pub(crate) days: (i32, i32),
}

/// The panel with what building it brought to light.
#[derive(Debug)]
pub(crate) struct Built {
    pub(crate) panel: Panel,
    pub(crate) products: Ids<Product>,
    /// Whether a cell has a row of its own, same shape as the panel's units.
    pub(crate) rows: Vec<bool>,
    /// Weeks that were left out because they are not complete, with their first days.
    pub(crate) partial: BTreeSet<(usize, Week)>,
    /// Rows with units sold outside the store's dates: store, first week, rows.
    pub(crate) outside: BTreeMap<usize, (Week, u64)>,
    /// Cells with more units than a cell can hold.
    pub(crate) overflow: Vec<(usize, u32, Week)>,
    /// Cells whose returns exceed their sales.
    pub(crate) negative: u64,
}

/// First and last day of a week.
fn span(week: Week, start: Weekday) -> (i32, i32) {
    let first = epoch_day(week.first_day(start));
    (first, first + 6)
}

/// Of each market the first and last week that count.
fn limits(
    cells: &[WeekCell],
    weekly: bool,
    stores: &Stores,
    markets: &Markets,
    settings: &Settings,
    partial: &mut BTreeSet<(usize, Week)>,
) -> Vec<Option<(Week, Week)>> {
    let as_of = epoch_day(settings.as_of);
    let mut seen: Vec<Option<(Week, Week, i32, i32)>> = vec![None; markets.terms.len()];
    for cell in cells {
        let slot = &mut seen[stores.facts[cell.store as usize].market.at()];
        let (a, b) = cell.days;
        *slot = Some(slot.map_or((cell.week, cell.week, a, b), |(first, last, low, high)| {
            (first.min(cell.week), last.max(cell.week), low.min(a), high.max(b))
        }));
    }
    seen.into_iter()
        .enumerate()
        .map(|(market, seen)| {
            let (mut first, mut last, low, high) = seen?;
            let start = markets.terms[market].week_start;
            // A chain may rest on one day of the week, so one day without sales is no gap.
            if !weekly && low > span(first, start).0 + 1 {
                partial.insert((market, first));
                first = first.plus(1);
            }
            let last_day = span(last, start).1;
            if last_day > as_of || (!weekly && high < last_day - 1) {
                partial.insert((market, last));
                last = last.plus(-1);
            }
            (first <= last).then_some((first, last))
        })
        .collect()
}

/// How much of a week a store was open.
fn open(store: &StoreFacts, first_day: i32, last_day: i32) -> (bool, bool) {
    let opened = epoch_day(store.opened);
    let closed = store.closed.map_or(i32::MAX, epoch_day);
    (opened <= last_day && closed >= first_day, opened <= first_day && closed >= last_day)
}

/// Builds the panel; none where no week is complete or it would be too large.
pub(crate) fn build(
    cells: Vec<WeekCell>,
    names: &[String],
    layout: &super::query::Layout,
    stores: &Stores,
    markets: &Markets,
    settings: &Settings,
) -> Option<Built> {
    let mut partial = BTreeSet::new();
    let limits = limits(&cells, layout.weekly(), stores, markets, settings, &mut partial);
    let first_week = limits.iter().flatten().map(|limit| limit.0).min()?;
    let last_week = limits.iter().flatten().map(|limit| limit.1).max()?;
    let weeks = usize::try_from(last_week.0 - first_week.0 + 1).ok()?;
    let (products, cells) = ranked(cells, names);
    let market = |store: u32| stores.facts[store as usize].market.at();
    let kept =
        |cell: &WeekCell| limits[market(cell.store)].is_some_and(|(first, last)| (first..=last).contains(&cell.week));
    let mut series: Vec<SeriesKey> = cells
        .iter()
        .map(|cell| SeriesKey { store: Idx::new(cell.store as usize), product: Idx::new(cell.product as usize) })
        .collect();
    series.sort_unstable();
    series.dedup();
    let size = series.len().checked_mul(weeks).filter(|size| *size <= CELLS_MAX)?;
    let mut panel = Panel {
        first_week,
        weeks,
        units: vec![0; size],
        cells: vec![Cell::Missing; size],
        price_minor: if layout.price { vec![0; size] } else { Vec::new() },
        promo: if layout.promo { vec![false; size] } else { Vec::new() },
        customers: Vec::new(),
        series,
    };
    let mut rows = vec![false; size];
    for (number, key) in panel.series.iter().enumerate() {
        let store = &stores.facts[key.store.at()];
        let start = markets.terms[store.market.at()].week_start;
        for week in 0..weeks {
            let at = first_week.plus(i32::try_from(week).unwrap_or(0));
            let (a, b) = span(at, start);
            panel.cells[number * weeks + week] = match limits[store.market.at()] {
                _ if !open(store, a, b).1 => Cell::Closed,
                Some((first, last)) if (first..=last).contains(&at) && settings.zero_rows == ZeroRows::Zero => {
                    Cell::Observed
                }
                _ => Cell::Missing,
            };
        }
    }
    let mut built = Built {
        panel,
        products,
        rows: Vec::new(),
        partial,
        outside: BTreeMap::new(),
        overflow: Vec::new(),
        negative: 0,
    };
    for cell in cells.iter().filter(|cell| kept(cell)) {
        let key = SeriesKey { store: Idx::new(cell.store as usize), product: Idx::new(cell.product as usize) };
        let Some(number) = built.panel.find(key.store, key.product) else { continue };
        let week = usize::try_from(cell.week.0 - first_week.0).unwrap_or(0);
        let at = number * weeks + week;
        let store = &stores.facts[key.store.at()];
        let terms = &markets.terms[store.market.at()];
        let (a, b) = span(cell.week, terms.week_start);
        let (any, all) = open(store, a, b);
        if !any {
            if cell.units > 0 {
                let outside = built.outside.entry(key.store.at()).or_insert((cell.week, 0));
                *outside = (outside.0.min(cell.week), outside.1 + 1);
            }
            continue;
        }
        rows[at] = true;
        built.negative += u64::from(cell.units < 0);
        match u32::try_from(cell.units.max(0)) {
            Ok(units) => built.panel.units[at] = units,
            Err(_) => built.overflow.push((key.store.at(), cell.product, cell.week)),
        }
        built.panel.cells[at] = if cell.stockout || !all { Cell::Censored } else { Cell::Observed };
        if let (true, Some(price)) = (layout.price, cell.price) {
            built.panel.price_minor[at] = minor(price, terms.currency.minor_per_major());
        }
        if layout.promo {
            built.panel.promo[at] = cell.promo;
        }
    }
    built.rows = rows;
    Some(built)
}

/// Millionths of a major unit to minor units, half away from zero.
fn minor(millionths: i64, minor_per_major: i64) -> u32 {
    let scaled = i128::from(millionths) * i128::from(minor_per_major) + 500_000;
    u32::try_from(scaled / 1_000_000).unwrap_or(u32::MAX)
}

/// Replaces the numbers of products by their ranks.
fn ranked(mut cells: Vec<WeekCell>, names: &[String]) -> (Ids<Product>, Vec<WeekCell>) {
    let mut used = vec![false; names.len()];
    cells.iter().for_each(|cell| used[cell.product as usize] = true);
    let products: Ids<Product> =
        Ids::sorted(names.iter().zip(&used).filter(|(_, used)| **used).map(|(name, _)| name.clone()).collect());
    let rank: Vec<u32> =
        names.iter().map(|name| products.find(name).map_or(0, |idx| u32::try_from(idx.at()).unwrap_or(0))).collect();
    cells.iter_mut().for_each(|cell| cell.product = rank[cell.product as usize]);
    (products, cells)
}

/// Customers by store and week, `stores * weeks`.
pub(crate) fn customers(
    panel: &Panel,
    days: impl Iterator<Item = (usize, i32, i64)>,
    stores: &Stores,
    markets: &Markets,
) -> Vec<u32> {
    let mut sums = vec![0_u64; stores.facts.len() * panel.weeks];
    for (store, day, count) in days {
        let start = markets.terms[stores.facts[store].market.at()].week_start;
        let Some(date) = from_epoch_day(day) else { continue };
        if let Ok(week) = usize::try_from(Week::of(date, start).0 - panel.first_week.0)
            && week < panel.weeks
        {
            sums[store * panel.weeks + week] += count.unsigned_abs();
        }
    }
    sums.into_iter().map(|sum| u32::try_from(sum).unwrap_or(u32::MAX)).collect()
}

/// The last day of a week.
pub(crate) fn last_day(week: Week, start: Weekday) -> domain::calendar::Date {
    week.first_day(start).checked_add_days(Days::new(6)).unwrap_or_default()
}
