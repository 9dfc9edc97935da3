//! Pages, REST and live streams.
//!
//! Queries of `control` come in, HTML and JSON go out. Knows nothing of SQL, runners' wires or git.

mod access;
mod api;
mod assets;
mod live;
mod pages;
mod tail;
mod words;

use axum::{Router, middleware};
use windlass_control::{Core, Error, Store};

pub use access::Access;
use http::StatusCode;

/// Everything that a person or a command asks for. Every route is behind [`Access`].
pub fn routes<S: Store>(core: Core<S>, access: Access) -> Router {
    Router::new()
        .merge(pages::routes::<S>())
        .merge(api::routes::<S>())
        .merge(live::routes::<S>())
        .with_state(core)
        .layer(middleware::from_fn_with_state(access, access::secret))
        .merge(assets::routes())
}

/// Refuses requests that a page of somebody else's made a browser send: for every route of the server.
pub fn only_own_host(router: Router, access: Access) -> Router {
    router.layer(middleware::from_fn_with_state(access, access::own_host))
}

fn status(error: &Error) -> StatusCode {
    match error {
        Error::NotFound(_) => StatusCode::NOT_FOUND,
        Error::Refused(_) => StatusCode::CONFLICT,
        Error::Forbidden(_) => StatusCode::FORBIDDEN,
        Error::Invalid(_) => StatusCode::BAD_REQUEST,
        Error::Stale | Error::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
        Error::Corrupt(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
