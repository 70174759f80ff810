//! Where to open: the exact search over sites, for each kind of objective.
//!
//! - [`assignment`]: distance (p-median) and coverage, one formulation, proven in whole numbers.
//! - [`capacitated`]: sites of limited capacity, each customer from one or several of them.
//! - [`profit`]: captured demand times what it earns, less what opening costs.

use domain::problem::Site;
use domain::stop::Cut;

use crate::solver::lp::LpError;

pub mod assignment;
pub mod capacitated;
pub mod profit;
mod proof;

/// Where to open, and what is proven about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    /// Sites to open, ascending; none where no plan meets the rules, or a limit came before the first plan
    /// (then `cut` says so).
    pub open: Option<Vec<Site>>,
    /// Objective of `open`, in the problem's unit.
    pub value: f64,
    /// No plan is better than this, in the problem's unit.
    pub bound: f64,
    /// Value and bound as whole numbers, where the problem is one of whole numbers.
    pub exact: Option<(i128, i128)>,
    /// Nodes of the search tree; the root is one.
    pub nodes: u64,
    /// Rounds of cuts.
    pub rounds: u64,
    /// Why the search ended before its end, if it did.
    pub cut: Option<Cut>,
    /// What a checker needs to confirm the bound, where there is such a thing.
    pub proof: Option<Proof>,
    /// The same for profit.
    pub guide: Option<Guide>,
}

impl Placed {
    /// A value and a bound, without plan, proof or effort: what a result starts from.
    pub(crate) fn bare(value: f64, bound: f64) -> Self {
        Self { open: None, value, bound, exact: None, nodes: 0, rounds: 0, cut: None, proof: None, guide: None }
    }
}

/// A [`domain::certificate::ProfitCertificate`] in site and row numbers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Guide {
    /// The bound that it shows, where that is wider than the search's.
    pub shows: Option<f64>,
    /// Tried over all candidates.
    pub first: Vec<Function>,
    /// The sites that groups of zones are about, in the order in which they claim zones.
    pub groups: Vec<Site>,
    /// The functions of each part and where it splits, each part before those it is cut into.
    pub parts: Vec<(Vec<Function>, Option<Site>)>,
}

/// Where cuts are made and what they count, group of zones by group, and the prices of rows that go with them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Function {
    /// The points: (site, y above 0), ascending.
    pub points: Vec<Vec<(Site, f64)>>,
    /// By group: (point, weight). Where a group has none, its cuts are those of the first point.
    pub weights: Vec<Vec<(u32, f64)>>,
    /// (position in `Rules::rows`, price), ascending.
    pub rows: Vec<(usize, f64)>,
}

/// A [`domain::certificate::AssignmentCertificate`] in site numbers instead of store ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proof {
    /// Prices are multiples of 2^-bits cost units.
    pub price_bits: u32,
    /// The bound claimed.
    pub bound: i128,
    /// Sets of prices.
    pub prices: Vec<ProofPrices>,
    /// Sites closed by prices, in order.
    pub fixings: Vec<ProofFixing>,
    /// (open, closed, position in `prices`; none where the rules leave no plan), sites ascending.
    pub leaves: Vec<(Vec<Site>, Vec<Site>, Option<usize>)>,
}

/// Sites closed by prices in a part of the space.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProofFixing {
    /// Sites that are open in the part, ascending.
    pub open: Vec<Site>,
    /// Sites that are closed in the part, ascending.
    pub shut: Vec<Site>,
    /// Position in [`Proof::prices`].
    pub prices: usize,
    /// Sites that they close there, ascending.
    pub closed: Vec<Site>,
}

/// One set of prices, in cost units x 2^-bits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProofPrices {
    /// v, by zone.
    pub zones: Vec<i64>,
    /// (position in `Rules::rows`, price of the upper side, price of the lower side).
    pub rows: Vec<(usize, i64, i64)>,
    /// (lower site, higher site, price), each pair in `Rules::conflicts`.
    pub pairs: Vec<(Site, Site, i64)>,
}

/// Why a placement could not be searched.
#[derive(Debug, thiserror::Error)]
pub enum PlacementError {
    /// A linear program failed.
    #[error("a linear program of the placement failed: {0}")]
    Lp(#[from] LpError),
    /// The solver found no answer to a relaxation that has one.
    #[error("the solver found no answer to a relaxation that has one")]
    Unanswered,
    /// Two parts of a problem disagree about a size.
    #[error("the problem has {found} {what} where {expected} are due")]
    Shape {
        /// Of what.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there should be.
        expected: usize,
    },
    /// A site is named that does not exist, or a list of sites does not ascend.
    #[error("{what} names site {site}, which does not exist or is out of order ({sites} sites)")]
    NoSuchSite {
        /// Where it is named.
        what: &'static str,
        /// The site.
        site: Site,
        /// How many there are.
        sites: usize,
    },
    /// Weight times cost leaves the range of whole numbers in which the search is exact.
    #[error("weights times costs sum to {total}, which is more than 2^62: use coarser units")]
    TooLarge {
        /// Their sum.
        total: i128,
    },
    /// A number of the problem is NaN, infinite, or negative where it can't be.
    #[error("{what} number {at} is {value}, which no placement can be decided on")]
    BadNumber {
        /// Which kind of number.
        what: &'static str,
        /// Which one.
        at: usize,
        /// What it is.
        value: f64,
    },
}
