//! The binary, as its users meet it.

mod browser;
mod budget;
mod country;
mod defects;
mod explain;
mod interrupt;
mod journey;
mod kept;
mod pairs;
mod points;
mod reach;
mod readout;
mod replenish;
mod series;
mod solve;
mod support;
mod sweep;
mod worth;
