//! Why a job is not running, or how it came to its end: every rule that holds it, and what would set it free.

use serde::Serialize;
use windlass_lifecycle::{Conclusion, JobId, Timestamp, job, placement, run, runner::Presence};

use super::{RunnerView, Runners};
use crate::{
    error::Result,
    ports::{Operation, Tx},
    records::{JobRecord, RunRecord},
    signs::Signs,
};

/// Asks why a job is where it is.
#[derive(Clone, Debug)]
pub struct WhyJob {
    /// Which job.
    pub job: JobId,
    /// Who was heard of.
    pub signs: Signs,
    /// From when on silence counts.
    pub listening: Timestamp,
    /// Why nothing is handed out at all, if so.
    pub full: Option<String>,
    /// When.
    pub now: Timestamp,
}

/// The answer: what is true of the job and every reason for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Why {
    /// Name of the job.
    pub job: String,
    /// The reasons, what matters most first.
    pub reasons: Vec<Reason>,
    /// The runners that could take it, or come nearest.
    pub runners: Vec<RunnerLine>,
}

/// One reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Reason {
    /// It has ended.
    Ended {
        /// How.
        conclusion: Conclusion,
        /// Why, where the conclusion alone does not say it.
        reason: Option<String>,
    },
    /// Its `if:` did not hold.
    ConditionFalse {
        /// As written; `None`: there is none, and `success()` holds in its place.
        condition: Option<String>,
        /// Jobs it needs that did not succeed: name and how they ended.
        needs: Vec<(String, String)>,
    },
    /// Jobs it needs have not ended: name and state.
    Needs {
        /// Which.
        jobs: Vec<(String, String)>,
    },
    /// Its run waits for its turn in a concurrency group.
    RunInGroup {
        /// The group's name.
        group: String,
        /// What goes: runs by number, jobs by run and name.
        taken_by: Vec<String>,
    },
    /// It waits for its own turn in a concurrency group.
    InGroup {
        /// The group's name.
        group: String,
        /// What goes.
        taken_by: Vec<String>,
    },
    /// As many legs of its matrix go as may.
    MaxParallel {
        /// How many may.
        limit: i64,
        /// Which go.
        going: Vec<String>,
    },
    /// There is no room to store what it would bring.
    NoRoom {
        /// What is full.
        reason: String,
    },
    /// No runner has every label that it wants.
    NoRunner {
        /// What it wants.
        labels: Vec<String>,
    },
    /// Runners fit, and none of them is there.
    RunnersOffline,
    /// Runners fit, and all of them are busy.
    RunnersBusy {
        /// Ready jobs that a fitting runner takes before.
        ahead: usize,
    },
    /// Nothing is in its way: a runner takes it at its next call.
    Now,
    /// A runner has it.
    Running {
        /// Name of the runner.
        runner: String,
        /// Nothing was heard of it for a while.
        suspect: bool,
    },
}

/// A runner, as far as a job cares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RunnerLine {
    /// Its name.
    pub name: String,
    /// What the job wants and it lacks; empty if it fits.
    pub missing: Vec<String>,
    /// What it does.
    pub doing: Doing,
}

/// What a runner does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Doing {
    /// It waits for work.
    Idle,
    /// It runs jobs: number of the run and name of the job.
    Busy {
        /// Which.
        jobs: Vec<(i64, String)>,
    },
    /// It has not called for a while.
    Offline,
}

impl Operation for WhyJob {
    type Answer = Why;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Why> {
        let job = tx.find_job(self.job).await?;
        let run = tx.find_run(job.run).await?;
        let jobs = tx.jobs_of(run.id).await?;
        let mut why = Why { job: job.name.clone(), reasons: Vec::new(), runners: Vec::new() };
        if run.state == run::State::Pending
            && let Some(group) = &run.group
        {
            let taken_by = taken_by(tx, &run, &group.group).await?;
            why.reasons.push(Reason::RunInGroup { group: group.group.clone(), taken_by });
        }
        match &job.state {
            job::State::Finished { conclusion: Conclusion::Skipped, reason: None, .. } => {
                why.reasons.push(condition_false(&run, &job, &jobs));
            }
            job::State::Finished { conclusion, reason, .. } => {
                why.reasons.push(Reason::Ended { conclusion: *conclusion, reason: reason.clone() });
            }
            job::State::Blocked => why.reasons.extend(needs(&job, &jobs)),
            job::State::Held { .. } => why.reasons.extend(held(tx, &run, &job, &jobs).await?),
            job::State::Ready { since, .. } => self.ready(tx, &job, *since, &mut why).await?,
            job::State::Running { task, .. } => {
                let task = tx.find_task(*task).await?;
                let suspect = task.state.is_suspect(self.signs.of_task(task.id), self.listening, self.now);
                why.reasons.push(Reason::Running { runner: tx.find_runner(task.runner).await?.name, suspect });
            }
        }
        Ok(why)
    }
}

