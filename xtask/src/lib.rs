//! The project's chores as functions, so that the tests can run them.

pub mod peers;
pub mod quality;
pub mod tidy;
