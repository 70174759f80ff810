//! The SQL over `sales`: cells by GROUP BY, and the detail of what was wrong.

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::Int64Type;
use datafusion::error::Result;
use datafusion::prelude::SessionContext;

use super::faults::Part;
use crate::source::{FILE, LINE};

/// The mapped table, all text.
pub(crate) const TEXTS: &str = "sales_text";

/// Which optional columns there are, and which holds the day.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    /// `week`, `date` or `day`.
    pub(crate) day: &'static str,
    pub(crate) price: bool,
    pub(crate) promo: bool,
    pub(crate) stockout: bool,
    pub(crate) customers: bool,
    pub(crate) currency: bool,
    /// Whether `_file` and `_line` were carried along.
    pub(crate) traced: bool,
}

impl Layout {
    /// From the columns of the mapped table.
    pub(crate) fn new(names: &[String]) -> Option<Self> {
        let has = |name: &str| names.iter().any(|own| own == name);
        let day = ["week", "date", "day"].into_iter().find(|name| has(name))?;
        Some(Self {
            day,
            price: has("price"),
            promo: has("promo"),
            stockout: has("stockout"),
            customers: has("customers"),
            currency: has("currency"),
            traced: has(FILE) && has(LINE),
        })
    }

    /// Whether each row holds a week.
    pub(crate) fn weekly(&self) -> bool {
        self.day == "week"
    }

