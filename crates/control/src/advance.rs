//! What follows when something of a run has changed: jobs become ready, legs are cancelled, the run ends.
//!
//! Keeps true: a job whose needs have ended is never blocked, and a run whose jobs have ended has ended.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};
use windlass_diagnostic::{Diagnostic, Source, one_line};
use windlass_expression::Value;
use windlass_lifecycle::{Conclusion, JobId, RunId, Timestamp, job, run, task};
use windlass_workflow::{
    Workflow,
    plan::{self, JobContext, Leg, Planned},
};

use crate::{
    core::IdRange,
    error::Result,
    ports::Tx,
    records::{JobRecord, LegPlan, RunRecord},
};

/// Moves on everything of a run that can move. The caller holds the run's lock.
/// Cost: one read of the run's jobs per round, one parse of the workflow if a job becomes ready.
pub(crate) async fn advance<T: Tx>(tx: &mut T, run: RunId, ids: &mut IdRange, now: Timestamp) -> Result<()> {
    let run = tx.lock_run(run).await?;
    if matches!(run.state, run::State::Finished { .. }) {
        return Ok(());
    }
    let mut workflow = None;
    loop {
        let jobs = tx.jobs_of(run.id).await?;
        cancel_failed_matrices(tx, &jobs, now).await?;
        let ready: Vec<&JobRecord> = jobs.iter().filter(|job| may_be_planned(job, &jobs)).collect();
        if ready.is_empty() {
            return end_if_done(tx, &run, now).await;
        }
        let workflow = workflow.get_or_insert_with(|| windlass_workflow::parse(&run.source));
        for job in ready {
            plan_one(tx, &run, workflow, job, &jobs, ids, now).await?;
        }
    }
}

fn may_be_planned(job: &JobRecord, jobs: &[JobRecord]) -> bool {
    job.state == job::State::Blocked
        && jobs.iter().filter(|other| job.needs.contains(&other.key)).all(|other| other.state.is_finished())
}

async fn plan_one<T: Tx>(
    tx: &mut T,
    run: &RunRecord,
    workflow: &std::result::Result<Workflow, Vec<Diagnostic>>,
    job: &JobRecord,
    jobs: &[JobRecord],
    ids: &mut IdRange,
    now: Timestamp,
) -> Result<()> {
    let planned = match workflow.as_ref().map(|workflow| (workflow, workflow.jobs.get(&job.key))) {
        Ok((workflow, Some(definition))) => {
            plan::plan_job(workflow, definition, &job_context(tx, run, job, jobs).await?)
                .map_err(|diagnostic| one_line(&Source::new(&run.workflow_path, &run.source), &diagnostic))
        }
        _ => Err(format!("{}: the job '{}' cannot be read any more", run.workflow_path, job.key)),
    };
    let cancelled = matches!(run.state, run::State::Cancelling);
    let event = match planned {
        Ok(Planned::Skipped) if cancelled => job::Event::CancelAsked { reason: "the run was cancelled".into() },
        Ok(Planned::Skipped) => job::Event::ConditionFalse,
        Err(reason) => job::Event::PlanFailed { reason },
        Ok(Planned::Legs(legs)) => return start_legs(tx, job, legs, ids, now).await,
    };
    tx.set_job_state(job, &job::decide(&job.state, event, now)?).await
}

/// The job's row becomes the first leg; the other legs get rows of their own.
async fn start_legs<T: Tx>(
    tx: &mut T,
    job: &JobRecord,
    legs: Vec<Leg>,
    ids: &mut IdRange,
    now: Timestamp,
) -> Result<()> {
    let ready = job::decide(&job.state, job::Event::NeedsMet, now)?;
    for (at, leg) in legs.into_iter().enumerate() {
        let plan = leg_plan(&leg);
        if at == 0 {
            tx.set_job_plan(job.id, &leg.name, &plan).await?;
            tx.set_job_state(job, &ready).await?;
        } else {
            let id = JobId(ids.take()?);
            let position = job.position + i64::try_from(at).unwrap_or(i64::MAX);
            let leg_job =
                JobRecord { id, position, name: leg.name, leg: Some(plan), state: ready.clone(), ..job.clone() };
            tx.insert_job(&leg_job).await?;
        }
    }
    Ok(())
}

fn leg_plan(leg: &Leg) -> LegPlan {
    LegPlan {
        labels: leg.labels.clone(),
        matrix: Json::from(&leg.matrix),
        index: i64::try_from(leg.index).unwrap_or(i64::MAX),
        total: i64::try_from(leg.total).unwrap_or(i64::MAX),
        timeout_ms: (leg.timeout_minutes * 60_000.0) as i64,
        continue_on_error: leg.continue_on_error,
        fail_fast: leg.fail_fast,
        payload: leg.payload.clone(),
    }
}

/// `fail-fast`: when a leg has failed, the other legs of its matrix are cancelled.
async fn cancel_failed_matrices<T: Tx>(tx: &mut T, jobs: &[JobRecord], now: Timestamp) -> Result<()> {
    let failed: BTreeSet<&str> = jobs
        .iter()
        .filter(|job| job.fails_the_run() && job.leg.as_ref().is_some_and(|leg| leg.fail_fast && leg.total > 1))
        .map(|job| job.key.as_str())
        .collect();
    for job in jobs.iter().filter(|job| failed.contains(job.key.as_str()) && !job.state.is_finished()) {
        cancel_job(tx, job, "another leg of the matrix failed (fail-fast)", now).await?;
    }
    Ok(())
}

