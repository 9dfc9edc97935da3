//! `runner.v1.RunnerService`.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use connectrpc::{ConnectError, RequestContext, Response, ServiceRequest, ServiceResult};
use windlass_control::{
    Core, IDS_PER_EVENT, Keys, OutputRecord, Store, Topic,
    use_cases::{ClaimTask, Claimed, Declaration, EnlistRunner, ReportTask, StepReport, append_log, declare_runner},
    wait_until,
};
use windlass_joblog::Row;
use windlass_lifecycle::{RunnerId, TaskId, Timestamp};
use windlass_proto::{
    CAPABILITIES_HEADER, CAPABILITY, messages::runner::v1 as wire, millis, services::runner::v1::RunnerService,
};

use crate::{Settings, auth, encode, refused};

/// A fetch without a deadline is held this long.
const HOLD_WITHOUT_DEADLINE: Duration = Duration::from_secs(4);
/// No fetch is held longer, whatever its deadline.
const HOLD_AT_MOST: Duration = Duration::from_secs(50);
/// No claim is begun this close to the caller's deadline: its answer might come too late.
const TOO_LATE: Duration = Duration::from_millis(500);
/// The tasks version: fetches are held and always look, so it need not count.
const TASKS_VERSION: i64 = 1;

pub(crate) struct Runners<S> {
    pub(crate) core: Core<S>,
    pub(crate) settings: Arc<Settings>,
}

impl<S: Store> RunnerService for Runners<S> {
    async fn register(
        &self,
        _: RequestContext,
        request: ServiceRequest<'_, wire::RegisterRequest>,
    ) -> ServiceResult<wire::RegisterResponse> {
        let request = request.to_owned_message();
        let token = Keys::random_hex(20);
        let labels = if request.labels.is_empty() { request.agent_labels } else { request.labels };
        let enlisted = self
            .core
            .run(EnlistRunner {
                id: RunnerId(self.core.ids(1).take().map_err(refused)?),
                uuid: uuid::Uuid::new_v4().to_string(),
                token: token.clone(),
                registration_token: request.token,
                name: request.name,
                labels,
                version: request.version,
                ephemeral: request.ephemeral,
                now: self.core.now(),
            })
            .await
            .map_err(refused)?;
        let runner = encode::runner(&enlisted, &token).into();
        Response::ok(wire::RegisterResponse { runner, ..Default::default() })
    }

    async fn declare(
        &self,
        context: RequestContext,
        request: ServiceRequest<'_, wire::DeclareRequest>,
    ) -> ServiceResult<wire::DeclareResponse> {
        let runner = auth::runner(&self.core, &context).await?;
        let request = request.to_owned_message();
        let declaration = Declaration {
            runner: runner.id,
            labels: request.labels,
            version: request.version,
            // Our runner declares once, when its process starts, and takes up no task of an earlier process.
            starts_empty: request.capabilities.iter().any(|capability| capability == CAPABILITY),
        };
        let declared = declare_runner(&self.core, declaration).await.map_err(refused)?;
        let runner = encode::runner(&declared, "").into();
        let answer = Response::new(wire::DeclareResponse { runner, ..Default::default() });
        Ok(answer.with_header(CAPABILITIES_HEADER, CAPABILITY))
    }

    /// Held until a job fits or just before the caller's deadline. Cost: one write transaction per look, without a
    /// write where nothing fits.
    async fn fetch_task(
        &self,
        context: RequestContext,
        _: ServiceRequest<'_, wire::FetchTaskRequest>,
    ) -> ServiceResult<wire::FetchTaskResponse> {
        let runner = auth::runner(&self.core, &context).await?;
        let key = context.header("x-runner-request-key").and_then(|key| key.to_str().ok());
        let request_key = key.filter(|key| !key.is_empty()).map(str::to_owned);
        let claimed = self.wait_for_task(runner.id, request_key, hold_until(&context)).await?;
        let task = match &claimed {
            Some(assignment) => {
                let token = self.core.keys.task_token(assignment.task.id, assignment.task.generation);
                encode::task(assignment, &token, &self.settings).into()
            }
            None => None.into(),
        };
        Response::ok(wire::FetchTaskResponse { task, tasks_version: TASKS_VERSION, ..Default::default() })
    }

