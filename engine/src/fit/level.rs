//! The level of each device at each store: observed, cold-started, or learned from stores that sell it.

use domain::forecast::{Basis, Contribution, LevelSource};
use domain::ids::Idx;
use domain::market::{Device, Market, Product};
use domain::settings::Settings;
use models::coldstart::STORES_MIN;
use models::normal;

use super::cold::Cold;
use super::features::{self, Column};
use super::history::{History, related_products};
use super::opened::Opened;
use super::{FitError, related_union};

/// Spread of the log of a store's level around the mean of a handful of others, where too few to measure it:
/// an assumption, of the size that stores of one chain usually differ by.
const FEW_SIGMA: f64 = 0.6;
/// Points that stand for that distribution.
const FEW_POINTS: usize = 41;

/// Levels of all stores, before uptake.
#[derive(Debug)]
pub(super) struct Level {
    /// What they rest on.
    pub(super) basis: Basis,
    /// What was known before any cold start, by store: decides whether two devices share a level.
    known: Vec<Option<f64>>,
    /// Units per week, by store.
    pub(super) values: Vec<f64>,
    /// How each was known.
    pub(super) source: Vec<LevelSource>,
    /// Log residuals of held-out stores over their scales; empty where no store needs any.
    pub(super) residuals: Vec<f64>,
    /// What they are multiplied by, by store.
    pub(super) scales: Vec<f64>,
    /// Methods with their weights.
    pub(super) methods: Vec<(String, f64)>,
    /// The cold start, where there were stores enough.
    pub(super) cold: Option<Cold>,
}

impl Level {
    /// What each group of features adds to every store's level, by the ridge member; largest effect first.
    pub(super) fn contributions(&self, stores: usize) -> Vec<Vec<Contribution>> {
        let Some(cold) = &self.cold else { return vec![Vec::new(); stores] };
        let mut groups: Vec<&'static str> = cold.columns.iter().map(|column| column.group).collect();
        groups.dedup();
        (0..stores)
            .map(|store| {
                let effects = &cold.predictions[store].effects;
                let mut parts: Vec<Contribution> = groups
                    .iter()
                    .map(|&group| {
                        let sum: f64 = cold
                            .columns
                            .iter()
                            .zip(effects)
                            .filter(|(column, _)| column.group == group)
                            .map(|(_, effect)| effect)
                            .sum();
                        Contribution { group: group.to_owned(), factor: sum.exp() }
                    })
                    .collect();
                if self.known[store].is_some() && self.values[store] > 0.0 {
                    // What the store itself sells, beyond what stores like it would.
                    let factor = self.values[store] / cold.predictions[store].level;
                    parts.push(Contribution { group: "its own sales".to_owned(), factor });
                }
                parts.sort_by(|a, b| b.factor.ln().abs().total_cmp(&a.factor.ln().abs()).then(a.group.cmp(&b.group)));
                parts
            })
            .collect()
    }
}

/// A level, or the position of one that is the same.
pub(super) enum Found {
    /// Among those found before.
    Known(usize),
    /// A new one.
    New(Box<Level>),
}

/// All that levels are learned from.
pub(super) struct Context<'a> {
    pub(super) market: &'a Market,
    pub(super) settings: &'a Settings,
    pub(super) history: &'a History<'a>,
    /// Columns that every device has.
    pub(super) base: &'a [Column],
}

