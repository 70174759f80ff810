//! Whether any plan meets the rules, and what the cheapest one costs.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | y_j | a binary column | open or not |
//!
//! minimise a y subject to open_min <= sum y <= open_max, y = 1 for what is required, y = 0 for what
//! is excluded, every row, and sum y <= 1 over every clique of stores too near to each other. Pairs
//! that are too near can number millions while few matter, so cliques are added only where an
//! answer breaks them [padberg1973]. So are the rows of floors on people ([`domain::reach`]): first where the relaxation breaks
//! a floor ([`super::bind`]), then where an answer does.

use std::cmp::Reverse;

use domain::problem::{Row, Rules, Site};

use super::bind::{tighten, whole};
use crate::EngineError;
use crate::solver::small::{Answer, Column, Effort, Line, minimise};

/// Nodes per formulation: feasibility under a handful of rows needs few.
const EFFORT: Effort = Effort { nodes_max: 5_000, gap: 0.0 };

/// A plan that meets the rules with the least sum of `costs` (none: any plan); none where there is none.
///
/// # Errors
/// Where the solver fails.
pub fn cheapest(rules: &Rules, costs: Option<&[(Site, i64)]>) -> Result<Option<Vec<Site>>, EngineError> {
    if costs.is_none() {
        if let Some(open) = simple(rules) {
            return Ok(Some(open));
        }
    }
    let mut columns = vec![Column::binary(0.0); rules.sites];
    for &(site, cost) in costs.unwrap_or(&[]) {
        columns[site as usize].cost = cost as f64;
    }
    let mut bound = rules.clone();
    let rules = &mut bound;
    if !rules.reach.is_empty() {
        if costs.is_none() {
            // Any plan will do, and those that reach many are likely to reach enough.
            columns.iter_mut().zip(people(rules)).for_each(|(column, people)| column.cost = -people);
        }
        let worths: Vec<f64> = columns.iter().map(|column| -column.cost).collect();
        if !tighten(rules, &worths)? {
            return Ok(None);
        }
    }
    rules.exclude.iter().for_each(|&site| columns[site as usize].high = 0.0);
    for &site in &rules.require {
        if columns[site as usize].high < 1.0 {
            return Ok(None);
        }
        columns[site as usize].low = 1.0;
    }
    let count = |limit: usize| Some(limit as f64);
    let all = (0..rules.sites).map(|site| (site, 1.0)).collect();
    let mut lines = vec![Line { terms: all, min: count(rules.open_min), max: count(rules.open_max) }];
    lines.extend(rules.own_rows().map(|(_, row)| line(row, 1.0)));
    lines.extend(rules.rows.iter().filter(|row| rules.reach.iter().any(|floor| floor.owns(row))).map(of_people));
    let neighbours = neighbours(rules);
    loop {
        let values = match minimise(&columns, &lines, EFFORT)? {
            Answer::Optimal(values) | Answer::Feasible(values) => values,
            Answer::Infeasible => return Ok(None),
        };
        let open: Vec<Site> = (0..).zip(&values).filter(|(_, value)| **value > 0.5).map(|(site, _)| site).collect();
        let mut broken: Vec<Line> = open
            .iter()
            .flat_map(|&one| open.iter().map(move |&other| (one, other)))
            .filter(|&(one, other)| one < other && neighbours[one as usize].binary_search(&other).is_ok())
            .map(|(one, other)| {
                let terms = clique(&neighbours, one, other).into_iter().map(|site| (site as usize, 1.0)).collect();
                Line { terms, min: None, max: Some(1.0) }
            })
            .collect();
        for at in 0..rules.reach.len() {
            if rules.bind(at, whole(&open)) {
                broken.extend(rules.rows.last().map(of_people));
            }
        }
        if broken.is_empty() {
            return Ok(rules.reach.iter().all(|floor| floor.keeps(&open)).then_some(open));
        }
        lines.extend(broken);
    }
}

/// A row as a line, in parts of `scale`.
fn line(row: &Row, scale: f64) -> Line {
    Line {
        terms: row.terms.iter().map(|&(site, coefficient)| (site as usize, coefficient as f64 / scale)).collect(),
        min: row.min.map(|min| min as f64 / scale),
        max: row.max.map(|max| max as f64 / scale),
    }
}