    async fn update_task(
        &self,
        context: RequestContext,
        request: ServiceRequest<'_, wire::UpdateTaskRequest>,
    ) -> ServiceResult<wire::UpdateTaskResponse> {
        let runner = auth::runner(&self.core, &context).await?;
        let request = request.to_owned_message();
        let Some(state) = request.state.into_option() else {
            return Err(ConnectError::invalid_argument("the task's state is missing"));
        };
        self.core.signs.task_named(TaskId(state.id), self.core.now());
        let report = ReportTask {
            runner: runner.id,
            task: TaskId(state.id),
            conclusion: encode::conclusion(state.result.to_i32()),
            steps: state.steps.iter().map(step_report).collect(),
            outputs: request.outputs.into_iter().map(|(name, value)| OutputRecord { name, value }).collect(),
            ids: self.core.ids(if state.result.to_i32() == 0 { 1 } else { IDS_PER_EVENT }),
            now: self.core.now(),
        };
        let reported = self.core.run(report).await.map_err(refused)?;
        let answer =
            wire::TaskState { id: state.id, result: encode::result(reported.conclusion).into(), ..Default::default() };
        Response::ok(wire::UpdateTaskResponse {
            state: answer.into(),
            sent_outputs: reported.stored_outputs,
            ..Default::default()
        })
    }

    async fn update_log(
        &self,
        context: RequestContext,
        request: ServiceRequest<'_, wire::UpdateLogRequest>,
    ) -> ServiceResult<wire::UpdateLogResponse> {
        let runner = auth::runner(&self.core, &context).await?;
        let request = request.to_owned_message();
        let index = u64::try_from(request.index).map_err(|_| ConnectError::invalid_argument("index is negative"))?;
        let now = self.core.now().0;
        let rows = request
            .rows
            .into_iter()
            .map(|row| Row { time: row.time.as_option().map_or(now, millis), text: row.content });
        let task = TaskId(request.task_id);
        self.core.signs.task_named(task, self.core.now());
        let state =
            append_log(&self.core, runner.id, task, index, rows.collect(), request.no_more).await.map_err(refused)?;
        let ack_index = i64::try_from(state.length).unwrap_or(i64::MAX);
        Response::ok(wire::UpdateLogResponse { ack_index, ..Default::default() })
    }
}

impl<S: Store> Runners<S> {
    /// Each claim is a task of its own: a caller that leaves does not cut it between commit and answer.
    async fn wait_for_task(
        &self,
        runner: RunnerId,
        request_key: Option<String>,
        until: Instant,
    ) -> Result<Option<Box<windlass_control::use_cases::Assignment>>, ConnectError> {
        let _waits = self.core.signs.waits_for_work(runner, self.core.now());
        let look = || async {
            if self.core.health.full().is_some() {
                return Ok(None);
            }
            let task = TaskId(self.core.ids(1).take()?);
            let claim = ClaimTask { runner, request_key: request_key.clone(), task, now: self.core.now() };
            let core = self.core.clone();
            let claimed = tokio::spawn(async move { core.run(claim).await }).await;
            match claimed.map_err(|error| windlass_control::Error::Store(error.to_string()))?? {
                Claimed::Task(assignment) => Ok(Some(assignment)),
                Claimed::Nothing => Ok(None),
            }
        };
        wait_until(&self.core.bells, &[Topic::ReadyJobs], until.into(), look).await.map_err(refused)
    }
}

fn hold_until(context: &RequestContext) -> Instant {
    let now = Instant::now();
    let hold = context
        .deadline()
        .map_or(HOLD_WITHOUT_DEADLINE, |deadline| deadline.saturating_duration_since(now).saturating_sub(TOO_LATE));
    now + hold.min(HOLD_AT_MOST)
}

fn step_report(step: &wire::StepState) -> StepReport {
    StepReport {
        position: step.id,
        conclusion: encode::conclusion(step.result.to_i32()),
        started: step.started_at.as_option().map(|at| Timestamp(millis(at))),
        stopped: step.stopped_at.as_option().map(|at| Timestamp(millis(at))),
        log_index: step.log_index,
        log_length: step.log_length,
    }
}
