//! The style sheet, the scripts and the pictures.

use axum::{Router, response::IntoResponse, routing::get};
use http::header;

const FILES: [(&str, &str, &str); 6] = [
    ("/assets/style.css", "text/css; charset=utf-8", include_str!("../assets/style.css")),
    ("/assets/live.js", "text/javascript; charset=utf-8", include_str!("../assets/live.js")),
    ("/assets/log.js", "text/javascript; charset=utf-8", include_str!("../assets/log.js")),
    ("/assets/log_layout.js", "text/javascript; charset=utf-8", include_str!("../assets/log_layout.js")),
    ("/assets/icons.svg", "image/svg+xml", include_str!("../assets/icons.svg")),
    ("/assets/logo.svg", "image/svg+xml", include_str!("../assets/logo.svg")),
];

pub(crate) fn routes() -> Router {
    let serve = |kind, body| get(async move || served(kind, body));
    FILES.into_iter().fold(Router::new(), |router, (path, kind, body)| router.route(path, serve(kind, body)))
}

fn served(kind: &'static str, body: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")], body)
}
