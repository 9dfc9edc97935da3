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
    groups::{self, Member, leg_may_go},
    ports::Tx,
    records::{JobRecord, LegPlan, RunRecord},
};

/// What is left to be looked at within a decision. Runs come first: what ends there may free groups.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Todo {
    /// Something of a run has changed.
    Run(RunId),
    /// Somebody may have left, or joined, a concurrency group of a repository.
    Group(i64, String),
}

/// Moves on everything of a run that can move, and whatever that moves. The caller holds the run's lock.
pub(crate) async fn advance<T: Tx>(tx: &mut T, run: RunId, ids: &mut IdRange, now: Timestamp) -> Result<()> {
    settle(tx, BTreeSet::from([Todo::Run(run)]), ids, now).await
}

/// Looks at everything that is to be looked at, until nothing moves any more.
pub(crate) async fn settle<T: Tx>(
    tx: &mut T,
    mut todo: BTreeSet<Todo>,
    ids: &mut IdRange,
    now: Timestamp,
) -> Result<()> {
    while let Some(one) = todo.pop_first() {
        match one {
            Todo::Run(run) => advance_run(tx, run, &mut Moves { todo: &mut todo, ids, now }).await?,
            Todo::Group(repository, name) => groups::admit(tx, repository, &name, &mut todo, now).await?,
        }
    }
    Ok(())
}

/// What a move needs besides the transaction.
struct Moves<'m> {
    /// Takes what is to be looked at next.
    todo: &'m mut BTreeSet<Todo>,
    ids: &'m mut IdRange,
    now: Timestamp,
}

/// Cost: one read of the run's jobs per round, one parse of the workflow if a job becomes ready.
async fn advance_run<T: Tx>(tx: &mut T, run: RunId, moves: &mut Moves<'_>) -> Result<()> {
    let now = moves.now;
    let run = tx.lock_run(run).await?;
    if matches!(run.state, run::State::Finished { .. } | run::State::Pending) {
        return Ok(());
    }
    let mut workflow = None;
    loop {
        let jobs = tx.jobs_of(run.id).await?;
        if cancel_failed_matrices(tx, &jobs, now).await? || admit_leg(tx, &jobs, now).await? {
            continue;
        }
        let ready: Vec<&JobRecord> = jobs.iter().filter(|job| may_be_planned(job, &jobs)).collect();
        if ready.is_empty() {
            // Who has left a group makes room there; who waits in one may have got its turn among its matrix's legs.
            for job in jobs.iter().filter(|job| job.state.is_finished() || job.is_held() && leg_may_go(job, &jobs)) {
                moves.todo.extend(job.group().map(|group| Todo::Group(run.repository, group.group.clone())));
            }
            return end_if_done(tx, &run, &jobs, moves).await;
        }
        let workflow = workflow.get_or_insert_with(|| windlass_workflow::parse(&run.source));
        for job in ready {
            plan_one(tx, &run, workflow, job, &jobs, moves).await?;
        }
    }
}

/// Lets a held leg go whose turn has come; those in a group are let go by [`groups::admit`]. Says whether one did.
async fn admit_leg<T: Tx>(tx: &mut T, jobs: &[JobRecord], now: Timestamp) -> Result<bool> {
    let Some(job) = jobs.iter().find(|job| job.is_held() && job.group().is_none() && leg_may_go(job, jobs)) else {
        return Ok(false);
    };
    tx.set_job_state(job, &job::decide(&job.state, job::Event::Admitted, now)?).await.map(|()| true)
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
    moves: &mut Moves<'_>,
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
        Ok(Planned::Legs(legs)) => match wanted_legs(job, legs) {
            Ok(legs) => return start_legs(tx, run, job, legs, moves).await,
            Err(reason) => job::Event::PlanFailed { reason },
        },
    };
    tx.set_job_state(job, &job::decide(&job.state, event, moves.now)?).await
}

/// Of a leg that is run again alone, that leg; else all of them.
fn wanted_legs(job: &JobRecord, mut legs: Vec<Leg>) -> std::result::Result<Vec<Leg>, String> {
    if let Some(earlier) = &job.leg {
        legs.retain(|leg| Json::from(&leg.matrix) == earlier.matrix);
        if legs.is_empty() {
            return Err(format!("the matrix of '{}' has no leg like this one any more", job.key));
        }
    }
    Ok(legs)
}

