//! Table `sales`: millions of rows, aggregated in SQL to one cell per store, product and week.

mod build;
mod faults;
mod gaps;
mod kernels;
mod panel;
mod query;
mod report;
mod screens;

use std::sync::Arc;

use datafusion::error::DataFusionError;
use datafusion::prelude::{DataFrame, SessionContext};
use domain::ids::Ids;
use domain::market::Product;
use domain::panel::Panel;
use domain::settings::Settings;

use crate::findings::Findings;
use crate::markets::Markets;
use crate::names::Names;
use crate::session;
use crate::stores::Stores;
use crate::tables::{Role, Tables};
use kernels::Known;
use query::{Layout, TEXTS, numbers, run};

pub(crate) const NEEDED: [&str; 4] = ["store_id", "product", "week", "units"];
pub(crate) const OPTIONAL: [&str; 7] = ["price", "promo", "stockout", "customers", "currency", "date", "day"];

/// What the checks of the table share.
pub(crate) struct Sales<'a> {
    pub(crate) context: &'a SessionContext,
    pub(crate) layout: Layout,
    pub(crate) files: &'a [String],
    pub(crate) tables: &'a Tables,
    pub(crate) settings: &'a Settings,
    pub(crate) stores: &'a Stores,
    pub(crate) markets: &'a Markets,
    pub(crate) products: Arc<Known>,
}

/// Reads the table; none where a finding makes it unusable.
#[expect(clippy::too_many_arguments, reason = "sales lean on every table read before")]
pub(crate) async fn read(
    context: &SessionContext,
    table: DataFrame,
    names: &[String],
    files: &[String],
    tables: &Tables,
    settings: &Settings,
    stores: &Stores,
    markets: &Markets,
    products: &mut Names,
    findings: &mut Findings,
) -> Option<(Ids<Product>, Panel)> {
    let layout = Layout::new(names)?;
    let returns = tables.sales.mapped().is_some_and(|mapped| mapped.returns);
    let known = Arc::new(Known::new(stores, markets, settings, layout.weekly(), returns));
    kernels::register(context, &known);
    let sales = Sales { context, layout, files, tables, settings, stores, markets, products: known };
    let read = async {
        context.register_table(TEXTS, table.into_view())?;
        sales.cells(products, findings).await
    };
    match read.await {
        Ok(found) => found,
        Err(error) => {
            session::run_fault(Role::Sales, files, &error, findings);
            None
        }
    }
}

impl Sales<'_> {
    async fn cells(
        &self,
        products: &mut Names,
        findings: &mut Findings,
    ) -> Result<Option<(Ids<Product>, Panel)>, DataFusionError> {
        let batches = run(self.context, &self.layout.cells()).await?;
        let (cells, faulted, repeated) = build::cells(&batches, &self.products, self.layout.weekly());
        drop(batches);
        if faulted > 0 {
            self.report_faults(findings).await?;
        }
        if repeated {
            self.report_repeated(findings).await?;
        }
        let names = self.products.products();
        if names.len() > kernels::PRODUCTS_MAX {
            self.too_large("products", findings);
            return Ok(None);
        }
        self.note_products(&names, products, findings).await?;
        let Some(built) = self.build(cells, &names, findings) else { return Ok(None) };
        self.screen(&built, findings).await?;
        let panel::Built { mut panel, products, .. } = built;
        if self.layout.customers {
            let batches = run(self.context, &self.layout.customers()).await?;
            let (stores, days, counts) = (numbers(&batches, 0), numbers(&batches, 1), numbers(&batches, 2));
            let rows = stores.zip(days).zip(counts).filter_map(|((store, day), count)| {
                Some((usize::try_from(store?).ok()?, i32::try_from(day?).ok()?, count?))
            });
            panel.customers = panel::customers(&panel, rows, self.stores, self.markets);
        }
        Ok(Some((products, panel)))
    }
}
