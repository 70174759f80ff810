//! What proves a decision: the certificate, with ids in the place of sites.

use domain::certificate::{
    AssignmentCertificate, Certificate, ProfitCertificate, ProfitFunction, ProfitPart, ReachRow, RiskWeights,
    StockPrices,
};
use domain::market::Market;
use domain::problem::{Row, Site};

use super::place::Touching;
use crate::formulate::{Problem, Stated};
use crate::placement::{Function, Guide, Placed, Proof};

/// The proof, with ids in the place of sites.
pub(super) fn certificate(market: &Market, stated: &Stated, placed: &Placed, touching: &Touching) -> Certificate {
    let id = |site: Site| market.store_ids.name(stated.candidates[site as usize]).to_owned();
    let Problem::Assignment(_) = &stated.problem else {
        let proof = placed.guide.as_ref().map(|guide| guided(market, stated, guide, touching));
        let Touching { prices, around, .. } = touching;
        let around = around.iter().map(|&site| id(site)).collect();
        let stock = StockPrices { money: prices.money, units: prices.units, around };
        let risk = touching.hedge.as_ref().map(|hedge| RiskWeights {
            price: hedge.bounded.guard.price,
            weights: hedge.bounded.weights.clone().unwrap_or_default(),
        });
        let (bound, nodes) = (placed.bound, placed.nodes);
        let (assignments, reach) = (Vec::new(), reach(stated, id));
        return Certificate::Profit { bound, nodes, stock, proof, risk, assignments, reach };
    };
    let proof = placed.proof.clone().unwrap_or_else(|| unproven(placed));
    let certificate = AssignmentCertificate { reach: reach(stated, id), ..proof.certificate(&stated.rules.rows, id) };
    Certificate::Assignment(certificate)
}

/// The rows that follow from floors on people.
fn reach(stated: &Stated, id: impl Fn(Site) -> String) -> Vec<ReachRow> {
    let rules = &stated.rules;
    let of = |row: &Row| {
        let floor = rules.reach.iter().find(|floor| floor.owns(row))?;
        let point = (0..).zip(&floor.points).find(|(at, _)| floor.row_name(*at) == row.name)?.1;
        let at = point.iter().map(|&(site, share)| (id(site), share)).collect();
        let name = floor.name.strip_prefix("reach.").unwrap_or(&floor.name).to_owned();
        Some(ReachRow { row: row.name.clone(), floor: name, at, least: row.min.unwrap_or(0) })
    };
    rules.rows.iter().filter_map(of).collect()
}

/// The guide, with ids in the place of sites.
fn guided(market: &Market, stated: &Stated, guide: &Guide, touching: &Touching) -> ProfitCertificate {
    let id = |site: Site| market.store_ids.name(stated.candidates[site as usize]).to_owned();
    let point = |point: &Vec<(Site, f64)>| point.iter().map(|&(site, y)| (id(site), y)).collect();
    let function = |function: &Function| ProfitFunction {
        points: function.points.iter().map(point).collect(),
        weights: function.weights.clone(),
        rows: function.rows.iter().map(|&(row, price)| (touching.rows[row].clone(), price)).collect(),
    };
    let functions = |functions: &[Function]| functions.iter().map(function).collect();
    let parts = guide.parts.iter();
    ProfitCertificate {
        shows: guide.shows.map(|shows| shows + touching.constant),
        first: functions(&guide.first),
        groups: guide.groups.iter().copied().map(id).collect(),
        parts: parts.map(|(by, split)| ProfitPart { functions: functions(by), split: split.map(id) }).collect(),
    }
}

/// A claim without a proof: a checker won't confirm it, and the plan says so.
fn unproven(placed: &Placed) -> Proof {
    let bound = placed.exact.map_or(0, |exact| exact.1);
    Proof { bound, ..Proof::default() }
}
