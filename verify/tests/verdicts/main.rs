//! Plans and certificates, right and wrong, before the checker.
//!
//! The truth comes from enumeration, written a third time here: neither the engine nor the checker's
//! own evaluation is asked.
#![expect(clippy::unwrap_used, reason = "a test stops at the first thing that is not as it must be")]

mod assignment;
mod pairs;
mod pilot;
mod profit;
mod reach;
mod risk;
mod world;
