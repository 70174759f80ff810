//! The scenario's `[tables]`: where each table lies and how its columns are mapped to ours.

use std::fmt;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::{Deserialize, Deserializer, Serialize};

/// Where the tables lie and how they are read. Paths are relative to the scenario file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tables {
    /// market, currency, country, language?, week_start?, lat_min?, lat_max?, lon_min?, lon_max?
    pub markets: Source,
    /// store_id, market, lat, lon, opened, closed?, open_cost?, shelf_units?, and any attribute.
    pub stores: Source,
    /// store_id, product, week (or date), units, price?, promo?, stockout?, customers?, currency?
    pub sales: Source,
    /// device, market, unit_cost, price, salvage?, holding_cost_per_week, shelf_units,
    /// lead_time_weeks, pack_size?, launch_week?, related_products?, currency?
    pub devices: Source,
    /// zone_id, market, lat, lon, population, vintage?, and any numeric attribute.
    pub zones: Source,
    /// store_id, opened, closed?: corners that exist.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corners: Option<Source>,
    /// zone_id, store_id, minutes: reachable pairs only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub travel: Option<Source>,
    /// zone_id, measure, count: aggregated counts, suppressed cells as `*` or `<11`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health: Option<Source>,
    /// Whether bad rows may be left out, and how many.
    #[serde(default)]
    pub quarantine: Quarantine,
    /// Weeks that the latest sale may lie before `as_of`. Default 8.
    #[serde(default = "age_weeks_max")]
    pub sales_age_weeks_max: u32,
    /// Screens that a person has looked at and found right: their codes become warnings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acknowledge: Vec<Screen>,
}

fn age_weeks_max() -> u32 {
    8
}

/// A check of plausibility, which can be wrong where the data are right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Screen {
    /// Prices a hundred times apart.
    #[serde(rename = "E-CUR-001")]
    Currency,
    /// Sales that ended long before `as_of`.
    #[serde(rename = "E-DATE-002")]
    Stale,
    /// Travel times that do not fit the distances.
    #[serde(rename = "E-GEO-003")]
    Travel,
    /// A unit of issue that seems to change in mid-series.
    #[serde(rename = "E-UOM-001")]
    Unit,
}

impl Screen {
    /// Its code in docs/errors.md.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Currency => "E-CUR-001",
            Self::Stale => "E-DATE-002",
            Self::Travel => "E-GEO-003",
            Self::Unit => "E-UOM-001",
        }
    }
}

/// Whether bad rows may be left out, and how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Quarantine {
    /// So many bad rows of all tables together are left out, each with a warning. Default 0.
    pub rows_max: u64,
}

/// One table: a path or glob, a list of them, or a path with its mapping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Source {
    /// A file or a glob over files.
    Path(String),
    /// Several of them, of one layout.
    Paths(Vec<String>),
    /// With further terms.
    Mapped(Mapped),
}

/// A table with its mapping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mapped {
    /// The file or files.
    pub path: Texts,
    /// A query that yields our columns from the files' own: `SELECT shop AS store_id, … FROM sales`.
    /// The raw tables bear the names of this section's keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sql: Option<String>,
    /// The format, where the file's ending does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// The delimiter of CSV fields. Default `,`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// The SHA-256 that the file must have, or one per file in the order of the paths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Texts>,
    /// Whether negative units are returns, to be netted.
    #[serde(default)]
    pub returns: bool,
}

/// The formats that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Comma-separated values (RFC 4180), UTF-8, with a header.
    Csv,
    /// Apache Parquet.
    Parquet,
}

/// One text or several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a text or a list of texts")]
pub enum Texts {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl Texts {
    /// All of them.
    #[must_use]
    pub fn all(&self) -> &[String] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Many(texts) => texts,
        }
    }
}

impl Source {
    /// Its paths and globs, as written.
    #[must_use]
    pub fn paths(&self) -> &[String] {
        match self {
            Self::Path(path) => std::slice::from_ref(path),
            Self::Paths(paths) => paths,
            Self::Mapped(mapped) => mapped.path.all(),
        }
    }

    /// Its mapping, where it has one.
    #[must_use]
    pub fn mapped(&self) -> Option<&Mapped> {
        match self {
            Self::Mapped(mapped) => Some(mapped),
            Self::Path(_) | Self::Paths(_) => None,
        }
    }
}

// Written out, because an untagged enum would answer a misspelt key with "no variant matches".
impl<'de> Deserialize<'de> for Source {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Source;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a path, a list of paths, or a table with `path`")
            }
            fn visit_str<E: serde::de::Error>(self, path: &str) -> Result<Source, E> {
                Ok(Source::Path(path.to_owned()))
            }
            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, paths: A) -> Result<Source, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(paths)).map(Source::Paths)
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<Source, A::Error> {
                Mapped::deserialize(MapAccessDeserializer::new(map)).map(Source::Mapped)
            }
        }
        from.deserialize_any(Visitor)
    }
}

/// What a table is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Role {
    Markets,
    Stores,
    Sales,
    Devices,
    Zones,
    Corners,
    Travel,
    Health,
    /// Of points without a market: where one may open. Their zones are [`Role::Zones`].
    Sites,
    /// Series without a market.
    Series,
}

impl Role {
    /// The key in `[tables]`, which is also the raw table's name in SQL.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Markets => "markets",
            Self::Stores => "stores",
            Self::Sales => "sales",
            Self::Devices => "devices",
            Self::Zones => "zones",
            Self::Corners => "corners",
            Self::Travel => "travel",
            Self::Health => "health",
            Self::Sites => "sites",
            Self::Series => "series",
        }
    }

    /// Whether values of the table may be shown in a message.
    pub(crate) fn quotable(self) -> bool {
        self != Self::Health
    }
}

impl Tables {
    /// The files that the tables are read from as things stand: those that are named, whether they exist or not, and those
    /// that a glob finds. `base` is the folder that paths are relative to.
    #[must_use]
    pub fn files(&self, base: &Path) -> Vec<PathBuf> {
        self.given().into_iter().flat_map(|(_, source)| crate::locate::files(source, base)).collect()
    }

    /// The tables that are given, in a fixed order.
    pub(crate) fn given(&self) -> Vec<(Role, &Source)> {
        let optional = [(Role::Corners, &self.corners), (Role::Travel, &self.travel), (Role::Health, &self.health)];
        let needed = [
            (Role::Markets, &self.markets),
            (Role::Stores, &self.stores),
            (Role::Sales, &self.sales),
            (Role::Devices, &self.devices),
            (Role::Zones, &self.zones),
        ];
        needed
            .into_iter()
            .chain(optional.into_iter().filter_map(|(role, source)| source.as_ref().map(|source| (role, source))))
            .collect()
    }
}
