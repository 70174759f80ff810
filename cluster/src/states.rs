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
use models::univariate::Fitted;
use redb::{Builder, Database, ReadOnlyTable, ReadableDatabase, TableDefinition, TableError, WriteTransaction};

/// Parameters by series. The number is that of their format: of another one there are none here.
const FITTED: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("fitted 1");

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
pub(crate) struct States {
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

/// By what a series is known.
pub(crate) fn key(id: &str) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = ContentHash::of_bytes(id.as_bytes()).0;
    // 0 says that none is known yet.
    u64::from_le_bytes([a, b, c, d, e, f, g, h]).max(1)
}

impl States {
    /// Opens the file, or makes a new one.
    pub(crate) fn open(path: &Path) -> Result<Self, StatesError> {
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
    pub(crate) fn commit(&self) -> Result<(), StatesError> {
        let write = self.now.lock().unwrap_or_else(PoisonError::into_inner).take();
        write.map_or(Ok(()), |write| write.commit().map_err(database))
    }
}
