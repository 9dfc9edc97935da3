//! Follows runs to their end and says everything once, in the order in which it happened.

use std::{collections::HashMap, time::Duration};

use tokio::time::Instant;
use windlass_control::{
    Core, IDS_PER_EVENT, Result, StepRecord, Store, Topic,
    queries::{AttemptView, FindRun, JobView, RunView},
    use_cases::FailUnplaceable,
};
use windlass_joblog::Row;
use windlass_lifecycle::{JobId, RunId, TaskId, job, run, step};

use super::print::{Printer, StepPlace};
use crate::exit::Exit;

/// Rows read at once.
const ROWS_AT_ONCE: usize = 1_000;
/// Bells may be lost: look again after this long in any case.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// How far a job has been told.
#[derive(Default)]
struct Told {
    task: Option<TaskId>,
    rows: u64,
    steps: usize,
    started: Option<usize>,
    ended: bool,
}

/// Returns when every run has ended and everything of them was told.
pub(crate) async fn follow<S: Store>(core: &Core<S>, runs: &[RunId], printer: &mut Printer) -> Result<Exit> {
    let mut told: HashMap<JobId, Told> = HashMap::new();
    let mut open: Vec<RunId> = runs.to_vec();
    let mut exit = Exit::Success;
    let mut listener = core.bells.listen();
    while !open.is_empty() {
        let mut topics: Vec<Topic> = Vec::new();
        for run in open.clone() {
            let Some(view) = tell_run(core, run, &mut told, printer).await? else { continue };
            topics.push(Topic::Run(run));
            topics.extend(tasks(&view).map(Topic::Log));
            if let run::State::Finished { outcome, .. } = view.run.state {
                printer.run(&view.run);
                open.retain(|other| *other != run);
                exit = exit.max(match outcome {
                    run::Outcome::Success => Exit::Success,
                    run::Outcome::Failure | run::Outcome::Cancelled => Exit::Failure,
                    run::Outcome::Invalid => Exit::Invalid,
                });
            } else if view.jobs.iter().any(|view| matches!(view.job.state, job::State::Ready { .. })) {
                // Nobody else's runner will come to a local run.
                core.run(FailUnplaceable { run, ids: core.ids(IDS_PER_EVENT), now: core.now() }).await?;
            }
        }
        if !open.is_empty() {
            printer.wait();
            listener.hear(&topics, Instant::now() + LOOK_AGAIN).await;
        }
    }
    printer.finish();
    Ok(exit)
}

fn tasks(view: &RunView) -> impl Iterator<Item = TaskId> {
    view.jobs.iter().filter_map(|job| job.attempts.last()).map(|attempt| attempt.task.id)
}

async fn tell_run<S: Store>(
    core: &Core<S>,
    run: RunId,
    told: &mut HashMap<JobId, Told>,
    printer: &mut Printer,
) -> Result<Option<RunView>> {
    // How long the logs are is asked before the steps: a row that is there has its step's start told before it. The
    // rows of a task that is new to us are told at the next look, which its first row rings for.
    let mut lengths = HashMap::new();
    for task in told.values().filter(|told| !told.ended).filter_map(|told| told.task) {
        lengths.insert(task, core.store.log_state(task).await?.length);
    }
    let Some(view) = core.read(FindRun::Id(run)).await? else { return Ok(None) };
    for job in &view.jobs {
        let so_far = told.entry(job.job.id).or_default();
        if so_far.ended {
            continue;
        }
        if let Some(attempt) = job.attempts.last() {
            if so_far.task != Some(attempt.task.id) {
                // A task that went back to the queue had not begun; its successor starts anew.
                *so_far = Told { task: Some(attempt.task.id), ..Told::default() };
            }
            // Of an ended job the log is complete, whatever it was when we asked.
            let length = if job.job.state.is_finished() {
                core.store.log_state(attempt.task.id).await?.length
            } else {
                lengths.get(&attempt.task.id).copied().unwrap_or(0)
            };
            tell_attempt(core, job, attempt, length, so_far, printer).await?;
        }
        if job.job.state.is_finished() {
            printer.job(job);
            so_far.ended = true;
        }
    }
    Ok(Some(view))
}

/// Rows and ends of steps, interleaved as they happened.
async fn tell_attempt<S: Store>(
    core: &Core<S>,
    job: &JobView,
    attempt: &AttemptView,
    length: u64,
    told: &mut Told,
    printer: &mut Printer,
) -> Result<()> {
    // Where no step ever began, everything was set-up, also when it is seen only after the end.
    if !attempt.steps.iter().any(has_begun) {
        tell_rows(core, job, attempt, length, StepPlace::SetUp, told, printer).await?;
    }
    loop {
        let Some(step) = attempt.steps.get(told.steps) else {
            let place = StepPlace::CleanUp;
            return tell_rows(core, job, attempt, length, place, told, printer).await;
        };
        let begins = u64::try_from(step.log_index).unwrap_or(0);
        let ends = begins + u64::try_from(step.log_length).unwrap_or(0);
        let before = if told.steps == 0 { StepPlace::SetUp } else { StepPlace::CleanUp };
        match step.state {
            // Later on nothing is written between steps.
            step::State::Waiting => return Ok(()),
            step::State::Running { .. } => {
                tell_rows(core, job, attempt, begins.min(length), before, told, printer).await?;
                if told.started != Some(told.steps) {
                    printer.step_started(job, step);
                    told.started = Some(told.steps);
                }
                // Several steps may have begun before the end of this one is told: its rows end where theirs begin.
                let next = attempt.steps.get(told.steps + 1..).unwrap_or_default().iter().find(|next| has_begun(next));
                let most = next.map_or(length, |next| u64::try_from(next.log_index).unwrap_or(0).min(length));
                return tell_rows(core, job, attempt, most, StepPlace::Step(step), told, printer).await;
            }
            step::State::Finished { since, .. } => {
                tell_rows(core, job, attempt, begins.min(length), before, told, printer).await?;
                if since.is_some() && told.started != Some(told.steps) {
                    printer.step_started(job, step);
                    told.started = Some(told.steps);
                }
                tell_rows(core, job, attempt, ends.min(length), StepPlace::Step(step), told, printer).await?;
                let position = step.position;
                for annotation in attempt.annotations.iter().filter(|annotation| annotation.step == position) {
                    printer.annotation(job, step, annotation);
                }
                for (_, text) in attempt.summaries.iter().filter(|(step, _)| *step == position) {
                    printer.summary(job, step, text);
                }
                printer.step_ended(job, step);
                told.steps += 1;
            }
        }
    }
}

fn has_begun(step: &StepRecord) -> bool {
    matches!(step.state, step::State::Running { .. } | step::State::Finished { since: Some(_), .. })
}

async fn tell_rows<S: Store>(
    core: &Core<S>,
    job: &JobView,
    attempt: &AttemptView,
    until: u64,
    place: StepPlace<'_>,
    told: &mut Told,
    printer: &mut Printer,
) -> Result<()> {
    while told.rows < until {
        let most = usize::try_from(until - told.rows).unwrap_or(ROWS_AT_ONCE).min(ROWS_AT_ONCE);
        let rows: Vec<Row> = core.store.rows(attempt.task.id, told.rows, most).await?;
        if rows.is_empty() {
            return Ok(());
        }
        for row in &rows {
            printer.row(job, place, &row.text);
        }
        told.rows += rows.len() as u64;
    }
    Ok(())
}
