//! Findings about rows of `sales`: counted in SQL, told with their first places.

use datafusion::error::DataFusionError;
use domain::diagnostic::{Diagnostic, Place, Refusal};

use super::Sales;
use super::faults::{Kind, Part, RowFault};
use super::kernels::unpack;
use super::query::{numbers, run, texts};
use crate::findings::{Findings, SHOWN};
use crate::names::Names;
use crate::text::{list, shown};

type Done = Result<(), DataFusionError>;

/// Of one number the file in the upper bits and the line in the lower.
const LINE_BITS: u32 = 40;

impl Sales<'_> {
    /// A place from the number that SQL carried.
    pub(super) fn place(&self, position: Option<i64>, column: &str) -> Place {
        let position = position.and_then(|position| u64::try_from(position).ok());
        let file = position.and_then(|position| self.files.get(usize::try_from(position >> LINE_BITS).ok()?));
        Place {
            file: file.map_or(self.file(), String::as_str).to_owned(),
            line: position.map(|position| position & ((1 << LINE_BITS) - 1)),
            column: Some(column.to_owned()),
            mark: None,
        }
    }

    /// Tells of every kind of faulty row.
    pub(super) async fn report_faults(&self, findings: &mut Findings) -> Done {
        let batches = run(self.context, &self.layout.faults()).await?;
        let counts: Vec<(i64, i64)> = numbers(&batches, 0)
            .zip(numbers(&batches, 1))
            .filter_map(|(fault, count)| Some((fault?, count?)))
            .collect();
        for (number, count) in counts {
            let Some(fault) = RowFault::from_number(number) else { continue };
            if fault.kind == Kind::Refused {
                continue;
            }
            if fault.kind == Kind::Orphan {
                self.report_orphans(number, findings).await?;
                continue;
            }
            let column = self.layout.column(fault.part);
            let batches = run(self.context, &self.layout.examples(number, fault.part, SHOWN)).await?;
            let places: Vec<Option<i64>> = numbers(&batches, 0).collect();
            let more = count.unsigned_abs().saturating_sub(places.len() as u64);
            for (at, (position, text)) in places.iter().zip(texts(&batches, 1)).enumerate() {
                let value = if text.is_empty() { column.to_owned() } else { format!("{column} {}", shown(&text)) };
                let cause = format!("{value} {}", fault.words());
                let finding =
                    Diagnostic::error(Refusal::Data, fault.code(), self.place(*position, column), cause, fault.mend());
                findings.rows(finding, if at == 0 { more } else { 0 });
            }
        }
        Ok(())
    }

    /// Stores that `stores` does not have: one finding with their share, or one each for look-alikes.
    async fn report_orphans(&self, fault: i64, findings: &mut Findings) -> Done {
        let batches = run(self.context, &self.layout.units()).await?;
        let total = numbers(&batches, 0).flatten().next().unwrap_or(0);
        let batches = run(self.context, &self.layout.orphans(fault)).await?;
        let ids = texts(&batches, 0);
        let rows: Vec<u64> = numbers(&batches, 1).map(|rows| rows.unwrap_or(0).unsigned_abs()).collect();
        let units: Vec<i64> = numbers(&batches, 2).map(|units| units.unwrap_or(0)).collect();
        let places: Vec<Option<i64>> = numbers(&batches, 3).collect();
        let mut lost = Vec::new();
        for (at, id) in ids.iter().enumerate() {
            if let Some(known) = self.stores.names.look_alike(id) {
                let cause =
                    format!("the store ids {} here and {} in `stores` look alike but differ", shown(id), shown(known));
                let place = self.place(places[at], "store_id");
                findings.refuse("E-ID-001", place, cause, "write each id the same way in every table");
            } else {
                lost.push(at);
            }
        }
        if !lost.is_empty() {
            let first = lost.iter().filter_map(|&at| places[at]).min();
            self.orphans_of(&ids, &lost, &rows, &units, total, first, findings);
        }
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "the columns of one query")]
    fn orphans_of(
        &self,
        ids: &[String],
        lost: &[usize],
        rows: &[u64],
        units: &[i64],
        total: i64,
        first: Option<i64>,
        findings: &mut Findings,
    ) {
        let count: u64 = lost.iter().map(|&at| rows[at]).sum();
        let sold: i64 = lost.iter().map(|&at| units[at]).sum();
        let share = 100.0 * sold as f64 / total.max(1) as f64;
        let some: Vec<&String> = lost.iter().take(SHOWN).map(|&at| &ids[at]).collect();
        let cause = format!(
            "{} store ids ({count} rows, units share {share:.2} %) are not in `stores`: {}{}",
            lost.len(),
            list(&some),
            if lost.len() > some.len() { ", …" } else { "" }
        );
        let fault = RowFault { part: Part::Store, kind: Kind::Orphan };
        let finding = Diagnostic::error(Refusal::Data, "E-REF-001", self.place(first, "store_id"), cause, fault.mend());
        findings.rows(finding, 0);
        findings.count_rows(count.saturating_sub(1));
    }

    /// Tells of keys that stand more than once: copies, contradictions, or the whole file twice.
    pub(super) async fn report_repeated(&self, findings: &mut Findings) -> Done {
        let batches = run(self.context, &self.layout.repeated_counts()).await?;
        let counts: Vec<(i64, u64, u64)> = numbers(&batches, 0)
            .zip(numbers(&batches, 1))
            .zip(numbers(&batches, 2))
            .filter_map(|((same, keys), surplus)| Some((same?, keys?.unsigned_abs(), surplus?.unsigned_abs())))
            .collect();
        let batches = run(self.context, &self.layout.keys()).await?;
        let all = numbers(&batches, 0).flatten().next().unwrap_or(0).unsigned_abs();
        for (same, keys, surplus) in counts {
            let batches = run(self.context, &self.layout.repeated_examples(same, SHOWN)).await?;
            let columns: Vec<Vec<Option<i64>>> = (0..6).map(|column| numbers(&batches, column).collect()).collect();
            for row in 0..columns[0].len() {
                let value = |column: usize| columns[column][row];
                let finding = self.repeated_finding(
                    same == 1,
                    same == 1 && all > 1 && keys * 100 >= all * 99,
                    std::array::from_fn(value),
                );
                if finding.code == "E-KEY-001" {
                    let more = if row == 0 { surplus.saturating_sub(columns[0].len() as u64) } else { 0 };
                    findings.rows(finding, more);
                } else {
                    findings.say(finding);
                    if same == 1 {
                        break;
                    }
                }
            }
        }
        Ok(())
    }

    fn repeated_finding(&self, same: bool, whole: bool, row: [Option<i64>; 6]) -> Diagnostic {
        let [key, count, first, last, low, high] = row;
        let (store, product, day) = unpack(key.unwrap_or(0));
        let date = domain::calendar::from_epoch_day(day).unwrap_or_default();
        let product = self.product(product);
        let what = format!("({}, {product}, {date})", shown(&self.stores.ids.names()[store]));
        let place = self.place(last, "store_id");
        let before = self.place(first, "store_id");
        let earlier = match before.line {
            Some(line) if before.file == place.file => format!(", first on line {line}"),
            Some(line) => format!(", first in {} line {line}", shown(&before.file)),
            None => String::new(),
        };
        let error =
            |code, cause: String, action: &str| Diagnostic::error(Refusal::Data, code, place.clone(), cause, action);
        if whole {
            let cause = format!("100% duplicate: every row stands {} times, as {what}{earlier}", count.unwrap_or(2));
            return error("E-KEY-003", cause, "the file was loaded twice: give it once");
        }
        if same {
            let cause = format!("the key {what} stands {} times with equal values{earlier}", count.unwrap_or(2));
            return error("E-KEY-001", cause, "drop the copies; rows are never summed silently");
        }
        let values = format!("units {} and {}", low.unwrap_or(0), high.unwrap_or(0));
        let cause =
            format!("the key {what} stands {} times with different values, {values}{earlier}", count.unwrap_or(2));
        error("E-KEY-002", cause, "decide which row holds, or sum them with `sql`")
    }

    fn product(&self, number: usize) -> String {
        self.products.products().get(number).map_or_else(|| number.to_string(), |name| shown(name))
    }

    /// Notes the products, each that could be mistaken for another with its first place.
    pub(super) async fn note_products(&self, names: &[String], products: &mut Names, findings: &mut Findings) -> Done {
        let mut sorted: Vec<&String> = names.iter().collect();
        sorted.sort_unstable();
        for name in &sorted {
            products.note(name, || self.place(None, "product"));
        }
        for name in sorted {
            if products.suspect(name) {
                let batches = run(self.context, &self.layout.first_of_product(name)).await?;
                let position = numbers(&batches, 0).flatten().next();
                products.move_to(name, self.file(), self.place(position, "product"));
            }
        }
        products.check(findings);
        Ok(())
    }
}
