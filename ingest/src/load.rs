//! The way from `[tables]` to a Market.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use arrow::datatypes::SchemaRef;
use datafusion::prelude::{DataFrame, SessionContext};
use domain::diagnostic::{Diagnostic, Refusal, Severity};
use domain::geo::Roads;
use domain::market::{Health, Market, Travel};
use domain::settings::Settings;
use serde::Serialize;

use crate::findings::{Findings, at};
use crate::frame::{Frame, check_columns};
use crate::limits::ENTITIES_MAX;
use crate::names::Names;
use crate::source::{FILE, LINE};
use crate::survey::{Table, survey};
use crate::tables::{Role, Tables};
use crate::{
    corners, devices, health, markets, points, pq, privacy, sales, series, session, source, stores, travel, zones,
};

/// A Market with what was found on the way, and what it was read from.
#[derive(Debug)]
pub struct Loaded {
    /// Everything known about the chain.
    pub market: Market,
    /// Warnings and remarks.
    pub findings: Vec<Diagnostic>,
    /// The files, in the order of their roles.
    pub inputs: Vec<InputFile>,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InputFile {
    /// The table it belongs to, such as `sales`.
    pub role: String,
    /// As the scenario names it.
    pub path: String,
    /// Where it lies on this machine.
    #[serde(skip)]
    pub located: PathBuf,
    /// SHA-256 of its bytes, 64 hexadecimal digits.
    pub sha256: String,
    /// Its length.
    pub bytes: u64,
    /// Its rows, the header not counted.
    pub rows: u64,
}

/// Reads and checks all tables. `base` is the folder that relative paths start from (that of the
/// scenario file).
///
/// # Errors
/// All findings, errors first, when any of them is an error.
pub fn load(tables: &Tables, base: &Path, settings: &Settings) -> Result<Loaded, Vec<Diagnostic>> {
    // On a thread of its own, so that a caller that runs an executor itself is not in the way.
    let joined = std::thread::scope(|scope| scope.spawn(|| run(tables, base, settings)).join());
    joined.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Whether the files are still what was read.
///
/// # Errors
/// The first file that is not (E-IN-005), worth a retry.
pub fn recheck(inputs: &[InputFile]) -> Result<(), Diagnostic> {
    for input in inputs {
        let same =
            pq::hash(&input.located).is_ok_and(|(hash, bytes)| bytes == input.bytes && hash.hex() == input.sha256);
        if !same {
            return Err(session::changed(at(&input.path)));
        }
    }
    Ok(())
}

fn run(tables: &Tables, base: &Path, settings: &Settings) -> Result<Loaded, Vec<Diagnostic>> {
    let mut findings = Findings::default();
    let given = tables.given();
    let count = given.len();
    let surveyed: Vec<Table<'_>> =
        given.into_iter().filter_map(|(role, source)| survey(role, source, base, &mut findings)).collect();
    let inputs: Vec<InputFile> = surveyed.iter().flat_map(|table| table.inputs.clone()).collect();
    let whole = surveyed.len() == count;
    let threads = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).build();
    let market = match runtime {
        Ok(runtime) => runtime.block_on(read(tables, &surveyed, whole, settings, threads, &mut findings)),
        Err(_) => {
            let cause = "no threads can be started";
            findings.say(Diagnostic::error(
                Refusal::Limit,
                "E-LIM-004",
                at("tables"),
                cause,
                "raise the process's limits",
            ));
            None
        }
    };
    let findings = findings.finish(tables.quarantine.rows_max, &tables.acknowledge);
    match market {
        Some(market) if findings.iter().all(|finding| finding.severity != Severity::Error) => {
            Ok(Loaded { market, findings, inputs })
        }
        _ => Err(findings),
    }
}

/// A table as it is mapped: its query, its columns and its files.
struct Mapped {
    query: DataFrame,
    names: Vec<String>,
    files: Vec<String>,
}

async fn read(
    tables: &Tables,
    surveyed: &[Table<'_>],
    whole: bool,
    settings: &Settings,
    partitions: usize,
    findings: &mut Findings,
) -> Option<Market> {
    let context = session::open(partitions).ok()?;
    for table in surveyed {
        let streaming = source::table(&table.files, table.delimiter, partitions).ok()?;
        session::register(&context, table.role, streaming).ok()?;
    }
    let mut mapped = BTreeMap::new();
    for table in surveyed {
        if let Some(found) = map(&context, table, findings).await {
            mapped.insert(table.role, found);
        }
    }
    let mut frames = BTreeMap::new();
    for (role, table) in &mapped {
        if *role != Role::Sales
            && let Some(frame) = frame(*role, table, findings).await
        {
            frames.insert(*role, frame);
        }
    }
    // What depends on a table that can't be read would only repeat that it can't.
    let (markets_frame, stores_frame) = (frames.get(&Role::Markets)?, frames.get(&Role::Stores)?);
    let markets = markets::read(markets_frame, findings);
    let stores = stores::read(stores_frame, &markets, findings);
    stores.names.check(findings);
    let mut products = Names::default();
    let listed = frames.get(&Role::Devices).map(|frame| devices::read(frame, &markets, &mut products, findings));
    let zones = frames.get(&Role::Zones).map(|frame| zones::read(frame, &markets, findings));
    let corners = frames.get(&Role::Corners).map(|frame| corners::read(frame, &stores, findings));
    let travel = match (frames.get(&Role::Travel), &zones) {
        (Some(frame), Some(zones)) => travel::read(frame, zones, &stores, findings),
        _ => Travel::Roads(Roads { detour: settings.travel.detour, km_per_hour: settings.travel.speed.km_per_hour }),
    };
    let health = match (frames.get(&Role::Health), &zones) {
        (Some(frame), Some(zones)) => health::read(frame, zones, findings),
        _ => Health::default(),
    };
    if let Some(zones) = &zones {
        zones::unserved(zones, &stores, &markets, findings);
    }
    let table = mapped.remove(&Role::Sales)?;
    let sold = sales::read(
        &context,
        table.query,
        &table.names,
        &table.files,
        tables,
        settings,
        &stores,
        &markets,
        &mut products,
        findings,
    )
    .await;
    let (product_ids, panel) = sold?;
    let (listed, zones, frame) = (listed?, zones?, frames.get(&Role::Devices)?);
    let (device_ids, device_terms) =
        devices::resolve(listed, markets.terms.len(), &product_ids, frame, &products, findings);
    whole.then(|| Market {
        market_ids: markets.ids,
        markets: markets.terms,
        store_ids: stores.ids,
        stores: stores.facts,
        store_attributes: stores.attributes,
        store_labels: stores.labels,
        device_ids,
        device_terms,
        product_ids,
        zone_ids: zones.ids,
        zones: zones.facts,
        zone_attributes: zones.attributes,
        sales: panel,
        corners: corners.unwrap_or_default(),
        travel,
        health,
    })
}

/// Maps a table and checks its columns.
async fn map(context: &SessionContext, table: &Table<'_>, findings: &mut Findings) -> Option<Mapped> {
    let file = &table.names[0];
    // Of a health table not even the raw file may name persons.
    if table.role == Role::Health && !privacy::check(table.role, file, &table.files[0].1.columns(), findings) {
        return None;
    }
    let query = session::mapped(context, table.role, table.source, findings).await?;
    let names: Vec<String> = query.schema().fields().iter().map(|field| field.name().clone()).collect();
    let own: Vec<String> = names.iter().filter(|name| *name != FILE && *name != LINE).cloned().collect();
    let clean = table.role == Role::Health || privacy::check(table.role, file, &own, findings);
    let (needed, optional): (&[&str], &[&str]) = match table.role {
        Role::Series => (&series::NEEDED, &[]),
        Role::Markets => (&markets::NEEDED, &markets::OPTIONAL),
        Role::Stores => (&stores::NEEDED, &stores::OPTIONAL),
        Role::Sales => (&sales::NEEDED, &sales::OPTIONAL),
        Role::Devices => (&devices::NEEDED, &devices::OPTIONAL),
        Role::Zones => (&zones::NEEDED, &zones::OPTIONAL),
        Role::Corners => (&corners::NEEDED, &corners::OPTIONAL),
        Role::Travel => (&travel::NEEDED, &[]),
        Role::Health => (&health::NEEDED, &[]),
        Role::Sites => (&points::PLANE, &points::SITE_IDS),
    };
    // `date` or `day` stand for `week` where sales are by day.
    let daily = table.role == Role::Sales && own.iter().any(|name| name == "date" || name == "day");
    let needed: Vec<&str> = needed.iter().copied().filter(|name| !(daily && *name == "week")).collect();
    let sound = check_columns(table.role, file, &own, &needed, optional, findings);
    (sound && clean).then(|| Mapped { query, names, files: table.names.clone() })
}

/// Runs the query of a small table.
async fn frame(role: Role, table: &Mapped, findings: &mut Findings) -> Option<Frame> {
    let schema: SchemaRef = std::sync::Arc::new(table.query.schema().as_arrow().clone());
    let batches = match table.query.clone().collect().await {
        Ok(batches) => batches,
        Err(error) => {
            session::run_fault(role, &table.files, &error, findings);
            return None;
        }
    };
    let rows: usize = batches.iter().map(|batch| batch.num_rows()).sum();
    let most = if role == Role::Travel { 16 * ENTITIES_MAX } else { ENTITIES_MAX };
    if rows > most {
        let cause = format!("`{}` has {rows} rows, at most {most} are held", role.name());
        findings.say(Diagnostic::error(
            Refusal::Limit,
            "E-LIM-003",
            at(role.name()),
            cause,
            "leave rows out with `sql`",
        ));
        return None;
    }
    if rows == 0 && role != Role::Corners {
        let cause = format!("the query of `{}` yields 0 rows", role.name());
        findings.refuse("E-IN-003", at(role.name()), cause, "correct the `sql`");
        return None;
    }
    let frame = Frame::new(role, table.files.clone(), &schema, &batches);
    if frame.is_none() {
        let cause = format!("`{}` holds more text than can be held", role.name());
        findings.say(Diagnostic::error(
            Refusal::Limit,
            "E-LIM-003",
            at(role.name()),
            cause,
            "leave columns out with `sql`",
        ));
    }
    frame
}
