//! The binary, as its users meet it.

mod browser;
mod budget;
mod country;
mod defects;
mod deploy;
mod diff;
mod explain;
mod interrupt;
mod journey;
mod kept;
mod mistakes;
mod pairs;
mod points;
mod reach;
mod readout;
mod replan;
mod replenish;
mod series;
mod solve;
mod support;
mod sweep;
mod watch;
mod worth;
