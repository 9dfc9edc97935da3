//! Which runner calls.

use connectrpc::{ConnectError, RequestContext};
use windlass_control::{Core, RunnerRecord, Store, use_cases::AuthenticateRunner};

/// The runner whose uuid and token stand in the headers; the call is a sign of its life. An unknown one and a wrong token are told apart by nobody.
pub(crate) async fn runner<S: Store>(core: &Core<S>, context: &RequestContext) -> Result<RunnerRecord, ConnectError> {
    let header = |name: &str| context.header(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let (uuid, token) = (header("x-runner-uuid"), header("x-runner-token"));
    let runner = core
        .read(AuthenticateRunner { uuid, token })
        .await
        .map_err(crate::refused)?
        .ok_or_else(|| ConnectError::unauthenticated("unregistered runner"))?;
    core.signs.runner_called(runner.id, core.now());
    Ok(runner)
}
