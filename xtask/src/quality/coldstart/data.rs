//! The tables that `xtask/peers/coldstart.py` writes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::ColdStartTableError;
use ndarray::Array2;

/// A forecast of the peer: centre, and the ends of its interval where it has one.
pub(super) type Peer = (f64, Option<(f64, f64)>);

/// Everything about the stores, in the order of their ids.
pub(super) struct Data {
    /// `stores x attributes`.
    pub(super) features: Array2<f64>,
    /// Mean weekly units by target (all brands first, then each), by store.
    pub(super) levels: Vec<Vec<f64>>,
    /// Units of all brands by store and week, weeks counted from the first of any store.
    pub(super) weeks: Vec<Vec<Option<f64>>>,
    /// Fold of each store, by seed.
    pub(super) folds: Vec<Vec<usize>>,
    /// The peer's forecasts by seed, target and store; empty where there are none.
    pub(super) peers: Vec<Vec<Vec<Peer>>>,
}

/// A table as its rows of text.
fn rows(folder: &Path, name: &str) -> Result<Vec<Vec<String>>, ColdStartTableError> {
    let path = folder.join(name);
    let text = fs::read_to_string(&path)
        .map_err(|source| ColdStartTableError::Io { path: path.display().to_string(), source })?;
    Ok(text.lines().skip(1).map(|line| line.split(',').map(|word| word.trim().to_owned()).collect()).collect())
}

fn number(row: &[String], at: usize, table: &'static str) -> Result<f64, ColdStartTableError> {
    let refused = || ColdStartTableError::Table { table, row: row.join(",") };
    row.get(at).and_then(|word| word.parse().ok()).ok_or_else(refused)
}

/// Reads the folder.
pub(super) fn read(folder: &Path) -> Result<Data, ColdStartTableError> {
    let mut stores: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for row in rows(folder, "stores.csv")? {
        let values: Result<Vec<f64>, _> = (1..row.len()).map(|at| number(&row, at, "stores.csv")).collect();
        stores.insert(row[0].clone(), values?);
    }
    let place: BTreeMap<&str, usize> = stores.keys().enumerate().map(|(at, id)| (id.as_str(), at)).collect();
    let find = |row: &[String], at: usize, table: &'static str| {
        let known = row.get(at).and_then(|id| place.get(id.as_str()).copied());
        known.ok_or_else(|| ColdStartTableError::Table { table, row: row.join(",") })
    };
    let width = stores.values().map(Vec::len).min().unwrap_or(0);
    let values: Vec<&Vec<f64>> = stores.values().collect();
    let features = Array2::from_shape_fn((stores.len(), width), |(store, column)| values[store][column]);

    let sales = rows(folder, "weeks.csv")?;
    let brands: BTreeSet<&str> = sales.iter().filter_map(|row| Some(row.get(1)?.as_str())).collect();
    let brand: BTreeMap<&str, usize> = brands.iter().enumerate().map(|(at, id)| (*id, at + 1)).collect();
    let mut units: BTreeMap<(usize, i64), f64> = BTreeMap::new();
    // (units, weeks) by target and store.
    let mut sums = vec![vec![(0.0, 0.0); stores.len()]; brand.len() + 1];
    for row in &sales {
        let (store, sold) = (find(row, 0, "weeks.csv")?, number(row, 3, "weeks.csv")?);
        #[expect(clippy::cast_possible_truncation, reason = "a week's number")]
        let week = number(row, 2, "weeks.csv")? as i64;
        *units.entry((store, week)).or_default() += sold;
        let slot = &mut sums[brand[row[1].as_str()]][store];
        *slot = (slot.0 + sold, slot.1 + 1.0);
    }
    let first = units.keys().map(|key| key.1).min().unwrap_or(0);
    let count = units.keys().map(|key| (key.1 - first + 1).unsigned_abs() as usize).max().unwrap_or(0);
    let mut weeks = vec![vec![None; count]; stores.len()];
    for (&(store, week), &sold) in &units {
        weeks[store][(week - first).unsigned_abs() as usize] = Some(sold);
        let slot = &mut sums[0][store];
        *slot = (slot.0 + sold, slot.1 + 1.0);
    }
    let levels = sums.into_iter().map(|target| target.into_iter().map(|(sum, weeks)| sum / weeks).collect()).collect();

    let mut folds: Vec<Vec<usize>> = Vec::new();
    for row in rows(folder, "folds.csv")? {
        let [seed, fold] = [0, 2].map(|at| number(&row, at, "folds.csv"));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small numbers, else saturated")]
        let (seed, fold) = (seed? as usize, fold? as usize);
        folds.resize_with(folds.len().max(seed + 1), || vec![0; stores.len()]);
        folds[seed][find(&row, 1, "folds.csv")?] = fold;
    }
    let mut peers = Vec::new();
    if folder.join("peers.csv").exists() {
        peers = vec![vec![vec![(f64::NAN, None); stores.len()]; brand.len() + 1]; folds.len()];
        for row in rows(folder, "peers.csv")? {
            let table = "peers.csv";
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small number")]
            let seed = number(&row, 0, table)? as usize;
            let target = brand.get(row[2].as_str()).copied().unwrap_or(0);
            let ends = number(&row, 4, table).ok().zip(number(&row, 5, table).ok());
            let slot = peers.get_mut(seed).and_then(|seed: &mut Vec<Vec<Peer>>| seed.get_mut(target));
            let slot = slot.ok_or_else(|| ColdStartTableError::Table { table, row: row.join(",") })?;
            slot[find(&row, 1, table)?] = (number(&row, 3, table)?, ends);
        }
    }
    Ok(Data { features, levels, weeks, folds, peers })
}
