//! Whether any plan meets the rules, and what the cheapest one costs.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | y_j | a binary column | open or not |
//!
//! minimise a y subject to open_min <= sum y <= open_max, y = 1 for what is required, y = 0 for what
//! is excluded, every row, and sum y <= 1 over every clique of stores too near to each other. Pairs
//! that are too near can number millions while few matter, so cliques are added only where an
//! answer breaks them [padberg1973].

use domain::problem::{Rules, Site};

use crate::solver::small::{Answer, Column, Effort, Line, SmallError, minimise};

/// Nodes per formulation: feasibility under a handful of rows needs few.
const EFFORT: Effort = Effort { nodes_max: 5_000, gap: 0.0 };

/// A plan that meets the rules with the least sum of `costs` (none: any plan); none where there is none.
///
/// # Errors
/// Where the solver fails.
pub fn cheapest(rules: &Rules, costs: Option<&[(Site, i64)]>) -> Result<Option<Vec<Site>>, SmallError> {
    if costs.is_none() {
        if let Some(open) = simple(rules) {
            return Ok(Some(open));
        }
    }
    let mut columns = vec![Column::binary(0.0); rules.sites];
    for &(site, cost) in costs.unwrap_or(&[]) {
        columns[site as usize].cost = cost as f64;
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
    lines.extend(rules.rows.iter().map(|row| Line {
        terms: row.terms.iter().map(|&(site, coefficient)| (site as usize, coefficient as f64)).collect(),
        min: row.min.map(|min| min as f64),
        max: row.max.map(|max| max as f64),
    }));
    let neighbours = neighbours(rules);
    loop {
        let values = match minimise(&columns, &lines, EFFORT)? {
            Answer::Optimal(values) | Answer::Feasible(values) => values,
            Answer::Infeasible => return Ok(None),
        };
        let open: Vec<Site> = (0..).zip(&values).filter(|(_, value)| **value > 0.5).map(|(site, _)| site).collect();
        let broken: Vec<Line> = open
            .iter()
            .flat_map(|&one| open.iter().map(move |&other| (one, other)))
            .filter(|&(one, other)| one < other && neighbours[one as usize].binary_search(&other).is_ok())
            .map(|(one, other)| {
                let terms = clique(&neighbours, one, other).into_iter().map(|site| (site as usize, 1.0)).collect();
                Line { terms, min: None, max: Some(1.0) }
            })
            .collect();
        if broken.is_empty() {
            return Ok(Some(open));
        }
        lines.extend(broken);
    }
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
/// still lacks, then what the count still lacks, cheapest in the rows' terms first.
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
    for row in &rules.rows {
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
    for &site in &order {
        if open.len() >= rules.open_min {
            break;
        }
        let mut with = open.clone();
        insert(&mut with, site);
        if fits(&open, site) && rules.rows.iter().all(|row| row.max.is_none_or(|max| row.value(&with) <= max)) {
            open = with;
        }
    }
    rules.allow(&open).then_some(open)
}
