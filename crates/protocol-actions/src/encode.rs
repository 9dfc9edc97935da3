//! Our words to wire words.

use serde_json::json;
use windlass_control::{RunnerRecord, use_cases::Assignment};
use windlass_lifecycle::{Conclusion, runner};
use windlass_proto::messages::runner::v1 as wire;

use crate::Settings;

/// A runner; its token is told once, at Register.
pub(crate) fn runner(record: &RunnerRecord, token: &str) -> wire::Runner {
    wire::Runner {
        id: record.id.0,
        uuid: record.uuid.clone(),
        token: token.to_owned(),
        name: record.name.clone(),
        version: record.version.clone(),
        labels: record.labels.clone(),
        ephemeral: matches!(record.state, runner::State::Enlisted { ephemeral: true } | runner::State::Spent { .. }),
        ..Default::default()
    }
}

/// A conclusion; a task that has none is "unspecified", which means running.
pub(crate) fn result(conclusion: Option<Conclusion>) -> wire::Result {
    match conclusion {
        None => wire::Result::RESULT_UNSPECIFIED,
        Some(Conclusion::Success) => wire::Result::RESULT_SUCCESS,
        Some(Conclusion::Failure) => wire::Result::RESULT_FAILURE,
        Some(Conclusion::Cancelled) => wire::Result::RESULT_CANCELLED,
        Some(Conclusion::Skipped) => wire::Result::RESULT_SKIPPED,
    }
}

/// The conclusion that a wire result means; an unknown number is no result.
pub(crate) fn conclusion(result: i32) -> Option<Conclusion> {
    match result {
        1 => Some(Conclusion::Success),
        2 => Some(Conclusion::Failure),
        3 => Some(Conclusion::Cancelled),
        4 => Some(Conclusion::Skipped),
        _ => None,
    }
}

/// Everything that a runner gets with its task.
pub(crate) fn task(assignment: &Assignment, token: &str, settings: &Settings) -> wire::Task {
    let secrets = ["GITHUB_TOKEN", "GITEA_TOKEN", "FORGEJO_TOKEN"].map(|name| (name.to_owned(), token.to_owned()));
    let needs = assignment.needs.iter().map(|need| {
        let outputs = need.outputs.iter().cloned().collect();
        let need_wire = wire::TaskNeed { outputs, result: result(Some(need.result)).into(), ..Default::default() };
        (need.key.clone(), need_wire)
    });
    wire::Task {
        id: assignment.task.id.0,
        workflow_payload: Some(assignment.leg.payload.clone().into_bytes()),
        context: windlass_proto::to_struct(context(assignment, token, settings)).into(),
        secrets: secrets.into_iter().collect(),
        needs: needs.collect(),
        ..Default::default()
    }
}

/// The `github` context and what the two kinds of runner look for in it; both ignore keys they do not know.
fn context(assignment: &Assignment, token: &str, settings: &Settings) -> serde_json::Value {
    let mut github = assignment.github();
    let url = &settings.server_url;
    let actions = &settings.default_actions_url;
    for (key, value) in [
        ("token", json!(token)),
        ("server_url", json!(format!("{url}/"))),
        ("api_url", json!(format!("{url}/api/v1"))),
        ("job_name", json!(assignment.job_name)),
        ("gitea_default_actions_url", json!(actions)),
        ("forgejo_default_actions_url", json!(actions)),
        ("gitea_runtime_token", json!(token)),
        ("forgejo_runtime_token", json!(token)),
        ("secret_source", json!("Actions")),
        ("windlass_inputs", assignment.run.inputs.clone()),
        ("windlass_matrix", assignment.leg.matrix.clone()),
        ("windlass_step_ids", json!(assignment.step_ids)),
        ("windlass_job_index", json!(assignment.leg.index)),
        ("windlass_job_total", json!(assignment.leg.total)),
        ("windlass_max_parallel", json!(assignment.leg.max_parallel)),
        ("windlass_fail_fast", json!(assignment.leg.fail_fast)),
    ] {
        github.insert(key.into(), value);
    }
    serde_json::Value::Object(github)
}
