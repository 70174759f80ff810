//! Memory as it is planned: said before the solve, and refused above what is allowed.
//!
//! | part | bytes |
//! |---|---|
//! | distance of an instance: a cost by site and zone, and copies of what stays in play | 5.5 each |
//! | distance of points: a cost by zone and site of the core, of 3,000 sites at most, twice while it changes | 8 each |
//! | coverage, by pair within the radius: site, cost, and the site again while rows are put together | 13 each |
//! | capture: a pull by site and zone, and the blocks that the search holds | 14 each |
//! | capacities: a cost by site and customer, and its columns in the programs and the solver's tree | 10,000 each |
//! | prices of the rounds, cuts, groups, by zone | 3,000 each |
//! | points, ids and the text they are read from | 200 each |
//! | the program itself, and prices of a tree of some hundred nodes | 50 MB |
//!
//! Each was fitted to the largest resident size on instances of docs/performance.md, and lies above it. It is a plan
//! and no limit: a tree that grows for long, the solver's under limited capacities above all, may take more.

use crate::cli::Solve;
use crate::exit;
use crate::size::shown;
use crate::terminal::Terminal;

/// What the rows of a problem hold.
#[derive(Debug, Clone, Copy)]
pub(super) enum Rows {
    /// A cost for every pair.
    Costs,
    /// Costs that are measured, and kept for the sites of the core.
    Measured,
    /// A pull for every pair.
    Pulls,
    /// So many pairs within the radius.
    Pairs(u64),
    /// A cost and columns of programs for every pair.
    Capacities,
}

const BASE: u64 = 50_000_000;
/// The core rarely holds so many sites.
const CORE: u64 = 3_000;
const POINT: u64 = 200;
const ZONE: u64 = 3_000;

/// Bytes planned for a problem.
fn planned(sites: usize, zones: usize, rows: Rows) -> u64 {
    let pairs = (sites as u64).saturating_mul(zones as u64);
    let rows = match rows {
        Rows::Costs => pairs.saturating_mul(11) / 2,
        Rows::Measured => (zones as u64).saturating_mul(8 * (sites as u64).min(CORE)),
        Rows::Pulls => pairs.saturating_mul(14),
        Rows::Pairs(pairs) => pairs.saturating_mul(13),
        Rows::Capacities => pairs.saturating_mul(10_000),
    };
    let points = POINT * (sites as u64 + zones as u64);
    rows.saturating_add(points + ZONE * zones as u64 + BASE)
}

/// Says what is planned, and refuses what is more than `--memory-max`.
pub(super) fn check(args: &Solve, sites: usize, zones: usize, rows: Rows, terminal: &Terminal) -> Result<(), u8> {
    let bytes = planned(sites, zones, rows);
    terminal.note(&format!("planned memory: {} for {sites} sites and {zones} zones", shown(bytes)));
    match args.memory_max {
        Some(most) if bytes > most => {
            let why = format!("{} are planned, {} are allowed; nothing was solved", shown(bytes), shown(most));
            terminal.problem("E-RUN-004", "--memory-max", &why);
            Err(exit::LIMIT)
        }
        _ => Ok(()),
    }
}