/// Asks a job to end: at once where it waits, by its task where it runs.
pub(crate) async fn cancel_job<T: Tx>(tx: &mut T, job: &JobRecord, reason: &str, now: Timestamp) -> Result<()> {
    if let job::State::Running { task, .. } = &job.state {
        let task = tx.find_task(*task).await?;
        let next = task::decide(&task.state, task::Event::CancelAsked, now)?;
        return if next == task.state { Ok(()) } else { tx.set_task_state(&task, &next).await };
    }
    let next = job::decide(&job.state, job::Event::CancelAsked { reason: reason.to_owned() }, now)?;
    tx.set_job_state(job, &next).await
}

async fn end_if_done<T: Tx>(tx: &mut T, run: &RunRecord, now: Timestamp) -> Result<()> {
    let jobs = tx.jobs_of(run.id).await?;
    if !jobs.iter().all(|job| job.state.is_finished()) {
        return Ok(());
    }
    let event = run::Event::JobsEnded {
        failed: jobs.iter().any(JobRecord::fails_the_run),
        cancelled: jobs.iter().any(|job| job.conclusion() == Some(Conclusion::Cancelled)),
    };
    tx.set_run_state(run, &run::decide(&run.state, event, now)?).await
}

/// What one job is to the jobs that need it: all of its legs together.
#[derive(Clone, Debug)]
pub(crate) struct Need {
    pub(crate) result: Conclusion,
    pub(crate) outputs: BTreeMap<String, String>,
}

/// The direct needs of a job, all of which have ended.
pub(crate) async fn needs_of<T: Tx>(tx: &mut T, job: &JobRecord, jobs: &[JobRecord]) -> Result<BTreeMap<String, Need>> {
    let mut needs = BTreeMap::new();
    for key in &job.needs {
        let mut legs: Vec<&JobRecord> = jobs.iter().filter(|other| &other.key == key).collect();
        legs.sort_by_key(|leg| match &leg.state {
            job::State::Finished { at, .. } => *at,
            _ => Timestamp(i64::MAX),
        });
        let mut outputs = BTreeMap::new();
        for leg in &legs {
            for task in tx.tasks_of(leg.id).await? {
                for output in tx.outputs_of(task.id).await? {
                    // Legs write in the order in which they ended; an empty value overwrites nothing.
                    if !output.value.is_empty() || !outputs.contains_key(&output.name) {
                        outputs.insert(output.name, output.value);
                    }
                }
            }
        }
        needs.insert(key.clone(), Need { result: together(&legs), outputs });
    }
    Ok(needs)
}

/// Failure if any leg failed (and was not tolerated), else cancelled, else skipped if all were, else success.
fn together(legs: &[&JobRecord]) -> Conclusion {
    let any = |wanted| legs.iter().any(|leg| leg.conclusion() == Some(wanted));
    if legs.iter().any(|leg| leg.fails_the_run()) {
        Conclusion::Failure
    } else if any(Conclusion::Cancelled) {
        Conclusion::Cancelled
    } else if !legs.is_empty() && legs.iter().all(|leg| leg.conclusion() == Some(Conclusion::Skipped)) {
        Conclusion::Skipped
    } else {
        Conclusion::Success
    }
}

async fn job_context<T: Tx>(tx: &mut T, run: &RunRecord, job: &JobRecord, jobs: &[JobRecord]) -> Result<JobContext> {
    let needs = needs_of(tx, job, jobs).await?;
    let entries = needs.iter().map(|(key, need)| {
        let outputs = need.outputs.iter().map(|(name, value)| (name.clone(), Value::string(value)));
        let fields = [("result", Value::string(need.result.as_str())), ("outputs", Value::object(outputs))];
        (key.clone(), Value::object(fields))
    });
    Ok(JobContext {
        needs: Value::object(entries),
        ancestors: ancestors(job, jobs),
        cancelled: matches!(run.state, run::State::Cancelling),
        ..run_context(run)
    })
}

/// The contexts that a run's event decides.
pub(crate) fn run_context(run: &RunRecord) -> JobContext {
    let mut github = match &run.context {
        Json::Object(map) => map.clone(),
        _ => Map::new(),
    };
    github.insert("run_id".into(), run.id.to_string().into());
    github.insert("run_number".into(), run.number.to_string().into());
    github.insert("run_attempt".into(), "1".into());
    JobContext {
        github: Value::from(Json::Object(github)),
        inputs: Value::from(run.inputs.clone()),
        ..JobContext::default()
    }
}

fn ancestors(job: &JobRecord, jobs: &[JobRecord]) -> Vec<(String, plan::Conclusion)> {
    let mut keys: Vec<String> = Vec::new();
    let mut open = job.needs.clone();
    while let Some(key) = open.pop() {
        if keys.contains(&key) {
            continue;
        }
        open.extend(jobs.iter().filter(|other| other.key == key).flat_map(|other| other.needs.clone()));
        keys.push(key);
    }
    keys.into_iter()
        .map(|key| {
            let legs: Vec<&JobRecord> = jobs.iter().filter(|other| other.key == key).collect();
            let conclusion = match together(&legs) {
                Conclusion::Success => plan::Conclusion::Success,
                Conclusion::Failure => plan::Conclusion::Failure,
                Conclusion::Cancelled => plan::Conclusion::Cancelled,
                Conclusion::Skipped => plan::Conclusion::Skipped,
            };
            (key, conclusion)
        })
        .collect()
}
