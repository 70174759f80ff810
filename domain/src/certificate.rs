//! Certificates: what a checker needs to confirm a bound without a solver.
//!
//! For [`crate::problem::Assignment`] the bound is Lagrangian [cornuejols1977; beasley1985]. With a price v_i for
//! serving zone i (0 <= v_i <= c_i0) and prices for the side rules, every plan y costs at least
//!
//!   sum_i w_i v_i - max over y of sum_j rho_j y_j + (row terms),  rho_j = sum_i w_i max(0, v_i - c_ij),
//!
//! and the maximum over "at most p, these open, those closed" is a sort. The space is cut into leaves
//! by opening and closing sites; a leaf's prices prove its bound. Prices are whole numbers of 2^-bits,
//! so every step is exact integer arithmetic and no rounding can flatter the bound.
//!
//! Row prices: for a rule `min <= a y <= max` a price lambda >= 0 on each side, and for a pair that may
//! not both be open (y_a + y_b <= 1) one. They add lambda (a y - max) <= 0 to the cost of a feasible y:
//!   rho'_j = rho_j - sum lambda_max a_j + sum lambda_min a_j - sum of lambda of its pairs,
//!   bound = sum_i w_i v_i - max_y sum_j rho'_j y_j - sum lambda_max max + sum lambda_min min - sum lambda of pairs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A price on one side of a rule, in cost units x 2^-bits per unit of the rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RowPrice {
    /// The rule's name, as in [`crate::problem::Row`].
    pub row: String,
    /// Price of its upper side, >= 0.
    pub max: i64,
    /// Price of its lower side, >= 0.
    pub min: i64,
}

/// A price on a pair of stores that may not both be open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PairPrice {
    /// The lower store id.
    pub one: String,
    /// The higher store id.
    pub other: String,
    /// Price, >= 0.
    pub price: i64,
}

/// One set of prices; leaves refer to it by position.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Prices {
    /// v, one per zone in the Market's order, in cost units x 2^-bits.
    pub zones: Vec<i64>,
    /// Prices of rows; a row that is not named has price 0.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<RowPrice>,
    /// Prices of pairs; a pair that is not named has price 0.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pairs: Vec<PairPrice>,
}

/// Sites closed because opening any one of them, given `prices`, costs at least the claimed bound: everywhere,
/// or in a part of the space.
///
/// Steps come in order, and each counts on the sites that earlier steps closed there: those of the steps
/// whose part holds its own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Fixing {
    /// Store ids that are open in the part, ascending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub open: Vec<String>,
    /// Store ids that are closed in the part, ascending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shut: Vec<String>,
    /// Position in [`AssignmentCertificate::prices`].
    pub prices: usize,
    /// Store ids closed by it, ascending.
    pub closed: Vec<String>,
}

/// A part of the space: these stores open, those closed (beyond the fixings), and the prices that
/// prove that nothing in it beats the claimed bound.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Leaf {
    /// Store ids that are open in this part, ascending.
    pub open: Vec<String>,
    /// Store ids that are closed in this part, ascending.
    pub closed: Vec<String>,
    /// Position in [`AssignmentCertificate::prices`]; none where the rules alone leave no plan here
    /// (more than p open, a required store closed, an excluded one open, a conflicting pair open, a
    /// row that no choice can meet).
    pub prices: Option<usize>,
}

/// The proof of a lower bound on an assignment objective.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AssignmentCertificate {
    /// Prices are multiples of 2^-bits cost units.
    pub price_bits: u32,
    /// The bound claimed: no plan costs less. In w x c, whole.
    pub bound: i64,
    /// Sets of prices.
    pub prices: Vec<Prices>,
    /// Sites closed by their price, in order.
    pub fixings: Vec<Fixing>,
    /// The leaves; together they cover all plans that the fixings leave.
    pub leaves: Vec<Leaf>,
    /// Rows that follow from floors on people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reach: Vec<ReachRow>,
}

/// A row that follows from a floor on the people within reach, and that prices refer to by its name.
///
/// It is made at a point, shares of stores that add up to sets of zones ([`crate::reach`]). Its coefficients are not
/// stated: a checker works them out from the tables, and any point gives a row that every plan that keeps the floor obeys.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReachRow {
    /// What prices call it.
    pub row: String,
    /// The floor that it follows from, by its name in the scenario.
    pub floor: String,
    /// The point: (store id, share in thousandths), ascending by store; other stores have none.
    pub at: Vec<(String, u32)>,
    /// What the row asks for at least: the people whom the floor lacks where the zones that the point reaches whole are.
    pub least: i64,
}

