//! The server, as a runner calls it.

use std::time::Duration;

use connectrpc::{
    ConnectError,
    client::{CallOptions, ClientConfig, HttpClient},
};
use http::Uri;
use windlass_proto::{
    CAPABILITIES_HEADER, CAPABILITY,
    messages::{runner::v1 as wire, windlass::runner::v1 as ours},
    services::{runner::v1::RunnerServiceClient, windlass::runner::v1::TaskServiceClient},
};

/// A call that is no fetch must be answered within this time.
const CALL_TIMEOUT: Duration = Duration::from_secs(30);
/// How long the server may hold a fetch or a watch.
const HOLD: Duration = Duration::from_secs(30);

/// By which a runner proves who it is.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Its name on the wire.
    pub uuid: String,
    /// Its token.
    pub token: String,
}

/// A server and who we are there. Cloning is cheap.
#[derive(Clone)]
pub struct Client {
    runner: RunnerServiceClient<HttpClient>,
    tasks: TaskServiceClient<HttpClient>,
}

fn config(base: &str) -> Result<ClientConfig, ConnectError> {
    let address = format!("{}/api/actions", base.trim_end_matches('/'));
    let uri: Uri = address
        .parse()
        .map_err(|error| ConnectError::invalid_argument(format!("'{base}' is not an address: {error}")))?;
    Ok(ClientConfig::new(uri).with_default_timeout(CALL_TIMEOUT).with_default_max_message_size(64 * 1024 * 1024))
}

/// Enlists a new runner at a server.
pub async fn register(
    base: &str,
    registration_token: &str,
    name: &str,
    labels: &[String],
) -> Result<Credentials, ConnectError> {
    let client = RunnerServiceClient::new(HttpClient::plaintext(), config(base)?);
    let request = wire::RegisterRequest {
        name: name.to_owned(),
        token: registration_token.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        labels: labels.to_vec(),
        ..Default::default()
    };
    let answer = client.register(request).await?.into_owned();
    let runner = answer.runner.into_option().unwrap_or_default();
    Ok(Credentials { uuid: runner.uuid, token: runner.token })
}

impl Client {
    /// A client for calls under these credentials.
    pub fn new(base: &str, credentials: &Credentials) -> Result<Self, ConnectError> {
        let config = config(base)?
            .with_default_header("x-runner-uuid", credentials.uuid.clone())
            .with_default_header("x-runner-token", credentials.token.clone());
        let http = HttpClient::plaintext();
        Ok(Self {
            runner: RunnerServiceClient::new(http.clone(), config.clone()),
            tasks: TaskServiceClient::new(http, config),
        })
    }

    /// Tells the server our labels; answers whether it speaks `windlass.runner.v1`.
    pub(crate) async fn declare(&self, labels: &[String]) -> Result<bool, ConnectError> {
        let request = wire::DeclareRequest {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            labels: labels.to_vec(),
            capabilities: vec![CAPABILITY.to_owned()],
            ..Default::default()
        };
        let answer = self.runner.declare(request).await?;
        let header = answer.headers().get(CAPABILITIES_HEADER).and_then(|value| value.to_str().ok()).unwrap_or("");
        Ok(header.split(',').any(|capability| capability.trim() == CAPABILITY))
    }

    /// Asks for a task; the server may hold the call. The same key names the same task until it was answered.
    pub(crate) async fn fetch(&self, request_key: &str) -> Result<Option<wire::Task>, ConnectError> {
        let options = CallOptions::default().with_timeout(HOLD).with_header("x-runner-request-key", request_key);
        let request = wire::FetchTaskRequest { task_capacity: Some(1), ..Default::default() };
        let answer = self.runner.fetch_task_with_options(request, options).await?.into_owned();
        Ok(answer.task.into_option())
    }

    pub(crate) async fn update_task(
        &self,
        request: wire::UpdateTaskRequest,
    ) -> Result<wire::UpdateTaskResponse, ConnectError> {
        Ok(self.runner.update_task(request).await?.into_owned())
    }

    pub(crate) async fn update_log(&self, request: wire::UpdateLogRequest) -> Result<u64, ConnectError> {
        let answer = self.runner.update_log(request).await?.into_owned();
        Ok(u64::try_from(answer.ack_index).unwrap_or(0))
    }

    pub(crate) async fn report_details(&self, request: ours::ReportDetailsRequest) -> Result<(), ConnectError> {
        self.tasks.report_details(request).await.map(|_| ())
    }

    /// Whether the task must stop; `false` also when nothing happened for a while.
    pub(crate) async fn watch_cancel(&self, task: i64) -> Result<bool, ConnectError> {
        let request = ours::WatchCancelRequest { task_id: task, ..Default::default() };
        let options = CallOptions::default().with_timeout(HOLD);
        Ok(self.tasks.watch_cancel_with_options(request, options).await?.into_owned().stop)
    }
}
