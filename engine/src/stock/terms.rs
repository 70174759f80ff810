//! What a unit of a device earns and costs at a corner.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | price - cost | `Terms::margin` | major units of the market's currency per unit |
//! | h | `Terms::holding` | the same, per unit and week |
//! | cost - salvage | `Terms::loss` | the same, per unit |
//! | H | `Terms::weeks` | weeks of the horizon |
//! | L | `Terms::window` | weeks that a stock level has to last |
//! | A | `Terms::adopted` | weeks at full adoption that the horizon is worth, sum of alpha_t |
//! | r L | `Terms::size` | size of the negative binomial of a window |

use domain::ids::Idx;
use domain::market::{Country, Device, Market};
use domain::settings::{Settings, StockPolicy};
use domain::units::Currency;

use crate::EngineError;
use crate::formulate::candidates::horizon_end;
use crate::formulate::money;

/// The terms of a device at a corner.
#[derive(Debug, Clone, PartialEq)]
pub struct Terms {
    /// Price less cost.
    pub margin: f64,
    /// Cost less salvage.
    pub loss: f64,
    /// Holding one unit for one week.
    pub holding: f64,
    /// Unit cost.
    pub cost: f64,
    /// Unit cost in minor units of the base currency.
    pub cost_base_minor: i64,
    /// Units per pack, at least 1.
    pub pack: u32,
    /// Shelf units of one unit.
    pub shelf: u32,
    /// Base currency per unit of the market's.
    pub rate: f64,
    /// H.
    pub weeks: f64,
    /// L, at least 1.
    pub window: f64,
    /// A.
    pub adopted: f64,
    /// Size of the negative binomial of a window; infinite for Poisson.
    pub size: f64,
}

impl Terms {
    /// The terms of `device` in `country`; none where it is not sold there within the horizon.
    /// `adoption` is alpha by week, `dispersion` r per week.
    ///
    /// # Errors
    /// Where the country's currency has no rate.
    pub fn of(
        market: &Market,
        settings: &Settings,
        base: Currency,
        device: Idx<Device>,
        country: Idx<Country>,
        adoption: impl Iterator<Item = f64>,
        dispersion: f64,
    ) -> Result<Option<Self>, EngineError> {
        let Some(terms) = market.terms(device, country) else { return Ok(None) };
        if terms.launch.is_some_and(|launch| launch > horizon_end(settings)) {
            return Ok(None);
        }
        let window = match settings.stock.policy {
            StockPolicy::Cycle => terms.lead_time_weeks + settings.stock.review_weeks,
            StockPolicy::SingleOrder => settings.horizon_weeks,
        };
        let window = f64::from(window.max(1));
        Ok(Some(Self {
            margin: terms.price.major() - terms.unit_cost.major(),
            loss: terms.unit_cost.major() - terms.salvage.major(),
            holding: terms.holding_cost_per_week.major(),
            cost: terms.unit_cost.major(),
            cost_base_minor: money::convert(settings, base, terms.unit_cost, base)?.minor,
            pack: terms.pack_size.max(1),
            shelf: terms.shelf_units,
            rate: money::rate(settings, base, market.markets[country.at()].currency)?,
            weeks: f64::from(settings.horizon_weeks),
            window,
            adopted: adoption.sum(),
            size: dispersion * window,
        }))
    }

    /// Units that a window asks for, per unit of weekly demand at full adoption: mean adoption x L.
    #[must_use]
    pub fn per_window(&self) -> f64 {
        self.adopted / self.weeks * self.window
    }

    /// The same terms with another unit cost, as a factor on today's.
    #[must_use]
    pub fn with_cost(&self, factor: f64) -> Self {
        let more = self.cost * (factor - 1.0);
        Self { margin: self.margin - more, loss: self.loss + more, cost: self.cost * factor, ..self.clone() }
    }
}
