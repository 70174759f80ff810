//! What `solve` takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub(crate) struct Solve {
    /// An instance of the literature
    #[arg(required_unless_present = "sites", requires = "format", conflicts_with = "sites")]
    pub(crate) file: Option<PathBuf>,
    /// Its format
    #[arg(long, value_enum)]
    pub(crate) format: Option<Format>,
    /// One's own sites: CSV or Parquet with x, y or lat, lon
    #[arg(long, value_name = "FILE", requires_all = ["zones", "law", "p"], conflicts_with = "format")]
    pub(crate) sites: Option<PathBuf>,
    /// One's own zones: as the sites, with a weight
    #[arg(long, value_name = "FILE", requires = "sites")]
    pub(crate) zones: Option<PathBuf>,
    /// Who goes where
    #[arg(long, value_enum, requires = "sites")]
    pub(crate) law: Option<Law>,
    /// Sites to open [default: what the instance says; for cflp, as many as pay]
    #[arg(long)]
    pub(crate) p: Option<usize>,
    /// Coverage: who is so near to an open site is covered; km, or the unit of x and y
    #[arg(long, value_name = "R")]
    pub(crate) radius: Option<f64>,
    /// Capture: what a unit of distance or utility weighs, as in exp(-beta distance)
    #[arg(long, value_name = "B")]
    pub(crate) beta: Option<f64>,
    /// Capture by one's own points: the attraction of staying away
    #[arg(long, value_name = "U")]
    pub(crate) outside: Option<f64>,
    /// hm14: how much of the competitors' utility counts
    #[arg(long, value_name = "A")]
    pub(crate) alpha: Option<f64>,
    /// cflp: what the word `capacity` stands for
    #[arg(long, value_name = "C")]
    pub(crate) capacity: Option<f64>,
    /// What the open sites may cost together, in the unit of the sites' column `cost`; up to --p of them are then opened
    #[arg(long, value_name = "B", requires = "sites")]
    pub(crate) budget: Option<f64>,
    /// Stop at this relative gap
    #[arg(long, default_value_t = 0.0, value_name = "G")]
    pub(crate) gap: f64,
    /// Stop after so many seconds, reading included
    #[arg(long, value_name = "S")]
    pub(crate) time_limit: Option<f64>,
    /// Show incumbent, bound, gap, rounds and nodes as lines on standard error
    #[arg(long)]
    pub(crate) progress: bool,
    /// Refuse, before the solve, what is planned to take more memory: 4GB, 512MiB, bytes
    #[arg(long, value_name = "SIZE", value_parser = crate::size::bytes)]
    pub(crate) memory_max: Option<u64>,
    /// Write the plan and the proof of its bound, for `--start` and for checkers (distance and coverage)
    #[arg(long, value_name = "FILE")]
    pub(crate) keep: Option<PathBuf>,
    /// Go on from what `--keep` wrote for the same sites and zones: another p is answered in a fraction of the time
    #[arg(long, value_name = "FILE")]
    pub(crate) start: Option<PathBuf>,
    /// Sites (0-based) that must be open
    #[arg(long, value_name = "SITE", value_delimiter = ',')]
    pub(crate) require: Vec<u32>,
    /// Sites (0-based) that must stay closed
    #[arg(long, value_name = "SITE", value_delimiter = ',')]
    pub(crate) exclude: Vec<u32>,
}

/// Formats of the literature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// OR-Library's p-median graphs
    Pmed,
    /// TSPLIB points as a p-median
    Tsplib,
    /// Logit capture with competitors (--beta, --alpha)
    Hm14,
    /// OR-Library's capacitated facility location
    Cflp,
    /// Maximal covering of weighted points (--radius)
    Mclp,
}

/// Laws for one's own points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Law {
    /// All are served by the nearest open site: least weight x distance
    Nearest,
    /// Who has an open site within --radius is covered: most weight covered
    Coverage,
    /// Logit capture against an outside option (--beta, --outside): most weight captured
    Share,
}
