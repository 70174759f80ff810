//! Tables to a Market, from files in a folder: what is clean passes, what is not is named.

mod clean;
mod common;
mod defects;
mod invariance;
mod points;
mod truncation;
