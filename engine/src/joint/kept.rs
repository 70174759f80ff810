//! What corners leave each other.
//!
//! | symbol | is | unit |
//! |---|---|---|
//! | c_jk(S) = D_jk(S + j)/F_jk | [`beside`] | |
//! | least of c_jk over all S with fewer than p others | [`least`], from below | |
//!
//! `share`: the p - 1 strongest others of each zone take the most. `nearest`: a zone is safe only where no other
//! candidate is nearer.

use domain::capture::CaptureModel;
use domain::problem::Site;
use domain::settings::CaptureLaw;
use ndarray::Array2;

/// c of every site beside the open ones (an open one: among them), `sites x devices`; 1 where F is 0.
#[must_use]
pub(super) fn beside(capture: &CaptureModel, open: &[Site]) -> Array2<f64> {
    let mut is_open = vec![false; capture.alone.nrows()];
    open.iter().for_each(|&site| is_open[site as usize] = true);
    let reach = &capture.reach;
    let site = |entry: usize| reach.candidate[entry] as usize;
    summed(capture, |zone, add| match capture.law {
        CaptureLaw::Independent => {}
        CaptureLaw::Nearest => {
            let order = |entry: usize| (reach.milli_minutes[entry], site(entry));
            let nearest = reach.row(zone).filter(|&entry| is_open[site(entry)]).map(order).min();
            for entry in reach.row(zone) {
                if nearest.is_none_or(|nearest| order(entry) <= nearest) {
                    (0..capture.alone.ncols()).for_each(|device| add(entry, device, f64::INFINITY));
                }
            }
        }
        CaptureLaw::Share => {
            for device in 0..capture.alone.ncols() {
                let pull = |entry: usize| capture.attraction[[site(entry), device]] * reach.pull[entry];
                let all: f64 = reach.row(zone).filter(|&entry| is_open[site(entry)]).map(pull).sum();
                for entry in reach.row(zone) {
                    let others = if is_open[site(entry)] { all - pull(entry) } else { all };
                    add(entry, device, others.max(0.0));
                }
            }
        }
    })
}

/// The least c, from below, with at most `open_max` open sites, `sites x devices`.
#[must_use]
pub(super) fn least(capture: &CaptureModel, open_max: usize) -> Array2<f64> {
    if open_max < 2 {
        return Array2::ones(capture.alone.dim());
    }
    let reach = &capture.reach;
    let site = |entry: usize| reach.candidate[entry] as usize;
    let mut least = summed(capture, |zone, add| match capture.law {
        CaptureLaw::Independent => {}
        CaptureLaw::Nearest => {
            let nearest = reach.row(zone).min_by_key(|&entry| (reach.milli_minutes[entry], site(entry)));
            if let Some(entry) = nearest {
                (0..capture.alone.ncols()).for_each(|device| add(entry, device, f64::INFINITY));
            }
        }
        CaptureLaw::Share => {
            for device in 0..capture.alone.ncols() {
                let pull = |entry: usize| capture.attraction[[site(entry), device]] * reach.pull[entry];
                let mut pulls: Vec<f64> = reach.row(zone).map(pull).collect();
                pulls.sort_by(|one, other| other.total_cmp(one));
                let most: f64 = pulls.iter().take(open_max - 1).sum();
                let next = pulls.get(open_max - 1).copied().unwrap_or(0.0);
                let last = if pulls.len() >= open_max - 1 { pulls[open_max - 2] } else { 0.0 };
                for entry in reach.row(zone) {
                    let own = pull(entry);
                    // One of the strongest leaves its place to the next.
                    add(entry, device, if own >= last { most - own + next } else { most }.max(0.0));
                }
            }
        }
    });
    // Summed in another order than the law itself: what rounding may have added is taken off.
    least.mapv_inplace(|part| if part < 1.0 { (part - 1e-9).max(0.0) } else { 1.0 });
    least
}

/// Demand over F, from what each zone gives: `visit` says of a zone which entries get some of it and what others
/// pull there (infinite under `nearest`, where the law does not ask).
fn summed(capture: &CaptureModel, visit: impl Fn(usize, &mut dyn FnMut(usize, usize, f64))) -> Array2<f64> {
    if capture.law == CaptureLaw::Independent {
        return Array2::ones(capture.alone.dim());
    }
    let reach = &capture.reach;
    let mut demand = Array2::<f64>::zeros(capture.alone.dim());
    for zone in 0..reach.zones() {
        visit(zone, &mut |entry, device, others| {
            let site = reach.candidate[entry] as usize;
            let pull = capture.attraction[[site, device]] * reach.pull[entry];
            let potential = capture.potential[[zone, device]];
            demand[[site, device]] += if others.is_infinite() {
                potential * pull.min(1.0)
            } else if pull > 0.0 {
                potential * pull / (capture.outside[[zone, device]] + pull + others)
            } else {
                0.0
            };
        });
    }
    demand
        .zip_mut_with(&capture.alone, |part, &alone| *part = if alone > 0.0 { (*part / alone).min(1.0) } else { 1.0 });
    demand
}
