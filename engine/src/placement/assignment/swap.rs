//! Greedy addition and the fast interchange [teitz1968; whitaker1983; resende2007].
//!
//! | symbol | here |
//! |---|---|
//! | d1_i, d2_i | `Served::cost`: from the nearest and the second nearest open site |
//! | gain_j | what opening j saves, nothing closed |
//! | loss_r | what closing r costs, nothing opened |
//! | extra_rj | what of that loss j makes good, beyond its own gain |
//!
//! Swapping r for j saves gain_j - loss_r + extra_rj. A zone's share in the tables depends on its two
//! nearest open sites only, so after a swap only the zones whose two changed are touched.

use super::guard::Guard;
use super::matrix::{Matrix, Zones};

/// The two nearest open sites of a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Served {
    place: [u32; 2],
    cost: [u32; 2],
}

const NONE: u32 = u32::MAX;

/// An open set that is being improved.
#[derive(Debug)]
pub(super) struct Interchange<'a> {
    matrix: &'a Matrix<'a>,
    zones: &'a Zones<'a>,
    /// Zones by number, or the rows of `matrix` if it holds a sample: (row, zone).
    sample: Vec<(u32, u32)>,
    open: Vec<u32>,
    is_open: Vec<bool>,
    served: Vec<Served>,
    gain: Vec<i64>,
    loss: Vec<i64>,
    extra: Vec<Vec<i64>>,
}

impl<'a> Interchange<'a> {
    /// Nothing open yet. `sample` pairs the rows of `matrix` with zones.
    pub(super) fn new(matrix: &'a Matrix<'a>, zones: &'a Zones<'a>, sample: Vec<(u32, u32)>) -> Self {
        let mut new = Self {
            matrix,
            zones,
            open: Vec::new(),
            is_open: vec![false; matrix.width()],
            served: Vec::new(),
            gain: vec![0; matrix.width()],
            loss: Vec::new(),
            extra: Vec::new(),
            sample,
        };
        new.served = (0..new.sample.len())
            .map(|at| {
                let cap = zones.cap[new.sample[at].1 as usize];
                Served { place: [NONE; 2], cost: [cap; 2] }
            })
            .collect();
        (0..new.sample.len()).for_each(|at| new.touch(at, 1));
        new
    }

    /// The open columns, ascending.
    pub(super) fn columns(&self) -> Vec<u32> {
        let mut columns = self.open.clone();
        columns.sort_unstable();
        columns
    }

    /// Adds (or takes back, `sign` -1) a zone's share in the tables.
    fn touch(&mut self, at: usize, sign: i64) {
        let (row, zone) = self.sample[at];
        let weight = i64::try_from(self.zones.weights[zone as usize]).unwrap_or(i64::MAX) * sign;
        let Served { place, cost: [first, second] } = self.served[at];
        let gain = &mut self.gain;
        if place[0] == NONE {
            self.matrix.each(row as usize, |column, cost| {
                gain[column] += weight * i64::from(first.saturating_sub(cost));
            });
            return;
        }
        self.loss[place[0] as usize] += weight * i64::from(second - first);
        let extra = &mut self.extra[place[0] as usize];
        self.matrix.each(row as usize, |column, cost| {
            if cost < second {
                gain[column] += weight * i64::from(first.saturating_sub(cost));
                extra[column] += weight * i64::from(second - cost.max(first));
            }
        });
    }

    fn look(&self, at: usize) -> Served {
        let (row, zone) = self.sample[at];
        let cap = self.zones.cap[zone as usize];
        let mut served = Served { place: [NONE; 2], cost: [cap; 2] };
        for (place, &column) in (0_u32..).zip(&self.open) {
            let cost = self.matrix.cost(row as usize, column as usize);
            if cost < served.cost[0] {
                served = Served { place: [place, served.place[0]], cost: [cost, served.cost[0]] };
            } else if cost < served.cost[1] {
                served = Served { place: [served.place[0], place], cost: [served.cost[0], cost] };
            }
        }
        served
    }

