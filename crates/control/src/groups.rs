//! Concurrency groups: of the runs and jobs in one group of a repository, one goes at a time.
//!
//! Whatever has a group waits first (a run [`run::State::Pending`], a job [`job::State::Held`]) and is admitted as soon as
//! nothing else of the group goes. Every decision locks the group's row, so that two never go at once.

use std::collections::BTreeSet;

use windlass_lifecycle::{JobId, RunId, Timestamp, job, run};
use windlass_workflow::Concurrency;

use crate::{
    advance::{Todo, cancel_job, stop_run},
    error::Result,
    ports::Tx,
    records::{JobRecord, RunRecord},
};

/// Who takes part in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Member {
    /// A run.
    Run(RunId),
    /// A job of a run.
    Job(JobId, RunId),
}

/// Everybody in a group who has not ended, oldest first.
struct Group {
    runs: Vec<RunRecord>,
    jobs: Vec<JobRecord>,
}

impl Group {
    /// Reads a group and holds it until the end of the transaction. Cost: one small write, two reads by index.
    async fn lock<T: Tx>(tx: &mut T, repository: i64, name: &str) -> Result<Self> {
        tx.lock_group(repository, name).await?;
        Ok(Self { runs: tx.runs_in_group(repository, name).await?, jobs: tx.jobs_in_group(repository, name).await? })
    }

    /// Whether somebody goes. A run that goes does not stand in the way of itself.
    fn is_taken(&self, by_others_than: Member) -> bool {
        self.runs.iter().any(|run| goes(run) && by_others_than != Member::Run(run.id))
            || self.jobs.iter().any(|job| holds(job) && by_others_than != Member::Job(job.id, job.run))
    }

    /// Who waits, oldest first.
    fn waiting(&self) -> Vec<Member> {
        let runs = self.runs.iter().filter(|run| run.state == run::State::Pending);
        let runs = runs.map(|run| (run.attempt_at, run.id.0, Member::Run(run.id)));
        let jobs = self.jobs.iter().filter_map(|job| match job.state {
            job::State::Held { since } => Some((since, job.id.0, Member::Job(job.id, job.run))),
            _ => None,
        });
        let mut waiting: Vec<_> = runs.chain(jobs).collect();
        waiting.sort_by_key(|(since, id, _)| (*since, *id));
        waiting.into_iter().map(|(_, _, member)| member).collect()
    }
}

fn goes(run: &RunRecord) -> bool {
    matches!(run.state, run::State::Active | run::State::Cancelling)
}

fn holds(job: &JobRecord) -> bool {
    matches!(job.state, job::State::Ready { .. } | job::State::Running { .. })
}

/// Makes way for a newcomer that is stored already: an earlier one that waits is cancelled (unless the group queues), and
/// one that goes too where `cancel-in-progress` says so.
pub(crate) async fn join<T: Tx>(
    tx: &mut T,
    repository: i64,
    wanted: &Concurrency,
    newcomer: Member,
    todo: &mut BTreeSet<Todo>,
    now: Timestamp,
) -> Result<()> {
    let group = Group::lock(tx, repository, &wanted.group).await?;
    if let Member::Job(job, own) = newcomer
        && group.runs.iter().any(|run| run.id == own)
    {
        let job = tx.find_job(job).await?;
        let reason = format!("it would wait for ever: its own run is in the concurrency group '{}'", wanted.group);
        return cancel_job(tx, &job, &reason, now).await.map(drop);
    }
    let replaced = format!("a newer member of the concurrency group '{}' took its place", wanted.group);
    for run in &group.runs {
        let stops = match run.state {
            run::State::Pending => !wanted.queue_all,
            _ => wanted.cancel_in_progress,
        };
        if stops && newcomer != Member::Run(run.id) {
            stop_run(tx, run, &replaced, now).await?;
            todo.insert(Todo::Run(run.id));
        }
    }
    for job in &group.jobs {
        let stops = if holds(job) { wanted.cancel_in_progress } else { !wanted.queue_all };
        if stops && newcomer != Member::Job(job.id, job.run) {
            cancel_job(tx, job, &replaced, now).await?;
            todo.insert(Todo::Run(job.run));
        }
    }
    todo.insert(Todo::Group(repository, wanted.group.clone()));
    Ok(())
}

/// Lets the oldest one that waits go, if nobody goes. Keeps true: a group in which somebody waits is taken.
pub(crate) async fn admit<T: Tx>(
    tx: &mut T,
    repository: i64,
    name: &str,
    todo: &mut BTreeSet<Todo>,
    now: Timestamp,
) -> Result<()> {
    let group = Group::lock(tx, repository, name).await?;
    for member in group.waiting() {
        if group.is_taken(member) {
            return Ok(());
        }
        match member {
            Member::Run(id) => {
                let run = tx.lock_run(id).await?;
                if run.state == run::State::Pending {
                    tx.set_run_state(&run, &run::decide(&run.state, run::Event::Admitted, now)?).await?;
                }
                todo.insert(Todo::Run(id));
                return Ok(());
            }
            Member::Job(id, run) => {
                // Its turn among the legs of its matrix counts too.
                let jobs = tx.jobs_of(run).await?;
                let Some(job) = jobs.iter().find(|job| job.id == id) else { continue };
                if leg_may_go(job, &jobs) {
                    tx.set_job_state(job, &job::decide(&job.state, job::Event::Admitted, now)?).await?;
                    return Ok(());
                }
            }
        }
    }
    Ok(())
}

/// Whether `max-parallel` lets a held leg go.
pub(crate) fn leg_may_go(job: &JobRecord, jobs: &[JobRecord]) -> bool {
    let going = jobs.iter().filter(|other| other.key == job.key && holds(other)).count();
    job.leg.as_ref().is_none_or(|leg| i64::try_from(going).unwrap_or(i64::MAX) < leg.max_parallel)
}
