//! The list of runs.

use askama::Template;
use axum::extract::{Query, State};
use windlass_control::{
    Core, Result, RunRecord, Store,
    queries::{FindFacets, ListRuns},
};
use windlass_lifecycle::{Timestamp, run};

use super::{Page, render};
use crate::{api::Wanted, live, site::Asked, words};

/// Runs on one page.
const SHOWN: i64 = 50;
/// States by which runs can be chosen.
const STATES: [&str; 7] = ["running", "pending", "cancelling", "success", "failure", "cancelled", "invalid"];

/// What changes on this page while one looks at it.
#[derive(Clone, PartialEq, Template)]
#[template(path = "runs_live.html")]
pub(crate) struct View {
    now: Timestamp,
    runs: Vec<Row>,
    filtered: bool,
    /// The id behind which older runs begin, if there may be any.
    older: Option<String>,
    /// Why nothing is handed out, if so.
    full: Option<String>,
}

impl live::View for View {
    fn now(&mut self) -> &mut Timestamp {
        &mut self.now
    }

    fn is_final(&self) -> bool {
        false
    }
}

#[derive(Clone, PartialEq)]
struct Row {
    number: i64,
    attempt: i64,
    state: &'static str,
    title: String,
    workflow: String,
    event: String,
    branch: String,
    sha: String,
    actor: String,
    created: Timestamp,
    began: Timestamp,
    ended: Option<Timestamp>,
}

/// One choice of a filter.
struct Choice {
    value: String,
    label: String,
    chosen: bool,
}

struct Filter {
    name: &'static str,
    label: &'static str,
    choices: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "runs.html")]
struct PageTemplate {
    filters: Vec<Filter>,
    /// The query of the live part.
    query: String,
    live: View,
}

pub(crate) async fn page<S: Store>(State(core): State<Core<S>>, Asked(Query(wanted)): Asked<Query<Wanted>>) -> Page {
    let facets = core.read(FindFacets).await?;
    let chosen = wanted.filter(SHOWN);
    let filter = |name, label, chosen: &Option<String>, values: Vec<(String, String)>| Filter {
        name,
        label,
        choices: values
            .into_iter()
            .map(|(value, label)| Choice { chosen: chosen.as_ref() == Some(&value), value, label })
            .collect(),
    };
    let same = |values: Vec<String>| values.into_iter().map(|value| (value.clone(), value)).collect();
    let refs = facets.refs.into_iter().map(|name| (name.clone(), words::short_ref(&name).to_owned())).collect();
    let states = same(STATES.map(str::to_owned).to_vec());
    let state = Some(wanted.state.clone()).filter(|state| !state.is_empty());
    let filters = vec![
        filter("state", "State", &state, states),
        filter("ref", "Branch or tag", &chosen.ref_name, refs),
        filter("workflow", "Workflow", &chosen.workflow, same(facets.workflows)),
        filter("event", "Event", &chosen.event, same(facets.events)),
        filter("actor", "Person", &chosen.actor, same(facets.actors)),
    ];
    let query = query(&wanted, wanted.before);
    render(&PageTemplate { filters, query, live: view(&core, &wanted).await? })
}

pub(crate) async fn view<S: Store>(core: &Core<S>, wanted: &Wanted) -> Result<View> {
    let filter = wanted.filter(SHOWN);
    let runs = core.read(ListRuns(filter)).await?;
    let last = runs.last().filter(|_| runs.len() as i64 >= SHOWN).map(|run| run.id.0);
    Ok(View {
        now: core.now(),
        filtered: !query(wanted, None).is_empty(),
        older: last.map(|id| query(wanted, Some(id))),
        runs: runs.iter().map(row).collect(),
        full: core.health.full(),
    })
}

fn query(wanted: &Wanted, before: Option<i64>) -> String {
    let before = before.map(|id| id.to_string()).unwrap_or_default();
    let fields = [
        ("state", &wanted.state),
        ("ref", &wanted.ref_name),
        ("workflow", &wanted.workflow),
        ("event", &wanted.event),
        ("actor", &wanted.actor),
        ("before", &before),
    ];
    let set = fields.into_iter().filter(|(_, value)| !value.is_empty());
    set.map(|(name, value)| format!("{name}={}", words::escaped(value))).collect::<Vec<_>>().join("&")
}

fn row(run: &RunRecord) -> Row {
    Row {
        number: run.number,
        attempt: run.attempt,
        state: words::run_state(run),
        title: words::run_title(run),
        workflow: run.workflow_name.clone(),
        event: run.event.clone(),
        branch: words::short_ref(&run.ref_name).to_owned(),
        sha: words::short_sha(&run.sha).to_owned(),
        actor: run.actor.clone(),
        created: run.created,
        began: run.attempt_at,
        ended: match run.state {
            run::State::Finished { at, .. } => Some(at),
            run::State::Pending | run::State::Active | run::State::Cancelling => None,
        },
    }
}
