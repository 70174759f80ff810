//! Placement problems from points: distance and coverage over sites and weighted zones.
//!
//! | symbol | here | unit |
//! |---|---|---|
//! | d_ij | [`Measure::length`] | that of the coordinates; km on the globe |
//! | w_i | `weights` | any |
//! | R | `radius` | as d |
//! | c_ij | round(d_ij x 10^k), `Scale::costs` = 10^k | whole |
//!
//! `nearest`: minimise sum_i w_i min over open j of d_ij [hakimi1964]. `coverage`: the weight that no open
//! site has within R, d_ij <= R as measured in f64 [church1974].
//! Whole numbers make every sum exact: k is the largest at which a cost fits 32 bits and no plan costs
//! 2^61. Weights are taken as they are where six decimals write them, else rounded to ten digits of their sum.

use domain::geo::LatLon;
use domain::places::{Measure, Places, on_earth, on_map, straight};
use domain::problem::{Assignment, CostRows, Site};
use rayon::prelude::*;
use rstar::RTree;
use rstar::primitives::GeomWithData;

/// Points under one measure.
#[derive(Debug, Clone, PartialEq)]
pub struct Points {
    /// How they are measured.
    pub measure: Measure,
    /// (x, y, 0), or unit vectors.
    pub at: Vec<[f64; 3]>,
}

/// A problem in whole numbers, and what they mean.
#[derive(Debug, Clone, PartialEq)]
pub struct Whole {
    /// The problem.
    pub assignment: Assignment,
    /// Its units.
    pub scale: Scale,
}

/// What the whole numbers of a problem mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// Whole weight per unit of weight, a power of ten.
    pub weights: f64,
    /// Whole cost per unit of distance, a power of ten; 1 for coverage.
    pub costs: f64,
    /// Whether the weights had to be rounded.
    pub rounded: bool,
}

/// A sum of whole weights stays below this where they are not rounded.
const WEIGHT_MAX: f64 = 1e12;
/// Rounded weights sum to about this.
const WEIGHT_ROUNDED: f64 = 1e10;
/// Decimals that a weight may have without being rounded.
const DECIMALS_MAX: i32 = 6;
/// No plan costs more: half of what the search can sum.
const TOTAL_MAX: f64 = 2_305_843_009_213_693_952.0;
/// `u32::MAX` itself stands for "must be served".
const COST_MAX: f64 = 4_294_967_294.0;
/// Zones of a piece of work: enough to be worth a thread, few enough to be many.
const ZONES_PER_PIECE: usize = 512;
/// Zones that are counted when the size of coverage rows is planned.
const SAMPLE: usize = 2_048;
/// Far above the rounding of a distance in f64, relative to it; the index is asked a hair farther.
const MARGIN: f64 = 1e-9;

impl Points {
    /// Points of the plane.
    #[must_use]
    pub fn plane(points: &[[f64; 2]]) -> Self {
        Self { measure: Measure::Plane, at: points.iter().map(|&[x, y]| on_map(x, y)).collect() }
    }

    /// Points of the globe.
    #[must_use]
    pub fn globe(points: &[LatLon]) -> Self {
        Self { measure: Measure::Sphere, at: points.iter().map(|&point| on_earth(point)).collect() }
    }
}

/// 10^`exponent`, correctly rounded.
fn power_of_ten(exponent: i32) -> f64 {
    format!("1e{exponent}").parse().unwrap_or(f64::NAN)
}

/// The largest power of ten that is not above `most`, and its exponent; 1 where `most` is infinite.
fn power_below(most: f64) -> (f64, i32) {
    if !most.is_finite() {
        return (1.0, 0);
    }
    #[expect(clippy::cast_possible_truncation, reason = "an exponent of f64")]
    let mut exponent = (most.log10().floor() as i32).clamp(-300, 300);
    // The logarithm may be off by a hair at a power of ten itself.
    exponent += i32::from(power_of_ten(exponent + 1) <= most) - i32::from(power_of_ten(exponent) > most);
    (power_of_ten(exponent), exponent)
}

