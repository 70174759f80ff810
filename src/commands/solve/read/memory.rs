//! Memory as it is planned: said before the solve, and refused above what is allowed.
//!
//! | part | bytes |
//! |---|---|
//! | dense costs, one by site and zone | 4 each |
//! | dense pulls, one by site and zone | 8 each |
//! | coverage, by pair within the radius | 4 the site, 4 the cost, 4 while rows are put together |
//! | capacities, by site and customer | 8 the cost, 250 in the two programs |
//! | copies of what is left in play as the search closes sites | a quarter of the costs again |
//! | points, ids, texts of the tables | 200 a point |
//! | the program, its cuts, threads' stacks | 60 MB |

use crate::cli::Solve;
use crate::exit;
use crate::size::shown;
use crate::terminal::Terminal;

/// What the rows of a problem hold.
#[derive(Debug, Clone, Copy)]
pub(super) enum Rows {
    /// A cost for every pair.
    Costs,
    /// A pull for every pair.
    Pulls,
    /// So many pairs within the radius.
    Pairs(u64),
    /// A cost and columns of programs for every pair.
    Capacities,
}

const BASE: u64 = 60_000_000;
const POINT: u64 = 200;

/// Bytes planned for a problem.
fn planned(sites: usize, zones: usize, rows: Rows) -> u64 {
    let pairs = (sites as u64).saturating_mul(zones as u64);
    let rows = match rows {
        Rows::Costs => pairs.saturating_mul(5),
        Rows::Pulls => pairs.saturating_mul(10),
        Rows::Pairs(pairs) => pairs.saturating_mul(13),
        Rows::Capacities => pairs.saturating_mul(258),
    };
    rows.saturating_add(POINT * (sites as u64 + zones as u64)).saturating_add(BASE)
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
