//! A linear or mixed-integer program that grows and is solved again.
//!
//! Minimise c x subject to l <= A x <= u and bounds on x; some x whole. Columns and rows are numbered in
//! the order they were added. The simplex basis of one solve is where the next one starts, so adding a few
//! cuts or moving a few bounds costs a few pivots [huangfu2018].
//!
//! HiGHS answers "optimal" to a NaN, and returns zeros for a solution it does not have: so numbers are
//! checked on their way in, and values come out only with a status that says they exist. One thread and a
//! fixed seed make the answer a function of the calls.

use std::time::Duration;

use highs::{Col, HighsModelStatus, HighsSolutionStatus, Model, RowProblem, Sense, SolvedModel};

/// Why a program could not be built or solved.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum LpError {
    /// A cost, bound or coefficient is NaN, or infinite where a number is due.
    #[error("{what} number {at} is {value}, which is no number a program can hold")]
    NotFinite {
        /// Cost, lower bound, upper bound or coefficient.
        what: &'static str,
        /// Column or row.
        at: usize,
        /// What it is.
        value: f64,
    },
    /// The lower bound is above the upper.
    #[error("{what} number {at} lies between {lower} and {upper}, which is nowhere")]
    Crossed {
        /// Column or row.
        what: &'static str,
        /// Which.
        at: usize,
        /// Lower bound.
        lower: f64,
        /// Upper bound.
        upper: f64,
    },
    /// A row names a column that was never added.
    #[error("a row names column {column}, but there are only {columns}")]
    NoSuchColumn {
        /// The column named.
        column: usize,
        /// How many there are.
        columns: usize,
    },
    /// The solver gave up or refused.
    #[error("the solver ended with {status} on {columns} columns and {rows} rows")]
    Failed {
        /// HiGHS's model status.
        status: &'static str,
        /// How many columns.
        columns: usize,
        /// How many rows.
        rows: usize,
    },
}

/// How a solve ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LpStatus {
    /// To the tolerance, no better solution exists.
    Optimal,
    /// A feasible solution, and a limit was reached.
    Feasible,
    /// No feasible solution exists.
    Infeasible,
    /// The objective falls without end, or nothing is feasible: the solver did not tell which.
    Unbounded,
    /// A limit was reached without a feasible solution.
    Unknown,
}

/// What a solve found. The vectors are empty unless the status is `Optimal` or `Feasible`.
#[derive(Debug, Clone, PartialEq)]
pub struct LpAnswer {
    /// How it ended.
    pub status: LpStatus,
    /// Objective of `columns`.
    pub objective: f64,
    /// A bound on the optimum: the objective of an LP; for a MIP what its tree proved, to its tolerances.
    pub bound: f64,
    /// |objective - bound| / |objective| as HiGHS defines it; 0 for an LP.
    pub mip_gap: f64,
    /// x.
    pub columns: Vec<f64>,
    /// Reduced costs; zeros for a MIP.
    pub reduced_costs: Vec<f64>,
    /// Dual prices: what the objective rises per unit of the row's active side; zeros for a MIP.
    pub row_duals: Vec<f64>,
    /// A x.
    pub rows: Vec<f64>,
    /// Simplex iterations of this solve.
    pub iterations: u64,
    /// Nodes of a MIP's tree; 0 for an LP.
    pub nodes: u64,
}

/// A program under construction, or solved and growing.
#[derive(Debug)]
pub struct Lp {
    state: State,
    handles: Vec<Col>,
    rows: usize,
    integers: bool,
    mip_gap: f64,
    nodes_max: Option<i32>,
    time_max: Option<Duration>,
    start: Option<Vec<f64>>,
}

#[derive(Debug)]
enum State {
    /// Before the first solve: rows are gathered, and the matrix is built once.
    Draft(RowProblem),
    /// Since the first solve.
    Model(Model),
    /// A solve failed and took the model with it.
    Lost,
}

impl Default for Lp {
    fn default() -> Self {
        Self::new()
    }
}

impl Lp {
    /// A program without columns and rows.
    #[must_use]
    pub fn new() -> Self {
        Self {
            state: State::Draft(RowProblem::default()),
            handles: Vec::new(),
            rows: 0,
            integers: false,
            mip_gap: 0.0,
            nodes_max: None,
            time_max: None,
            start: None,
        }
    }