/// Non-negative finite numbers as whole ones: (whole numbers, whole per unit, whether they were rounded).
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "non-negative, and below 2^53")]
pub(super) fn whole(numbers: &[f64]) -> (Vec<u64>, f64, bool) {
    let sum: f64 = numbers.iter().sum();
    let written = |scale: f64| numbers.iter().all(|&number| (number * scale).round() / scale == number);
    let exact = (0..=DECIMALS_MAX).map(power_of_ten).find(|&scale| written(scale));
    let (scale, rounded) = match exact {
        Some(scale) if sum * scale <= WEIGHT_MAX => (scale, false),
        _ => (power_below(WEIGHT_ROUNDED / sum).0, true),
    };
    (numbers.iter().map(|&number| (number * scale).round() as u64).collect(), scale, rounded)
}

/// The distance that no site and zone exceed.
fn reach(sites: &Points, zones: &Points) -> f64 {
    let mut low = [f64::INFINITY; 3];
    let mut high = [f64::NEG_INFINITY; 3];
    for point in sites.at.iter().chain(&zones.at) {
        for axis in 0..3 {
            low[axis] = low[axis].min(point[axis]);
            high[axis] = high[axis].max(point[axis]);
        }
    }
    let diagonal: f64 = (0..3).map(|axis| (high[axis] - low[axis]).max(0.0).powi(2)).sum::<f64>().sqrt();
    sites.measure.length(diagonal * (1.0 + MARGIN))
}

/// Serve every zone from its nearest open site, at its weight times the distance.
///
/// `sites` and `zones` have one measure; `weights` are finite and not negative, one by zone.
#[must_use]
pub fn nearest(sites: &Points, zones: &Points, weights: &[f64]) -> Whole {
    let (weights, per_weight, rounded) = whole(weights);
    let total: u64 = weights.iter().sum();
    let reach = reach(sites, zones);
    #[expect(clippy::cast_precision_loss, reason = "a power of ten is far coarser")]
    let most = (COST_MAX / reach).min(TOTAL_MAX / (reach * total.max(1) as f64));
    let (per_cost, _) = power_below(most);
    let places = Places { zones: zones.at.clone(), sites: sites.at.clone(), measure: sites.measure, scale: per_cost };
    let assignment = Assignment { fallback: vec![u32::MAX; weights.len()], weights, costs: CostRows::Places(places) };
    Whole { assignment, scale: Scale { weights: per_weight, costs: per_cost, rounded } }
}

/// Sites that can be asked who is near.
struct Index<'a> {
    sites: &'a Points,
    tree: RTree<GeomWithData<[f64; 3], Site>>,
    radius: f64,
}

impl<'a> Index<'a> {
    fn new(sites: &'a Points, radius: f64) -> Self {
        let points = (0..).zip(&sites.at).map(|(site, &at)| GeomWithData::new(at, site)).collect();
        Self { sites, tree: RTree::bulk_load(points), radius }
    }

    /// The sites within the radius of a zone, in no order.
    fn near(&self, zone: [f64; 3]) -> impl Iterator<Item = Site> {
        let measure = self.sites.measure;
        let chord = measure.straight(self.radius) * (1.0 + MARGIN) + MARGIN;
        self.tree
            .locate_within_distance(zone, chord * chord)
            .filter(move |found| measure.length(straight(*found.geom(), zone)) <= self.radius)
            .map(|found| found.data)
    }
}

/// About how many pairs of a site and a zone lie within the radius of each other: exact for few zones, else
/// from every so manieth of them.
#[must_use]
pub fn pairs_within(sites: &Points, zones: &Points, radius: f64) -> u64 {
    let index = Index::new(sites, radius);
    let stride = zones.at.len().div_ceil(SAMPLE).max(1);
    let sample: Vec<u64> = zones.at.par_iter().step_by(stride).map(|&zone| index.near(zone).count() as u64).collect();
    let (found, asked) = (sample.iter().sum::<u64>(), sample.len().max(1) as u64);
    (u128::from(found) * zones.at.len() as u128 / u128::from(asked)).try_into().unwrap_or(u64::MAX)
}

