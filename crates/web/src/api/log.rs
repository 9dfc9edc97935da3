//! Logs: as text, as lines of a range, what stands out in them, and searched.

use axum::{
    Json,
    body::Body,
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use futures::stream;
use http::header;
use serde::Deserialize;
use serde_json::{Value, json};
use windlass_control::{Core, Error, Store, queries::FindJob};
use windlass_joblog::Mark;
use windlass_lifecycle::TaskId;

use crate::{
    ansi, log,
    site::{Asked, Failed},
    tail::Tail,
};

/// Rows read at once while a log is sent.
const ROWS_AT_ONCE: usize = 1_000;
/// Lines in one answer.
const MAX_LINES: usize = 500;
/// Rows that one search looks at; it says where to go on.
const MAX_SEARCHED: u64 = 250_000;
/// Places that one search names.
const MAX_FOUND: usize = 1_000;
/// Characters of what is searched for.
const MAX_QUERY: usize = 500;

/// Which part of which log.
#[derive(Deserialize)]
pub(super) struct Slice {
    /// First row, from 0.
    #[serde(default)]
    from: u64,
    /// Rows at most.
    limit: Option<usize>,
    /// Wait for more until the job has ended.
    #[serde(default)]
    follow: bool,
    /// Which task of the job; the latest one without.
    task: Option<i64>,
}

type Place = Asked<Path<(i64, String)>>;

/// The task whose log is meant.
pub(crate) async fn task_of<S: Store>(
    core: &Core<S>,
    (run, job): (i64, String),
    task: Option<i64>,
) -> Result<TaskId, Error> {
    let found = core.read(FindJob { run, job }).await?;
    let tasks = &found.view.attempts;
    let chosen = match task {
        None => tasks.last(),
        Some(id) => tasks.iter().find(|attempt| attempt.task.id.0 == id),
    };
    chosen.map(|attempt| attempt.task.id).ok_or_else(|| {
        let (name, state) = (&found.view.job.name, found.view.job.state.word());
        Error::NotFound(match task {
            None => format!("'{name}' has no log: it is {state}"),
            Some(id) => format!("'{name}' has no task {id}"),
        })
    })
}

/// The log as plain text, one row a line; with `follow=true` until no more will come.
pub(super) async fn text<S: Store>(
    State(core): State<Core<S>>,
    Asked(Path(place)): Place,
    Asked(Query(slice)): Asked<Query<Slice>>,
) -> Result<Response, Failed> {
    let task = task_of(&core, place, slice.task).await?;
    let tail = Tail::new(core, task, slice.from, slice.follow);
    let left = slice.limit.unwrap_or(usize::MAX);
    let body = stream::unfold(Some((tail, left)), |state| async move {
        let (mut tail, left) = state?;
        if left == 0 {
            return None;
        }
        // An error breaks the answer off, so that nobody takes a part for the whole.
        let rows = tail.next(ROWS_AT_ONCE.min(left)).await.map_err(std::io::Error::other).transpose()?;
        let count = rows.as_ref().map_or(0, |(_, rows)| rows.len());
        let text = rows.map(|(_, rows)| rows.iter().map(|row| format!("{}\n", row.text)).collect::<String>());
        Some((text, Some((tail, left - count))))
    });
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], Body::from_stream(body)).into_response())
}

/// Lines of a range as a page shows them. At most 500 and about 100 KB: long ones are cut, unless asked for alone.
/// Cost: the chunks that hold the range, whatever the length of the log.
pub(super) async fn lines<S: Store>(
    State(core): State<Core<S>>,
    Asked(Path(place)): Place,
    Asked(Query(slice)): Asked<Query<Slice>>,
) -> Result<Json<Value>, Failed> {
    let task = task_of(&core, place, slice.task).await?;
    let state = core.store.log_state(task).await?;
    let limit = slice.limit.unwrap_or(100).min(MAX_LINES);
    let rows = core.store.rows(task, slice.from, limit).await?;
    Ok(Json(
        json!({"task": task, "from": slice.from, "length": state.length, "sealed": state.sealed, "lines": log::lines(&rows)}),
    ))
}

/// Rows that stand out: number and kind.
pub(super) async fn marks<S: Store>(
    State(core): State<Core<S>>,
    Asked(Path(place)): Place,
    Asked(Query(slice)): Asked<Query<Slice>>,
) -> Result<Json<Value>, Failed> {
    let task = task_of(&core, place, slice.task).await?;
    let marks: Vec<Value> =
        core.store.marks(task).await?.into_iter().map(|(row, mark)| json!([row, word(mark)])).collect();
    Ok(Json(json!({"task": task, "marks": marks})))
}

pub(crate) fn word(mark: Mark) -> &'static str {
    match mark {
        Mark::Group => "group",
        Mark::EndGroup => "endgroup",
        Mark::Error => "error",
        Mark::Warning => "warning",
    }
}

#[derive(Deserialize)]
pub(super) struct Search {
    q: String,
    #[serde(default)]
    from: u64,
    task: Option<i64>,
}

/// Numbers of the rows that hold a text, case ignored. `next` is where to go on, null at the end.
/// Cost: decompresses what it looks at, about 10 million short rows a second.
pub(super) async fn search<S: Store>(
    State(core): State<Core<S>>,
    Asked(Path(place)): Place,
    Asked(Query(search)): Asked<Query<Search>>,
) -> Result<Json<Value>, Failed> {
    if search.q.is_empty() || search.q.chars().count() > MAX_QUERY {
        return Err(Error::Invalid(format!("search for 1 to {MAX_QUERY} characters")).into());
    }
    let task = task_of(&core, place, search.task).await?;
    let wanted = search.q.to_lowercase();
    let mut found: Vec<u64> = Vec::new();
    let mut next = search.from;
    let end = search.from.saturating_add(MAX_SEARCHED);
    let next = loop {
        let rows = core.store.rows(task, next, ROWS_AT_ONCE).await?;
        if rows.is_empty() {
            break None;
        }
        let hits = (next..).zip(&rows).filter(|(_, row)| holds(&row.text, &wanted)).map(|(at, _)| at);
        found.extend(hits);
        next += rows.len() as u64;
        if found.len() >= MAX_FOUND || next >= end {
            break Some(next);
        }
    };
    Ok(Json(json!({"task": task, "rows": found, "next": next})))
}

fn holds(text: &str, wanted: &str) -> bool {
    let text = if text.contains('\u{1b}') { ansi::plain(text) } else { text.to_owned() };
    text.to_lowercase().contains(wanted)
}
