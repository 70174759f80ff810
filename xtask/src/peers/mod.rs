//! Placement and forecasting against their peers: what each takes and gives beside ours, in one run on one machine.
//!
//! The peers are Python packages of pinned versions (`xtask/peers/requirements.txt`) in a virtual environment
//! under `target/peers`: HiGHS on the textbook formulation, spopt with its default solver, and a Teitz-Bart
//! interchange. Every tool is a child of `measure.py`, reads the instance from its files, and prints its answer.

mod forecasting;
mod instances;
mod report;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

pub use forecasting::forecasting;

/// Why there is no table, or what it shows.
#[derive(Debug, thiserror::Error)]
pub enum PeersError {
    /// A file or process of the benchmark failed.
    #[error("{what}: {source}")]
    Io {
        /// What was done.
        what: String,
        /// What the system says.
        source: io::Error,
    },
    /// A step of the set-up failed.
    #[error("{0} failed: is there a network, and python3 with venv?")]
    SetUp(String),
    /// A tool printed something that is no answer.
    #[error("{tool} on {case} gave no answer: {text}")]
    NoAnswer {
        /// Which tool.
        tool: &'static str,
        /// Which case.
        case: String,
        /// What it said.
        text: String,
    },
    /// The series could not be read.
    #[error(transparent)]
    Series(#[from] crate::quality::QualityError),
    /// Two tools that call themselves optimal differ, or a heuristic beats a proof.
    #[error("{tool} on {case} found {found}, which contradicts our proven {ours}")]
    Contradiction {
        /// Which tool.
        tool: &'static str,
        /// Which case.
        case: String,
        /// Its objective.
        found: f64,
        /// Ours.
        ours: f64,
    },
}

/// One instance, as every tool is asked to solve it.
struct Case {
    name: String,
    kind: Kind,
    path: PathBuf,
    p: usize,
    /// Tools that could not even hold it are not asked.
    tools: &'static [Tool],
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Pmed,
    Nearest,
    /// Within this radius.
    Coverage(f64),
}

/// Who solves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tool {
    Ours,
    Highs,
    Spopt,
    Interchange,
}

/// What a tool took and found.
struct Outcome {
    tool: Tool,
    wall: f64,
    cpu: f64,
    peak: f64,
    /// None where it found nothing within the limit.
    objective: Option<f64>,
    proven: bool,
    /// Whether it was ended at the limit.
    late: bool,
}

const ALL: &[Tool] = &[Tool::Ours, Tool::Highs, Tool::Spopt, Tool::Interchange];
const WITHOUT_MODEL: &[Tool] = &[Tool::Ours, Tool::Interchange];
/// Over its own limit, a tool has this long to end by itself.
const GRACE_SECONDS: f64 = 30.0;
/// Objectives within this of each other are the same: distances are rounded differently.
const SAME: f64 = 1e-6;

/// Sets the peers up, runs them and `cornerstone solve` on every case, and prints the table.
///
/// # Errors
/// A step that failed, or two answers that can't both be right.
pub fn placement(root: &Path, limit_seconds: f64) -> Result<(), PeersError> {
    let work = root.join("target/peers");
    make(&work)?;
    let python = environment(root, &work)?;
    let mut table = Vec::new();
    for case in cases(root, &work)? {
        let mut outcomes = Vec::new();
        for &tool in case.tools {
            eprintln!("{}: {}", case.name, tool.name());
            outcomes.push(measure(root, &python, &case, tool, limit_seconds)?);
        }
        agree(&case, &outcomes)?;
        table.push((case, outcomes));
    }
    report::print(&table, limit_seconds, &python)
}

impl Tool {
    fn name(self) -> &'static str {
        match self {
            Self::Ours => "cornerstone solve",
            Self::Highs => "HiGHS, textbook MIP",
            Self::Spopt => "spopt (CBC)",
            Self::Interchange => "Teitz-Bart interchange",
        }
    }
}

fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> PeersError {
    let what = what.into();
    move |source| PeersError::Io { what, source }
}

fn make(folder: &Path) -> Result<(), PeersError> {
    fs::create_dir_all(folder).map_err(io(format!("making {}", folder.display())))
}

/// The virtual environment's Python, made at the first run or when the pins change.
fn environment(root: &Path, work: &Path) -> Result<PathBuf, PeersError> {
    let pins = root.join("xtask/peers/requirements.txt");
    let text = fs::read(&pins).map_err(io("reading the pins"))?;
    let (venv, done) = (work.join("venv"), work.join("venv/pins.txt"));
    let python = venv.join("bin/python");
    if fs::read(&done).is_ok_and(|known| known == text) {
        return Ok(python);
    }
    eprintln!("setting the peers up in {}", venv.display());
    step(Command::new("python3").args(["-m", "venv"]).arg(&venv), "python3 -m venv")?;
    step(Command::new(&python).args(["-m", "pip", "install", "--quiet", "-r"]).arg(&pins), "pip install")?;
    fs::write(&done, text).map_err(io("noting the pins"))?;
    Ok(python)
}

fn step(command: &mut Command, what: &str) -> Result<(), PeersError> {
    match command.stdout(std::process::Stdio::null()).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(PeersError::SetUp(what.into())),
        Err(source) => Err(PeersError::Io { what: what.into(), source }),
    }
}

