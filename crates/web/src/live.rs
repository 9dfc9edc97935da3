//! Live streams: server-sent events that say again what has changed.

use std::{convert::Infallible, time::Duration};

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State},
    response::sse::{Event, KeepAlive, Sse},
    routing::get,
};
use futures::{Stream, stream};
use serde::Deserialize;
use tokio::time::Instant;
use windlass_control::{Core, Error, Listener, Store, Topic, queries::FindRun};

use crate::{
    pages::{Failed, log_line, run_view, runs_view},
    tail::Tail,
};

/// Bells may be lost: look again after this long in any case. Running times count up meanwhile.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// What changes in bursts is said once.
const SETTLE: Duration = Duration::from_millis(50);
/// Rows in one event.
const MAX_ROWS: usize = 500;

pub(crate) fn routes<S: Store>() -> Router<Core<S>> {
    Router::new()
        .route("/live/runs", get(runs::<S>))
        .route("/live/runs/{number}", get(run::<S>))
        .route("/live/runs/{number}/jobs/{job}/log", get(log::<S>))
}

type Events =
    Sse<axum::response::sse::KeepAliveStream<std::pin::Pin<Box<dyn Stream<Item = Result<Event, Infallible>> + Send>>>>;

fn serve(events: impl Stream<Item = Result<Event, Infallible>> + Send + 'static) -> Events {
    let events: std::pin::Pin<Box<dyn Stream<Item = Result<Event, Infallible>> + Send>> = Box::pin(events);
    Sse::new(events).keep_alive(KeepAlive::default())
}

/// One HTML fragment in one event: a `view`, or the `last` one.
fn fragment(name: &str, view: &impl Template) -> Event {
    // A carriage return would end the field on its way; HTML does not need it.
    Event::default().event(name).data(view.render().unwrap_or_default().replace('\r', ""))
}

async fn heard(listener: &mut Listener, topics: &[Topic]) {
    listener.hear(topics, Instant::now() + LOOK_AGAIN).await;
    tokio::time::sleep(SETTLE).await;
}

async fn runs<S: Store>(State(core): State<Core<S>>) -> Events {
    let listener = core.bells.listen();
    serve(stream::unfold((core, listener, true), |(core, mut listener, first)| async move {
        if !first {
            heard(&mut listener, &[Topic::Runs]).await;
        }
        let view = runs_view(&core).await.ok()?;
        Some((Ok(fragment("view", &view)), (core, listener, false)))
    }))
}

async fn run<S: Store>(State(core): State<Core<S>>, Path(number): Path<i64>) -> Result<Events, Failed> {
    let found = core.read(FindRun::Number(number)).await?;
    let id = found.ok_or_else(|| Error::NotFound(format!("there is no run {number}")))?.run.id;
    let listener = core.bells.listen();
    Ok(serve(stream::unfold((core, listener, 0_u8), move |(core, mut listener, said)| async move {
        match said {
            0 => {}
            1 => heard(&mut listener, &[Topic::Run(id)]).await,
            _ => return None,
        }
        let view = run_view(&core, number).await.ok()?;
        let (name, next) = if view.is_final() { ("last", 2) } else { ("view", 1) };
        Some((Ok(fragment(name, &view)), (core, listener, next)))
    })))
}

#[derive(Deserialize)]
struct From {
    #[serde(default)]
    from: u64,
}

async fn log<S: Store>(
    State(core): State<Core<S>>,
    Path((number, job)): Path<(i64, String)>,
    Query(from): Query<From>,
) -> Result<Events, Failed> {
    let found = core.read(FindRun::Number(number)).await?;
    let found = found.ok_or_else(|| Error::NotFound(format!("there is no run {number}")))?;
    let view = found.job(&job).ok_or_else(|| Error::NotFound(format!("run {number} has no job '{job}'")))?;
    let task = view.attempts.last().map(|attempt| attempt.task.id);
    let task = task.ok_or_else(|| Error::NotFound(format!("'{job}' has not begun: it has no log yet")))?;
    let tail = Some(Tail::new(core, task, from.from, true));
    Ok(serve(stream::unfold(tail, next_rows)))
}

/// The next rows as one event; `last` when no more will come.
async fn next_rows<S: Store>(tail: Option<Tail<S>>) -> Option<(Result<Event, Infallible>, Option<Tail<S>>)> {
    let mut tail = tail?;
    let Some((from, rows)) = tail.next(MAX_ROWS).await.ok()? else {
        return Some((Ok(Event::default().event("last").data("")), None));
    };
    let html: String = (from..).zip(&rows).filter_map(|(index, row)| log_line(index, row).render().ok()).collect();
    let next = from + rows.len() as u64;
    let event = Event::default().event("rows").id(next.to_string()).data(html.replace('\r', ""));
    Some((Ok(event), Some(tail)))
}
