//! What every route stands on, and what it answers where something is wrong.

use axum::{
    Json,
    extract::{Form, FromRef, FromRequest, FromRequestParts, Path, Query, Request},
    response::{IntoResponse, Response},
};
use http::{StatusCode, request::Parts};
use serde::de::DeserializeOwned;
use serde_json::json;
use windlass_control::{Core, Error, Store, forge::SharedForge};

/// The control plane and the forge whose repository it serves.
#[derive(Clone, Debug)]
pub struct Site<S> {
    /// The control plane.
    pub core: Core<S>,
    /// Where workflows come from that people start by hand.
    pub forge: SharedForge,
}

impl<S: Store> FromRef<Site<S>> for Core<S> {
    fn from_ref(site: &Site<S>) -> Self {
        site.core.clone()
    }
}

impl<S: Store> FromRef<Site<S>> for SharedForge {
    fn from_ref(site: &Site<S>) -> Self {
        site.forge.clone()
    }
}

pub(crate) fn status(error: &Error) -> StatusCode {
    match error {
        Error::NotFound(_) => StatusCode::NOT_FOUND,
        Error::Refused(_) => StatusCode::CONFLICT,
        Error::Forbidden(_) => StatusCode::FORBIDDEN,
        Error::Invalid(_) => StatusCode::BAD_REQUEST,
        Error::Stale | Error::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
        Error::Corrupt(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// An error as JSON: `{"error": "…"}`.
#[derive(Debug)]
pub(crate) struct Failed(pub(crate) Error);

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        let status = status(&self.0);
        if status.is_server_error() {
            tracing::error!(error = %self.0, "a call failed");
        }
        (status, Json(json!({"error": self.0.to_string()}))).into_response()
    }
}

/// Something of a request that must have a form: its path, its query or its body.
pub(crate) struct Asked<E>(pub(crate) E);

fn refused(error: impl std::fmt::Display) -> Failed {
    Failed(Error::Invalid(error.to_string()))
}

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Asked<Path<T>> {
    type Rejection = Failed;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failed> {
        let path = <Path<T> as FromRequestParts<S>>::from_request_parts(parts, state).await;
        // A path that cannot be read names nothing that exists.
        path.map(Self).map_err(|error| Failed(Error::NotFound(error.body_text())))
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<Query<T>> {
    type Rejection = Failed;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failed> {
        Query::from_request_parts(parts, state).await.map(Self).map_err(|error| refused(error.body_text()))
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Asked<Json<T>> {
    type Rejection = Failed;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failed> {
        let body = <Json<T> as FromRequest<S>>::from_request(request, state).await;
        body.map(Self).map_err(|error| refused(error.body_text()))
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Asked<Form<T>> {
    type Rejection = Failed;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failed> {
        let form = <Form<T> as FromRequest<S>>::from_request(request, state).await;
        form.map(Self).map_err(|error| refused(error.body_text()))
    }
}
