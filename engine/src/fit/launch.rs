//! When devices can first be sold, and how fast they are taken up from then on.

use domain::calendar::epoch_day;
use domain::ids::Idx;
use domain::market::{Country, Device, Market};
use domain::settings::Settings;
use models::bass;
use models::opening::Adoption;
use ndarray::Array2;

/// The adoption curves, `devices x weeks`, at each device's p and q, and by device and market what F has to be scaled by: 0 where the
/// device is not sold or is launched after the horizon.
pub(super) fn adoption(
    market: &Market,
    devices: &[Idx<Device>],
    rates: &[Adoption],
    settings: &Settings,
) -> (Array2<f64>, Array2<f64>) {
    let weeks = settings.horizon_weeks as usize;
    let countries: Vec<Idx<Country>> = market.market_ids.iter().collect();
    let mut curves = Array2::zeros((devices.len(), weeks));
    let mut later = Array2::zeros((devices.len(), countries.len()));
    for (row, &device) in devices.iter().enumerate() {
        // The first whole week on sale, from the start of the horizon.
        let first: Vec<Option<i32>> = countries
            .iter()
            .map(|&country| {
                let terms = market.terms(device, country)?;
                let days = terms.launch.map_or(0, |launch| epoch_day(launch) - epoch_day(settings.as_of));
                Some((days.max(0) + 6) / 7)
            })
            .collect();
        let Some(earliest) = first.iter().flatten().copied().min() else { continue };
        let curve = |from: i32| bass::adoption(rates[row].innovation, rates[row].imitation, weeks, from);
        let shares = curve(earliest);
        let total: f64 = shares.iter().sum();
        for (column, from) in first.iter().enumerate() {
            if let Some(from) = *from {
                let here: f64 = curve(from).iter().sum();
                later[[row, column]] = if total > 0.0 { here / total } else { 0.0 };
            }
        }
        curves.row_mut(row).iter_mut().zip(shares).for_each(|(slot, share)| *slot = share);
    }
    (curves, later)
}
