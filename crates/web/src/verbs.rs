//! What people ask for, the same for pages and REST.

use windlass_control::{
    Core, Error, IDS_PER_EVENT, Result, RunRecord, Store,
    queries::{FindJob, FindRun, FindRunRecord, RunView, Why, WhyJob},
    use_cases::{Again, CancelRun, RerunJobs},
};
use windlass_lifecycle::{JobId, RunId};

/// Nobody has a name here yet: whoever has the secret may do everything.
const SOMEBODY: &str = "a person";

pub(crate) async fn find_run<S: Store>(core: &Core<S>, number: i64, attempt: Option<i64>) -> Result<RunView> {
    let found = match attempt {
        None => core.read(FindRun::Number(number)).await?,
        Some(attempt) => core.read(FindRun::Attempt(number, attempt)).await?,
    };
    found.ok_or_else(|| match attempt {
        Some(attempt) => Error::NotFound(format!("there is no attempt {attempt} of a run {number}")),
        None => Error::NotFound(format!("there is no run {number}")),
    })
}

/// A run without its jobs.
pub(crate) async fn find_record<S: Store>(core: &Core<S>, number: i64) -> Result<RunRecord> {
    core.read(FindRunRecord { number }).await?.ok_or_else(|| Error::NotFound(format!("there is no run {number}")))
}

pub(crate) async fn cancel<S: Store>(core: &Core<S>, number: i64) -> Result<()> {
    let run = find_record(core, number).await?.id;
    core.run(CancelRun { run, by: SOMEBODY.into(), ids: core.ids(IDS_PER_EVENT), now: core.now() }).await
}

/// Runs jobs again; answers the attempt's number.
pub(crate) async fn rerun<S: Store>(core: &Core<S>, number: i64, again: Again) -> Result<i64> {
    let run = find_record(core, number).await?.id;
    start_again(core, run, again).await
}

/// Runs one job again, by its name or id.
pub(crate) async fn rerun_job<S: Store>(core: &Core<S>, number: i64, job: String) -> Result<i64> {
    let found = core.read(FindJob { run: number, job }).await?;
    start_again(core, found.run.id, Again::Job(found.view.job.id)).await
}

async fn start_again<S: Store>(core: &Core<S>, run: RunId, again: Again) -> Result<i64> {
    core.run(RerunJobs { run, again, by: SOMEBODY.into(), ids: core.ids(IDS_PER_EVENT), now: core.now() }).await
}

/// `all` or `failed`.
pub(crate) fn which(word: &str) -> Result<Again> {
    match word {
        "all" => Ok(Again::All),
        "failed" => Ok(Again::Failed),
        other => Err(Error::Invalid(format!("'{other}' names no jobs: write `all` or `failed`"))),
    }
}

pub(crate) async fn why<S: Store>(core: &Core<S>, job: JobId) -> Result<Why> {
    let (signs, listening, now) = (core.signs.clone(), core.listening(), core.now());
    core.read(WhyJob { job, signs, listening, full: core.health.full(), now }).await
}