impl WhyJob {
    async fn ready<T: Tx>(&self, tx: &mut T, job: &JobRecord, since: Timestamp, why: &mut Why) -> Result<()> {
        if let Some(reason) = &self.full {
            why.reasons.push(Reason::NoRoom { reason: reason.clone() });
        }
        let labels = job.leg.as_ref().map(|leg| leg.labels.clone()).unwrap_or_default();
        let runners = Runners { signs: self.signs.clone(), now: self.now }.run(tx).await?;
        let fit: Vec<&RunnerView> = runners.iter().filter(|r| placement::fits(&labels, &r.runner.labels)).collect();
        why.reasons.push(if fit.is_empty() {
            Reason::NoRunner { labels: labels.clone() }
        } else if fit.iter().all(|view| view.presence == Presence::Offline) {
            Reason::RunnersOffline
        } else if fit.iter().any(|view| view.sign.is_some_and(|sign| sign.parked > 0)) {
            Reason::Now
        } else {
            Reason::RunnersBusy { ahead: ahead(tx, job, since, &fit).await? }
        });
        let mut lines: Vec<RunnerLine> = runners.iter().map(|view| line(view, &labels)).collect();
        lines.sort_by_key(|line| line.missing.len());
        let fewest = lines.first().map_or(0, |line| line.missing.len());
        lines.retain(|line| line.missing.len() == fewest);
        why.runners = lines;
        Ok(())
    }
}

fn line(view: &RunnerView, labels: &[String]) -> RunnerLine {
    let missing = placement::missing(labels, &view.runner.labels).into_iter().map(str::to_owned).collect();
    let doing = match view.presence {
        Presence::Offline => Doing::Offline,
        Presence::Active => Doing::Busy { jobs: view.jobs.clone() },
        Presence::Idle => Doing::Idle,
    };
    RunnerLine { name: view.runner.name.clone(), missing, doing }
}

/// Ready jobs that one of the fitting runners takes before this one.
async fn ahead<T: Tx>(tx: &mut T, job: &JobRecord, since: Timestamp, fit: &[&RunnerView]) -> Result<usize> {
    let before = |other: &JobRecord| match other.state {
        job::State::Ready { since: earlier, .. } => (earlier, other.id) < (since, job.id),
        _ => false,
    };
    let competes = |other: &JobRecord| {
        let wanted = other.leg.as_ref().map(|leg| leg.labels.as_slice()).unwrap_or_default();
        fit.iter().any(|view| placement::fits(wanted, &view.runner.labels))
    };
    Ok(tx.ready_jobs().await?.iter().filter(|other| before(other) && competes(other)).count())
}

fn needs(job: &JobRecord, jobs: &[JobRecord]) -> Option<Reason> {
    let open: Vec<(String, String)> = jobs
        .iter()
        .filter(|other| job.needs.contains(&other.key) && !other.state.is_finished())
        .map(|other| (other.name.clone(), other.state.word().to_owned()))
        .collect();
    (!open.is_empty()).then_some(Reason::Needs { jobs: open })
}

async fn held<T: Tx>(tx: &mut T, run: &RunRecord, job: &JobRecord, jobs: &[JobRecord]) -> Result<Vec<Reason>> {
    let mut reasons = Vec::new();
    let goes = |other: &&JobRecord| matches!(other.state, job::State::Ready { .. } | job::State::Running { .. });
    let going: Vec<String> =
        jobs.iter().filter(|other| other.key == job.key).filter(goes).map(|other| other.name.clone()).collect();
    let limit = job.leg.as_ref().map_or(i64::MAX, |leg| leg.max_parallel);
    if i64::try_from(going.len()).unwrap_or(i64::MAX) >= limit {
        reasons.push(Reason::MaxParallel { limit, going });
    }
    if let Some(group) = job.group() {
        let taken_by = taken_by(tx, run, &group.group).await?;
        reasons.push(Reason::InGroup { group: group.group.clone(), taken_by });
    }
    Ok(reasons)
}

