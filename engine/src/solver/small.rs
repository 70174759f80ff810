//! Small formulations, taken whole by HiGHS through good_lp: stock, controls, feasibility.
//!
//! minimise sum of cost x, `min <= sum of terms <= max` for every row, x within its bounds, some x whole.
//!
//! Solved on one thread within a gap and a number of nodes, so that the same formulation gives the same answer on any
//! machine. Numbers that are not finite are refused before the solver sees them, because HiGHS takes
//! a NaN for an answer (design, section 5).

use good_lp::solvers::SolutionStatus;
use good_lp::solvers::highs::highs;
use good_lp::{Expression, ProblemVariables, ResolutionError, Solution, SolverModel, variable};

/// A column of a small formulation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Column {
    /// Its cost in the objective, which is minimised.
    pub cost: f64,
    /// At least.
    pub low: f64,
    /// At most.
    pub high: f64,
    /// Whether it takes whole numbers only.
    pub whole: bool,
}

impl Column {
    /// A yes or no.
    #[must_use]
    pub fn binary(cost: f64) -> Self {
        Self { cost, low: 0.0, high: 1.0, whole: true }
    }
}

/// A row of a small formulation: `min <= sum of terms <= max`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Line {
    /// (column, coefficient).
    pub terms: Vec<(usize, f64)>,
    /// At least.
    pub min: Option<f64>,
    /// At most.
    pub max: Option<f64>,
}

/// What came of a small formulation.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// No better one exists.
    Optimal(Vec<f64>),
    /// The budget of nodes was spent; feasible, perhaps not the best.
    Feasible(Vec<f64>),
    /// None exists.
    Infeasible,
}

/// Why a small formulation got no answer.
#[derive(Debug, thiserror::Error)]
pub enum SmallError {
    /// A cost, coefficient or limit is NaN or infinite.
    #[error("a {what} of a small formulation is not a finite number")]
    NotFinite {
        /// Which kind of number.
        what: &'static str,
    },
    /// The solver failed.
    #[error("the solver failed on a small formulation: {0}")]
    Solver(#[source] ResolutionError),
}

/// What a small formulation may spend, and how near to the best it has to end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effort {
    /// Nodes at most: replayable, unlike a limit of time.
    pub nodes_max: u32,
    /// An answer within this part of its objective counts as optimal.
    pub gap: f64,
}

/// Solves a small formulation.
///
/// # Errors
/// Where a number is not finite, or the solver fails.
pub fn minimise(columns: &[Column], lines: &[Line], effort: Effort) -> Result<Answer, SmallError> {
    finite(columns.iter().map(|column| column.cost), "cost")?;
    finite(columns.iter().flat_map(|column| [column.low, column.high]), "bound")?;
    finite(lines.iter().flat_map(|line| line.terms.iter().map(|term| term.1)), "coefficient")?;
    finite(lines.iter().flat_map(|line| line.min.into_iter().chain(line.max)), "limit")?;
    if columns.is_empty() {
        let met =
            lines.iter().all(|line| line.min.is_none_or(|min| min <= 0.0) && line.max.is_none_or(|max| max >= 0.0));
        return Ok(if met { Answer::Optimal(Vec::new()) } else { Answer::Infeasible });
    }
    match once(columns, lines, effort, true)? {
        // Presolve has called feasible problems infeasible (HiGHS issue 2585): ask again without it.
        Answer::Infeasible => once(columns, lines, effort, false),
        answer => Ok(answer),
    }
}

/// One call of the solver.
fn once(columns: &[Column], lines: &[Line], effort: Effort, presolve: bool) -> Result<Answer, SmallError> {
    let mut problem = ProblemVariables::new();
    let variables: Vec<_> = columns
        .iter()
        .map(|column| {
            let definition = variable().min(column.low).max(column.high);
            problem.add(if column.whole { definition.integer() } else { definition })
        })
        .collect();
    let mut objective = Expression::with_capacity(columns.len());
    for (column, &variable) in columns.iter().zip(&variables) {
        objective.add_mul(column.cost, variable);
    }
    let mut model = problem
        .minimise(objective)
        .using(highs)
        .set_option("presolve", if presolve { "on" } else { "off" })
        .set_option("parallel", "off")
        .set_option("threads", 1)
        .set_option("mip_rel_gap", effort.gap)
        .set_option("mip_abs_gap", 0.0)
        .set_option("mip_max_nodes", i32::try_from(effort.nodes_max).unwrap_or(i32::MAX));
    for line in lines {
        let left = || {
            let mut left = Expression::with_capacity(line.terms.len());
            for &(column, coefficient) in &line.terms {
                left.add_mul(coefficient, variables[column]);
            }
            left
        };
        if let Some(max) = line.max {
            model.add_constraint(left().leq(max));
        }
        if let Some(min) = line.min {
            model.add_constraint(left().geq(min));
        }
    }
    match model.solve() {
        Ok(solution) => {
            let optimal = matches!(solution.status(), SolutionStatus::Optimal | SolutionStatus::GapLimit);
            let values = variables
                .iter()
                .zip(columns)
                .map(|(&variable, column)| {
                    let value = solution.value(variable);
                    if column.whole { value.round() } else { value }
                })
                .collect();
            Ok(if optimal { Answer::Optimal(values) } else { Answer::Feasible(values) })
        }
        Err(ResolutionError::Infeasible) => Ok(Answer::Infeasible),
        Err(error) => Err(SmallError::Solver(error)),
    }
}

/// Refuses what is not finite.
fn finite(mut numbers: impl Iterator<Item = f64>, what: &'static str) -> Result<(), SmallError> {
    if numbers.all(f64::is_finite) { Ok(()) } else { Err(SmallError::NotFinite { what }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EFFORT: Effort = Effort { nodes_max: 100, gap: 0.0 };

    #[test]
    fn a_knapsack_is_solved_and_an_impossible_one_named() {
        // Values 6, 10, 12; weights 1, 2, 3; room 5: the last two.
        let columns: Vec<Column> = [6.0, 10.0, 12.0].iter().map(|value| Column::binary(-value)).collect();
        let terms = vec![(0, 1.0), (1, 2.0), (2, 3.0)];
        let room = Line { terms: terms.clone(), min: None, max: Some(5.0) };
        let answer = minimise(&columns, std::slice::from_ref(&room), EFFORT).expect("solved");
        assert_eq!(answer, Answer::Optimal(vec![0.0, 1.0, 1.0]));
        let more = Line { terms, min: Some(5.5), max: None };
        assert_eq!(minimise(&columns, &[room, more], EFFORT).expect("solved"), Answer::Infeasible);
    }

    #[test]
    fn what_is_not_finite_is_refused() {
        assert!(matches!(
            minimise(&[Column::binary(f64::NAN)], &[], EFFORT),
            Err(SmallError::NotFinite { what: "cost" })
        ));
    }
}
