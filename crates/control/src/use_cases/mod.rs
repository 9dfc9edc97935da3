//! What may be asked: one verb, one file.

mod append_log;
mod cancel_run;
mod change_settings;
mod claim_task;
mod declare_runner;
mod dispatch_workflow;
mod enlist_runner;
mod fail_unplaceable;
mod give_up_task;
mod report_details;
mod report_task;
mod rerun_jobs;
mod submit_event;

pub use append_log::append_log;
pub use cancel_run::CancelRun;
pub use change_settings::{ChangeSettings, MAX_RETRIES};
pub use claim_task::{Assignment, ClaimTask, Claimed, NeedOutputs};
pub(crate) use declare_runner::LiveTasks;
pub use declare_runner::{AuthenticateRunner, Declaration, declare_runner};
pub use dispatch_workflow::{Dispatch, Dispatchable, dispatch_workflow, dispatchable};
pub use enlist_runner::{EnlistRunner, IssueRegistrationToken};
pub use fail_unplaceable::FailUnplaceable;
pub(crate) use give_up_task::give_up;
pub use report_details::{ReportDetails, StepDetail};
pub use report_task::{MAX_OUTPUT_NAME, MAX_OUTPUT_VALUE, ReportTask, Reported, StepReport};
pub use rerun_jobs::{Again, RerunJobs};
pub use submit_event::{EventFacts, NewRun, SubmitEvent, WatchedRefs, WorkflowFile, plan_event};