async fn taken_by<T: Tx>(tx: &mut T, run: &RunRecord, group: &str) -> Result<Vec<String>> {
    let mut who = Vec::new();
    for other in tx.runs_in_group(run.repository, group).await? {
        if other.state != run::State::Pending {
            who.push(format!("run #{}", other.number));
        }
    }
    for other in tx.jobs_in_group(run.repository, group).await? {
        if !other.is_held() {
            who.push(format!("'{}' of run #{}", other.name, tx.find_run(other.run).await?.number));
        }
    }
    Ok(who)
}

fn condition_false(run: &RunRecord, job: &JobRecord, jobs: &[JobRecord]) -> Reason {
    let workflow = windlass_workflow::parse(&run.source).ok();
    let condition =
        workflow.and_then(|workflow| workflow.jobs.get(&job.key).and_then(windlass_workflow::Job::condition));
    let needs = jobs
        .iter()
        .filter(|other| job.needs.contains(&other.key) && other.conclusion() != Some(Conclusion::Success))
        .map(|other| (other.name.clone(), other.state.word().to_owned()))
        .collect();
    Reason::ConditionFalse { condition, needs }
}

impl Reason {
    /// The reason as a sentence without a full stop.
    pub fn sentence(&self) -> String {
        let list = |jobs: &[(String, String)]| {
            jobs.iter().map(|(name, state)| format!("'{name}' ({state})")).collect::<Vec<_>>().join(", ")
        };
        let taken = |by: &[String]| match by {
            [] => "which is free: it goes on at once".to_owned(),
            by => format!("which {} holds", by.join(" and ")),
        };
        match self {
            Self::Ended { conclusion, reason: None } => format!("it has ended: {}", conclusion.as_str()),
            Self::Ended { conclusion, reason: Some(reason) } => {
                format!("it ended as {}: {reason}", conclusion.as_str())
            }
            Self::ConditionFalse { condition: Some(condition), needs } if needs.is_empty() => {
                format!("it was skipped: its condition `{condition}` does not hold")
            }
            Self::ConditionFalse { condition: Some(condition), needs } => {
                format!(
                    "it was skipped: its condition `{condition}` does not hold; of what it needs, {} did not succeed",
                    list(needs)
                )
            }
            Self::ConditionFalse { condition: None, needs } if needs.is_empty() => {
                "it was skipped: a job further up did not succeed".to_owned()
            }
            Self::ConditionFalse { condition: None, needs } => {
                format!("it was skipped: of what it needs, {} did not succeed", list(needs))
            }
            Self::Needs { jobs } => format!("it waits for jobs that it needs: {}", list(jobs)),
            Self::RunInGroup { group, taken_by } => {
                format!("its run waits for its turn in the concurrency group '{group}', {}", taken(taken_by))
            }
            Self::InGroup { group, taken_by } => {
                format!("it waits for its turn in the concurrency group '{group}', {}", taken(taken_by))
            }
            Self::MaxParallel { limit, going } => {
                format!("`max-parallel` lets {limit} legs go at once: {} go", going.join(", "))
            }
            Self::NoRoom { reason } => format!("nothing is handed out: {reason}"),
            Self::NoRunner { labels } => format!("no runner has all of the labels {}", labels.join(", ")),
            Self::RunnersOffline => "the runners that fit are offline".to_owned(),
            Self::RunnersBusy { ahead: 0 } => "the runners that fit are busy: it is the next one".to_owned(),
            Self::RunnersBusy { ahead: 1 } => "the runners that fit are busy: 1 job is ahead of it".to_owned(),
            Self::RunnersBusy { ahead } => format!("the runners that fit are busy: {ahead} jobs are ahead of it"),
            Self::Now => "nothing is in its way: a runner that waits for work takes it now".to_owned(),
            Self::Running { runner, suspect: false } => format!("it runs on {runner}"),
            Self::Running { runner, suspect: true } => {
                format!("it runs on {runner}, of which nothing was heard for a while: if that lasts, it is lost")
            }
        }
    }
}

impl RunnerLine {
    /// The runner as a sentence without a full stop.
    pub fn sentence(&self) -> String {
        let doing = match &self.doing {
            Doing::Idle => "waits for work".to_owned(),
            Doing::Offline => "is offline".to_owned(),
            Doing::Busy { jobs } => {
                let jobs: Vec<String> = jobs.iter().map(|(run, job)| format!("'{job}' of run #{run}")).collect();
                format!("runs {}", jobs.join(", "))
            }
        };
        match self.missing.as_slice() {
            [] => format!("{} {doing}", self.name),
            missing => format!("{} lacks {} ({doing})", self.name, missing.join(", ")),
        }
    }
}