/// A function that no plan of a part exceeds, by the points that it is made of: what a checker does with them is in
/// [`ProfitCertificate`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ProfitFunction {
    /// Each point: (store id, y above 0); other stores have y = 0.
    pub points: Vec<Vec<(String, f64)>>,
    /// By group of zones: (position of a point, what its cuts count there, as a part of the group's sum). Where a group has none,
    /// the first point counts alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weights: Vec<Vec<(u32, f64)>>,
    /// (row, price of its upper side less that of its lower side), in base-currency major units per unit of the row.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<(String, f64)>,
}

/// A part of the space of plans.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ProfitPart {
    /// Tried in order, until one proves the bound.
    pub functions: Vec<ProfitFunction>,
    /// Where none does: the store by which the part is cut in two. The part in which it is open comes next in
    /// the list, with all that it is cut into; then the one in which it is closed.
    pub split: Option<String>,
}

/// The proof of an upper bound on profit: where to look, and nothing to trust.
///
/// At a point y a checker makes, by its own evaluation of the capture law, for every zone a function alpha + rho y' that lies
/// above what every plan y' of the part earns there, and so does any mixture of them; any points and weights give one, so bad
/// ones make the bound weak and never wrong. Stores whose opening (or closing) the function does not allow above the bound are closed
/// (opened). `first` is tried over all candidates; then the cells are made again of those that are left.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ProfitCertificate {
    /// The bound that the functions show, where that is wider than the one claimed; base-currency major units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shows: Option<f64>,
    /// For all candidates together.
    pub first: Vec<ProfitFunction>,
    /// Stores that groups of zones are about: a zone belongs to the first of them that has it in reach, and where none does, to
    /// one more group.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// The parts, each before those it is cut into.
    pub parts: Vec<ProfitPart>,
}

/// What budgets of stock cost in a bound, and where the lines touch that stand for what a store earns.
///
/// Every store pays these prices for its stock, and the budgets pay them back. What a store then earns while it keeps
/// the part c of its own demand lies below a line in c, which a checker draws by itself: through the upper hull of
/// what every level of stock can earn, at the c that the store has beside `around`. Any prices and any `around` are valid.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StockPrices {
    /// Of a minor unit of the base currency that stock costs, in major units.
    pub money: f64,
    /// Of a unit in stock, in base-currency major units.
    pub units: f64,
    /// Store ids, ascending.
    pub around: Vec<String>,
}

/// What samples count in a bound on a plan whose worst outcomes count, or must reach a floor.
///
/// With pi = 1/S, any 0 <= Q_s <= pi/a that add up to 1, and any mu >= 0: (1 - w) E\[V\] + w CVaR <= U at lambda = (1 - w) pi +
/// w Q, and where CVaR >= floor, E\[V\] <= (1 + mu) U - mu floor at lambda = (pi + mu Q)/(1 + mu); U is a bound on sum_s lambda_s V_s
/// over all plans, which the certificate's other parts prove. Any such lambda is valid [rockafellar2000].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RiskWeights {
    /// mu; 0 without a floor.
    pub price: f64,
    /// lambda, by sample; empty where all count alike.
    pub weights: Vec<f64>,
}

/// A way that the coins of a randomised pilot may fall.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Assignment {
    /// The stores that open, ascending.
    pub open: Vec<String>,
    /// (store id, device, units) in stock, by store, then device; what is not held is not listed.
    pub stock: Vec<(String, String, u32)>,
}

/// The version of certificate.json that this code writes and reads.
pub const SCHEMA: &str = "cornerstone/certificate/1";

/// certificate.json: what a run states about its bound, with the version that this is written in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Document<C = Certificate> {
    /// [`SCHEMA`].
    pub schema: String,
    /// The certificate, whose fields stand beside it.
    #[serde(flatten)]
    pub certificate: C,
}

impl<C> Document<C> {
    /// In the version that this code writes.
    #[must_use]
    pub fn new(certificate: C) -> Self {
        Self { schema: SCHEMA.into(), certificate }
    }
}

/// What a run states about its bound.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Certificate {
    /// For distance and coverage.
    Assignment(AssignmentCertificate),
    /// For profit.
    Profit {
        /// No plan earns more, in base-currency major units.
        bound: f64,
        /// Nodes of the tree that showed it.
        nodes: u64,
        /// At which prices of stock.
        #[serde(default)]
        stock: StockPrices,
        /// What proves it, where that was found; a checker may have other means.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        proof: Option<ProfitCertificate>,
        /// Where the worst outcomes count: what samples count in the bound.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        risk: Option<RiskWeights>,
        /// Of a randomised pilot: what is stocked in the assignments whose mean the objective is, each with its opposite.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        assignments: Vec<Assignment>,
        /// Rows that follow from floors on people.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        reach: Vec<ReachRow>,
    },
}
