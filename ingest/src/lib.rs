//! Tables to a Market: sources, SQL mapping, validation, disclosure control.
//!
//! Every table goes the same way, whatever its format: its files are located (`locate`), surveyed
//! byte by byte (`csv`, `pq`), streamed as record batches with their places (`source`), mapped by the
//! scenario's SQL and cast to text (`session`). Small tables become frames that are checked cell by
//! cell; `sales` is aggregated in SQL and never held as rows. Every finding names its file, line and
//! column, and all are collected before a load is refused. No value of the health table appears in
//! any of them, and no library's error text does.

mod attributes;
mod corners;
mod csv;
mod date;
mod devices;
mod findings;
mod frame;
mod health;
mod limits;
mod load;
mod locate;
mod markets;
mod names;
mod number;
mod places;
mod points;
mod pq;
mod privacy;
mod sales;
mod scan;
mod series;
mod session;
mod source;
mod stores;
mod survey;
mod tables;
mod text;
mod travel;
mod zones;

pub use load::{InputFile, Loaded, load, recheck};
pub use points::{PointTable, PointTables, Positions, points};
pub use series::{SeriesTable, Wanted, series};
pub use tables::{Format, Mapped, Quarantine, Screen, Source, Tables, Texts};
