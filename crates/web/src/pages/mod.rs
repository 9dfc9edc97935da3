//! The pages: one file and one template each.

mod job;
mod run;
mod runs;

use askama::Template;
use axum::{
    Router,
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};
use windlass_control::{Core, Error, Store};

pub(crate) use job::log_line;
pub(crate) use run::view as run_view;
pub(crate) use runs::view as runs_view;

pub(crate) fn routes<S: Store>() -> Router<Core<S>> {
    Router::new()
        .route("/", get(runs::page::<S>))
        .route("/runs/{number}", get(run::page::<S>))
        .route("/runs/{number}/cancel", post(run::cancel::<S>))
        .route("/runs/{number}/jobs/{job}", get(job::page::<S>))
}

/// A page, or the error that has taken its place.
pub(crate) type Page = Result<Html<String>, Failed>;

/// Why there is no page.
pub(crate) struct Failed(pub(crate) Error);

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    message: String,
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        let status = crate::status(&self.0);
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

pub(crate) fn no_run(number: i64) -> Failed {
    Failed(Error::NotFound(format!("there is no run {number}")))
}
