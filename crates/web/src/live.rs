//! Live streams: server-sent events that say again what has changed.

use std::{convert::Infallible, pin::Pin, time::Duration};

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State},
    response::sse::{Event, KeepAlive, KeepAliveStream, Sse},
    routing::get,
};
use futures::{Stream, stream};
use serde::Deserialize;
use serde_json::json;
use tokio::time::Instant;
use windlass_control::{Core, Store, Topic, queries::FindJob};
use windlass_lifecycle::{RunId, Timestamp};

use crate::{
    api::{Wanted, task_of},
    log,
    pages::{Failed, job_steps, run_view, runs_view},
    site::{Asked, Site},
    tail::Tail,
    verbs,
};

/// Bells may be lost: look again after this long in any case.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// What changes in bursts is said once.
const SETTLE: Duration = Duration::from_millis(50);
/// Rows in one event.
const MAX_ROWS: usize = 500;

pub(crate) fn routes<S: Store>() -> Router<Site<S>> {
    Router::new()
        .route("/live/runs", get(runs::<S>))
        .route("/live/runs/{number}", get(run::<S>))
        .route("/live/runs/{number}/jobs/{job}", get(job::<S>))
        .route("/live/runs/{number}/jobs/{job}/log", get(rows::<S>))
}

type Said = Pin<Box<dyn Stream<Item = Result<Event, Infallible>> + Send>>;
type Events = Sse<KeepAliveStream<Said>>;

fn serve(events: impl Stream<Item = Result<Event, Infallible>> + Send + 'static) -> Events {
    let events: Said = Box::pin(events);
    Sse::new(events).keep_alive(KeepAlive::default())
}

/// One HTML fragment in one event: a `view`, or the `last` one.
fn fragment(name: &str, view: &impl Template) -> Event {
    // A carriage return would end the field on its way; HTML does not need it.
    Event::default().event(name).data(view.render().unwrap_or_default().replace('\r', ""))
}

/// What a page shows and says again when it has changed.
pub(crate) trait View: Template + Clone + PartialEq + Send + 'static {
    /// The moment from which it counts its times; alone it makes no view another one.
    fn now(&mut self) -> &mut Timestamp;

    /// Whether nothing of it will change any more unless a person asks for it.
    fn is_final(&self) -> bool;
}

/// Says a view at once and whenever it has changed, until it is final or cannot be had any more.
fn views<S, V, B>(core: &Core<S>, topic: Topic, build: impl Fn() -> B + Send + 'static) -> Events
where
    S: Store,
    V: View,
    B: Future<Output = windlass_control::Result<V>> + Send + 'static,
{
    let start = (core.bells.listen(), build, None::<V>);
    serve(stream::unfold(start, move |(mut listener, build, mut said)| async move {
        if said.as_ref().is_some_and(V::is_final) {
            return None;
        }
        loop {
            if said.is_some() {
                listener.hear(&[topic], Instant::now() + LOOK_AGAIN).await;
                tokio::time::sleep(SETTLE).await;
            }
            let mut view = build().await.ok()?;
            let now = std::mem::take(view.now());
            if said.as_ref() != Some(&view) {
                said = Some(view.clone());
                *view.now() = now;
                let event = fragment(if view.is_final() { "last" } else { "view" }, &view);
                return Some((Ok(event), (listener, build, said)));
            }
        }
    }))
}

async fn runs<S: Store>(State(core): State<Core<S>>, Asked(Query(wanted)): Asked<Query<Wanted>>) -> Events {
    let of = core.clone();
    views(&core, Topic::Runs, move || {
        let (core, wanted) = (of.clone(), wanted.clone());
        async move { runs_view(&core, &wanted).await }
    })
}

#[derive(Clone, Copy, Deserialize)]
struct Shown {
    attempt: Option<i64>,
}

async fn run<S: Store>(
    State(core): State<Core<S>>,
    Asked(Path(number)): Asked<Path<i64>>,
    Asked(Query(shown)): Asked<Query<Shown>>,
) -> Result<Events, Failed> {
    let id = verbs::find_run(&core, number, shown.attempt).await?.run.id;
    let of = core.clone();
    Ok(views(&core, Topic::Run(id), move || {
        let core = of.clone();
        async move { run_view(&core, number, shown.attempt).await }
    }))
}

async fn job<S: Store>(
    State(core): State<Core<S>>,
    Asked(Path((number, job))): Asked<Path<(i64, String)>>,
    Asked(Query(which)): Asked<Query<Which>>,
) -> Result<Events, Failed> {
    let id = core.read(FindJob { run: number, job: job.clone() }).await?.run.id;
    let of = core.clone();
    Ok(views(&core, Topic::Run(id), move || {
        let (core, job) = (of.clone(), job.clone());
        async move { job_steps(&core, number, job, which.task).await }
    }))
}

#[derive(Clone, Copy, Deserialize)]
struct Which {
    #[serde(default)]
    from: u64,
    task: Option<i64>,
    /// Whether rows may be passed over when there are more than fit one event: the reader fetches what it shows.
    #[serde(default)]
    skip: bool,
}

/// The rows of a log from a row on, as JSON; `last` when no more will come.
async fn rows<S: Store>(
    State(core): State<Core<S>>,
    Asked(Path(place)): Asked<Path<(i64, String)>>,
    Asked(Query(which)): Asked<Query<Which>>,
) -> Result<Events, Failed> {
    // A job that is not there is said at once; one that has not begun is waited for.
    let (run, job) = place.clone();
    let run = core.read(FindJob { run, job }).await?.run.id;
    Ok(serve(stream::unfold(Reader::Waits(core, run, place, which), next_rows)))
}

/// A reader of a log.
enum Reader<S> {
    /// The job has not begun.
    Waits(Core<S>, RunId, (i64, String), Which),
    /// Rows come.
    Reads(Tail<S>),
    /// No more will come.
    Done,
}

/// Waits until a job has begun; `None` if it has ended without.
async fn begun<S: Store>(core: Core<S>, run: RunId, place: (i64, String), which: Which) -> Option<Tail<S>> {
    let mut listener = core.bells.listen();
    let task = loop {
        if let Ok(task) = task_of(&core, place.clone(), which.task).await {
            break task;
        }
        let found = core.read(FindJob { run: place.0, job: place.1.clone() }).await.ok()?;
        if found.view.job.state.is_finished() {
            return None;
        }
        listener.hear(&[Topic::Run(run)], Instant::now() + LOOK_AGAIN).await;
    };
    let tail = Tail::new(core, task, which.from, true);
    Some(if which.skip { tail.skipping(MAX_ROWS as u64) } else { tail })
}

async fn next_rows<S: Store>(reader: Reader<S>) -> Option<(Result<Event, Infallible>, Reader<S>)> {
    let last = || Some((Ok(Event::default().event("last").data("")), Reader::Done));
    let mut tail = match reader {
        Reader::Done => return None,
        Reader::Reads(tail) => tail,
        Reader::Waits(core, run, place, which) => match begun(core, run, place, which).await {
            Some(tail) => tail,
            None => return last(),
        },
    };
    let Some((from, rows)) = tail.next(MAX_ROWS).await.ok()? else {
        return last();
    };
    let next = from + rows.len() as u64;
    let data = json!({"from": from, "length": next, "lines": log::lines(&rows)});
    let event = Event::default().event("rows").id(next.to_string()).data(data.to_string());
    Some((Ok(event), Reader::Reads(tail)))
}
