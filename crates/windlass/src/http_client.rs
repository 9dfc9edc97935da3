//! The running server, asked by a command.

use http::{Method, Request, header};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use serde_json::Value;

use crate::state_folder::{RunningServer, StateFolder};

/// Asks for a path. The error is a sentence; what the server itself says is said on.
pub(crate) async fn get(state: &StateFolder, path: &str) -> Result<hyper::Response<Incoming>, String> {
    ask(state, Method::GET, path, None).await
}

/// Asks for a path and reads the answer's JSON.
pub(crate) async fn get_json(state: &StateFolder, path: &str) -> Result<Value, String> {
    json(get(state, path).await?).await
}

/// Has something done and reads the answer's JSON.
pub(crate) async fn post_json(state: &StateFolder, path: &str, body: Option<&Value>) -> Result<Value, String> {
    json(ask(state, Method::POST, path, body).await?).await
}

async fn json(answer: hyper::Response<Incoming>) -> Result<Value, String> {
    let body = answer.into_body().collect().await.map_err(|error| error.to_string())?.to_bytes();
    serde_json::from_slice(&body).map_err(|error| format!("the server's answer cannot be read: {error}"))
}

async fn ask(
    state: &StateFolder,
    method: Method,
    path: &str,
    body: Option<&Value>,
) -> Result<hyper::Response<Incoming>, String> {
    let nobody =
        || "no `windlass up` serves this repository: start it, or name its state folder with --state-dir".to_owned();
    let RunningServer { address, secret } = state.running().ok_or_else(nobody)?;
    let body = body.map(Value::to_string).unwrap_or_default();
    let request = Request::builder()
        .method(method)
        .uri(format!("{address}{path}"))
        .header(header::AUTHORIZATION, format!("Bearer {secret}"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Full::new(Bytes::from(body)))
        .map_err(|error| error.to_string())?;
    let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let answer = client.request(request).await.map_err(|error| {
        if error.is_connect() { nobody() } else { format!("the server at {address} broke off: {error}") }
    })?;
    if answer.status().is_success() {
        return Ok(answer);
    }
    let status = answer.status();
    let body = answer.into_body().collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let said = serde_json::from_slice::<Value>(&body).ok();
    let said = said.as_ref().and_then(|json| json.get("error")).and_then(Value::as_str).map(str::to_owned);
    Err(said.unwrap_or_else(|| format!("the server answered {status}: {}", String::from_utf8_lossy(&body))))
}

/// A path segment with everything that has a meaning in paths escaped.
pub(crate) fn segment(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
