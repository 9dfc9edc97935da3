//! The Actions runner protocol, server side: `runner.v1` and `ping.v1` as Forgejo's and Gitea's runners speak them,
//! and our own `windlass.runner.v1` beside them.
//!
//! Wire words come in, verbs of `control` are asked, wire words go out. Knows nothing of SQL, pages or workflows.

// The service traits hide their answers' types for the sake of other encodings; ours are the messages themselves.
#![allow(refining_impl_trait)]

mod auth;
mod encode;
mod runner_service;
mod task_service;

use std::sync::Arc;

use axum::Router;
use connectrpc::{ConnectError, Limits};
use windlass_control::{Core, Error, Store};
use windlass_proto::{
    messages::ping::v1::{PingRequest, PingResponse},
    services::ping::v1::PingService,
};

use self::{runner_service::Runners, task_service::Tasks};

/// Bytes of one call: a runner may send all output of a busy second at once.
const MAX_CALL: usize = 32 * 1024 * 1024;

/// What the adapter needs to know beside the core.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The address under which jobs reach this server, without a trailing slash.
    pub server_url: String,
    /// Where `uses: owner/repo@ref` is looked for.
    pub default_actions_url: String,
}

/// The routes below `/api/actions`.
pub fn routes<S: Store>(core: Core<S>, settings: Settings) -> Router {
    let services = connectrpc::Router::new()
        .add_service(Arc::new(Ping))
        .add_service(Arc::new(Runners { core: core.clone(), settings: Arc::new(settings) }))
        .add_service(Arc::new(Tasks { core }));
    let limits = Limits::default().with_max_request_body_size(MAX_CALL).with_max_message_size(MAX_CALL);
    Router::new().nest_service("/api/actions", services.into_axum_service().with_limits(limits))
}

struct Ping;

impl PingService for Ping {
    async fn ping(
        &self,
        _: connectrpc::RequestContext,
        request: connectrpc::ServiceRequest<'_, PingRequest>,
    ) -> connectrpc::ServiceResult<PingResponse> {
        let data = format!("Hello, {}!", request.data);
        connectrpc::Response::ok(PingResponse { data, ..Default::default() })
    }
}

/// The answer on the wire to what went wrong: the codes that runners branch on.
fn refused(error: Error) -> ConnectError {
    match error {
        Error::Forbidden(message) if message == "log file has been archived" => ConnectError::already_exists(message),
        Error::Invalid(message) => ConnectError::invalid_argument(message),
        Error::Stale | Error::Store(_) => {
            tracing::error!(%error, "a runner's call failed");
            ConnectError::unavailable(error.to_string())
        }
        Error::NotFound(_) | Error::Refused(_) | Error::Forbidden(_) | Error::Corrupt(_) => {
            ConnectError::internal(error.to_string())
        }
    }
}
