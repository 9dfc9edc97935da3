//! Which runner calls.

use connectrpc::{ConnectError, RequestContext};
use windlass_control::{Core, RunnerRecord, Store, use_cases::AuthenticateRunner};

/// The runner whose uuid and token stand in the headers. An unknown one and a wrong token are told apart by nobody.
pub(crate) async fn runner<S: Store>(core: &Core<S>, context: &RequestContext) -> Result<RunnerRecord, ConnectError> {
    let header = |name: &str| context.header(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let (uuid, token) = (header("x-runner-uuid"), header("x-runner-token"));
    core.read(AuthenticateRunner { uuid, token })
        .await
        .map_err(crate::refused)?
        .ok_or_else(|| ConnectError::unauthenticated("unregistered runner"))
}