/// Generated cases, and those of OR-Library where the benchmark data are beside the project.
fn cases(root: &Path, work: &Path) -> Result<Vec<Case>, PeersError> {
    let graph = work.join("graph300.txt");
    fs::write(&graph, instances::graph(300, 5, 1)).map_err(io("writing a graph"))?;
    let towns = work.join("towns2000");
    make(&towns)?;
    let (sites, zones) = instances::towns(2_000, 20_000, 1);
    fs::write(towns.join("sites.csv"), sites).map_err(io("writing sites"))?;
    fs::write(towns.join("zones.csv"), zones).map_err(io("writing zones"))?;
    let mut cases = vec![
        Case {
            name: "p-median, graph of 300 vertices and 1,800 edges, p = 5 (the size of pmed11)".into(),
            kind: Kind::Pmed,
            path: graph,
            p: 5,
            tools: ALL,
        },
        Case {
            name: "coverage 30 km, 2,000 sites x 20,000 zones, p = 12".into(),
            kind: Kind::Coverage(30.0),
            path: towns.clone(),
            p: 12,
            tools: ALL,
        },
        Case {
            name: "p-median, 2,000 sites x 20,000 zones, p = 12 (40 million x_ij: no textbook MIP)".into(),
            kind: Kind::Nearest,
            path: towns,
            p: 12,
            tools: WITHOUT_MODEL,
        },
    ];
    for (name, p) in [("pmed1", 5), ("pmed6", 5), ("pmed10", 67)] {
        let path = root.join(format!("../shared/data/placement/orlib_pmed/{name}.txt"));
        if path.exists() {
            let name = format!("OR-Library {name}, p = {p}");
            cases.push(Case { name, kind: Kind::Pmed, path, p, tools: ALL });
        } else {
            eprintln!("skipped: {name} of the benchmark data is not here");
        }
    }
    Ok(cases)
}

/// Runs one tool on one case.
fn measure(root: &Path, python: &Path, case: &Case, tool: Tool, limit: f64) -> Result<Outcome, PeersError> {
    let scripts = root.join("xtask/peers");
    let mut command = Command::new(python);
    command.arg(scripts.join("measure.py")).arg((limit + GRACE_SECONDS).to_string());
    let script = match tool {
        Tool::Ours => {
            command.arg(root.join("target/release/cornerstone")).arg("solve");
            match case.kind {
                Kind::Pmed => command.arg(&case.path).args(["--format", "pmed"]),
                Kind::Nearest | Kind::Coverage(_) => {
                    command.arg("--sites").arg(case.path.join("sites.csv"));
                    command.arg("--zones").arg(case.path.join("zones.csv"))
                }
            };
            match case.kind {
                Kind::Pmed => {}
                Kind::Nearest => drop(command.args(["--law", "nearest"])),
                Kind::Coverage(radius) => {
                    command.args(["--law", "coverage", "--radius", &radius.to_string()]);
                }
            }
            command.args(["--p", &case.p.to_string(), "--time-limit", &limit.to_string(), "--quiet"]);
            None
        }
        Tool::Highs => Some("highs.py"),
        Tool::Spopt => Some("facility.py"),
        Tool::Interchange => Some("interchange.py"),
    };
    if let Some(script) = script {
        let kind = match case.kind {
            Kind::Pmed => "pmed",
            Kind::Nearest => "nearest",
            Kind::Coverage(_) => "coverage",
        };
        command.arg(python).arg(scripts.join(script)).arg(kind).arg(&case.path);
        command.args([case.p.to_string(), limit.to_string()]);
        if let Kind::Coverage(radius) = case.kind {
            command.arg(radius.to_string());
        }
    }
    let output = command.output().map_err(io(tool.name()))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let bad = |text: String| PeersError::NoAnswer { tool: tool.name(), case: case.name.clone(), text };
    let took: Value = serde_json::from_str(text.trim()).map_err(|_| bad(text.clone()))?;
    let number = |key: &str| took[key].as_f64().ok_or_else(|| bad(text.clone()));
    let (wall, cpu, peak) = (number("wall")?, number("cpu")?, number("peak")?);
    if took["code"].is_null() {
        return Ok(Outcome { tool, wall, cpu, peak, objective: None, proven: false, late: true });
    }
    let answer: Value = serde_json::from_str(took["out"].as_str().unwrap_or("")).map_err(|_| bad(text.clone()))?;
    let proven = if tool == Tool::Ours { answer["status"] == "proven" } else { answer["proven"] == true };
    let late = !proven && tool != Tool::Interchange || wall > limit;
    Ok(Outcome { tool, wall, cpu, peak, objective: answer["objective"].as_f64(), proven, late })
}

/// Whether no answer contradicts our proof.
fn agree(case: &Case, outcomes: &[Outcome]) -> Result<(), PeersError> {
    let Some(ours) = outcomes.iter().find(|outcome| outcome.tool == Tool::Ours && outcome.proven) else {
        return Ok(());
    };
    let Some(best) = ours.objective else { return Ok(()) };
    for outcome in outcomes {
        let Some(found) = outcome.objective else { continue };
        // Positive where the answer is worse than ours.
        let behind = if matches!(case.kind, Kind::Coverage(_)) { best - found } else { found - best };
        let allowed = SAME * best.abs().max(1.0);
        if behind < -allowed || (outcome.proven && behind > allowed) {
            let (tool, case) = (outcome.tool.name(), case.name.clone());
            return Err(PeersError::Contradiction { tool, case, found, ours: best });
        }
    }
    Ok(())
}
