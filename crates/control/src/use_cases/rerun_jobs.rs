//! Somebody wants jobs of a run once more.

use std::collections::{BTreeMap, BTreeSet};

use windlass_lifecycle::{Conclusion, JobId, Refusal, RunId, Timestamp, job, run};

use crate::{
    advance::{Todo, settle},
    core::IdRange,
    error::{Error, Result},
    groups::{self, Member},
    ports::{Operation, Tx},
    records::{EarlierAttempt, JobRecord, RunRecord},
};

/// Which jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// Every one.
    All,
    /// Those that failed or were cancelled.
    Failed,
    /// One.
    Job(JobId),
}

/// Begins a further attempt of a run: the chosen jobs and everything that needs them are made anew, the others stand as
/// they are. What ran before is kept with its logs. Answers the attempt's number.
///
/// A job may be run again while others of its run still go.
#[derive(Clone, Debug)]
pub struct RerunJobs {
    /// Which run.
    pub run: RunId,
    /// Which of its jobs.
    pub again: Again,
    /// Who asks, for people.
    pub by: String,
    /// For the new jobs.
    pub ids: IdRange,
    /// When.
    pub now: Timestamp,
}

impl Operation for RerunJobs {
    type Answer = i64;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<i64> {
        let run = tx.lock_run(self.run).await?;
        let next = run::decide(&run.state, run::Event::RerunAsked, self.now)?;
        let jobs = tx.jobs_of(run.id).await?;
        let chosen = self.choose(&jobs)?;
        let attempt = run.attempt + 1;
        tx.begin_attempt(&run, &earlier(&run, self.now), &self.by, self.now).await?;
        let mut ids = self.ids;
        for (key, rows) in &chosen {
            let whole = jobs.iter().filter(|job| job.key == *key).count() == rows.len();
            for job in rows {
                tx.supersede(job, attempt).await?;
            }
            // A whole matrix is expanded anew: its axes may come from a job that is run again.
            let anew = if whole { &rows[..1] } else { rows.as_slice() };
            for job in anew {
                let mut fresh = JobRecord {
                    id: JobId(ids.take()?),
                    attempt,
                    superseded: None,
                    state: job::State::Blocked,
                    ..(*job).clone()
                };
                if whole {
                    fresh.leg = None;
                    fresh.name.clone_from(key);
                }
                tx.insert_job(&fresh).await?;
            }
        }
        let todo = self.begin(tx, &run, next).await?;
        settle(tx, todo, &mut ids, self.now).await?;
        Ok(attempt)
    }
}

impl RerunJobs {
    /// The chosen jobs by key, in order of position.
    fn choose<'a>(&self, jobs: &'a [JobRecord]) -> Result<BTreeMap<String, Vec<&'a JobRecord>>> {
        let refuse = |reason: String| Err(Error::Refused(Refusal { event: "re-run", reason }));
        let mut chosen: BTreeSet<JobId> = jobs.iter().filter(|job| self.names(job)).map(|job| job.id).collect();
        if chosen.is_empty() {
            return match self.again {
                Again::Failed => refuse("no job of the run has failed".into()),
                _ => Err(Error::NotFound("the run has no such job in its latest attempt".into())),
            };
        }
        if let Some(busy) = jobs.iter().find(|job| chosen.contains(&job.id) && !job.state.is_finished()) {
            return refuse(format!("'{}' has not ended: cancel the run, or wait", busy.name));
        }
        // What needs a chosen job is made anew too; where it has not begun, it sees the new one anyway.
        loop {
            let keys: BTreeSet<&String> =
                jobs.iter().filter(|job| chosen.contains(&job.id)).map(|job| &job.key).collect();
            let more: Vec<&JobRecord> = jobs
                .iter()
                .filter(|job| !chosen.contains(&job.id) && job.state != job::State::Blocked)
                .filter(|job| job.needs.iter().any(|need| keys.contains(need)))
                .collect();
            if let Some(busy) = more.iter().find(|job| !job.state.is_finished()) {
                return refuse(format!("'{}', which needs it, goes right now: cancel the run, or wait", busy.name));
            }
            if more.is_empty() {
                break;
            }
            chosen.extend(more.iter().map(|job| job.id));
        }
        let mut by_key: BTreeMap<String, Vec<&JobRecord>> = BTreeMap::new();
        for job in jobs.iter().filter(|job| chosen.contains(&job.id)) {
            by_key.entry(job.key.clone()).or_default().push(job);
        }
        Ok(by_key)
    }

    fn names(&self, job: &JobRecord) -> bool {
        match self.again {
            Again::All => true,
            Again::Failed => matches!(job.conclusion(), Some(Conclusion::Failure | Conclusion::Cancelled)),
            Again::Job(id) => job.id == id,
        }
    }

    /// The run goes on, at once or when its group lets it.
    async fn begin<T: Tx>(&self, tx: &mut T, run: &RunRecord, next: run::State) -> Result<BTreeSet<Todo>> {
        let mut todo = BTreeSet::from([Todo::Run(run.id)]);
        if next == run.state {
            return Ok(todo);
        }
        match &run.group {
            None => tx.set_run_state(run, &run::decide(&next, run::Event::Admitted, self.now)?).await?,
            Some(group) => {
                tx.set_run_state(run, &next).await?;
                groups::join(tx, run.repository, group, Member::Run(run.id), &mut todo, self.now).await?;
            }
        }
        Ok(todo)
    }
}

fn earlier(run: &RunRecord, now: Timestamp) -> EarlierAttempt {
    let (outcome, ended) = match run.state {
        run::State::Finished { outcome, at } => (Some(outcome), at),
        _ => (None, now),
    };
    EarlierAttempt { number: run.attempt, by: run.attempt_by.clone(), at: run.attempt_at, outcome, ended }
}
