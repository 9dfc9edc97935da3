//! `windlass.runner.v1.TaskService`: what `runner.v1` has no word for.

use std::time::{Duration, Instant};

use connectrpc::{RequestContext, Response, ServiceRequest, ServiceResult};
use windlass_control::{
    Annotation, Core, Store, Topic,
    queries::CancelAsked,
    use_cases::{ReportDetails, StepDetail},
    wait_until,
};
use windlass_lifecycle::{Conclusion, TaskId};
use windlass_proto::{messages::windlass::runner::v1 as wire, services::windlass::runner::v1::TaskService};

use crate::{auth, refused};

/// A watch is held this long at most; its caller asks again.
const WATCH_AT_MOST: Duration = Duration::from_secs(50);
/// The answer goes out this long before the caller's deadline.
const MARGIN: Duration = Duration::from_millis(500);

pub(crate) struct Tasks<S> {
    pub(crate) core: Core<S>,
}

impl<S: Store> TaskService for Tasks<S> {
    async fn watch_cancel(
        &self,
        context: RequestContext,
        request: ServiceRequest<'_, wire::WatchCancelRequest>,
    ) -> ServiceResult<wire::WatchCancelResponse> {
        let runner = auth::runner(&self.core, &context).await?;
        let task = TaskId(request.task_id);
        let now = Instant::now();
        let hold =
            context.deadline().map_or(WATCH_AT_MOST, |at| at.saturating_duration_since(now).saturating_sub(MARGIN));
        let look = || async {
            let asked = self.core.read(CancelAsked { runner: runner.id, task }).await?;
            Ok(asked.then_some(()))
        };
        let until = now + hold.min(WATCH_AT_MOST);
        let stop = wait_until(&self.core.bells, &[Topic::Task(task)], until.into(), look).await.map_err(refused)?;
        Response::ok(wire::WatchCancelResponse { stop: stop.is_some(), ..Default::default() })
    }

    async fn report_details(
        &self,
        context: RequestContext,
        request: ServiceRequest<'_, wire::ReportDetailsRequest>,
    ) -> ServiceResult<wire::ReportDetailsResponse> {
        let runner = auth::runner(&self.core, &context).await?;
        let request = request.to_owned_message();
        let steps = request.steps.into_iter().map(|step| StepDetail {
            position: step.step,
            outcome: Conclusion::from_word(&step.outcome),
            name: step.name,
        });
        let details = ReportDetails {
            runner: runner.id,
            task: TaskId(request.task_id),
            steps: steps.collect(),
            annotations: request.annotations.into_iter().map(annotation).collect(),
            summaries: request.summaries.into_iter().map(|summary| (summary.step, summary.text)).collect(),
        };
        self.core.run(details).await.map_err(refused)?;
        Response::ok(wire::ReportDetailsResponse::default())
    }
}

fn annotation(wire: wire::Annotation) -> Annotation {
    Annotation {
        sequence: wire.sequence,
        step: wire.step,
        level: wire.level,
        message: wire.message,
        title: wire.title,
        file: wire.file,
        line: wire.line,
        end_line: wire.end_line,
        col: wire.col,
        end_column: wire.end_column,
    }
}
