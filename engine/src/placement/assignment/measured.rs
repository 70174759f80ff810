//! Costs between places, measured when a pass asks for them.
//!
//! | symbol | here | unit |
//! |---|---|---|
//! | c_ij | `Measured::cost` | cost units |
//! | sites with c_ij <= v | `Measured::within` | |
//!
//! A price v of a zone concerns only the sites that cost less, and a spatial index finds those. It is asked a
//! little farther than v reaches, and each answer is measured by the definition, so the fringe is exact.

use domain::places::{Places, straight};
use rayon::prelude::*;
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

/// Sites that the index holds as one: it finds the boxes of such runs, and a run is measured in one go.
const RUN: usize = 32;

/// Zones and the sites of some columns.
#[derive(Debug, Clone)]
pub(super) struct Measured<'a> {
    places: &'a Places,
    /// By column.
    sites: Vec<u32>,
    /// Columns, near ones together, and where they are.
    order: Vec<u32>,
    at: [Vec<f64>; 3],
    /// The boxes around runs of that order, by run.
    index: RTree<GeomWithData<Rectangle<[f64; 3]>, u32>>,
}

impl<'a> Measured<'a> {
    /// All sites.
    pub(super) fn of(places: &'a Places) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "sites are numbered in 32 bits")]
        Self::over(places, (0..places.sites.len() as u32).collect())
    }

    fn over(places: &'a Places, sites: Vec<u32>) -> Self {
        let place = |column: u32| places.sites[sites[column as usize] as usize];
        let mut order: Vec<u32> = (0_u32..).zip(&sites).map(|(column, _)| column).collect();
        halve(&mut order, &place);
        let at = [0, 1, 2].map(|axis| order.iter().map(|&column| place(column)[axis]).collect());
        let boxes = (0_u32..).zip(order.chunks(RUN)).map(|(run, columns)| {
            let points: Vec<[f64; 3]> = columns.iter().map(|&column| place(column)).collect();
            GeomWithData::new(Rectangle::from_aabb(AABB::from_points(&points)), run)
        });
        let index = RTree::bulk_load(boxes.collect());
        Self { places, sites, order, at, index }
    }

    /// The columns `keep` alone.
    pub(super) fn select(&self, keep: &[u32]) -> Self {
        Self::over(self.places, keep.iter().map(|&column| self.sites[column as usize]).collect())
    }

    /// How many zones there are.
    pub(super) fn zones(&self) -> usize {
        self.places.zones.len()
    }

    /// What serving a zone from a column costs.
    pub(super) fn cost(&self, zone: usize, column: usize) -> u32 {
        self.places.cost(zone, self.sites[column])
    }

    /// Every (column, cost) with a cost of at most `price`, in no order.
    pub(super) fn within(&self, zone: usize, price: u32, mut visit: impl FnMut(usize, u32)) {
        let from = self.places.zones[zone];
        let reach = self.places.reach(price);
        let around = AABB::from_corners(from.map(|at| at - reach), from.map(|at| at + reach));
        for found in self.index.locate_in_envelope_intersecting(around) {
            let run = found.data as usize * RUN;
            let until = (run + RUN).min(self.order.len());
            let mut lines = [0.0; RUN];
            let points = self.at[0][run..until].iter().zip(&self.at[1][run..until]).zip(&self.at[2][run..until]);
            for (line, ((x, y), z)) in lines.iter_mut().zip(points) {
                *line = straight(from, [*x, *y, *z]);
            }
            for (&line, &column) in lines.iter().zip(&self.order[run..until]) {
                if line <= reach {
                    let cost = self.places.cost_of(line);
                    if cost <= price {
                        visit(column as usize, cost);
                    }
                }
            }
        }
    }

    /// The costs of some zones (all without a list) and columns, row by row.
    pub(super) fn costs(&self, zones: Option<&[u32]>, columns: &[u32]) -> Vec<u32> {
        let rows = zones.map_or(self.zones(), <[u32]>::len);
        let mut costs = vec![0; rows * columns.len()];
        if !columns.is_empty() {
            costs.par_chunks_mut(columns.len()).enumerate().for_each(|(row, costs)| {
                let zone = zones.map_or(row, |zones| zones[row] as usize);
                for (cost, &column) in costs.iter_mut().zip(columns) {
                    *cost = self.cost(zone, column as usize);
                }
            });
        }
        costs
    }
}

/// Puts columns in an order in which any run of them is a compact patch: halved along the longest side.
fn halve(columns: &mut [u32], place: &impl Fn(u32) -> [f64; 3]) {
    if columns.len() <= RUN {
        return;
    }
    let points: Vec<[f64; 3]> = columns.iter().map(|&column| place(column)).collect();
    let around = AABB::from_points(&points);
    let side = |axis: usize| around.upper()[axis] - around.lower()[axis];
    let longest = (0..3).fold(0, |best, axis| if side(axis) > side(best) { axis } else { best });
    // Whole runs on the left, so that runs never straddle a cut.
    let middle = (columns.len() / RUN).div_ceil(2) * RUN;
    columns.select_nth_unstable_by(middle, |&one, &other| {
        place(one)[longest].total_cmp(&place(other)[longest]).then(one.cmp(&other))
    });
    let (left, right) = columns.split_at_mut(middle);
    halve(left, place);
    halve(right, place);
}
