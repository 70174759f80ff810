//! The relative potential of a person in each zone, from what the demographics drive.
//!
//! | symbol | result | |
//! |---|---|---|
//! | g_i = exp(sum_a b_a z_a(x_ia)) | before scaling, held within 1/2 and 2 | |
//! | rate_i | g_i over its population-weighted mean in the market | |
//!
//! b_a is what the ridge found an attribute of the trade area to be worth to a store's sales, per standard
//! deviation between stores; z_a standardises the zone's own value in the same way. That what holds between
//! trade areas also holds between the zones within one is an assumption, hence the bounds.

use domain::market::Market;
use models::coldstart::Fitted;

use super::features::{Column, Describes};
use super::trade::health_count;

/// Bounds before scaling.
const RANGE: (f64, f64) = (0.5, 2.0);

/// The rate of every zone; 1 where nothing was fitted.
pub(super) fn rates(market: &Market, fit: Option<(&Fitted, &[Column])>) -> Vec<f64> {
    let Some((fitted, columns)) = fit else { return vec![1.0; market.zones.len()] };
    let mut rates: Vec<f64> = (0..market.zones.len())
        .map(|zone| {
            let effect: f64 = columns
                .iter()
                .enumerate()
                .map(|(at, column)| {
                    let value = match column.describes {
                        Describes::ZoneAttribute(attribute) => market.zone_attributes.get(zone, attribute),
                        Describes::HealthMeasure(measure) => health_count(market, zone, measure)
                            .map(|count| count / market.zones[zone].population.max(1) as f64),
                        Describes::Store => None,
                    };
                    value.map_or(0.0, |value| fitted.effect(at, value))
                })
                .sum();
            effect.exp().clamp(RANGE.0, RANGE.1)
        })
        .collect();
    let mut sums = vec![(0.0, 0.0); market.markets.len()];
    for (zone, rate) in market.zones.iter().zip(&rates) {
        let slot = &mut sums[zone.market.at()];
        slot.0 += zone.population as f64 * rate;
        slot.1 += zone.population as f64;
    }
    for (zone, rate) in market.zones.iter().zip(&mut rates) {
        let (weighted, people) = sums[zone.market.at()];
        if weighted > 0.0 {
            *rate *= people / weighted;
        }
    }
    rates
}
