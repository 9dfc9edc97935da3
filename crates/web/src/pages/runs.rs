//! The list of runs.

use askama::Template;
use axum::extract::State;
use windlass_control::{Core, Result, RunRecord, Store, queries::ListRuns};
use windlass_lifecycle::{Timestamp, run};

use super::{Page, render};
use crate::words;

/// Runs on one page.
const SHOWN: i64 = 100;

/// What changes on this page while one looks at it.
#[derive(Template)]
#[template(path = "runs_live.html")]
pub(crate) struct View {
    runs: Vec<Row>,
}

struct Row {
    number: i64,
    state: &'static str,
    title: String,
    workflow: String,
    event: String,
    branch: String,
    sha: String,
    when: String,
    took: String,
}

#[derive(Template)]
#[template(path = "runs.html")]
struct PageTemplate {
    live: View,
}

pub(crate) async fn page<S: Store>(State(core): State<Core<S>>) -> Page {
    render(&PageTemplate { live: view(&core).await? })
}

pub(crate) async fn view<S: Store>(core: &Core<S>) -> Result<View> {
    let now = core.now();
    let runs = core.read(ListRuns(windlass_control::RunFilter { limit: SHOWN, ..Default::default() })).await?;
    Ok(View { runs: runs.iter().map(|run| row(run, now)).collect() })
}

fn row(run: &RunRecord, now: Timestamp) -> Row {
    let end = match run.state {
        run::State::Finished { at, .. } => at,
        run::State::Pending | run::State::Active | run::State::Cancelling => now,
    };
    Row {
        number: run.number,
        state: words::run_state(run),
        title: if run.title.is_empty() { run.workflow_path.clone() } else { run.title.clone() },
        workflow: run.workflow_name.clone(),
        event: run.event.clone(),
        branch: words::short_ref(&run.ref_name).to_owned(),
        sha: words::short_sha(&run.sha).to_owned(),
        when: words::time(run.created),
        took: words::duration(run.created, end),
    }
}
