//! Pages, REST and live streams.
//!
//! Queries of `control` come in, HTML and JSON go out. Knows nothing of SQL, runners' wires or git.

mod access;
mod ansi;
mod api;
mod assets;
mod graph;
mod live;
mod log;
mod pages;
mod site;
mod tail;
mod verbs;
mod words;

use axum::{Router, extract::Request, middleware, middleware::Next, response::Response};
use http::{HeaderValue, header};
use windlass_control::Store;

pub use access::Access;
pub use site::Site;

/// Everything that a person or a command asks for. Every route is behind [`Access`].
pub fn routes<S: Store>(site: Site<S>, access: Access) -> Router {
    Router::new()
        .merge(pages::routes::<S>())
        .merge(api::routes::<S>())
        .merge(live::routes::<S>())
        .with_state(site)
        .layer(middleware::from_fn_with_state(access, access::secret))
        .merge(assets::routes())
        .layer(middleware::from_fn(strict))
}

/// Whatever a log or a title may hold, a browser loads and runs nothing but our own files.
async fn strict(request: Request, next: Next) -> Response {
    const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                          connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    let mut answer = next.run(request).await;
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    answer
}

/// Refuses requests that a page of somebody else's made a browser send: for every route of the server.
pub fn only_own_host(router: Router, access: Access) -> Router {
    router.layer(middleware::from_fn_with_state(access, access::own_host))
}