/// The job's row becomes the first leg; the other legs get rows of their own. Legs that take turns begin held.
async fn start_legs<T: Tx>(
    tx: &mut T,
    run: &RunRecord,
    job: &JobRecord,
    legs: Vec<Leg>,
    moves: &mut Moves<'_>,
) -> Result<()> {
    for (at, leg) in legs.into_iter().enumerate() {
        let takes_turns = leg.max_parallel < leg.total || leg.concurrency.is_some();
        let event = if takes_turns { job::Event::HeldBack } else { job::Event::NeedsMet };
        let state = job::decide(&job.state, event, moves.now)?;
        let group = leg.concurrency.clone();
        let plan = leg_plan(&leg);
        let id = if at == 0 {
            tx.set_job_plan(job.id, &leg.name, &plan).await?;
            tx.set_job_state(job, &state).await?;
            job.id
        } else {
            let id = JobId(moves.ids.take()?);
            let position = job.position + i64::try_from(at).unwrap_or(i64::MAX);
            tx.insert_job(&JobRecord { id, position, name: leg.name, leg: Some(plan), state, ..job.clone() }).await?;
            id
        };
        if let Some(group) = group {
            groups::join(tx, run.repository, &group, Member::Job(id, run.id), moves.todo, moves.now).await?;
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
        max_parallel: i64::try_from(leg.max_parallel).unwrap_or(i64::MAX),
        group: leg.concurrency.clone(),
        payload: leg.payload.clone(),
    }
}

/// `fail-fast`: when a leg has failed, the other legs of its matrix are cancelled. Says whether one was.
async fn cancel_failed_matrices<T: Tx>(tx: &mut T, jobs: &[JobRecord], now: Timestamp) -> Result<bool> {
    let failed: BTreeSet<&str> = jobs
        .iter()
        .filter(|job| job.fails_the_run() && job.leg.as_ref().is_some_and(|leg| leg.fail_fast && leg.total > 1))
        .map(|job| job.key.as_str())
        .collect();
    let mut any = false;
    for job in jobs.iter().filter(|job| failed.contains(job.key.as_str()) && !job.state.is_finished()) {
        any |= cancel_job(tx, job, "another leg of the matrix failed (fail-fast)", now).await?;
    }
    Ok(any)
}

/// Asks a job to end: at once where it waits, by its task where it runs. Says whether that changed anything.
pub(crate) async fn cancel_job<T: Tx>(tx: &mut T, job: &JobRecord, reason: &str, now: Timestamp) -> Result<bool> {
    if let job::State::Running { task, .. } = &job.state {
        let task = tx.find_task(*task).await?;
        let next = task::decide(&task.state, task::Event::CancelAsked, now)?;
        if next == task.state {
            return Ok(false);
        }
        return tx.set_task_state(&task, &next).await.map(|()| true);
    }
    let next = job::decide(&job.state, job::Event::CancelAsked { reason: reason.to_owned() }, now)?;
    tx.set_job_state(job, &next).await.map(|()| true)
}

/// Asks a run to end: cancels what waits for a runner or its turn, asks what runs to stop. Jobs that still wait for
/// others are judged when those have ended, so that `always()` jobs run; of a run that never began, none is.
pub(crate) async fn stop_run<T: Tx>(tx: &mut T, run: &RunRecord, reason: &str, now: Timestamp) -> Result<()> {
    let next = run::decide(&run.state, run::Event::CancelAsked, now)?;
    if next != run.state {
        tx.set_run_state(run, &next).await?;
    }
    for job in tx.jobs_of(run.id).await? {
        let stops = match job.state {
            job::State::Held { .. } | job::State::Ready { .. } | job::State::Running { .. } => true,
            job::State::Blocked => run.state == run::State::Pending,
            job::State::Finished { .. } => false,
        };
        if stops {
            cancel_job(tx, &job, reason, now).await?;
        }
    }
    Ok(())
}

async fn end_if_done<T: Tx>(tx: &mut T, run: &RunRecord, jobs: &[JobRecord], moves: &mut Moves<'_>) -> Result<()> {
    if !jobs.iter().all(|job| job.state.is_finished()) {
        return Ok(());
    }
    let event = run::Event::JobsEnded {
        failed: jobs.iter().any(JobRecord::fails_the_run),
        cancelled: jobs.iter().any(|job| job.conclusion() == Some(Conclusion::Cancelled)),
    };
    tx.set_run_state(run, &run::decide(&run.state, event, moves.now)?).await?;
    moves.todo.extend(run.group.iter().map(|group| Todo::Group(run.repository, group.group.clone())));
    Ok(())
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
    github.insert("run_attempt".into(), run.attempt.to_string().into());
    github.insert("triggering_actor".into(), run.attempt_by.clone().into());
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
