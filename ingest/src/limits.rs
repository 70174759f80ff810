//! What a table may hold at the most. Beyond these a file is an accident or an attack.

/// Rows of one file.
pub(crate) const ROWS_MAX: u64 = 1_000_000_000;
/// Bytes of one CSV field: 1 MiB.
pub(crate) const FIELD_BYTES_MAX: usize = 1 << 20;
/// Bytes of one CSV record.
pub(crate) const RECORD_BYTES_MAX: usize = 16 << 20;
/// Columns of one file.
pub(crate) const COLUMNS_MAX: usize = 4_096;
/// Bytes that a Parquet file may declare to hold once unpacked: 256 GiB.
pub(crate) const UNPACKED_BYTES_MAX: i64 = 256 << 30;
/// Bytes of one Parquet row group once unpacked, since a group is decoded as one: 4 GiB.
pub(crate) const GROUP_BYTES_MAX: i64 = 4 << 30;
/// Rows of a table that is held as rows (all but `sales` and `travel`).
pub(crate) const ENTITIES_MAX: usize = 4_000_000;
/// Memory that queries may use: 6 GiB.
pub(crate) const MEMORY_MAX: usize = 6 << 30;
