//! REST, for commands and scripts: JSON under `/api/v1`, described by `assets/openapi.yaml`.

mod log;
mod runs;
mod system;

use axum::{
    Router,
    routing::{get, post},
};
use windlass_control::Store;

pub(crate) use log::task_of;
pub(crate) use runs::Wanted;

use crate::site::Site;

pub(crate) fn routes<S: Store>() -> Router<Site<S>> {
    Router::new()
        .route("/api/v1/openapi.yaml", get(system::description))
        .route("/api/v1/runs", get(runs::list::<S>))
        .route("/api/v1/runs/{number}", get(runs::show::<S>))
        .route("/api/v1/runs/{number}/cancel", post(runs::cancel::<S>))
        .route("/api/v1/runs/{number}/rerun", post(runs::rerun::<S>))
        .route("/api/v1/runs/{number}/jobs/{job}", get(runs::job::<S>))
        .route("/api/v1/runs/{number}/jobs/{job}/rerun", post(runs::rerun_job::<S>))
        .route("/api/v1/runs/{number}/jobs/{job}/why", get(runs::why::<S>))
        .route("/api/v1/runs/{number}/jobs/{job}/log", get(log::text::<S>))
        .route("/api/v1/runs/{number}/jobs/{job}/log/lines", get(log::lines::<S>))
        .route("/api/v1/runs/{number}/jobs/{job}/log/marks", get(log::marks::<S>))
        .route("/api/v1/runs/{number}/jobs/{job}/log/search", get(log::search::<S>))
        .route("/api/v1/workflows", get(system::workflows::<S>))
        .route("/api/v1/dispatches", post(system::dispatch::<S>))
        .route("/api/v1/runners", get(system::runners::<S>))
        .route("/api/v1/health", get(system::health::<S>))
        .route("/api/v1/settings", get(system::settings::<S>).put(system::change_settings::<S>))
}
