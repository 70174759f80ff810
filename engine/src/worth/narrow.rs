//! A profit problem over its promising candidates alone.
//!
//! A candidate never earns more than alone: v D(y) - o <= v F - o. So those that earn most alone, with
//! what is chosen, required, counted by a rule's lower side or reaching many whom a floor counts, are where other assumptions can move a
//! plan to; the rest is closed. At up to [`KEPT`] candidates nothing is left out.

use domain::capture::{CaptureModel, Reach};
use domain::problem::{Profit, Row, Rules, Site};
use domain::settings::CaptureLaw;
use ndarray::Axis;

/// Candidates kept for what they earn alone.
pub const KEPT: usize = 300;

/// Candidates kept per rule that asks for a least count or for people within reach.
const KEPT_PER_ROW: usize = 40;

/// A problem over some of the sites, and its rules.
#[derive(Debug, Clone)]
pub struct Narrow {
    /// The site that each narrow site is, ascending.
    pub sites: Vec<Site>,
    /// The rules over narrow sites.
    pub rules: Rules,
    /// The problem over narrow sites.
    pub problem: Profit,
}

/// The promising sites, ascending.
#[must_use]
pub fn promising(rules: &Rules, problem: &Profit, open: &[Site]) -> Vec<Site> {
    let alone: Vec<f64> = (0..rules.sites)
        .map(|site| {
            (&problem.capture.alone.row(site) * &problem.unit_values.row(site)).sum() - problem.open_costs[site]
        })
        .collect();
    let mut order: Vec<Site> =
        (0..).take(rules.sites).filter(|site| rules.exclude.binary_search(site).is_err()).collect();
    order.sort_by(|&a, &b| alone[b as usize].total_cmp(&alone[a as usize]).then(a.cmp(&b)));
    let mut sites: Vec<Site> =
        order.iter().copied().take(KEPT).chain(open.iter().chain(&rules.require).copied()).collect();
    for (_, row) in rules.own_rows().filter(|(_, row)| row.min.is_some()) {
        let counts = |site: &Site| row.terms.binary_search_by_key(site, |term| term.0).is_ok();
        sites.extend(order.iter().copied().filter(counts).take(KEPT_PER_ROW));
    }
    for row in rules.reach.iter().filter_map(|floor| floor.row(&[])) {
        let mut terms = row.terms;
        terms.retain(|term| rules.exclude.binary_search(&term.0).is_err());
        terms.sort_by_key(|&(site, people)| (std::cmp::Reverse(people), site));
        sites.extend(terms.into_iter().take(KEPT_PER_ROW).map(|term| term.0));
    }
    sites.sort_unstable();
    sites.dedup();
    sites
}

/// The rules over some sites (ascending); every other is closed.
#[must_use]
pub fn rules(rules: &Rules, sites: &[Site]) -> Rules {
    let narrow = |site: &Site| sites.binary_search(site).ok().map(|at| Site::try_from(at).expect("sites are 32 bits"));
    let rows = rules.rows.iter().map(|row| Row {
        terms: row.terms.iter().filter_map(|(site, coefficient)| Some((narrow(site)?, *coefficient))).collect(),
        ..row.clone()
    });
    Rules {
        sites: sites.len(),
        open_min: rules.open_min,
        open_max: rules.open_max,
        require: rules.require.iter().filter_map(narrow).collect(),
        exclude: rules.exclude.iter().filter_map(narrow).collect(),
        rows: rows.collect(),
        conflicts: rules.conflicts.iter().filter_map(|(one, other)| Some((narrow(one)?, narrow(other)?))).collect(),
        reach: rules.reach.iter().map(|floor| floor.narrowed(sites)).collect(),
    }
}

/// The problem over some sites (ascending), without the zones that none of them reaches.
#[must_use]
pub fn problem(problem: &Profit, sites: &[Site]) -> Profit {
    let rows: Vec<usize> = sites.iter().map(|&site| site as usize).collect();
    let (capture, all) = (&problem.capture, problem.open_costs.len());
    let select = |of: &ndarray::Array2<f64>| of.select(Axis(0), &rows);
    let narrow = match capture.law {
        CaptureLaw::Independent => CaptureModel::independent(select(&capture.alone)),
        CaptureLaw::Nearest | CaptureLaw::Share => {
            let mut position = vec![u32::MAX; all];
            for (at, &row) in rows.iter().enumerate() {
                position[row] = u32::try_from(at).expect("sites are 32 bits");
            }
            let mut reach = Reach { starts: vec![0], ..Reach::default() };
            let mut zones = Vec::new();
            for zone in 0..capture.reach.zones() {
                for entry in capture.reach.row(zone) {
                    let candidate = position[capture.reach.candidate[entry] as usize];
                    if candidate != u32::MAX {
                        reach.candidate.push(candidate);
                        reach.milli_minutes.push(capture.reach.milli_minutes[entry]);
                        reach.pull.push(capture.reach.pull[entry]);
                    }
                }
                if reach.candidate.len() > *reach.starts.last().unwrap_or(&0) {
                    reach.starts.push(reach.candidate.len());
                    zones.push(zone);
                }
            }
            CaptureModel {
                law: capture.law,
                reach,
                outside: capture.outside.select(Axis(0), &zones),
                potential: capture.potential.select(Axis(0), &zones),
                attraction: select(&capture.attraction),
                alone: select(&capture.alone),
            }
        }
    };
    Profit {
        capture: narrow,
        unit_values: select(&problem.unit_values),
        open_costs: rows.iter().map(|&row| problem.open_costs[row]).collect(),
    }
}

impl Narrow {
    /// The promising part of a problem.
    #[must_use]
    pub fn of(all: &Rules, whole: &Profit, open: &[Site]) -> Self {
        let sites = promising(all, whole, open);
        Self { rules: rules(all, &sites), problem: problem(whole, &sites), sites }
    }

    /// Sites of the whole problem as narrow ones.
    #[must_use]
    pub fn inwards(&self, open: &[Site]) -> Vec<Site> {
        open.iter()
            .filter_map(|site| self.sites.binary_search(site).ok())
            .map(|at| Site::try_from(at).expect("sites are 32 bits"))
            .collect()
    }

    /// Narrow sites as sites of the whole problem.
    #[must_use]
    pub fn outwards(&self, open: &[Site]) -> Vec<Site> {
        open.iter().map(|&site| self.sites[site as usize]).collect()
    }
}
