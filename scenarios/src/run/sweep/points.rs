//! The points of a sweep, planned side by side.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use domain::diagnostic::{Diagnostic, Refusal};
use domain::plan::Plan;
use domain::settings::Settings;
use domain::stop::{Event, Silent, Stop};

use super::super::journal::Journal;
use super::super::{Context, Finished, RunError, exit_code, publish, reuse};
use super::ground::Grounds;
use super::{Pace, STEPS, Step};
use crate::spec::Scenario;
use crate::spec::sweep::{Point, Sweep};
use crate::store::Runs;

/// What came of a point.
#[derive(Debug)]
pub(super) enum Came {
    Plan { plan: Box<Plan>, exit_code: u8 },
    None { infeasible: bool, why: Vec<String>, exit_code: u8 },
}

impl Came {
    pub(super) fn of(outcome: Result<Finished, RunError>) -> Self {
        match outcome {
            Ok(Finished { plan, exit_code, .. }) => Self::Plan { plan: Box::new(plan), exit_code },
            Err(RunError::Refused(findings)) => Self::refused(&findings),
            Err(error) => Self::None { infeasible: false, why: vec![error.to_string()], exit_code: error.exit_code() },
        }
    }

    pub(super) fn refused(findings: &[Diagnostic]) -> Self {
        Self::None {
            infeasible: findings.iter().all(|finding| finding.refusal == Some(Refusal::Infeasible)),
            why: findings.iter().map(|finding| format!("{}: {}", finding.code, finding.cause)).collect(),
            exit_code: exit_code(findings),
        }
    }
}

/// The points of a sweep, with all that their runs need.
pub(super) struct Points<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) sweep: &'a Sweep,
    pub(super) points: &'a [Scenario],
    pub(super) ids: &'a [String],
    pub(super) grounds: &'a Grounds,
    pub(super) runs: &'a Runs,
    pub(super) context: &'a Context<'a>,
}

impl Points<'_> {
    /// Plans all points, as many side by side as the pace allows; none for those that were not reached.
    pub(super) fn plan(&self, pace: Pace, told: &(dyn Fn(Step<'_>) + Sync)) -> Result<Vec<Option<Came>>, RunError> {
        let stop = self.context.stop;
        let of = self.points.len();
        let mut came: Vec<Option<Came>> = Vec::new();
        for ((id, scenario), point) in self.ids.iter().zip(self.points).zip(&self.sweep.points) {
            came.push(if point.refused.is_empty() {
                let ground = self.grounds.of(&scenario.settings)?;
                reuse(self.runs, id, ground.tables).transpose().map(Came::of)
            } else {
                Some(Came::refused(&point.refused))
            });
        }
        let mut left: Vec<usize> = (0..of).filter(|&at| came[at].is_none()).collect();
        let before = of - left.len();
        let name = match before {
            0 => "planning the points".to_owned(),
            _ => format!("planning the points, {before} of which are finished"),
        };
        self.context.progress.say(Event::Step { name: &name, at: 2, of: STEPS, total: Some(of as u64) });
        self.context.progress.say(Event::Done(before as u64));
        left.truncate(pace.points_max.unwrap_or(usize::MAX));
        let (next, done, fresh) = (AtomicUsize::new(0), AtomicUsize::new(before), Mutex::new(Vec::new()));
        let work = || {
            while stop.now(0).is_none() {
                let Some(&at) = left.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
                let outcome = self.one(at);
                if matches!(outcome, Err(RunError::Interrupted)) {
                    break;
                }
                let came = Came::of(outcome);
                let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                let label = self.sweep.label(&self.sweep.points[at].at);
                let why = match &came {
                    Came::Plan { .. } => String::new(),
                    Came::None { why, .. } => why.join("; "),
                };
                let shown = match &came {
                    Came::Plan { plan, .. } => Ok(&**plan),
                    Came::None { .. } => Err(why.as_str()),
                };
                told(Step { label: &label, came: shown, done, of });
                self.context.progress.say(Event::Done(done as u64));
                fresh.lock().unwrap_or_else(PoisonError::into_inner).push((at, came));
            }
        };
        std::thread::scope(|threads| {
            for _ in 0..self.jobs(pace).min(left.len()) {
                threads.spawn(work);
            }
        });
        for (at, one) in fresh.into_inner().unwrap_or_else(PoisonError::into_inner) {
            came[at] = Some(one);
        }
        Ok(came)
    }

    /// Plans one point and publishes its run.
    fn one(&self, at: usize) -> Result<Finished, RunError> {
        let (scenario, context) = (&self.points[at], self.context);
        let limit = scenario.settings.solver.time_limit.map(|limit| Duration::from_secs_f64(60.0 * limit.minutes));
        // A point has the time that a plan has, from when it begins.
        let stop = Stop { deadline: limit.map(|limit| context.stop.clock.elapsed() + limit), ..context.stop.clone() };
        let (runs, progress, renderers) = (context.runs, &Silent, context.renderers);
        let (holder, command, version) = (context.holder, context.command, context.version);
        let context = Context { runs, holder, command, version, stop: &stop, progress, renderers };
        let journal = Journal::new(&stop, progress, publish::STEPS);
        let ground = self.grounds.of(&scenario.settings)?;
        let foreseen = ground.foreseen(&scenario.settings)?;
        publish::publish(scenario, &context, self.runs, ground.tables, foreseen, &self.ids[at], journal)
    }

    /// How many points are decided side by side: each of them uses several threads for some of its time only.
    fn jobs(&self, pace: Pace) -> usize {
        let room = |memory: u64| {
            let need = self.points.iter().map(|point| self.grounds.bytes(&point.settings)).max().unwrap_or(1);
            usize::try_from(memory / need.max(1)).unwrap_or(usize::MAX)
        };
        let fit = pace.memory.map_or(usize::MAX, room).min(pace.threads);
        pace.jobs.unwrap_or(fit).max(1)
    }

    /// The settings of a point.
    pub(super) fn settings(&self, at: usize) -> &Settings {
        &self.points[at].settings
    }

    /// The grid's points.
    pub(super) fn grid(&self) -> &[Point] {
        &self.sweep.points
    }
}
