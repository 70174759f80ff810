//! The nouns of cornerstone and their arithmetic.
//!
//! Nothing here reads a file, a clock or the environment; nothing here knows a solver, SQL or HTML.
//! Every other crate speaks in these types, so that the path of the data has as few hops as there
//! are nouns: tables -> [`market::Market`] -> [`forecast::Forecast`] -> [`plan::Plan`] +
//! [`certificate::Certificate`] -> [`study::Study`].

pub mod backtest;
pub mod calendar;
pub mod capture;
pub mod certificate;
pub mod comparison;
pub mod diagnostic;
pub mod forecast;
pub mod geo;
pub mod hash;
pub mod ids;
pub mod market;
pub mod panel;
pub mod places;
pub mod plan;
pub mod problem;
pub mod reach;
pub mod seed;
pub mod settings;
pub mod steps;
pub mod stop;
pub mod study;
pub mod units;
