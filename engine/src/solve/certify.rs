//! What proves a decision: the certificate, with ids in the place of sites.

use domain::certificate::{Certificate, ProfitCertificate, ProfitPart, ProfitPoint, RiskWeights, StockPrices};
use domain::market::Market;
use domain::problem::Site;

use super::place::Touching;
use crate::formulate::{Problem, Stated};
use crate::placement::{Guide, Placed, Point, Proof};

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
        return Certificate::Profit { bound, nodes, stock, proof, risk, assignments: Vec::new() };
    };
    let proof = placed.proof.clone().unwrap_or_else(|| unproven(placed));
    Certificate::Assignment(proof.certificate(&stated.rules.rows, id))
}

/// The guide, with ids in the place of sites.
fn guided(market: &Market, stated: &Stated, guide: &Guide, touching: &Touching) -> ProfitCertificate {
    let id = |site: Site| market.store_ids.name(stated.candidates[site as usize]).to_owned();
    let point = |point: &Point| ProfitPoint {
        y: point.y.iter().map(|&(site, y)| (id(site), y)).collect(),
        rows: point.rows.iter().map(|&(row, price)| (touching.rows[row].clone(), price)).collect(),
    };
    let points = |points: &[Point]| points.iter().map(point).collect();
    let parts = guide.parts.iter();
    ProfitCertificate {
        shows: guide.shows.map(|shows| shows + touching.constant),
        first: points(&guide.first),
        parts: parts.map(|(at, split)| ProfitPart { points: points(at), split: split.map(id) }).collect(),
    }
}

/// A claim without a proof: a checker won't confirm it, and the plan says so.
fn unproven(placed: &Placed) -> Proof {
    let bound = placed.exact.map_or(0, |exact| exact.1);
    Proof { bound, ..Proof::default() }
}