    /// Name and version of the solver. The lock file pins it, and a test compares the two.
    #[must_use]
    pub const fn version() -> &'static str {
        "HiGHS 1.15.0"
    }

    /// How many columns there are.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.handles.len()
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Adds a column `lower <= x <= upper` of `cost` per unit, whole if `integer`; returns its number.
    ///
    /// # Errors
    /// A NaN, an infinite cost, or crossed bounds.
    pub fn add_column(&mut self, cost: f64, lower: f64, upper: f64, integer: bool) -> Result<usize, LpError> {
        let at = self.handles.len();
        finite("cost", at, cost)?;
        interval("column", at, lower, upper)?;
        let handle = match &mut self.state {
            State::Draft(problem) => problem.add_column_with_integrality(cost, lower..=upper, integer),
            State::Model(model) => model
                .try_add_column_with_integrality(cost, lower..=upper, [], integer)
                .map_err(|_| self.failed("a refused column"))?,
            State::Lost => return Err(self.failed("a lost model")),
        };
        self.handles.push(handle);
        self.integers |= integer;
        Ok(at)
    }

    /// Adds a row `lower <= sum of coefficient x column <= upper` (infinite where there is no side);
    /// returns its number. A column may be named once.
    ///
    /// # Errors
    /// A NaN, an infinite coefficient, crossed sides, or a column that does not exist.
    pub fn add_row(&mut self, lower: f64, upper: f64, terms: &[(usize, f64)]) -> Result<usize, LpError> {
        let at = self.rows;
        interval("row", at, lower, upper)?;
        for &(column, coefficient) in terms {
            finite("coefficient", at, coefficient)?;
            if column >= self.handles.len() {
                return Err(LpError::NoSuchColumn { column, columns: self.handles.len() });
            }
        }
        let terms = terms.iter().map(|&(column, coefficient)| (self.handles[column], coefficient));
        match &mut self.state {
            State::Draft(problem) => {
                problem.add_row(lower..=upper, terms);
            }
            State::Model(model) => {
                let added = model.try_add_row(lower..=upper, terms);
                added.map_err(|_| self.failed("a refused row"))?;
            }
            State::Lost => return Err(self.failed("a lost model")),
        }
        self.rows += 1;
        Ok(at)
    }

    /// Moves the bounds of a column.
    ///
    /// # Errors
    /// A NaN, crossed bounds, or a column that does not exist.
    pub fn set_bounds(&mut self, column: usize, lower: f64, upper: f64) -> Result<(), LpError> {
        interval("column", column, lower, upper)?;
        let handle = self.handle(column)?;
        match &mut self.state {
            State::Draft(problem) => problem.change_column_bounds(handle, lower..=upper),
            State::Model(model) => model.change_column_bounds(handle, lower..=upper),
            State::Lost => return Err(self.failed("a lost model")),
        }
        Ok(())
    }

    /// Changes the cost of a column.
    ///
    /// # Errors
    /// A cost that is no number, or a column that does not exist.
    pub fn set_cost(&mut self, column: usize, cost: f64) -> Result<(), LpError> {
        finite("cost", column, cost)?;
        let handle = self.handle(column)?;
        match &mut self.state {
            State::Draft(problem) => problem.change_column_cost(handle, cost),
            State::Model(model) => model.change_column_cost(handle, cost),
            State::Lost => return Err(self.failed("a lost model")),
        }
        Ok(())
    }

    /// For programs with whole columns: stop at this relative gap (default 0) or after so many nodes.
    pub fn set_mip_limits(&mut self, gap: f64, nodes_max: Option<u32>) {
        self.mip_gap = gap;
        self.nodes_max = nodes_max.map(|nodes| i32::try_from(nodes).unwrap_or(i32::MAX));
    }

    /// For programs with whole columns: stop after so long. Such an answer can't be replayed.
    pub fn set_time_limit(&mut self, time_max: Option<Duration>) {
        self.time_max = time_max;
    }

    /// Gives the next MIP solve a whole solution to start from, one number per column.
    ///
    /// # Errors
    /// A number that is none. A vector of another length is an error too: HiGHS would fill it with zeros.
    pub fn set_start(&mut self, columns: Vec<f64>) -> Result<(), LpError> {
        if columns.len() != self.handles.len() {
            return Err(LpError::NoSuchColumn { column: columns.len(), columns: self.handles.len() });
        }
        for (at, &value) in columns.iter().enumerate() {
            finite("start", at, value)?;
        }
        self.start = Some(columns);
        Ok(())
    }

    /// Minimises, from the basis of the last solve.
    ///
    /// # Errors
    /// The solver failed. Its model is gone then: build the program again.
    pub fn solve(&mut self) -> Result<LpAnswer, LpError> {
        let mut model = match std::mem::replace(&mut self.state, State::Lost) {
            State::Draft(problem) => {
                let mut model = problem.try_optimise(Sense::Minimise).map_err(|_| self.failed("a refused model"))?;
                self.configure(&mut model)?;
                model
            }
            State::Model(model) => model,
            State::Lost => return Err(self.failed("a lost model")),
        };
        if self.integers {
            model.try_set_option("mip_rel_gap", self.mip_gap).map_err(|_| self.failed("a refused option"))?;
            let nodes = self.nodes_max.unwrap_or(i32::MAX);
            model.try_set_option("mip_max_nodes", nodes).map_err(|_| self.failed("a refused option"))?;
            let seconds = self.time_max.map_or(f64::INFINITY, |time| time.as_secs_f64());
            model.try_set_option("time_limit", seconds).map_err(|_| self.failed("a refused option"))?;
            if let Some(start) = self.start.take() {
                model.try_set_solution(Some(&start), None, None, None).map_err(|_| self.failed("a refused start"))?;
            }
        }
        let solved = model.try_solve().map_err(|_| self.failed("an error"))?;
        let answer = self.read(&solved);
        self.state = State::Model(solved.into());
        answer
    }

    fn configure(&self, model: &mut Model) -> Result<(), LpError> {
        model.make_quiet();
        let refused = |_| self.failed("a refused option");
        model.try_set_option("threads", 1).map_err(refused)?;
        model.try_set_option("parallel", "off").map_err(refused)?;
        model.try_set_option("random_seed", 1).map_err(refused)?;
        model.try_set_option("mip_abs_gap", 0.0).map_err(refused)
    }

    fn read(&self, solved: &SolvedModel) -> Result<LpAnswer, LpError> {
        let has_values = solved.primal_solution_status() == HighsSolutionStatus::Feasible;
        let status = match solved.status() {
            HighsModelStatus::Optimal | HighsModelStatus::ModelEmpty => LpStatus::Optimal,
            HighsModelStatus::Infeasible => LpStatus::Infeasible,
            HighsModelStatus::Unbounded | HighsModelStatus::UnboundedOrInfeasible => LpStatus::Unbounded,
            HighsModelStatus::ReachedTimeLimit
            | HighsModelStatus::ReachedIterationLimit
            | HighsModelStatus::ReachedSolutionLimit
            | HighsModelStatus::ReachedInterrupt
            | HighsModelStatus::ReachedMemoryLimit
            | HighsModelStatus::ObjectiveBound
            | HighsModelStatus::ObjectiveTarget => {
                if has_values {
                    LpStatus::Feasible
                } else {
                    LpStatus::Unknown
                }
            }
            HighsModelStatus::SolveError => return Err(self.failed("a solve error")),
            _ => return Err(self.failed("no answer")),
        };
        let mut answer = LpAnswer {
            status,
            objective: f64::INFINITY,
            bound: f64::NEG_INFINITY,
            mip_gap: f64::INFINITY,
            columns: Vec::new(),
            reduced_costs: Vec::new(),
            row_duals: Vec::new(),
            rows: Vec::new(),
            iterations: u64::try_from(solved.simplex_iteration_count()).unwrap_or(0),
            nodes: 0,
        };
        if self.integers {
            answer.nodes =
                solved.int_info_value(c"mip_node_count").ok().and_then(|count| u64::try_from(count).ok()).unwrap_or(0);
            answer.bound = solved.double_info_value(c"mip_dual_bound").unwrap_or(f64::NEG_INFINITY);
        }
        if matches!(status, LpStatus::Optimal | LpStatus::Feasible) {
            if !has_values && !self.handles.is_empty() {
                // An optimum whose solution breaks the rows by more than is tolerated, after costs of very different
                // sizes were scaled: nothing can be read from it.
                return Ok(LpAnswer { status: LpStatus::Unknown, ..answer });
            }
            let solution = solved.get_solution();
            answer.objective = solved.objective_value();
            answer.mip_gap = if self.integers { solved.mip_gap() } else { 0.0 };
            if !self.integers && status == LpStatus::Optimal {
                answer.bound = answer.objective;
            }
            answer.columns = solution.columns().to_vec();
            answer.reduced_costs = solution.dual_columns().to_vec();
            answer.row_duals = solution.dual_rows().to_vec();
            answer.rows = solution.rows().to_vec();
            if !answer.objective.is_finite() || answer.columns.iter().any(|value| !value.is_finite()) {
                return Err(self.failed("a solution that is no number"));
            }
        }
        Ok(answer)
    }

    fn handle(&self, column: usize) -> Result<Col, LpError> {
        self.handles.get(column).copied().ok_or(LpError::NoSuchColumn { column, columns: self.handles.len() })
    }

    fn failed(&self, status: &'static str) -> LpError {
        LpError::Failed { status, columns: self.handles.len(), rows: self.rows }
    }
}

fn finite(what: &'static str, at: usize, value: f64) -> Result<(), LpError> {
    if value.is_finite() { Ok(()) } else { Err(LpError::NotFinite { what, at, value }) }
}

fn interval(what: &'static str, at: usize, lower: f64, upper: f64) -> Result<(), LpError> {
    if lower.is_nan() || lower == f64::INFINITY {
        return Err(LpError::NotFinite { what: "lower bound", at, value: lower });
    }
    if upper.is_nan() || upper == f64::NEG_INFINITY {
        return Err(LpError::NotFinite { what: "upper bound", at, value: upper });
    }
    if lower > upper { Err(LpError::Crossed { what, at, lower, upper }) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
