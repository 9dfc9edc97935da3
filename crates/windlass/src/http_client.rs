//! The running server, asked by a command.

use http::{Request, header};
use http_body_util::{BodyExt, Empty};
use hyper::body::{Bytes, Incoming};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};

use crate::state_folder::{RunningServer, StateFolder};

/// Asks for a path. The error is a sentence; what the server itself says is said on.
pub(crate) async fn get(state: &StateFolder, path: &str) -> Result<hyper::Response<Incoming>, String> {
    let nobody =
        || "no `windlass up` serves this repository: start it, or name its state folder with --state-dir".to_owned();
    let RunningServer { address, secret } = state.running().ok_or_else(nobody)?;
    let request = Request::get(format!("{address}{path}"))
        .header(header::AUTHORIZATION, format!("Bearer {secret}"))
        .body(Empty::<Bytes>::new())
        .map_err(|error| error.to_string())?;
    let client: Client<_, Empty<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let answer = client.request(request).await.map_err(|error| {
        if error.is_connect() { nobody() } else { format!("the server at {address} broke off: {error}") }
    })?;
    if answer.status().is_success() {
        return Ok(answer);
    }
    let status = answer.status();
    let body = answer.into_body().collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let said = serde_json::from_slice::<serde_json::Value>(&body).ok();
    let said = said.as_ref().and_then(|json| json.get("error")).and_then(serde_json::Value::as_str).map(str::to_owned);
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