    /// The column that a part is read from.
    pub(crate) fn column(&self, part: Part) -> &'static str {
        match part {
            Part::Store => "store_id",
            Part::Product => "product",
            Part::Day => self.day,
            Part::Units => "units",
            Part::Price => "price",
            Part::Promo => "promo",
            Part::Stockout => "stockout",
            Part::Customers => "customers",
            Part::Currency => "currency",
        }
    }

    /// Rows as numbers, `f` the row's first fault, `raw` a text column carried along.
    fn rows(&self, raw: Option<&str>) -> String {
        let optional = |has: bool, name: &str| {
            if has { format!("{name}_number(\"{name}\")") } else { "CAST(NULL AS BIGINT)".to_owned() }
        };
        let trace = if self.traced {
            format!("CAST(\"{FILE}\" AS BIGINT) * 1099511627776 + \"{LINE}\"")
        } else {
            "CAST(NULL AS BIGINT)".to_owned()
        };
        let raw = raw.map_or(String::new(), |column| format!(", \"{column}\" AS raw"));
        let kept = if raw.is_empty() { "" } else { ", raw" };
        format!(
            "SELECT s, i, d, u, p, m, o, c, at{kept}, row_fault(s, i, d, u, p, m, o, c, x) AS f FROM (\
             SELECT store_number(store_id) AS s, product_number(product) AS i, day_number(\"{}\") AS d, \
             units_number(units) AS u, {} AS p, {} AS m, {} AS o, {} AS c, {} AS x, {trace} AS at{raw} FROM {TEXTS})",
            self.day,
            optional(self.price, "price"),
            optional(self.promo, "promo"),
            optional(self.stockout, "stockout"),
            optional(self.customers, "customers"),
            optional(self.currency, "currency"),
        )
    }

    /// One row per store, product and day; rows with a fault under the key -1.
    fn days(&self) -> String {
        format!(
            "SELECT k, count(*) AS n, max(u) AS u, max(p) AS p, max(m) AS m, max(o) AS o FROM \
             (SELECT cell_key(s, i, d, f) AS k, u, p, m, o FROM ({})) GROUP BY k",
            self.rows(None)
        )
    }

    /// The cells: k, n (rows of one key at the most), u, p (sum), pn, m, o, first and last day.
    pub(crate) fn cells(&self) -> String {
        if self.weekly() {
            format!(
                "SELECT k, n, u, coalesce(p, 0) AS p, CASE WHEN p IS NULL THEN 0 ELSE 1 END AS pn, \
                 coalesce(m, 0) AS m, coalesce(o, 0) AS o, k AS a, k AS b FROM ({})",
                self.days()
            )
        } else {
            format!(
                "SELECT w AS k, max(n) AS n, sum(u) AS u, coalesce(sum(p), 0) AS p, count(p) AS pn, \
                 coalesce(max(m), 0) AS m, coalesce(max(o), 0) AS o, min(k) AS a, max(k) AS b FROM \
                 (SELECT week_key(k) AS w, k, n, u, p, m, o FROM ({})) GROUP BY w",
                self.days()
            )
        }
    }

    /// Faults and their counts.
    pub(crate) fn faults(&self) -> String {
        format!("SELECT f, count(*) AS n FROM ({}) WHERE f <> 0 GROUP BY f ORDER BY f", self.rows(None))
    }

    /// The first `limit` rows with a fault: place and the text of the column.
    pub(crate) fn examples(&self, fault: i64, part: Part, limit: usize) -> String {
        format!(
            "SELECT at, raw FROM ({}) WHERE f = {fault} ORDER BY at, raw LIMIT {limit}",
            self.rows(Some(self.column(part)))
        )
    }

    /// Stores that are unknown: id, rows, units, first place.
    pub(crate) fn orphans(&self, fault: i64) -> String {
        format!(
            "SELECT raw, count(*) AS n, sum(CASE WHEN u > 0 THEN u ELSE 0 END) AS u, min(at) AS at FROM ({}) \
             WHERE f = {fault} GROUP BY raw ORDER BY raw",
            self.rows(Some("store_id"))
        )
    }

    /// All units that can be read.
    pub(crate) fn units(&self) -> String {
        format!("SELECT sum(CASE WHEN u > 0 THEN u ELSE 0 END) AS u FROM ({})", self.rows(None))
    }

    /// Where an id of a product first stands.
    pub(crate) fn first_of_product(&self, product: &str) -> String {
        format!(
            "SELECT min(at) AS at FROM ({}) WHERE raw = '{}'",
            self.rows(Some("product")),
            product.replace('\'', "''")
        )
    }

    /// Keys that stand more than once; `same` is 1 where the rows agree in everything.
    fn repeated(&self) -> String {
        let same = |column: &str| format!("min(coalesce({column}, -1)) = max(coalesce({column}, -1))");
        format!(
            "SELECT k, count(*) AS n, min(at) AS a, max(at) AS b, min(u) AS low, max(u) AS high, \
             CASE WHEN min(u) = max(u) AND {} AND {} AND {} AND {} THEN 1 ELSE 0 END AS same FROM \
             (SELECT cell_key(s, i, d, f) AS k, u, p, m, o, c, at FROM ({})) WHERE k >= 0 GROUP BY k HAVING count(*) > 1",
            same("p"),
            same("m"),
            same("o"),
            same("c"),
            self.rows(None)
        )
    }

    /// How many keys stand more than once, and their surplus rows, by `same`.
    pub(crate) fn repeated_counts(&self) -> String {
        format!(
            "SELECT same, count(*) AS keys, sum(n) - count(*) AS surplus FROM ({}) GROUP BY same ORDER BY same",
            self.repeated()
        )
    }

    /// The first of them.
    pub(crate) fn repeated_examples(&self, same: i64, limit: usize) -> String {
        format!(
            "SELECT k, n, a, b, low, high FROM ({}) WHERE same = {same} ORDER BY a, k LIMIT {limit}",
            self.repeated()
        )
    }

    /// How many keys there are.
    pub(crate) fn keys(&self) -> String {
        format!("SELECT count(*) AS n FROM ({}) WHERE k >= 0", self.days())
    }

    /// Where the first row of a product within some days stands, of one store or of all.
    pub(crate) fn first_within(&self, store: Option<usize>, product: &str, days: (i32, i32)) -> String {
        let store = store.map_or(String::new(), |store| format!(" AND s = {store}"));
        format!(
            "SELECT min(at) AS at FROM ({}) WHERE raw = '{}' AND d BETWEEN {} AND {}{store}",
            self.rows(Some("product")),
            product.replace('\'', "''"),
            days.0,
            days.1
        )
    }

    /// Customers of a store and day.
    pub(crate) fn customers(&self) -> String {
        format!("SELECT s, d, max(c) AS c FROM ({}) WHERE f = 0 AND c IS NOT NULL GROUP BY s, d", self.rows(None))
    }
}

/// Runs a query.
pub(crate) async fn run(context: &SessionContext, sql: &str) -> Result<Vec<RecordBatch>> {
    context.sql(sql).await?.collect().await
}

/// The whole numbers of column `column`, null as none.
pub(crate) fn numbers(batches: &[RecordBatch], column: usize) -> impl Iterator<Item = Option<i64>> + '_ {
    batches.iter().flat_map(move |batch| batch.column(column).as_primitive::<Int64Type>().iter())
}

/// The texts of column `column`, null as empty.
pub(crate) fn texts(batches: &[RecordBatch], column: usize) -> Vec<String> {
    let mut all = Vec::new();
    for batch in batches {
        let array = batch.column(column);
        match array.as_string_opt::<i32>() {
            Some(array) => all.extend(array.iter().map(|text| text.unwrap_or_default().to_owned())),
            None => all.extend(array.as_string_view().iter().map(|text| text.unwrap_or_default().to_owned())),
        }
    }
    all
}