    fn refresh(&mut self, at: usize, served: Served) {
        if served != self.served[at] {
            self.touch(at, -1);
            self.served[at] = served;
            self.touch(at, 1);
        }
    }

    /// Opens a column.
    pub(super) fn add(&mut self, column: u32) {
        #[expect(clippy::cast_possible_truncation, reason = "columns are numbered in 32 bits")]
        let place = self.open.len() as u32;
        self.open.push(column);
        self.is_open[column as usize] = true;
        self.loss.push(0);
        self.extra.push(vec![0; self.matrix.width()]);
        for at in 0..self.sample.len() {
            let cost = self.matrix.cost(self.sample[at].0 as usize, column as usize);
            let old = self.served[at];
            if cost < old.cost[0] {
                self.refresh(at, Served { place: [place, old.place[0]], cost: [cost, old.cost[0]] });
            } else if cost < old.cost[1] {
                self.refresh(at, Served { place: [old.place[0], place], cost: [old.cost[0], cost] });
            }
        }
    }

    fn swap(&mut self, place: usize, column: u32) {
        let old = std::mem::replace(&mut self.open[place], column);
        self.is_open[old as usize] = false;
        self.is_open[column as usize] = true;
        #[expect(clippy::cast_possible_truncation, reason = "columns are numbered in 32 bits")]
        let this = place as u32;
        for at in 0..self.sample.len() {
            let now = self.served[at];
            let cost = self.matrix.cost(self.sample[at].0 as usize, column as usize);
            if now.place[0] == this || now.place[1] == this || cost < now.cost[1] {
                // Places keep their numbers while their columns change, so a zone that stays with `place` at
                // another cost is seen to differ.
                let next = self.look(at);
                self.refresh(at, next);
            }
        }
    }

    /// Opens the columns that save most, one after the other, while the rules let it and `until` allows.
    pub(super) fn greedy(&mut self, guard: &mut Guard<'_>, open_max: usize) {
        while self.open.len() < open_max {
            let best = (0..self.matrix.width())
                .filter(|&column| !self.is_open[column] && guard.may_add(column))
                .max_by_key(|&column| (self.gain[column], std::cmp::Reverse(column)));
            let Some(column) = best else { return };
            #[expect(clippy::cast_possible_truncation, reason = "columns are numbered in 32 bits")]
            let column = column as u32;
            guard.add(column as usize);
            self.add(column);
        }
    }

    /// Swaps while that saves something, at most `swaps_max` times; never closes a column of `keep`.
    /// While rules are broken, first mends them.
    pub(super) fn improve(&mut self, guard: &mut Guard<'_>, keep: &[bool], swaps_max: usize) {
        for _ in 0..swaps_max {
            let broken = guard.broken();
            let mut best: Option<((i64, i64), usize, u32)> = None;
            for (place, &closing) in self.open.iter().enumerate() {
                if keep[closing as usize] {
                    continue;
                }
                let (loss, extra) = (self.loss[place], &self.extra[place]);
                for column in 0..self.matrix.width() {
                    if self.is_open[column] {
                        continue;
                    }
                    let saves = self.gain[column] - loss + extra[column];
                    // Where nothing is broken nothing can be mended, and rules matter for swaps that save alone.
                    if broken == 0 && saves <= best.map_or(0, |best| best.0.1) {
                        continue;
                    }
                    let mends = match guard.after_swap(closing as usize, column) {
                        Some(after) => broken - after,
                        None => continue,
                    };
                    if (mends, saves) > best.map_or((0, 0), |best| best.0) {
                        #[expect(clippy::cast_possible_truncation, reason = "columns are numbered in 32 bits")]
                        let column = column as u32;
                        best = Some(((mends, saves), place, column));
                    }
                }
            }
            let Some((_, place, column)) = best else { return };
            guard.swap(self.open[place] as usize, column as usize);
            self.swap(place, column);
        }
    }
}
