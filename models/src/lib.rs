//! Forecasting and demand models: pure functions of arrays.
//!
//! Nothing here reads a file or a clock, and nothing draws a random number that is not named by a
//! seed, so that every result has the same bits whatever the threads.
//!
//! - [`univariate`]: one existing series, with conformal intervals.
//! - [`coldstart`]: stores that never sold the category, from stores like them.
//! - [`panel`]: series with prices, promotions and a calendar, all together.
//! - [`backtest`]: forecasts of the past, judged by what came after.
//! - [`opening`]: a corner's level and adoption, from its first week on.
//! - [`bass`]: how fast something new is taken up.
//! - [`counts`]: how many units a window asks for.
//! - [`inventory`]: how much to hold, when to order and how much, and the service it gives.
//! - [`sampler`]: joint samples of the demand of all stores.
//! - [`trial`]: pilots that can be read: controls, pairs, what they can detect, what they said.

pub mod backtest;
pub mod bass;
pub mod coldstart;
pub mod counts;
pub mod inventory;
pub mod normal;
pub mod opening;
pub mod panel;
pub mod sampler;
pub mod trial;
pub mod univariate;