/// The same of a row that counts people, in parts of its limit, so that a single person is more than a tolerance where
/// few are lacking.
fn of_people(row: &Row) -> Line {
    line(row, row.min.unwrap_or(1).max(1) as f64)
}

/// By site, what it adds to every floor by itself, in parts of what the floor lacks.
fn people(rules: &Rules) -> Vec<f64> {
    let mut people = vec![0.0; rules.sites];
    for floor in rules.reach.iter().filter(|floor| floor.lacking() > 0) {
        let part = 1.0 / floor.lacking() as f64;
        for &(site, adds) in floor.row(&[]).iter().flat_map(|row| &row.terms) {
            people[site as usize] += adds as f64 * part;
        }
    }
    people
}

/// Per site, those too near to it, ascending.
fn neighbours(rules: &Rules) -> Vec<Vec<Site>> {
    let mut neighbours = vec![Vec::new(); rules.sites];
    for &(one, other) in &rules.conflicts {
        neighbours[one as usize].push(other);
        neighbours[other as usize].push(one);
    }
    neighbours.iter_mut().for_each(|row| row.sort_unstable());
    neighbours
}

/// A clique that holds two neighbours and cannot grow.
fn clique(neighbours: &[Vec<Site>], one: Site, other: Site) -> Vec<Site> {
    let mut clique = vec![one, other];
    for &site in &neighbours[one as usize] {
        let near = |member: &Site| *member != site && neighbours[*member as usize].binary_search(&site).is_ok();
        if clique.iter().all(near) {
            clique.push(site);
        }
    }
    clique
}

/// A plan by a simple pass, which is all that most rules need: what is required, then what each row
/// still lacks, then what each floor on people lacks, then what the count still lacks; cheapest in the rows' terms first, but
/// for people those that reach most.
fn simple(rules: &Rules) -> Option<Vec<Site>> {
    let mut burden = vec![0_i64; rules.sites];
    for row in rules.rows.iter().filter(|row| row.max.is_some()) {
        row.terms.iter().for_each(|&(site, coefficient)| burden[site as usize] += coefficient);
    }
    let mut order: Vec<Site> = (0..).take(rules.sites).collect();
    order.sort_by_key(|&site| (burden[site as usize], site));
    let neighbours = neighbours(rules);
    let mut open = rules.require.clone();
    let fits = |open: &[Site], site: Site| {
        rules.exclude.binary_search(&site).is_err()
            && open.binary_search(&site).is_err()
            && !open.iter().any(|member| neighbours[site as usize].binary_search(member).is_ok())
    };
    let insert = |open: &mut Vec<Site>, site: Site| {
        if let Err(at) = open.binary_search(&site) {
            open.insert(at, site);
        }
    };
    for (_, row) in rules.own_rows() {
        let Some(min) = row.min else { continue };
        for &site in &order {
            if row.value(&open) >= min {
                break;
            }
            let helps = row.terms.binary_search_by_key(&site, |term| term.0).is_ok_and(|at| row.terms[at].1 > 0);
            if helps && fits(&open, site) {
                insert(&mut open, site);
            }
        }
    }
    let affordable = |open: &[Site], site: Site| {
        let mut with = open.to_vec();
        insert(&mut with, site);
        let within = rules.own_rows().all(|(_, row)| row.max.is_none_or(|max| row.value(&with) <= max));
        (fits(open, site) && within).then_some(with)
    };
    for floor in &rules.reach {
        while open.len() < rules.open_max && !floor.keeps(&open) {
            let row = floor.row(&whole(&open))?;
            let mut terms = row.terms;
            terms.sort_by_key(|&(site, adds)| (Reverse(adds), site));
            open = terms.into_iter().find_map(|(site, _)| affordable(&open, site))?;
        }
    }
    for &site in &order {
        if open.len() >= rules.open_min {
            break;
        }
        if let Some(with) = affordable(&open, site) {
            open = with;
        }
    }
    rules.allow(&open).then_some(open)
}