/// Leave as little weight as possible without an open site within the radius.
///
/// `sites` and `zones` have one measure; `weights` are finite and not negative, one by zone.
#[must_use]
pub fn coverage(sites: &Points, zones: &Points, weights: &[f64], radius: f64) -> Whole {
    let (weights, per_weight, rounded) = whole(weights);
    let index = Index::new(sites, radius);
    let pieces: Vec<(Vec<usize>, Vec<Site>)> = zones
        .at
        .par_chunks(ZONES_PER_PIECE)
        .map(|zones| {
            let (mut ends, mut site) = (Vec::with_capacity(zones.len()), Vec::new());
            for &zone in zones {
                let start = site.len();
                site.extend(index.near(zone));
                site[start..].sort_unstable();
                ends.push(site.len());
            }
            (ends, site)
        })
        .collect();
    let entries = pieces.iter().map(|(_, site)| site.len()).sum();
    let mut starts = Vec::with_capacity(zones.at.len() + 1);
    let mut site = Vec::with_capacity(entries);
    starts.push(0);
    // Each piece is dropped when it is copied.
    for (ends, own) in pieces {
        starts.extend(ends.into_iter().map(|end| site.len() + end));
        site.extend(own);
    }
    let assignment = Assignment {
        fallback: vec![1; weights.len()],
        weights,
        costs: CostRows::Sparse { starts, cost: vec![0; site.len()], site },
    };
    Whole { assignment, scale: Scale { weights: per_weight, costs: 1.0, rounded } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plane(points: &[(f64, f64)]) -> Points {
        Points::plane(&points.iter().map(|&(x, y)| [x, y]).collect::<Vec<_>>())
    }

    #[test]
    fn costs_are_distances_at_the_finest_power_of_ten() {
        let found = nearest(&plane(&[(0.0, 0.0), (3.0, 4.0)]), &plane(&[(0.0, 0.0), (3.0, 0.0)]), &[2.0, 0.5]);
        // The diagonal is 5: 5e8 fits 32 bits, 5e9 does not.
        assert_eq!(found.scale, Scale { weights: 10.0, costs: 1e8, rounded: false });
        assert_eq!(found.assignment.weights, vec![20, 5]);
        let mut costs = Vec::new();
        (0..2).for_each(|zone| found.assignment.costs.each(zone, |_, cost| costs.push(cost)));
        assert_eq!(costs, vec![0, 500_000_000, 300_000_000, 400_000_000]);
    }

    #[test]
    fn heavy_weights_coarsen_the_costs_before_a_sum_overflows() {
        let found = nearest(&plane(&[(0.0, 0.0)]), &plane(&[(1e6, 0.0)]), &[9e11]);
        let most = found.assignment.value(&[0]);
        assert!(most < 1 << 61 && most * 10 > 1 << 58, "{most} at {:?}", found.scale);
        let one = nearest(&plane(&[(7.0, 7.0)]), &plane(&[(7.0, 7.0)]), &[1.0]);
        assert_eq!((one.assignment.value(&[0]), one.scale.costs), (0, 1.0));
    }

    #[test]
    fn weights_are_whole_where_decimals_write_them_and_rounded_where_not() {
        assert_eq!(whole(&[3.0, 0.0]), (vec![3, 0], 1.0, false));
        assert_eq!(whole(&[0.1, 2.25]), (vec![10, 225], 100.0, false));
        let (weights, scale, rounded) = whole(&[1.0 / 3.0, 2.0 / 3.0]);
        assert!(rounded && scale == 1e10, "{scale}");
        assert_eq!(weights, vec![3_333_333_333, 6_666_666_667]);
        let (weights, scale, rounded) = whole(&[1e14, 3e14]);
        assert_eq!((weights, scale, rounded), (vec![1_000_000_000, 3_000_000_000], 1e-5, true));
    }

    #[test]
    fn who_is_exactly_at_the_radius_is_covered() {
        let found = coverage(&plane(&[(0.0, 0.0), (10.0, 0.0)]), &plane(&[(3.0, 4.0), (6.0, 3.0)]), &[7.0, 1.0], 5.0);
        let rows = CostRows::Sparse { starts: vec![0, 1, 2], site: vec![0, 1], cost: vec![0, 0] };
        assert_eq!(found.assignment.costs, rows);
        assert_eq!((found.assignment.value(&[0]), found.assignment.value(&[0, 1])), (1, 0));
    }

    #[test]
    fn the_globe_is_measured_along_great_circles() {
        let one = |lat, lon| Points::globe(&[LatLon { lat, lon }]);
        let (london, paris) = (one(51.5074, -0.1278), one(48.8566, 2.3522));
        let found = nearest(&london, &paris, &[1.0]);
        let km = found.assignment.value(&[0]) as f64 / found.scale.costs;
        assert!((km - 343.6).abs() < 0.5, "{km}");
        assert_eq!(coverage(&london, &paris, &[1.0], 344.0).assignment.value(&[0]), 0);
        assert_eq!(coverage(&london, &paris, &[1.0], 343.0).assignment.value(&[0]), 1);
        // Across the date line, and at the poles.
        let east = nearest(&one(0.0, 179.9), &one(0.0, -179.9), &[1.0]);
        assert!(east.assignment.value(&[0]) as f64 / east.scale.costs < 23.0);
    }

    proptest! {
        #[test]
        fn rows_are_those_of_measuring_every_pair(
            sites in prop::collection::vec((-90.0..90.0_f64, -180.0..180.0_f64), 1..30),
            zones in prop::collection::vec((-90.0..90.0_f64, -180.0..180.0_f64), 1..30),
            radius in 0.0..9_000.0_f64,
            globe: bool,
        ) {
            let points = |from: &[(f64, f64)]| if globe {
                Points::globe(&from.iter().map(|&(lat, lon)| LatLon { lat, lon }).collect::<Vec<_>>())
            } else {
                plane(from)
            };
            let (sites, zones) = (points(&sites), points(&zones));
            let radius = if globe { radius } else { radius / 50.0 };
            let found = coverage(&sites, &zones, &vec![1.0; zones.at.len()], radius);
            let CostRows::Sparse { starts, site, .. } = &found.assignment.costs else { unreachable!() };
            for (zone, &at) in zones.at.iter().enumerate() {
                let all: Vec<u32> = (0..sites.at.len())
                    .filter(|&site| sites.measure.length(straight(sites.at[site], at)) <= radius)
                    .map(|site| site as u32)
                    .collect();
                prop_assert_eq!(&site[starts[zone]..starts[zone + 1]], &all);
            }
            prop_assert_eq!(pairs_within(&sites, &zones, radius), site.len() as u64);
        }

        #[test]
        fn every_cost_is_the_distance_to_half_a_unit(
            sites in prop::collection::vec((-1e4..1e4_f64, -1e4..1e4_f64), 1..12),
            zones in prop::collection::vec((-1e4..1e4_f64, -1e4..1e4_f64, 0.0..1e6_f64), 1..12),
        ) {
            let weights: Vec<f64> = zones.iter().map(|zone| zone.2).collect();
            let zones = plane(&zones.iter().map(|zone| (zone.0, zone.1)).collect::<Vec<_>>());
            let sites = plane(&sites);
            let found = nearest(&sites, &zones, &weights);
            let CostRows::Places(places) = &found.assignment.costs else { unreachable!() };
            for (zone, &at) in zones.at.iter().enumerate() {
                for (site, &from) in sites.at.iter().enumerate() {
                    let cost = f64::from(places.cost(zone, site as u32));
                    prop_assert!((cost - sites.measure.length(straight(from, at)) * found.scale.costs).abs() <= 0.5);
                }
                let weight = found.assignment.weights[zone] as f64 / found.scale.weights;
                prop_assert!((weight - weights[zone]).abs() * found.scale.weights <= 0.5 + 1e-6);
            }
        }
    }
}
