//! Instances of the literature: one file, one format.

use std::path::Path;

use engine::instances::{self, InstanceError, cflp, hm14, mclp, points};

use super::super::answer::Unit;
use super::memory::{self, Rows};
use super::{Problem, Question, count, number};
use crate::cli::{Format, Solve};
use crate::exit;
use crate::terminal::Terminal;

pub(super) fn question(args: &Solve, file: &Path, format: Format, terminal: &Terminal) -> Result<Question, u8> {
    let text = text(file, terminal)?;
    let bad = |error: InstanceError| {
        terminal.problem("E-IN-006", &file.display().to_string(), &error.to_string());
        exit::DATA
    };
    let question = |formulation, sites, problem, unit| Question {
        instance: file.file_stem().map(|stem| stem.to_string_lossy().into_owned()),
        formulation,
        sites,
        problem,
        budget: None,
        ids: None,
        unit,
    };
    match format {
        Format::Pmed | Format::Tsplib => {
            let size = match format {
                Format::Pmed => instances::pmed_size(&text).map_err(bad)?,
                _ => instances::tsplib_size(&text),
            };
            memory::check(args, size, size, Rows::Costs, terminal)?;
            let read = if format == Format::Pmed { instances::pmed(&text) } else { instances::tsplib(&text) };
            let instance = read.map_err(bad)?;
            let p = count(args.p.or(instance.default_p), instance.sites, terminal)?;
            let problem = Problem::Assignment { problem: instance.assignment, p };
            Ok(question("p-median", instance.sites, problem, Unit::SAME))
        }
        Format::Hm14 => {
            let beta = number(args.beta, "--beta", false, terminal)?;
            let alpha = number(args.alpha, "--alpha", false, terminal)?;
            let problem = hm14::hm14(&text, beta, alpha).map_err(bad)?;
            memory::check(args, problem.sites, problem.zones(), Rows::Pulls, terminal)?;
            let p = count(args.p, problem.sites, terminal)?;
            Ok(question("share", problem.sites, Problem::Capture { problem, p }, Unit::SAME))
        }
        Format::Mclp => {
            let radius = number(args.radius, "--radius", false, terminal)?;
            let found = mclp::mclp(&text).map_err(bad)?;
            let sites = found.sites.at.len();
            let p = count(args.p, sites, terminal)?;
            let pairs = points::pairs_within(&found.sites, &found.zones, radius);
            memory::check(args, sites, found.zones.at.len(), Rows::Pairs(pairs), terminal)?;
            let whole = points::coverage(&found.sites, &found.zones, &found.weights, radius);
            let unit = super::own::covered(&whole, terminal);
            Ok(question("coverage", sites, Problem::Assignment { problem: whole.assignment, p }, unit))
        }
        Format::Cflp => {
            let capacity = args.capacity.map(|_| number(args.capacity, "--capacity", true, terminal)).transpose()?;
            let problem = cflp::cflp(&text, capacity).map_err(bad)?.problem;
            let sites = problem.sites();
            let p = args.p.map(|_| count(args.p, sites, terminal)).transpose()?;
            memory::check(args, sites, problem.customers(), Rows::Capacities, terminal)?;
            Ok(question("cflp", sites, Problem::Capacitated { problem, p }, Unit::SAME))
        }
    }
}

fn text(file: &Path, terminal: &Terminal) -> Result<String, u8> {
    std::fs::read_to_string(file).map_err(|error| {
        terminal.problem("E-IN-001", &file.display().to_string(), &error.to_string());
        exit::DATA
    })
}
