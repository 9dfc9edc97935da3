//! The style sheet and the one script.

use axum::{Router, response::IntoResponse, routing::get};
use http::header;

const STYLE: &str = include_str!("../assets/style.css");
const SCRIPT: &str = include_str!("../assets/live.js");

pub(crate) fn routes() -> Router {
    Router::new()
        .route("/assets/style.css", get(async || served("text/css; charset=utf-8", STYLE)))
        .route("/assets/live.js", get(async || served("text/javascript; charset=utf-8", SCRIPT)))
}

fn served(kind: &'static str, body: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")], body)
}
