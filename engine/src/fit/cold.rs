//! A fitted cold start and what it says of all stores.

use domain::forecast::Analog;
use domain::ids::Idx;
use domain::market::{Device, Store};
use domain::seed::Seed;
use domain::settings::Settings;
use models::coldstart::{self, Fitted, Prediction, Stores};

use super::FitError;
use super::features::{self, Column};
use super::level::Context;

/// A fitted cold start and what it says of all stores.
#[derive(Debug)]
pub(super) struct Cold {
    /// The fit.
    pub(super) fitted: Fitted,
    /// The columns that it used.
    pub(super) columns: Vec<Column>,
    /// By store.
    pub(super) predictions: Vec<Prediction>,
    /// The store of each training row.
    train: Vec<usize>,
}

/// The seed of the cold start of a device.
fn cold_seed(settings: &Settings, device: Idx<Device>) -> Seed {
    Seed(Seed(settings.seed).stream("fit/coldstart", device.at() as u64))
}

impl Cold {
    /// Learns from the stores whose level is known, and forecasts all.
    pub(super) fn start(
        context: &Context<'_>,
        device: Idx<Device>,
        columns: Vec<Column>,
        known: &[Option<f64>],
    ) -> Result<Self, FitError> {
        let stores = known.len();
        let train: Vec<usize> = (0..stores).filter(|&store| known[store].is_some()).collect();
        let unknown: Vec<usize> = (0..stores).filter(|&store| known[store].is_none()).collect();
        let columns = features::usable(columns, &train, &unknown);
        let matrix = features::matrix(&columns, stores);
        let levels: Vec<f64> = known.iter().copied().flatten().collect();
        let mut own = vec![None; stores];
        train.iter().enumerate().for_each(|(row, &store)| own[store] = Some(row));
        let failed = |source| FitError::ColdStart { device: context.market.device_ids.name(device).to_owned(), source };
        let rows = matrix.select(ndarray::Axis(0), &train);
        let markets: Vec<usize> = context.market.stores.iter().map(|store| store.market.at()).collect();
        let theirs: Vec<usize> = train.iter().map(|&store| markets[store]).collect();
        let learned = Stores { features: rows.view(), levels: &levels, markets: &theirs };
        let fitted = coldstart::fit(learned, cold_seed(context.settings, device)).map_err(failed)?;
        let predictions = fitted.predict(matrix.view(), &markets, &own).map_err(failed)?;
        Ok(Cold { fitted, columns, predictions, train })
    }

    /// Level and scale of every store by fits that did not see it.
    pub(super) fn unseen(&self) -> Vec<(f64, f64)> {
        let mut unseen: Vec<(f64, f64)> = self.predictions.iter().map(|store| (store.level, store.scale)).collect();
        for (&store, held_out) in self.train.iter().zip(self.fitted.held_out()) {
            unseen[store] = (held_out.level, held_out.scale);
        }
        unseen
    }

    /// The analogs of every store.
    pub(super) fn analogs(&self, stores: usize) -> Vec<Vec<Analog>> {
        (0..stores)
            .map(|store| {
                let near = &self.predictions[store].analogs;
                near.iter().map(|&(row, weight)| Analog { store: Idx::<Store>::new(self.train[row]), weight }).collect()
            })
            .collect()
    }
}
