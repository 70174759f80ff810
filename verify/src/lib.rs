//! Re-derives every claim of a plan from the Market, the settings and the run's demand samples.
//!
//! Nothing here calls a solver, the engine or the evaluations that the engine uses: the rules, the
//! objective, the stock and the bound are computed a second time, in another way, so that one slip
//! can't hide in both. What lies upstream of the samples (the forecast) is taken as given, and so is kappa, what placebo
//! pilots showed of the comparison.
//!
//! Two kinds of finding are told apart, because they end differently:
//! - a *failure*: the plan says something untrue, or breaks a rule. It must not be published.
//! - a *doubt*: the bound may be right, but its certificate does not show it. The plan may be
//!   published as a plan with a gap and `bound_verified: false`.
//!
//! | code | means |
//! |---|---|
//! | E-VER-001 | a rule of the scenario is broken; its name, left-hand side and limit are given |
//! | E-VER-002 | the bound is on the wrong side of the objective, or better than what is proved |
//! | E-VER-004 | the chosen stores are no set of distinct, known candidates |
//! | E-VER-005 | the objective is not what the plan's stores reach |
//! | E-VER-006 | numbers of the plan contradict each other, the Market or the settings |
//! | E-VER-009 | the stock breaks its rules, or is not the level that pays most |
//! | E-VER-010 | a control is not eligible, used twice, chosen itself, too near or missing; the comparison finds less than is said or asked |
//! | E-VER-011 | reorder points or a depot are missing, break packs or levels, or are not what follows from the samples |

mod assignment;
mod bound;
mod capture;
mod comparison;
mod controls;
mod counts;
mod earnings;
mod facts;
mod field;
mod guided;
mod kept;
mod lines;
mod money;
mod near;
mod neighbourhoods;
mod numbers;
mod pairs;
mod profit;
mod reach;
mod replenishment;
mod risk;
mod rules;
mod selection;
mod stock;
mod tree;

use domain::certificate::{Assignment, Certificate, ReachRow};
use domain::forecast::DemandSamples;
use domain::market::Market;
use domain::plan::Plan;
use domain::settings::{ObjectiveKind, Settings};

use crate::facts::Facts;

/// Something that can't be confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// A code of docs/errors.md.
    pub code: &'static str,
    /// What was claimed and what was found.
    pub text: String,
}

impl Failure {
    pub(crate) fn new(code: &'static str, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }
}

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Verdict {
    /// Why the plan must not be published; empty if it may.
    pub failures: Vec<Failure>,
    /// Why the bound is not confirmed, although the plan may be published with a gap.
    pub doubts: Vec<Failure>,
    /// Whether the plan's bound was proved here.
    pub bound_verified: bool,
    /// For profit, the least bound that can be proved here, as far as it was sought: no plan earns more,
    /// in base-currency major units.
    pub proved: Option<f64>,
}

/// Checks every claim of `plan` that follows from the Market, the settings and the samples.
///
/// `samples` are those the plan was made over: all candidates for profit, at least the chosen stores
/// otherwise. `plan.bound_verified` counts as a claim: where it is set and the bound can't be proved
/// here, that is a failure.
#[must_use]
pub fn check(
    market: &Market,
    settings: &Settings,
    samples: &DemandSamples,
    plan: &Plan,
    certificate: &Certificate,
) -> Verdict {
    let mut verdict = Verdict::default();
    let facts = match Facts::new(market, settings) {
        Ok(facts) => facts,
        Err(failure) => {
            verdict.failures.push(failure);
            return verdict;
        }
    };
    numbers::check(&facts, plan, &mut verdict.failures);
    let Some(open) = facts.sites_of(plan, &mut verdict.failures) else {
        return verdict;
    };
    let comparison = comparison::Comparison::new(&facts, plan);
    let floors = match reach::floors(&facts) {
        Ok(floors) => floors,
        Err(failure) => {
            verdict.failures.push(failure);
            return verdict;
        }
    };
    reach::check(&floors, plan, &open, &mut verdict.failures);
    let mut rules = rules::Rules::new(&facts, &comparison, floors);
    match reach::rows(&facts, &rules.reach, rows_of(certificate)) {
        Ok(rows) => rules.follow(rows),
        Err(failure) => verdict.failures.push(failure),
    }
    rules.check(&facts, &open, &mut verdict.failures);
    controls::check(&facts, &comparison, plan, &mut verdict.failures);
    let bounded = profit::fits(&facts, samples, &open).and_then(|()| stock::bounded(&facts, plan, tossed(certificate)));
    if let Err(failure) = bounded {
        verdict.failures.push(failure);
        return verdict;
    }
    let law = capture::Capture::new(&facts, samples);
    let rows: Vec<usize> = open.iter().filter_map(|&site| profit::row_of(&facts, samples, site)).collect();
    let demand = law.demand(&rows);
    numbers::demand(&facts, plan, &open, &demand, &mut verdict.failures);
    stock::check(&facts, samples, &law, &demand, stock::Stated::of(plan), &open, &mut verdict.failures);
    replenishment::check(&facts, samples, &law, &demand, plan, &open, &mut verdict.failures);
    let proved = match (settings.objective.kind, certificate) {
        (ObjectiveKind::Profit, Certificate::Profit { bound, stock, proof, risk, assignments, .. }) => {
            let (proof, risk) = (proof.as_ref(), risk.as_ref());
            let claim = profit::Claim { bound: *bound, stock, proof, risk, assignments };
            let proved =
                profit::check(&facts, &rules, &comparison, samples, &law, plan, &open, claim, &mut verdict.failures);
            verdict.proved = proved;
            match proved {
                Some(proved) if *bound < proved => {
                    Err(Failure::new("E-VER-002", format!("the bound is {bound}; what can be proved here is {proved}")))
                }
                _ => Ok(()),
            }
        }
        (ObjectiveKind::Distance | ObjectiveKind::Coverage, Certificate::Assignment(certificate)) => {
            let problem = assignment::Problem::new(&facts);
            problem.check(&facts, plan, &open, certificate, &mut verdict.failures);
            bound::prove(&facts, &rules, &problem, certificate)
        }
        _ => Err(Failure::new("E-VER-002", "the certificate is of another kind than the objective")),
    };
    match proved {
        // A bound on the wrong side, or one that the plan states otherwise than its certificate, is no proof.
        Ok(()) => verdict.bound_verified = !verdict.failures.iter().any(|failure| failure.code == "E-VER-002"),
        Err(doubt) => verdict.doubts.push(doubt),
    }
    if plan.bound_verified && !verdict.bound_verified {
        verdict
            .failures
            .push(Failure::new("E-VER-002", "the plan says that its bound was verified; it can't be confirmed"));
    }
    verdict
}

/// How the coins of a certificate may fall.
fn tossed(certificate: &Certificate) -> &[Assignment] {
    match certificate {
        Certificate::Assignment(_) => &[],
        Certificate::Profit { assignments, .. } => assignments,
    }
}

/// The rows of a certificate that follow from floors on people.
fn rows_of(certificate: &Certificate) -> &[ReachRow] {
    match certificate {
        Certificate::Assignment(certificate) => &certificate.reach,
        Certificate::Profit { reach, .. } => reach,
    }
}
