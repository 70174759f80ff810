//! Rows for floors on people: which of the many that hold a search is told of.
//!
//! | symbol | here | unit |
//! |---|---|---|
//! | y | columns | share of a site |
//! | q | y in whole thousandths | |
//!
//! maximise sum_j v_j y_j, v_j what site j is worth alone, subject to the counts, the rows and 0 <= y <= 1. Where a solution
//! breaks a floor, counting a zone in the part in which its sites are open, the row at that point is added
//! ([`domain::reach::Floor::row`]), until none does: the rows that then bind are those by which the floor cuts into what is
//! sought, found in one small program and not in many large searches [cordeau2019].

use domain::problem::{Rules, Site};
use domain::reach::{Point, WHOLE};

use crate::solver::lp::{Lp, LpError, LpStatus};

/// Programs at most: later rows were seen to move a bound by parts in ten thousand.
const ROUNDS_MAX: usize = 60;
/// A floor broken by less than this part of what it lacks is as good as kept by a point of shares.
const BROKEN: i128 = 2_000;
/// A row with less slack than this, in parts of its limit, binds.
const BINDS: f64 = 1e-6;

/// Adds the rows that matter where sites are worth `worths`. Says whether the relaxed rules have a solution: where they
/// have none, the rules have no plan.
///
/// # Errors
/// Where the solver fails.
pub fn tighten(rules: &mut Rules, worths: &[f64]) -> Result<bool, LpError> {
    if rules.reach.iter().all(|floor| floor.lacking() <= 0) {
        return Ok(true);
    }
    for at in 0..rules.reach.len() {
        rules.bind(at, Point::new());
    }
    let scale = worths.iter().fold(0.0_f64, |most, worth| most.max(worth.abs())).max(f64::MIN_POSITIVE);
    let mut program = Lp::new();
    for (site, worth) in (0_u32..).zip(worths) {
        let least = f64::from(u8::from(rules.require.binary_search(&site).is_ok()));
        let most = f64::from(u8::from(rules.exclude.binary_search(&site).is_err()));
        if least > most {
            return Ok(false);
        }
        program.add_column(-worth / scale, least, most, false)?;
    }
    let all: Vec<(usize, f64)> = (0..rules.sites).map(|site| (site, 1.0)).collect();
    program.add_row(rules.open_min as f64, rules.open_max as f64, &all)?;
    let before = rules.rows.len();
    for row in &rules.rows {
        add(&mut program, row)?;
    }
    let mut slack;
    let mut round = 0;
    loop {
        let answer = program.solve()?;
        match answer.status {
            LpStatus::Infeasible => return Ok(false),
            LpStatus::Optimal => {}
            // Nothing is lost but rows.
            _ => return Ok(true),
        }
        slack = answer.rows;
        round += 1;
        let point = point(&answer.columns);
        let mut more = false;
        for at in 0..rules.reach.len() {
            let floor = &rules.reach[at];
            if floor.lacks(&point) > i128::from(WHOLE) * i128::from(floor.lacking()) / BROKEN
                && rules.bind(at, point.clone())
            {
                more = true;
                if let Some(row) = rules.rows.last() {
                    add(&mut program, row)?;
                }
            }
        }
        if !more || round == ROUNDS_MAX {
            break;
        }
    }
    // Row 0 of the program counts sites.
    let binds = |at: usize| at < before || slack.get(at + 1).is_none_or(|&value| value < 1.0 + BINDS);
    keep(rules, binds);
    Ok(true)
}

/// Adds a row in parts of its limit, or of its largest term.
fn add(program: &mut Lp, row: &domain::problem::Row) -> Result<(), LpError> {
    let most = row.terms.iter().map(|term| term.1.unsigned_abs()).max().unwrap_or(1).max(1) as f64;
    let scale = if row.max.is_none() { row.min.map_or(most, |min| (min as f64).abs().max(1.0)) } else { most };
    let terms: Vec<(usize, f64)> =
        row.terms.iter().map(|&(site, value)| (site as usize, value as f64 / scale)).collect();
    let side = |limit: Option<i64>, none: f64| limit.map_or(none, |limit| limit as f64 / scale);
    program.add_row(side(row.min, f64::NEG_INFINITY), side(row.max, f64::INFINITY), &terms)?;
    Ok(())
}

/// Keeps some of the rows that follow from floors, by position, and all others.
fn keep(rules: &mut Rules, binds: impl Fn(usize) -> bool) {
    let mut points: Vec<Vec<Point>> = rules.reach.iter_mut().map(|floor| std::mem::take(&mut floor.points)).collect();
    let mut kept: Vec<(usize, Point)> = Vec::new();
    let mut own = Vec::new();
    for (at, row) in std::mem::take(&mut rules.rows).into_iter().enumerate() {
        match rules.reach.iter().position(|floor| floor.owns(&row)) {
            None => own.push(row),
            Some(floor) => {
                let point = points[floor].remove(0);
                if binds(at) {
                    kept.push((floor, point));
                }
            }
        }
    }
    rules.rows = own;
    for (floor, point) in kept {
        rules.bind(floor, point);
    }
}

/// Shares in whole thousandths.
fn point(shares: &[f64]) -> Point {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "shares lie within 0 to 1")]
    let parts = shares.iter().map(|share| (share * f64::from(WHOLE)).round() as u32);
    (0_u32..).zip(parts).filter(|part| part.1 > 0).collect()
}

/// A set of sites as a point.
#[must_use]
pub fn whole(open: &[Site]) -> Point {
    open.iter().map(|&site| (site, WHOLE)).collect()
}
