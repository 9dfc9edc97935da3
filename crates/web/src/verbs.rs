//! What people ask for, the same for pages and REST.

use windlass_control::{
    Core, Error, Result, Store,
    queries::{FindJob, FindRun, RunView, Why, WhyJob},
    use_cases::{Again, CancelRun, RerunJobs},
};

/// Ids that one verb may need: jobs and legs.
const IDS: i64 = 65_536;
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

pub(crate) async fn cancel<S: Store>(core: &Core<S>, number: i64) -> Result<()> {
    let run = find_run(core, number, None).await?.run.id;
    core.run(CancelRun { run, by: SOMEBODY.into(), ids: core.ids(IDS), now: core.now() }).await
}

/// Runs jobs again; answers the attempt's number.
pub(crate) async fn rerun<S: Store>(core: &Core<S>, number: i64, again: Again) -> Result<i64> {
    let run = find_run(core, number, None).await?.run.id;
    core.run(RerunJobs { run, again, by: SOMEBODY.into(), ids: core.ids(IDS), now: core.now() }).await
}

/// Runs one job again, by its name or id.
pub(crate) async fn rerun_job<S: Store>(core: &Core<S>, number: i64, job: String) -> Result<i64> {
    let found = core.read(FindJob { run: number, job }).await?;
    rerun(core, number, Again::Job(found.view.job.id)).await
}

/// `all` or `failed`.
pub(crate) fn which(word: &str) -> Result<Again> {
    match word {
        "all" => Ok(Again::All),
        "failed" => Ok(Again::Failed),
        other => Err(Error::Invalid(format!("'{other}' names no jobs: write `all` or `failed`"))),
    }
}

pub(crate) async fn why<S: Store>(core: &Core<S>, job: windlass_lifecycle::JobId) -> Result<Why> {
    let (signs, listening, now) = (core.signs.clone(), core.listening(), core.now());
    core.read(WhyJob { job, signs, listening, full: core.health.full(), now }).await
}
