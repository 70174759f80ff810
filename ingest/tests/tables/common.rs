//! A small clean market as table texts, to be written, spoilt and loaded.

#![allow(missing_docs, unreachable_pub, reason = "test helpers")]

use std::path::Path;

use domain::calendar::{Date, Days, Weekday};
use domain::diagnostic::Diagnostic;
use domain::settings::Settings;
use ingest::{Loaded, Mapped, Source, Tables, Texts, load};
use tempfile::TempDir;

pub const STORES: usize = 24;
pub const WEEKS: usize = 40;
pub const PRODUCTS: [&str; 3] = ["bandage", "cuff", "test-kit"];

/// Tables as bytes, by file name.
pub struct Sample {
    pub files: Vec<(String, Vec<u8>)>,
    pub tables: Tables,
    pub settings: Settings,
}

/// A small generator of the same numbers on every machine.
pub struct Draw(pub u64);

impl Draw {
    pub fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

pub fn monday(week: usize) -> Date {
    // The last of 40 weeks starts on Monday 2026-11-09 and is over by as_of, 2026-11-16.
    let first = Date::from_ymd_opt(2026, 2, 9).expect("date");
    first.checked_add_days(Days::new(7 * week as u64)).expect("date")
}

pub fn settings() -> Settings {
    serde_json::from_value(serde_json::json!({
        "name": "test", "as_of": "2026-11-16", "horizon_weeks": 26, "zero_rows": "zero",
        "fx": { "base": "USD", "rates": { "GBP": 1.25 } }
    }))
    .expect("settings")
}

fn path(name: &str) -> Source {
    Source::Path(name.to_owned())
}

impl Sample {
    /// Clean: no warning, no error.
    pub fn clean() -> Self {
        let mut draw = Draw(11);
        let markets = "market,currency,country,week_start\nuk,GBP,GB,\nus,USD,US,Monday\n".to_owned();
        let mut stores = "store_id,market,lat,lon,opened,closed,open_cost,shelf_units,name,area_m2\n".to_owned();
        let mut zones = "zone_id,market,lat,lon,population,vintage,over_65_share,income\n".to_owned();
        let mut sales = "store_id,product,week,units,price,promo,stockout\n".to_owned();
        for store in 0..STORES {
            let uk = store % 3 == 0;
            let (market, lat, lon) = if uk { ("uk", 51.0, -1.5) } else { ("us", 40.0, -90.0) };
            let (north, east) = (draw.next(9000) as f64 / 10_000.0, draw.next(9000) as f64 / 10_000.0);
            let id = format!("S{store:03}");
            stores.push_str(&format!(
                "{id},{market},{:.4},{:.4},2020-01-06,,25000.00,{},\"Shop, no {store}\",{}\n",
                lat + north,
                lon + east,
                40 + store,
                200 + store
            ));
            zones.push_str(&format!(
                "Z{store:03},{market},{:.4},{:.4},{},2020,0.{},{}\n",
                lat + east,
                lon + north,
                1000 + draw.next(9000),
                11 + draw.next(20),
                20_000 + draw.next(30_000)
            ));
            for (number, product) in PRODUCTS.iter().enumerate() {
                for week in 0..WEEKS {
                    let units = 20 + draw.next(15) + 5 * number as u64;
                    let (price, promo) = if week % 10 == 9 { ("7.49", 1) } else { ("8.99", 0) };
                    sales.push_str(&format!("{id},{product},{},{units},{price},{promo},0\n", monday(week)));
                }
            }
        }
        let devices = "device,market,unit_cost,price,salvage,holding_cost_per_week,shelf_units,lead_time_weeks,pack_size,launch_week,related_products\n\
            monitor,uk,20.00,45.00,8.00,0.10,1,2,4,,cuff:0.7;test-kit:0.3\n\
            monitor,us,25.00,55.00,10.00,0.12,1,2,4,2026-11-30,cuff:0.7;test-kit:0.3\n\
            scale,us,15.00,35.00,,0.08,2,3,,,bandage:1\n"
            .to_owned();
        let files =
            [("markets", markets), ("stores", stores), ("sales", sales), ("devices", devices), ("zones", zones)];
        Self {
            files: files.into_iter().map(|(name, text)| (format!("{name}.csv"), text.into_bytes())).collect(),
            tables: Tables {
                markets: path("markets.csv"),
                stores: path("stores.csv"),
                sales: path("sales.csv"),
                devices: path("devices.csv"),
                zones: path("zones.csv"),
                corners: None,
                travel: None,
                health: None,
                quarantine: ingest::Quarantine::default(),
                sales_age_weeks_max: 8,
                acknowledge: Vec::new(),
            },
            settings: settings(),
        }
    }

