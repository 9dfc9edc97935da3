//! The pages: one file and one template each.

mod dispatch;
mod grid;
mod job;
mod run;
mod runs;
mod step_row;
mod system;

use askama::Template;
use axum::{
    Router,
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use windlass_control::{Error, Store};

pub(crate) use job::steps as job_steps;
pub(crate) use run::view as run_view;
pub(crate) use runs::view as runs_view;

use crate::site::{Failed as Refused, Site};

pub(crate) fn routes<S: Store>() -> Router<Site<S>> {
    Router::new()
        .route("/", get(runs::page::<S>))
        .route("/dispatch", get(dispatch::page::<S>).post(dispatch::start::<S>))
        .route("/system", get(system::page::<S>))
        .route("/system/settings", post(system::change::<S>))
        .route("/runs/{number}", get(run::page::<S>))
        .route("/runs/{number}/cancel", post(run::cancel::<S>))
        .route("/runs/{number}/rerun", post(run::rerun::<S>))
        .route("/runs/{number}/jobs/{job}", get(job::page::<S>))
        .route("/runs/{number}/jobs/{job}/rerun", post(run::rerun_job::<S>))
}

/// A page, or the error that has taken its place.
pub(crate) type Page = Result<Html<String>, Failed>;
/// Where a form leads, or the error that has taken its place.
pub(crate) type Done = Result<Redirect, Failed>;

/// Why there is no page.
#[derive(Debug)]
pub(crate) struct Failed(pub(crate) Error);

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl From<Refused> for Failed {
    fn from(refused: Refused) -> Self {
        Self(refused.0)
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    message: String,
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        let status = crate::site::status(&self.0);
        if status.is_server_error() {
            tracing::error!(error = %self.0, "a page failed");
        }
        let page = ErrorPage { message: self.0.to_string() };
        (status, Html(page.render().unwrap_or_else(|_| self.0.to_string()))).into_response()
    }
}

pub(crate) fn render(template: &impl Template) -> Page {
    template.render().map(Html).map_err(|error| Failed(Error::Corrupt(format!("a page: {error}"))))
}