impl Context<'_> {
    /// The level of a device; `before` are the levels found so far.
    pub(super) fn level(&self, device: Idx<Device>, before: &[Level]) -> Result<Found, FitError> {
        let opened = Opened::new(self, device);
        let sold = opened.sold();
        let sellers = sold.iter().flatten().count();
        let needed = (self.settings.demand.trained_stores_min as usize).max(STORES_MIN);
        let related = self.related(device);
        let has_related = related.iter().any(Option::is_some);
        if sellers >= needed {
            let assumed = if has_related { Some(self.assumed(device, related)?) } else { None };
            return self.trained(device, &opened, sold, assumed).map(|level| Found::New(Box::new(level)));
        }
        if !has_related {
            return Err(FitError::NoEvidence { device: self.market.device_ids.name(device).to_owned(), needed });
        }
        if let Some(at) = before.iter().position(|level| level.basis == Basis::Assumed && level.known == related) {
            return Ok(Found::Known(at));
        }
        self.assumed(device, related).map(|level| Found::New(Box::new(level)))
    }

    /// L by store, where it is known. Where a device is not sold no products tell of it.
    fn related(&self, device: Idx<Device>) -> Vec<Option<f64>> {
        (0..self.market.stores.len())
            .map(|store| {
                let products = related_products(self.market, device, self.market.stores[store].market)?;
                self.history.related(store, products)
            })
            .collect()
    }

    /// The base columns, and the sales of everything else: neither related to the device nor itself sold in corners.
    fn columns(&self, device: Idx<Device>) -> Vec<Column> {
        let mut without: Vec<Idx<Product>> = related_union(self.market, &[device]);
        without.extend(self.market.device_ids.iter().filter_map(|device| self.market.device_product(device)));
        let mut columns = self.base.to_vec();
        columns.push(features::amounts("sales of other products", self.history.others(&without)));
        columns
    }

    /// Related sales, cold-started where unknown.
    fn assumed(&self, device: Idx<Device>, known: Vec<Option<f64>>) -> Result<Level, FitError> {
        let stores = known.len();
        let count = known.iter().flatten().count();
        let own = count as f64 / stores.max(1) as f64;
        let mut methods = vec![("forecast of the store's own related sales".to_owned(), own)];
        let source =
            known.iter().map(|level| if level.is_some() { LevelSource::Observed } else { LevelSource::ColdStart });
        let source: Vec<LevelSource> = source.collect();
        let (values, residuals, scales, cold);
        if count >= STORES_MIN {
            let fit = Cold::start(self, device, self.columns(device), &known)?;
            values = known.iter().zip(&fit.predictions).map(|(own, other)| own.unwrap_or(other.level)).collect();
            residuals = fit.fitted.residuals().logs().to_vec();
            scales = fit.predictions.iter().map(|store| store.scale).collect();
            methods.extend(fit.fitted.methods().into_iter().map(|(name, weight)| (name, weight * (1.0 - own))));
            cold = Some(fit);
        } else {
            let mean = known.iter().flatten().sum::<f64>() / count.max(1) as f64;
            values = known.iter().map(|own| own.unwrap_or(mean)).collect();
            residuals = few_residuals();
            scales = vec![1.0; stores];
            methods.push(("mean of the few stores that are known".to_owned(), 1.0 - own));
            cold = None;
        }
        methods.retain(|(_, weight)| *weight > 0.0);
        Ok(Level { basis: Basis::Assumed, known, values, source, residuals, scales, methods, cold })
    }

    /// What stores that sell the device teach about those that don't.
    fn trained(
        &self,
        device: Idx<Device>,
        opened: &Opened,
        sold: Vec<Option<f64>>,
        assumed: Option<Level>,
    ) -> Result<Level, FitError> {
        let mut columns = self.columns(device);
        let source = match assumed {
            Some(level) => {
                columns.push(features::amounts("related sales", level.values));
                level.source
            }
            None => vec![LevelSource::ColdStart; sold.len()],
        };
        let fit = Cold::start(self, device, columns, &sold)?;
        let unseen = fit.unseen();
        let posteriors = opened.posteriors(|store| fit.fitted.log_moments(unseen[store].0, unseen[store].1));
        let mut values: Vec<f64> = fit.predictions.iter().map(|store| store.level).collect();
        let mut scales: Vec<f64> = fit.predictions.iter().map(|store| store.scale).collect();
        let (_, spread) = fit.fitted.residuals().moments();
        for (store, posterior) in posteriors.iter().enumerate() {
            if let Some(posterior) = posterior {
                values[store] = posterior.level;
                scales[store] = if spread > 0.0 { posterior.log_sd / spread } else { 1.0 };
            }
        }
        Ok(Level {
            basis: Basis::Trained { stores: sold.iter().flatten().count() },
            known: posteriors.into_iter().map(|posterior| Some(posterior?.level)).collect(),
            values,
            source,
            residuals: fit.fitted.residuals().logs().to_vec(),
            scales,
            methods: fit.fitted.methods(),
            cold: Some(fit),
        })
    }
}

/// Residuals to assume where too few stores are known to measure any.
fn few_residuals() -> Vec<f64> {
    (0..FEW_POINTS)
        .map(|at| FEW_SIGMA * normal::quantile((at as f64 + 0.5) / FEW_POINTS as f64) - 0.5 * FEW_SIGMA * FEW_SIGMA)
        .collect()
}