    /// With corners, travel times and health counts.
    pub fn with_all() -> Self {
        let mut sample = Self::clean();
        let mut travel = "zone_id,store_id,minutes\n".to_owned();
        let mut health = "zone_id,measure,count\n".to_owned();
        let stores = sample.text("stores");
        let zones = sample.text("zones");
        let cells = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<_>>();
        for zone in zones.lines().skip(1).map(cells) {
            health.push_str(&format!("{},diabetes,{}\n{},asthma,*\n", zone[0], 40, zone[0]));
            for store in stores.lines().skip(1).map(cells).filter(|store| store[1] == zone[1]) {
                let at = |row: &[String]| domain::geo::LatLon {
                    lat: row[2].parse().expect("lat"),
                    lon: row[3].parse().expect("lon"),
                };
                let km = at(&zone).km_to(at(&store));
                travel.push_str(&format!("{},{},{:.2}\n", zone[0], store[0], km * 1.3 / 40.0 * 60.0));
            }
        }
        sample.put("travel.csv", travel);
        sample.put("health.csv", health);
        sample.put("corners.csv", "store_id,opened,closed\nS001,2026-01-05,\n".to_owned());
        sample.tables.travel = Some(path("travel.csv"));
        sample.tables.health = Some(path("health.csv"));
        sample.tables.corners = Some(path("corners.csv"));
        sample
    }

    #[inline(never)]
    pub fn bytes(&mut self, name: &str) -> &mut Vec<u8> {
        let name = format!("{name}.csv");
        &mut self.files.iter_mut().find(|file| file.0 == name).expect("file").1
    }

    #[inline(never)]
    pub fn text(&self, name: &str) -> String {
        let name = format!("{name}.csv");
        let bytes = &self.files.iter().find(|file| file.0 == name).expect("file").1;
        String::from_utf8(bytes.clone()).expect("utf-8")
    }

    #[inline(never)]
    pub fn put(&mut self, name: &str, text: impl Into<Vec<u8>>) {
        self.files.retain(|file| file.0 != name);
        self.files.push((name.to_owned(), text.into()));
    }

    /// The lines of a table (the header is line 1), changed.
    #[inline(never)]
    pub fn lines(&mut self, name: &str, change: impl FnOnce(&mut Vec<String>)) {
        let mut lines: Vec<String> = self.text(name).lines().map(str::to_owned).collect();
        change(&mut lines);
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        self.put(&format!("{name}.csv"), text);
    }

    /// Sets a cell: `line` counts from 1, the header's line.
    #[inline(never)]
    pub fn set(&mut self, name: &str, line: usize, column: &str, value: &str) {
        self.lines(name, |lines| {
            let at = lines[0].split(',').position(|known| known == column).expect("column");
            let mut cells = split(&lines[line - 1]);
            cells[at] = value.to_owned();
            lines[line - 1] = cells.join(",");
        });
    }

    /// Adds a column, with the same value on every line.
    #[inline(never)]
    pub fn add(&mut self, name: &str, column: &str, value: &str) {
        self.lines(name, |lines| {
            for (at, line) in lines.iter_mut().enumerate() {
                line.push_str(&format!(",{}", if at == 0 { column } else { value }));
            }
        });
    }

    pub fn write(&self) -> TempDir {
        let folder = TempDir::new().expect("folder");
        for (name, bytes) in &self.files {
            std::fs::write(folder.path().join(name), bytes).expect("write");
        }
        folder
    }

    pub fn load(&self) -> Result<Loaded, Vec<Diagnostic>> {
        let folder = self.write();
        self.load_in(folder.path())
    }

    pub fn load_in(&self, folder: &Path) -> Result<Loaded, Vec<Diagnostic>> {
        load(&self.tables, folder, &self.settings)
    }

    pub fn hash(&self) -> String {
        let loaded = self.load().unwrap_or_else(|findings| panic!("{}", show(&findings)));
        loaded.market.content_hash().hex()
    }
}

/// Splits a line at commas outside quotes, keeping the quotes.
pub fn split(line: &str) -> Vec<String> {
    let (mut cells, mut quoted) = (vec![String::new()], false);
    for c in line.chars() {
        quoted ^= c == '"';
        if c == ',' && !quoted {
            cells.push(String::new());
        } else {
            cells.last_mut().expect("cell").push(c);
        }
    }
    cells
}

pub fn mapped(path: &str) -> Mapped {
    Mapped { path: Texts::One(path.to_owned()), sql: None, format: None, delimiter: None, sha256: None, returns: false }
}

pub fn show(findings: &[Diagnostic]) -> String {
    findings.iter().map(|finding| format!("{finding}\n")).collect()
}

pub fn start() -> Weekday {
    Weekday::Mon
}
