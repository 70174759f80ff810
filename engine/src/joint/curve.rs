//! What each level of a device's stock earns at each site, for several parts c of its own demand.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | c_0 < c_1 < ... | [`Curve::parts`] | the part of its own demand that a corner keeps |
//! | G_n(c) = Pi(n packs; c) | [`Curve::earned`] | base-currency major units |
//! | f(c) | [`Curve::floors`] | packs that keep the service level |
//!
//! A count of mean c m thins the count of mean m, so E[min(q, D)] is concave and rising in c, and so is every
//! G_n. More of the demand asks for more packs: f and the best level rise with c, and levels above the best at c = 1
//! are never better.

use rayon::prelude::*;

use super::Joint;
use super::kept;
use crate::stock::window::Window;

/// Where between the least part and the whole the curves are computed: closer where corners keep nearly all.
const BETWEEN: [f64; 4] = [0.4, 0.7, 0.88, 0.96];
/// Beyond the whole, and below the least part: there a curve's slope at the end is taken.
const BEYOND: f64 = 0.06;
/// A part above this is the whole, but for rounding.
const WHOLE: f64 = 1.0 - 1e-7;

/// A device at a site.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// Position of the device.
    pub device: usize,
    /// c, ascending. One number, 1, where the law takes nothing away; else the last lies beyond 1 and the
    /// first below all that can happen, unless that is 0.
    pub parts: Vec<f64>,
    /// Position of the least part that can happen.
    pub first: usize,
    /// Position of 1.
    pub whole: usize,
    /// By part, then packs from 0.
    pub earned: Vec<Vec<f64>>,
    /// f, by part.
    pub floors: Vec<u32>,
    /// Minor units of the base currency per pack.
    pub money: f64,
    /// Units per pack.
    pub units: f64,
    /// Shelf units per pack.
    pub shelf: u32,
}

/// Of every site.
#[derive(Debug, Clone, PartialEq)]
pub struct Curves {
    /// By site, the devices that it carries.
    pub sites: Vec<Vec<Curve>>,
    /// Sites that no stock can satisfy, whoever else is open.
    pub impossible: Vec<u32>,
}

impl Curves {
    /// Computes them.
    #[must_use]
    pub fn of(joint: &Joint<'_>) -> Self {
        let least = kept::least(joint.capture, joint.open_at_once());
        let sites: Vec<Option<Vec<Curve>>> = (0..joint.capture.alone.nrows())
            .into_par_iter()
            .map(|site| {
                let devices = 0..joint.samples.devices.len();
                let curves: Vec<Option<Curve>> =
                    devices.filter_map(|device| curve(joint, site, device, least[[site, device]])).collect();
                let curves: Vec<Curve> = curves.into_iter().collect::<Option<_>>()?;
                let needed: u64 =
                    curves.iter().map(|curve| u64::from(curve.floors[curve.first]) * u64::from(curve.shelf)).sum();
                joint.stocking.shelf[site].is_none_or(|shelf| needed <= u64::from(shelf)).then_some(curves)
            })
            .collect();
        let impossible = (0..).zip(&sites).filter(|(_, curves)| curves.is_none()).map(|(site, _)| site).collect();
        Self { sites: sites.into_iter().map(Option::unwrap_or_default).collect(), impossible }
    }
}

/// The curve of a device; none where it is not carried, and none inside where no level keeps the service.
fn curve(joint: &Joint<'_>, site: usize, device: usize, least: f64) -> Option<Option<Curve>> {
    let stocking = joint.stocking;
    let terms = stocking.terms[site][device].as_ref()?;
    let rates = joint.samples.of(site, device);
    let level = stocking.service_min;
    let window = |part: f64| Window::lasting(rates, part, terms, stocking.units_max, level);
    let packs_max = stocking.units_max / terms.pack;
    let whole = window(1.0);
    let (best, alike) = (whole.best_packs(terms, packs_max), whole.alike());
    let earns = alike.profit(alike.best_packs(terms, packs_max) * terms.pack, terms);
    if joint.capture.alone[[site, device]] <= 0.0 || earns <= 0.0 {
        return None;
    }
    let floor = |window: &Window| level.map_or(Some(0), |level| window.packs_for(level, terms, packs_max));
    let (parts, first) = parts(least);
    let windows: Vec<Window> =
        parts.iter().map(|&part| if part == 1.0 { whole.clone() } else { window(part) }).collect();
    // Where only the whole demand can't be kept in stock, no floor is asked for there: a relaxation.
    let floors: Vec<u32> = windows.iter().map(|window| floor(window).unwrap_or(0)).collect();
    let at_one = parts.iter().position(|&part| part == 1.0)?;
    if floor(&windows[first]).is_none() {
        return Some(None);
    }
    let most = floors[..=at_one].iter().copied().fold(best, u32::max);
    let earned = windows
        .iter()
        .map(|window| (0..=most).map(|packs| window.profit(packs * terms.pack, terms) * terms.rate).collect())
        .collect();
    Some(Some(Curve {
        device,
        parts,
        first,
        whole: at_one,
        earned,
        floors,
        money: f64::from(terms.pack) * terms.cost_base_minor as f64,
        units: f64::from(terms.pack),
        shelf: terms.pack * terms.shelf,
    }))
}

/// The parts at which a curve is computed, and the position of the least that can happen.
fn parts(least: f64) -> (Vec<f64>, usize) {
    if least > WHOLE {
        return (vec![1.0], 0);
    }
    let mut parts = Vec::new();
    if least > 0.0 {
        parts.push((1.0 - BEYOND) * least);
    }
    let first = parts.len();
    parts.push(least);
    parts.extend(BETWEEN.iter().map(|at| least + at * (1.0 - least)));
    parts.extend([1.0, 1.0 + BEYOND]);
    (parts, first)
}
