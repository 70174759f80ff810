//! What a plan earns, kept up to date while sites open and close.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | S | the sites opened so far | |
//! | t_ij, e_ij | `Column::milli`, `Column::pull` | thousandths of a minute, 1 |
//! | w_ik, b_ik, s_jk, v_jk, o_j | those of [`Profit`] | see `domain::problem` |
//! | A_ik = sum over S of s_jk e_ij | `Cell::pull` | on the scale of b |
//! | N_ik = sum over S of v_jk s_jk e_ij | `Cell::earning` | money per week of demand |
//! | G_ij = sum_k w_ik v_jk min(1, s_jk e_ij) | `Column::gain` | base-currency major units |
//! | f(S) = sum_jk v_jk D_jk(S) - sum_j o_j | `Evaluator::value` | base-currency major units |
//!
//! Under `share` a zone's device earns w N / (b + A), so opening a site touches only the zones in its
//! reach; under `nearest` it earns G of the first open site in order of (t, site). Either way the
//! change that one site makes costs as many steps as the site has zones. Values kept this way drift
//! by rounding: whoever publishes one asks [`Profit::value`].

use super::arena::{Cells, claims};
use super::field::{Field, Track, Valued};
use super::nearest::NearestCells;
use super::share::ShareCells;
use domain::problem::{Profit, Site};
use domain::settings::CaptureLaw;
use rayon::prelude::*;

/// The zones of one candidate.
#[derive(Debug, Clone, Default)]
pub(super) struct Column {
    /// Zones, ascending.
    pub(super) zone: Vec<u32>,
    /// t.
    pub(super) milli: Vec<u32>,
    /// e (`share`).
    pub(super) pull: Vec<f64>,
    /// G (`nearest`).
    pub(super) gain: Vec<f64>,
}

/// A zone's device under `share`.
#[derive(Debug, Clone, Copy)]
struct Cell {
    potential: f64,
    outside: f64,
    pull: f64,
    earning: f64,
}

impl Cell {
    fn value(self, pull: f64, earning: f64) -> f64 {
        let all = self.outside + pull;
        if all > 0.0 { self.potential * earning / all } else { 0.0 }
    }
}

/// The fixed part of an evaluation: a problem's columns. Made once, shared by many evaluators.
#[derive(Debug)]
pub(super) struct Columns<'a> {
    /// The problem.
    pub(super) problem: &'a Profit,
    /// By candidate.
    pub(super) columns: Vec<Column>,
    /// u_j: what each candidate earns alone. D_jk only falls when others open, so no plan gets more
    /// out of it.
    pub(super) alone: Vec<f64>,
}

impl<'a> Columns<'a> {
    /// Turns the problem's rows into columns.
    pub(super) fn new(problem: &'a Profit) -> Self {
        let (sites, devices) = problem.unit_values.dim();
        let capture = &problem.capture;
        let mut columns = vec![Column::default(); sites];
        for zone in 0..capture.reach.zones() {
            if (0..devices).all(|device| capture.potential[[zone, device]] <= 0.0) {
                continue;
            }
            for entry in capture.reach.row(zone) {
                let site = capture.reach.candidate[entry] as usize;
                let column = &mut columns[site];
                #[expect(clippy::cast_possible_truncation, reason = "a market has fewer than 2^32 zones")]
                column.zone.push(zone as u32);
                column.milli.push(capture.reach.milli_minutes[entry]);
                if capture.law == CaptureLaw::Nearest {
                    let gain = (0..devices).map(|device| {
                        capture.potential[[zone, device]]
                            * problem.unit_values[[site, device]]
                            * (capture.attraction[[site, device]] * capture.reach.pull[entry]).min(1.0)
                    });
                    column.gain.push(gain.sum());
                } else {
                    column.pull.push(capture.reach.pull[entry]);
                }
            }
        }
        let mut this = Self { problem, columns, alone: Vec::new() };
        let empty = Evaluator::new(&this);
        let alone: Vec<f64> = (0..sites).into_par_iter().map(|site| empty.change(site)).collect();
        this.alone = alone;
        this
    }
}

impl Field for Columns<'_> {
    fn alone(&self) -> &[f64] {
        &self.alone
    }

    fn own(&self, site: usize) -> f64 {
        if self.problem.capture.law == CaptureLaw::Independent {
            self.alone[site]
        } else {
            -self.problem.open_costs[site]
        }
    }

    fn value(&self, open: &[Site], _: f64) -> Valued {
        Valued::exactly(self.problem.value(open))
    }

    fn tracker(&self) -> Box<dyn Track + '_> {
        Box::new(Evaluator::new(self))
    }

    fn mark_neighbours(&self, site: usize, mark: &mut [u32], stamp: u32) {
        let reach = &self.problem.capture.reach;
        for &zone in &self.columns[site].zone {
            for &other in &reach.candidate[reach.row(zone as usize)] {
                mark[other as usize] = stamp;
            }
        }
    }

    fn cells(&self, sites: &[Site]) -> Cells {
        match self.problem.capture.law {
            CaptureLaw::Independent => Cells::Independent,
            CaptureLaw::Share => Cells::Share(ShareCells::new(self, sites, &claims(self, sites).0)),
            CaptureLaw::Nearest => Cells::Nearest(NearestCells::new(self, sites, &claims(self, sites).0)),
        }
    }

    fn claimants(&self, sites: &[Site]) -> Vec<Site> {
        if self.problem.capture.law == CaptureLaw::Independent { Vec::new() } else { claims(self, sites).1 }
    }

    fn left_out(&self, _: usize) -> f64 {
        0.0
    }
}

