//! Fitted parameters, kept in a file from one run to the next.
//!
//! The file is a small database [redb]: a run reads what the last one left while it writes what it leaves itself, and
//! all of that counts at once when the answer is published, or not at all. Series are known by the first eight bytes of
//! the SHA-256 of their ids; should two ever share them, the history tells them apart, and they are fitted again.
//!
//! [redb]: https://docs.rs/redb

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use domain::hash::ContentHash;
use domain::market::Market;
use domain::panel::Panel;
use models::univariate::{Fitted, Methods};
use rayon::prelude::*;
use redb::{Builder, Database, ReadOnlyTable, ReadableDatabase, TableDefinition, TableError, WriteTransaction};

/// Parameters by series, of one format, a number, and of one version of cornerstone: those of others are not gone on from,
/// so that what was found follows from what it was found from.
const FITTED: TableDefinition<'_, u64, &[u8]> =
    TableDefinition::new(concat!("fitted 2 by ", env!("CARGO_PKG_VERSION")));

/// Bytes of the file that are held in memory.
const CACHE: usize = 64 << 20;

/// Why parameters could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum StatesError {
    /// The file is no such database, is in use, or the disk failed.
    #[error("{0}")]
    Database(#[source] Box<redb::Error>),
    /// What the file holds of a series is no set of parameters.
    #[error("what it holds of a series can't be read: {0}")]
    Damaged(#[from] postcard::Error),
}

/// The parameters of the last run, and those of this one.
pub struct States {
    // Dropped last: the others stand on it.
    earlier: Option<ReadOnlyTable<u64, &'static [u8]>>,
    now: Mutex<Option<WriteTransaction>>,
    _database: Database,
}

impl std::fmt::Debug for States {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("States")
    }
}

fn database(error: impl Into<redb::Error>) -> StatesError {
    StatesError::Database(Box::new(error.into()))
}

/// By what the series of a market's panel are known, in its order.
#[must_use]
pub fn keys(market: &Market) -> Vec<u64> {
    let id = |series: &domain::panel::SeriesKey| {
        // No table has ids with a zero byte: that of a store ends where it stands.
        key(&format!("{}\0{}", market.store_ids.name(series.store), market.product_ids.name(series.product)))
    };
    market.sales.series.iter().map(id).collect()
}

/// By what a series is known.
pub(crate) fn key(id: &str) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = ContentHash::of_bytes(id.as_bytes()).0;
    // 0 says that none is known yet.
    u64::from_le_bytes([a, b, c, d, e, f, g, h]).max(1)
}

impl States {
    /// Opens the file, or makes a new one.
    ///
    /// # Errors
    /// If it is no such file, is in use, or can't be read or written.
    pub fn open(path: &Path) -> Result<Self, StatesError> {
        let file = Builder::new().set_cache_size(CACHE).create(path).map_err(database)?;
        let read = file.begin_read().map_err(database)?;
        let earlier = match read.open_table(FITTED) {
            Ok(table) => Some(table),
            Err(TableError::TableDoesNotExist(_)) => None,
            Err(error) => return Err(database(error)),
        };
        let now = Mutex::new(Some(file.begin_write().map_err(database)?));
        Ok(Self { earlier, now, _database: file })
    }

    /// What the last run left of a series.
    pub(crate) fn get(&self, key: u64) -> Result<Option<Fitted>, StatesError> {
        let Some(table) = &self.earlier else { return Ok(None) };
        let found = table.get(key).map_err(database)?;
        found.map(|bytes| postcard::from_bytes(bytes.value())).transpose().map_err(StatesError::Damaged)
    }

    /// How many periods ago the parameters were fitted that each series of a panel goes on from; 0 where it is fitted
    /// to all of its history, now or then, which says the same.
    ///
    /// # Errors
    /// If the file can't be read.
    pub fn ages(&self, panel: &Panel, keys: &[u64], season: usize) -> Result<Vec<u32>, StatesError> {
        let age = |(at, &key): (usize, &u64)| {
            let (units, cells) = panel.row(at);
            let units: Vec<f64> = units.iter().map(|&units| f64::from(units)).collect();
            let age = self.get(key)?.and_then(|fitted| fitted.age(&units, cells, Methods::Middle, season));
            Ok(age.and_then(|age| u32::try_from(age).ok()).unwrap_or(0))
        };
        keys.par_iter().enumerate().map(age).collect()
    }

    /// Keeps parameters for the next run, once this one is through.
    pub(crate) fn put(&self, fitted: impl Iterator<Item = (u64, Vec<u8>)>) -> Result<(), StatesError> {
        let now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(write) = now.as_ref() else { return Ok(()) };
        let mut table = write.open_table(FITTED).map_err(database)?;
        for (key, bytes) in fitted {
            table.insert(key, bytes.as_slice()).map_err(database)?;
        }
        Ok(())
    }

    /// Makes all that was put count.
    ///
    /// # Errors
    /// If the file can't be written.
    pub fn commit(&self) -> Result<(), StatesError> {
        let write = self.now.lock().unwrap_or_else(PoisonError::into_inner).take();
        write.map_or(Ok(()), |write| write.commit().map_err(database))
    }
}
