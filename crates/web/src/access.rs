//! Nobody is trusted by place: the address, the origin and a secret.

use std::sync::Arc;

use axum::{
    extract::{Query, Request, State},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderMap, Method, StatusCode, header};
use windlass_control::Keys;

/// Who may look: whoever has the secret of the printed address, under one of our own names.
#[derive(Clone, Debug)]
pub struct Access {
    secret: Arc<str>,
    hosts: Arc<[String]>,
}

const COOKIE: &str = "windlass_secret";

impl Access {
    /// Access by this secret to a server at this loopback port.
    pub fn new(secret: &str, port: u16) -> Self {
        let hosts = ["127.0.0.1", "localhost", "[::1]"].map(|host| format!("{host}:{port}"));
        Self { secret: secret.into(), hosts: hosts.to_vec().into() }
    }

    fn is_secret(&self, given: &str) -> bool {
        Keys::same(self.secret.as_bytes(), given.as_bytes())
    }
}

/// The Host must be ours (a foreign name that points here is somebody's trick), and where a browser names the Origin of
/// a request, that too.
pub(crate) async fn own_host(State(access): State<Access>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let host = text(headers, header::HOST).or_else(|| request.uri().authority().map(ToString::to_string));
    if !host.is_some_and(|host| access.hosts.iter().any(|known| known.eq_ignore_ascii_case(&host))) {
        return refuse(
            StatusCode::MISDIRECTED_REQUEST,
            "this server answers to its own address only: use the one it printed",
        );
    }
    if let Some(origin) = text(headers, header::ORIGIN) {
        let own = access.hosts.iter().any(|host| origin.eq_ignore_ascii_case(&format!("http://{host}")));
        if !own {
            return refuse(StatusCode::FORBIDDEN, "requests from other sites are not served");
        }
    }
    next.run(request).await
}

#[derive(serde::Deserialize)]
pub(crate) struct Given {
    secret: Option<String>,
}

/// Wants the secret once, in the address; then a cookie, or a bearer token from commands.
pub(crate) async fn secret(
    State(access): State<Access>,
    Query(given): Query<Given>,
    request: Request,
    next: Next,
) -> Response {
    if let Some(given) = given.secret.filter(|_| request.method() == Method::GET) {
        if !access.is_secret(&given) {
            return refuse(
                StatusCode::UNAUTHORIZED,
                "this secret is not the one of the address that `windlass up` printed",
            );
        }
        let cookie = format!("{COOKIE}={given}; HttpOnly; SameSite=Strict; Path=/");
        // The secret leaves the address bar, so that it is in no bookmark and no screenshot.
        let path = request.uri().path().to_owned();
        return ([(header::SET_COOKIE, cookie)], Redirect::to(&path)).into_response();
    }
    let headers = request.headers();
    let cookie = text(headers, header::COOKIE).unwrap_or_default();
    let by_cookie = cookie
        .split(';')
        .filter_map(|pair| pair.trim().split_once('='))
        .any(|(name, value)| name == COOKIE && access.is_secret(value));
    let bearer = text(headers, header::AUTHORIZATION).unwrap_or_default();
    let by_bearer = bearer.strip_prefix("Bearer ").is_some_and(|token| access.is_secret(token));
    if by_cookie || by_bearer {
        return next.run(request).await;
    }
    refuse(StatusCode::UNAUTHORIZED, "open the address that `windlass up` printed: it holds the secret of this server")
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

fn refuse(status: StatusCode, why: &'static str) -> Response {
    (status, why).into_response()
}