/// A set of open sites with what it earns.
#[derive(Debug)]
pub(super) struct Evaluator<'a> {
    columns: &'a Columns<'a>,
    devices: usize,
    cells: Vec<Cell>,
    /// Per zone the open sites as (t, site, G), ascending (`nearest`).
    nearest: Vec<Vec<(u32, Site, f64)>>,
    value: f64,
}

impl<'a> Evaluator<'a> {
    /// With nothing open.
    pub(super) fn new(columns: &'a Columns<'a>) -> Self {
        let capture = &columns.problem.capture;
        let (zones, devices) = (capture.reach.zones(), columns.problem.unit_values.ncols());
        let mut cells = Vec::new();
        let mut nearest = Vec::new();
        match capture.law {
            CaptureLaw::Share => {
                cells.reserve(zones * devices);
                for zone in 0..zones {
                    for device in 0..devices {
                        cells.push(Cell {
                            potential: capture.potential[[zone, device]],
                            outside: capture.outside[[zone, device]],
                            pull: 0.0,
                            earning: 0.0,
                        });
                    }
                }
            }
            CaptureLaw::Nearest => nearest = vec![Vec::new(); zones],
            CaptureLaw::Independent => {}
        }
        Self { columns, devices, cells, nearest, value: 0.0 }
    }

    fn shift(&mut self, site: usize, opens: bool) {
        let problem = self.columns.problem;
        let column = &self.columns.columns[site];
        match problem.capture.law {
            CaptureLaw::Independent => {}
            CaptureLaw::Share => {
                let sign = if opens { 1.0 } else { -1.0 };
                for device in 0..self.devices {
                    let attraction = sign * problem.capture.attraction[[site, device]];
                    let unit_value = problem.unit_values[[site, device]];
                    for (&zone, &pull) in column.zone.iter().zip(&column.pull) {
                        let cell = &mut self.cells[zone as usize * self.devices + device];
                        // Rounding may leave a little less than nothing.
                        cell.pull = (cell.pull + attraction * pull).max(0.0);
                        cell.earning = (cell.earning + unit_value * attraction * pull).max(0.0);
                    }
                }
            }
            CaptureLaw::Nearest => {
                for ((&zone, &milli), &gain) in column.zone.iter().zip(&column.milli).zip(&column.gain) {
                    let list = &mut self.nearest[zone as usize];
                    let at = list.partition_point(|&(time, other, _)| (time, other) < (milli, site as Site));
                    if opens {
                        list.insert(at, (milli, site as Site, gain));
                    } else {
                        list.remove(at);
                    }
                }
            }
        }
    }
}

impl Track for Evaluator<'_> {
    fn value(&self) -> f64 {
        self.value
    }

    fn change(&self, site: usize) -> f64 {
        let problem = self.columns.problem;
        let column = &self.columns.columns[site];
        let mut change = -problem.open_costs[site];
        match problem.capture.law {
            CaptureLaw::Independent => {
                change += (&problem.capture.alone.row(site) * &problem.unit_values.row(site)).sum();
            }
            CaptureLaw::Share => {
                for device in 0..self.devices {
                    let attraction = problem.capture.attraction[[site, device]];
                    let unit_value = problem.unit_values[[site, device]];
                    if attraction <= 0.0 {
                        continue;
                    }
                    for (&zone, &pull) in column.zone.iter().zip(&column.pull) {
                        let cell = self.cells[zone as usize * self.devices + device];
                        let more = attraction * pull;
                        change += cell.value(cell.pull + more, cell.earning + unit_value * more)
                            - cell.value(cell.pull, cell.earning);
                    }
                }
            }
            CaptureLaw::Nearest => {
                for ((&zone, &milli), &gain) in column.zone.iter().zip(&column.milli).zip(&column.gain) {
                    change += match self.nearest[zone as usize].first() {
                        Some(&(time, other, _)) if (time, other) < (milli, site as Site) => 0.0,
                        Some(&(_, _, earned)) => gain - earned,
                        None => gain,
                    };
                }
            }
        }
        change
    }

    fn open(&mut self, site: usize) {
        self.value += self.change(site);
        self.shift(site, true);
    }

    fn close(&mut self, site: usize) {
        self.shift(site, false);
        self.value -= self.change(site);
    }
}
